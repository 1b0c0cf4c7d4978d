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

# ends NAME WHAT SCRIPT OPTION...: a script that ends with 3 while it is watched, and what is said then
ends() {
	ends_name=$1 ends_what=$2 ends_script=$3
	shift 3
	later "$ends_name" 3 "daemonize: $shell: ended with status 3 after T s$ends_what" \
		"$DAEMONIZE" -w 30 "$@" sh -c "$ends_script
		exit 3"
}
# what is no number of seconds, and what is
for seconds in x -1 +1 '' . 1x 0x1 1e3 inf nan ' 1' '1 ' 1,5 1.2.3 1000001 99999999999999999999; do
	run "$DAEMONIZE" -w "$seconds" touch "$tmp/ran"
	is "$status $out$err" "125 daemonize: -w $seconds: not seconds from 0 to 1000000$hint" "-w '$seconds'"
done
run "$DAEMONIZE" --watch=x true
is "$err" "daemonize: --watch x: not seconds from 0 to 1000000$hint" '--watch'
for how in '-f -w 1' '-w 0 -f'; do
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" $how touch "$tmp/ran"
	is "$status $out$err" "125 daemonize: -f cannot be combined with -w$hint" "$how"
done
run "$arrange" inet=0,1 -- "$DAEMONIZE" -w 1 touch "$tmp/ran"
is "$status $err" "125 daemonize: -w and -r: 0 and 1 are one socket, as from inetd; use --detach" 'inetd started us'
ok 'nothing ran' test ! -e ran
for seconds in '0 0.00' '.5 0.50' '5. 5.00' '0.05 0.05' '2.5 2.50' '0.0049 0.01' '007 7.00' '1000000 1000000.00'; do
	is "$("$DAEMONIZE" -n -w "${seconds% *}" true | tail -n 1)" "would watch it for ${seconds#* } s" \
		"-w ${seconds% *}"
done
is "$("$DAEMONIZE" -n -w 3 -w 4 true | grep watch)" 'would watch it for 4.00 s' 'the last of two counts'

# as long as it was asked for
for seconds in 2.5 0.05 0 .5; do
	later "-w $seconds: it lives, and that took as long" 0 'in time' "$timed" $seconds 60 \
		"$DAEMONIZE" -p "$tmp/.lives.$((laters + 1))" -w $seconds sleep 1000
done
later 'the end ends the watch' 3 "in time
daemonize: $shell: ended with status 3 after T s" "$timed" 0 60 "$DAEMONIZE" -w 1000000 sh -c 'exit 3'

# what does not end by TERM, in our group; and a child in a group of its own, which is not ours
cat >child <<'end'
trap "" TERM
echo $$ >"$1"
exec sleep 1000
end
later 'a child that ignores TERM gets KILL, after 5 s' 3 "in time
daemonize: $shell: ended with status 3 after T s" "$timed" 5 40 "$DAEMONIZE" -w 30 \
	sh -c 'sh "$tmp/child" "$tmp/stubborn" & until test -s "$tmp/stubborn"; do sleep 0.05; done; exit 3'
ends 'other children get TERM' '' 'sleep 1000 & echo $! >"$tmp/child.id"'
ends 'not those that left the group' '' 'setsid sh -c "echo \$\$ >\"\$tmp/left\"; exec sleep 1000" &
	until test -s "$tmp/left"; do sleep 0.05; done'
later 'children of a command that ends with 0 live on' 0 \
	"daemonize: $shell: ended with status 0 after T s; it may have put itself into the background" \
	"$DAEMONIZE" -w 30 sh -c 'sleep 1000 & echo $! >"$tmp/forked"'

# statuses and signals
for number in 1 2 3 42 63 64 75 124 125 126 127 128 129 137 143 200 254 255; do
	later "exit $number" $number "daemonize: $shell: ended with status $number after T s" \
		"$DAEMONIZE" -w 30 sh -c "exit $number"
done
for signal in '1 Hangup' '2 Interrupt' '6 Aborted' '9 Killed' '11 Segmentation fault' '13 Broken pipe' \
	'14 Alarm clock' '15 Terminated'; do
	number=${signal%% *}
	later "killed by signal $number" $((128 + number)) \
		"daemonize: $probe: ended by signal $number (${signal#* }) after T s" \
		"$DAEMONIZE" -w 30 "$probe" /dev/null "kill=$number"
done
later 'exit 0' 0 "daemonize: $shell: ended with status 0 after T s; it may have put itself into the background" \
	"$DAEMONIZE" -w 30 sh -c 'exit 0'
later 'exit 0, and its log' 0 "daemonize: $shell: ended with status 0 after T s; it may have put itself into the background, see $tmp/log.0
    gone" \
	"$DAEMONIZE" -w 30 -o log.0 sh -c 'echo gone'
# what is no start at all
later 'not found' 127 "daemonize: $tmp/nosuch: No such file or directory" "$DAEMONIZE" -w 30 ./nosuch
printf '\177ELF broken' >elf
chmod +x elf
later 'not executable' 126 "daemonize: $tmp/elf: Exec format error" "$DAEMONIZE" -w 30 -p elf.pid ./elf

# logs: which is named, and what is shown
ends 'no log' '' 'echo unseen; echo unseen >&2'
ends '/dev/null' '' 'echo unseen' -o /dev/null
ends 'both streams in one log' ", see $tmp/log.1
    out
    error" 'echo out; echo error >&2' -o log.1
ends 'of two logs that with the errors' ", see $tmp/log.2e
    error" 'echo out; echo error >&2' -o log.2o -e log.2e
ends 'else that in which something is' ", see $tmp/log.3o
    out" 'echo out' -o log.3o -e log.3e
ends 'else that for errors' ", see $tmp/log.4e" '' -o log.4o -e log.4e
ends 'one file by two names' ", see $tmp/log.5
    out
    error" 'echo out; echo error >&2' -o log.5 -e ./log.5
ends 'a log for errors only' ", see $tmp/log.6" 'echo out' -e log.6
ends 'errors to /dev/null' ", see $tmp/log.7
    out" 'echo out; echo error >&2' -o log.7 -e /dev/null
ends 'the caller keeps the errors' ", see $tmp/log.8
    out" 'echo out' -o log.8 -k 2
mkfifo fifo
exec 8<>fifo
ends 'a FIFO' ", see $tmp/fifo" 'echo out' -o fifo
printf 'an earlier line\n%03000d\nand without an end' 0 >log.9
ends 'only what this run wrote' ", see $tmp/log.9
    this run
    second" 'echo this run; echo second' -o log.9
printf 'an earlier line\n%03000d\n' 0 >log.10
ends 'with -t too' ", see $tmp/log.10
    this run" 'echo this run' -t -o log.10
ends 'ten lines' ", see $tmp/log.11$(printf '\n    %s' 1 2 3 4 5 6 7 8 9 10)" 'seq 10' -o log.11
ends 'the last ten of eleven' ", see $tmp/log.12$(printf '\n    %s' 2 3 4 5 6 7 8 9 10 11)" 'seq 11' -o log.12
ends 'the last ten of thousands, without an end' \
	", see $tmp/log.13$(printf '\n    %s' 9992 9993 9994 9995 9996 9997 9998 9999 10000 end)" \
	'seq 10000; printf end' -o log.13
ends 'empty lines count' ", see $tmp/log.14
    1
    
    
    2
    
    
    
    
    
    " 'printf "0\n1\n\n\n2\n\n\n\n\n\n\n"' -o log.14
ends 'nothing but a newline' ", see $tmp/log.15" echo -o log.15
ends 'lines of more than 2 KiB: not half a line' ", see $tmp/log.16$(printf '\n    %01000d' 2 3)" \
	'printf "%01000d\n" 1 2 3' -o log.16
ends 'a line of exactly 2 KiB' ", see $tmp/log.17
    $(printf '%02047d' 7)" 'printf "%02047d\n" 7' -o log.17
ends 'a longer line: its end' ", see $tmp/log.18
    $(printf '%02047d' 7)" 'printf "begin%04000d\n" 7' -o log.18
ends 'a longer line without an end' ", see $tmp/log.19
    $(printf '%02048d' 7)" 'printf "begin%04000d" 7' -o log.19
ends 'control characters and NULs' ", see $tmp/log.20
    a?b?c?[31md?e?$(printf '\303\244')??f?
    ?g" 'printf "a\000b\tc\033[31md\177e\r\303\244\302\233f\000\n\000g"' -o log.20
ends 'formats are text' ", see $tmp/log.21
    %s%n%d" 'echo %s%n%d' -o log.21
printf 'an earlier line\n' >log.22
ends 'a log that became shorter' ", see $tmp/log.22" 'echo x; : >"$tmp/log.22"' -o log.22
ends 'a log that was renamed' ", see $tmp/log.23
    moved" 'echo moved; mv "$tmp/log.23" "$tmp/other"' -o log.23
ends 'a log in the place of which is another' ", see $tmp/log.24
    ours" 'echo ours; rm "$tmp/log.24"; echo theirs >"$tmp/log.24"' -o log.24
ends 'what it writes when it is ended' ", see $tmp/log.25
    main
    child" 'perl -e '"'"'$| = 1; $SIG{TERM} = sub { print "child\n"; exit }; open F, ">", $ARGV[0]; print F 1; close F; sleep 1000'"'"' "$tmp/25" &
	until test -s "$tmp/25"; do sleep 0.05; done; echo main' -o log.25
ends 'a relative path' ", see $tmp/log.26
    out" 'echo out' -c / -o ./log.26

# logs of other users, and that we may not read
if need_root 'logs of other users' && need setpriv 'logs of other users'; then
	mkdir theirs
	cp "$DAEMONIZE" theirs/daemonize
	chown nobody theirs
	ends "a log in the user's directory" ", see $tmp/theirs/log.1
    out" 'echo out' -u nobody -o theirs/log.1
	install -o nobody -m 200 /dev/null theirs/log.2
	ends "one that the user may only write" ", see $tmp/theirs/log.2" 'echo out' -u nobody -o theirs/log.2
	install -o nobody -m 600 /dev/null log.u
	ends "one of the user's on our path" ", see $tmp/log.u
    out" 'echo out' -u nobody -o log.u
	install -m 622 /dev/null theirs/log.3
	later 'one that we may only write' 3 "daemonize: $shell: ended with status 3 after T s, see $tmp/theirs/log.3" \
		setpriv --reuid=nobody --regid=nogroup --clear-groups theirs/daemonize -w 30 -o theirs/log.3 \
		sh -c 'echo out; exit 3'
	later "the user's command is ended" 3 "daemonize: $shell: ended with status 3 after T s" \
		"$DAEMONIZE" -w 30 -u nobody -p theirs/user.pid sh -c 'sleep 1000 & echo $! >"$tmp/theirs/child"; exit 3'
fi

# the pid file and the locks
ends 'a command with a pid and a lock file' '' 'test "$(cat "$tmp/gone.pid")" = $$ || exit 9' \
	-p gone.pid -l gone.lock
later 'killed' 137 "daemonize: $shell: ended by signal 9 (Killed) after T s" \
	"$DAEMONIZE" -w 30 -p killed.pid sh -c 'kill -KILL $$'
later 'ended with 0' 0 "daemonize: $shell: ended with status 0 after T s; it may have put itself into the background" \
	"$DAEMONIZE" -w 30 -p zero.pid sh -c 'exit 0'
lives 'one that keeps its locks' '' -w 0.1 -l kept.lock
cat >drop <<'end'
eval "exec $1"
shift
echo >&9
exec "$@"
end
dropped="$tmp/.lives.$((laters + 1)): no longer locked by the command"
lives 'one that closes the lock: it lives, a line says so' "daemonize: $dropped" -r fd:9 sh "$tmp/drop" '3<&-'
dropped="$tmp/.lives.$((laters + 1)): no longer locked by the command"
lives 'one that closes two' "daemonize: $dropped
daemonize: $tmp/drop.lock: no longer locked by the command" \
	-l drop.lock -r fd:9 -w 0.1 sh "$tmp/drop" '3<&- 4<&-'
lives 'one that closes one of two' "daemonize: $tmp/drop2.lock: no longer locked by the command" \
	-l drop2.lock -r fd:9 sh "$tmp/drop" '4<&-'

# a second start while the first is watched: it waits, and then is told
mkfifo held
later 'the first of two starts' 0 '' "$DAEMONIZE" -w 1 -p two.pid sh -c 'echo >"$tmp/first"; read x <"$tmp/held"'
later 'the second, meanwhile' 75 "daemonize: $tmp/two.pid: already running" sh -c \
	'until test -s first; do sleep 0.01; done
	"$@" 2>err.two; status=$?; sed "s/ (pid.*//" err.two >&2; exit $status' \
	sh "$DAEMONIZE" -w 20 -t -p two.pid -o two.log touch "$tmp/ran"
later 'a third with --oknodo' 0 '' sh -c \
	'until test -s first; do sleep 0.01; done; exec "$@"' \
	sh "$DAEMONIZE" --oknodo -w 20 -p two.pid touch "$tmp/ran"

# our process gets a signal
take signal.pl up.sh
signalled() { # NAME HOW-IT-ENDS STEPS OPTION...: the command is $name
	name=$1
	signalled_ends=$2 signalled_steps=$3
	shift 3
	later "$name: ${signalled_ends%%
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
later KILL.intermediate 0 "exit 125
daemonize: $shell: lost track of it after T s" perl signal.pl \
	'saw=KILL.intermediate.err until=KILL.intermediate.up KILL@2 until=KILL.intermediate.undoing touch=KILL.intermediate.go' \
	sh -c '"$@" 2>KILL.intermediate.err; status=$?; tail -n 1 KILL.intermediate.err >&2; exit $status' sh \
	"$DAEMONIZE" -v -w 30 -p KILL.intermediate.pid -l KILL.intermediate.lock sh "$tmp/up.sh" "$tmp/KILL.intermediate"
signalled KILL.command "exit 137
daemonize: $shell: ended by signal 9 (Killed) after T s" 'until=%.up KILL@1' -w 30
signalled STOP.command 'signal 15' 'until=%.up STOP@1 TERM CONT@1 until=%.undoing touch=%.go' -w 30

# one that is pending before: nothing starts
for signal in 1:HUP 2:INT 3:QUIT 15:TERM; do
	later "SIG${signal#*:} pending" 0 "signal ${signal%:*}" perl signal.pl '' \
		"$arrange" block="${signal#*:}" raise="${signal#*:}" -- "$DAEMONIZE" -w 30 sh -c 'echo >>"$tmp/pending"; sleep 5'
done

# a command in a process group or a session of its own is ended too, with its group
later 'a command that made a group of its own' 0 'signal 15' perl signal.pl 'until=group TERM' \
	"$DAEMONIZE" -w 30 -p group.pid timeout 1000 sh -c 'echo 0 $$ >"$tmp/group"; exec sleep 1000'
later 'a command that made a session of its own' 0 'signal 15' perl signal.pl 'until=session TERM' \
	"$DAEMONIZE" -w 30 -p session.pid setsid sh -c 'sleep 1000 & echo 0 $! >"$tmp/session"; wait'

# what is printed
is "$("$DAEMONIZE" -P -w 30 sh -c 'echo $$ >"$tmp/number"' 2>err) $(wc -l <err)" "$(cat number) 1" '-P'
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
daemonize: $shell: ended with status 3 after T s, see $tmp/log" '-v'
"$DAEMONIZE" -w 30 sh -c 'exit 3' 2>/dev/full
is $? 3 'a message that cannot be written changes nothing'
timeout 20 "$arrange" pipe=2 -- "$DAEMONIZE" -w 30 sh -c 'exit 3'
is $? 3 'nor one into a broken pipe'
report=$(observe "$DAEMONIZE" -w 0 -k 5 -p found -o log @ 5</dev/null 7</dev/null 2>err)
is "$(printf '%s\n' "$report" | sed -n 's/^\(fd\.[0-9]*\)=.* /\1 /p')" "fd.0 /dev/null
fd.1 $tmp/log
fd.2 $tmp/log
fd.3 $tmp/found
fd.5 /dev/null" 'the command finds no descriptor of ours'
new_hold
timeout 20 sh -c 'out=$("$@" 2>&1) && [ -z "$out" ]' sh "$DAEMONIZE" -w 0.1 "$probe" /dev/null "hold=$hold"
is $? 0 'and the caller sees end of file when the watch is over'
timeout 20 sh -c ': >"$1"' sh "$hold"
rm -f ppid
new_hold
"$DAEMONIZE" -w 0.1 sh -c 'read -r x <"$1"; cut -d " " -f 4 /proc/$$/stat >"$tmp/ppid.new"; mv "$tmp/ppid.new" "$tmp/ppid"' sh "$hold"
timeout 20 sh -c ': >"$1"' sh "$hold"
wait_for test -s ppid
is "$(cat ppid)" "$adopter" 'then it is adopted by init or a subreaper'

# hundreds of descriptors of the command's: more than select(2) can tell
# shellcheck disable=SC2046 # words
run "$arrange" open=3-1100 -- "$DAEMONIZE" $(seq -f '-k%g' 3 1100) -w 20 touch "$tmp/ran"
is "$status $err" '125 daemonize: socketpair: Too many open files' 'more kept than we can watch beside'
ok 'nothing runs' test ! -e ran

if need strace 'system calls'; then
	# what fails is told, and nothing is left
	injected() { # INJECTION OPTION...
		injection=$1
		shift
		run timeout 60 strace -f -qq -o trace -e "inject=$injection" "$DAEMONIZE" -p injected.pid "$@"
		err=$(printf '%s\n' "$err" | sed 's/after [0-9.]* s/after T s/')
	}
	injected socketpair:error=EMFILE -w 30 touch "$tmp/ran"
	is "$status $err" '125 daemonize: socketpair: Too many open files' 'no socket pair'
	ok 'nothing runs, no pid file stays' test ! -e ran -a ! -e injected.pid
	injected pselect6:error=EINTR:when=1 -w 30 sh -c 'exit 3'
	is "$status $err" "3 daemonize: $shell: ended with status 3 after T s" 'interrupted calls are made again'
	injected pselect6:error=ENOMEM -w 30 sh -c 'echo $$ >"$tmp/lost"; exec sleep 1000'
	is "$status $err" "125 daemonize: $shell: lost track of it after T s" 'waiting fails'
	ok 'no pid file stays' test ! -e injected.pid
	[ ! -s lost ] || is_gone 'the command is gone' lost
	injected setpgid:delay_enter=300000 -w 30 sh -c 'exit 3'
	is "$status $err" "3 daemonize: $shell: ended with status 3 after T s" 'a late verdict'
	# a signal on the way: before the fork nothing starts, behind it the start is undone
	for call in chdir umask socketpair; do
		injected $call:signal=TERM -w 30 sh -c 'echo >"$tmp/ran"; exec sleep 1000'
		is "$status" 143 "TERM during $call"
		ok 'nothing runs, no pid file stays' test ! -e ran -a ! -e injected.pid
	done
	# without -w and -r nothing is different
	run strace -f -qq -o trace "$DAEMONIZE" -p plain.pid -o log true
	calls='socket\|pselect6\|select\|recvmsg\|sendto\|getsid\|nanosleep\|clock_nanosleep\|tgkill'
	# (a start that takes long gets a CONT in any case)
	is "$status $(grep -v SIGCONT trace | grep -c "^[0-9]* *\($calls\)(")" '0 0' 'without -w and -r: none of their calls'
	run strace -f -qq -o trace "$DAEMONIZE" -p plain.pid -o log -w 30 false
	is "$status $(grep -c '^[0-9]* *socketpair(' trace)" '1 1' 'with them: one pair'
fi

collect
release() { timeout 20 sh -c ': >"$1"' sh "$1"; }
release held
ok 'of the starts nothing ran' test ! -e ran -a ! -e two.log -a ! -e pending
is_gone 'the stubborn child is gone' stubborn
is_gone 'the other child is gone' child.id
ok 'the one that left lives' kill "$(cat left)"
ok 'the one of a command that ended with 0 lives' kill "$(cat forked)"
[ ! -e theirs ] || is_gone "the user's child is gone" theirs/child
for name in group session; do
	wait_for sh -c '! kill -0 "$1"' sh "$(cut -d ' ' -f 2 $name)"
	is $? 0 "of a $name nothing is left"
done
read -r line <&8
is "$line" out 'the FIFO is for its reader alone'
exec 8<&-
is "$(ls ./*.pid)" './KILL.pid
./two.pid' 'pid files of failed starts, and of commands that ended, are gone'
is "$(ls ./*.lock | wc -l | tr -d ' ')" "$(($(ls ./*.up | wc -l) + 4))" 'lock files stay'
for name in *.up; do
	case $name in
	KILL.up) continue ;;
	esac
	is_gone "${name%.up}: the command is gone" "$name"
done

# KILL to us: the command runs on, with its locks; the intermediate process ends
read -r pid intermediate child <KILL.up
ok 'KILL: the command lives' kill -0 "$pid"
wait_for sh -c '! kill -0 "$1"' sh "$intermediate"
is $? 0 'KILL: the intermediate process ends'
run "$DAEMONIZE" -w 1 -p KILL.pid true
is "$status $err" "75 daemonize: $tmp/KILL.pid: already running (pid $pid)" 'KILL: the pid file is its'
run "$DAEMONIZE" -l KILL.lock true
is "$status" 75 'KILL: the lock too'
: >KILL.go
wait_for sh -c '! kill -0 "$1"' sh "$pid"
is "$? $(cat KILL.pid)" "0 $pid" 'KILL: it ends by itself, and leaves a stale pid file'
kill "$child"
run "$DAEMONIZE" -w 30 -p KILL.pid -l KILL.lock sh -c 'exit 5'
is "$status" 5 'KILL: that does no harm'
finish
