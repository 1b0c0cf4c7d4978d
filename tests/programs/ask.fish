# Completes each line of the file lines with fish, to fish.answers.
set -g A_VARIABLES x
# it would run apropos for each command
function __fish_describe_command; end
while read -l line
	set -l words (complete -C $line | string replace -r '\t.*' '')
	set -q words[1] && echo (string replace -r '(\S*[\'"]\|[^\'"]*|[^ ]*)$' '' -- $line)"$words" || echo $line
end <lines >fish.answers
