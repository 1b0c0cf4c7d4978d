#!/bin/sh
# Many starts, one after the other and by eight callers at once: each is what it
# says, and nothing is left of them.  A hundred thousand, and a minute:
#	SOAK=100000 tests/run tests/long/soak.t
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

starts=${SOAK:-10000}
seconds=10
[ "$starts" -lt 100000 ] || seconds=60

"${CC:-cc}" -O2 -static -o soak "$top/tests/soak.c" || exit

# What is in the directory, who has the pid file locked, how often the command ran.
left() { # DIRECTORY
	ls "$1"
	"$DAEMONIZE" --status -p "$1/pid"
	wc -c <"$1/ran"
}

mkdir one
: >one/ran
begin=$(date +%s)
run ./soak "$starts" 0 "$DAEMONIZE" "$tmp/one"
is "$status $out" "0 $starts starts" "$starts starts in a row: each is what it says"
is "$(left one)" "pid
ran
not running
$starts" 'one pid file is left, and as many commands have run'
note "in $(($(date +%s) - begin)) s"

mkdir 1 2 3 4 5 6 7 8
for caller in 1 2 3 4 5 6 7 8; do
	: >$caller/ran
	./soak 0 $seconds "$DAEMONIZE" "$tmp/$caller" >$caller.out &
done
wait
all=0
for caller in 1 2 3 4 5 6 7 8; do
	count=$(wc -c <$caller/ran)
	all=$((all + count))
	is "$(cat $caller.out)" "$count starts" "caller $caller of eight: each is what it says"
	is "$(left $caller)" "pid
ran
not running
$count" "caller $caller: one pid file is left"
done
note "$all starts by eight callers in $seconds s"
is "$(ls)" "$(printf '%s\n' 1 1.out 2 2.out 3 3.out 4 4.out 5 5.out 6 6.out 7 7.out 8 8.out one soak)" \
	'and no other file'
finish
