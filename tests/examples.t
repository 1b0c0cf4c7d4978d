#!/bin/sh
# The EXAMPLES of the manual run as they stand there.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# each example is a display, .Dl or .Bd; the init scripts and what is for logrotate
# and inetd are in the tests of these, in tests/long
examples=$(sed -n '/^\.Sh EXAMPLES/,/^\.Sh QUESTIONS/p' "$top/man/daemonize.1" |
	sed -e '/^A whole init script/,/^\.Ed/d' -e '/^The same for OpenRC/,/^\.Ed/d' \
		-e '/^Its log, rotated by/,/^\.Ed/d' -e '/^8080 /d' |
	sed -n -e 's/\\&//g' -e 's/^\.Dl //p' -e '/^\.Bd/,/^\.Ed/{/^\./d;p;}')
mkdir bin
ln -s "$DAEMONIZE" bin/daemonize
# over ssh: the far side is a shell of its own, whose output the caller reads
cat >bin/ssh <<'end'
#!/bin/sh
shift
sh -c "$*" | cat
end
# there may be no user manager, and no system log
cat >bin/systemd-run <<'end'
#!/bin/sh
shift 2
exec "$@"
end
cat >bin/loginctl <<'end'
#!/bin/sh
end
cat >bin/logger <<end
#!/bin/sh
while read -r line; do echo "\$* \$line" >>$tmp/logged; done
end
cat >notify.pl <<'end'
use Socket;
(my $name = $ENV{NOTIFY_SOCKET}) =~ s/^@/\0/;
socket S, AF_UNIX, SOCK_DGRAM, 0 or die;
send S, "READY=1", 0, sockaddr_un($name) or die;
end
# says that it has run; goes on only while there is something to wait for
cat >job <<end
#!/bin/sh
echo "job \$*" >>$tmp/ran
echo said
[ ! -p $tmp/waits ] || read line <$tmp/waits
(echo >&4) 2>/dev/null
[ -z "\$NOTIFY_SOCKET" ] || perl $tmp/notify.pl
exit 0
end
chmod +x bin/* job
PATH=$tmp/bin:$PATH
HOME=$tmp
export HOME
shown=
example() { # RUNS TEXT: it has so many jobs in the end
	shown=$shown$2$newline
	rm -f ran job.log
	: >ran
	printf '%s\n' "$2" >example
	run timeout 20 sh -e example
	is "$status$err" 0 "$(printf '%s\n' "$2" | head -n 1)"
	ok "$1 ran" wait_for sh -c '[ "$(wc -l <ran)" -eq "$1" ]' sh "$1"
}
# one whose job waits until it is released
living() { # TEXT
	mkfifo waits
	example 1 "$1"
	timeout 20 sh -c ': >waits'
	rm waits
}
example 1 'daemonize -o job.log ./job --with its options'
is "$(cat ran)" 'job --with its options' 'with its options'
living 'pid=$(daemonize -P -o job.log ./job)
kill -0 "$pid"'
example 1 'daemonize -k 1 ./job | cat >job.out'
is "$(cat job.out)" said 'it has the output'
example 1 'daemonize -m 022 -o "$HOME/job.log" "$HOME/job" || exit 1'
example 1 'daemonize --oknodo -p "$HOME/job.pid" -o "$HOME/job.log" "$HOME/job"'
idle -p job.pid
mkfifo waits
rm -f ran
daemonize -p job.pid ./job
wait_for test -s ran
example 0 'daemonize --status -p "$HOME/job.pid"
daemonize --signal=HUP -p "$HOME/job.pid"
daemonize --stop=TERM/10/KILL/5 -p "$HOME/job.pid"'
like "$out" '^running (pid ' 'it ran'
rm waits
text='daemonize -u nobody -m 022 -o /var/log/job.log /usr/bin/env'
shown=$shown$text$newline
if need_root 'another user'; then
	log=$(mktemp -d /var/log/daemonize-test.XXXXXX) || exit 1
	trap 'cd / && rm -rf "$tmp" "$log"' EXIT
	chmod 755 "$log"
	sh -ec "$(printf '%s\n' "$text" | sed "s|/var/log|$log|")"
	wait_for grep -q '^USER=nobody$' "$log/job.log"
	is "$(stat -c %U "$log/job.log") $(grep ^USER= "$log/job.log")" 'nobody USER=nobody' "$text"
fi
example 1 'ssh host daemonize -o job.log ./job'
living 'daemonize -w 0.5 -o job.log ./job || exit 1'
text='daemonize -r fd:4 -T 10 -p job.pid ./job
daemonize -r notify -T 10 -p other.pid ./job'
if need perl '-r notify'; then
	example 2 "$text"
else
	shown=$shown$text$newline
fi
example 3 'daemonize -c . -o job.log nice -n 5 ionice -c 3 ./job
daemonize -c . -o job.log prlimit --nofile=512 stdbuf -oL ./job
daemonize -c . -o job.log env -i PATH=/usr/bin:/bin ./job'
text='daemonize chroot /srv setpriv --reuid=33 --regid=33 --clear-groups /bin/job'
shown=$shown$text$newline
if need_root 'another root' && need setpriv 'another root'; then
	run sh -c "$(printf '%s\n' "$text" | sed 's|/srv|/|;s|daemonize|daemonize -k 1|;s|/bin/job|/usr/bin/id -u|') | cat"
	is "$status $out$err" '0 33' "$text"
fi
example 1 'mkfifo job.fifo
daemonize -i job.fifo -p logger.pid logger -t job
daemonize -o job.fifo -p job.pid ./job'
wait_for test -s logged
is "$(cat logged)" '-t job said' 'the logger has its line'
daemonize --stop -p logger.pid
rm logged
example 1 "daemonize -c . sh -c 'exec ./job 2>&1 | logger -t job'"
wait_for test -s logged
is "$(cat logged)" '-t job said' 'the logger has its line'
BUILD_ID=1
export BUILD_ID
example 2 'daemonize -c . env -u BUILD_ID -u JENKINS_NODE_COOKIE ./job
daemonize -c . env -u RUNNER_TRACKING_ID ./job'
example 1 'loginctl enable-linger
systemd-run --user --scope daemonize -o job.log ./job'
example 0 'daemonize -n -o job.log ./job'
like "$out" "^would execute $tmp/job" 'tells'
example 1 'daemonize -f ./job'
is "$shown" "$examples$newline" 'these are all the examples of the manual'
finish
