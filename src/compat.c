/* The platforms' differences. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "compat.h"

/* 0, or -1 where the kernel lacks it.  libcs got the call years later. */
static int close_by_kernel(unsigned first, unsigned last)
{
#if defined(SYS_close_range)
	return (int)syscall(SYS_close_range, first, last, 0);
#else
	(void)first, (void)last;
	return -1;
#endif
}

/* 0, or -1 where there is no such list. */
static int close_listed(unsigned first, unsigned last)
{
	DIR *list = opendir("/proc/self/fd");
	const struct dirent *entry;

	if (!list && !(list = opendir("/dev/fd"))) return -1;
	while ((entry = readdir(list)) != NULL) {
		int number = atoi(entry->d_name); /* 0 for ".." */

		if (number >= (int)first && (unsigned)number <= last && number != dirfd(list))
			(void)close(number); /* gone whatever it says */
	}
	(void)closedir(list);
	return 0;
}

void compat_close_range(unsigned first, unsigned last)
{
	if (close_by_kernel(first, last) == 0 || close_listed(first, last) == 0) return;
	for (; first <= last && first <= 65535; first++)
		(void)close((int)first); /* most are not open */
}

bool compat_is_named(int fd, int directory, const char *name)
{
	struct stat status, named;

#if defined(__linux__)
	static const char deleted[] = " (deleted)";
	char link[64], path[PATH_MAX + sizeof(deleted)], slashed[NAME_MAX + 2];
	ssize_t length, end = sizeof(deleted) - 1;

	/* with the slash it fails and removes nothing, but first it waits for
	 * whoever has the directory locked to remove the name: the kernel counts
	 * a name down before it drops it */
	(void)snprintf(slashed, sizeof(slashed), "%s/", name);
	(void)unlinkat(directory, slashed, 0);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path));
	if (length != -1)
		return length < end || memcmp(path + length - end, deleted, (size_t)end) != 0;
#endif
	return fstat(fd, &status) == 0 &&
	       fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       status.st_dev == named.st_dev && status.st_ino == named.st_ino;
}

bool compat_keeps_capabilities(void)
{
#if defined(__linux__)
	/* capabilities(7): SECBIT_NO_SETUID_FIXUP and SECBIT_KEEP_CAPS */
	return (prctl(PR_GET_SECUREBITS) & (1 << 2 | 1 << 4)) != 0;
#else
	return false;
#endif
}

int compat_default_signals(void)
{
	int number;

	for (number = 1; number < NSIG; number++) {
		if (number == SIGKILL || number == SIGSTOP) continue;
#if defined(__linux__)
		/* the kernel's struct sigaction of any architecture, zeroed */
		static const unsigned long zeros[8];

		if (syscall(SYS_rt_sigaction, number, zeros, NULL, NSIG / 8) == -1) return -1;
#else
		if (signal(number, SIG_DFL) == SIG_ERR) return -1;
#endif
	}
	return 0;
}
