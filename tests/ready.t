#!/bin/sh
# -r and -T: daemonize returns when the command says that it is ready, and
# undoes a start that does not come to that.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

require perl

shell=$(command -v sh)
perl=$(command -v perl)
hint="; see 'daemonize --help'"
export tmp

# Prints the descriptors of a report as name and file: fd.0 /dev/null.
descriptors() {
	sed -n -e 's/^\(fd\.[0-9]*\)=fifo w - - .* pipe:.*/\1 pipe/p' -e 's/^\(fd\.[0-9]*\)=.* /\1 /p'
}
clean() {
	env -i PATH=/usr/bin:/bin "tmp=$tmp" "$@"
}

take tell.pl
# told NAME STATUS WHAT OPTIONS WORD... checks what becomes of a command that tells the words.
told() {
	told_name=$1 told_status=$2 told_what=${3:+daemonize: $perl: $3} told_options=$4
	shift 4
	# shellcheck disable=SC2086 # words
	later "$told_name" "$told_status" "$told_what" \
		"$DAEMONIZE" -r "$how" $told_options perl "$tmp/tell.pl" "$to" "$@"
}
# Starts a command that becomes ready and lives.
becomes_ready() { # NAME WORD...
	becomes_name="a command is ready by $1"
	shift
	lives "$becomes_name" '' -r "$how" perl "$tmp/tell.pl" "$to" "$@" --
}

# These words are no way to be ready, and no seconds.
for word in x '' fd fd: fd:x fd:2 fd:0 fd:-1 'fd: 3' fd:3x fd:2147483647 FD:3 notify1 Notify; do
	run "$DAEMONIZE" -r "$word" touch "$tmp/ran"
	case $word in
	fd:*) like "$status $out$err" "^125 daemonize: -r ${word#fd:}: not a descriptor number from 3 on$hint\$" "-r $word is a usage error" ;;
	*) is "$status $out$err" "125 daemonize: -r $word: not fd:N or notify$hint" "-r '$word' is a usage error" ;;
	esac
done
for seconds in x -1 '' . 1e3 1000001; do
	run "$DAEMONIZE" -r fd:3 -T "$seconds" touch "$tmp/ran"
	is "$status $out$err" "125 daemonize: -T $seconds: not seconds from 0 to 1000000$hint" "-T '$seconds' is a usage error"
done
misuse() { # MESSAGE ARGUMENT...
	message=$1
	shift
	run "$DAEMONIZE" "$@" touch "$tmp/ran"
	is "$status $out$err" "125 daemonize: $message$hint" "$* is a usage error"
}
misuse '-T: only with -r or --stop' -T 3
misuse '-T: only with -r or --stop' -T 0 -w 3
misuse '-f cannot be combined with -r' -f -r fd:3
misuse '-f cannot be combined with -r' -r notify -f
misuse '-k 5 cannot be combined with -r fd:5' -k 5 -r fd:5 5</dev/null
run "$arrange" inet=0,1 -- "$DAEMONIZE" -r notify touch "$tmp/ran"
is "$status $err" "125 daemonize: -w and -r: 0 and 1 are one socket, as from inetd; use --detach" '-r is refused in a start by inetd'
run "$arrange" nofile=20 -- "$DAEMONIZE" -r fd:20 touch "$tmp/ran"
is "$status $err" '125 daemonize: -r fd:20: Bad file descriptor' '-r fd:N is told where N is beyond the limit of descriptors'
is "$("$DAEMONIZE" -n -r fd:3 true | tail -n 1)" 'would wait at most 60.00 s until it is ready' '-n -r says that a minute is the default of -T'
is "$("$DAEMONIZE" -n -r notify -T 0.05 -w 2.5 true | tail -n 2)" 'would wait at most 0.05 s until it is ready
would watch it for 2.50 s' '-n -r says what -T and -w are'
ok '-r that is refused runs nothing' test ! -e ran

# A command is ready by a newline on a descriptor.
for number in 3 4 5 9 100; do
	to=$number how=fd:$number
	becomes_ready "a newline on $how" '\n'
done
to=9 how=fd:9
becomes_ready 'text, and then a newline' 'I am' ' ready' + '\n'
becomes_ready 'a newline in the middle' 'ready\nor not'
becomes_ready 'a newline after 70000 bytes' "$(printf '%070000d' 0)" '\n'
told 'a command that closes the descriptor without a newline is 124' 124 'not ready after T s: it closed descriptor 9' '-p c.pid' text !
told 'a command that ends with 0 before a newline is 124' 124 'ended with status 0 after T s, before it was ready' '-p 0.pid' -0
told 'a command that writes text and ends with 0 is 124' 124 'ended with status 0 after T s, before it was ready' '' text -0
told 'a command that ends with 5 before a newline is 5' 5 'ended with status 5 after T s' '-p 5.pid' -5
told 'a command that closes the descriptor and then ends with 5 is 5' 5 'ended with status 5 after T s' '' ! ~ -5
told 'a command that is killed before a newline is 137' 137 'ended by signal 9 (Killed) after T s' '-p 9.pid' -KILL
told 'a command that is ready, then ends with 5, is 0: its lock is not missed' 0 '' '-p r5.pid' '\n' -5
told 'a command that is ready, then ends with 5 while watched, is 5' 5 'ended with status 5 after T s' '-w 30 -p w.pid' '\n' -5
told 'a command that is ready, then ends with 0 while watched, is 0' 0 \
	'ended with status 0 after T s; it may have put itself into the background' '-w 30' '\n' -0
told 'a command may write more when it is ready' 5 'ended with status 5 after T s' '-w 30' '\n' + 'more\n' 'more\n' -5
told 'a command may write more when daemonize has returned' 0 '' '-p p.pid' '\n' "?$tmp/p.go" 'more\n' "=$tmp/p.done" -0
lives 'a command that is ready, then lives while watched, is 0' '' -r fd:9 -w 0.2 perl "$tmp/tell.pl" 9 '\n' --
later 'the end of the log is shown of a command that ends before it is ready' 124 "daemonize: $shell: ended with status 0 after T s, before it was ready, see $tmp/log
    no configuration" "$DAEMONIZE" -r fd:9 -o log sh -c 'echo no configuration'
later 'a command that forks and ends is 124' 124 "daemonize: $shell: ended with status 0 after T s, before it was ready" \
	"$DAEMONIZE" -r fd:9 -p forks.pid sh -c 'sleep 1000 & echo $! >"$tmp/forks"'
later 'a child of the command may say that it is ready' 0 '' "$DAEMONIZE" -r fd:9 -p c2.pid sh -c '(echo >&9); exec 9>&-; until test -s "$tmp/p.go"; do sleep 0.05; done'
later 'a command that is not found is 127' 127 "daemonize: $tmp/nosuch: No such file or directory" "$DAEMONIZE" -r fd:9 -p n.pid ./nosuch

# A command may not be ready in time.
for seconds in 0 0.05 1.5; do
	later "a command that is not ready within -T $seconds is 124 after that time" 124 "in time
daemonize: $shell: not ready after T s" "$timed" $seconds 60 \
		"$DAEMONIZE" -r fd:9 -T $seconds -p late.pid.$seconds sh -c 'echo text >&8; sleep 1000' 8>/dev/null
done
later 'a command that ignores TERM gets KILL, after 5 s' 124 "in time
daemonize: $perl: not ready after T s: it closed descriptor 9" "$timed" 6 40 "$DAEMONIZE" -r fd:9 -T 60 -p stubborn.pid \
	perl -e '$SIG{TERM} = "IGNORE"; open F, ">", "$ENV{tmp}/stubborn"; print F $$; close F;
	open G, ">&=", 9; close G; sleep 1 while 1'
later 'a command that ends by TERM may take its time' 124 "daemonize: $perl: not ready after T s: it closed descriptor 9, see $tmp/log.term
    ending
    ended" "$DAEMONIZE" -r fd:9 -T 60 -o log.term \
	perl -e '$| = 1; $SIG{TERM} = sub { print "ending\n"; select undef, undef, undef, 0.5; print "ended\n"; exit };
	open G, ">&=", 9; close G; sleep 1 while 1'

# A command is ready by a datagram.
to=notify how=notify
becomes_ready 'READY=1' READY=1
becomes_ready 'READY=1 with a newline' 'READY=1\n'
becomes_ready 'READY=1 among other lines' 'STATUS=up\nREADY=1\nMAINPID=1'
becomes_ready 'READY=1 after other datagrams' STATUS=a WATCHDOG=1 '' '\0\0' '\n\n' READY=0 ERRNO=0 READY=1
becomes_ready 'READY=1 at the beginning of a long datagram' "READY=1\\nX=$(printf '%09000d' 0)"
for text in READY=0 READY=11 ' READY=1' XREADY=1 READY= ready=1 "X=$(printf '%09000d' 0)\\nREADY=1" 'X=\0READY=1'; do
	told "a command is not ready by '$(printf %.20s "$text")'" 5 'ended with status 5 after T s' '' "$text" -5
done
told 'the STATUS of a command that is not ready is told' 124 'not ready after T s (it says: half ??[31m done)' '-T 5' STATUS=none "STATUS=half $(printf '\t\033')[31m done"
told 'the STATUS of a command that ended is not told' 5 'ended with status 5 after T s' '' STATUS=none -5
told 'ERRNO of a command is told' 124 'not ready after T s: Permission denied' '-p e.pid' ERRNO=13
told 'ERRNO among other lines is told, and READY=1 after it does not count' 124 'not ready after T s: No such file or directory' '' 'STATUS=x\nERRNO=2\nX=1' READY=1
told 'a command that sends ERRNO and then ends with 5 is 5' 5 'ended with status 5 after T s' '' ERRNO=13 ~ -5
told 'EXTEND_TIMEOUT_USEC gives more time' 0 '' '-T 4 -p m.pid' EXTEND_TIMEOUT_USEC=30000000 ++++++++++++++++++ READY=1 -0
told 'EXTEND_TIMEOUT_USEC does not give less time' 0 '' '-T 30' EXTEND_TIMEOUT_USEC=1 + READY=1 -0
told 'EXTEND_TIMEOUT_USEC may give too little time' 124 'not ready after T s' '-T 1' EXTEND_TIMEOUT_USEC=1000000 ++++++++++++++++++++++++ READY=1
told 'EXTEND_TIMEOUT_USEC gives time once, and other datagrams give none' 124 'not ready after T s' '-T 1' EXTEND_TIMEOUT_USEC=1500000 \
	+++ WATCHDOG=1 +++ WATCHDOG=1 +++ WATCHDOG=1 +++ WATCHDOG=1 +++ WATCHDOG=1 +++ READY=1
told 'EXTEND_TIMEOUT_USEC without a number gives no time' 124 'not ready after T s' '-T 0.5' EXTEND_TIMEOUT_USEC=x EXTEND_TIMEOUT_USEC= EXTEND_TIMEOUT_USEC=-1 ++++++++++++ READY=1
told 'a command that ends with 0 before READY=1 is 124' 124 'ended with status 0 after T s, before it was ready' '-p n0.pid' -0
told 'a command may send many datagrams when it is ready and watched' 7 'ended with status 7 after T s' '-w 30' \
	READY=1 $(seq -f WATCHDOG=%g 100) -7
lives 'a helper may send READY=1 and end at once' '' -r notify sh -c 'perl "$tmp/tell.pl" notify READY=1 -0; exec "$@"' sh
lives 'a helper in the background may send READY=1 and end at once' '' -r notify sh -c \
	'(perl "$tmp/tell.pl" notify STATUS=a READY=1 -0 &) ; exec "$@"' sh

# Only datagrams of the command's session, its user or root count.
if need_root 'READY=1 of another sender' && need setpriv 'READY=1 of another sender'; then
	chmod 755 "$tmp/tell.pl"
	nobody='setpriv --reuid=nobody --regid=nogroup --clear-groups'
	# shellcheck disable=SC2034 # it is, by its name
	stranger='setpriv --reuid=54321 --regid=54321 --clear-groups'
	sends() { # NAME STATUS OUTPUT SENDER OPTION...
		sends_name=$1 sends_status=$2 sends_output=$3 sends_sender=$4
		shift 4
		later "$sends_name" "$sends_status" "$sends_output" "$DAEMONIZE" -r notify "$@" \
			sh -c "$sends_sender \"\$@\"; exit 5" sh perl "$tmp/tell.pl" notify \
			'STATUS=told\nREADY=1' READY=1 -0
	}
	sends "READY=1 of nobody, in a session of his own, to root's command is not accepted" 5 \
		"daemonize: $shell: READY=1 from pid N, user nobody, not accepted
daemonize: $shell: ended with status 5 after T s" "setsid $nobody"
	sends "READY=1 of root to root's command is accepted" 0 '' ''
	sends 'READY=1 of the user of -u is accepted' 0 '' '' -u nobody
	# These send from outside the session: the command tells them where.
	mkdir -m 755 theirs
	chown nobody theirs
	for sender in root nobody stranger; do
		case $sender in
		root) ends='0' ;;
		*) ends="5 daemonize: $shell: READY=1 from pid N, user 54321, not accepted
daemonize: $shell: ended with status 5 after T s" ;;
		esac
		prefix=
		[ $sender = root ] || eval "prefix=\$$sender"
		[ $sender != nobody ] || ends=0
		later "-u nobody: READY=1 of $sender, from outside the session, makes the start ${ends%% *}" "${ends%% *}" "$(printf '%s' "${ends#"${ends%%[ ]*}"}" | sed '1s/^ //')" \
			"$DAEMONIZE" -r notify -u nobody sh -c 'echo "$NOTIFY_SOCKET" >"$1"
			until test -s "$1.sent"; do sleep 0.05; done; exit 5' sh "$tmp/theirs/$sender"
		(
			wait_for test -s "theirs/$sender"
			# shellcheck disable=SC2086 # words
			NOTIFY_SOCKET=$(cat "theirs/$sender") timeout 60 $prefix perl tell.pl notify READY=1 -0
			echo sent >"theirs/$sender.sent"
		) &
	done
fi

# The command finds nothing else different.
cat >ready <<'end'
case $1 in
notify) perl "$tmp/tell.pl" notify READY=1 -0 ;;
none) ;;
*) echo >"/dev/fd/$1" ;;
esac
shift
exec "$@"
end
plain=$(observe clean "$DAEMONIZE" sh "$tmp/ready" none @ | steady)
for number in 3 4 5 9 100; do
	for caller in 'open=3-120' 'close=0-2' 'inet=5'; do
		report=$(observe clean "$arrange" $caller -- "$DAEMONIZE" -r fd:$number sh "$tmp/ready" $number @)
		is "$(printf '%s\n' "$report" | steady | sed -e "/^fd\.$number=/d" -e '/^rlimit.nofile=/d')" \
			"$(printf '%s\n' "$plain" | sed '/^rlimit.nofile=/d')" "-r fd:$number, $caller: the command finds nothing else different"
		is "$(printf '%s\n' "$report" | descriptors)" "fd.0 /dev/null
fd.1 /dev/null
fd.2 /dev/null
fd.$number pipe" "-r fd:$number, $caller: the command has its end of a pipe there"
	done
done
report=$(observe clean "$DAEMONIZE" -r notify sh "$tmp/ready" notify @)
unnumbered() {
	steady | sed -e '/=NOTIFY_SOCKET=/d' -e 's/^env\.[0-9]*/env/'
}
is "$(printf '%s\n' "$report" | unnumbered)" "$(printf '%s\n' "$plain" | unnumbered)" '-r notify: the command finds nothing but NOTIFY_SOCKET different'
like "$report" '^env\.[0-9]*=NOTIFY_SOCKET=@[0-9a-f][0-9a-f]*$' '-r notify: NOTIFY_SOCKET is an abstract name'
for option in '-r notify' '-r notify -E NOTIFY_SOCKET=/mine'; do
	# shellcheck disable=SC2086 # words
	report=$(observe clean NOTIFY_SOCKET=/caller "$DAEMONIZE" $option sh "$tmp/ready" notify @)
	is "$(printf '%s\n' "$report" | sed -n 's/^env\.[0-9]*=\(NOTIFY_SOCKET=.\).*/\1/p')" 'NOTIFY_SOCKET=@' \
		"$option replaces the caller's NOTIFY_SOCKET"
done
for option in '-w 0' '-r fd:3'; do
	# shellcheck disable=SC2086 # words
	report=$(observe clean NOTIFY_SOCKET=/caller "$DAEMONIZE" $option sh "$tmp/ready" 3 @ 2>err)
	is "$(printf '%s\n' "$report" | grep -c '=NOTIFY_SOCKET=/caller$')" 1 "$option leaves the caller's NOTIFY_SOCKET alone"
done
# The other descriptors take numbers that are free.
numbers() { # WANTED OPTION...
	numbers_wanted=$1
	shift
	rm -f pid lock
	report=$(observe "$DAEMONIZE" "$@" @ 6</dev/null 7</dev/null 8</dev/null 2>err)
	is "$(printf '%s\n' "$report" | descriptors | sed 1,3d | tr '\n' ' ')" "$numbers_wanted" "the numbers of the other descriptors are right with $(printf '%s ' "$@" | sed 's/ sh .*//')"
}
numbers "fd.3 pipe fd.4 $tmp/pid " -r fd:3 -p pid sh "$tmp/ready" 3
numbers "fd.3 $tmp/pid fd.4 pipe fd.5 $tmp/lock " -r fd:4 -p pid -l lock sh "$tmp/ready" 4
numbers "fd.3 $tmp/pid fd.4 $tmp/lock fd.5 pipe " -r fd:5 -p pid -l lock sh "$tmp/ready" 5
numbers "fd.3 pipe fd.4 $tmp/pid fd.5 $tmp/lock fd.7 /dev/null " -r fd:3 -k 7 -p pid -l lock sh "$tmp/ready" 3
numbers "fd.3 $tmp/lock fd.6 /dev/null fd.7 /dev/null fd.8 pipe " -r fd:8 -k 6 -k 7 -l lock sh "$tmp/ready" 8
numbers "fd.3 $tmp/pid fd.7 /dev/null " -r notify -k 7 -p pid sh "$tmp/ready" notify

# -v tells what the command says.
run "$DAEMONIZE" -v -r notify -w 30 perl "$tmp/tell.pl" notify STATUS=one STATUS=one 'STATUS=two\nSTATUS=three' \
	'STATUS=' READY=1 -3
is "$status $(printf '%s\n' "$err" | sed -e 's/after [0-9.]* s/after T s/' -e 's/process [0-9]*/process N/' -e 1,7d)" \
	"3 daemonize: execute $perl
daemonize: wait at most 60.00 s until it is ready
daemonize: watch it for 30.00 s
daemonize: process N runs $perl, output in /dev/null, errors in /dev/null
daemonize: $perl: one
daemonize: $perl: three
daemonize: $perl: 
daemonize: $perl: ready after T s
daemonize: $perl: ended with status 3 after T s" '-v -r notify tells the words of STATUS, and when the command is ready'

# Descriptors that come with a datagram are closed.
new_hold
"$DAEMONIZE" -v -r notify sh -c 'perl "$tmp/tell.pl" notify STATUS=alone -0; until test -e "$tmp/pass"; do sleep 0.02; done
	exec "$@"' sh "$probe" /dev/null pass=STATUS=accompanied "hold=$hold" 2>tells </dev/null &
launcher=$!
has() {
	for name in /proc/"$launcher"/fd/*; do
		printf '%s %s\n' "${name##*/}" "$(readlink "$name")"
	done
}
wait_for grep -q alone tells
before=$(has)
: >pass
wait_for grep -q accompanied tells
is "$(has)" "$before" 'descriptors that come with a datagram are closed'
like "$before" socket: 'the launcher holds its socket while it reads datagrams'
release
wait $launcher
is "$?" 124 'a command that ends with 0 after datagrams without READY=1 is 124'

if need strace '-r where system calls fail'; then
	injected() { # INJECTION OPTION...
		injection=$1
		shift
		run timeout 60 strace -f -qq -o trace -e "inject=$injection" "$DAEMONIZE" -p injected.pid "$@" touch "$tmp/ran"
	}
	injected socket:error=EAFNOSUPPORT -r notify
	is "$status $err" '125 daemonize: -r notify: Address family not supported by protocol' '-r notify: a socket that cannot be had is told'
	injected setsockopt:error=ENOPROTOOPT -r notify
	is "$status $err" '125 daemonize: -r notify: Protocol not available' '-r notify: credentials that cannot be had are told'
	injected bind:error=EINVAL -r notify
	is "$status $err" '125 daemonize: -r notify: Invalid argument' '-r notify: an abstract name that cannot be had is told'
	injected getsockname:error=ENOBUFS:when=2 -r notify
	is "$status $err" '125 daemonize: -r notify: No buffer space available' '-r notify: a name that cannot be asked for is told'
	injected pipe2,pipe:error=EMFILE:when=1 -r fd:9
	is "$status $err" '125 daemonize: -r fd:9: Too many open files' '-r fd: a pipe that cannot be had is told'
	injected dup2,dup3:error=EMFILE:when=1 -r fd:9
	is "$status $err" '125 daemonize: -r fd:9: Too many open files' '-r fd: a number that cannot be had is told'
	ok '-r where system calls fail: nothing runs, and no pid file stays' test ! -e ran -a ! -e injected.pid
fi

collect
echo x >p.go
wait_for test -s p.done
is $? 0 'what a command writes when daemonize has returned does it no harm'
is "$(ls ./*.pid 2>/dev/null)" './c2.pid
./m.pid
./p.pid
./r5.pid' 'the pid files of failed starts are gone'
is_gone 'the child of a command that forked and ended is gone' forks
is_gone 'a command that ignores TERM is gone' stubborn
idle -p c2.pid

# The command and its session may say that it is ready, whatever their user.
if need_root 'READY=1 of a command that changes its user' && need perl 'READY=1 of a command that changes its user'; then
	take says.pl
	for how in itself child; do
		run timeout 20 "$DAEMONIZE" -p "$tmp/$how.pid" -r notify -T 10 perl "$tmp/says.pl" "$uid" "$how"
		is "$status $err" '0 ' "READY=1 of a command that has changed its user is accepted ($how)"
		[ ! -s "$how.pid" ] || kill -KILL "$(cat "$how.pid")"
	done
	run timeout 20 "$DAEMONIZE" -r notify -T 1 perl "$tmp/says.pl" "$uid" stranger
	is "$status $(printf '%s' "$err" | sed 's/pid [0-9]*/pid N/; s/after [0-9.]* s/after T s/')" \
		"124 daemonize: $(command -v perl): READY=1 from pid N, user $uid, not accepted
daemonize: $(command -v perl): not ready after T s" 'READY=1 of a stranger is told, and does not count'
	# shellcheck disable=SC2046 # words
	kill -KILL $(of_user "$uid")
fi
finish
