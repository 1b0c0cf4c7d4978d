#!/bin/sh
# Process 1 of a machine that is booted over an old pid file, whose number, PID,
# another process gets: clock.t puts it and its stamp, STAMP, here.
mount -t proc proc /proc
mount -t devtmpfs dev /dev
mkdir -p /root /run
until [ -e /proc/PID ]; do
	sleep 1000000 &
done
echo PID >/run/job.pid
/usr/bin/touch -d 'STAMP' /run/job.pid
echo "@stale: $(stat -c %y /run/job.pid) $(daemonize --status -p /run/job.pid)"
: >/root/keep
date -s '2026-11-29 18:00:30' >/dev/null
cron -f &
tries=0
while [ "$(grep -c minute /root/keep)" -lt 2 ] && [ $tries -lt 20 ]; do
	tries=$((tries + 1))
	sleep 10
done
sleep 2
echo "@keep: $(tr '\n' , </root/keep) $(daemonize --status -p /run/job.pid | sed 's/[0-9][0-9]*/N/')," \
	"$(grep -c started /root/job.log) started"
[ "$(cat /run/job.pid)" = PID ] || echo '@number: another'
echo "@stranger: $(tr '\0' ' ' </proc/PID/cmdline)"
echo "@mail: $(ls /root | grep -c mail)"
poweroff -f
