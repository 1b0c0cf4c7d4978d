#!/bin/sh
# Built for processors of 32 bits, of another maker, or with the most significant
# byte first, the program passes its tests in an emulator, but for what is the
# emulator's doing: each such check is told with its reason.
#
# EMULATE=all runs all tests on each processor, which takes an hour, else a few.
# EMULATE=PROCESSOR runs all of them on that one, or those that are the arguments.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

# What fails in the emulator (qemu 7.2) for no fault of daemonize: a test, a
# pattern of the names of its checks, and the reason.
cat >excuses <<'end_of_excuses'
exec|where faccessat2 is EPERM, *|the emulator makes faccessat2 where daemonize makes faccessat
foreground|an intermediate process that would be process 1 * is told|the emulator makes a thread, which no process can that has made a pid namespace
forged|a daemon of -u fits its stamp: *|the emulator tells a child the start of its parent in /proc/self/stat
state|*ignore=32,*|the emulator does not set signal 32, which its C library uses
logger|*ignore=32,*|the emulator does not set signal 32, which its C library uses
logger|a logger with no process left is told|the emulator has two threads, and RLIMIT_NPROC counts both
ready|descriptors that come with a datagram are closed|the emulator gives recvmsg room for descriptors, and keeps them open
restart|--signal=RTMAX succeeds|the emulator renumbers real-time signals, and has fewer
restart|*real-time signals are passed to the command|the emulator renumbers real-time signals, and has fewer
verbs|--signal=RTM*|the emulator renumbers real-time signals, and has fewer
verbs|--signal=SIGRTMIN+3: number 37 has arrived|the emulator renumbers real-time signals, and has fewer
verbs|--signal=50: number 50 has arrived|the emulator renumbers real-time signals, and has fewer
verbs|--status of another user finds root's daemon that dropped its lock|the emulator tells a child the start of its parent in /proc/self/stat
verdict|a start with fork,vfork,clone,clone3:error=EAGAIN is 125, and told|the emulator makes a thread by clone
verdict|a start with rt_sigaction:signal=KILL:when=30 is 125, and told|the emulator makes system calls of its own
verdict|a start with at most * processes *|the emulator has two threads, and RLIMIT_NPROC counts both
watch|a start without -w and -r makes none of their calls|the emulator makes system calls of its own
watch|QUIT*: a start that is watched ends with signal 3|the emulator tells of a signal that can dump core
watch|SIGQUIT that is pending before the start ends daemonize|the emulator tells of a signal that can dump core
end_of_excuses
: >used

# Sets $reason for a check that fails; fails if there is none.
excuse() { # TEST NAME
	[ "$emulated" ] || return
	while IFS='|' read -r test pattern reason; do
		[ "$test" = "$1" ] || continue
		# shellcheck disable=SC2254 # a pattern
		case $2 in
		$pattern)
			echo "$test|$pattern|$reason" >>"$tmp/used"
			return
			;;
		esac
	done <"$tmp/excuses"
	return 1
}

copy() { # DIRECTORY
	mkdir "$1"
	(cd "$top" && tar cf - Makefile src man tests README COPYING) | (cd "$1" && tar xf - && rm -f daemonize src/*.o tests/warden)
}

# Runs tests of a copy, two at once, each under the warden, and tells what they
# have said.
run_tests() { # COPY DAEMONIZE TEST...
	start=$(date +%s)
	sum=0
	copy=$1 program=$2
	shift 2
	# shellcheck disable=SC2016 # for the shell inside
	printf '%s\n' "$@" | EMULATED=$emulated DAEMONIZE=$program WARDEN_SECONDS=1200 xargs -n 1 -P 2 sh -c \
		'"$1/tests/warden" "$1/tests/$2.t" >"$2.log" 2>&1; echo $? >"$2.status"' sh "$copy"
	for t; do
		judge "$t"
	done
	note "$how: $# tests, $sum checks, $(($(date +%s) - start)) s"
}

# Tells what a test has said.  It has passed if it has come to its end, and there
# is an excuse for each check that failed.
judge() { # TEST
	sed -n "s/^# not on $processor: /# not on $processor: $1: /p" "$1.log"
	wanted=0
	: >wrong
	grep '^not ok' "$1.log" | sed 's/^not ok [0-9]* - //' >failed
	while IFS= read -r check; do
		if excuse "$1" "$check"; then
			echo "# not on $processor: $1: $check: $reason"
			wanted=1
		else
			echo "$check" >>wrong
		fi
	done <failed
	grep -q '^[0-9]*\.\.' "$1.log" || echo 'it does not come to its end' >>wrong
	is "$(cat "$1.status" wrong)" "$wanted" "$how: $1.t passes"
	[ "$(cat "$1.status" wrong)" = "$wanted" ] || explain "$(grep -v '^ok' "$1.log")"
	sum=$((sum + $(grep -c '^ok' "$1.log")))
}

# Builds the program for a processor, so that it needs no library of that, and
# runs it in the emulator.  The helpers are this processor's, and observe it.
emulated() { # PROCESSOR COMPILER TEST...
	processor=$1 compiler=$2
	shift 2
	case ${EMULATE:-} in
	all | "$processor") set -- $all_tests ;;
	?*) return ;;
	esac
	all="$processor: the program is built, and passes its tests in an emulator"
	need "$compiler" "$all" && need "qemu-$processor-static" "$all" || return
	rm -f copy/daemonize copy/src/*.o
	make -s -j2 -C copy CC="$compiler" LDFLAGS=-static daemonize >log 2>&1
	is "$(grep -v -e ': in function ' -e 'in statically linked applications' log)" '' \
		"$processor: the program is built without a warning"
	mkdir "$processor"
	mv copy/daemonize "$processor/program" || exit
	gcc "-DEMULATOR=\"$(command -v "qemu-$processor-static")\"" "-DPROGRAM=\"$tmp/$processor/program\"" \
		-o "$processor/daemonize" emulate.c
	emulated=$processor how="$processor, emulated"
	run_tests copy "$tmp/$processor/daemonize" "$@"
}

# Where the kernel executes programs of 32 bits, the helpers are built so, too,
# and there is no emulator.
native() { # TEST...
	case ${EMULATE:-} in
	all | i386) set -- $all_tests ;;
	?*) return ;;
	esac
	# a shell would take what cannot be executed for a script
	"$DAEMONIZE" -f ./i386/program -V >log 2>&1 || {
		echo "# not without an emulator: i386: $(cat log)"
		return
	}
	copy native
	make -s -j2 -C native CC=i686-linux-gnu-gcc LDFLAGS=-static all helpers >log 2>&1
	emulated='' how=i386
	run_tests native "$tmp/native/daemonize" "$@"
}

take emulate.c
copy copy
all_tests=${*:-$(cd copy/tests && echo *.t | sed -e 's/\.t / /g' -e 's/\.t$//')}
make -s -j2 -C copy helpers >log 2>&1
is "$(cat log)" '' 'the helpers are built without a warning'
emulated i386 i686-linux-gnu-gcc options streams
native exec options paths state streams tell verdict
emulated aarch64 aarch64-linux-gnu-gcc paths tell
emulated riscv64 riscv64-linux-gnu-gcc options streams
# the most significant byte comes first there
emulated s390x s390x-linux-gnu-gcc lock paths streams tell
[ "${EMULATE:-}" != all ] || [ $# -gt 0 ] || is "$(sort -u "$tmp/used")" "$(sort "$tmp/excuses")" 'no excuse is there without need'
finish
