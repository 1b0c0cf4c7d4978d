#!/bin/sh
# A real sysvinit as process 1, with insserv: update-rc.d installs the manual's
# init script, which serves from the boot to the shutdown, and after a power
# cut.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/boot.sh
. "$top/tests/boot.sh"
require_boot

disk_of
# scripts that a machine without disks, clock and terminals has no use for
for name in bootlogs brightness checkfs.sh checkroot-bootclean.sh checkroot.sh cron dbus hwclock.sh killprocs \
	mountall-bootclean.sh mountnfs-bootclean.sh mountnfs.sh rc.local single urandom; do
	delete "/etc/init.d/$name"
done
# an inittab without terminals; its last entry for a runlevel makes a file once
# the scripts of that runlevel are done
{
	sed -e '/getty/d' -e '/sulogin/d' "$system/base/etc/inittab"
	for level in 1 2 3; do
		echo "d$level:$level:once:/bin/touch /var/log/reached.$level"
	done
} | put /etc/inittab
put /usr/local/sbin/job 755 <"$top/tests/programs/order.pl"
put /var/log/order 666 </dev/null
# /run is empty after a boot; on a disk a pid file stays
manual_display 'BEGIN INIT INFO' | sed -e 's,^pidfile=/run/,pidfile=/var/lib/,' -e 's/^# Required-St.*/& base/' | put /etc/init.d/job 755
put /etc/init.d/base 755 <"$top/tests/programs/base.sh"
put /etc/init.d/taker 755 <"$top/tests/programs/taker.sh"

run before_boot sh -ec 'for name in base job taker; do update-rc.d $name defaults; done'
is "$status" 0 "the manual's init script is installed by update-rc.d"

order() {
	tr '\n' ' ' <"$disk/var/log/order" | sed 's/ $//'
}
ordered() { # WHAT HAPPENED
	[ "$(order)" = "$1" ]
}
reached() { # RUNLEVEL
	wait_for test -e "$disk/var/log/reached.$1"
}
number() {
	cat "$disk/var/lib/job.pid"
}
service() { # ACTION
	run there service job "$1"
}

boot /sbin/init
ok 'the job is started with the machine, after the service that it needs' wait_for ordered 'base started job started'
reached 2
is "$(there runlevel)" 'N 2' 'the machine is in runlevel 2'
pid=$(number)
is "$(sed -n 's/^PPid:[^0-9]*//p; s/^Uid:[^0-9]*//p' "$inside/proc/$pid/status" | tr '\t\n' '  ')" \
	'1 4999 4999 4999 4999 ' 'the job is a child of process 1, and runs as its user'
service status
is "$status $out" "0 running (pid $pid)" 'status exits 0, and names the process'
service reload
is "$status" 0 'reload exits 0'
ok 'reload sends HUP' wait_for grep -q reloaded "$disk/var/log/job.log"
service restart
again=$(number)
is "$status $(lives_there "$pid") $(lives_there "$again")" '0 no yes' 'restart ends the job, and starts another process'
there init 3
reached 3
is "$(there runlevel) $(number) $(lives_there "$again")" "2 3 $again yes" 'from runlevel 2 to 3 the job goes on'
there init 1
ok 'runlevel 1 ends the job, and then the service that it needs' wait_for ordered \
	'base started job started job ended job started job ended base ended'
reached 1
ok 'runlevel 1 has removed the pid file' test ! -e "$disk/var/lib/job.pid"
there init 2
ok 'from runlevel 1 to 2 both are started again' wait_for ordered \
	'base started job started job ended job started job ended base ended base started job started'

# a power cut, after which another process has the id in the pid file
stale=$(number)
power_off
is "$(number)" "$stale" 'a power cut leaves the pid file'
: >"$disk/var/log/order"
boot /sbin/init
ok 'after a power cut the job is started, after the service that it needs' wait_for ordered 'base started job started'
pid=$(number)
is "$(cat "$disk/var/log/before")" 'not running
1' 'before that start --status does not take the other process for the job'
is "$(lives_there "$stale") $(lives_there "$pid")" 'yes yes' 'the job and the other process are running'
ok 'the job has another process id' test "$pid" != "$stale"
service status
is "$status $out" "0 running (pid $pid)" 'after a power cut status exits 0, and names the job'
service stop
is "$status $(lives_there "$stale") $(lives_there "$pid")" '0 yes no' 'stop ends the job, and not the other process'
service start
is "$status" 0 'after a stop start exits 0'
ok 'after a stop and a start the job is at work' wait_for ordered 'base started job started job ended job started'

# the shutdown
there init 0
ok 'the machine halts' halted
is "$machine_status $(order)" '0 base started job started job ended job started job ended base ended' \
	'the shutdown ends the job, and then the service that it needs'
ok 'the shutdown removes the pid file of the job' test ! -e "$disk/var/lib/job.pid"
finish
