#!/bin/sh
# The tests run most lines of src.  The output names the others, as gcov (of gcc
# 12) finds them.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

all='the tests run most lines of src'
need_root "$all" && need gcov "$all" || finish

# A program that counts its lines.  Its processes share the counters in memory,
# so that nothing is lost however one ends: by exec, _exit or a signal.  Once
# main() has begun the counters take no system call.
(cd "$top" && tar cf - Makefile src) | tar xf -
take counters.c counters.ld
make -s clean
gcc -O1 "-DCOUNTERS=\"$tmp/counters\"" -c counters.c &&
	make -s CC=gcc CFLAGS='-O0 -g --coverage -fdata-sections -fprofile-update=atomic -fno-builtin' \
		LDFLAGS='--coverage counters.o -Wl,--wrap=__gcov_exit -Wl,-T,counters.ld' >log 2>&1
is "$? $(cat log)" '0 ' 'the program is built with counters'
truncate -s 1M counters
chmod 666 counters

# the tests, but those that reach no line that others do not, and some of the
# faults
DAEMONIZE=$tmp/daemonize FAULTS=few
export DAEMONIZE FAULTS
passes() {
	for name in "$@"; do
		out=$tmp/$(basename "$name").out
		"$top/tests/warden" "$top/tests/$name.t" >"$out" 2>&1 && continue
		echo "$name:"
		grep -A 3 -e '^not ok' -e '^warden' "$out" | head -n 20
	done
}
passes long/faults >faults &
set --
for t in "$top"/tests/*.t; do
	case $t in
	*/caller.t | */completions.t | */examples.t | */install.t | */manual.t | */readme.t | */terminal.t) ;;
	*) set -- "$@" "$(basename "$t" .t)" ;;
	esac
done
is "$(passes "$@")" '' 'the tests pass with the program that counts its lines'
wait
is "$(cat faults)" '' 'faults.t passes with the program that counts its lines'
COUNTERS_TO_GCDA=1 ./daemonize -V >/dev/null
gcov -a src/*.gcda >log 2>&1

take coverage.pl
perl coverage.pl 65 85 *.c.gcov >compared
status=$?
grep '^#' compared
is "$status $(grep -v '^#' compared)" '0 ' 'at least 65 % of the lines of each file are run, and 85 % of all'
finish
