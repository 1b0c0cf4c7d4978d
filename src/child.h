/* SPDX-License-Identifier: ISC */
/* Turning a process of ours into a command. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "message.h"

struct identity;
struct lock;
struct stream;

/* What a process is to become. */
struct child {
	const char *logger; /* its text, "|LOGGER"; NULL: it is the command */
	const char *path;   /* the file to execute, absolute */
	char **argv;        /* argv[-1] may be overwritten */
	const char *directory;       /* its working directory, absolute */
	bool enters_directory;       /* which the launcher could not */
	const struct stream *stream; /* its descriptors 0, 1 and 2 */
	const struct identity *identity;
	const struct lock *lock; /* whose run locks it takes */
	int lock_count;
	bool prints_pid;  /* on the caller's standard output */
	bool in_place;    /* there was no fork: -f, inetd */
	mode_t umask;     /* a logger's; the command has ours */
	pid_t keeper_pid; /* with whom it dies; 0: nobody */
};

/*
 * The first part of child_exec(), which a keeper does once for all runs: prints
 * the pid, puts the streams in place and takes the run locks.  Returns a
 * failure, of STEP_NONE if there is none.  Async-signal-safe.
 */
struct failure child_take_place(const struct child *child);

/*
 * Sets the calling process up and executes the command in it: what
 * child_take_place() does, identity, death with the keeper, directory, logs
 * emptied, signals, start locks given up, exec, in this order.  A logger makes
 * a process group of its own first, and keeps no other descriptor.  Returns
 * only if a step fails; the steps before it stay done.  Async-signal-safe.
 */
struct failure child_exec(const struct child *child);

/*
 * Does the same in the only process there is, with every signal blocked until
 * the last steps.  If a step fails it says so and exits.
 */
_Noreturn void child_exec_in_place(const struct child *child, int min_fd);

enum {
	CHILD_END_SIZE = 64
};

/*
 * Writes how a process has ended, by its code and status in a siginfo_t: "ended
 * with status 3", "ended by signal 9 (Killed)".
 */
void child_describe_end(char text[static CHILD_END_SIZE], int code, int status);

/*
 * Says on standard error why a step of child_exec(), or the fork before it,
 * failed.  Returns EXIT_FAILED, or for the exec of the command EXIT_CANNOT_EXEC
 * or EXIT_NOT_FOUND.
 */
int child_explain(const struct child *, const struct failure *);
