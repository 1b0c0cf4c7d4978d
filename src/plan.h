/* What will be done: every question answered, every file opened. */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>

#include "identity.h"
#include "lock.h"
#include "options.h"

/* One of the command's descriptors 0, 1, 2. */
struct stream {
	const char *path; /* absolute */
	int fd;           /* to be put there; -1: the caller's stays */
	bool truncate;    /* a log to be emptied */
};

struct plan {
	bool detach;
	const char *path; /* the file to execute, absolute */
	char **argv;      /* argv[-1] may be overwritten */
	struct stream stream[3];
	struct identity identity;
	struct lock lock[2];
	int locks; /* how many there are */
	int least; /* below it are only descriptors the command gets */
	bool print_pid;
	bool verbose;
};

/*
 * Turns options into the plan: makes everything that can fail while the caller is watching fail
 * now, with one line and EXIT_FAILED, EXIT_CANNOT_EXEC or EXIT_NOT_FOUND.  What the processes to
 * come inherit is done now: the environment, all other descriptors closed, the start locks taken,
 * the log files opened (close-on-exec, never closed by us), the working directory, the umask.
 * missing is the result of streams_reserve().
 *
 * With -v each step is told on descriptor 2 before it is done.  With -n nothing is opened: each
 * step is told on the standard output, and then this function ends the process with status 0.
 */
void plan_make(struct plan *plan, struct options *options, unsigned missing);

#endif
