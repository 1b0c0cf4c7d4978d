/* SPDX-License-Identifier: ISC */
#include "compat.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "process.h"

#if defined(__linux__)
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#define BOOT_CLOCK CLOCK_BOOTTIME
/* Of close_range(2): many systems have the call, but not the header. */
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif
#else
#define BOOT_CLOCK CLOCK_MONOTONIC
#endif
#if defined(__FreeBSD__)
#include <sys/procctl.h>
#endif

static void
close_one(int fd)
{
	(void)close(fd);
}

static void
set_cloexec(int fd)
{
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

#if defined(F_MAXFD) || defined(__OpenBSD__)
/* Returns the first descriptor behind all open ones. */
static unsigned
end_of_open(void)
{
#if defined(F_MAXFD)
	return (unsigned)(fcntl(STDIN_FILENO, F_MAXFD) + 1);
#else
	int left = getdtablecount();
	unsigned fd;

	for (fd = 0; left > 0; fd++) {
		if (fcntl((int)fd, F_GETFD) != -1)
			left--;
	}
	return fd;
#endif
}

/* Does something to each open descriptor, and perhaps to closed ones.  There
 * /dev/fd has the same names whatever is open. */
static void
for_each_open(unsigned first, unsigned last, void (*action)(int))
{
	const unsigned end = end_of_open();

	for (unsigned fd = first; fd <= last && fd < end; fd++)
		action((int)fd);
}
#else
/* Does something to each descriptor that a directory lists.  Returns false
 * without the directory. */
static bool
for_listed(const char *directory, unsigned first, unsigned last,
    void (*action)(int))
{
	const struct dirent *entry;
	DIR *list = opendir(directory);

	if (list == NULL)
		return false;
	while ((entry = readdir(list)) != NULL) {
		unsigned fd = (unsigned)atoi(entry->d_name);

		/* "." and ".." give 0, which is never to be closed. */
		if (fd >= first && fd <= last && fd != (unsigned)dirfd(list))
			action((int)fd);
	}
	(void)closedir(list);
	return true;
}

/* Does something to each open descriptor, and perhaps to closed ones. */
static void
for_each_open(unsigned first, unsigned last, void (*action)(int))
{
	const unsigned most = 65535;

	if (for_listed("/proc/self/fd", first, last, action))
		return;
	if (for_listed("/dev/fd", first, last, action))
		return;

	/* Nothing tells which are open; most are not. */
	for (unsigned fd = first; fd <= last && fd <= most; fd++)
		action((int)fd);
}
#endif

void
compat_close_range(unsigned first, unsigned last)
{
#if defined(SYS_close_range)
	/* The call: C libraries got their function years later. */
	if (syscall(SYS_close_range, first, last, 0) == 0)
		return;
#elif defined(__FreeBSD__)
	if (close_range(first, last, 0) == 0)
		return;
#endif
	for_each_open(first, last, close_one);
}

void
compat_cloexec_from(unsigned first)
{
#if defined(SYS_close_range)
	if (syscall(SYS_close_range, first, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0)
		return;
#elif defined(__FreeBSD__)
	if (close_range(first, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0)
		return;
#endif
	for_each_open(first, UINT_MAX, set_cloexec);
}

int
compat_openat(int dirfd, const char *name, int flags)
{
	int fd = openat(dirfd, name, flags);

#if defined(EFTYPE)
	if (fd == -1 && (errno == EMLINK || errno == EFTYPE))
		errno = ELOOP;
#endif
	return fd;
}

#if defined(__linux__)
/* Reads a link that is open for nothing else, and its status. */
static ssize_t
read_open_link(int fd, char *target, size_t size, struct stat *link)
{
	if (fstat(fd, link) == -1)
		return -1;
	if (!S_ISLNK(link->st_mode)) {
		errno = EINVAL;
		return -1;
	}
	return readlinkat(fd, "", target, size);
}
#endif

ssize_t
compat_read_link(int dirfd, const char *name, char *target, size_t size,
    struct stat *link)
{
#if defined(__linux__)
	ssize_t length;
	int saved_errno;
	int fd;

	fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return -1;
	length = read_open_link(fd, target, size, link);
	saved_errno = errno;
	(void)close(fd);
	errno = saved_errno;
	return length;
#else
	struct stat after;
	ssize_t length;

	if (fstatat(dirfd, name, link, AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	length = readlinkat(dirfd, name, target, size);
	if (length == -1)
		return -1;
	if (fstatat(dirfd, name, &after, AT_SYMLINK_NOFOLLOW) == -1)
		return -1;
	if (after.st_dev == link->st_dev && after.st_ino == link->st_ino)
		return length;
	errno = ELOOP;
	return -1;
#endif
}

void
compat_wait_for_unlink(int dirfd, const char *name)
{
#if defined(__linux__)
	char slashed[NAME_MAX + 2];

	(void)snprintf(slashed, sizeof(slashed), "%s/", name);
	(void)unlinkat(dirfd, slashed, 0);
#else
	(void)dirfd;
	(void)name;
#endif
}

enum compat_answer
compat_has_name(int fd, const char *name)
{
#if defined(__linux__)
	static const char suffix[] = " (deleted)";
	const ssize_t suffix_length = (ssize_t)strlen(suffix);
	char path[PATH_MAX + sizeof(suffix)];
	char link[64];
	ssize_t length;

	/* Such a name may be there. */
	if (strstr(name, suffix) != NULL)
		return COMPAT_UNKNOWN;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path));
	if (length == -1)
		return COMPAT_UNKNOWN;
	if (length < suffix_length)
		return COMPAT_YES;
	if (memcmp(path + length - suffix_length, suffix,
		(size_t)suffix_length) == 0)
		return COMPAT_NO;
	return COMPAT_YES;
#else
	(void)fd;
	(void)name;
	return COMPAT_UNKNOWN;
#endif
}

/* Returns 0 if anybody may access a file of that mode, or -1 with errno. */
static int
access_by_anybody(const struct stat *st, int mode)
{
	mode_t wanted = 0;

	if ((mode & R_OK) != 0)
		wanted |= S_IRUSR | S_IRGRP | S_IROTH;
	if ((mode & W_OK) != 0)
		wanted |= S_IWUSR | S_IWGRP | S_IWOTH;
	if ((mode & X_OK) != 0)
		wanted |= S_IXUSR | S_IXGRP | S_IXOTH;
	if (mode == F_OK || (st->st_mode & wanted) != 0)
		return 0;
	errno = EACCES;
	return -1;
}

/* The old calls.  The function of a C library may try the new one first. */
static int
access_by_real_ids(int dirfd, const char *name, int mode)
{
	if (dirfd == AT_FDCWD)
		return access(name, mode);
#if defined(SYS_faccessat)
	return (int)syscall(SYS_faccessat, dirfd, name, mode);
#else
	return faccessat(dirfd, name, mode, 0);
#endif
}

int
compat_access(int dirfd, const char *name, int mode)
{
	struct stat st;

	if (faccessat(dirfd, name, mode, AT_EACCESS) == 0)
		return 0;
	/* faccessat2(2) is of 2020. */
	if (errno != EPERM && errno != ENOSYS)
		return -1;

	if (getuid() == geteuid() && getgid() == getegid())
		return access_by_real_ids(dirfd, name, mode);
	if (fstatat(dirfd, name, &st, 0) == -1)
		return -1;
	return access_by_anybody(&st, mode);
}

#if defined(__linux__)
/* Returns true if the user namespace maps uid, or if that cannot be read. */
static bool
is_mapped(uid_t uid)
{
	unsigned long inside, count;
	bool found = false;
	FILE *map = fopen("/proc/self/uid_map", "re");

	if (map == NULL)
		return true;
	while (!found && fscanf(map, "%lu %*u %lu", &inside, &count) == 2)
		found = uid >= inside && uid - inside < count;
	if (ferror(map) != 0)
		found = true;
	(void)fclose(map);
	return found;
}
#endif

uid_t
compat_unmapped_uid(void)
{
#if defined(__linux__)
	FILE *file = fopen("/proc/sys/kernel/overflowuid", "re");
	uid_t uid = (uid_t)-1;

	if (file == NULL)
		return uid;
	if (fscanf(file, "%u", &uid) != 1 || is_mapped(uid))
		uid = (uid_t)-1;
	(void)fclose(file);
	return uid;
#else
	return (uid_t)-1;
#endif
}

int
compat_get_groups(const char *name, gid_t gid, gid_t *groups, int *count)
{
#if defined(__APPLE__)
	return getgrouplist(name, (int)gid, (int *)groups, count);
#else
	return getgrouplist(name, gid, groups, count);
#endif
}

int
compat_set_groups(int count, const gid_t *groups)
{
#if defined(__linux__)
	return setgroups((size_t)count, groups);
#else
	return setgroups(count, groups);
#endif
}

bool
compat_has_acl(int fd)
{
#if defined(__linux__)
	char link[64];

	/* A descriptor that is open for nothing has to be asked for by name. */
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (getxattr(link, "system.posix_acl_access", NULL, 0) == -1)
		return errno != ENODATA && errno != ENOTSUP;
	return true;
#else
	(void)fd;
	return true;
#endif
}

bool
compat_has_object_links(int dirfd)
{
#if defined(__linux__)
	enum {
		PROC_MAGIC = 0x9fa0
	};
	struct statfs fs;

	return fstatfs(dirfd, &fs) == 0 && fs.f_type == PROC_MAGIC;
#else
	(void)dirfd;
	return false;
#endif
}

bool
compat_keeps_capabilities(void)
{
#if defined(__linux__)
	const int no_setuid_fixup = 1 << 2;
	const int keep_caps = 1 << 4;

	int bits = prctl(PR_GET_SECUREBITS);

	/* Where it cannot be told, the change of ids itself is verified. */
	return bits != -1 && (bits & (no_setuid_fixup | keep_caps)) != 0;
#else
	return false;
#endif
}

static int
default_signal(int signo)
{
#if defined(__linux__)
	/* The kernel's struct sigaction of any architecture, all zero. */
	static const unsigned long zeros[8];

	return (int)syscall(SYS_rt_sigaction, signo, zeros, NULL, NSIG / 8);
#else
	if (signal(signo, SIG_DFL) == SIG_ERR && errno != EINVAL)
		return -1;
	return 0;
#endif
}

int
compat_default_signals(void)
{
	for (int signo = 1; signo <= COMPAT_LAST_SIGNAL; signo++) {
		if (signo == SIGKILL || signo == SIGSTOP)
			continue;
		if (default_signal(signo) == -1)
			return -1;
	}
	return 0;
}

bool
compat_can_share_memory(void)
{
#if defined(__linux__)
	if (getenv("LD_PRELOAD") != NULL || getenv("LD_AUDIT") != NULL)
		return false;
	/* If it cannot be told, there may be one. */
	return access("/etc/ld.so.preload", F_OK) == -1 && errno == ENOENT;
#else
	return false;
#endif
}

#if defined(__linux__)
enum {
	MOST_SHARING = 2, /* the intermediate process and the daemon */
	STACK_SIZE = 32768,
	MAX_PAGE = 4096 /* the least there is; limits count static memory */
};

/*
 * Starts a child in our memory.  Its stack, which is never given back, ends in
 * a page that cannot be written, so that an overflow is a crash of the child
 * and not a change of our memory.  Returns -1 if there is no stack left, where
 * pages are greater, and where such a child cannot be had: qemu-user and some
 * sandboxes have none.
 *
 * The stacks are static: mmap(2), and what it adds to the page tables, took a
 * tenth of the time of a start.  The page can be read, since LeakSanitizer
 * reads all static memory.
 */
static pid_t
start_sharing(int (*body)(void *), void *argument)
{
	static char memory[MOST_SHARING][2 * MAX_PAGE + STACK_SIZE];
	static int started;
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *guard, *stack;

	if (started == MOST_SHARING || page > MAX_PAGE)
		return -1;
	guard = memory[started];
	guard += page - (uintptr_t)guard % page;
	stack = guard + page;
	if (mprotect(guard, page, PROT_READ) == -1)
		return -1;
	started++;
	return clone(body, stack + STACK_SIZE, CLONE_VM | SIGCHLD, argument);
}
#endif

pid_t
compat_start_child(int (*body)(void *), void *argument, bool share)
{
	pid_t child = -1;

#if defined(__linux__)
	if (share)
		child = start_sharing(body, argument);
#else
	(void)share;
#endif
	if (child == -1)
		child = fork();
	if (child == 0)
		_exit(body(argument));
	return child;
}

void
compat_die_with_parent(void)
{
#if defined(__linux__)
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#elif defined(PROC_PDEATHSIG_CTL)
	int signo = SIGKILL;

	(void)procctl(P_PID, 0, PROC_PDEATHSIG_CTL, &signo);
#endif
}

#if defined(SYS_pidfd_open) || defined(SYS_pidfd_send_signal)
/* Returns true if a call is absent, or a sandbox refuses it. */
static bool
is_absent(int error)
{
	return error == ENOSYS || error == EPERM;
}
#endif

int
compat_pidfd_open(pid_t pid)
{
#if defined(SYS_pidfd_open)
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (pidfd != -1 || !is_absent(errno))
		return pidfd;
#endif
	if (kill(pid, 0) == 0 || errno != ESRCH)
		errno = ENOSYS;
	return -1;
}

int
compat_pidfd_signal(int pidfd, pid_t pid, int signo)
{
#if defined(SYS_pidfd_send_signal)
	if (pidfd != -1) {
		if (syscall(SYS_pidfd_send_signal, pidfd, signo, NULL, 0) == 0)
			return 0;
		if (!is_absent(errno))
			return -1;
		/* While it has not ended, its number is its own. */
		if (compat_pidfd_wait(pidfd, pid, 0)) {
			errno = ESRCH;
			return -1;
		}
	}
#else
	(void)pidfd;
#endif
	return kill(pid, signo);
}

/* Tells whether the kernel has set a flag of linux/sched.h for a process. */
static enum compat_answer
has_flag(pid_t pid, unsigned long long flag)
{
	struct process process;

	if (process_read(pid, &process) == -1)
		return COMPAT_UNKNOWN;
	return (process.flags & flag) != 0 ? COMPAT_YES : COMPAT_NO;
}

enum compat_answer
compat_has_executed(pid_t pid)
{
	const unsigned long long forked_only = 0x40; /* PF_FORKNOEXEC */

	switch (has_flag(pid, forked_only)) {
	case COMPAT_NO:
		return COMPAT_YES;
	case COMPAT_YES:
		return COMPAT_NO;
	case COMPAT_UNKNOWN:
		break;
	}
	return COMPAT_UNKNOWN;
}

enum compat_answer
compat_is_ending(pid_t pid)
{
	const unsigned long long exiting = 0x4; /* PF_EXITING */

	return has_flag(pid, exiting);
}

bool
compat_pidfd_wait(int pidfd, pid_t pid, long milliseconds)
{
	const long longest = 128;
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	long pause = 1;

	if (pidfd != -1) {
		int ready = poll(&end, 1, (int)milliseconds);

		if (ready != -1)
			return ready == 1;
	}

	for (;;) {
		if (process_has_ended(pid))
			return true;
		if (milliseconds <= 0)
			return false;
		if (pause > milliseconds)
			pause = milliseconds;
		(void)poll(NULL, 0, (int)pause);
		milliseconds -= pause;
		if (pause < longest)
			pause *= 2;
	}
}

double
compat_time_of_ticks(unsigned long long ticks)
{
	struct timespec now, uptime;
	double boot;

	if (clock_gettime(CLOCK_REALTIME, &now) == -1 ||
	    clock_gettime(BOOT_CLOCK, &uptime) == -1)
		return -1;

	boot = (double)(now.tv_sec - uptime.tv_sec) +
	    (double)(now.tv_nsec - uptime.tv_nsec) / 1e9;
	return boot + (double)ticks / (double)sysconf(_SC_CLK_TCK);
}
