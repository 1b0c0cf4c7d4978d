/* Single instance: two record locks on a file, one byte each (fcntl(2)).  The
 * start lock, byte 0, is the launcher's from before the first fork until the
 * verdict and any clean-up.  The life lock, byte 1, is taken by the daemon
 * itself: it survives the exec, ends with the command, is not inherited by its
 * children, and names it.  It is a read lock on a read-only descriptor, so that
 * the command cannot write to the file.  Closing any descriptor of a file drops
 * the process's locks on it: the daemon closes all others before it takes the
 * life lock, and opens none after. */
#pragma once
#include "compat.h"
#include "open.h"
#include "path.h"

struct lock {
	const char *path;  /* absolute; NULL: there is none */
	bool holds_number; /* a pid file */
	struct lookup lookup;
	int writer, reader; /* descriptors, close-on-exec */
	int number;         /* what the reader is to be in the command */
	struct stat file;   /* which one it is */
	pid_t starter;      /* who holds the start lock */
};

/* In the launcher: opens or creates the file at descriptors from least on, and
 * takes the start lock, waiting at most 10 s.  Dies with EXIT_ALREADY if the
 * file's own daemon runs, or with EXIT_STARTED, silently, if that is ok; with
 * EXIT_FAILED if anything else is in the way.  From then on every exit of this
 * process removes a pid file, until lock_keep(). */
void lock_start(struct lock *lock, const struct identity *user,
    bool already_is_ok, int least);

/* In the daemon, when its streams are in place: writes the process id, if the
 * file is to hold it, and takes the life lock.  same_process: in the launcher
 * itself, which gives up its start lock. Async-signal-safe.  Returns 0, or -1
 * with errno: EALREADY if another start came between. */
int lock_live(const struct lock *lock, bool same_process);

/* For those who only ask: opens lock->path for reading, and sees whether it,
 * and the way to it, are trusted: writable by nobody but us and root.  Returns
 * 0, or -1 with errno. */
int lock_ask(struct lock *lock, bool *trusted);
/* Who holds the life lock: 0 for nobody, -1 for somebody whose number is
 * unknown here. */
pid_t lock_holder(const struct lock *lock);
/* The number in the file, from 1 on; 0 if there is nothing, or anything else.
 */
pid_t lock_number(const struct lock *lock);
/* Whether a start is under way; then waits a little, but not any more after a
 * thousand tries. */
bool lock_starts(const struct lock *lock, int tries);
/* Removes a pid file, unless it has other text, or belongs to another start or
 * a living daemon. */
void lock_remove(const struct lock *lock);
/* With same_process, just before the exec: lets others start.  Returns 0, or -1
 * with errno. */
int lock_release_start(const struct lock *lock);
/* From here on no exit of this process removes a pid file. */
void lock_keep(void);
/* Removes the pid files now, and does what lock_keep() does. */
void lock_abandon(void);
