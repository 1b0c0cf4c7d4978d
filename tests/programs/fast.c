/* SPDX-License-Identifier: ISC */
/* To be preloaded: a clock that is 20 s later each time it is read. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int
clock_gettime(clockid_t id, struct timespec *now)
{
	static time_t ahead;
	int result = (int)syscall(SYS_clock_gettime, id, now);

	ahead += 20;
	now->tv_sec += ahead;
	return result;
}
