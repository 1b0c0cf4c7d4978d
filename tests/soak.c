/* SPDX-License-Identifier: ISC */
/*
 * soak STARTS SECONDS DAEMONIZE DIRECTORY
 *
 * Starts daemonize STARTS times, one after the other, or for that many SECONDS
 * if STARTS is 0; every second time with a pid file, DIRECTORY/pid.  soak
 * adopts the orphans.  Of each start exactly two processes may come to it:
 * daemonize, which ends with 0, and the command, which ends with 7.  Then the
 * pid file names the command, and soak has no more descriptors than before.
 *
 * Prints each start that is otherwise, at most ten, and the number of starts.
 * Returns 0 if there is none, 1 if there are some, and 98 if soak has failed.
 *
 * soak DIRECTORY LOWEST
 *
 * The command that is started: appends a byte to DIRECTORY/ran.  Returns 7 if
 * the lowest free descriptor is LOWEST, 95 if it is another one, and 96 or 97
 * if the file cannot be written.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	COMMAND_STATUS = 7,
	MOST_WRONG = 10
};

static char self[4096], pidfile[4096];

/* What became of a start. */
struct result {
	int ended; /* processes */
	int launcher_status;
	int command_status;
	pid_t command;
};

static _Noreturn void
fail(const char *object)
{
	(void)printf("%s: %s\n", object, strerror(errno));
	exit(98);
}

/* The command.  Returns its status. */
static int
run_command(const char *directory, int lowest)
{
	int fd;

	if (chdir(directory) == -1)
		return 97;
	fd = open("ran", O_WRONLY | O_APPEND);
	if (fd == -1)
		return 97;
	if (write(fd, "x", 1) != 1)
		return 96;
	return fd == lowest ? COMMAND_STATUS : 95;
}

/* Returns the number in the pid file, or -1 if there is no line in it. */
static long
named_process(void)
{
	char text[32] = "";
	int fd = open(pidfile, O_RDONLY);

	if (fd == -1 || read(fd, text, sizeof(text) - 1) == -1 ||
	    close(fd) == -1)
		fail(pidfile);
	return strchr(text, '\n') != NULL ? atol(text) : -1;
}

static int
lowest_descriptor(void)
{
	int fd = dup(STDIN_FILENO);

	if (fd == -1 || close(fd) == -1)
		fail("descriptor 0");
	return fd;
}

/* Starts daemonize, and waits for it and for all that it leaves. */
static void
start(char *daemonize, char *directory, bool has_pidfile, struct result *result)
{
	char option[] = "-p", three[] = "3", four[] = "4";
	/* The descriptor of a lock is 3. */
	char *plain[] = { daemonize, self, directory, three, NULL };
	char *locked[] = { daemonize, option, pidfile, self, directory, four,
		NULL };
	int status;
	pid_t pid, launcher = vfork();

	if (launcher == -1)
		fail("vfork");
	if (launcher == 0) {
		(void)execv(daemonize, has_pidfile ? locked : plain);
		_exit(99);
	}
	*result = (struct result){ 0, -1, -1, -1 };
	while ((pid = wait(&status)) != -1) {
		status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
					       WEXITSTATUS(status);
		result->ended++;
		if (pid == launcher) {
			result->launcher_status = status;
		} else {
			result->command = pid;
			result->command_status = status;
		}
	}
	if (errno != ECHILD)
		fail("wait");
}

/* Makes a start.  Returns true if all is right, else prints what is not. */
static bool
check_start(char *daemonize, char *directory, bool has_pidfile)
{
	int lowest = lowest_descriptor();
	struct result result;
	long named;

	start(daemonize, directory, has_pidfile, &result);
	if (has_pidfile)
		named = named_process();
	else
		named = (long)result.command;

	if (result.ended == 2 && result.launcher_status == 0 &&
	    result.command_status == COMMAND_STATUS &&
	    named == (long)result.command && lowest_descriptor() == lowest)
		return true;
	(void)printf("%d ended, daemonize with %d, the command %ld with %d\n",
	    result.ended, result.launcher_status, (long)result.command,
	    result.command_status);
	(void)printf("the pid file names %ld; descriptor %d is free, was %d\n",
	    named, lowest_descriptor(), lowest);
	return false;
}

int
main(int argc, char **argv)
{
	long starts, done = 0, wrong = 0;
	time_t end;

	if (argc == 3)
		return run_command(argv[1], atoi(argv[2]));
	if (argc != 5)
		return 98;
	starts = atol(argv[1]);
	end = time(NULL) + atol(argv[2]);
	(void)snprintf(self, sizeof(self), "%s", argv[0]);
	(void)snprintf(pidfile, sizeof(pidfile), "%s/pid", argv[4]);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1L) == -1)
		fail("prctl");

	while (wrong < MOST_WRONG) {
		bool is_over = starts != 0 ? done >= starts : time(NULL) >= end;

		if (is_over)
			break;
		if (!check_start(argv[3], argv[4], done % 2 == 1))
			wrong++;
		done++;
	}
	(void)printf("%ld starts\n", done);
	return wrong != 0;
}
