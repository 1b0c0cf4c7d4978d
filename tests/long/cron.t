#!/bin/sh
# A real cron: a line that keeps one instance running starts it once, and sends
# no mail.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

all='cron: a line that keeps one instance running starts it once'
if ! need_root "$all" || ! need cron "$all"; then
	finish
fi

# In a mount namespace cron has its own tables, pid file, PAM rules and MTA, whose
# path is fixed; the machine's are neither read nor written.
mkdir spool cron.d sbin mail
: >crontab.system
cp "$(command -v cron)" sbin/cron
cat >sbin/sendmail <<end
#!/bin/sh
cat >$tmp/mail/.\$\$ && mv $tmp/mail/.\$\$ $tmp/mail/\$\$
end
chmod 755 sbin/sendmail
for type in auth account session; do
	echo "$type required pam_permit.so"
done >pam
# cron runs the line of @reboot at once, and the others when the next minute
# begins.  Each writes its status to a file, since what it printed would be
# mailed.
new_hold
other=$hold
new_hold
cat >spool/root <<end
SHELL=/bin/sh
HOME=$tmp
@reboot '$DAEMONIZE' --oknodo -p "\$HOME/job.pid" -o "\$HOME/job.log" "\$HOME/job"; echo reboot \$? >>"\$HOME/keep"
* * * * * '$DAEMONIZE' --oknodo -p "\$HOME/job.pid" -o "\$HOME/job.log" "\$HOME/job"; echo minute \$? >>"\$HOME/keep"
* * * * * '$DAEMONIZE' -p "\$HOME/job.pid" "\$HOME/job"; echo \$? >"\$HOME/again"
* * * * * '$DAEMONIZE' "\$HOME/nosuch"; echo \$? >"\$HOME/missing"
* * * * * '$DAEMONIZE' '$probe' "\$HOME/report" hold=$other
end
chmod 600 spool/root
cat >job <<end
#!/bin/sh
echo "\$\$"
exec cat $hold
end
chmod 755 job

# wait, lest @reboot and the first minute fall together
while [ "$(date +%S)" -ge 55 ]; do sleep 0.5; done
trap 'kill "$cron" 2>/dev/null; cd / && rm -rf "$tmp"' EXIT
unshare -m sh -e -c '
	mount -t tmpfs run /run
	mount --bind spool /var/spool/cron/crontabs
	mount --bind cron.d /etc/cron.d
	mount --bind crontab.system /etc/crontab
	mount --bind pam /etc/pam.d/cron
	mount --bind sbin /usr/sbin
	exec /usr/sbin/cron -f' &
cron=$!
ok 'cron runs the line of @reboot' wait_for test -s keep
is "$(head -n 1 keep)" 'reboot 0' 'the start at @reboot exits 0'
pid=$(cat job.pid)
ok 'the daemon of @reboot is running' kill -0 "$pid"

# the next minute
second_firing() {
	[ "$(wc -l <keep)" -ge 2 ] && [ -s again ] && [ -s missing ] && [ -s report ]
}
wait_for second_firing || wait_for second_firing || wait_for second_firing || wait_for second_firing
is "$(sort keep)" 'minute 0
reboot 0' 'the start of each minute exits 0'
is "$(cat job.pid)" "$pid" 'the pid file still names the daemon of @reboot'
is "$(cat job.log)" "$pid" 'the job has run once'
is "$(cat again)" 75 'without --oknodo the start of each minute exits 75'

# No mail proves that a line prints nothing: what the failing lines print is
# mailed.
two_mails() {
	[ "$(ls mail | wc -l)" -ge 2 ]
}
wait_for two_mails
is "$(sed -n 's/^daemonize: //p' mail/* | sort)" "$(printf '%s\n' "$tmp/job.pid: already running (pid $pid)" \
	"$tmp/nosuch: No such file or directory" | sort)" 'cron mails what the failing lines print'
is "$(ls mail | wc -l | tr -d ' ')" 2 'cron mails nothing else'

# This cron gives a line a file for its output; others give it a pipe, and wait
# for its end.
report=$(cat report)
is "$(printf '%s\n' "$report" | sed -n 's/^fd\.\([0-9]*\)=.* /\1 /p' | tr '\n' ' ')" \
	'0 /dev/null 1 /dev/null 2 /dev/null ' "a daemon has no descriptor of cron's"
is "$(value "$report" cwd) $(value "$report" umask) $(value "$report" session_leader)" '/ 0000 no' \
	'a daemon of cron has directory / and umask 0, and leads no session'

kill "$cron"
wait "$cron" 2>/dev/null
ok 'the daemons outlive cron' kill -0 "$pid" "$(value "$report" pid)"
release
hold=$other
release
finish
