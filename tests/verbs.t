#!/bin/sh
# --status, --stop and --signal find the daemon, and never end a stranger.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# Starts something that lives until `release`; $pid is its process id.
start() {
	new_hold
	pid=$("$DAEMONIZE" -P "$@" "$probe" /dev/null "hold=$hold")
}
# Checks the status of a verb, and what it prints.
verb() { # STATUS OUT ERR NAME VERB...
	wanted="$1 $2 $3"
	name=$4
	shift 4
	run "$DAEMONIZE" "$@"
	is "$status $out $err" "$wanted" "$name"
}
usage() { # MESSAGE VERB...
	message=$1
	shift
	verb 125 '' "daemonize: $message; see 'daemonize --help'" "$* is a usage error" "$@"
}
usage '--status takes one of -p and -l' --status
usage '--stop takes one of -p and -l' --stop -p pid -l lock
usage 'true: --stop takes no command' --stop -p pid true
usage '--status cannot be combined with --stop' --stop --status -p pid
usage '--signal cannot be combined with --stop' --stop --signal=HUP -p pid
usage '-n cannot be combined with --stop' -n --stop -p pid
usage '-T: only with a schedule that ends with a signal' --stop=TERM/1 -T 3 -p pid
for option in '-i x' '-o x' '-e x' -a -t '-k 1' '-c /' '-m 022' '-E A=1' '-A x' '-w 1' '-r fd:3' -P -f --detach -n; do
	# shellcheck disable=SC2086 # words
	usage "${option%% *} cannot be combined with --status" --status $option -p pid
done
usage '-o cannot be combined with --stop' --stop -o x -p pid
usage '-w cannot be combined with --signal' --signal=HUP -w 1 -p pid
verb 0 '' '' '--stop takes --oknodo and -v, which change nothing' --stop --oknodo -v -p nosuch
usage '-T: only with -r or --stop' --status -T 3 -p pid
usage '-T: only with -r or --stop' --signal=HUP -T 3 -p pid
usage '--status: does not take an argument' --status=1 -p pid
usage '--signal: requires an argument' -p pid --signal
usage '--signal NOSUCH: no such signal' --signal=NOSUCH -p pid
usage '--signal : no such signal' --signal= -p pid
for number in -1 65 999999999999999999999 1x RTMIN+31 RTMIN+9223372036854775807 RTMAX-9223372036854775808 RTMAX+1 RTMIN-1 RTMAXX SIG TER; do
	usage "--signal $number: no such signal" "--signal=$number" -p pid
done
usage '--stop NOSUCH: no such signal' --stop=NOSUCH -p pid
usage '--stop 0: no such signal' --stop=TERM/5/-0 -p pid
usage '--stop 1x: not seconds from 0 to 1000000' --stop=TERM/1x -p pid
usage '--stop: empty schedule' --stop= -p pid
usage '--stop: empty schedule' --stop=/ -p pid
usage '--stop: the schedule never waits' --stop=TERM/forever/KILL -p pid
usage '--stop: the schedule never waits' --stop=TERM/forever/KILL/0 -p pid

# A stranger keeps the start lock, for more than 10 s; the end of the test tells what becomes of it.
mkdir kept
echo 99999999 >kept/file
hold_lock kept/file write 0 1
keeper=$holder
"$DAEMONIZE" --stop -p kept/file 2>kept/err &
stopping=$!
# Another has both locks, and seems to be a start that takes as long.
echo 99999999 >kept/both
hold_lock kept/both write 0 2
both_keeper=$holder
timeout 60 "$DAEMONIZE" --status -p kept/both >kept/out &
asking=$!

# There is no file.
verb 3 'not running' '' '--status without a file is 3' --status -p pid
verb 0 '' '' '--stop without a file is 0' --stop -p pid
verb 3 '' "daemonize: $tmp/pid: not running" '--signal without a file is 3' --signal=HUP -p pid
verb 3 'not running' '' '--status in a missing directory is 3' --status -p no/such
ok 'a verb makes no file' test ! -e pid

# The daemon runs.
for option in -p -l; do
	start $option file
	verb 0 "running (pid $pid)" '' "$option: --status says that the daemon runs" --status $option file
	verb 0 '' '' "$option: --signal succeeds" --signal=CONT $option file
	verb 124 '' "daemonize: $tmp/file: pid $pid is still running after the timeout" \
		"$option: --stop is 124 where its schedule does not end the daemon" --stop=CONT/0.05 $option file
	verb 0 "running (pid $pid)" '' "$option: the daemon that --stop has not ended still runs" --status $option file
	verb 0 '' '' "$option: --stop succeeds" --stop $option file
	ok "$option: --stop ends the daemon" gone "$pid"
	verb 3 'not running' '' "$option: --status after --stop is 3" --status $option file
	verb 0 '' '' "$option: --stop after --stop is 0" --stop $option file
	verb 3 '' "daemonize: $tmp/file: not running" "$option: --signal after --stop is 3" --signal=HUP $option file
	is "$(ls file 2>/dev/null)" "$([ $option = -p ] || echo file)" "$option: --stop removes a pid file, but no lock file"
	rm -f file
done
start -p file
verb 0 "running (pid $pid)" '' '--status -l on the pid file of a daemon says that it runs' --status -l file
kill -KILL "$pid"
wait_for gone "$pid"
verb 1 'not running' '' 'a daemon that was killed: --status is 1' --status -p file
verb 3 '' "daemonize: $tmp/file: not running" 'a daemon that was killed: --signal is 3' --signal=HUP -p file
verb 0 '' '' 'a daemon that was killed: --stop is 0' --stop -p file
ok 'a daemon that was killed: --stop removes the file' test ! -e file

# Every signal arrives.
take catch.pl
pending() { # NUMBER
	mask=$(sed -n 's/^ShdPnd:[[:space:]]*//p' "/proc/$pid/status")
	digit=$(printf %s "$mask" | cut -c $((16 - ($1 - 1) / 4)))
	[ $((0x$digit >> ($1 - 1) % 4 & 1)) -eq 1 ]
}
if need perl 'every signal'; then
	mkfifo ready
	pid=$("$DAEMONIZE" -P -p file perl "$tmp/catch.pl" "$tmp/ready")
	cat ready
	# Linux's numbers, but for alpha, mips and parisc
	for pair in HUP:1 INT:2 QUIT:3 ILL:4 TRAP:5 ABRT:6 IOT:6 BUS:7 FPE:8 USR1:10 SEGV:11 USR2:12 PIPE:13 ALRM:14 \
		TERM:15 STKFLT:16 CHLD:17 CLD:17 CONT:18 TSTP:20 TTIN:21 TTOU:22 URG:23 XCPU:24 XFSZ:25 VTALRM:26 PROF:27 \
		WINCH:28 IO:29 POLL:29 PWR:30 SYS:31; do
		number=${pair#*:}
		name=${pair%:*}
		case $name in
		[A-P]*) set -- $name ;;
		[Q-T]*) set -- SIG$name ;;
		*) set -- "$number" ;;
		esac
		run "$DAEMONIZE" --signal="$1" -p file
		is "$status$err" 0 "--signal=$1 for $name succeeds"
		ok "--signal=$1: $name has arrived" pending "$number"
	done
	rtmin=34 # what libc leaves of them
	[ "${LIBC:-}" != musl ] || rtmin=35
	for pair in RTMIN:$rtmin SIGRTMIN+3:$((rtmin + 3)) RTMAX:64 RTMAX-2:62 50:50; do
		run "$DAEMONIZE" --signal="${pair%:*}" -p file
		is "$status$err" 0 "--signal=${pair%:*} succeeds"
		ok "--signal=${pair%:*}: number ${pair#*:} has arrived" pending "${pair#*:}"
	done
	verb 124 '' "daemonize: $tmp/file: pid $pid is still running after the timeout" '--stop -T 0.1 is 124 for a daemon that ignores TERM' --stop -T 0.1 -p file
	verb 0 '' '' '--stop=TERM/0.1/-9/10 succeeds for a daemon that ignores TERM' --stop=TERM/0.1/-9/10 -p file
	ok '--stop=TERM/0.1/-9/10 ends a daemon that ignores TERM' gone "$pid"
	ok '--stop=TERM/0.1/-9/10 removes the file' test ! -e file
fi
# Seconds alone are those of TERM and of KILL; they may have fractions.
for schedule in TERM/.1/KILL/5 .1/KILL/5 5.5; do
	case $schedule in 5.5) trap='' ;; *) trap='trap "" TERM;' ;; esac
	new_hold
	mkfifo up
	pid=$("$DAEMONIZE" -P -p file sh -c "$trap"' : >"$1"; while :; do read -r line <"$2"; done' sh "$tmp/up" "$hold")
	cat up
	verb 0 '' '' "--stop=$schedule succeeds" --stop=$schedule -p file
	ok "--stop=$schedule ends the daemon" gone "$pid"
	rm up
done
# A schedule that ends with a signal waits as a plain --stop does.
start -p file
verb 0 '' '' '--stop=KILL waits for the end' --stop=KILL -p file
ok '--stop=KILL ends the daemon' gone "$pid"
ok '--stop=KILL removes the file' test ! -e file
new_hold
mkfifo deaf
pid=$("$DAEMONIZE" -P -p file sh -c 'trap "" TERM; : >"$1"; while :; do read -r line <"$2"; done' sh "$tmp/deaf" "$hold")
cat deaf
verb 124 '' "daemonize: $tmp/file: pid $pid is still running after the timeout" '--stop=TERM -T 0.1 waits that long' \
	--stop=TERM -T 0.1 -p file
verb 124 '' "daemonize: $tmp/file: pid $pid is still running after the timeout" 'of two --stop the last counts' \
	--stop=KILL --stop -T 0.1 -p file
verb 0 '' '' '--stop=TERM/0.1/KILL waits for the end after the last signal' --stop=TERM/0.1/KILL -p file
ok '--stop=TERM/0.1/KILL ends the daemon' gone "$pid"
# A stopped process hears TERM.
for schedule in '' =TERM/10; do
	start -p file
	kill -STOP "$pid"
	wait_for grep -q '^State:.T' "/proc/$pid/status"
	verb 0 '' '' "--stop$schedule ends a stopped process by TERM and CONT" --stop$schedule -p file
done
# Signal 0 is as in kill -0.
start -p file
verb 0 '' '' '--signal=0 of a running daemon is 0' --signal=0 -p file
ok '--signal=0 sends nothing' kill -0 "$pid"
verb 0 '' '' '--stop after --signal=0 succeeds' --stop -p file
verb 3 '' "daemonize: $tmp/file: not running" '--signal=0 without a daemon is 3' --signal=0 -p file
# This daemon ends at the third TERM.
take third.sh
mkfifo ready3
new_hold
pid=$("$DAEMONIZE" -P -p file sh "$tmp/third.sh" "$tmp/ready3" "$hold")
cat ready3
verb 0 '' '' '--stop=forever/TERM/0.05 succeeds for a daemon that ends at the third TERM' --stop=forever/TERM/0.05 -p file
ok '--stop=forever/TERM/0.05 ends a daemon that ends at the third TERM' gone "$pid"

# A file that is no pid file may have been named by mistake: nobody can tell
# whether its daemon is running.
for text in garbage '12 34' '	7' 'hello world'; do
	echo "$text" >forged
	verb 4 'cannot tell: not a pid file' '' "--status: a file that holds '$text' is not a pid file" --status -p forged
	for act in --signal=TERM --stop; do
		verb 4 '' "daemonize: $tmp/forged: cannot tell: not a pid file" \
			"$act: a file that holds '$text' is not a pid file" $act -p forged
	done
	is "$(cat forged)" "$text" "--stop: a file that holds '$text' stays"
	verb 3 'not running' '' "--status -l: a file that holds '$text' is a lock file" --status -l forged
done
# What is not a pid file of ours is never removed, and nothing in it is believed.
for text in 0 1 -1 99999999999999999999 4294967298; do
	printf '%s' "$text" >forged
	verb 1 'not running' '' "a file of '$text': --status is 1" --status -p forged
	verb 3 '' "daemonize: $tmp/forged: not running" "a file of '$text': --signal is 3" --signal=TERM -p forged
	verb 0 '' '' "a file of '$text': --stop is 0" --stop -p forged
	is "$(cat forged)" "$text" "a file of '$text' is as it was"
done
printf '44\n\0' >forged
verb 1 'not running' '' 'a file of a number, a newline and a NUL: --status is 1' --status -p forged
verb 0 '' '' 'a file of a number, a newline and a NUL: --stop is 0' --stop -p forged
is "$(wc -c <forged)" 4 'a file of a number, a newline and a NUL is as it was'
for number in 1 -1; do
	echo $number >forged
	verb 1 'not running' '' "a file of $number and a newline: --status is 1" --status -p forged
	verb 0 '' '' "a file of $number and a newline: --stop is 0" --stop -p forged
done
rm -f forged
# A launcher that was killed may leave an empty file.
: >empty
verb 1 'not running' '' 'an empty file: --status is 1' --status -p empty
verb 0 '' '' 'an empty file: --stop is 0' --stop -p empty
ok 'an empty file is removed by --stop' test ! -e empty
ln -s /dev/null link
verb 4 'cannot tell: a symbolic link, which is not followed' '' 'a pid file that is a link: --status cannot tell' --status -p link
verb 4 '' "daemonize: $tmp/link: cannot tell: a symbolic link, which is not followed" 'a pid file that is a link: --stop cannot tell' --stop -p link
mkfifo fifo
verb 4 'cannot tell: not a regular file' '' 'a pid file that is a FIFO: --status cannot tell' --status -p fifo
verb 4 'cannot tell: not a regular file' '' 'a pid file that is a directory: --status cannot tell' --status -p "$tmp"

# A file that anyone could have written has a number, but no lock.  It is first that of
# a process that could be a daemon, then of one that leads its session.
new_hold
stranger=$("$DAEMONIZE" -P "$probe" /dev/null "hold=$hold")
echo $stranger >file
for age in 'now' '1 hour ago'; do
	touch -d "$age" file
	text="cannot tell: not locked, and pid $stranger may be any process"
	verb 4 "$text" '' "a number that may be the daemon's, written $age: --status cannot tell" --status -p file
	verb 4 '' "daemonize: $tmp/file: $text" "a number that may be the daemon's, written $age: --stop sends nothing" \
		--stop -p file
	verb 4 '' "daemonize: $tmp/file: $text" "a number that may be the daemon's, written $age: --signal sends nothing" \
		--signal=TERM -p file
	is "$(cat file)" "$stranger" "a number that may be the daemon's, written $age: the file stays"
done
release
wait_for gone "$stranger"
verb 1 'not running' '' "the number's process has ended: --status says not running" --status -p file
new_hold
setsid -f sh -c 'echo $$; exec >&-; read -r line <"$1"' sh "$hold" >number
wait_for test -s number
read -r stranger <number
echo $stranger >file
verb 1 'not running' '' 'the number of a process that leads its session: --status says not running' --status -p file
verb 3 '' "daemonize: $tmp/file: not running" 'the number of a process that leads its session: --signal sends nothing' \
	--signal=TERM -p file
verb 0 '' '' 'the number of a process that leads its session: --stop succeeds' --stop -p file
ok 'the number of a process that leads its session: --stop removes the file' test ! -e file
ok 'the number of a process that leads its session: it lives' kill -0 $stranger
release
for type in read write; do
	echo 1 >file
	hold_lock file $type 1 1
	verb 4 "cannot tell: locked by pid $holder, which is not its daemon" '' "a stranger's $type lock: --status cannot tell" --status -p file
	verb 4 '' "daemonize: $tmp/file: cannot tell: locked by pid $holder, which is not its daemon" \
		"a stranger's $type lock: --stop sends nothing" --stop -p file
	verb 4 '' "daemonize: $tmp/file: cannot tell: locked by pid $holder, which is not its daemon" \
		"a stranger's $type lock: --signal sends nothing" --signal=TERM -p file
	ok "a stranger's $type lock: the stranger lives" kill -0 $holder
	release_holder
	is "$(cat file)" 1 "a stranger's $type lock: the file is as it was"
	rm -f file
done
: >file
hold_lock file write 0 2
{
	sleep 1
	kill "$holder"
} &
verb 1 'not running' '' '--status waits for a start that comes to nothing' --status -p file
wait $! "$holder" 2>/dev/null
if can_inject 'a verb during the end of a start'; then
	# The start of a daemon is over between two calls of --status, at each of them in turn.
	: >file
	trace_calls "$DAEMONIZE" --status -p file >/dev/null
	wrong='' call=$(call_number launcher openat fcntl)
	last=$(call_number launcher write exit_group)
	while [ "$call" -lt "$last" ]; do
		call=$((call + 1))
		: >file
		hold_lock file write 0 2 starting
		run timeout 20 "$inject" events "at=launcher.$call" "run=exec 3<$holder_output; kill -USR1 $holder; cat <&3" -- \
			"$DAEMONIZE" --status -p file
		[ "$status $out$err" = "0 running (pid $holder)" ] || wrong="$wrong$call: $status $out$err$newline"
		release_holder
	done
	is "$wrong" '' '--status names the daemon whose start is over at any of its calls'
fi
rm -f file

# The pid file may be another file when its daemon has ended.
"$DAEMONIZE" -p file -c . sh -c 'trap "mv new file; exit" TERM; : >trapped; while :; do sleep 0.1; done'
wait_for test -e trapped
echo 1 >new
verb 0 '' '' '--stop succeeds where another file has come in the place of the pid file' --stop -p file
is "$(cat file)" 1 '--stop leaves a file that has come in the place of the pid file'
rm -f file

# A command that dropped its lock is believed only where nobody else could have forged the file.
if need_root 'a dropped lock'; then
	safe=$(mktemp -d /run/daemonize-test.XXXXXX) || exit 1
	trap 'cd / && rm -rf "$tmp" "$safe"' EXIT
	chmod 755 "$safe"
	dropped() { # starts one, its file is $safe/file
		new_hold
		pid=$("$DAEMONIZE" -P -p "$safe/file" sh -c 'exec 3<&-; : >"$2"; read -r line <"$1"' sh "$hold" "$tmp/dropped")
		cat dropped
		started=$(date +%s)
	}
	mkfifo dropped
	# The stamp, in the nanoseconds, is its start whatever the clock does.
	for step in '' '+ 1 second' '- 4 seconds' '+ 1 day' '- 1 year'; do
		not_emulated "a dropped lock, the clock stepped (${step:-not})" \
			'the emulator tells a child the start of its parent in /proc/self/stat' || continue
		dropped
		[ -z "$step" ] || touch -d "$(stat -c %y "$safe/file") $step" "$safe/file"
		verb 0 "running (pid $pid)" '' "a dropped lock, the clock stepped (${step:-not}): the stamp proves the daemon" \
			--status -p "$safe/file"
		verb 0 '' '' "a dropped lock, the clock stepped (${step:-not}): --stop succeeds" --stop -p "$safe/file"
		ok "a dropped lock, the clock stepped (${step:-not}): --stop ends it" gone "$pid"
		ok "a dropped lock, the clock stepped (${step:-not}): --stop removes the file" test ! -e "$safe/file"
	done
	# Somebody has touched the file.
	dropped
	text="cannot tell: not locked, and pid $pid may be any process"
	for time in '1 hour ago' now '+ 5 seconds'; do
		touch -d "$time" "$safe/file"
		verb 4 "$text" '' "a dropped lock, touched ($time): --status cannot tell" --status -p "$safe/file"
		verb 4 '' "daemonize: $safe/file: $text" "a dropped lock, touched ($time): --stop sends nothing" \
			--stop -p "$safe/file"
		ok "a dropped lock, touched ($time): the file stays" test -s "$safe/file"
	done
	# A file system without nanoseconds has no stamp.
	for step in 0 1 -1; do
		touch -d "@$((started + step))" "$safe/file"
		verb 0 "running (pid $pid)" '' "a dropped lock, no stamp ($step s): the time proves the daemon" \
			--status -p "$safe/file"
	done
	for step in 5 -5 86400 -31000000; do
		touch -d "@$((started + step))" "$safe/file"
		verb 4 "$text" '' "a dropped lock, no stamp ($step s): --status cannot tell" --status -p "$safe/file"
	done
	ok 'a dropped lock: nothing was sent' kill -0 "$pid"
	# /proc may tell nothing; only a program with a sanitizer needs it.
	if [ -z "${ASAN_OPTIONS+set}" ]; then
		run without_proc "$DAEMONIZE" --status -p "$safe/file"
		is "$status $out" "4 $text" 'a dropped lock, no /proc: --status cannot tell'
		run without_proc "$DAEMONIZE" --stop -p "$safe/file"
		is "$status $err" "4 daemonize: $safe/file: $text" 'a dropped lock, no /proc: --stop sends nothing'
		ok 'a dropped lock, no /proc: the file stays' test -s "$safe/file"
	fi
	release
	wait_for gone "$pid"
	dropped
	text="cannot tell: not locked, and pid $pid may be any process"
	for mode in 664 646 666; do
		chmod $mode "$safe/file"
		verb 4 "$text" '' "a dropped lock, a file of mode $mode: --status cannot tell" --status -p "$safe/file"
		verb 4 '' "daemonize: $safe/file: $text" "a dropped lock, a file of mode $mode: --stop sends nothing" --stop -p "$safe/file"
	done
	chmod 644 "$safe/file"
	chown nobody "$safe/file"
	verb 4 "$text" '' 'a dropped lock, a file of another owner: --status cannot tell' --status -p "$safe/file"
	chown root "$safe/file"
	chmod 777 "$safe"
	verb 4 "$text" '' 'a dropped lock, a directory that others can write to: --status cannot tell' --status -p "$safe/file"
	chmod 755 "$safe"
	ok 'a dropped lock, a file that is not trusted: the daemon lives' kill -0 "$pid"
	if need setpriv 'verbs of a user who may only read'; then
		run setpriv --reuid=nobody --regid=nogroup --clear-groups "$DAEMONIZE" --status -p "$safe/file"
		is "$status $out $err" "0 running (pid $pid) " "--status of another user finds root's daemon that dropped its lock"
		release
		wait_for gone "$pid"
		start -p "$safe/file"
		run setpriv --reuid=nobody --regid=nogroup --clear-groups "$DAEMONIZE" --status -p "$safe/file"
		is "$status $out $err" "0 running (pid $pid) " "--status of another user finds root's daemon"
		for act in --stop --signal=TERM; do
			run setpriv --reuid=nobody --regid=nogroup --clear-groups "$DAEMONIZE" $act -p "$safe/file"
			is "$status $err" "4 daemonize: $safe/file: pid $pid: Operation not permitted" "$act of another user is refused for root's daemon"
		done
		chmod 600 "$safe/file"
		run setpriv --reuid=nobody --regid=nogroup --clear-groups "$DAEMONIZE" --status -p "$safe/file"
		is "$status $out $err" "4 cannot tell: Permission denied " "--status of another user, who may not read the file, cannot tell"
		# A daemon of nobody's has its file in a directory of root's.
		release
		wait_for gone "$pid"
		chmod 644 "$safe/file"
		start -u nobody -p "$safe/file"
		run setpriv --reuid=nobody --regid=nogroup --clear-groups "$DAEMONIZE" --stop -p "$safe/file"
		is "$status $err" "0 daemonize: $safe/file: cannot be removed: Permission denied" "--stop of the daemon's user says that it cannot remove the file"
		ok "--stop of the daemon's user ends it" gone "$pid"
	else
		release
		wait_for gone "$pid"
	fi
fi

# Without pidfds and /proc only kill(2) tells.
if [ -z "${ASAN_OPTIONS+set}" ] && need_root 'verbs without pidfds and /proc' && need_namespaces 'verbs without pidfds and /proc'; then
	without_both() { # COMMAND...
		without_proc "$arrange" deny=pidfd_open -- "$@"
	}
	pid=$("$DAEMONIZE" -P -p "$safe/without" sleep 1000)
	run without_both "$DAEMONIZE" --status -p "$safe/without"
	is "$status $out" "0 running (pid $pid)" 'without pidfds and /proc --status names the daemon'
	run without_both "$DAEMONIZE" --stop -T 5 -p "$safe/without"
	is "$status $err" '0 ' 'without pidfds and /proc --stop ends the daemon'
	echo $$ >"$safe/without"
	run without_both "$DAEMONIZE" --status -p "$safe/without"
	is "$status $out" "4 cannot tell: not locked, and pid $$ may be any process" \
		'without pidfds and /proc --status cannot tell of a number without a lock'
fi

# A zombie under a parent that does not reap is gone.
if need perl 'a daemon that is a zombie'; then
	take parent.pl
	mkfifo end.fifo
	new_hold
	perl parent.pl end.fifo "$DAEMONIZE" -f -p file "$probe" "$tmp/up" "hold=$hold" >zombie &
	parent=$!
	wait_for test -s up
	verb 0 '' '' '--stop succeeds for a daemon whose parent does not reap' --stop -p file
	: >end.fifo
	wait $parent
	is "$(cat zombie)" Z '--stop does not wait for a parent to reap: the daemon was a zombie'
	ok '--stop of a daemon whose parent does not reap removes the file' test ! -e file
fi

# Without pidfds all is the same.
if [ "$(uname)" = Linux ] && need perl 'verbs without pidfds'; then
	nopin="$arrange deny=pidfd_open --"
	start -p file
	run $nopin "$DAEMONIZE" --status -p file
	is "$status $out $err" "0 running (pid $pid) " 'without pidfds --status says that the daemon runs'
	run $nopin "$DAEMONIZE" --stop=CONT/0.3 -p file
	is "$status $err" "124 daemonize: $tmp/file: pid $pid is still running after the timeout" 'without pidfds --stop is 124 where its schedule does not end the daemon'
	run $nopin "$DAEMONIZE" --stop -p file
	is "$status $out$err" '0 ' 'without pidfds --stop succeeds'
	ok 'without pidfds --stop ends the daemon' gone "$pid"
	rm -f up
	new_hold
	perl parent.pl end.fifo "$DAEMONIZE" -f -p file "$probe" "$tmp/up" "hold=$hold" >zombie &
	parent=$!
	wait_for test -s up
	run $nopin "$DAEMONIZE" --stop -T 5 -p file
	is "$status $out$err" '0 ' 'without pidfds --stop succeeds for a daemon whose parent does not reap'
	: >end.fifo
	wait $parent
	is "$(cat zombie)" Z 'without pidfds --stop does not wait for a parent to reap'
	# A sandbox's EPERM means the same as ENOSYS.
	for call in pidfd_open pidfd_send_signal; do
		for error in EPERM ENOSYS; do
			start -p file
			run "$arrange" deny=$call:$error -- "$DAEMONIZE" --signal=CONT -p file
			is "$status $err" '0 ' "where $call fails with $error --signal succeeds"
			run "$arrange" deny=$call:$error -- "$DAEMONIZE" --stop -p file
			is "$status $err" '0 ' "where $call fails with $error --stop succeeds"
			ok "where $call fails with $error --stop ends the daemon" gone "$pid"
		done
	done
	for error in EMFILE ENOMEM; do
		start -p file
		run "$arrange" deny=pidfd_open:$error -- "$DAEMONIZE" --stop -p file
		is "$status $err" "4 daemonize: $tmp/file: cannot tell: pid $pid is out of reach" "where pidfd_open fails with $error --stop cannot tell"
		ok "where pidfd_open fails with $error --stop sends nothing" kill -0 "$pid"
		release
		wait_for gone "$pid"
	done
fi

# A stranger takes the daemon's number between the question and the signal: at the
# given call --stop is held up, the daemon ends, and a stranger gets its number.
if need_root 'a number used again' && need strace 'a number used again' &&
	if [ -w /proc/sys/kernel/ns_last_pid ]; then :; else skip 'a number used again' 'no ns_last_pid'; false; fi; then
	take again.sh
	for call in pidfd_open pidfd_send_signal; do
		for act in --stop --stop=KILL/5 --signal=KILL; do
			case $act in
			--signal*) wanted="status 3
daemonize: $tmp/file: not running
alive" ;;
			*) wanted='status 0
alive' ;;
			esac
			is "$(unshare --pid --fork --mount-proc sh again.sh $call "$DAEMONIZE" "$probe" $act 2>&1)" "$wanted" \
				"$act spares a stranger who has the daemon's number before $call"
		done
	done
fi

# Starts and stops follow one another without a pause.
wrong=
round=0
while [ $round -lt $((25 * times)) ]; do
	round=$((round + 1))
	pid=$("$DAEMONIZE" -P -p row sleep 100) || wrong="$wrong start:$?"
	"$DAEMONIZE" --stop -p row || wrong="$wrong stop:$?"
	gone "$pid" || wrong="$wrong lives:$pid"
	[ ! -e row ] || wrong="$wrong file"
done
is "$wrong" '' "each of $round starts and stops in a row succeeds, and leaves nothing"
# Of two --stop at once both say that the daemon is gone.
wrong=
round=0
while [ $round -lt $((10 * times)) ]; do
	round=$((round + 1))
	pid=$("$DAEMONIZE" -P -p row sleep 100) || wrong="$wrong start:$?"
	"$DAEMONIZE" --stop -p row 2>err2 &
	other=$!
	"$DAEMONIZE" --stop -p row 2>err1 || wrong="$wrong stop:$?"
	gone "$pid" || wrong="$wrong lives:$pid"
	wait $other || wrong="$wrong other:$?"
	wrong=$wrong$(cat err1 err2)
done
is "$wrong" '' "two --stop at once succeed both, $round times"
# A daemon that gives back much memory keeps its lock meanwhile, and /proc tells
# its user nothing of it any more.
for act in --stop --status start; do
	pid=$("$DAEMONIZE" -P -c . -p row perl -e '$x = "x" x 2e8; open $f, ">", "big"; sleep 100')
	wait_for test -e big
	rm big
	kill -9 "$pid"
	status=0
	case $act in
	start) "$DAEMONIZE" -p row sleep 100 ;;
	*) "$DAEMONIZE" $act -p row ;;
	esac >out 2>&1 || status=$?
	case $act-$status in
	--status-0) wanted="running (pid $pid)" ;;
	--status-1) wanted='not running' ;;
	start-75) wanted="daemonize: $tmp/row: already running (pid $pid)" ;;
	--stop-0 | start-0) wanted= ;;
	*) wanted='another status' ;;
	esac
	is "$(cat out)" "$wanted" "$act while the daemon is ending tells the truth"
	"$DAEMONIZE" --stop -p row
done
# This daemon takes longer to end, and /proc tells root nothing of it either.
for act in --status --stop start; do
	: >row
	hold_lock row read 1 1 ending
	echo "$holder" >row
	wait_for gone "$holder"
	case $act in
	--status) run "$DAEMONIZE" --status -p row && wanted='1 not running' ;;
	--stop) run "$DAEMONIZE" --stop -p row && wanted='0 ' ;;
	start) run "$DAEMONIZE" -p row sleep 100 && wanted='0 ' ;;
	esac
	is "$status $out$err" "$wanted" "$act waits for a daemon that takes a second to end"
done
"$DAEMONIZE" --stop -p row
# --stop meets a start: there was nothing to stop yet, or it is ended after its exec,
# or before it, and then the start says so.  The file tells the truth afterwards.
wrong=
round=0
while [ $round -lt $((10 * times)) ]; do
	round=$((round + 1))
	"$DAEMONIZE" -p row sleep 100 2>err1 &
	other=$!
	"$DAEMONIZE" --stop -p row 2>err2 || wrong="$wrong stop:$?"
	wait $other
	case $?$(cat err1 err2) in
	0 | '125daemonize: '*'sleep: the daemon died before the exec') ;;
	*) wrong="$wrong start:$?$(cat err1 err2)" ;;
	esac
	case $("$DAEMONIZE" --status -p row) in
	'running (pid '*) [ -e row ] || wrong="$wrong no-file" ;;
	'not running') [ ! -e row ] || wrong="$wrong file" ;;
	*) wrong="$wrong status" ;;
	esac
	"$DAEMONIZE" --stop -p row || wrong="$wrong stop:$?"
done
is "$wrong" '' "--stop and a start at once leave a file that tells the truth, $round times"
wait $stopping
is "$? $(cat kept/err kept/file)" "125 daemonize: $tmp/kept/file: locked for 10 s by pid $keeper
99999999" '--stop tells of a stranger who keeps the start lock for 10 s, and leaves the file'
wait $asking
is "$? $(cat kept/out)" "4 cannot tell: locked by pid $both_keeper, which is not its daemon" \
	'--status waits no more than 10 s for a stranger that has both locks'
kill "$keeper" "$both_keeper"
wait "$keeper" "$both_keeper" 2>/dev/null

# No process can have this number.
echo 9999999999 >big
run "$DAEMONIZE" --status -p big
is "$status $out" '1 not running' 'a file of a number that is too great: --status is 1'
finish
