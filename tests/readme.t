#!/bin/sh
# The commands of README do what it says.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# the first command, but for the build, which has been made, and for /tmp
sed -n '/^    make && /,/done.$/p' "$top/README" |
	sed -e "s|/tmp/|$tmp/|g" -e "s|make && ./daemonize|'$DAEMONIZE'|" >first
ok 'README has the demonstration' grep -q daemonize first
is "$(grep -c '^    make' "$top/README")" 3 'and three lines with make'
pid=$(timeout 10 sh first)
is $? 0 'it returns at once'
ok 'it prints a process id' test "$pid" -gt 1
wait_for grep -q '^3 ' demo.out # three ticks
is "$(sed -n 1p demo.out)" "process $pid" 'the program tells its process id'
is "$(cat demo.err)" "process $pid on standard error" 'on the other stream too'
is "$(sed -n -e 's/^\([0-9]*\) .*/\1/p' demo.out | tr '\n' ' ' | cut -c 1-6)" '1 2 3 ' 'and ticks'
now=$(($(date +%s) - 60))
ok 'with timestamps' test "$(date -d "$(sed -n 's/^2 //p' demo.out)" +%s)" -gt "$now"
if need ps 'in the process list'; then
	# what it does at the moment is its own business
	is "$(ps -o ppid= -o tty= -o stat= -p "$pid" | awk '{ sub(/^[DR]/, "S", $3); print $1, $2, $3 }')" "$adopter ? S" \
		'in the process list: adopted, without a terminal, no session leader'
fi
kill "$pid"

# what shows each promise, in their order: after "$ " a command, then what it prints
sed -n '/^WHAT IT PROMISES/,/^COMPARISON/s/^        //p' "$top/README" | sed "s|/tmp/|$tmp/|g;s|because /tmp is|because ${tmp%/*} is|;s|/home/me/daemonize|$tmp/checkout|g" >shown
# as in a checkout that may be written to
mkdir checkout
cp "$DAEMONIZE" checkout/daemonize
shows() { # checks the one in command and wanted
	[ "$command" ] || return
	command=$(printf '%s\n' "$command" | sed '/^timeout/s/sleep 5/sleep 2.5/')
	(cd checkout && sh -c "$command") >printed 2>&1 </dev/null
	read_whole printed
	got=$(printf '%s\n' "$whole" | sed 's/(pid [0-9]*)/(pid 4242)/;s/after [0-9.]* s/after 0.01 s/')
	is "$got" "${wanted%?}" "$command"
	shown=$((shown + 1))
}
shown=0
command=
while IFS= read -r line; do
	case $line in
	'$ '*)
		shows
		command=${line#??}
		wanted=
		;;
	*) wanted="$wanted$line
" ;;
	esac
done <shown
shows
# what is to be kept running would run on
"$DAEMONIZE" --stop -p z.pid >/dev/null 2>&1
is "$shown" "$(grep -c '^ *[0-9]*\. ' "$top/README")" 'each promise is shown'
ok 'README is short' test "$(wc -l <"$top/README")" -le 120
is "$(awk 'length > 80' "$top/README" | grep -v '^        daemonize: ')" '' 'and narrow'
finish
