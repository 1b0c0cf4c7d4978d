#!/bin/sh
# The manual's init script, as it stands there, with a real server, by service(8).
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

if ! need_root service || ! need service service || ! need redis-server service; then
	finish
fi

mkdir init.d sbin log
manual_display 'BEGIN INIT INFO' >init.d/job
chmod 755 init.d/job
ok 'the manual has an init script' test -s init.d/job
if need shellcheck 'the init script'; then
	is "$(shellcheck -S warning init.d/job)" '' 'shellcheck has nothing to say of it'
fi

# The script has the paths of a machine, and gets them: in a mount namespace that
# has the job's user, and whose /run, /var/log, /etc/init.d and /usr/local/sbin
# are the test's.
cat >sbin/redis <<'end'
#!/bin/sh
exec redis-server --port 0 --unixsocket /run/job/socket --save '' --dir /run/job
end
cat >sbin/reloads <<'end'
#!/usr/bin/perl
$| = 1;
$SIG{HUP} = sub { print "reloaded\n" };
print "started\n";
sleep 1 while 1;
end
cat >sbin/stubborn <<'end'
#!/usr/bin/perl
$SIG{TERM} = "IGNORE";
sleep 1 while 1;
end
cp "$DAEMONIZE" sbin/daemonize
chmod 755 sbin/*
{
	cat /etc/passwd
	echo 'job:x:4999:4999:the job:/nonexistent:/usr/sbin/nologin'
} >passwd
{
	cat /etc/group
	echo 'job:x:4999:'
} >group
mkfifo stay ready
unshare -m sh -e -c '
	mount -t tmpfs -o mode=755 run /run
	install -d -o 4999 -g 4999 /run/job
	mount --bind log /var/log
	mount --bind init.d /etc/init.d
	mount --bind sbin /usr/local/sbin
	mount --bind passwd /etc/passwd
	mount --bind group /etc/group
	echo >ready
	read -r line <stay' &
machine=$!
trap 'nsenter -t $machine -m "$DAEMONIZE" --stop=KILL/5 -p /run/job.pid 2>/dev/null; kill $machine; cd / && rm -rf "$tmp"' EXIT
timeout 20 cat ready >/dev/null
# a fresh environment, as the machine has it when it starts
there() { # COMMAND...
	timeout 60 nsenter -t $machine -m env PATH="/usr/local/sbin:$PATH" "$@"
}
service() { # ACTION
	run there service job "$1"
}
# the job is another program from the next start on
becomes() { # NAME
	ln -sf "$1" sbin/job
}
ping_it() {
	there redis-cli -s /run/job/socket ping
}
answers() {
	[ "$(ping_it)" = PONG ]
}
number() {
	there cat /run/job.pid
}
is_gone() { # PID
	! kill -0 "$1" 2>/dev/null
}

becomes redis
service status
is "$status $(printf '%s\n' "$out" | wc -l | tr -d ' ')$err" '3 1' 'status before: 3, in one line'
service reload
is "$status" 7 'reload before: 7'
service try-restart
is "$status$out$err" 0 'try-restart before: nothing'
service stop
is "$status $out$err" '0 Stopping the job: job.' 'stop before: 0'
service start
is "$status $out$err" '0 Starting the job: job.' 'start'
ok 'the server answers' wait_for answers
pid=$(number)
is "$(sed -n 's/^Name:[^a-z]*//p; s/^Uid:[^0-9]*//p' "/proc/$pid/status" | tr '\t\n' '  ')" \
	'redis-server 4999 4999 4999 4999 ' 'it is in the pid file, and runs as its user'
service status
is "$status $(printf '%s\n' "$out" | wc -l | tr -d ' ')$err" '0 1' 'status: 0, in one line'
run there setpriv --reuid=nobody --regid=nogroup --clear-groups service job status
is "$status" 0 'status for anybody'
service start
is "$status $out$err $(number)" "0 Starting the job: job. $pid" 'start again: nothing'
for action in reload force-reload; do
	service $action
	is "$status $out$err $(number)" "0 Reloading the job: job. $pid" "$action: it goes on"
	ok 'and answers' answers
done
for action in restart try-restart; do
	service $action
	is "$status $out$err" '0 Stopping the job: job.
Starting the job: job.' "$action"
	ok 'the old is gone' is_gone "$pid"
	ok 'the new answers' wait_for answers
	ok 'and has another number' test "$(number)" != "$pid"
	pid=$(number)
done
service stop
is "$status $out$err" '0 Stopping the job: job.' 'stop'
ok 'it is gone' is_gone "$pid"
ok 'and its pid file' there test ! -e /run/job.pid
like "$(cat log/job.log)" 'Redis is now ready to exit' 'it had time to end'
service status
is "$status" 3 'status: 3'

# a crash
service start
ok 'it answers' wait_for answers
pid=$(number)
kill -KILL "$pid"
wait_for is_gone "$pid"
service status
is "$status" 1 'status after a crash: 1'
service reload
is "$status" 7 'reload: 7'
service start
is "$status" 0 'start'
ok 'it answers' wait_for answers
service stop
is "$status" 0 'stop'

# HUP
becomes reloads
: >log/job.log
service start
wait_for grep -q started log/job.log
service reload
wait_for grep -q reloaded log/job.log
is "$status $(cat log/job.log)" '0 started
reloaded' 'reload sends HUP'
service stop
is "$status" 0 'stop'

# TERM is not enough
becomes stubborn
service start
pid=$(number)
wait_for grep -q '^SigIgn:.*4[0-9a-f]\{3\}$' "/proc/$pid/status"
service stop
is "$status $out$err" '0 Stopping the job: job.' 'one that ignores TERM is stopped'
ok 'it is gone' is_gone "$pid"

# failures
rm sbin/job
service start
is "$status $(printf '%s\n' "$out" | head -n 1)" '5 Starting the job: job failed!' 'not installed: 5'
like "$err" '^daemonize: job: not found' 'and why'
mkdir log/job.log.d
mv log/job.log log/old
mv log/job.log.d log/job.log
becomes redis
service start
is "$status $err" '1 daemonize: /var/log/job.log: Is a directory' 'no log: 1, and why'
service nonsense
is "$status" 3 'an action that it has not: 3'

kill $machine
wait $machine 2>/dev/null
trap 'cd / && rm -rf "$tmp"' EXIT
finish
