#!/bin/sh
# -w: a command that ends while it is watched is told, with its own status and
# what it wrote, and the rest of the start is undone; a signal to us undoes it too.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

require perl

shell=$(command -v sh)
hint="; see 'daemonize --help'"
export tmp
# shellcheck disable=SC3045 # every sh has it
ulimit -c 0

# ends NAME WHAT SCRIPT OPTION... runs a script that ends with 3 while it is watched: WHAT is said then.
ends() {
	ends_name=$1 ends_what=$2 ends_script=$3
	shift 3
	later "$ends_name" 3 "daemonize: $shell: ended with status 3 after T s$ends_what" \
		"$DAEMONIZE" -w 30 "$@" sh -c "$ends_script
		exit 3"
}
# Some words are no number of seconds.
for seconds in x -1 +1 '' . 1x 0x1 1e3 inf nan ' 1' '1 ' 1,5 1.2.3 1000001 99999999999999999999; do
	run "$DAEMONIZE" -w "$seconds" touch "$tmp/ran"
	is "$status $out$err" "125 daemonize: -w $seconds: not seconds from 0 to 1000000$hint" "-w '$seconds' is a usage error"
done
run "$DAEMONIZE" --watch=x true
is "$err" "daemonize: --watch x: not seconds from 0 to 1000000$hint" '--watch=x is a usage error'
for how in '-f -w 1' '-w 0 -f'; do
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" $how touch "$tmp/ran"
	is "$status $out$err" "125 daemonize: -f cannot be combined with -w$hint" "$how is a usage error"
done
run "$arrange" inet=0,1 -- "$DAEMONIZE" -w 1 touch "$tmp/ran"
is "$status $err" "125 daemonize: -w and -r: 0 and 1 are one socket, as from inetd; use --detach" '-w is refused in a start by inetd'
ok '-w that is refused runs nothing' test ! -e ran
for seconds in '0 0.00' '.5 0.50' '5. 5.00' '0.05 0.05' '2.5 2.50' '0.0049 0.01' '007 7.00' '1000000 1000000.00'; do
	is "$("$DAEMONIZE" -n -w "${seconds% *}" true | tail -n 1)" "would watch it for ${seconds#* } s" \
		"-w ${seconds% *} is ${seconds#* } s"
done
is "$("$DAEMONIZE" -n -w 3 -w 4 true | grep watch)" 'would watch it for 4.00 s' 'of two -w the last counts'

# The watch takes as long as it was asked for.
for seconds in 2.5 0.05 0 .5; do
	later "-w $seconds: the watch of a command that lives takes so long" 0 'in time' "$timed" $seconds 60 \
		"$DAEMONIZE" -p "$tmp/.lives.$((laters + 1))" -w $seconds sleep 1000
done
later 'the end of the command ends the watch' 3 "in time
daemonize: $shell: ended with status 3 after T s" "$timed" 0 60 "$DAEMONIZE" -w 1000000 sh -c 'exit 3'

# A child in the command's group may not end by TERM; one in a group of its own is not ours.
cat >child <<'end'
trap "" TERM
echo $$ >"$1"
exec sleep 1000
end
later 'a child that ignores TERM gets KILL, after 5 s' 3 "in time
daemonize: $shell: ended with status 3 after T s" "$timed" 5 40 "$DAEMONIZE" -w 30 \
	sh -c 'sh "$tmp/child" "$tmp/stubborn" & until test -s "$tmp/stubborn"; do sleep 0.05; done; exit 3'
ends 'a command that leaves a child in its group is told' '' 'sleep 1000 & echo $! >"$tmp/child.id"'
ends 'a command that leaves a child in another group is told' '' 'setsid sh -c "echo \$\$ >\"\$tmp/left\"; exec sleep 1000" &
	until test -s "$tmp/left"; do sleep 0.05; done'
later 'a command that ends with 0 and leaves a child is told' 0 \
	"daemonize: $shell: ended with status 0 after T s; it may have put itself into the background" \
	"$DAEMONIZE" -w 30 sh -c 'sleep 1000 & echo $! >"$tmp/forked"'

# The status is the command's, or tells its signal.
for number in 1 2 3 42 63 64 75 124 125 126 127 128 129 137 143 200 254 255; do
	later "the status $number of a command that ends is that of daemonize" $number "daemonize: $shell: ended with status $number after T s" \
		"$DAEMONIZE" -w 30 sh -c "exit $number"
done
for signal in '1 Hangup' '2 Interrupt' '6 Aborted' '9 Killed' '11 Segmentation fault' '13 Broken pipe' \
	'14 Alarm clock' '15 Terminated'; do
	number=${signal%% *}
	later "a command that is ended by signal $number is status $((128 + number))" $((128 + number)) \
		"daemonize: $probe: ended by signal $number (${signal#* }) after T s" \
		"$DAEMONIZE" -w 30 "$probe" /dev/null "kill=$number"
done
later 'a command that ends with 0 is told' 0 "daemonize: $shell: ended with status 0 after T s; it may have put itself into the background" \
	"$DAEMONIZE" -w 30 sh -c 'exit 0'
later 'a command that ends with 0 is told with the end of its log' 0 "daemonize: $shell: ended with status 0 after T s; it may have put itself into the background, see $tmp/log.0
    gone" \
	"$DAEMONIZE" -w 30 -o log.0 sh -c 'echo gone'
# A start that fails is told as ever.
later 'a command that is not found is 127' 127 "daemonize: $tmp/nosuch: No such file or directory" "$DAEMONIZE" -w 30 ./nosuch
printf '\177ELF broken' >elf
chmod +x elf
later 'a file that cannot be executed is 126' 126 "daemonize: $tmp/elf: Exec format error" "$DAEMONIZE" -w 30 -p elf.pid ./elf

# One of the logs is named, and its end is shown.
ends 'without a log none is named' '' 'echo unseen; echo unseen >&2'
ends '/dev/null is not named as a log' '' 'echo unseen' -o /dev/null
ends 'a log of both streams shows both' ", see $tmp/log.1
    out
    error" 'echo out; echo error >&2' -o log.1
ends 'where both logs have lines that of the errors is shown' ", see $tmp/log.2e
    error" 'echo out; echo error >&2' -o log.2o -e log.2e
ends 'where one log has lines that one is shown' ", see $tmp/log.3o
    out" 'echo out' -o log.3o -e log.3e
ends 'where both logs are empty that of the errors is named' ", see $tmp/log.4e" '' -o log.4o -e log.4e
ends 'a log with two names is shown once' ", see $tmp/log.5
    out
    error" 'echo out; echo error >&2' -o log.5 -e ./log.5
ends 'a log of the errors only is named' ", see $tmp/log.6" 'echo out' -e log.6
ends 'a log of the output is shown where the errors go to /dev/null' ", see $tmp/log.7
    out" 'echo out; echo error >&2' -o log.7 -e /dev/null
ends 'a log of the output is shown where -k 2 leaves the errors' ", see $tmp/log.8
    out" 'echo out' -o log.8 -k 2
mkfifo fifo
exec 8<>fifo
ends 'a FIFO is named as a log, but not shown' ", see $tmp/fifo" 'echo out' -o fifo
printf 'an earlier line\n%03000d\nand without an end' 0 >log.9
ends 'of a log only what this run wrote is shown' ", see $tmp/log.9
    this run
    second" 'echo this run; echo second' -o log.9
printf 'an earlier line\n%03000d\n' 0 >log.10
ends 'of a log that -t has emptied what this run wrote is shown' ", see $tmp/log.10
    this run" 'echo this run' -t -o log.10
ends 'ten lines of a log are shown' ", see $tmp/log.11$(printf '\n    %s' 1 2 3 4 5 6 7 8 9 10)" 'seq 10' -o log.11
ends 'of eleven lines the last ten are shown' ", see $tmp/log.12$(printf '\n    %s' 2 3 4 5 6 7 8 9 10 11)" 'seq 11' -o log.12
ends 'of thousands of lines the last ten are shown, the last without a newline' \
	", see $tmp/log.13$(printf '\n    %s' 9992 9993 9994 9995 9996 9997 9998 9999 10000 end)" \
	'seq 10000; printf end' -o log.13
ends 'empty lines count among the ten' ", see $tmp/log.14
    1
    
    
    2
    
    
    
    
    
    " 'printf "0\n1\n\n\n2\n\n\n\n\n\n\n"' -o log.14
ends 'of a log that has only a newline nothing is shown' ", see $tmp/log.15" echo -o log.15
ends 'no half line is shown of lines that are together more than 2 KiB' ", see $tmp/log.16$(printf '\n    %01000d' 2 3)" \
	'printf "%01000d\n" 1 2 3' -o log.16
ends 'a line of exactly 2 KiB is shown' ", see $tmp/log.17
    $(printf '%02047d' 7)" 'printf "%02047d\n" 7' -o log.17
ends 'of a line of more than 2 KiB the end is shown' ", see $tmp/log.18
    $(printf '%02047d' 7)" 'printf "begin%04000d\n" 7' -o log.18
ends 'of a line of more than 2 KiB without a newline the end is shown' ", see $tmp/log.19
    $(printf '%02048d' 7)" 'printf "begin%04000d" 7' -o log.19
ends 'control characters and NULs are shown as ?' ", see $tmp/log.20
    a?b?c?[31md?e?$(printf '\303\244')??f?
    ?g" 'printf "a\000b\tc\033[31md\177e\r\303\244\302\233f\000\n\000g"' -o log.20
ends 'formats in a log are shown as text' ", see $tmp/log.21
    %s%n%d" 'echo %s%n%d' -o log.21
printf 'an earlier line\n' >log.22
ends 'a log that became shorter is named, but not shown' ", see $tmp/log.22" 'echo x; : >"$tmp/log.22"' -o log.22
ends 'a log that was renamed is shown' ", see $tmp/log.23
    moved" 'echo moved; mv "$tmp/log.23" "$tmp/other"' -o log.23
ends "the command's log is shown, not another in its place" ", see $tmp/log.24
    ours" 'echo ours; rm "$tmp/log.24"; echo theirs >"$tmp/log.24"' -o log.24
ends 'what a child writes when it is ended is shown' ", see $tmp/log.25
    main
    child" 'perl -e '"'"'$| = 1; $SIG{TERM} = sub { print "child\n"; exit }; open F, ">", $ARGV[0]; print F 1; close F; sleep 1000'"'"' "$tmp/25" &
	until test -s "$tmp/25"; do sleep 0.05; done; echo main' -o log.25
ends 'a log that was given by a relative path is shown' ", see $tmp/log.26
    out" 'echo out' -c / -o ./log.26

# A log may be another user's, and may not be ours to read.
if need_root 'logs of other users' && need setpriv 'logs of other users'; then
	mkdir theirs
	cp "$DAEMONIZE" theirs/daemonize
	chown nobody theirs
	ends "a log in the user's directory is shown" ", see $tmp/theirs/log.1
    out" 'echo out' -u nobody -o theirs/log.1
	install -o nobody -m 200 /dev/null theirs/log.2
	ends "a log that the user may only write is named, but not shown" ", see $tmp/theirs/log.2" 'echo out' -u nobody -o theirs/log.2
	install -o nobody -m 600 /dev/null log.u
	ends "a log of the user's on a trusted path is shown" ", see $tmp/log.u
    out" 'echo out' -u nobody -o log.u
	install -m 622 /dev/null theirs/log.3
	later 'a log that we may only write is named, but not shown' 3 "daemonize: $shell: ended with status 3 after T s, see $tmp/theirs/log.3" \
		setpriv --reuid=nobody --regid=nogroup --clear-groups theirs/daemonize -w 30 -o theirs/log.3 \
		sh -c 'echo out; exit 3'
	later "a user's command that leaves a child is told" 3 "daemonize: $shell: ended with status 3 after T s" \
		"$DAEMONIZE" -w 30 -u nobody -p theirs/user.pid sh -c 'sleep 1000 & echo $! >"$tmp/theirs/child"; exit 3'
fi

# The pid file goes, and the locks are looked after.
ends 'a command with a pid file and a lock file is told' '' 'test "$(cat "$tmp/gone.pid")" = $$ || exit 9' \
	-p gone.pid -l gone.lock
later 'a command that kills itself is told' 137 "daemonize: $shell: ended by signal 9 (Killed) after T s" \
	"$DAEMONIZE" -w 30 -p killed.pid sh -c 'kill -KILL $$'
later 'a command with a pid file that ends with 0 is told' 0 "daemonize: $shell: ended with status 0 after T s; it may have put itself into the background" \
	"$DAEMONIZE" -w 30 -p zero.pid sh -c 'exit 0'
lives 'of a command that keeps its lock no line is printed' '' -w 0.1 -l kept.lock
cat >drop <<'end'
eval "exec $1"
shift
echo >&9
exec "$@"
end
dropped="$tmp/.lives.$((laters + 1)): no longer locked by the command"
lives 'a command that closes its lock lives, and a line says so' "daemonize: $dropped" -r fd:9 sh "$tmp/drop" '3<&-'
dropped="$tmp/.lives.$((laters + 1)): no longer locked by the command"
lives 'a command that closes two locks lives, and two lines say so' "daemonize: $dropped
daemonize: $tmp/drop.lock: no longer locked by the command" \
	-l drop.lock -r fd:9 -w 0.1 sh "$tmp/drop" '3<&- 4<&-'
lives 'a command that closes one of two locks lives, and a line says so' "daemonize: $tmp/drop2.lock: no longer locked by the command" \
	-l drop2.lock -r fd:9 sh "$tmp/drop" '4<&-'

# A second start while the first is watched waits, and then is told.
mkfifo held
later 'a start that is watched during a second one succeeds' 0 '' "$DAEMONIZE" -w 1 -p two.pid sh -c 'echo >"$tmp/first"; read x <"$tmp/held"'
later 'a second start while the first is watched waits, and is 75' 75 "daemonize: $tmp/two.pid: already running" sh -c \
	'until test -s first; do sleep 0.01; done
	"$@" 2>err.two; status=$?; sed "s/ (pid.*//" err.two >&2; exit $status' \
	sh "$DAEMONIZE" -w 20 -t -p two.pid -o two.log touch "$tmp/ran"
later '--oknodo: a start while another is watched waits, and is 0' 0 '' sh -c \
	'until test -s first; do sleep 0.01; done; exec "$@"' \
	sh "$DAEMONIZE" --oknodo -w 20 -p two.pid touch "$tmp/ran"

# Our process gets a signal.
take signal.pl up.sh
signalled() { # NAME HOW-IT-ENDS STEPS OPTION...: the command is $name
	name=$1
	signalled_ends=$2 signalled_steps=$3
	shift 3
	later "$name: a start that is watched ends with ${signalled_ends%%
*}" 0 "$signalled_ends" perl signal.pl "$(printf %s "$signalled_steps" | sed "s/%/$name/g")" \
		"$DAEMONIZE" -p "$name.pid" -l "$name.lock" "$@" sh "$tmp/up.sh" "$tmp/$name"
}
told="daemonize: $shell: ended with status 7 after T s"
for signal in 1:HUP 2:INT 3:QUIT 15:TERM; do
	signalled "${signal#*:}" "signal ${signal%:*}" "until=%.up ${signal#*:} until=%.undoing touch=%.go" -w 30
	signalled "${signal#*:}.ready" "signal ${signal%:*}" "until=%.up ${signal#*:} until=%.undoing touch=%.go" \
		-r fd:3
	signalled "${signal#*:}.ignored" "exit 7
$told" "ignore=${signal#*:} until=%.up ${signal#*:} touch=%.go" -w 30
done
signalled TERM.then.INT 'signal 15' 'until=%.up TERM until=%.undoing INT INT HUP TERM touch=%.go' -w 30
signalled INT.then.TERM 'signal 2' 'until=%.up INT until=%.undoing TERM QUIT touch=%.go' -r notify
signalled TSTP "exit 7
$told" 'until=%.up TSTP stopped CONT TSTP stopped touch=%.go CONT' -w 30
signalled TSTP.INT 'signal 2' 'until=%.up TSTP stopped INT CONT until=%.undoing touch=%.go' -w 30
signalled USR1 "exit 7
$told" 'until=%.up USR1 ALRM PIPE CHLD WINCH touch=%.go' -w 30
signalled KILL 'signal 9
there is still a process
there is still a process' 'until=%.up KILL' -w 30
later 'KILL.intermediate: a start that is watched ends with exit 125' 0 "exit 125
daemonize: $shell: lost track of it after T s" perl signal.pl \
	'saw=KILL.intermediate.err until=KILL.intermediate.up KILL@2 until=KILL.intermediate.undoing touch=KILL.intermediate.go' \
	sh -c '"$@" 2>KILL.intermediate.err; status=$?; tail -n 1 KILL.intermediate.err >&2; exit $status' sh \
	"$DAEMONIZE" -v -w 30 -p KILL.intermediate.pid -l KILL.intermediate.lock sh "$tmp/up.sh" "$tmp/KILL.intermediate"
signalled KILL.command "exit 137
daemonize: $shell: ended by signal 9 (Killed) after T s" 'until=%.up KILL@1' -w 30
signalled STOP.command 'signal 15' 'until=%.up STOP@1 TERM CONT@1 until=%.undoing touch=%.go' -w 30

# With a signal that is pending before nothing starts.
for signal in 1:HUP 2:INT 3:QUIT 15:TERM; do
	later "SIG${signal#*:} that is pending before the start ends daemonize" 0 "signal ${signal%:*}" perl signal.pl '' \
		"$arrange" block="${signal#*:}" raise="${signal#*:}" -- "$DAEMONIZE" -w 30 sh -c 'echo >>"$tmp/pending"; sleep 5'
done

# A command in a process group or a session of its own is ended, too, with its group.
later 'TERM ends daemonize, whose command has made a group of its own' 0 'signal 15' perl signal.pl 'until=group TERM' \
	"$DAEMONIZE" -w 30 -p group.pid timeout 1000 sh -c 'echo 0 $$ >"$tmp/group"; exec sleep 1000'
later 'TERM ends daemonize, whose command has made a session of its own' 0 'signal 15' perl signal.pl 'until=session TERM' \
	"$DAEMONIZE" -w 30 -p session.pid setsid sh -c 'sleep 1000 & echo 0 $! >"$tmp/session"; wait'

# -P and -v say what they should, too.
is "$("$DAEMONIZE" -P -w 30 sh -c 'echo $$ >"$tmp/number"' 2>err) $(wc -l <err)" "$(cat number) 1" '-P -w prints the process id, and one line tells of the end'
run "$DAEMONIZE" -v -w 20 -o log sh -c 'exit 3'
is "$(printf '%s\n' "$err" | sed -e 's/after [0-9.]* s/after T s/' -e 's/process [0-9]*/process N/')" \
	"daemonize: close all other descriptors
daemonize: read standard input from /dev/null
daemonize: append standard output to $tmp/log
daemonize: send standard error there too
daemonize: enter /
daemonize: set the umask to 000
daemonize: detach by fork, setsid and fork
daemonize: execute $shell
daemonize: watch it for 20.00 s
daemonize: process N runs $shell, output in $tmp/log, errors in $tmp/log
daemonize: $shell: ended with status 3 after T s, see $tmp/log" '-v -w tells the start and the end step by step'
"$DAEMONIZE" -w 30 sh -c 'exit 3' 2>/dev/full
is $? 3 'a message that cannot be written changes nothing'
timeout 20 "$arrange" pipe=2 -- "$DAEMONIZE" -w 30 sh -c 'exit 3'
is $? 3 'a message into a broken pipe changes nothing'
report=$(observe "$DAEMONIZE" -w 0 -k 5 -p found -o log @ 5</dev/null 7</dev/null 2>err)
is "$(printf '%s\n' "$report" | sed -n 's/^\(fd\.[0-9]*\)=.* /\1 /p')" "fd.0 /dev/null
fd.1 $tmp/log
fd.2 $tmp/log
fd.3 $tmp/found
fd.5 /dev/null" 'a command that is watched finds no descriptor of ours'
new_hold
timeout 20 sh -c 'out=$("$@" 2>&1) && [ -z "$out" ]' sh "$DAEMONIZE" -w 0.1 "$probe" /dev/null "hold=$hold"
is $? 0 'the caller sees end of file when the watch is over'
timeout 20 sh -c ': >"$1"' sh "$hold"
rm -f ppid
new_hold
"$DAEMONIZE" -w 0.1 sh -c 'read -r x <"$1"; cut -d " " -f 4 /proc/$$/stat >"$tmp/ppid.new"; mv "$tmp/ppid.new" "$tmp/ppid"' sh "$hold"
timeout 20 sh -c ': >"$1"' sh "$hold"
wait_for test -s ppid
is "$(cat ppid)" "$adopter" 'when the watch is over init or a subreaper has adopted the command'

# The command may have hundreds of descriptors, more than select(2) can tell.
# shellcheck disable=SC2046 # words
run "$arrange" open=3-1100 -- "$DAEMONIZE" $(seq -f '-k%g' 3 1100) -w 20 touch "$tmp/ran"
is "$status $err" '125 daemonize: socketpair: Too many open files' '-k of more descriptors than we can watch beside is told'
ok '-k of more descriptors than we can watch beside: nothing runs' test ! -e ran

if need strace 'a watch whose system calls fail'; then
	# What fails is told, and nothing is left.
	injected() { # INJECTION OPTION...
		injection=$1
		shift
		run timeout 60 strace -f -qq -o trace -e "inject=$injection" "$DAEMONIZE" -p injected.pid "$@"
		err=$(printf '%s\n' "$err" | sed 's/after [0-9.]* s/after T s/')
	}
	injected socketpair:error=EMFILE -w 30 touch "$tmp/ran"
	is "$status $err" '125 daemonize: socketpair: Too many open files' 'a socket pair that cannot be had is told'
	ok 'a socket pair that cannot be had: nothing runs, no pid file stays' test ! -e ran -a ! -e injected.pid
	injected pselect6:error=EINTR:when=1 -w 30 sh -c 'exit 3'
	is "$status $err" "3 daemonize: $shell: ended with status 3 after T s" 'a call of the watch that is interrupted is made again'
	injected pselect6:error=ENOMEM -w 30 sh -c 'echo $$ >"$tmp/lost"; exec sleep 1000'
	is "$status $err" "125 daemonize: $shell: lost track of it after T s" 'a wait of the watch that fails is told'
	ok 'a wait of the watch that fails: no pid file stays' test ! -e injected.pid
	[ ! -s lost ] || is_gone 'a wait of the watch that fails: the command is gone' lost
	injected setpgid:delay_enter=300000 -w 30 sh -c 'exit 3'
	is "$status $err" "3 daemonize: $shell: ended with status 3 after T s" 'the end of a command is told after a late verdict'
	# A signal comes on the way: before the fork nothing starts, after it the start is undone.
	for call in chdir umask socketpair; do
		injected $call:signal=TERM -w 30 sh -c 'echo >"$tmp/ran"; exec sleep 1000'
		is "$status" 143 "TERM during $call ends daemonize"
		ok "TERM during $call: nothing runs, no pid file stays" test ! -e ran -a ! -e injected.pid
	done
	# Without -w and -r nothing is different.
	run strace -f -qq -o trace "$DAEMONIZE" -p plain.pid -o log true
	calls='socket\|pselect6\|select\|recvmsg\|sendto\|getsid\|nanosleep\|clock_nanosleep\|tgkill'
	# A start that takes long gets a CONT in any case.
	is "$status $(grep -v SIGCONT trace | grep -c "^[0-9]* *\($calls\)(")" '0 0' 'a start without -w and -r makes none of their calls'
	run strace -f -qq -o trace "$DAEMONIZE" -p plain.pid -o log -w 30 false
	is "$status $(grep -c '^[0-9]* *socketpair(' trace)" '1 1' 'a start with -w makes one socket pair'
fi

collect
timeout 20 sh -c ': >held'
ok 'a start that is refused, or has a pending signal, runs nothing' test ! -e ran -a ! -e two.log -a ! -e pending
is_gone 'a child that ignores TERM is gone' stubborn
is_gone 'a child in the group of a command that ended is gone' child.id
ok 'a child that left the group of a command that ended lives' kill "$(cat left)"
ok 'a child of a command that ended with 0 lives' kill "$(cat forked)"
[ ! -e theirs ] || is_gone "a child of a user's command that ended is gone" theirs/child
for name in group session; do
	wait_for sh -c '! kill -0 "$1"' sh "$(cut -d ' ' -f 2 $name)"
	is $? 0 "nothing is left of a command that has made a $name of its own"
done
read -r line <&8
is "$line" out 'a FIFO that is a log is for its reader alone'
exec 8<&-
is "$(ls ./*.pid)" './KILL.pid
./two.pid' 'the pid files of failed starts, and of commands that ended, are gone'
is "$(ls ./*.lock | wc -l | tr -d ' ')" "$(($(ls ./*.up | wc -l) + 4))" 'the lock files of failed starts stay'
for name in *.up; do
	case $name in
	KILL.up) continue ;;
	esac
	is_gone "${name%.up}: the command of a start that was watched is gone" "$name"
done

# After KILL of the launcher the command runs on, with its locks; the intermediate process ends.
read -r pid intermediate child <KILL.up
ok 'KILL of the launcher: the command lives' kill -0 "$pid"
wait_for sh -c '! kill -0 "$1"' sh "$intermediate"
is $? 0 'KILL of the launcher: the intermediate process ends'
run "$DAEMONIZE" -w 1 -p KILL.pid true
is "$status $err" "75 daemonize: $tmp/KILL.pid: already running (pid $pid)" "KILL of the launcher: the pid file is the command's"
run "$DAEMONIZE" -l KILL.lock true
is "$status" 75 "KILL of the launcher: the lock file is the command's"
: >KILL.go
wait_for sh -c '! kill -0 "$1"' sh "$pid"
is "$? $(cat KILL.pid)" "0 $pid" 'KILL of the launcher: the command ends by itself, and leaves a stale pid file'
kill "$child"
run "$DAEMONIZE" -w 30 -p KILL.pid -l KILL.lock sh -c 'exit 5'
is "$status" 5 'KILL of the launcher: a stale pid file does no harm to the next start'
finish
