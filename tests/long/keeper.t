#!/bin/sh
# --restart, for long: the keeper is killed at each of its system calls, stopped
# in the middle of restarts, looked at after a thousand of them, and compared
# with other programs that restart their command.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

require perl

export tmp DAEMONIZE
# shellcheck disable=SC3045 # every sh has it
ulimit -c 0

has_lines() { # FILE COUNT
	[ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]
}

delays() { # FILE
	sed -n 's/.*starting again in \([0-9.]*\) s$/\1/p' "$1" | awk '{ printf "%s%.2f", s, $1; s = " " }'
}

# Prints the memory in KiB that belongs to a process alone: no pages of files.
private_memory() { # PID
	awk '/^Anonymous:/ { print $2 }' "/proc/$1/smaps_rollup"
}

descriptors() { # PID
	find "/proc/$1/fd" -mindepth 1 | wc -l
}

children() { # PID
	wc -w <"/proc/$1/task/$1/children"
}

# Prints how often a process has begun to run.
switches() { # PID
	awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$1/status"
}

# Prints the processor time of a process, in clock ticks.
processor_time() { # PID
	sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 12-15
}

asleep() { # PID
	grep -q '^State:.S' "/proc/$1/status"
}

# Delays that take long are started here, and looked at in the end.
"$DAEMONIZE" --restart=31 -p most.pid -o most.log false
"$DAEMONIZE" --restart=61 -p more.pid -o more.log false
cat >reset <<'end_of_reset'
echo >>"$1"
[ "$(wc -l <"$1")" -ne 3 ] || exec sleep 10.3
exit 1
end_of_reset
"$DAEMONIZE" --restart=0.05 -p reset.pid -o reset.log sh "$tmp/reset" "$tmp/reset.runs"

# what is resident
if need musl-gcc 'the static program is built'; then
	mkdir static
	cp -R "$top/src" "$top/Makefile" static
	make -s -C static static >static.out 2>&1
	is "$? $(cat static.out)" '0 ' 'the static program is built'
fi
for program in "$DAEMONIZE" static/daemonize.static; do
	[ -x "$program" ] || continue
	which=${program##*/}
	limit=250
	[ "$which" = daemonize ] || limit=64
	"$program" --restart -p "$which.pid" -o "$which.log" sleep 1000
	read -r pid <"$which.pid"
	wait_for asleep "$pid"
	memory=$(private_memory "$pid")
	note "$which: $memory KiB of private memory resident"
	# a sanitizer takes more
	[ "${ASAN_OPTIONS+set}" ] ||
		ok "$which: the keeper has less than $limit KiB of private memory" test "$memory" -lt $limit
	before="$(switches "$pid") $(processor_time "$pid")"
	sleep 1
	is "$(switches "$pid") $(processor_time "$pid")" "$before" "$which: the keeper does not wake up while the command runs"
	run "$program" --stop -p "$which.pid"
	is "$status $err" '0 ' "$which: --stop of the keeper succeeds"
done
"$DAEMONIZE" --restart=1000 -p waits.pid -o waits.log false
read -r pid <waits.pid
wait_for grep -q 'starting again' waits.log
wait_for asleep "$pid"
before="$(switches "$pid") $(processor_time "$pid")"
sleep 1
is "$(switches "$pid") $(processor_time "$pid")" "$before" 'the keeper does not wake up while it waits before a restart'
run "$DAEMONIZE" --stop -p waits.pid
is "$status $err" '0 ' '--stop of a keeper that waits before a restart succeeds'

# A thousand restarts.  Each has the delay of one after a long run, for every
# look of the keeper at its clock is twenty seconds after the last.
take fast.c often.sh
if need "${CC:-cc}" 'a thousand restarts come one after the other'; then
	"${CC:-cc}" -shared -fPIC -o fast.so fast.c || exit
	mkfifo often.do
	echo 0 >often.count
	run env LD_PRELOAD="$tmp/fast.so" "$DAEMONIZE" --restart=0.001 -P -p often.pid -o often.log \
		sh "$tmp/often.sh" "$tmp/often"
	pid=$out
	begin=$(date +%s)
	state() {
		until [ "$(cat often.count)" = "$1" ]; do
			kill -0 "$pid" || break
			sleep 0.05
		done
		wait_for asleep "$pid"
		fds=$(descriptors "$pid") memory=$(private_memory "$pid") processes=$(children "$pid")
	}
	state 2
	first_fds=$fds first_memory=$memory first_processes=$processes
	timeout 60 sh -c 'echo >often.do'
	state 1002
	is "$(cat often.count)" 1002 'a thousand restarts come one after the other'
	is "$fds" "$first_fds" 'after a thousand restarts the keeper has no more descriptors'
	is "$processes" "$first_processes" 'after a thousand restarts the keeper has no more children, nor zombies'
	ok 'after a thousand restarts the keeper has at most one page more memory' \
		test "$memory" -le $((first_memory + 4))
	note "a thousand restarts in $(($(date +%s) - begin)) s; $first_memory and $memory KiB, $fds descriptors"
	is "$(grep -c 'starting again' often.log)" 1001 'each of a thousand restarts is logged by a line'
	run "$DAEMONIZE" --stop -p often.pid
	is "$status $err" '0 ' 'after a thousand restarts --stop succeeds'
fi

take rounds.pl
rounds() { # WHAT ROUNDS NAME
	rm -f round.pid round.log
	is "$(perl rounds.pl "$1" $(($2 * times)) 2>&1)" good "$2 rounds: $3"
	run "$DAEMONIZE" --stop -p round.pid
	is "$status $err" '0 ' "--stop after $2 rounds of $1 succeeds"
}
rounds stop 300 '--stop in the middle of restarts ends all processes, and exits 0'
rounds two 150 'two --stop at once end all processes, and exit 0'
rounds broken 100 '--stop while the exec fails ends all processes, and exits 0'
rounds start 100 'a start and a --stop at once tell the truth, and nothing is left'
rounds kill 200 'SIGKILL to the keeper at any time leaves nothing, and the next start succeeds'
rounds race 30 'of twenty starts at once, half with --restart, never two commands run'

# KILL and TERM at each system call of the keeper, from its first to its end.
# The command runs twice; its second run stops the keeper.
cat >twice <<'end_of_twice'
echo >>"$1.runs"
[ "$(wc -l <"$1.runs")" -ge 2 ] || exit 3
kill -TERM "$PPID"
exec sleep 1000
end_of_twice
# Makes one start under inject, with words for that.
traced() { # WORD...
	rm -f call.runs call.pid events
	timeout 60 "$inject" events "$@" -- "$DAEMONIZE" --restart=0.01 -p call.pid -o call.log \
		sh "$tmp/twice" "$tmp/call" >call.out 2>&1 </dev/null
	status=$?
}
# Adds to $wrong what is wrong after a start that was killed at a point.
judge() { # POINT
	case $status in
	0 | 125 | 137) ;;
	*) wrong="$wrong$newline$1: status $status, $(cat call.out)" ;;
	esac
	# inject adopts all processes, ends those that are left, and says so
	! grep -q '^late' events || wrong="$wrong$newline$1: something is left"
	! has_lines call.runs 3 || wrong="$wrong$newline$1: a further run"
	run "$DAEMONIZE" -p call.pid true
	[ "$status $err" = '0 ' ] || wrong="$wrong$newline$1: the next start: $status $err"
	idle -p call.pid
}
traced trace
is "$status $(grep -e '^late' -e '^end intermediate' events)" '0 end intermediate 0' \
	'a traced keeper ends with 0'
grep '^call' events >calls
note "$(grep -c '^call intermediate ' calls) system calls of the keeper"
for signal in KILL:9 TERM:15; do
	wrong=
	while read -r word process number call; do
		[ "$process" = intermediate ] || continue
		traced at="$process.$number" send="${signal#*:}"
		[ "$status" -ne 0 ] || grep -q '^end intermediate \(0\|-9\)$' events ||
			wrong="$wrong$newline$number $call: $(grep '^end intermediate' events)"
		judge "$word $number $call"
	done <calls
	is "$wrong" '' "${signal%:*} at each system call of the keeper: nothing is left, and the next start succeeds"
done
# A command that is on its way to the exec must not miss the end of the keeper.
wrong=
while read -r word process number call; do
	case $process in
	daemon | other) ;;
	*) continue ;;
	esac
	traced at="$process.$number" run="! test -s call.pid || kill -KILL \$(cat call.pid)"
	judge "$word $process $number $call"
done <calls
is "$wrong" '' 'KILL to the keeper at each system call of a command before its exec: nothing is left'

# A log is opened again with the flags of the first time.
if need strace 'a log is opened again for appending'; then
	mkfifo again.do
	strace -f -qq -o again.trace -e trace=open,openat "$DAEMONIZE" --restart=0.01 -p again.pid -o again.log \
		sh -c 'echo >>"$tmp/again.runs"; read -r line <"$tmp/again.do"; exit 1' &
	wait_for has_lines again.runs 1
	mv again.log again.log.1
	timeout 60 sh -c 'echo >again.do'
	wait_for has_lines again.runs 2
	run "$DAEMONIZE" --stop -p again.pid
	is "$status $err" '0 ' '--stop of a keeper that is traced succeeds'
	wait
	line=$(grep '/again\.log"\|"again\.log"' again.trace | tail -n 1)
	like "$line" 'O_NOCTTY' 'a log is opened again without a chance to become the terminal of the session'
	like "$line" 'O_APPEND' 'a log is opened again for appending'
	like "$line" 'O_CLOEXEC' 'a log is opened again close-on-exec'
fi

# A logger that is killed before it has read loses nothing.  It is stopped
# first, so that it cannot read.
take logger.pl orders.sh
mkfifo writer.do
: >writer.runs
: >wanted
run "$DAEMONIZE" --restart=0.001 -p writer.pid -o "|perl $tmp/logger.pl $tmp/writer" sh "$tmp/orders.sh" "$tmp/writer"
is "$status $err" '0 ' 'a logger and --restart: the start succeeds'
round=0
# ten rounds, for the delay of a logger doubles, too
while [ "$status" -eq 0 ] && [ $round -lt 10 ]; do
	round=$((round + 1))
	wait_for has_lines writer.loggers $round
	logger=$(tail -n 1 writer.loggers)
	kill -STOP "$logger"
	wait_for grep -q '^State:.T' "/proc/$logger/status"
	timeout 60 sh -c 'echo "echo line $1" >writer.do' sh $round
	echo "line $round" >>wanted
	kill -KILL "$logger"
	wait_for grep -qx "line $round" writer.lines
done
is "$(grep -v '^daemonize: |' writer.lines | diff wanted -)" '' "a logger that is killed $round times: nothing is lost"
is "$(wc -l <writer.runs)" 1 "a logger that is killed $round times: the command goes on"
run "$DAEMONIZE" --stop -p writer.pid
is "$status $err" '0 ' "a logger that is killed $round times: --stop succeeds"

# The faults that are known of other programs that restart their command.  All
# run in a mount namespace, for supervise-daemon keeps its state in /run, and in
# a pid namespace, for some of them leave processes that nobody names.  Process 1
# is another shell: raf's daemon does not detach from process 1.
cat >live <<'end_of_live'
sleep 1000 &
echo $! >>"$1.children"
echo $$ >>"$1.runs"
wait
end_of_live
take compare.sh
all='daemonize is compared with other programs that restart their command'
if need_root "$all" && need_namespaces "$all"; then
	tools=daemonize
	! need daemon "daemonize is compared with raf's daemon" || tools="$tools raf"
	if [ -x /opt/openrc/sbin/supervise-daemon ] ||
		need supervise-daemon "daemonize is compared with OpenRC's supervise-daemon"; then
		tools="$tools supervise"
	fi
	export tools
	unshare -m -p --fork --mount-proc --kill-child sh -c 'sh compare.sh; exit' >compared 2>compared.err
	is "$? $(cat compared.err)" '0 ' "$all"
	awk -F '|' '!($2 in seen) { seen[$2]; order[++n] = $2 } { cell[$1, $2] = $3 }
		END { for (i = 1; i <= n; i++) { split(ENVIRON["tools"], t, " "); print "# " order[i]
			for (j = 1; j in t; j++) printf "#     %-10s %s\n", t[j], cell[t[j], order[i]] } }' compared
	is "$(sed -n -e '/ KiB/d' -e 's/^daemonize|//p' compared)" 'a second start while it runs|status 75, 1 run
a second start between two runs|status 75, 0 run
TERM to the process of the pid file|0 of the command live, its child ends
KILL to the process of the pid file|0 of the command live
the next start after KILL|status 0, 1 run
a command that fails at once, for 2.5 s|2 starts, goes on
the start of a command that is not there|status 127' 'daemonize has none of the faults that are known of the others'
fi

# the delays that were started in the beginning
wait_for has_lines reset.log 4
is "$(delays reset.log | cut -d ' ' -f 1-4)" '0.05 0.10 0.05 0.10' 'after a run of more than 10 s the delay begins anew'
wait_for has_lines most.log 2
is "$(delays most.log | cut -d " " -f 1,2)" '31.00 60.00' 'the delay grows up to 60 s'
wait_for has_lines more.log 2
wait_for has_lines more.log 2
is "$(delays more.log | cut -d " " -f 1,2)" '61.00 61.00' 'a delay of more than 60 s stays as it is'
for name in reset most more; do
	run "$DAEMONIZE" --stop -p $name.pid
	is "$status $err" '0 ' "--stop of the keeper $name.pid succeeds"
done
finish
