/* SPDX-License-Identifier: ISC */
/* Starts daemonize again and again, and looks at what is left of each start. */
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

/*
 * soak STARTS SECONDS DAEMONIZE DIRECTORY
 *
 * One start after the other, STARTS of them, or with 0 for that many SECONDS;
 * every second one with a pid file.  Whoever loses its parent becomes our
 * child: of each start exactly two must end, daemonize with 0 and its command
 * with 7; then there is no child, the pid file names the command, and no
 * descriptor of ours is new.  Prints what is wrong, and the number of starts.
 *
 * soak DIRECTORY LOWEST is the command: it appends a byte to DIRECTORY/ran, and
 * ends with 7 if LOWEST was the lowest free descriptor.
 */

static char self[4096], pidfile[4096];

static _Noreturn void
fail(const char *object)
{
	(void)printf("%s: %s\n", object, strerror(errno));
	exit(98);
}

static int
run(const char *directory, int lowest)
{
	int fd;

	if (chdir(directory) == -1 ||
	    (fd = open("ran", O_WRONLY | O_APPEND)) == -1)
		return 97;
	if (write(fd, "x", 1) != 1)
		return 96;
	return fd == lowest ? 7 : 95;
}

static long
number_in(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY);

	if (fd == -1 || read(fd, text, sizeof(text) - 1) == -1 ||
	    close(fd) == -1)
		fail(path);
	return strchr(text, '\n') ? atol(text) : -1;
}

/* Returns whether all is as it should be, else says what is not. */
static bool
start(char *daemonize, char *directory, bool named)
{
	char option[] = "-p", three[] = "3", four[] = "4";
	char *plain[] = { daemonize, self, directory, three, NULL };
	char *locked[] = { daemonize, option, pidfile, self, directory, four,
		NULL };
	int status, launcher_status = -1, command_status = -1, ended = 0,
		    lowest = dup(0);
	pid_t launcher, pid, command = -1;

	if (lowest == -1 || close(lowest) == -1)
		fail("descriptor 0");
	if ((launcher = vfork()) == -1)
		fail("vfork");
	if (launcher == 0) {
		(void)execv(daemonize, named ? locked : plain);
		_exit(99);
	}
	for (; (pid = wait(&status)) != -1; ended++) {
		status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
					       WEXITSTATUS(status);
		if (pid == launcher)
			launcher_status = status;
		else
			command = pid, command_status = status;
	}
	if (errno != ECHILD)
		fail("wait");
	if (ended == 2 && launcher_status == 0 && command_status == 7 &&
	    dup(0) == lowest && close(lowest) == 0 &&
	    (!named || number_in(pidfile) == (long)command))
		return true;
	(void)printf(
	    "%d ended, daemonize with %d, the command with %d, number %ld for %ld\n",
	    ended, launcher_status, command_status,
	    named ? number_in(pidfile) : 0L, (long)command);
	return false;
}

int
main(int argc, char **argv)
{
	long starts, done = 0, wrong = 0;
	time_t end;

	if (argc == 3)
		return run(argv[1], atoi(argv[2]));
	if (argc != 5)
		return 98;
	starts = atol(argv[1]);
	end = time(NULL) + atol(argv[2]);
	(void)snprintf(self, sizeof(self), "%s", argv[0]);
	(void)snprintf(pidfile, sizeof(pidfile), "%s/pid", argv[4]);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1L) == -1)
		fail("prctl");
	for (; starts ? done < starts : time(NULL) < end; done++) {
		if (!start(argv[3], argv[4], done % 2 == 1) && ++wrong == 10)
			break;
	}
	(void)printf("%ld starts\n", done);
	return wrong != 0;
}
