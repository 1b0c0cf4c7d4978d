#!/bin/sh
# OpenRC, under sysvinit as in Debian: the manual's script of openrc-run, from
# the boot to the shutdown, and supervise-daemon.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/boot.sh
. "$top/tests/boot.sh"
require_boot

disk_of openrc
for name in bootlogs brightness checkfs.sh checkroot-bootclean.sh checkroot.sh cron dbus hwclock.sh killprocs \
	mountall.sh mountall-bootclean.sh mountnfs-bootclean.sh mountnfs.sh rc.local single urandom; do
	delete "/etc/init.d/$name"
done
sed -e '/getty/d' -e '/sulogin/d' "$system/base/etc/inittab" | put /etc/inittab
put /usr/bin/job 755 <"$top/tests/programs/job.pl"
manual_display '^#!/sbin/openrc-run' | sed 's|/usr/local/bin/|/usr/bin/|' | put /etc/init.d/job 755
put /etc/init.d/supervised 755 <<'end'
#!/sbin/openrc-run
supervisor=supervise-daemon
respawn_delay=1
command=/usr/bin/daemonize
command_args="-f -u job -m 022 -p /run/supervised.pid -o /var/log/supervised.log job"
end
run before_boot sh -ec 'rc-update add job default; rc-update add supervised default'
is "$status" 0 "the manual's script is added to the default runlevel"

said() { # LOG LINE
	wait_for sh -c 'tail -n 1 "$1" | grep -q -x "$2"' sh "$disk/var/log/$1.log" "$2"
}
number() { # NAME
	cat "$inside/run/$1.pid"
}
service() { # NAME ACTION
	run there rc-service -q "$@"
}

boot /sbin/init
# Prints the services with their states, without blanks and colours.
listed() {
	there rc-status -C default | sed -n 's/^ *\(job\|supervised\) *\[ *\(.*[^ ]\) *\]/\1 \2/p'
}
all_started() {
	listed >list && grep -q '^job started' list && grep -q '^supervised started' list
}
ok 'both services are started with the machine' wait_for all_started
pid=$(number job)
ok 'the job is at work' said job "started $pid"
is "$(sed -n 's/^PPid:[^0-9]*//p; s/^Uid:[^0-9]*//p' "$inside/proc/$pid/status" | tr '\t\n' '  ')" \
	'1 4999 4999 4999 4999 ' 'the job is a child of process 1, and runs as its user'
service job status
is "$status $out" "0 running (pid $pid)" 'status exits 0, and names the process'
service job reload
is "$status $err" '0 ' 'reload exits 0, and prints nothing'
ok 'reload sends HUP' said job reloaded
is "$(number job)" "$pid" 'after a reload the job is the same process'
service job restart
again=$(number job)
is "$status $err $(lives_there "$pid") $(lives_there "$again")" '0  no yes' \
	'restart ends the job, and starts another process'
ok 'after a restart the job is at work' said job "started $again"
service job stop
is "$status $err $(lives_there "$again") $(tail -n 1 "$disk/var/log/job.log")" '0  no ended' 'stop ends the job by TERM'
ok 'stop removes the pid file' test ! -e "$inside/run/job.pid"
service job status
is "$status $out" '3 not running' 'after a stop status exits 3'
service job start
is "$status $err" '0 ' 'after a stop start exits 0'
pid=$(number job)
ok 'after a stop and a start the job is at work' said job "started $pid"
signal_there KILL "$pid"
wait_for test ! -e "$inside/proc/$pid"
service job status
is "$status" 1 'after a crash status exits 1'
service job restart
is "$status $err" '0 ' 'after a crash restart exits 0'
pid=$(number job)
ok 'after a crash and a restart the job is at work' said job "started $pid"

# a service of supervise-daemon
pid=$(number supervised)
parent=$(sed -n 's/^PPid:[^0-9]*//p' "$inside/proc/$pid/status")
is "$(tr '\0' ' ' <"$inside/proc/$parent/cmdline" | cut -d ' ' -f 1-2)" 'supervise-daemon supervised' \
	'supervise-daemon: the supervised process is the command'
signal_there KILL "$pid"
is_other() {
	again=$(number supervised) && [ "$again" != "$pid" ] && grep -q "^started $again" "$disk/var/log/supervised.log"
}
ok 'supervise-daemon: after a crash the pid file names another process' wait_for is_other
service supervised stop
is "$status $err $(lives_there "$again") $(tail -n 1 "$disk/var/log/supervised.log")" '0  no ended' \
	'supervise-daemon: stop ends the command by TERM'

there init 0
ok 'the machine halts' halted
is "$(tail -n 1 "$disk/var/log/job.log")" ended 'the shutdown ends the job by TERM'
finish
