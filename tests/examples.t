#!/bin/sh
# The EXAMPLES of the manual run as they stand there.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# Each example is a display, .Dl or .Bd.  What is for init systems, logrotate and
# inetd is in tests/long.
examples=$(sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAGNOSTICS/p' "$top/man/daemonize.1" |
	sed -e '/^A complete init script/,/^\.Ed/d' -e '/^The same for OpenRC/,/^\.Ed/d' \
		-e '/^A unit for/,/^\.Ed/d' -e '/^Rotate a log that is a file/,/^\.Ed/d' \
		-e '/^Nothing is lost with a logger/,/^\.Ed/d' -e '/^8080 /d' -e 's/^\* \* \* \* \* //' |
	sed -n -e 's/\\&//g' -e 's/\\e$/\\/' -e 's/^\.Dl //p' -e '/^\.Bd/,/^\.Ed/{/^\./d;p;}')
mkdir bin
ln -s "$DAEMONIZE" bin/daemonize
# ssh's far side is a shell of its own, whose output the caller reads.
cat >bin/ssh <<'end'
#!/bin/sh
shift
sh -c "$*" | cat
end
# There may be no user manager, and no system log.
cat >bin/systemd-run <<'end'
#!/bin/sh
shift 2
exec "$@"
end
cat >bin/loginctl <<'end'
#!/bin/sh
end
# Any logger may be missing.  Each of these says what it was given, as arguments
# and on its standard input.
for logger in logger rotatelogs s6-log svlogd multilog cronolog systemd-cat; do
	cat >bin/$logger <<end
#!/bin/sh
while read -r line; do echo "$logger \$*: \$line" >>$tmp/logged; done
end
done
cat >bin/ts <<'end'
#!/bin/sh
while read -r line; do echo "stamp $line"; done
end
take tell.pl said.sh
mv said.sh job
chmod +x bin/* job
PATH=$tmp/bin:$PATH
HOME=$tmp
export HOME
mkdir log
shown=
example() { # RUNS TEXT: runs the text, which executes so many jobs
	shown=$shown$2$newline
	rm -f ran job.log logged
	: >ran
	printf '%s\n' "$2" | sed "s|/var/log|$tmp/log|;s|/usr/local/bin|$tmp/bin|" >example
	run timeout 20 sh -e example
	is "$status$err" 0 "the example succeeds: $(printf '%s\n' "$2" | head -n 1)"
	ok "the example executes $1 jobs: $(printf '%s\n' "$2" | head -n 1)" wait_for have_run "$1"
}
have_run() { # RUNS
	[ "$(wc -l <ran)" -eq "$1" ]
}
# Runs an example whose jobs wait until they are released.
living() { # RUNS TEXT
	mkfifo waits
	example "$1" "$2"
	timeout 20 sh -c ': >waits'
	rm waits
}
# Checks what the loggers have got in the end, in any order.
are_logged() { # TEXT NAME
	wait_for sh -c '[ "$(wc -l <logged)" -eq "$1" ]' sh "$(printf '%s\n' "$1" | wc -l)"
	is "$(sort logged | sed "s|$tmp/log|/var/log|")" "$1" "$2"
}

example 1 'daemonize -o job.log ./job --with its options'
is "$(cat ran)" 'job --with its options' 'a job has the options behind its name'
example 1 'daemonize -c . -m 022 -o job.log ./job'

mkfifo waits
example 1 'daemonize -p job.pid -o job.log ./job'
example 0 'daemonize --status -p job.pid
daemonize --signal=HUP -p job.pid
daemonize --stop=TERM/10/KILL/5 -p job.pid'
like "$out" '^running (pid ' '--status says that the job of the pid file is running'
ok '--stop removes the pid file' test ! -e job.pid
rm waits

text='daemonize -u nobody -m 022 -p /run/job.pid -o /var/log/job.log \
	/usr/local/sbin/job'
shown=$shown$text$newline
if need_root 'a service as another user'; then
	log=$(mktemp -d /var/log/daemonize-test.XXXXXX) || exit 1
	trap 'cd / && rm -rf "$tmp" "$log"' EXIT
	chmod 755 "$log"
	sh -ec "$(printf '%s\n' "$text" | sed "s|/var/log|$log|;s|/run|$log|;s|/usr/local/sbin/job|/usr/bin/env|")"
	is $? 0 'a service as another user starts'
	wait_for grep -q '^USER=nobody$' "$log/job.log"
	is "$(stat -c %U "$log/job.log") $(stat -c %U "$log/job.pid") $(grep ^USER= "$log/job.log")" \
		'nobody root USER=nobody' 'a service as another user owns its log, but not its pid file'
fi

example 1 '/usr/local/bin/daemonize --oknodo -m 022 -p "$HOME/job.pid" -o "$HOME/job.log" "$HOME/job"'
idle -p job.pid
mkfifo waits
example 1 'daemonize -m 022 -p "$HOME/job.pid" "$HOME/job" || exit 1
daemonize --status -p "$HOME/job.pid" >/dev/null || exit 1'
timeout 20 sh -c ': >waits'
rm waits
idle -p job.pid
living 1 'daemonize -w 0.5 -o job.log ./job || exit 1'
text='daemonize -r fd:4 -T 10 -p job.pid ./job
daemonize -r notify -T 10 -p other.pid ./job'
if need perl 'the example of -r notify'; then
	example 2 "$text"
	idle -p job.pid
	idle -p other.pid
else
	shown=$shown$text$newline
fi

example 1 "daemonize -p job.pid -o '|logger -t job' ./job"
are_logged 'logger -t job: said' 'logger gets the output'
idle -p job.pid
ERRS=1
export ERRS
example 1 "daemonize -o job.log -e '|logger -p daemon.err -t job' ./job"
are_logged 'logger -p daemon.err -t job: erred' 'logger gets the errors where it is given for -e'
wait_for test -s job.log
is "$(cat job.log)" said 'the log gets the output where logger is given for -e'
unset ERRS
example 1 "daemonize -o '|rotatelogs -n 5 /var/log/job.log 10M' ./job"
are_logged 'rotatelogs -n 5 /var/log/job.log 10M: said' 'rotatelogs gets the output'
example 1 "daemonize -o '|s6-log -b n20 s1000000 T /var/log/job' ./job"
are_logged 's6-log -b n20 s1000000 T /var/log/job: said' 's6-log gets the output'
example 5 "daemonize -o '|svlogd -tt /var/log/job' ./job
daemonize -o '|multilog t n20 s1000000 /var/log/job' ./job
daemonize -o '|cronolog /var/log/job.%Y-%m-%d' ./job
daemonize -o '|sh -c \"ts >>/var/log/job.log\"' ./job
daemonize -o '|systemd-cat -t job' ./job"
are_logged 'cronolog /var/log/job.%Y-%m-%d: said
multilog t n20 s1000000 /var/log/job: said
svlogd -tt /var/log/job: said
systemd-cat -t job: said' 'svlogd, multilog, cronolog and systemd-cat get the output'
wait_for test -s log/job.log
is "$(cat log/job.log)" 'stamp said' 'ts gets the output'

mkfifo waits
example 2 "daemonize --restart -p job.pid -o job.log ./job
daemonize --restart -p other.pid -o '|logger -t job' ./job"
# The two jobs may open the FIFO one after the other.
have_run_again() {
	timeout 1 sh -c ': >waits'
	[ "$(wc -l <ran)" -ge 4 ]
}
ok '--restart: both jobs are started again' wait_for have_run_again
for file in job.pid other.pid; do
	run daemonize --stop -p $file
	is "$status $err" '0 ' "--restart: --stop ends the daemon of $file"
done
rm waits

living 1 'pid=$(daemonize -P -o job.log ./job)
kill -0 "$pid"'
example 1 'ssh host daemonize -o job.log ./job'
example 1 'daemonize -k 1 ./job | cat >job.out'
is "$(cat job.out)" said '-k 1: a pipe of the caller gets the output'
example 3 'daemonize -c . -o job.log nice -n 5 ionice -c 3 ./job
daemonize -c . -o job.log prlimit --nofile=512 stdbuf -oL ./job
daemonize -c . -o job.log env -i PATH=/usr/bin:/bin ./job'
text='daemonize chroot --userspec=33:33 --groups= /srv /bin/job'
shown=$shown$text$newline
if need_root 'a job under another root'; then
	run sh -c "$(printf '%s\n' "$text" | sed 's| /srv | / |;s|daemonize|daemonize -k 1|;s|/bin/job|/usr/bin/id -u|') | cat"
	is "$status $out$err" '0 33' 'a job under another root has the user that chroot gives it'
fi
example 1 'daemonize -f ./job'
BUILD_ID=1
export BUILD_ID
example 2 'daemonize -c . env -u BUILD_ID -u JENKINS_NODE_COOKIE ./job
daemonize -c . env -u RUNNER_TRACKING_ID ./job'
example 1 'loginctl enable-linger
systemd-run --user --scope daemonize -o job.log ./job'
example 0 'daemonize -n -o job.log ./job'
like "$out" "^would execute $tmp/job" '-n prints what would be executed'
is "$shown" "$examples$newline" 'the test has all the examples of the manual, in their order'
finish
