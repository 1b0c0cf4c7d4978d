#!/bin/sh
# Before the job is started makes a process with the id in its pid file, if
# there is one.
### BEGIN INIT INFO
# Provides:          taker
# Required-Start:    $remote_fs
# Required-Stop:
# X-Start-Before:    job
# Default-Start:     2 3 4 5
# Default-Stop:
# Short-Description: takes a number
### END INIT INFO
[ "$1" = start ] && [ -e /var/lib/job.pid ] || exit 0
perl -e '
	use POSIX;
	while (($pid = fork) < $ARGV[0]) {
		exit if !$pid && $$ != $ARGV[0];
		if (!$pid) { setsid; close $_ for STDIN, STDOUT, STDERR; sleep 1 while 1 }
		waitpid $pid, 0;
	}' "$(cat /var/lib/job.pid)"
daemonize --status -p /var/lib/job.pid >/var/log/before
echo $? >>/var/log/before
