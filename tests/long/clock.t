#!/bin/sh
# A machine whose clock is set still knows its daemons.  It starts in 1970, for
# it has no clock of its own, and is set to the time of the day, then an hour
# forward and back, under a real cron that keeps a job running; then it is booted
# again over the pid file of before.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/boot.sh
. "$top/tests/boot.sh"
require_kernel

disk_of
add /bin/busybox /usr/bin/stat /usr/bin/touch /usr/sbin/cron /lib/x86_64-linux-gnu/security/pam_permit.so
for name in cat date echo grep kill ls mkdir mount poweroff sed sh sleep tail tr wc; do
	ln -s busybox "$disk/bin/$name"
done
mkdir "$disk/var" && ln -s /run "$disk/var/run"
for name in auth account session; do
	echo "$name required pam_permit.so"
done | put /etc/pam.d/cron
put /usr/sbin/sendmail 755 <<'end'
#!/bin/sh
cat >>/root/mail
end
line='daemonize --oknodo -p /run/job.pid -o /root/job.log /bin/job; echo'
put /var/spool/cron/crontabs/root 600 <<end
PATH=/usr/bin:/bin
@reboot $line reboot \$? >>/root/keep
* * * * * $line minute \$? >>/root/keep
end
put /bin/job 755 <"$top/tests/programs/job.sh"
# A command that closes the descriptor of its lock is known by the stamp of its
# pid file.
put /bin/closes 755 <<'end'
#!/bin/sh
exec 3>&-
exec sleep 1000000
end
put /init 755 <"$top/tests/programs/clock.sh"

ok 'a machine is booted in an emulator, and halts' emulate
told() { # WHEN
	printf '%s\n' "$console" | sed -n "s/^@$1: //p"
}
running='running (pid N), reloaded'
like "$console" '^@1970$' "the machine's clock starts in 1970"
is "$(told 'started in 1970')" "reboot 0, $running, 1 started" \
	'a job that @reboot has started in 1970 is found'
is "$(told 'set to noon')" "minute 0, $running, 1 started" 'the job is found after the clock has been set to today'
is "$(told 'an hour later')" "minute 0, $running, 1 started" \
	'the job is found after the clock has been set an hour forward'
is "$(told 'an hour earlier')" "minute 0, $running, 1 started" \
	'the job is found after the clock has been set an hour back'
is "$(told crash)" 'not running' 'after a crash --status says that the job is not running'
is "$(told 'after a crash')" "minute 0, $running, 2 started" 'after a crash the next minute starts the job again'
is "$(told 'before its start')" "minute 0, $running, 2 started" \
	'the job is found after the clock has been set to before its start'
is "$(told stop)" '0, ended' '--stop ends a job that seems to start in the future'
is "$(told 'after a stop')" "minute 0, $running, 3 started" 'after a stop the next minute starts the job again'
is "$(told 'six hours later')" "minute 0, $running, 3 started" \
	'the job is found after the clock has been set six hours forward'
is "$(told other)" 'running (pid N), 0, not running' \
	'a daemon of 1970 that has closed its lock is still found, and stopped'
is "$(told mail)" 0 'cron has sent no mail'

# booted again: the pid file is as it was, and its number is another's
before=$(told file)
pid=${before%% *}
stamp=${before#* }
sed -e "s/PID/$pid/g" -e "s/STAMP/$stamp/" "$top/tests/programs/reboot.sh" | put /init 755
ok 'the machine is booted again' emulate
is "$(told stale)" "$stamp not running" 'after a reboot the number of before is not taken for the job'
is "$(told keep)" 'reboot 0,minute 0,minute 0, running (pid N), 1 started' 'after a reboot cron starts it once'
is "$(told number)" another 'after a reboot the pid file has the new number'
is "$(told stranger)" 'sleep 1000000 ' 'after a reboot who has the old number lives on'
is "$(told mail)" 0 'after a reboot cron has sent no mail'
finish
