/* SPDX-License-Identifier: ISC */
#include "clock.h"

#include <time.h>

long long
clock_now(void)
{
	struct timespec now = { 0 };

	/* It cannot fail: POSIX.1-2008 demands the clock. */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}
