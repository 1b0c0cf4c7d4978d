#!/bin/sh
# Process 1 of the machine of clock.t: sets the clock, and prints what becomes
# of the job, in lines that begin with @.
mount -t proc proc /proc
mount -t devtmpfs dev /dev
mkdir -p /root /run
# Prints the status of a daemon, without its process id.
status() { # NAME
	daemonize --status -p "/run/$1.pid" | sed 's/[0-9][0-9]*/N/'
}
# Waits for cron's next minute, and prints what the start of then found.
tell() { # WHEN
	count=$(wc -l </root/keep)
	tries=0
	while [ "$(wc -l </root/keep)" -eq "$count" ] && [ $tries -lt 20 ]; do
		tries=$((tries + 1))
		sleep 10
	done
	sleep 2
	state=$(status job)
	daemonize --signal=HUP -p /run/job.pid
	sleep 2
	echo "@$1: $(tail -n +$((count + 1)) /root/keep | tr '\n' ,) $state, $(tail -n 1 /root/job.log)," \
		"$(grep -c started /root/job.log) started" | sed 's/,  */, /'
}
set_clock() { # TIME
	date -s "2026-11-29 $1" >/dev/null
}
: >/root/keep
daemonize -p /run/other.pid /bin/closes
cron -f &
echo "@$(date +%Y)"
tell 'started in 1970'
set_clock 12:00:30
tell 'set to noon'
set_clock 13:10:30
tell 'an hour later'
set_clock 12:20:30
tell 'an hour earlier'
echo "@file: $(cat /run/job.pid) $(stat -c %y /run/job.pid)"
kill -KILL "$(cat /run/job.pid)"
sleep 1
echo "@crash: $(status job)"
tell 'after a crash'
set_clock 11:15:30
tell 'before its start'
daemonize --stop -p /run/job.pid
echo "@stop: $?, $(tail -n 1 /root/job.log)"
tell 'after a stop'
set_clock 17:00:30
tell 'six hours later'
state=$(status other)
daemonize --stop -p /run/other.pid
echo "@other: $state, $?, $(status other)"
cat /root/mail 2>/dev/null
echo "@mail: $(ls /root | grep -c mail)"
poweroff -f
