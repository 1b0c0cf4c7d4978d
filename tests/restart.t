#!/bin/sh
# --restart: a keeper starts the command again whenever it ends.  It is the one
# process that counts, and no command of it outlives it.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

require perl

shell=$(command -v sh)
export tmp
# shellcheck disable=SC3045 # every sh has it
ulimit -c 0

# The command.  Each run of it tells its process id and its parent's in
# NAME.runs, and obeys the lines that it reads from NAME.do.
take orders.sh

# Makes the files that a command of that name uses, whoever it runs as.  Another
# command may still write to files that are there.
prepare() { # NAME
	if [ -e "$1.runs" ]; then
		echo "$0: two commands have the name $1" >&2
		exit 1
	fi
	mkfifo -m 666 "$1.do"
	: >"$1.runs"
	chmod 666 "$1.runs"
}

# Starts a command with --restart; $pid is the keeper's.  The end of the test stops
# whatever is left of it.
kept=
keep() { # NAME OPTION...
	base=$1
	shift
	prepare "$base"
	run "$DAEMONIZE" --restart=0.05 -P -p "$base.pid" -o "$base.log" "$@" sh "$tmp/orders.sh" "$tmp/$base"
	pid=$out
	kept="$kept $base"
}

tell() { # NAME ORDER
	timeout 60 sh -c 'printf "%s\n" "$2" >"$1.do"' sh "$1" "$2"
}

has_lines() { # FILE COUNT
	[ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]
}

# Waits for a run; $command is its process id, $parent that of its parent.
await_run() { # NAME COUNT
	command=none parent=none
	wait_for has_lines "$1.runs" "$2" || return
	read -r command parent <<-end_of_line
		$(sed -n "$2p" "$1.runs")
	end_of_line
}

# Waits for the line that tells of that many ends.
await_end() { # NAME COUNT
	wait_for sh -c '[ "$(grep -c "starting again in" "$1")" -ge "$2" ]' sh "$1.log" "$2"
}

# Prints what the keeper has said, with T and D for the seconds.
lines() { # FILE
	sed -n -e 's/ after [0-9]*\.[0-9][0-9] s,/ after T s,/' -e 's/ in [0-9.]* s$/ in D s/' \
		-e '/^daemonize: /p' "$1"
}

# Prints the delays that it has said.
delays() { # FILE
	sed -n 's/.*starting again in \([0-9.]*\) s$/\1/p' "$1" | awk '{ printf "%s%.2f", s, $1; s = " " }'
}

# Prints parent, process group and session of a process.
place() { # PID
	sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 2-4
}

state_of() { # PID
	sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status"
}

# Prints what --status says, without the word that is allowed while it waits.
ask() { # NAME
	run "$DAEMONIZE" --status -p "$1.pid"
	printf '%s %s%s' "$status" "$(printf %s "$out" | sed 's/, restarting)$/)/')" "$err"
}

stop() { # NAME [OPTION...]
	base=$1
	shift
	[ $# -gt 0 ] || set -- --stop
	run "$DAEMONIZE" "$@" -p "$base.pid"
}

# Misuses are told, and -n tells the defaults.
hint="; see 'daemonize --help'"
for seconds in x -1 +1 '' . 1x 0x1 1e3 inf ' 1' 1,5 1.2.3 1000001; do
	run "$DAEMONIZE" "--restart=$seconds" touch "$tmp/ran"
	is "$status $out$err" "125 daemonize: --restart $seconds: not seconds from 0 to 1000000$hint" \
		"--restart='$seconds' is a usage error"
done
for seconds in 0 0.0 .0; do
	run "$DAEMONIZE" "--restart=$seconds" touch "$tmp/ran"
	is "$status $out$err" "125 daemonize: --restart $seconds: not above 0$hint" "--restart=$seconds is a usage error"
done
is "$("$DAEMONIZE" -n --restart true | tail -n 1)" 'would start it again 1 s after it ends' '-n --restart without a value says 1 s'
is "$("$DAEMONIZE" -n --restart=2 --restart=0.5 true | tail -n 1)" 'would start it again 0.5 s after it ends' \
	'of two --restart the last counts'
for how in '--restart -f' '-f --restart=5'; do
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" $how touch "$tmp/ran"
	is "$status $out$err" "125 daemonize: -f cannot be combined with --restart$hint" "$how is a usage error"
done
for verb in --status --stop --signal=HUP; do
	run "$DAEMONIZE" $verb --restart -p pid
	is "$status $out$err" "125 daemonize: --restart cannot be combined with ${verb%=*}$hint" "$verb --restart is a usage error"
done
run "$DAEMONIZE" --restart
is "$status $out" '125 ' '--restart without a command is a usage error'
run timeout 20 "$arrange" inet=0,1 -- "$DAEMONIZE" --restart touch "$tmp/ran"
is "$status $out" '125 ' '--restart started by inetd is refused'
like "$err" '^daemonize: .*inetd.*--detach' '--restart started by inetd: the reason is told'
if need_root '--restart as process 1'; then
	run timeout 20 "$arrange" pid1 -- "$DAEMONIZE" --restart touch "$tmp/ran"
	is "$status $out" '125 ' '--restart as process 1 is refused'
	like "$err" '^daemonize: .*process 1' '--restart as process 1: the reason is told'
	run timeout 20 "$arrange" pid1 -- "$DAEMONIZE" --detach --restart touch "$tmp/ran"
	is "$status $out" '125 ' '--detach --restart as process 1 is refused'
fi
ok '--restart that is refused runs nothing' test ! -e ran

# The keeper is the one process that counts.
keep one -l one.lock 7<orders.sh
await_run one 1
is "$status $pid $parent" "0 $(cat one.pid) $pid" '-P and the pid file name the keeper, the parent of the command'
is "$(ask one)" "0 running (pid $pid)" '--status names the keeper'
run "$DAEMONIZE" --status -l one.lock
is "$status $out" "0 running (pid $pid)" '--status -l names the keeper'
is "$(place "$pid")" "$adopter $pid $pid" 'the keeper leads its session, and init or a subreaper has adopted it'
read -r -- parent group session <<-end_of_line
	$(place "$command")
end_of_line
is "$parent $session" "$pid $pid" "the command is in the keeper's session"
ok "the command's process group is not the keeper's" test "$group" -ne "$pid"
ok 'the command leads no process group' test "$group" -ne "$command"
is "$(readlink "/proc/$pid/cwd")" / 'the keeper stands in /'
is "$(readlink "/proc/$pid/fd/"* | grep -c "$tmp/orders.sh")" 0 "the keeper has no descriptor of the caller's"
for options in '-p one.pid' '-l one.lock' '--restart -p one.pid' '--restart -l one.lock'; do
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" $options touch "$tmp/ran"
	is "$status $err" "75 daemonize: $tmp/${options##* }: already running (pid $pid)" \
		"$options: a second start is refused while the command runs"
done
run "$DAEMONIZE" --restart --oknodo -p one.pid touch "$tmp/ran"
is "$status $out$err" '0 ' '--oknodo: a second start is success while the command runs'
tell one 'exit 3'
await_run one 2
is "$parent $(cat one.pid)" "$pid $pid" 'the second run is a child of the same keeper'
is "$(ask one)" "0 running (pid $pid)" '--status names the same keeper during the second run'
# A command may close descriptors that it has not.
tell one 'exec 3<&- 4<&- 5<&-'
run "$DAEMONIZE" -p one.pid touch "$tmp/ran"
is "$status" 75 'a command that closes its descriptors does not drop the lock'
stop one
is "$status $out$err" '0 ' '--stop succeeds'
ok '--stop: the keeper is gone' gone "$pid"
ok '--stop: the command is gone' gone "$command"
ok '--stop removes the pid file' test ! -e one.pid
is "$(wc -l <one.runs)" 2 '--stop: there is no further run'
is "$(lines one.log)" "daemonize: $shell: ended with status 3 after T s, starting again in D s" \
	'the end of a run is told by one line, an end by --stop by none'
ok 'a refused second start runs nothing' test ! -e ran

# Between two runs the keeper waits.
keep between --restart=1000 -l between.lock
await_run between 1
tell between 'exit 3'
await_end between 1
is "$(ask between)" "0 running (pid $pid)" 'between two runs: --status names the keeper'
for options in '-p between.pid' '-l between.lock' '--restart -p between.pid'; do
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" $options touch "$tmp/ran"
	is "$status $err" "75 daemonize: $tmp/${options##* }: already running (pid $pid)" \
		"$options: between two runs a second start is refused"
done
for signal in HUP USR1 USR2 WINCH RTMIN; do
	run "$DAEMONIZE" --signal=$signal -p between.pid
	is "$status $out$err" '0 ' "between two runs: --signal=$signal succeeds"
done
is "$(ask between)" "0 running (pid $pid)" 'between two runs: signals for the command do not end the keeper'
run "$timed" 0 8 "$DAEMONIZE" --stop -p between.pid
is "$status $out$err" '0 in time' 'between two runs: --stop ends the wait at once'
ok 'between two runs: --stop ends the keeper' gone "$pid"
ok 'between two runs: --stop removes the pid file' test ! -e between.pid
is "$(wc -l <between.runs)" 1 'between two runs: --stop starts nothing'
run "$DAEMONIZE" -p between.pid -l between.lock true
is "$status $err" '0 ' 'after --stop the next start succeeds'

# Each run is like the first, which is like one without --restart but for the lock.
cat >look <<'end_of_look'
echo "$$" >>"$1.runs"
exec "$2" "$1.report.$(wc -l <"$1.runs" | tr -d ' ')" "hold=$1.do" exit=3
end_of_look
mkdir place
echo input >input
look() { # DAEMONIZE...: starts the probe, each report of which is a file
	"$@" -P -p look.pid -o look.log -e look.err -i /dev/zero -c place -m 027 -E A=B -k 5 -A name \
		"$shell" "$tmp/look" "$tmp/look" "$probe" 5<input
}
prepare look
look "$DAEMONIZE" >plain.pid
wait_for test -s look.report.1
mv look.report.1 plain
timeout 60 sh -c ': >look.do'
idle -p look.pid
: >look.runs
look "$arrange" ignore=CHLD,HUP,INT,TERM,USR1 block=CHLD,HUP,INT,TERM,QUIT,USR2,ALRM alarm=1000 -- \
	"$DAEMONIZE" --restart=0.05 >out
pid=$(cat out)
kept="$kept look"
for number in 1 2 3; do
	wait_for test -s "look.report.$number"
	# The caller's shell may have counted SHLVL.
	steady <"look.report.$number" | grep -v '^env\..*=SHLVL=' >"steady.$number"
	timeout 60 sh -c ': >look.do'
done
steady <plain | grep -v -e '^env\..*=SHLVL=' -e '^fd\.3=' >steady.plain
is "$(diff steady.plain steady.1)" '' 'the first run finds what it finds without --restart, but for the lock'
is "$(diff steady.1 steady.2)" '' 'the second run finds what the first did'
is "$(diff steady.2 steady.3)" '' 'the third run finds what the second did'
is "$(sed -n 's/^\(fd\.[0-9]*\)=.* /\1 /p' look.report.3)" "fd.0 /dev/zero
fd.1 $tmp/look.log
fd.2 $tmp/look.err
fd.5 $tmp/input" 'a command has its streams and what -k gives it, and no other descriptor'
is "$(value "$(cat look.report.3)" session_leader) $(value "$(cat look.report.3)" group_leader)" 'no no' \
	'a command leads neither session nor process group'
is "$(value "$(cat look.report.3)" tty) $(value "$(cat look.report.3)" acquires_tty)" 'no no' \
	'a command cannot acquire a terminal'
is "$(lines look.err | head -n 2)" "daemonize: $shell: ended with status 3 after T s, starting again in D s
daemonize: $shell: ended with status 3 after T s, starting again in D s" \
	'a caller that ignores and blocks signals: the status is told as it is, on the log of -e'
ok 'where -o and -e are two files the end of a run is not told in that of -o' test ! -s look.log
stop look
is "$status $err" '0 ' 'a caller that ignores and blocks TERM: --stop succeeds'
ok 'a caller that ignores and blocks TERM: the keeper is gone' gone "$pid"
keep setsid
await_run setsid 1
tell setsid 'exec perl -MPOSIX -e '"'"'$| = 1; print POSIX::setsid() == $$ ? "leads\n" : "$!\n"; sleep 1000'"'"
wait_for test -s setsid.log
stop setsid
is "$status $err" '0 ' '--stop ends a command that has called setsid'
is "$(cat setsid.log)" leads 'a command that has called setsid: its end by --stop is not told'
run "$DAEMONIZE" --restart=1000 -o leads.log -p leads.pid perl -MPOSIX -e 'exit(POSIX::setsid() == $$ ? 7 : 8)'
kept="$kept leads"
await_end leads 1
is "$(lines leads.log)" "daemonize: $(command -v perl): ended with status 7 after T s, starting again in D s" \
	'a command may call setsid'

# A run may end by a status or a signal, which is told.
keep ends --restart=0.02
number=0
for order in 'exit 0' 'exit 3' 'kill -KILL $$' 'kill -SEGV $$' 'sleep 0.3; exit 255'; do
	number=$((number + 1))
	await_run ends $number
	tell ends "$order"
done
await_run ends 6
kill -TERM "$command"
await_end ends 6
await_run ends 7
is "$(lines ends.log)" "daemonize: $shell: ended with status 0 after T s, starting again in D s
daemonize: $shell: ended with status 3 after T s, starting again in D s
daemonize: $shell: ended by signal 9 (Killed) after T s, starting again in D s
daemonize: $shell: ended by signal 11 (Segmentation fault) after T s, starting again in D s
daemonize: $shell: ended with status 255 after T s, starting again in D s
daemonize: $shell: ended by signal 15 (Terminated) after T s, starting again in D s" 'each end is told by one line'
is "$(delays ends.log)" '0.02 0.04 0.08 0.16 0.32 0.64' 'the delay doubles after each short run'
seconds=$(sed -n 's/.*status 255 after \([0-9.]*\) s,.*/\1/p' ends.log)
ok 'the seconds of a run are told' perl -e 'exit !($ARGV[0] >= 0.3 && $ARGV[0] < 60)' "$seconds"
run "$DAEMONIZE" --restart -o default.log -p default.pid sh -c 'exit 3'
kept="$kept default"
await_end default 1
like "$(cat default.log)" '^daemonize: .*: ended with status 3 after 0\.[0-9]* s, starting again in 1 s$' \
	'--restart without a value waits for 1 s'
stop default

# The starts are as far apart as the lines say: there is no storm of them.
run "$DAEMONIZE" --restart=0.1 -o storm.log -p storm.pid sh -c 'date +%s.%N >>"$tmp/storm.runs"; exit 1'
kept="$kept storm"
asked=0
until has_lines storm.runs 5 || [ "$asked" -ge 1000 ]; do
	run "$DAEMONIZE" --status -p storm.pid
	asked=$((asked + 1))
	[ "$status $(printf %s "$out" | sed 's/, restarting)$/)/')" = "0 running (pid $(cat storm.pid))" ] || break
	sleep 0.05
done
is "$(printf %s "$out" | sed 's/, restarting)$/)/')" "running (pid $(cat storm.pid))" \
	'a command that fails at once: --status says the same at any time'
note "asked $asked times"
stop storm
is "$status $err" '0 ' 'a command that fails at once: --stop succeeds'
is "$(perl -ne 'push @t, $_; END {
	my $delay = 0.1;
	for (1 .. 4) {
		my $gap = $t[$_] - $t[$_ - 1];
		print "run $_ came after $gap s\n" if $gap < $delay - 0.02 || $gap > $delay + 20;
		$delay *= 2;
	}
}' storm.runs)" '' 'a command that fails at once is started as often as the delays say'
is "$(delays storm.log | cut -d ' ' -f 1-4)" '0.10 0.20 0.40 0.80' 'a command that fails at once: the delays are told'

# Signals are passed.  hear.pl NAME tells what it hears, and has a child that does not listen.
take hear.pl
hear() { # NAME [OBEYS]: starts it; $pid, $command and $child
	: >"$1.heard"
	: >"$1.runs"
	run "$DAEMONIZE" --restart=0.05 -P -p "$1.pid" -o "$1.log" perl "$tmp/hear.pl" "$tmp/$1" ${2:-}
	pid=$out
	kept="$kept $1"
	await_run "$1" 1
	child=$parent
}
rtmin=34 # what libc leaves of them
[ "${LIBC:-}" != musl ] || rtmin=35
hear passed obeys
heard=
for pair in HUP:1 USR1:10 USR2:12 WINCH:28 RTMIN:$rtmin RTMIN+3:$((rtmin + 3)) RTMAX:64; do
	run "$DAEMONIZE" --signal="${pair%:*}" -p passed.pid
	is "$status $out$err" '0 ' "--signal=${pair%:*} succeeds"
	heard="$heard${heard:+ }${pair#*:}"
	wait_for grep -qx "${pair#*:}" passed.heard
done
is "$(tr '\n' ' ' <passed.heard)" "$heard " 'HUP, USR1, USR2, WINCH and real-time signals are passed to the command'
ok 'HUP, USR1, USR2, WINCH and real-time signals are not for its children' test "$(state_of "$child")" = S
is "$(wc -l <passed.runs)" 1 'HUP, USR1, USR2, WINCH and real-time signals: the command goes on'
is "$(ask passed)" "0 running (pid $pid)" 'HUP, USR1, USR2, WINCH and real-time signals: the keeper goes on'
for signal in TERM:15 INT:2 QUIT:3; do
	hear "${signal%:*}" obeys
	eval "pid_${signal%:*}=\$pid command_${signal%:*}=\$command child_${signal%:*}=\$child"
	kill -"${signal%:*}" "$pid"
done
for signal in TERM:15 INT:2 QUIT:3; do
	which=${signal%:*}
	eval "pid=\$pid_$which command=\$command_$which child=\$child_$which"
	wait_for gone "$pid"
	is $? 0 "$which ends the keeper"
	is "$(tr '\n' ' ' <"$which.heard")" "${signal#*:} done " "$which is passed to the command, for whose end the keeper waits"
	ok "$which: the command is gone" gone "$command"
	wait_for gone "$child"
	is $? 0 "$which reaches the children in the command's process group"
	is "$(wc -l <"$which.runs")$(cat "$which.log")" 1 "$which: the command is not started again, and nothing is told"
	is "$(cat "$which.pid")" "$pid" "$which: the pid file stays, as after any end"
	is "$(ask "$which")" '1 not running' "$which: --status says that nothing runs"
done
stop passed
is "$status $err" '0 ' '--stop of a command that takes its time succeeds'
is "$(tail -n 2 passed.heard | tr '\n' ' ')" '15 done ' '--stop waits for the end of a command that takes its time'
is "$(cat passed.log)" '' '--stop: no end is told'

# The keeper has a status of its own.
if can_inject 'the status of a keeper'; then
	"$inject" events seconds=60 -- "$DAEMONIZE" --restart=0.05 -p status.pid sh -c \
		'sleep 1000 & : >"$tmp/status.up"; wait' </dev/null >/dev/null 2>&1 &
	injecting=$!
	wait_for test -e status.up
	stop status
	is "$status $err" '0 ' '--stop of a keeper that is traced succeeds'
	wait $injecting
	is "$(grep -e '^end intermediate' -e '^late' events)" 'end intermediate 0' 'a keeper that is stopped ends with 0'
fi

# a keeper that its pid file names already hears TERM, before the first run too
printf '\177ELF broken' >broken
chmod +x broken
if can_inject 'TERM to a keeper before the first run'; then
	"$inject" events trace -- "$DAEMONIZE" --restart=1000 -p early.pid ./broken >/dev/null 2>&1
	calls=$(awk '$1 != "call" || $2 != "intermediate" { next }
		written && $4 ~ /^pipe/ { exit }
		written && $4 != "rt_sigaction" { print $3 }
		$4 == "pwrite64" { written = 1 }' events)
	wrong=
	for call in $calls; do
		run "$inject" events seconds=20 "at=intermediate.$call" send=15 -- "$DAEMONIZE" --restart=1000 -p early.pid sleep 1000
		[ "$status $(grep -e '^end intermediate' -e '^late' events)" = '0 end intermediate 0' ] || wrong="$wrong $call: $status $(grep "^end intermediate" events)"
	done
	is "$wrong" '' 'TERM to a keeper before the first run, when its pid file is written: it ends with 0'
	ok 'there are such calls of a keeper' test "$(printf '%s\n' "$calls" | wc -l)" -gt 3
fi

# A command may not end by TERM.
hear deaf
stop deaf --stop -T 0.2
is "$status $out$err" "124 daemonize: $tmp/deaf.pid: pid $pid is still running after the timeout" \
	'a command that ignores TERM: --stop says that it has not ended in time'
is "$(ask deaf)" "0 running (pid $pid)" 'a command that ignores TERM: the keeper waits for its end'
run "$DAEMONIZE" --restart -p deaf.pid true
is "$status" 75 'a command that ignores TERM: a second start is refused'
kill -KILL "$command"
wait_for gone "$pid"
is "$? $(wc -l <deaf.runs) $(cat deaf.log)" '0 1 ' 'a command that ignores TERM, and ends later: it is not started again'
hear deaf2
stop deaf2 --stop=TERM/0.1/KILL/20
is "$status $out$err" '0 ' 'a command that ignores TERM: a schedule that ends with KILL succeeds'
ok 'a command that ignores TERM: a schedule that ends with KILL ends the keeper' gone "$pid"
wait_for gone "$command"
is $? 0 'a command that ignores TERM: a schedule that ends with KILL ends the command'
ok 'a command that ignores TERM: a schedule that ends with KILL removes the pid file' test ! -e deaf2.pid

# The end of the keeper is the end of the command.
for how in --stop=KILL kill; do
	which=KILL$how
	keep "$which"
	await_run "$which" 1
	tell "$which" 'trap "" TERM HUP'
	if [ $how = kill ]; then
		kill -KILL "$pid"
		wait_for gone "$pid"
	else
		stop "$which" $how
		is "$status $out$err" '0 ' '--stop=KILL succeeds'
		ok '--stop=KILL removes the pid file' test ! -e "$which.pid"
	fi
	ok "$how of the keeper: the keeper is gone" gone "$pid"
	# The lock has gone with the keeper.
	run "$DAEMONIZE" -p "$which.pid" true
	is "$status $err" '0 ' "$how of the keeper: the next start succeeds at once"
	wait_for gone "$command"
	is $? 0 "$how of the keeper: the command ends with the keeper"
	is "$(wc -l <"$which.runs")" 1 "$how of the keeper: there is no further run"
done
keep KILLwait --restart=1000
await_run KILLwait 1
tell KILLwait 'exit 3'
await_end KILLwait 1
stop KILLwait --stop=KILL
is "$status $out$err $(ls KILLwait.pid 2>/dev/null)" '0  ' '--stop=KILL between two runs succeeds'

# The command or the keeper may be stopped.
keep stopped
await_run stopped 1
kill -STOP "$command"
wait_for sh -c '[ "$(sed -n "s/^State:[[:space:]]*\(.\).*/\1/p" "/proc/$1/status")" = T ]' sh "$command"
is "$(ask stopped) $(cat stopped.log)" "0 running (pid $pid) " 'a stopped command has not ended'
stop stopped --stop -T 20
is "$status $out$err" '0 ' '--stop ends a stopped command'
ok '--stop of a stopped command: the command is gone' gone "$command"
keep stopped2
await_run stopped2 1
kill -STOP "$pid"
stop stopped2 --stop -T 20
is "$status $out$err" '0 ' '--stop ends a stopped keeper'
ok '--stop of a stopped keeper: the command is gone' gone "$command"

# kill 0 reaches the command's process group, and nobody else.
keep zero
await_run zero 1
tell zero 'kill -TERM 0'
await_run zero 2
is "$(ask zero) $(lines zero.log)" \
	"0 running (pid $pid) daemonize: $shell: ended by signal 15 (Terminated) after T s, starting again in D s" \
	'kill 0 in the command ends its run, and not the keeper'

# What the keeper cannot say changes nothing.
for how in pipe full; do
	which=unsaid.$how
	prepare "$which"
	run "$arrange" $how=2 -- "$DAEMONIZE" --restart=0.05 -P -k 2 -p "$which.pid" sh "$tmp/orders.sh" "$tmp/$which"
	kept="$kept $which"
	tell "$which" 'exit 3'
	await_run "$which" 2
	is "$status $(ask "$which")" "0 0 running (pid $out)" "a line that cannot be written ($how) changes nothing"
done

# A first run that fails is told as ever, undone, and not started again.
: >first.runs
undone() { # NAME STATUS MESSAGE OPTION... COMMAND...
	case=$1 wanted="$2 ${3:+daemonize: }$3"
	shift 3
	: >first.runs
	run "$timed" 0 60 "$DAEMONIZE" --restart=0.05 -p first.pid "$@"
	is "$status $(printf '%s\n' "$err" | sed 's/ after [0-9]*\.[0-9][0-9] s/ after T s/')" "$wanted" "$case is told as ever"
	ok "$case: no pid file stays" test ! -e first.pid
	is "$(wc -l <first.runs)" "${runs:-1}" "$case: the command is not started again"
}
runs=0
undone 'a command that is not found' 127 "$tmp/nosuch: No such file or directory" ./nosuch
printf '\177ELF broken' >elf
chmod +x elf
undone 'a command that cannot be executed' 126 "$tmp/elf: Exec format error" ./elf
undone 'a log that cannot be opened' 125 "$tmp/nowhere/log: No such file or directory" -o nowhere/log true
runs=1
run_once='echo $$ >>"$tmp/first.runs"'
undone 'a first run that fails under -w' 3 "$shell: ended with status 3 after T s, see $tmp/first.log
    failed" -w 30 -o first.log sh -c "$run_once; echo failed; exit 3"
undone 'a first run that is killed under -w' 137 "$shell: ended by signal 9 (Killed) after T s" \
	-w 30 sh -c "$run_once; kill -KILL \$\$"
undone 'a first run that has left its group' 3 "$shell: ended with status 3 after T s" \
	-w 30 sh -c "$run_once; sleep 1000 & echo \$! >\"\$tmp/left\"; exec perl -e 'setpgrp(0, 0); exit 3'"
is_gone 'a first run that has left its group: what stays in that is ended' left
undone 'a first run that is not ready' 124 "$shell: not ready after T s" -r fd:3 -T 0.2 \
	sh -c "$run_once; exec sleep 1000"
ok 'a first run that is not ready: the command is gone' gone "$(cat first.runs)"
undone 'a first run that ends before it is ready' 4 "$shell: ended with status 4 after T s" -r fd:3 \
	sh -c "$run_once; exit 4"
: >first.runs
"$DAEMONIZE" --restart=0.05 -w 60 -p first.pid sh -c "$run_once; exec sleep 1000" 2>err &
starting=$!
wait_for test -s first.runs
keeper=$(parent_of "$(cat first.runs)")
kill -TERM $starting
wait $starting 2>/dev/null
is "$? $(cat err)" '143 ' 'a signal to us during the first run of -w: we end by it'
ok 'a signal to us during the first run of -w: the command is gone' gone "$(cat first.runs)"
ok 'a signal to us during the first run of -w: the keeper is gone' gone "$keeper"
ok 'a signal to us during the first run of -w: no pid file stays' test ! -e first.pid
# A first run may succeed.
keep watched -w 0.2
is "$status $pid $err" "0 $(cat watched.pid) " '-w: a first run that lives is success, and -P names the keeper'
tell watched 'exit 3'
await_run watched 2
is "$(ask watched)" "0 running (pid $pid)" '-w: what ends after it is started again'
run "$DAEMONIZE" --restart=0.05 -w 30 -P -p well.pid -o well.log sh -c 'echo $$ >>"$tmp/well.runs"'
kept="$kept well"
is "$status $out $(printf %s "$err" | sed 's/ after [0-9.]* s/ after T s/')" \
	"0 $(cat well.pid) daemonize: $shell: ended with status 0 after T s; it may have put itself into the background, see $tmp/well.log" \
	'-w: a first run that ends with 0 is success, and told'
wait_for has_lines well.runs 2
is $? 0 '-w: a first run that ends with 0 is followed by another'
stop well
is "$status $err" '0 ' '-w: --stop after a first run that ended with 0 succeeds'
run "$DAEMONIZE" --restart=0.05 -r fd:9 -p again.pid -o again.log \
	sh -c 'echo $$ >>"$tmp/again.runs"; echo >&9 || exit 9; exit 7'
kept="$kept again"
await_end again 2
is "$(lines again.log | head -n 2)" "daemonize: $shell: ended with status 7 after T s, starting again in D s
daemonize: $shell: ended with status 7 after T s, starting again in D s" '-r: each run can say that it is ready'
stop again

# An exec may fail later.
cp "$shell" program
prepare replaced
run "$DAEMONIZE" --restart=0.05 -P -p replaced.pid -o replaced.log ./program "$tmp/orders.sh" "$tmp/replaced"
pid=$out
kept="$kept replaced"
await_run replaced 1
rm program
tell replaced 'exit 3'
await_end replaced 2
like "$(sed -n 2p replaced.log)" "^daemonize: $tmp/program: .*No such file or directory.*, starting again in [0-9.]* s\$" \
	'an exec that fails later is told'
is "$(ask replaced)" "0 running (pid $pid)" 'an exec that fails later: --status names the keeper'
run "$DAEMONIZE" -p replaced.pid true
is "$status" 75 'an exec that fails later: a second start is refused'
cp "$shell" program.new
mv program.new program
await_run replaced 2
is "$parent" "$pid" 'an exec that fails later is tried again'

# A log may be renamed or removed between two runs.
keep log -t
await_run log 1
tell log 'echo first'
tell log 'exit 3'
await_run log 2
tell log 'echo second'
wait_for grep -q second log.log
is "$(lines log.log | wc -l) $(grep -v ^daemonize: log.log | tr '\n' ' ')" '1 first second ' \
	'the next run writes behind what is in the log, with -t too'
mv log.log log.1
tell log 'echo renamed; exit 3'
await_run log 3
tell log 'echo third'
wait_for grep -q third log.log
is "$(grep -v ^daemonize: log.log)" third 'a log that is renamed: the next run writes to a new file'
is "$(grep -v ^daemonize: log.1 | tr '\n' ' ')" 'first second renamed ' 'a log that is renamed: the run before keeps the old file'
is "$(cat log.1 log.log | grep -c 'starting again')" 2 'a log that is renamed: no line is lost'
is "$(stat -c %a log.log)" 644 'a log that is renamed: the new file has the mode of a new log'
rm log.log
tell log 'exit 3'
await_run log 4
tell log 'echo fourth'
wait_for grep -q fourth log.log
is "$(grep -v ^daemonize: log.log)" fourth 'a log that is removed: the next run writes to a new file'
stop log

# A logger that ends is started again, and nothing is lost.
take logger.pl
keep piped -o "|perl $tmp/logger.pl $tmp/piped"
is "$status $err" '0 ' 'a logger and --restart: the start succeeds'
await_run piped 1
tell piped 'echo 1'
wait_for has_lines piped.lines 1
kill -KILL "$(sed -n 1p piped.loggers)"
tell piped 'echo 2'
# The keeper may tell of it after the command has written.
wait_for has_lines piped.lines 3
is "$(sed -e 's/ after [0-9.]* s,/ after T s,/' -e 's/ in [0-9.]* s$/ in D s/' piped.lines | sort)" "1
2
daemonize: |perl $tmp/logger.pl $tmp/piped: ended by signal 9 (Killed) after T s, starting again in D s" 'a logger that is killed while the command runs: that is told, and what is written then arrives'
is "$(wc -l <piped.runs)" 1 'a logger that is killed while the command runs: the command goes on'
kill -KILL "$(tail -n 1 piped.loggers)"
tell piped 'echo 3; exit 3'
await_run piped 2
tell piped 'echo 4'
wait_for grep -qx 4 piped.lines
is "$(sed -e '/^daemonize: |/d' -e 's/^daemonize: .*starting again.*/ended/' piped.lines | tr '\n' ' ')" '1 2 3 ended 4 ' \
	"a logger that is killed before the end of a run: what the run and the keeper say arrives"
tell piped 'trap "echo last; exit 0" TERM; sleep 1000 & wait'
stop piped
is "$status $err" '0 ' 'a logger and --restart: --stop succeeds'
wait_for grep -qx last piped.lines
is "$(tail -n 1 piped.lines)" last 'a logger and --restart: what the command writes when it is stopped arrives'
wait_for gone "$(tail -n 1 piped.loggers)"
is $? 0 'a logger and --restart: the logger ends after --stop'

# The number of the lock's descriptor is nobody else's.
cat >mute.sh <<end_of_logger
links=\$(readlink /proc/\$\$/fd/1 /proc/\$\$/fd/2)
echo "\$links" >$tmp/mute.outputs
exec cat >/dev/null
end_of_logger
keep mute -o "|sh $tmp/mute.sh"
await_run mute 1
wait_for test -s mute.outputs
is "$(cat mute.outputs)" '/dev/null
/dev/null' 'a logger, -p and --restart: its standard output and error are /dev/null'
stop mute

# What a logger that has ended has not read is not lost.
cat >late.sh <<end_of_logger
if test -e $tmp/late.again; then exec cat >>$tmp/late.lines; fi
: >$tmp/late.again
read -r line
echo "\$line" >>$tmp/late.lines
end_of_logger
keep late --restart=1000 -o "|sh $tmp/late.sh"
await_run late 1
# so that it hears of the logger's end and of TERM at once
kill -STOP "$pid"
tell late 'echo first'
wait_for has_lines late.lines 1
tell late 'echo last; : >"$tmp/late.said"; exec sleep 1000'
wait_for test -e late.said
stop late
is "$status $err" '0 ' 'a logger that waits for its restart: --stop succeeds'
wait_for grep -qx last late.lines
is "$(sed -e '/^daemonize: /d' late.lines | tr '\n' ' ')" 'first last ' \
	'a logger that waits for its restart: it reads what is left when the keeper ends'

# a logger does not wait as long as the command may
keep soon --restart=1000 -o "|sh -c 'echo \$\$ >>$tmp/soon.loggers; exec cat >>$tmp/soon.lines'"
await_run soon 1
wait_for test -s soon.loggers
kill -KILL "$(cat soon.loggers)"
wait_for has_lines soon.loggers 2
is "$(delays soon.lines)" 1.00 'a logger is started again after 1 s, whatever --restart says'
stop soon

# a logger that is not there any more when the keeper ends
cat >vanished.sh <<end_of_logger
#!/bin/sh
echo \$\$ >>$tmp/vanished.loggers
exec sleep 1000
end_of_logger
chmod +x vanished.sh
keep vanished -o "|$tmp/vanished.sh" -e vanished.err
await_run vanished 1
wait_for test -s vanished.loggers
rm vanished.sh
tell vanished 'echo unread; exec sleep 1000'
kill -KILL "$(cat vanished.loggers)"
wait_for has_lines vanished.err 2
stop vanished
is "$status $err" '0 ' 'a logger that is not there any more: --stop succeeds'
is "$(tail -n 1 vanished.err)" "daemonize: |$tmp/vanished.sh: No such file or directory" \
	'a logger that is not there any more when the keeper ends: told, and no restart is promised'

# a log that both streams share
mkdir both
keep both -o both/log
await_run both 1
tell both "mv $tmp/both $tmp/moved; exit 3"
await_run both 2
is "$(grep -c ': No such file or directory$' moved/log)" 1 'a log of both streams that cannot be opened again is told once'
stop both

# The keeper waits neither for a logger that does not read nor for a log that cannot
# be opened again.
mkdir shut
keep full -o shut/log -e "|sh -c 'echo \$\$ >$tmp/full.logger; exec sleep 1000'"
tell full "head -c 65536 /dev/zero >&2; mv $tmp/shut $tmp/gone; exit 3"
await_run full 2
is $? 0 'a logger that does not read: the command is started again'
stop full
is "$status $err" '0 ' 'a logger that does not read: --stop succeeds'
kill -KILL "$(cat full.logger)"

# a line that is longer than what a pipe takes at once, where it has room for less
long=$(printf '%05000d' 0)
keep long -o "|sh -c 'echo \$\$ >>$tmp/long.loggers; exec sleep 1000' $long"
await_run long 1
wait_for test -s long.loggers
tell long "head -c 61440 /dev/zero; : >$tmp/long.full"
wait_for test -e long.full
kill -KILL "$(head -n 1 long.loggers)"
wait_for has_lines long.loggers 2
is $? 0 'a line longer than what its logger can take: the keeper does not wait'
run "$DAEMONIZE" --stop=TERM/20/KILL -p long.pid
is "$status $err" '0 ' 'a line longer than what its logger can take: --stop succeeds'
kill -KILL "$(tail -n 1 long.loggers)"
# the pipe is filled after the keeper has asked whether it has room
if need strace 'a pipe that is filled while the keeper asks' && strace -o /dev/null true 2>/dev/null; then
	keep filled -o "|sh -c 'echo \$\$ >>$tmp/filled.loggers; exec sleep 1000'"
	await_run filled 1
	wait_for test -s filled.loggers
	strace -qq -o filled.trace -p "$pid" -e trace=poll -e inject=poll:delay_exit=2000000 2>filled.strace &
	tracer=$!
	wait_for sh -c '! grep -q "^TracerPid:[[:space:]]*0$" "/proc/$1/status"' sh "$pid"
	kill -KILL "$(head -n 1 filled.loggers)"
	tell filled 'sleep 0.5; head -c 65536 /dev/zero'
	wait_for has_lines filled.loggers 2
	is $? 0 'a pipe that is filled when the keeper has asked for room: the keeper does not wait'
	run "$DAEMONIZE" --stop=TERM/20/KILL -p filled.pid
	is "$status $err" '0 ' 'a pipe that is filled when the keeper has asked for room: --stop succeeds'
	wait $tracer
	kill -KILL "$(tail -n 1 filled.loggers)"
fi

# flags that one run, or one logger, sets on its streams
cat >flags.pl <<'end_of_flags'
use Fcntl;
my ($told, @streams) = @ARGV;
my @names;
for my $fd (@streams) {
	open my $stream, ">&=", $fd or open $stream, "<&=", $fd or die;
	my $flags = fcntl $stream, F_GETFL, 0;
	push @names, join "", $flags & O_NONBLOCK ? "n" : "", $flags & O_APPEND ? "a" : "", $fd;
	fcntl $stream, F_SETFL, ($flags & ~O_APPEND) | O_NONBLOCK or die;
}
open my $file, ">>", $told or die;
print $file "@names\n";
exit 3;
end_of_flags
mkfifo flags.in
run "$DAEMONIZE" --restart=0.02 -p flags.pid -i "$tmp/flags.in" -o "$tmp/flags.log" perl "$tmp/flags.pl" "$tmp/flags.runs" 0 1
is "$status $err" '0 ' 'a run that sets O_NONBLOCK: the start succeeds'
kept="$kept flags"
wait_for has_lines flags.runs 3
is "$(sed 3q flags.runs | tr '\n' ' ')" '0 a1 0 a1 0 a1 ' \
	'O_NONBLOCK and no O_APPEND that one run sets on its input and log: the next run does not find them'
run "$DAEMONIZE" --restart=0.02 -p flags2.pid -o "|perl $tmp/flags.pl $tmp/flags2.loggers 0" \
	perl "$tmp/flags.pl" "$tmp/flags2.runs" 1
is "$status $err" '0 ' 'a logger that sets O_NONBLOCK: the start succeeds'
kept="$kept flags2"
wait_for has_lines flags2.runs 3
is "$(sed 3q flags2.runs | tr '\n' ' ')" '1 1 1 ' 'O_NONBLOCK that one run sets on the pipe: the next run does not find it'
wait_for has_lines flags2.loggers 3
is "$(sed 3q flags2.loggers | tr '\n' ' ')" '0 0 0 ' 'O_NONBLOCK that one logger sets on the pipe: the next one does not find it'
mkfifo flags.own
exec 7<>flags.own
run "$DAEMONIZE" --restart=0.02 -p flags3.pid -o /dev/fd/7 -e flags3.err perl "$tmp/flags.pl" "$tmp/flags3.runs" 1
is "$status $err" '0 ' 'O_NONBLOCK on the own stream of the caller: the start succeeds'
kept="$kept flags3"
wait_for has_lines flags3.runs 2
is "$(sed 2q flags3.runs | tr '\n' ' ')" '1 n1 ' 'O_NONBLOCK that one run sets on the own stream of the caller stays'
exec 7>&-
for base in flags flags2 flags3; do
	stop "$base"
done

# Each run reads the same.
echo first >input
keep input -i input
for count in 1 2; do
	await_run input $count
	tell input 'read -r line; echo "read $line"; exit 3'
done
await_run input 3
is "$(grep -c '^read first$' input.log)" 2 '-i: each run reads the file from its beginning'
stop input

# The command may run as another user.
if need_root '--restart -u'; then
	trusted=$(mktemp -d /run/daemonize-test.XXXXXX) || exit 1
	trap 'cd / && rm -rf "$tmp" "$trusted"' EXIT
	chmod 755 "$trusted"
	mkdir theirs
	chown nobody theirs
	keep user -u nobody -p "$trusted/pid" -o "$trusted/log"
	is "$status $err" '0 ' '-u: the start succeeds'
	await_run user 1
	is "$(stat -c %U "/proc/$command") $(cat "$trusted/pid") $parent" "nobody $pid $pid" '-u: the command runs as the user'
	mv "$trusted/log" "$trusted/log.1"
	tell user 'exit 3'
	await_run user 2
	is "$(stat -c %U "/proc/$command")" nobody '-u: the second run is the same user'
	is "$(stat -c '%U %a' "$trusted/log")" 'nobody 644' '-u: a new file in the place of a renamed log is given to the user'
	run "$DAEMONIZE" --status -u nobody -p "$trusted/pid"
	is "$status $out" "0 running (pid $pid)" '-u: --status names the keeper'
	run "$DAEMONIZE" --stop -u nobody -p "$trusted/pid"
	is "$status $err" '0 ' '-u: --stop succeeds'
	ok '-u: the command is gone' gone "$command"
	# The log becomes a link that the user has planted.
	prepare planted
	echo secret >victim
	run "$DAEMONIZE" --restart=0.05 -u nobody -P -p theirs/pid -o theirs/log sh "$tmp/orders.sh" "$tmp/planted"
	pid=$out
	await_run planted 1
	is "$status $err" '0 ' "-u: the start in the user's directory succeeds"
	run "$DAEMONIZE" --status -u nobody -p theirs/pid
	is "$status $out" "0 running (pid $pid)" "-u: --status in the user's directory names the keeper"
	mv theirs/log theirs/log.1
	ln -s ../victim theirs/log
	tell planted 'exit 3'
	wait_for sh -c '[ "$(cat theirs/log.1 victim | grep -c "^daemonize: ")" -ge 2 ] || [ "$(wc -l <planted.runs)" -ge 2 ]'
	is "$(cat victim)" secret '-u: a log that has become a link is not followed'
	ok '-u: a log that has become a link does not end the keeper' kill -0 "$pid"
	rm theirs/log
	await_run planted 2
	is $? 0 '-u: the command runs again when the link has gone'
	await_run planted "$(wc -l <planted.runs)"
	kill -KILL "$pid"
	wait_for gone "$command"
	is $? 0 "-u: the user's command ends with the keeper"
	# a change to the user that fails
	if need strace 'a change to the user that fails' && strace -o /dev/null true 2>/dev/null; then
		prepare unable
		run "$DAEMONIZE" --restart=0.05 -u nobody -P -p theirs/unable.pid -o theirs/unable.log sh "$tmp/orders.sh" "$tmp/unable"
		pid=$out
		await_run unable 1
		strace -qq -o unable.trace -p "$pid" -e trace=setresuid,?setresuid32 -e inject=setresuid,?setresuid32:error=EAGAIN:when=1 2>unable.strace &
		tracer=$!
		wait_for sh -c '! grep -q "^TracerPid:[[:space:]]*0$" "/proc/$1/status"' sh "$pid"
		mv theirs/unable.log theirs/unable.1
		tell unable 'exit 3'
		await_run unable 2
		is $? 0 'a change to the user that fails in a keeper: the command is started again'
		is "$(grep -c ': Resource temporarily unavailable$' theirs/unable.1)" 1 'a change to the user that fails in a keeper is told'
		ok 'a change to the user that fails in a keeper: the pid file stays' test -s theirs/unable.pid
		tell unable 'exit 3'
		await_run unable 3
		ok 'a change to the user that fails in a keeper: the log is opened again at the next run' test -e theirs/unable.log
		kill "$pid"
		wait $tracer
	fi
	# where signals to the user are refused to root
	if need setpriv '-u without CAP_KILL'; then
		: >refused.heard
		: >refused.runs
		chmod 666 refused.heard refused.runs
		run setpriv --bounding-set=-kill --inh-caps=-kill "$DAEMONIZE" --restart=0.05 -u "$uid:$uid" -P \
			-p "$trusted/refused.pid" -o "$trusted/refused.log" perl "$tmp/hear.pl" "$tmp/refused" obeys
		pid=$out
		await_run refused 1
		child=$parent
		run "$DAEMONIZE" --signal=HUP -p "$trusted/refused.pid"
		is "$status $err" '0 ' '-u without CAP_KILL: --signal=HUP succeeds'
		wait_for grep -qx 1 refused.heard
		is $? 0 '-u without CAP_KILL: HUP is passed to the command'
		run "$DAEMONIZE" --stop -T 20 -p "$trusted/refused.pid"
		is "$status $err" '0 ' '-u without CAP_KILL: --stop succeeds'
		ok '-u without CAP_KILL: the command is gone after --stop' gone "$command"
		wait_for gone "$child"
		is $? 0 "-u without CAP_KILL: TERM reaches the children in the command's process group"
		is "$(cat "$trusted/refused.log")" '' '-u without CAP_KILL: nothing is told'
		kill -KILL "$command" "$child" 2>/dev/null
	fi
fi

# A fork that fails is an end like any other; root has no such limit.
if need_root 'a fork that fails' && need prlimit 'a fork that fails' && need setpriv 'a fork that fails'; then
	mkdir unprivileged
	chown "$uid" unprivileged
	as_user() {
		setpriv --reuid="$uid" --regid=65534 --clear-groups "$@"
	}
	prepare unprivileged/fork
	run as_user "$DAEMONIZE" --restart=0.05 -P -p unprivileged/fork.pid -o unprivileged/fork.log \
		sh "$tmp/orders.sh" "$tmp/unprivileged/fork"
	pid=$out
	await_run unprivileged/fork 1
	hard=$(as_user prlimit --pid "$pid" --nproc --noheadings -o HARD | tr -d ' ')
	as_user prlimit --pid "$pid" --nproc=1:"$hard"
	tell unprivileged/fork 'exit 3'
	await_end unprivileged/fork 3
	like "$(sed -n 2p unprivileged/fork.log)" \
		'^daemonize: .*: Resource temporarily unavailable.*, starting again in [0-9.]* s$' 'a fork that fails is told'
	run as_user "$DAEMONIZE" --status -p unprivileged/fork.pid
	like "$status $out" "^0 running (pid ${pid}[,)]" 'a fork that fails does not end the keeper'
	as_user prlimit --pid "$pid" --nproc="$hard:$hard"
	await_run unprivileged/fork 2
	is "$parent" "$pid" 'a fork that fails is tried again'
	run as_user "$DAEMONIZE" --stop -p unprivileged/fork.pid
	is "$status $err" '0 ' 'after a fork that has failed --stop succeeds'
fi

# Fifty start at once, with and without --restart.
take race.pl
prepare race
kept="$kept race"
is "$(perl race.pl race.pid 50 50 --restart=0.05 "$DAEMONIZE" sh "$tmp/orders.sh" "$tmp/race")" '0:1 75:49' \
	'fifty starts at once, half of them with --restart: one instance'
await_run race 1
is "$(ask race) $(wc -l <race.runs)" "0 running (pid $(cat race.pid)) 1" \
	'fifty starts at once, half of them with --restart: the file names the survivor'
stop race
is "$status $err" '0 ' 'fifty starts at once, half of them with --restart: --stop succeeds'
ok 'fifty starts at once, half of them with --restart: the command is gone' gone "$command"

for base in $kept; do
	"$DAEMONIZE" --stop=TERM/5/KILL -p "$base.pid" || note "$base is not stopped"
done
finish
