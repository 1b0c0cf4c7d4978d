/* What will be done: every question answered, every file opened. */
#pragma once
#include "compat.h"
#include "identity.h"
#include "lock.h"
#include "options.h"
#include "ready.h"

/* One of the command's descriptors 0, 1, 2. */
struct stream {
	const char *path; /* absolute, or words for the caller's */
	int fd;           /* to be put there; -1: the caller's stays */
	bool truncate;    /* a log to be emptied */
	int reader;  /* of a log, if somebody watches: to show its end; else -1
		      */
	off_t begin; /* where in it this run writes first */
};

struct plan {
	bool detach, print_pid, verbose;
	const char *path; /* the file to execute, absolute */
	const char *directory;
	char **argv; /* argv[-1] may be overwritten */
	struct stream stream[3];
	struct identity identity;
	struct lock lock[2];
	int locks;    /* how many there are */
	int least;    /* below it are only descriptors the command gets */
	bool watched; /* one of the next is asked for */
	struct ready ready;
	long timeout; /* for ready: milliseconds */
	long watch;   /* after the exec, or when it is ready: milliseconds; -1:
			 not at all */
};
/* Turns options into the plan, all zero before; missing is the result of
 * streams_reserve().  All that can fail while the caller is watching fails now:
 * dies with EXIT_FAILED, EXIT_CANNOT_EXEC or EXIT_NOT_FOUND. Does what the
 * processes to come inherit: environment, other descriptors closed, start
 * locks, log files (close-on-exec, never closed by us), working directory,
 * umask. With -v tells each step on descriptor 2 before it is done.  With -n
 * opens nothing, tells each step on the standard output, and then ends the
 * process with status 0. */
void plan_make(struct plan *plan, struct options *options, unsigned missing);
