#!/bin/sh
# The commands of README do what it says.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# The first command is run but for the build, which has been made, and not in /tmp.
sed -n '/^    make && /,/done.$/p' "$top/README" |
	sed -e "s|/tmp/|$tmp/|g" -e "s|make && ./daemonize|'$DAEMONIZE'|" >first
ok 'README has a demonstration of daemonize' grep -q daemonize first
is "$(grep -c '^    make' "$top/README")" 3 'README has three lines with make'
pid=$(timeout 10 sh first)
is $? 0 'the demonstration returns at once'
ok 'the demonstration prints a process id' test "$pid" -gt 1
wait_for grep -q '^3 ' demo.out # three ticks
is "$(sed -n 1p demo.out)" "process $pid" 'the program of the demonstration has the process id that is printed'
is "$(cat demo.err)" "process $pid on standard error" 'the program of the demonstration writes to standard error, too'
is "$(sed -n -e 's/^\([0-9]*\) .*/\1/p' demo.out | tr '\n' ' ' | cut -c 1-6)" '1 2 3 ' 'the program of the demonstration ticks'
now=$(($(date +%s) - 60))
ok 'the program of the demonstration writes the time of each tick' test "$(date -d "$(sed -n 's/^2 //p' demo.out)" +%s)" -gt "$now"
if need ps 'the demonstration in the process list'; then
	# Whether it runs or sleeps at the moment is its own business.
	is "$(ps -o ppid= -o tty= -o stat= -p "$pid" | awk '{ sub(/^[DR]/, "S", $3); print $1, $2, $3 }')" "$adopter ? S" \
		'the program of the demonstration is adopted, has no terminal, and leads no session'
fi
kill "$pid"

# Each promise is shown, in their order, by a command after "$ " and what it prints.
sed -n '/^WHAT IT PROMISES/,/^COMPARISON/s/^        //p' "$top/README" | sed "s|/tmp/|$tmp/|g;s|because /tmp is|because ${tmp%/*} is|;s|/home/me/daemonize|$tmp/checkout|g" >shown
# The commands run in what looks like a checkout that may be written to.
mkdir checkout
cp "$DAEMONIZE" checkout/daemonize
shows() { # checks the one in command and wanted
	[ "$command" ] || return
	command=$(printf '%s\n' "$command" | sed '/^timeout/s/sleep 5/sleep 2.5/')
	(cd checkout && sh -c "$command") >printed 2>&1 </dev/null
	read_whole printed
	got=$(printf '%s\n' "$whole" | sed 's/(pid [0-9]*)/(pid 4242)/;s/after [0-9.]* s/after 0.01 s/')
	is "$got" "${wanted%?}" "promise $((shown + 1)) of README is true: $(printf %.60s "$command" | head -n 1)"
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
# The command with --restart would run on.
"$DAEMONIZE" --stop -p z.pid >/dev/null 2>&1
is "$shown" "$(grep -c '^ *[0-9]*\. ' "$top/README")" 'README shows each promise'
ok 'README has at most 120 lines' test "$(wc -l <"$top/README")" -le 120
is "$(awk 'length > 80' "$top/README" | grep -v '^        daemonize: ')" '' 'README has at most 80 columns'
finish
