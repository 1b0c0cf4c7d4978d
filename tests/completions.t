#!/bin/sh
# The completions have the options of --help, each and no other, and offer what
# can follow them: asked in the shells themselves.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

bash=$top/src/completions/daemonize.bash
zsh=$top/src/completions/_daemonize
fish=$top/src/completions/daemonize.fish
bash_completion=/usr/share/bash-completion/bash_completion

# Each row of --help becomes LETTER NAME ARGUMENT DESCRIPTION, with - for what it has not.
help=$("$DAEMONIZE" --help | sed 1,4d)
rows=$(printf '%s\n' "$help" | sed -n \
	-e 's/^  -\(.\), --\([a-z0-9-]*\)=\([^ ]*\)  *\(.*\)/\1 \2 \3 \4/p' \
	-e 's/^  -\(.\), --\([a-z0-9-]*\)  *\(.*\)/\1 \2 - \3/p' \
	-e 's/^      --\([a-z0-9-]*\)=\([^ ]*\)  *\(.*\)/- \1 \2 \3/p' \
	-e 's/^      --\([a-z0-9-]*\)\(\[=[^ ]*\)  *\(.*\)/- \1 \2 \3/p' \
	-e 's/^      --\([a-z0-9-]*\)  *\(.*\)/- \1 - \2/p')
is "$(printf '%s\n' "$rows" | wc -l)" "$(printf '%s\n' "$help" | grep -c '^  .*--')" 'the test understands each row of --help'

# Keeps a line to complete, and what its last word becomes: nothing if it stays.
asks() { # LINE WORD
	printf 'daemonize %s\n' "$1" >>lines
	printf '%s\n' "$2" >>wanted
}
short='' long='' joined=''
while read -r letter name argument description; do
	case $argument in
	FILE) typed=d/a becomes='d/a\ b ' ;;
	DIR) typed=d/ becomes=d/dir/ ;;
	MODE | SECONDS | NAME) typed=frobni becomes='' ;;
	NAME=VALUE) typed=A_VARIABL becomes=A_VARIABLE= ;;
	'USER[:GROUP]') typed=root:tt becomes='root:tty ' ;;
	'fd:N|notify') typed=fd: becomes='fd:3 ' ;;
	SIG) typed=WINC becomes='WINCH ' ;;
	'[=SECONDS]') typed=frobni becomes='' ;;
	'[=SCHEDULE]') typed=WINC becomes=WINCH ;;
	N) typed=7 becomes='77 ' ;;
	*) typed=d/ becomes="this test does not know $argument" ;;
	esac
	# If an option is taken for a flag, or a flag for an option, its value is the command.
	case $argument in
	-) equals='' spec='' value='-i a=b:c' letters=flags ;;
	'['*) equals='' spec='=?' value='-i a=b:c' letters='' ;;
	*) equals='=' spec='=' value=a=b:c letters=values ;;
	esac
	printf '%s\n' "--$name$equals" >>options
	if [ "$letter" = - ]; then
		printf '%s\n' "$name$spec" >>specs
		printf '%s\n' "--$name $description" >>described
	else
		printf '%s\n' "-$letter" >>options
		printf '%s\n' "$letter/$name$spec" >>specs
		printf '%s\n' "-$letter --$name $description" >>described
		printf '%s\n' "$letter" >>$letters
		short="$short-$letter $value "
		[ -z "$equals" ] || asks "-$letter $typed" "$becomes"
	fi
	long="$long--$name $value "
	[ -z "$equals" ] || joined="$joined--$name=$value "
	[ -z "$equals" ] || asks "--$name $typed" "$becomes"
	[ -z "$spec" ] || asks "--$name=$typed" "${becomes:+--$name=$becomes}"
done <<-end
	$rows
end

# The files have the options of --help, in any order.
same() { # GOT FILE NAME
	is "$(printf '%s\n' "$1" | sort)" "$(sort "$2")" "$3"
}
same "$(sed -n "/options='/,/'\$/p" "$bash" | grep -o -e '-[-a-zA-Z0-9=]*')" options \
	'bash: the options are those of --help, with and without a value'
same "$(sed -n 's/.*=~ ^-\[\(.*\)\]\*(\[.*/\1/p' "$bash" | fold -w 1)" flags 'bash: the letters without a value are those of --help'
same "$(sed -n 's/.*=~ ^-\[.*\]\*(\[\(.*\)\])\$ .*/\1/p' "$bash" | fold -w 1)" values 'bash: the letters with a value are those of --help'
same "$(sed -n "/ argparse/,/ -- /{s/.*argparse -s//;s/ -- .*//;s/[\\\\']//g;p;}" "$fish" | xargs -n 1)" specs \
	'fish: the options are those of --help, with and without a value'
same "$(sed -n -e 's/^$option -s \(.\) -l \([^ ]*\) .*-d .\(.*\).$/-\1 --\2 \3/p' \
	-e 's/^$option -l \([^ ]*\) .*-d .\(.*\).$/--\1 \2/p' "$fish")" described 'fish: the descriptions are the words of --help'
same "$(sed -n -e 's/\\]/]/' -e 's/^	[\\*]*{\(-.\)+*,\(--[a-z0-9-]*\)=*}.\[\(.*\)\].*/\1 \2 \3/p' \
	-e 's/^	\(--[a-z0-9-]*\)=*-*.\[\(.*\)\].*/\1 \2/p' "$zsh")" described 'zsh: the descriptions are the words of --help'

# The shells complete these lines so.
asks "${short}frobnicate --al" '--alpha '
asks "${long}frobnicate --al" '--alpha '
asks "${joined}--stop=TERM/10 frobnicate --al" '--alpha '
asks --stat '--status '
asks --verbos=d/ ''
asks --stop=TERM/10/KIL --stop=TERM/10/KILL
asks '-u nobod' 'nobody '
asks --user=nobod '--user=nobody '
asks '-r no' 'notify '
asks frobni 'frobnicate '
asks bin/frobni 'bin/frobnicate '
asks '--stop frobni' 'frobnicate '
asks '--restart frobni' 'frobnicate '
asks '--restart=5 frobni' 'frobnicate '
asks '--stop WINC' ''
asks '-- frobni' 'frobnicate '
asks '-- --oknod' ''
asks '- none' ''
asks '-v -- frobni' 'frobnicate '
asks '-vfo log -v frobni' 'frobnicate '
asks '-folog -o -v -E A= -i "a b" -- bin/frobnicate --al' '--alpha '
asks '-T 1 frobnicate --alpha t' 'two '
asks 'frobnicate "#" --al' '--alpha '
asks 'frobnicate --stat' ''
asks 'frobnicate -o d/a' ''
for option in '-o ' '-e ' --stdout= --stderr=; do
	asks "$option'|frobni" "${option#-? }|frobnicate"
	asks "$option'|frobnicate --al" --alpha
	asks "$option\"|bin/frobnicate --alpha t" two
done
asks "-o '|frobnicate --alpha" ''
asks "-o '|frobnicate x --alpha=one' -e d/ bin/frobni" bin/frobnicate
printf 'daemonize %s\n' '-k ' - >>lines

mkdir -p bin d/dir bash/completions zsh fish/completions
: >'d/a b'
: >d/file
: >frobnicated
ln -s "$DAEMONIZE" bin/daemonize
printf '#!/bin/sh\n' >bin/frobnicate
chmod 755 bin/frobnicate
ln -s "$bash" bash/completions/daemonize
ln -s "$zsh" zsh
ln -s "$fish" fish/completions
cat >bash/completions/frobnicate <<'end'
_frobnicate() {
	COMPREPLY=($(compgen -W "$([[ $3 == --alpha ]] && echo one two || echo --alpha)" -- "$2"))
} && complete -F _frobnicate frobnicate
end
cat >zsh/_frobnicate <<'end'
#compdef frobnicate
_arguments '--alpha:number:(one two)' '*:operand:(x)'
end
cat >fish/completions/frobnicate.fish <<'end'
complete -c frobnicate -f
complete -c frobnicate -l alpha -x -a 'one two'
end

# The shells read no file of the user who runs this.
HOME=$tmp ZDOTDIR=$tmp XDG_CONFIG_HOME=$tmp XDG_DATA_HOME=$tmp/data XDG_CACHE_HOME=$tmp/cache
XDG_RUNTIME_DIR=$tmp INPUTRC=/dev/null BASH_COMPLETION_USER_DIR=$tmp/bash TERM=dumb PATH=$tmp/bin:$PATH
# Only what is exported is offered as a variable.
A_VARIABLE=x
export HOME ZDOTDIR XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR INPUTRC BASH_COMPLETION_USER_DIR \
	TERM PATH A_VARIABLE

# Has a shell complete the lines at a terminal.  Control-X n takes the next line,
# completes it and adds it to SHELL.answers; control-X a inserts all that is offered.
at_terminal() { # SHELL OPTION...
	: >"$1.answers"
	{ sed -e 's/.*[ -]$/a/;t' -e 's/.*/n/' lines && echo n; } | sed "s/^/$(printf '\030')/" | tr -d '\n' >"$1.keys"
	timeout 60 "$arrange" close=3-1000 open=77 -- script -q -c "$*" /dev/null <"$1.keys" >"$1.screen" 2>&1
}
printf '. %s\n' "$bash_completion" >bashrc
cat "$top/tests/programs/ask.bash" >>bashrc
cp "$top/tests/programs/ask.zsh" .zshrc
take ask.fish
if need shellcheck 'bash: shellcheck finds nothing'; then
	is "$(shellcheck -s bash -S warning "$bash")" '' 'bash: shellcheck finds nothing'
fi
if need bash 'bash: a command is completed without bash-completion'; then
	run bash -c 'compopt() { :; }; . "$1"; COMP_LINE="daemonize -fo log frobni"; COMP_WORDS=($COMP_LINE)
		COMP_CWORD=3; _daemonize; echo "${COMPREPLY[@]}"' bash "$bash"
	is "$out$err" frobnicate 'bash: a command is completed without bash-completion'
fi
asked=
if need script 'completion in bash and zsh'; then
	if [ -e "$bash_completion" ]; then
		at_terminal bash --rcfile bashrc &
		asked=bash
	else
		skip 'completion in bash' 'no bash-completion here'
	fi
	if need zsh 'completion in zsh'; then
		at_terminal zsh -d &
		asked="$asked zsh"
	fi
fi
if need fish 'completion in fish'; then
	"$arrange" close=3-1000 open=77 -- timeout 60 fish ask.fish >fish.screen 2>&1
	asked="$asked fish"
fi
wait

unquoted() { # TEXT
	printf '%s\n' "$1" | sed "s/[\\\\'\"]//g;s/ \$//"
}
for shell in $asked; do
	# The words of fish are as they are, not as they are typed.
	[ $shell != fish ] || sed -i -e 's/\\//' -e 's/ $//' wanted
	exec 3<lines 4<wanted 5<$shell.answers
	while IFS= read -r word <&4; do
		IFS= read -r line <&3
		IFS= read -r answer <&5
		name="$shell: $(printf %.60s "$line") ${word:+is completed to $word}"
		[ "$word" ] || name="${name}stays as it is"
		# Each shell goes on with the quotes of a logger in its own way.
		case $line in *[\'\"]'|'*)
			answer=$(unquoted "$answer")
			line=$(unquoted "$line")
			;;
		esac
		[ "$answer" = "$line" ] && answer='' || answer=${answer#"${line% *} "}
		is "$answer" "$word" "$name"
	done
	IFS= read -r answer <&5
	is "${answer% }" 'daemonize -k 0 1 2 77' "$shell: daemonize -k is completed to the open descriptors"
	IFS= read -r answer <&5
	is "$(printf '%s\n' "${answer#daemonize }" | tr -s ' ' '\n' | sed -e 's/=$//' -e '/^$/d' | sort -u)" \
		"$(sed 's/=$//' options | sort)" "$shell: daemonize - is completed to all options"
	is "$(grep -a -e daemonize: -e bash: -e complete: -e ls: $shell.screen)" '' "$shell: no error is printed"
done
finish
