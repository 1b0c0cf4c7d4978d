#!/bin/sh
# Every line of src is run by a test, the whole line, or stands below with the
# reason why not; gcov (of gcc 12) tells.
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

# What is not run, or only in part: FILE: the text of the line, below the reason;
# what a race may run or not begins with a question mark.
cat >reasons <<'end'
# every libc has a default PATH
command.c: return find_in_path(name, search ? search : "");
# with SO_PASSCRED each datagram says who sent it
compat.c: const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
compat.c: if (!header || header->cmsg_type != SCM_CREDENTIALS) return -1;
# another file would have to come just while a stranger has the start lock
? lock.c: if (lock_holder(lock) != 0 || !is_same(lock)) return;
# a pidfd is used where there is one
compat.c: return kill(pid, signo);
# waitid(2) for a child of our own, which nobody else waits for
detach.c: return;
# no room for some bytes: RLIMIT_AS as small as that ends the loader before
identity.c: if (!user) die(EXIT_FAILED, "out of memory");
compat.c: return setenv("NOTIFY_SOCKET", name, 1) == -1 ? -1 : fd;
identity.c: if (setenv(values[i][0], values[i][1], 1) == -1) fail(values[i][0]);
lock.c: if (lock->holds_number && atexit(lock_abandon) != 0) fail(lock->path);
options.c: if (!schedule) die(EXIT_FAILED, "out of memory");
options.c: if (!o->keep) die(EXIT_FAILED, "out of memory");
path.c: if (!copy) die(EXIT_FAILED, "out of memory");
plan.c: if (putenv(o->env[i]) != 0) fail("-E");
# Linux executes nothing without an argv[0] since 5.18
options.c: char **word = argv + (argc > 0);
# a root directory that others can write to, and seen by the counters
path.c: die(EXIT_FAILED, "%s: %s (%s%s, because %s is %s%s)", path, reason,
# fails as it does elsewhere (faults.t), but while something else is in the way too:
# another start
lock.c: if (signals_hold(NULL) == -1) fail("signals");
# ids that can be taken, but not given back
lock.c: bool is_us = geteuid() == getuid() || seteuid(getuid()) == 0; /* -u: or we go back */
# a working directory of more than 4096 bytes, which the counters do not reach
path.c: die(EXIT_FAILED, "%s: the working directory: %s", path,
# a signal that is pending
signals.c: if (sigaction(ending[i], NULL, &action) == -1) return -1;
signals.c: if (change_mask(SIG_UNBLOCK, ending[i]) == -1) return -1;
end
cat >compare.pl <<'end'
use strict;
use warnings;
my (%listed, %is_there, %seen, %sum, @report);
open my $reasons, "<", "reasons" or die;
while (<$reasons>) {
	chomp;
	next if /^#/;
	my $may = s/^\? //;
	$listed{$_} = $may ? "may be" : "is not";
}
for my $path (@ARGV) {
	my ($file) = $path =~ /^(.*)\.gcov$/;
	my %count = (lines => 0, run => 0, whole => 0);
	open my $f, "<", $path or die "$path: $!";
	while (<$f>) {
		my ($runs, $part, $number, $text) = /^ *(\d+|#####)(\*?): *(\d+):\s*(.*?)\s*$/ or next;
		my $line = "$file: $text";
		$is_there{$line} = 1;
		$count{lines}++;
		$count{run}++ if $runs ne "#####";
		next if $runs ne "#####" && !$part && ++$count{whole};
		$seen{$line} = 1;
		print "finding\tline $number is not run", $part ? " in part" : "", ", without a reason: $line\n" if !$listed{$line};
	}
	push @report, [ $file, %count ];
	$sum{$_} += $count{$_} for keys %count;
}
print "finding\tis run now, or has gone: $_\n"
	for grep { !($listed{$_} eq "may be" ? $is_there{$_} : $seen{$_}) } sort keys %listed;
for ([ "all", %sum ], @report) {
	my ($name, %count) = @$_;
	printf "lines\t%s: %.1f %% of %d run, %.1f %% in every part\n", $name, 100 * $count{run} / $count{lines}, $count{lines},
		100 * $count{whole} / $count{lines};
}
end
perl compare.pl *.c.gcov >compared
is $? 0 'the comparison'
sed -n 's/^lines	/# /p' compared
is "$(sed -n 's/^finding	//p' compared)" '' 'every line is run, or has its reason'
finish
