/* SPDX-License-Identifier: ISC */
/*
 * timed MIN MAX COMMAND [ARGUMENT...]
 *
 * Runs a command, and prints "in time" if it took at least MIN and less than
 * MAX seconds, else how long it took.
 *
 * Returns the status of the command, 128+N if signal N has ended it, or 99 if
 * it cannot be run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	double begin = now();
	double took;
	int status;
	pid_t pid;

	if (argc < 4)
		return 99;
	pid = fork();
	if (pid == 0) {
		(void)execvp(argv[3], argv + 3);
		_exit(99);
	}
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		return 99;

	took = now() - begin;
	if (took >= atof(argv[1]) && took < atof(argv[2]))
		(void)printf("in time\n");
	else
		(void)printf("took %.3f s\n", took);
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}
