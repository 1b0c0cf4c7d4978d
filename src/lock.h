/*
 * Single instance: two record locks on a file, one byte each (fcntl(2)).
 *
 * The start lock, byte 0, is the launcher's from before the first fork until the verdict and any
 * clean-up.  The life lock, byte 1, is taken by the daemon itself: it survives the exec, ends with
 * the command, is not inherited by its children, and names it.  It is a read lock on a read-only
 * descriptor, so that the command cannot write to the file.
 *
 * Closing any descriptor of a file drops the process's locks on it: so all of it that is open in
 * the daemon is closed before the life lock is taken, and nothing is opened or closed after.
 */
#ifndef LOCK_H
#define LOCK_H

#include <stdbool.h>
#include <sys/types.h>

#include "path.h"

struct lock {
	const char *path;  /* absolute; NULL: there is none */
	bool holds_number; /* a pid file */
	struct place place;
	int writer, reader; /* descriptors, close-on-exec */
	int number;         /* what the reader is to be in the command */
	struct stat file;   /* which one it is */
	pid_t starter;      /* who holds the start lock */
};

/*
 * In the launcher: opens the file, creating it, and takes the start lock, waiting at most 10 s for
 * another start.  Dies if the file's own daemon runs already, with EXIT_ALREADY, or silently with
 * EXIT_STARTED if that is ok; if anything else is in the way, with EXIT_FAILED.  From then on every
 * exit of this process removes a pid file, until lock_keep().  The descriptors it opens are at
 * least as high as least.
 */
void lock_start(struct lock *lock, const struct identity *user, bool already_is_ok, int least);

/*
 * In the daemon, when its streams are in place: writes the process id, if the file is to hold it,
 * and takes the life lock.  same_process: in the launcher itself, which gives up its start lock.
 * Async-signal-safe.  Returns 0, or -1 with errno: EAGAIN if another start came between.
 */
int lock_live(const struct lock *lock, bool same_process);

/* In the launcher, when the daemon has been killed: waits until it has no life lock. */
void lock_await_end(const struct lock *lock);

/* With same_process, just before the exec: lets others start. 0, or -1 with errno. */
int lock_release_start(const struct lock *lock);

/* From here on no exit of this process removes a pid file. */
void lock_keep(void);

/* Removes the pid files now, and does what lock_keep() does. */
void lock_abandon(void);

#endif
