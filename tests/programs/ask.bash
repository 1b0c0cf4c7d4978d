# Is read by bash before it completes lines at a terminal: control-X n takes the
# next line of the file lines, completes it and adds it to bash.answers;
# control-X a inserts all completions.
A_VARIABLES=x
mapfile -t lines <lines
next=0
load() {
	((next < ${#lines[@]})) || exit
	READLINE_LINE=${lines[next++]}
	READLINE_POINT=${#READLINE_LINE}
}
save() { printf '%s\n' "$READLINE_LINE" >>bash.answers; READLINE_LINE=; }
bind -x '"\C-xl": load'
bind -x '"\C-xs": save'
bind '"\C-xn": "\C-xl\t\C-xs"'
bind '"\C-xa": "\C-xl\e*\C-xs"'
