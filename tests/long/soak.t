#!/bin/sh
# Many starts, one after the other and by eight callers at once: each status is
# true, and nothing is left of them.  With a hundred thousand starts, and a
# minute of eight callers:
#	SOAK=100000 tests/run tests/long/soak.t
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

starts=${SOAK:-10000}
seconds=10
[ "$starts" -lt 100000 ] || seconds=60

"${CC:-cc}" -O2 -static -o soak "$top/tests/soak.c" || exit

# Prints the files of a directory, the status of its pid file, and how often the
# command has run.
left() { # DIRECTORY
	ls "$1"
	"$DAEMONIZE" --status -p "$1/pid"
	wc -c <"$1/ran"
}

mkdir one
: >one/ran
begin=$(date +%s)
run ./soak "$starts" 0 "$DAEMONIZE" "$tmp/one"
is "$status $out" "0 $starts starts" "the status of each of $starts starts in a row is true"
is "$(left one)" "pid
ran
not running
$starts" 'starts in a row leave one pid file, and as many commands have run'
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
	is "$(cat $caller.out)" "$count starts" "caller $caller of eight: the status of each start is true"
	is "$(left $caller)" "pid
ran
not running
$count" "caller $caller of eight: one pid file is left, and as many commands have run"
done
note "$all starts by eight callers in $seconds s"
is "$(ls)" "$(printf '%s\n' 1 1.out 2 2.out 3 3.out 4 4.out 5 5.out 6 6.out 7 7.out 8 8.out one soak)" \
	'no other file is left'
finish
