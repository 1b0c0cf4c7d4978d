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
is "$(ps -o ppid= -o tty= -o stat= -p "$pid" | awk '{ print $1, $2, $3 }')" "$adopter ? S" \
	'in the process list: adopted, without a terminal, no session leader'
kill "$pid"

cd "$top" || exit 1
run ./daemonize ./nosuch
is "$status $err" "127 daemonize: $top/nosuch: No such file or directory" 'promise 1'
# the time it takes: far less than the five seconds
start=$(date +%s%N)
out=$(./daemonize -P sleep 5)
ok 'promise 2' test $(($(date +%s%N) - start)) -lt 2000000000
kill "$out"
./daemonize -o "$tmp/fds" ls -l /proc/self/fd
wait_for test -s "$tmp/fds"
is "$(grep -c -e '->' "$tmp/fds")" 4 'promise 3 (and the directory that ls has open)'
# the second start, under another name than /tmp/x.pid
sed -n 's/^        \$ \(.*x\.pid sleep 5\)$/\1/p' README | sed "s|/tmp/x.pid|$tmp/x.pid|g" >"$tmp/second"
run sh "$tmp/second"
is "$status $err" "75 daemonize: $tmp/x.pid: already running (pid $(cat "$tmp/x.pid"))" 'promise 4'
verb=$(sed -n 's/^        \$ \(.*--status .*\)$/\1/p' README | sed "s|/tmp/x.pid|$tmp/x.pid|g")
run sh -c "$verb"
is "$status $out $err" "0 running (pid $(cat "$tmp/x.pid")) " 'promise 6'
kill "$(cat "$tmp/x.pid")"
sed -n 's/^        \$ \(.*-w 1 .*\)$/\1/p' README | sed "s|/tmp/x.log|$tmp/x.log|g" >"$tmp/watched"
run sh "$tmp/watched"
is "$status $(printf %s "$err" | sed 's/: .*sh: /: sh: /;s/after [0-9.]* s/after 0.00 s/')" \
	"3 daemonize: sh: ended with status 3 after 0.00 s, see $tmp/x.log
    no such host" 'promise 5'
finish
