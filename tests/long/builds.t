#!/bin/sh
# Other compilers, languages, libcs and checkers: each builds without a warning
# and passes the tests that look closest.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

(cd "$top" && tar cf - Makefile src man tests README COPYING) | tar xf -
warnings='-O2 -g -Wpedantic -Wconversion -Wshadow -Werror'
close='options exec paths state streams tell foreground verdict lock identity'
# Builds in this copy with the rest as make's arguments, and runs the tests
# named first with it.
builds() { # NAME TESTS MAKE-ARGUMENT...
	name=$1 names=$2
	shift 2
	make -s clean
	if ! make -s "$@" all helpers >log 2>&1; then
		result 'not ok' "$name builds"
		note "$(cat log)"
		return
	fi
	is "$(cat log)" '' "$name: no warning"
	for t in $names; do
		# leaks cannot be looked for under strace, nor in a new pid namespace
		case $t in lock | foreground | verbs | ready) ASAN_OPTIONS=detect_leaks=0 ;; *) ASAN_OPTIONS= ;; esac
		export ASAN_OPTIONS
		if sh "tests/$t.t" >log 2>&1; then
			result ok "$name: $t"
		else
			result 'not ok' "$name: $t"
			note "$(grep -v '^ok' log)"
		fi
	done
}
builds 'gcc C11' "$close" CC=gcc "CFLAGS=$warnings"
builds 'gcc C23, -O3, LTO' "$close" CC=gcc "CFLAGS=-std=c2x $warnings -O3 -flto"
builds 'gcc -O0' "$close" CC=gcc "CFLAGS=$warnings -O0"
if need clang clang; then
	builds 'clang C11' "$close" CC=clang "CFLAGS=$warnings"
	builds 'clang C23' "$close" CC=clang "CFLAGS=-std=c2x $warnings"
	builds 'clang, address and undefined behaviour' 'options exec paths streams tell foreground lock verbs ready' CC=clang \
		'CFLAGS=-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all'
fi
if need musl-gcc 'musl'; then
	export LIBC=musl
	builds 'musl' "$close" CC=musl-gcc "CFLAGS=$warnings"
	builds 'musl, static' "$close watch verbs ready" CC=musl-gcc "CFLAGS=$warnings -static"
	unset LIBC
fi

if need valgrind valgrind; then
	make -s clean
	make -s CFLAGS='-g -O1' all helpers
	for arguments in 'true' '-o log -e err -c . -m 022 -E A=1 -A x -P -v true' '-t -o log ./README' \
		'-n -o log true' './nosuch' '-q' '-f -o log true' '-p pid -l lock true' '-f -p pid true'; do
		# shellcheck disable=SC2086 # words
		valgrind -q --trace-children=no --leak-check=no --error-exitcode=77 --track-fds=no \
			--log-file=valgrind.%p ./daemonize $arguments >/dev/null 2>&1 </dev/null
		ok "valgrind daemonize $arguments" test $? -ne 77
		is "$(cat valgrind.*)" '' 'valgrind has nothing to say'
		rm -f valgrind.*
	done
fi
finish
