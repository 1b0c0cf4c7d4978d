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
cat >counters.c <<'end'
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
extern char counters_begin[], counters_end[];
void __real___gcov_exit(void);
void __wrap___gcov_exit(void) {
	if (getenv("COUNTERS_TO_GCDA")) __real___gcov_exit();
}
__attribute__((constructor)) static void share(void) {
	size_t size = (size_t)(counters_end - counters_begin);
	int fd = open(COUNTERS, O_RDWR | O_CLOEXEC);
	if (fd == -1) return;
	(void)mmap(counters_begin, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	(void)close(fd);
}
end
cat >counters.ld <<'end'
SECTIONS {
	.counters (NOLOAD) : ALIGN(CONSTANT(MAXPAGESIZE)) {
		counters_begin = .;
		*(.bss.__gcov0.*)
		. = ALIGN(CONSTANT(MAXPAGESIZE));
		counters_end = .;
	}
}
INSERT BEFORE .bss;
end
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

cat >compare.pl <<'end'
# compare.pl LEAST ALL FILE...: prints the lines that are not run, and how many are;
# fails if a file has less than LEAST percent of them run, or all have less than ALL.
use strict;
use warnings;
my ($least, $all) = splice @ARGV, 0, 2;
my (%sum, @report, $failed);
for my $path (@ARGV) {
	my ($file) = $path =~ /^(.*)\.gcov$/;
	my %count = (lines => 0, run => 0);
	my $function = "";
	open my $f, "<", $path or die "$path: $!";
	while (<$f>) {
		$function = $1 if /^[^:]*:[^:]*:([a-z]\w*)\(/;
		my ($runs, $number, $text) = /^ *(\d+|#####)\*?: *(\d+):\s*(.*?)\s*$/ or next;
		$count{lines}++;
		if ($runs eq "#####") {
			print "# not run: $file:$number: $function: $text\n";
		} else {
			$count{run}++;
		}
	}
	push @report, [ $file, %count ];
	$sum{$_} += $count{$_} for keys %count;
}
for (@report, [ "all", %sum ]) {
	my ($name, %count) = @$_;
	my $share = 100 * $count{run} / $count{lines};
	my $few = $share < ($name eq "all" ? $all : $least);
	printf "%s%s: %.1f %% of %d lines\n", $few ? "too few: " : "# ", $name, $share, $count{lines};
	$failed = 1 if $few;
}
exit !!$failed;
end
perl compare.pl 65 85 *.c.gcov >compared
status=$?
grep '^#' compared
is "$status $(grep -v '^#' compared)" '0 ' 'at least 65 % of the lines of each file are run, and 85 % of all'
finish
