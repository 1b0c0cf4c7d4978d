/* SPDX-License-Identifier: ISC */
/*
 * holder FILE read|write FIRST LENGTH [own|file|shared|ending|starting]
 *
 * Holds a record lock on some bytes of FILE, prints its process id, closes
 * standard output, and waits for a signal.  The lock is
 *
 *	own	its own, as a daemon's (the default)
 *	file	that of an open file description, which no process holds
 *	shared	that of a process which has ended, whose id is printed; another
 *		process shares its descriptors, and keeps the lock
 *	ending	its own, while it takes a second to end, as a process that has
 *		much memory to give back: its first thread has ended
 *	starting	its own; at USR1 it writes its process id to FILE and
 *		releases byte 0, as at the end of a start, and only then closes
 *		standard output
 *
 * Returns 1 if it fails, and 2 if it is not called like that.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

static void
fail(const char *what)
{
	(void)fprintf(stderr, "holder: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
set_lock(int fd, int command, short type, int first, int length)
{
	struct flock lock = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = first,
		.l_len = length,
	};

	if (fcntl(fd, command, &lock) == -1)
		fail("lock");
}

/*
 * Closes standard output, for whose end the test waits, and waits for a signal.
 */
static int
wait_for_signal(void *unused)
{
	(void)unused;
	(void)close(STDOUT_FILENO);
	while (pause() == -1)
		continue;
	return 0;
}

/* Closes standard output, and ends after a second. */
static int
end_slowly(void *unused)
{
	const struct timespec second = { .tv_sec = 1 };

	(void)unused;
	(void)close(STDOUT_FILENO);
	(void)nanosleep(&second, NULL);
	return 0;
}

/*
 * Ends a start at USR1, which has been blocked since before the id was printed.
 */
static void
end_start(int fd, const sigset_t *usr1)
{
	int signo;

	if (sigwait(usr1, &signo) != 0 ||
	    dprintf(fd, "%ld\n", (long)getpid()) < 0)
		fail("process id");
	set_lock(fd, F_SETLK, F_UNLCK, 0, 1);
}

int
main(int argc, char **argv)
{
#if defined(__linux__)
	static char stack[65536];
#endif
	const char *how = argc > 5 ? argv[5] : "own";
	int fd, command = F_SETLK;
	short type;
	sigset_t usr1;

	if (argc < 5)
		return 2;
	type = strcmp(argv[2], "read") == 0 ? F_RDLCK : F_WRLCK;
	fd = open(argv[1], type == F_RDLCK ? O_RDONLY : O_RDWR);
	if (fd == -1)
		fail(argv[1]);
#if defined(__linux__)
	if (strcmp(how, "file") == 0)
		command = F_OFD_SETLK;
#endif
	set_lock(fd, command, type, atoi(argv[3]), atoi(argv[4]));
	if (sigemptyset(&usr1) == -1 || sigaddset(&usr1, SIGUSR1) == -1 ||
	    sigprocmask(SIG_BLOCK, &usr1, NULL) == -1)
		fail("USR1");
	(void)printf("%ld\n", (long)getpid());
	if (fflush(stdout) == EOF)
		fail("standard output");
#if defined(__linux__)
	if (strcmp(how, "shared") == 0) {
		if (clone(wait_for_signal, stack + sizeof(stack),
			CLONE_FILES | SIGCHLD, NULL) == -1)
			fail("clone");
		_exit(0);
	}
	if (strcmp(how, "ending") == 0) {
		if (clone(end_slowly, stack + sizeof(stack),
			CLONE_FILES | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD |
			    CLONE_VM,
			NULL) == -1)
			fail("clone");
		/* exit_group(2) would end both. */
		(void)syscall(SYS_exit, 0);
	}
#endif
	if (strcmp(how, "starting") == 0)
		end_start(fd, &usr1);
	return wait_for_signal(NULL);
}
