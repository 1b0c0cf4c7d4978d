#!/bin/sh
# What goes wrong after the forks is told; the verdict is always true.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

cp "$probe" job
: >log
# Starts touch, which would make ran, under strace with an injection.
injected() { # INJECTION [OPTION...]
	injection=$1
	shift
	run strace -f -qq -o trace -e "inject=$(of_any_width "$injection")" "$DAEMONIZE" "$@" touch "$tmp/ran"
}
fails() { # MESSAGE INJECTION [OPTION...]: a start is 125, with that message
	message=$1
	shift
	injected "$@"
	is "$status $out$err" "125 daemonize: $message" "a start with $* is 125, and told"
	ok "a start with $*: nothing runs" test ! -e ran
	rm -f ran
}
touch=$(command -v touch)

if need strace 'injected failures'; then
	fails 'pipe: Too many open files' pipe,pipe2:error=EMFILE
	fails 'fork: Resource temporarily unavailable' fork,vfork,clone,clone3:error=EAGAIN
	fails 'setsid: Operation not permitted' setsid:error=EPERM
	fails 'standard input: Bad file descriptor' dup2,dup3:error=EBADF:when=1
	fails 'standard output: Input/output error' dup2,dup3:error=EIO:when=2
	fails 'standard error: Too many open files' dup2,dup3:error=EMFILE:when=3
	fails "$tmp/log: Input/output error" ftruncate:error=EIO -t -o log
	fails 'signals: Invalid argument' rt_sigaction:error=EINVAL:when=20
	fails '/: Permission denied' chdir:error=EACCES
	# The exec itself fails.
	for error in 'E2BIG Argument list too long' 'ENOMEM Cannot allocate memory' 'EPERM Operation not permitted' \
		'EAGAIN Resource temporarily unavailable' 'EMFILE Too many open files'; do
		run strace -f -qq -o trace -P "$touch" -e "inject=execve:error=${error%% *}" \
			"$DAEMONIZE" touch "$tmp/ran"
		is "$status $err" "126 daemonize: $touch: ${error#* }" "an exec that fails with ${error%% *} is 126, and told"
	done
	# The intermediate process dies, or the daemon.
	fails "$touch: the intermediate process gave no verdict" setsid:signal=KILL
	fails "$touch: the daemon died before the exec" dup2,dup3:signal=KILL
	fails "$touch: the daemon died before the exec" rt_sigaction:signal=KILL:when=30
	# A failure of the report itself is not taken for success.
	injected dup2,dup3,write:error=EIO
	is "$status" 125 'a failure whose report cannot be written is 125'
	ok 'a failure whose report cannot be written: nothing runs' test ! -e ran
	# Interrupted calls are made again.
	for call in dup2,dup3:error=EINTR:when=1 read:error=EINTR:when=3 wait4,waitid:error=EINTR:when=1 \
		poll,ppoll:error=EINTR:when=1; do
		rm -f ran
		injected $call
		is "$status $err" '0 ' "a start with $call succeeds"
		wait_for test -e ran
	done
	rm -f ran

	# An intermediate process that is stopped is woken.
	for call in setsid setpgid; do
		run timeout 20 strace -f -qq -o trace -e "inject=$call:signal=STOP" "$DAEMONIZE" touch "$tmp/ran"
		is "$status $err" '0 ' "a start whose intermediate process is stopped at $call succeeds"
		ok "a start whose intermediate process is stopped at $call: it was" grep -q -e '--- stopped by SIGSTOP ---' trace
		wait_for test -e ran
		rm -f ran
	done

	# If the intermediate process is killed when the exec may have been made, the command is ended.
	new_hold
	run timeout 20 strace -f -qq -o trace -e inject=setpgid:signal=KILL "$DAEMONIZE" "$probe" "$tmp/r" "hold=$hold"
	is "$status $err" "125 daemonize: $probe: the intermediate process gave no verdict" 'an intermediate process that is killed after the exec is 125, and told'
	# If the launcher is killed, the command runs with everything set up.
	rm -f r
	run strace -f -qq -o trace -e inject=wait4:signal=KILL "$DAEMONIZE" "$probe" "$tmp/r"
	is "$status" 137 'a launcher that is killed ends by KILL'
	wait_for test -e r
	is "$(grep -c -e '^cwd=/$' -e '^umask=0000$' -e '^fd\.[012]=.*/dev/null$' -e '^blocked=$' r)" 6 \
		'a launcher that is killed: the command runs with everything set up'

	# A verdict that comes late is true, too.
	slow() { # STATUS NAME COMMAND...
		wanted=$1 name=$2
		shift 2
		run strace -f -qq -o trace -e inject=setpgid:delay_enter=200000 "$DAEMONIZE" "$@"
		is "$status" "$wanted" "a late verdict on $name is $wanted"
	}
	slow 0 'a command that ends at once' true
	slow 0 'a command that fails at once' false
	slow 0 'a command that kills itself at once' sh -c 'kill -9 $$'
	slow 0 'a command that makes a session of its own' setsid sh -c 'exit 3'
	slow 127 'a command that is not found' "$tmp/nosuch"
	printf '\177ELF' >elf
	chmod +x elf
	slow 126 'a file that cannot be executed' ./elf
fi

# A sandbox may refuse the question of the verdict.
if need strace 'the verdict where setpgid is refused'; then
	refused() { # STATUS NAME COMMAND...
		wanted=$1 name=$2
		shift 2
		run strace -f -qq -o trace -e inject=setpgid:error=EPERM "$DAEMONIZE" "$@"
		is "$status" "$wanted" "where setpgid is refused the verdict on $name is $wanted"
	}
	refused 0 'a command that goes on' "$probe" "$tmp/refused"
	refused 0 'a command that ends at once' true
	refused 0 'a command that kills itself' sh -c 'kill -9 $$'
	refused 126 'a file that cannot be executed' ./elf
	run strace -f -qq -o trace -e inject=setpgid:error=EPERM -e inject=dup2,dup3:signal=KILL "$DAEMONIZE" touch "$tmp/ran"
	is "$status $err" "125 daemonize: $touch: the daemon died before the exec" 'where setpgid is refused a daemon that is killed is told'
fi

# A library of /etc/ld.so.preload may need more stack than a child in our memory has.
if need_root 'a preloaded library' && need gcc 'a preloaded library' && unshare -m true 2>/dev/null; then
	take stack.c
	gcc -shared -fPIC -o stack.so stack.c
	cp -a /etc etc
	echo "$tmp/stack.so" >etc/ld.so.preload
	run unshare -m sh -c 'mount --bind "$1" /etc && shift && exec "$@"' sh "$tmp/etc" "$DAEMONIZE" true
	is "$status $err" '0 ' 'a library of /etc/ld.so.preload with large frames does not hinder a start'
fi

# There is no process left for the launcher's fork, or for the intermediate process's.
if need_root 'a start with no process left' && need setpriv 'a start with no process left'; then
	cp "$DAEMONIZE" "$arrange" .
	for limit in 1 2; do
		run setpriv --reuid=$uid --regid=$uid --clear-groups ./arrange nproc=$limit -- \
			./daemonize touch "$tmp/ran"
		is "$status $err" '125 daemonize: fork: Resource temporarily unavailable' "a start with at most $limit processes is 125, and told"
	done
	run setpriv --reuid=$uid --regid=$uid --clear-groups ./arrange nproc=3 -- ./daemonize true
	is "$status $err" '0 ' 'a start with at most 3 processes succeeds'
fi

# A few descriptors are enough for a start, or it is told that they are not.
enough=no
for limit in 3 4 5 6 7 8 16; do
	run "$arrange" nofile=$limit -- "$DAEMONIZE" -o log true
	if [ "$status" -eq 0 ]; then
		enough=yes
		is "$err" '' "a start with at most $limit descriptors succeeds, and prints nothing"
	elif [ "$status" -eq 127 ]; then
		like "$err" 'Too many open files\|shared librar' "a start with at most $limit descriptors is told by the loader"
	else
		is "$status${err##*:}" '125 Too many open files' "a start with at most $limit descriptors is told"
	fi
done
is $enough yes 'a start with at most 16 descriptors succeeds'

require perl
# Signals to our process group while it starts leave all of a daemon, or nothing.
take storm.pl
perl storm.pl "$DAEMONIZE" $((40 * times)) "$tmp" >rounds 2>/dev/null
is "$(wc -l <rounds)" $((40 * times)) "each of $((40 * times)) starts that get a signal ends"
wrong=
while read -r round end; do
	case $end in
	0) wait_for test -e "storm.$round" || wrong="$wrong $round:$end" ;;
	1 | 2 | 3 | 131 | 15) [ ! -e "storm.$round" ] || wrong="$wrong $round:$end" ;;
	*) wrong="$wrong $round:$end" ;;
	esac
done <rounds
is "$wrong" '' 'of starts that get a signal the command runs after status 0, and only then'
finish
