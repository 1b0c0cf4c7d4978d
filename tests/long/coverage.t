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

# What is not run, or only in part: FILE: FUNCTION: the text of the line, below the
# reason; what a race may run or not begins with a question mark.
cat >reasons <<'end'
# with SO_PASSCRED each datagram says who sent it
notify.c: notify_read: header = CMSG_FIRSTHDR(&message);
notify.c: notify_read: errno = EPERM;
notify.c: notify_read: return -1;
# no room for some bytes: RLIMIT_AS as small as that ends the loader before
command.c: copy_absolute: die_no_memory();
diag.c: die_no_memory: die_no_memory(void)
diag.c: die_no_memory: die(EXIT_FAILED, "out of memory");
identity.c: allocate_groups: die_no_memory();
identity.c: identity_find: die_no_memory();
identity.c: set_variable: die_errno(name);
lock.c: lock_start: die_errno(lock->path);
options.c: add_env: die_no_memory();
options.c: keep_descriptor: die_no_memory();
path.c: path_absolute: die_no_memory();
prepare.c: close_inherited: die_no_memory();
prepare.c: set_environment: die_errno("-E");
schedule.c: schedule_parse: die_no_memory();
schedule.c: schedule_default: die_no_memory();
# /proc is as proc(5) says, and clocks can be read
process.c: parse_number: return NULL;
process.c: parse_stat: return -1;
process.c: process_read_users: errno = EINVAL;
process.c: process_read_users: return -1;
pidfile.c: set_stamp: return;
pidfile.c: pidfile_compare: return PIDFILE_UNKNOWN;
# the kernel refuses the question, and /proc has no answer: two failures at once
detach.c: ask_kernel: default:
detach.c: ask_kernel: return VERDICT_UNKNOWN;
compat.c: compat_has_executed: return COMPAT_UNKNOWN;
# status and options of a socket that is open can be had
prepare.c: has_inetd_socket: return false;
# with -o there is a descriptor
prepare.c: share_description: return false;
# a switch that names each value of its type, and one that cannot come here
detach.c: await_verdict: case MESSAGE_ENDED:
detach.c: await_verdict: break;
trust.c: trust_describe: case TRUST_YES:
trust.c: trust_describe: (void)snprintf(text, size, "trusted");
trust.c: trust_describe: break;
# the exec's own failures and those of -u have been told before
child.c: name_object: default:
child.c: name_object: return child->path;
# the directory would have to change between the launcher's look and the daemon
child.c: child_exec: return failed(STEP_DIRECTORY, 0);
child.c: name_object: case STEP_DIRECTORY:
child.c: name_object: return child->directory;
# on Linux /dev/fd is a link into /proc, so one is there only with the other
compat.c: compat_close_range: return;
# a root directory that others can write to, and seen by the counters
open.c: open_die: way = "/";
# a working directory of more than 4096 bytes, or the root, which the counters do not reach
path.c: path_absolute: errno = ENAMETOOLONG;
# fails as it does elsewhere (faults.t), but while a signal is pending
signals.c: let_act: return -1;
signals.c: signals_block_all: return -1;
# what hangs on a race or on two failures at once may be run or not
# a sandbox without faccessat2 while we act as the -u user: faults.t and identity.t see the daemon refuse
? compat.c: access_by_anybody: access_by_anybody(const struct stat *st, int mode)
? compat.c: access_by_anybody: mode_t wanted = 0;
? compat.c: access_by_anybody: if ((mode & R_OK) != 0)
? compat.c: access_by_anybody: wanted |= S_IRUSR | S_IRGRP | S_IROTH;
? compat.c: access_by_anybody: if ((mode & W_OK) != 0)
? compat.c: access_by_anybody: wanted |= S_IWUSR | S_IWGRP | S_IWOTH;
? compat.c: access_by_anybody: if ((mode & X_OK) != 0)
? compat.c: access_by_anybody: wanted |= S_IXUSR | S_IXGRP | S_IXOTH;
? compat.c: access_by_anybody: if (mode == F_OK || (st->st_mode & wanted) != 0)
? compat.c: access_by_anybody: return 0;
? compat.c: access_by_anybody: errno = EACCES;
? compat.c: access_by_anybody: return -1;
? compat.c: compat_access: if (fstatat(dirfd, name, &st, 0) == -1)
? compat.c: compat_access: return -1;
? compat.c: compat_access: return access_by_anybody(&st, mode);
# /proc and the maps of a user namespace can be read, and file systems say ENODATA of a list that is not there
? compat.c: compat_has_name: return COMPAT_YES;
? compat.c: is_mapped: return true;
? compat.c: is_mapped: found = true;
? compat.c: compat_has_acl: return errno != ENODATA && errno != ENOTSUP;
? compat.c: compat_time_of_ticks: return -1;
? process.c: take_stat: errno = EINVAL;
? process.c: take_stat: return -1;
? process.c: is_lock_of: return false;
? process.c: is_lock_of: return strcmp(last, "EOF") == 0 || strtoll(last, NULL, 10) >= byte;
? process.c: has_lock: return errno == ENOENT ? PROCESS_NO : PROCESS_UNKNOWN;
# with a pidfd a process that has gone says so itself
? compat.c: compat_pidfd_open: if (kill(pid, 0) == 0 || errno != ESRCH)
? compat.c: compat_pidfd_signal: errno = ESRCH;
? compat.c: compat_pidfd_signal: return -1;
# what only a change between two looks shows: another holder, another file, a process that ends just then
? claim.c: may_write: return file->user->name != NULL && uid == file->user->uid;
? claim.c: claim_of_holder: return CLAIM_PROVED;
? claim.c: is_another: return false;
? claim.c: is_another: return true;
? control.c: is_foreign: return true;
? control.c: look_at: if (looks > MAX_LOOKS && is_foreign(t, &look))
? control.c: look_at: break;
? control.c: judge_named: return found(t, EXIT_UNKNOWN, "pid %ld is out of reach",
? control.c: judge_named: (long)t->pid);
? control.c: judge_named: return found_not_running(t);
? lock.c: die_locked: die_no_lock(lock);
? lock.c: find_running: die_no_lock(lock);
? lock.c: find_running: holder = again;
? lock.c: die_foreign: die(EXIT_FAILED, "%s: locked by %s, which may be any process",
? lock.c: die_foreign: lock->path, who);
? lock.c: lock_start: die(EXIT_FAILED, "%s: replaced again and again",
? lock.c: check_still_ours: errno = EALREADY;
? lock.c: check_still_ours: return -1;
? lock.c: lock_remove_unfinished: return;
# user and group lists that differ or fail between two looks, a child that cannot be had for one
? identity.c: compare_groups: return 0;
? identity.c: ask_groups: die_of(account->typed, errno != 0 ? errno : EIO);
? identity.c: try_groups: id->own_groups = id->groups;
? identity.c: try_groups: id->own_count = id->group_count;
? identity.c: try_groups: return 0;
? identity.c: look_and_tell: error = EACCES;
? identity.c: look_and_tell: _exit(1);
? identity.c: identity_look: errno = EACCES;
? identity.c: identity_look: return -1;
? identity.c: identity_look: error = EACCES;
# signals refused to us and to the user at once
? group.c: is_left: identity_drop_temporarily(user);
? group.c: is_left: left = left || errno == EPERM;
? group.c: is_left: identity_restore(user);
# a failed wait for a child of our own, the launcher's end or a signal in a moment of 100 ms
? monitor.c: await_end: return false;
? monitor.c: monitor_stay: return;
? monitor.c: had_said_ready: return false;
? monitor.c: check_locks: return event;
# two failures at once, or an object that /proc shows and cannot be opened
? open.c: open_object: return discard(lookup, fd, false);
? open.c: explain_fifo: errno = ENXIO;
? open.c: explain_fifo: return;
? open.c: preview_null_device: return -1;
? open.c: open_preview: identity_restore(user);
? path.c: is_own_link: return false;
? path.c: is_our_fd_dir: return false;
? path.c: follow_object: errno = ELOOP;
? path.c: follow_object: return -1;
# asked for by no test yet: each is one line that its neighbours show
? options.c: takes_timeout: return false;
? prepare.c: close_inherited: for (size_t i = 0; i < o->keep_count; i++)
? prepare.c: close_inherited: kept[i] = o->keep[i];
? ready.c: says_ready: return false;
? ready.c: read_socket: return says_ready(text) ? READINESS_REFUSED : READINESS_NOT_YET;
? signals.c: find_pending: return SIGTSTP;
? signame.c: last_signal: return SIGRTMAX;
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
	my $function = "";
	open my $f, "<", $path or die "$path: $!";
	while (<$f>) {
		$function = $1 if /^[^:]*:[^:]*:([a-z]\w*)\(/;
		my ($runs, $part, $number, $text) = /^ *(\d+|#####)(\*?): *(\d+):\s*(.*?)\s*$/ or next;
		my $line = "$file: $function: $text";
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
