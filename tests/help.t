#!/bin/sh
# Parser, --help, the manual and the statuses agree.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

man=$top/man/daemonize.1
run "$DAEMONIZE" --help
is "$status$err" 0 '--help ends with 0, and prints nothing on standard error'
help=$out
is "$("$DAEMONIZE" -h)" "$help" '-h prints what --help does'
is "$("$DAEMONIZE" -V)" "daemonize $(sed -n 's/^VERSION = //p' "$top/Makefile")" \
	'-V prints the version of the Makefile'
is "$("$DAEMONIZE" --version)" "$("$DAEMONIZE" -V)" '--version prints what -V does'
is "$(printf '%s\n' "$help" | awk 'length > 80')" '' '--help fits 80 columns'
for option in -h -V; do
	run sh -c '"$1" "$2" >/dev/full' sh "$DAEMONIZE" $option
	is "$status $err" '125 daemonize: standard output: No space left on device' "$option into a full device is told"
	run "$arrange" close=1 -- "$DAEMONIZE" $option
	is "$status $err" '125 daemonize: standard output: Bad file descriptor' "$option without standard output is told"
	run "$arrange" pipe=1 -- "$DAEMONIZE" $option
	is "$status $err" '125 daemonize: standard output: Broken pipe' "$option into a closed pipe is told"
done

# Each row of --help becomes LETTER NAME ARGUMENT, with - for what it has not.
rows=$(printf '%s\n' "$help" | sed -n \
	-e 's/^  -\(.\), --\([a-z0-9-]*\)=\([^ ]*\) .*/\1 \2 \3/p' \
	-e 's/^  -\(.\), --\([a-z0-9-]*\)  .*/\1 \2 -/p' \
	-e 's/^      --\([a-z0-9-]*\)=\([^ ]*\) .*/- \1 \2/p' \
	-e 's/^      --\([a-z0-9-]*\)\(\[=[^ ]*\) .*/- \1 \2/p' \
	-e 's/^      --\([a-z0-9-]*\)  .*/- \1 -/p')
ok 'the test finds the rows of --help' test "$(printf '%s\n' "$rows" | wc -l)" -gt 15
is "$(printf '%s\n' "$help" | sed 1,4d | grep -c '^  .*--')" "$(printf '%s\n' "$rows" | wc -l)" 'the test understands each row of --help'

# The parser accepts each row.  It names an option whose argument is missing.
while read -r letter name argument; do
	for option in $([ "$letter" = - ] || echo "-$letter") "--$name"; do
		run "$DAEMONIZE" "$option"
		if [ "$name" = status ] || [ "$name" = stop ]; then
			like "$err" "^daemonize: $option takes one of -p and -l" "$option is a verb, which asks for a file"
		elif [ "$name" = oknodo ]; then
			like "$err" "^daemonize: --oknodo: only with -p or -l" "$option asks for a file"
		elif [ "$name" != restart ] && [ "$argument" != - ]; then
			like "${err%%;*}" "^daemonize: $option: requires an argument" "$option asks for its argument"
		elif [ "$name" = help ] || [ "$name" = version ]; then
			is "$status" 0 "$option ends with 0"
		else
			like "$err" '^daemonize: no command given' "$option asks for a command"
		fi
	done
done <<-end
	$rows
end

# The parser accepts no letter that has no row.
for letter in a b c d e f g h i j k l m n o p q r s t u v w x y z A B C D E F G H I J K L M N O P \
	Q R S T U V W X Y Z 0 1 2 3 4 5 6 7 8 9 '?' '=' '@'; do
	case $(printf '%s\n' "$rows" | cut -c 1) in
	*"$letter"*) ;;
	*)
		run "$DAEMONIZE" "-$letter" /dev/null true
		is "$status $err" "125 daemonize: -$letter: unknown option; see 'daemonize --help'" "-$letter, which has no row, is an unknown option"
		;;
	esac
done

# The manual has an entry for each row, in the words of the row, and no other entry.
entries=$(sed -n '/^The options are as follows/,/^\.El/p' "$man" |
	sed -e 's/Ns Cm fd : Ns Ar n | Cm notify/Ns Ar fd:n|notify/' | sed -n \
	-e 's/^\.It Fl \(.\) , -\([a-z0-9-]*\) Ns = Ns Ar \(.*\)/\1 \2 \3/p' \
	-e 's/^\.It Fl \(.\) , -\([a-z0-9-]*\)$/\1 \2 -/p' \
	-e 's/^\.It Fl -\([a-z0-9-]*\) Ns = Ns Ar \(.*\)/- \1 \2/p' \
	-e 's/^\.It Fl -\([a-z0-9-]*\) Ns Op = Ns Ar \(.*\)/- \1 [=\2]/p' \
	-e 's/^\.It Fl -\([a-z0-9-]*\)$/- \1 -/p' | sed -e 's/ Ns = Ns Ar /=/' -e 's/ Ns Op : Ns Ar group/[:group]/' | tr a-z A-Z | sort)
is "$entries" "$(printf '%s\n' "$rows" | tr a-z A-Z | sort)" 'the manual has an entry for each row of --help, and no other'
synopsis=$(sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$man")
while read -r letter name argument; do
	if [ "$letter" = - ]; then
		like "$synopsis" "^\..*Fl -$name" "the SYNOPSIS has --$name"
	elif [ "$argument" = - ]; then
		like "$synopsis" "Fl [a-zA-Z| ]*$letter" "the SYNOPSIS has -$letter"
	else
		like "$synopsis" "^\.Op Fl $letter [AC][rm]" "the SYNOPSIS has -$letter"
	fi
done <<-end
	$rows
end

# exit.h, EXIT STATUS and --help have the same statuses.
statuses=$(sed -n 's/^[[:space:]]*EXIT_[A-Z_]* = \([0-9]*\),.*/\1/p' "$top/src/exit.h")
is "$(sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/s/^\.It \([0-9]*\)$/\1/p' "$man")" "$statuses" \
	'the manual lists the statuses of exit.h'
is "$(printf '%s\n' "$help" | sed -n '/^Status:/,$p' | grep -o '[0-9][0-9]*')" "$statuses" \
	'--help lists the statuses of exit.h'
is "$(grep -l -w -e '12[4567]' -e 75 "$top"/src/*.[ch])" "$top/src/exit.h" 'no source file but exit.h has such a status as a number'

if need mandoc 'mandoc finds nothing wrong in the manual'; then
	# Which other manuals there are is the machine's business.
	is "$(mandoc -T lint -W style "$man" 2>/dev/null | grep -v 'referenced manual not found')" '' 'mandoc finds nothing wrong in the manual'
fi
finish
