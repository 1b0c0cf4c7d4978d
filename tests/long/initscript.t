#!/bin/sh
# The manual's init script, as it stands there, runs a real server by
# service(8).
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

all="the manual's init script runs a server"
if ! need_root "$all" || ! need service "$all" || ! need redis-server "$all"; then
	finish
fi

mkdir init.d sbin log
manual_display 'BEGIN INIT INFO' >init.d/job
chmod 755 init.d/job
ok 'the manual has an init script' test -s init.d/job
if need shellcheck 'shellcheck reports nothing for the init script'; then
	is "$(shellcheck -S warning init.d/job)" '' 'shellcheck reports nothing for the init script'
fi

# The script has the paths of a machine.  It runs in a mount namespace whose
# /run, /var/log, /etc/init.d and /usr/local/sbin are the test's, and which has
# the user of the job.
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
# Runs a command in the namespace.
there() { # COMMAND...
	timeout 60 nsenter -t $machine -m env PATH="/usr/local/sbin:$PATH" "$@"
}
service() { # ACTION
	run there service job "$1"
}
# Makes the job another program, from its next start on.
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
has_ended() { # PID
	! kill -0 "$1" 2>/dev/null
}

becomes redis
service status
is "$status $(printf '%s\n' "$out" | wc -l | tr -d ' ')$err" '3 1' 'before a start status exits 3, and prints one line'
service reload
is "$status" 7 'before a start reload exits 7'
service try-restart
is "$status$out$err" 0 'before a start try-restart exits 0, and prints nothing'
service stop
is "$status $out$err" '0 Stopping the job: job.' 'before a start stop exits 0'
service start
is "$status $out$err" '0 Starting the job: job.' 'start exits 0, and says what it starts'
ok 'after start the server answers' wait_for answers
pid=$(number)
is "$(sed -n 's/^Name:[^a-z]*//p; s/^Uid:[^0-9]*//p' "/proc/$pid/status" | tr '\t\n' '  ')" \
	'redis-server 4999 4999 4999 4999 ' 'the pid file names the server, which runs as its user'
service status
is "$status $(printf '%s\n' "$out" | wc -l | tr -d ' ')$err" '0 1' \
	'while the server runs status exits 0, and prints one line'
run there setpriv --reuid=nobody --regid=nogroup --clear-groups service job status
is "$status" 0 'any user may ask for the status'
service start
is "$status $out$err $(number)" "0 Starting the job: job. $pid" 'a second start exits 0, and the server goes on'
for action in reload force-reload; do
	service $action
	is "$status $out$err $(number)" "0 Reloading the job: job. $pid" "$action exits 0, and the server goes on"
	ok "after $action the server answers" answers
done
for action in restart try-restart; do
	service $action
	is "$status $out$err" '0 Stopping the job: job.
Starting the job: job.' "$action exits 0, and says what it does"
	ok "$action ends the old server" has_ended "$pid"
	ok "after $action the new server answers" wait_for answers
	ok "after $action the pid file names another process" test "$(number)" != "$pid"
	pid=$(number)
done
service stop
is "$status $out$err" '0 Stopping the job: job.' 'stop exits 0, and says what it stops'
ok 'stop ends the server' has_ended "$pid"
ok 'stop removes the pid file' there test ! -e /run/job.pid
like "$(cat log/job.log)" 'Redis is now ready to exit' 'stop gives the server the time to end in order'
service status
is "$status" 3 'after stop status exits 3'

# a crash
service start
ok 'before the crash the server answers' wait_for answers
pid=$(number)
kill -KILL "$pid"
wait_for has_ended "$pid"
service status
is "$status" 1 'after a crash status exits 1'
service reload
is "$status" 7 'after a crash reload exits 7'
service start
is "$status" 0 'after a crash start exits 0'
ok 'after a crash and a start the server answers' wait_for answers
service stop
is "$status" 0 'after a crash and a start stop exits 0'

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
is "$status" 0 'a job that HUP does not end is stopped'

# a job that ignores TERM
becomes stubborn
service start
pid=$(number)
wait_for grep -q '^SigIgn:.*4[0-9a-f]\{3\}$' "/proc/$pid/status"
service stop
is "$status $out$err" '0 Stopping the job: job.' 'stop of a job that ignores TERM exits 0'
ok 'stop of a job that ignores TERM ends it' has_ended "$pid"

# failures
rm sbin/job
service start
is "$status $(printf '%s\n' "$out" | head -n 1)" '5 Starting the job: job failed!' \
	'start of a job that is not installed exits 5'
like "$err" '^daemonize: job: not found' 'start of a job that is not installed says why'
mkdir log/job.log.d
mv log/job.log log/old
mv log/job.log.d log/job.log
becomes redis
service start
is "$status $err" '1 daemonize: /var/log/job.log: Is a directory' \
	'start with a directory as the log exits 1, and says why'
service nonsense
is "$status" 3 'an unknown action exits 3'

kill $machine
wait $machine 2>/dev/null
trap 'cd / && rm -rf "$tmp"' EXIT
finish
