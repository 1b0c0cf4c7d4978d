# Completes daemonize in bash: its options, then a command and what that command completes.
_daemonize_logger() { # LINE: the command line behind '|, up to the cursor
	local head="|${1%"${1##* }"}" COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS COMP_CWORD
	read -ra COMP_WORDS <<<"$1." # the dot keeps an empty last word
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_WORDS[-1]=${1##* }
	if declare -F _command_offset >/dev/null; then _command_offset 0
	elif ((COMP_CWORD == 0)); then mapfile -t COMPREPLY < <(compgen -c -- "$1")
	fi
	COMPREPLY=("${COMPREPLY[@]/#/"$head"}")
}
_daemonize() {
	local options='-i --stdin= -o --stdout= -e --stderr= -a --append -t --truncate -k --keep-fd=
		-c --chdir= -m --umask= -E --env= -u --user= -A --argv0= -p --pidfile= -l --lockfile=
		--oknodo --status --stop --signal= -f --foreground --detach -w --watch= -r --ready=
		-T --timeout= --restart -P --print-pid -n --dry-run -v --verbose -h --help -V --version'
	local line=${COMP_LINE#*"${COMP_WORDS[0]}"} i first=1 word='' option='' head='' kind=()
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word+=${COMP_WORDS[i]} line=${line#*"${COMP_WORDS[i]}"}
		((i == COMP_CWORD)) && break
		[[ $line == [![:space:]]* ]] && continue # bash splits words at = and :
		if [[ $option ]]; then option=''
		elif [[ $word =~ ^-[atfPnvhV]*([ioekcmEuAplwrT])$ ]]; then option=-${BASH_REMATCH[1]}
		elif [[ $word == --* && $options == *"$word="* ]]; then option=$word
		elif [[ $word == -- ]]; then first=$((i + 1)) && break
		elif [[ $word != -?* ]]; then break
		fi
		word='' first=$((i + 1))
	done
	if ((i < COMP_CWORD)) || [[ ! $option && $word != -* ]]; then
		declare -F _command_offset >/dev/null && { _command_offset "$first"; return; }
		option=none word=${COMP_WORDS[COMP_CWORD]}
		((first == COMP_CWORD)) && kind=(-c) || compopt -o default
	elif [[ ! $option && $word == --*=* ]]; then option=${word%%=*} head=$option=
	fi
	if [[ $option == -[oe] || $option == --std[oe]* ]] && [[ ${word#"$head"} == [\'\"]'|'* ]]; then
		_daemonize_logger "${word#*|}"
		return
	fi
	case $option in
	'') kind=(-W "$options") ;;
	-[ioepl] | --std* | --*file) kind=(-f) && compopt -o filenames -o default ;;
	-c | --chdir) kind=(-d) && compopt -o filenames -o dirnames ;;
	-u | --user) if [[ $word == *:* ]]; then kind=(-g) head=${word%%:*}:; else kind=(-u); fi ;;
	-E | --env) kind=(-e -S '=') ;;
	-k | --keep-fd) kind=(-W "$(ls -d /dev/fd/* 2>/dev/null | sed 's/.*\///')") ;;
	-r | --ready) kind=(-W 'fd:3 notify') ;;
	--stop | --signal) head=${word%"${word##*[=/]}"} kind=(-W "$(kill -l {1..31})") ;;
	esac
	mapfile -t COMPREPLY < <(compgen "${kind[@]}" -P "$head" -- "${word#"$head"}")
	[[ ${COMPREPLY[0]} == *= || $option == --stop ]] && compopt -o nospace
	word=${word%"${COMP_WORDS[COMP_CWORD]##*["$COMP_WORDBREAKS"]}"}
	COMPREPLY=("${COMPREPLY[@]#"$word"}") # readline replaces only what follows = or :
} && complete -F _daemonize daemonize
