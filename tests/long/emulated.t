#!/bin/sh
# Built for processors of 32 bits, of another maker, or with the most significant
# byte first, the program passes its tests in an emulator, but for what is the
# emulator's doing: each such check is told with its reason.
#
# EMULATE=all runs all tests on each processor, which takes an hour, else a few.
# EMULATE=PROCESSOR runs all of them on that one.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

# The helpers are not emulated: they observe the program.
mkdir copy
(cd "$top" && tar cf - Makefile src man tests README COPYING) | (cd copy && tar xf -)
cd copy || exit 1
rm -f daemonize src/*.o
make -s -j2 helpers >log 2>&1
is "$(cat log)" '' 'the helpers are built without a warning'
take emulate.c

# Sets $reason for a check that does not hold in an emulator; fails if there is
# none.  qemu 7.2 is meant.
excuse() { # TEST NAME
	case $1:$2 in
	'exec:where faccessat2 is EPERM, -n of '*)
		reason='the emulator makes faccessat2 where daemonize makes faccessat' ;;
	'foreground:an intermediate process that would be process 1'*' is told')
		reason='the emulator has two threads, which no process may have that makes a pid namespace' ;;
	'forged:a daemon of -u fits its stamp: '*)
		reason='the emulator tells a child the start of its parent, in /proc/self/stat' ;;
	'state:'*'ignore=32,'* | 'logger:'*'ignore=32,'*)
		reason='signal 32 is of the C library of the emulator, which lets nobody see or set it' ;;
	'restart:--signal=RTMAX '* | 'restart:'*'real-time signals are passed '*)
		reason='the emulator renumbers real-time signals, and has fewer' ;;
	'logger:a logger with no process left is told')
		reason='the emulator has two threads, and each counts for RLIMIT_NPROC' ;;
	'ready:descriptors that come with a datagram are closed')
		reason='the emulator gives recvmsg twice the room, where descriptors fit, and does not close them' ;;
	*) return 1 ;;
	esac
}

# Runs a test, two at once, and keeps its output and status.
# shellcheck disable=SC2016 # for the shell inside
run_test='timeout 1200 tests/warden "tests/$1.t" >"$1.log" 2>&1; echo $? >"$1.status"'

# Tells what a test says.  It has passed if it has come to its end, and what fails
# there is excused.
judge() { # PROCESSOR TEST
	sed -n "s/^# not on $1: /# not on $1: $2: /p" "$2.log"
	grep '^not ok' "$2.log" | sed 's/^not ok [0-9]* - //' >failed
	: >wrong
	while IFS= read -r name; do
		if excuse "$2" "$name"; then
			echo "# not on $1: $2: $name: $reason"
		else
			echo "$name" >>wrong
		fi
	done <failed
	wanted=0
	[ -s wrong ] || [ ! -s failed ] || wanted=1
	passed=$(grep -c '^ok' "$2.log")
	is "$(cat "$2.status") $(grep -c '^[0-9]*\.\.' "$2.log")" "$wanted 1" "$1: $2.t passes in an emulator"
	[ "$(cat "$2.status")" = $wanted ] || explain "$(grep -v '^ok' "$2.log")"
	sum=$((sum + passed))
}

# Builds the program for a processor, as a program of its own that no library of
# this machine is needed for, and runs tests.
emulated() { # PROCESSOR COMPILER TEST...
	processor=$1
	all="$1: the program is built, and passes its tests in an emulator"
	need "$2" "$all" && need "qemu-$1-static" "$all" || return
	rm -f daemonize src/*.o
	make -s -j2 CC="$2" LDFLAGS=-static daemonize >log 2>&1
	is "$(grep -v -e ': in function ' -e 'in statically linked applications' log)" '' "$1: the program is built without a warning"
	[ -x daemonize ] || {
		result 'not ok' "$1: make leaves a program"
		return
	}
	mkdir -p "$1"
	mv daemonize "$1/program"
	gcc "-DEMULATOR=\"$(command -v "qemu-$1-static")\"" "-DPROGRAM=\"$PWD/$1/program\"" -o "$1/daemonize" "$tmp/emulate.c"
	shift 2
	case ${EMULATE:-} in
	all | "$processor") set -- tests/*.t ;;
	?*) return ;;
	esac
	start=$(date +%s)
	sum=0
	for t; do
		t=${t#tests/}
		printf '%s\n' "${t%.t}"
	done | EMULATED=$processor DAEMONIZE=$PWD/$processor/daemonize xargs -n 1 -P 2 sh -c "$run_test" sh
	for t; do
		t=${t#tests/}
		judge "$processor" "${t%.t}"
	done
	note "$processor: $# tests, $sum checks, $(($(date +%s) - start)) s"
}
emulated i386 i686-linux-gnu-gcc options streams
emulated aarch64 aarch64-linux-gnu-gcc paths tell
emulated riscv64 riscv64-linux-gnu-gcc options streams
# the one with the most significant byte first
emulated s390x s390x-linux-gnu-gcc lock paths streams tell
finish
