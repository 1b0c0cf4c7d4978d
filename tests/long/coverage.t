#!/bin/sh
# How many lines of src the tests run, and which they do not; gcov (of gcc 12)
# tells.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

need_root coverage && need gcov coverage || finish

# A build that counts.  All its processes share the counters in memory: however
# one ends, by exec, _exit or a signal, nothing that it counted is lost; and from
# main() to its end it makes no system call of its own for it.
(cd "$top" && tar cf - Makefile src) | tar xf -
take counters.c counters.ld
make -s clean
gcc -O1 "-DCOUNTERS=\"$tmp/counters\"" -c counters.c &&
	make -s CC=gcc CFLAGS='-O0 -g --coverage -fdata-sections -fprofile-update=atomic -fno-builtin' \
		LDFLAGS='--coverage counters.o -Wl,--wrap=__gcov_exit -Wl,-T,counters.ld' >log 2>&1
is "$? $(cat log)" '0 ' 'it builds'
truncate -s 1M counters
chmod 666 counters

# the tests but those that reach no line alone, and a part of the faults
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
is "$(passes "$@")" '' "they pass: $*"
wait
is "$(cat faults)" '' 'and the faults'
COUNTERS_TO_GCDA=1 ./daemonize -V >/dev/null
gcov -a src/*.gcda >log 2>&1

take coverage.pl
perl coverage.pl 65 85 *.c.gcov >compared
status=$?
grep '^#' compared
is "$status $(grep -v '^#' compared)" '0 ' 'at least 65 % of the lines of each file are run, and 85 % of all'
finish
