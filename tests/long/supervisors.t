#!/bin/sh
# Supervisors as process 1: s6 and runit, whose run scripts execute daemonize
# -f, and busybox init, whose inittab has it.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/boot.sh
. "$top/tests/boot.sh"
require_boot

disk_of
put /usr/local/bin/job 755 <"$top/tests/programs/job.pl"

# s6
put /etc/s6/job/notification-fd <<'end'
3
end
put /etc/s6/job/run 755 <<'end'
#!/bin/sh
exec 2>&1
exec daemonize -f -k 3 -u job -m 022 -p /run/job.pid job ready
end
put /etc/s6/job/log/run 755 <<'end'
#!/bin/sh
exec s6-log /var/log/s6
end
put /etc/s6/.s6-svscan/finish 755 <<'end'
#!/bin/sh
end

# runit
for stage in 1 3; do
	put /etc/runit/$stage 755 <<'end'
#!/bin/sh
case $0 in
*1) install -m 0 /dev/null /run/runit.stopit; install -m 0 /dev/null /run/runit.reboot ;;
*3) sv force-stop /etc/service/*; sv exit /etc/service/* ;;
esac
end
done
put /etc/runit/no.emulate.sysv </dev/null
delete /etc/runit/runsvdir/default/default-syslog /etc/runit/runsvdir/default/ssh
put /etc/runit/runsvdir/default/job/run 755 <<'end'
#!/bin/sh
exec 2>&1
exec daemonize -f -u job -m 022 -p /run/job.pid -o /var/log/runit.log job
end

# busybox
put /etc/inittab <<'end'
::sysinit:/etc/rc.start
::respawn:/usr/bin/daemonize -f -u job -m 022 -p /run/job.pid -o /var/log/busybox.log /usr/local/bin/job
::shutdown:/etc/rc.stop
end
put /etc/rc.start 755 <<'end'
#!/bin/sh
PATH=/usr/local/bin:/usr/bin:/bin
export PATH
daemonize -p /run/other.pid -o /var/log/other.log job
end
put /etc/rc.stop 755 <<'end'
#!/bin/sh
/usr/bin/daemonize --stop=TERM/10/KILL/5 -p /run/other.pid
end

number() {
	cat "$inside/run/job.pid"
}
# Prints the last line of a log that begins with a pattern.
said() { # LOG PATTERN
	grep "^$2" "$disk/var/log/$1" 2>/dev/null | tail -n 1
}
has_said() { # LOG LINE
	[ "$(said "$1" "$2")" = "$2" ]
}
lines() { # LOG PATTERN
	grep -c "^$2" "$disk/var/log/$1"
}
# Succeeds if the job is at work as another process, whose id $pid is then.
is_other() { # LOG PID
	pid=$(number 2>/dev/null) && [ "$pid" ] && [ "$pid" != "$2" ] && [ "$(said "$1" started)" = "started $pid" ]
}
state() {
	run there daemonize --status -p /run/job.pid
	printf '%s\n' "$out" | sed "s/ $pid)/ it)/"
}
# Checks what holds under each of them.
common() { # NAME LOG
	ok "$1: the job is at work" wait_for is_other "$2" 0
	pid=$(number)
	is "$(sed -n 's/^Uid:[^0-9]*//p' "$inside/proc/$pid/status" | tr '\t' ' ')" '4999 4999 4999 4999' \
		"$1: the job runs as its user"
	is "$(state)" 'running (pid it)' "$1: --status finds the job"
	run there daemonize -p /run/job.pid job
	is "$status" 75 "$1: a second start exits 75"
	run there daemonize --signal=HUP -p /run/job.pid
	ok "$1: --signal=HUP reaches the job" wait_for has_said "$2" reloaded
	first=$pid
	signal_there KILL "$first"
	ok "$1: after a crash the job is started again, and the pid file names it" wait_for is_other "$2" "$first"
	second=$pid
	run there daemonize --stop -p /run/job.pid
	is "$status $(lives_there "$second")" '0 no' "$1: --stop ends the job"
	ok "$1: after --stop the supervisor starts another, which the pid file names" wait_for is_other "$2" "$second"
	is "$(state)" 'running (pid it)' "$1: after --stop --status finds the other"
}

boot /usr/bin/s6-svscan /etc/s6
mkfifo -m 666 "$inside/run/go"
s6() { # TOOL [OPTION...]
	tool=s6-$1
	shift
	there "$tool" "$@" /etc/s6/job
}
common s6 s6/current
is "$(s6 svstat -o pid)" "$pid" 's6: the supervised process is the command'
is "$(s6 svstat -o up,ready)" 'true false' 's6: the job is up, but not ready'
timeout 60 sh -c ': >"$1"' sh "$inside/run/go"
ok 's6: a line on descriptor 3 makes the job ready' s6 svwait -U -t 60000
is "$(s6 svstat -o up,ready)" 'true true' 's6: s6-svstat says that the job is ready'
count=$(lines s6/current reloaded)
s6 svc -h
ok 's6: s6-svc -h sends HUP' wait_for sh -c '[ "$(grep -c ^reloaded "$1")" -gt "$2" ]' sh "$disk/var/log/s6/current" "$count"
s6 svc -d -wD -T 60000
is "$(s6 svstat -o up) $(lives_there "$pid") $(said s6/current ended)" 'false no ended' \
	's6: s6-svc -d ends the job by TERM'
there s6-svscanctl -t /etc/s6
ok 's6: the machine halts' halted

boot /sbin/runit
sv() { # ACTION
	there sv "$1" job
}
common runit runit.log
like "$(sv status)" "^run: job: (pid $pid)" 'runit: the supervised process is the command'
count=$(lines runit.log reloaded)
sv hup
ok 'runit: sv hup sends HUP' wait_for sh -c '[ "$(grep -c ^reloaded "$1")" -gt "$2" ]' sh "$disk/var/log/runit.log" "$count"
first=$pid
run sv restart
is "$status" 0 'runit: sv restart exits 0'
ok 'runit: after sv restart the job is another process' wait_for is_other runit.log "$first"
run sv down
is "$status $(lives_there "$pid") $(said runit.log ended)" '0 no ended' 'runit: sv down ends the job by TERM'
run sv up
ok 'runit: sv up starts the job' wait_for is_other runit.log "$pid"
there sh -c 'chmod 100 /run/runit.stopit && kill -CONT 1'
ok 'runit: the machine halts' halted
is "$(tail -n 1 "$disk/var/log/runit.log")" ended 'runit: halt ends the job by TERM'

boot /bin/busybox init
common busybox busybox.log
is "$(sed -n 's/^PPid:[^0-9]*//p' "$inside/proc/$pid/status")" 1 \
	'busybox: the process that init has started is the command'
other=$(cat "$inside/run/other.pid")
is "$(lives_there "$other") $(said other.log started)" "yes started $other" \
	'busybox: a daemon started by the sysinit script is running'
signal_there USR2 1
ok 'busybox: the machine halts' halted
is "$(tail -n 1 "$disk/var/log/other.log")" ended 'busybox: the shutdown script stops that daemon'
is "$(tail -n 1 "$disk/var/log/busybox.log")" ended 'busybox: the shutdown ends the job by TERM'
finish
