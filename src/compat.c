/* The platforms' differences. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#if defined(__linux__)
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

	if (!list && !(list = opendir("/dev/fd")))
		return -1;
	while ((entry = readdir(list)) != NULL) {
		long number = strtol(entry->d_name, NULL, 10); /* 0 for ".." */

		if (number >= (long)first && number <= (long)last && number != dirfd(list))
			(void)close((int)number); /* gone whatever it says */
	}
	(void)closedir(list);
	return 0;
}

void compat_close_range(unsigned first, unsigned last)
{
	if (close_by_kernel(first, last) == 0 || close_listed(first, last) == 0)
		return;
	for (; first <= last && first <= 65535; first++)
		(void)close((int)first); /* most are not open */
}

int compat_default_signals(void)
{
	int number;

	for (number = 1; number < NSIG; number++) {
		if (number == SIGKILL || number == SIGSTOP)
			continue;
#if defined(__linux__)
		/* the kernel's struct sigaction of any architecture, zeroed */
		static const unsigned long zeros[8];

		if (syscall(SYS_rt_sigaction, number, zeros, NULL, NSIG / 8) == -1)
			return -1;
#else
		if (signal(number, SIG_DFL) == SIG_ERR)
			return -1;
#endif
	}
	return 0;
}
