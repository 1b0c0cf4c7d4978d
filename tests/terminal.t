#!/bin/sh
# A terminal that closes, also with us as its session leader, ends no daemon.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

mkfifo hold
# daemonize itself is the session leader, and the terminal goes with its return.
lost=0
round=0
while [ $round -lt $((15 * times)) ]; do
	round=$((round + 1))
	timeout 20 "$arrange" tty -- "$DAEMONIZE" sh -c 'read line <"$1" && echo "$line" >"$2"' \
		sh "$tmp/hold" "$tmp/survived.$round" >/dev/null || lost=$((lost + 1))
	timeout 5 sh -c 'echo "$1" >hold' sh $round || lost=$((lost + 1))
	wait_for test -s survived.$round || lost=$((lost + 1))
done
is "$lost $(cat survived.* | wc -l)" "0 $round" "$round daemons survive as many terminals"
report=$(observe "$arrange" tty -- "$DAEMONIZE" -o "$tmp/log" @)
is "$(value "$report" tty) $(value "$report" acquires_tty)" 'no no' 'the daemon has no terminal, and gets none'

if need script 'a terminal of script(1)' && need timeout 'a terminal of script(1)'; then
	timeout 20 script -qec "'$DAEMONIZE' sh -c 'read line <$tmp/hold; echo \$line >$tmp/survived.script'" /dev/null \
		>/dev/null 2>&1 </dev/null
	timeout 5 sh -c 'echo yes >hold'
	wait_for test -s survived.script
	is "$(cat survived.script)" yes 'a daemon survives the terminal of script(1)'
fi
finish
