/* SPDX-License-Identifier: ISC */
/*
 * What the calls of other systems do, done on Linux, so that the code for them
 * is executed: builds.t includes it first, with AS_FREEBSD, AS_NETBSD,
 * AS_OPENBSD or AS_MACOS, and with Linux undefined.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EFTYPE 1079

/* Counts the open descriptors, or finds the greatest. */
static inline int
look_at_open(int greatest)
{
	DIR *list = opendir("/proc/self/fd");
	struct dirent *entry;
	int count = 0, most = 0;

	while (list != NULL && (entry = readdir(list)) != NULL) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] == '.' || fd == dirfd(list))
			continue;
		count++;
		if (fd > most)
			most = fd;
	}
	if (list != NULL)
		(void)closedir(list);
	return greatest ? most : count;
}

/* What open(2) says of a link that O_NOFOLLOW does not follow. */
static inline int
openat_of_bsd(int dir, const char *name, int flags, ...)
{
	struct stat st;
	va_list list;
	int fd, error;

	va_start(list, flags);
	fd = openat(dir, name, flags, va_arg(list, mode_t));
	va_end(list);
	error = errno;

	if (fd == -1 && (flags & O_NOFOLLOW) != 0 &&
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode)) {
#if defined(AS_FREEBSD)
		error = EMLINK;
#elif defined(AS_NETBSD)
		error = EFTYPE;
#endif
	}
	errno = error;
	return fd;
}
#define openat openat_of_bsd

#if !defined(AS_MACOS)
/* No directory tells which descriptors are open. */
static inline DIR *
opendir_of_bsd(const char *name)
{
	if (strcmp(name, "/proc/self/fd") == 0 || strcmp(name, "/dev/fd") == 0)
		abort();
	return opendir(name);
}
#define opendir opendir_of_bsd
#endif

#if defined(AS_FREEBSD)
#define __FreeBSD__ 14
#undef NSIG
#define NSIG                32
#define CLOSE_RANGE_CLOEXEC (1 << 2)
int close_range(unsigned, unsigned, int);
#define PROC_PDEATHSIG_CTL 11
static inline int
procctl(idtype_t type, id_t id, int command, void *data)
{
	if (type != P_PID || id != 0 || command != PROC_PDEATHSIG_CTL)
		abort();
	return prctl(PR_SET_PDEATHSIG, *(int *)data);
}
#endif

#if defined(AS_NETBSD)
#define O_SEARCH 010000000 /* Linux's O_PATH */
#define F_MAXFD  1011
static inline int
fcntl_of_netbsd(int fd, int command, ...)
{
	va_list list;
	void *argument;

	if (command == F_MAXFD)
		return look_at_open(1);
	va_start(list, command);
	argument = va_arg(list, void *);
	va_end(list);
	return fcntl(fd, command, argument);
}
#define fcntl fcntl_of_netbsd
#endif

#if defined(AS_OPENBSD)
#define __OpenBSD__ 1
static inline int
getdtablecount(void)
{
	return look_at_open(0);
}
#endif
