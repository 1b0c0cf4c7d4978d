/* SPDX-License-Identifier: ISC */
/*
 * nothing [FILE]
 *
 * The unit of the bench, and the command that its tools start.  Writes to FILE,
 * if it is given, when main() began: a struct timespec.  Returns 0, or 1 if it
 * cannot.
 */
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	struct timespec time;
	int fd;

	if (argc < 2)
		return 0;
	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	fd = open(argv[1], O_WRONLY | O_CREAT, 0600);
	return write(fd, &time, sizeof(time)) != (ssize_t)sizeof(time);
}
