/* SPDX-License-Identifier: ISC */
/* A single instance on a file: the start lock and the run lock of -p and -l. */
#pragma once
#include <sys/stat.h>
#include <sys/types.h>

#include <stdbool.h>

#include "identity.h"
#include "open.h"

/* All zero but path, is_pidfile and fd before one of the functions fills it. */
struct lock {
	const char *path; /* absolute */
	bool is_pidfile;  /* -p: it holds the process id */
	int fd;           /* the descriptor that the command finds it at */

	int reader; /* close-on-exec, as writer; -1: not open */
	int writer;
	struct stat st;       /* of the open file */
	struct lookup lookup; /* where the path led */
	bool created;         /* we made the file */
	bool has_other_use;   /* the command line names it for a stream, too */
	pid_t launcher;       /* the holder of the start lock; 0: not yet */
};

/*
 * In the launcher: opens or creates the file, at descriptors from min_fd on,
 * and takes the start lock, for which it waits 10 s at most.  Exits with
 * EXIT_ALREADY if the file's own daemon is running, with EXIT_STARTED and
 * without a message if already_is_ok, and with EXIT_FAILED on any error.
 * Blocks all signals.
 *
 * From then on the process removes a pid file when it exits, by
 * lock_remove_unfinished(), until it calls lock_start_succeeded().
 */
void lock_start(struct lock *lock, const struct identity *user,
    bool already_is_ok, int min_fd);

/* For -n: exits with EXIT_FAILED where lock_start() could not open the file. */
void lock_preview(struct lock *lock, const struct identity *user);

/*
 * In the daemon, once its descriptors 0, 1 and 2 are in place: writes the
 * process id into a pid file, takes the run lock on lock->fd, and closes the
 * other two descriptors.  Returns 0, or -1 with errno: EALREADY if the launcher
 * has lost the start lock and another start took it.  Async-signal-safe.
 */
int lock_hold_in_daemon(const struct lock *lock);

/*
 * The same in the launcher itself, for a start that does not detach.  The
 * caller keeps the start lock, on lock->fd, until lock_release_start().
 */
int lock_hold_in_place(const struct lock *lock);

/* Gives up the start lock just before the exec.  Returns 0, or -1 with errno.
 * Async-signal-safe. */
int lock_release_start(const struct lock *lock);

/* The launcher's last word about a start that has succeeded: its exit removes
 * no pid file any more. */
void lock_start_succeeded(void);

/*
 * Removes the pid file of a start that has not succeeded, under the start lock:
 * unless another start or a running daemon has it, or another file took its
 * place.  Does nothing the second time.  Warns if it cannot remove the file.
 */
void lock_remove_unfinished(void);

/*
 * For the verbs: opens the file for reading, with the start lock free to
 * anyone.  Returns 0, or -1 with errno; lock->lookup.refusal may say more.
 */
int lock_ask(struct lock *lock, const struct identity *user);

/* Returns true if only root or who runs us can have written what an open file
 * says, and nobody else can put another in its place. */
bool lock_is_trusted(const struct lock *lock);

/* Returns the process that holds the run lock; 0: nobody, -1: the holder has no
 * process id here. */
pid_t lock_holder(const struct lock *lock);

/* Returns the process id in the file, or 0 if it holds anything else. */
pid_t lock_read_pid(const struct lock *lock);

/* Returns true if another process holds the start lock. */
bool lock_is_starting(const struct lock *lock);

/* Sleeps for a hundredth of a second, the interval at which to ask again. */
void lock_pause(void);

/*
 * For --stop: waits for the start lock, 10 s at most, and removes a pid file,
 * unless it holds something else, another start or a running daemon has it, or
 * another file took its place.  Warns if it cannot remove the file, and exits
 * with EXIT_FAILED if it cannot have the lock.
 */
void lock_remove(struct lock *lock);
