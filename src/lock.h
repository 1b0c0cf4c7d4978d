/* SPDX-License-Identifier: ISC */
/* A single instance on a file: the start lock and the run lock of -p and -l. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "claim.h"
#include "identity.h"
#include "path.h"

/* All zero but path, is_pidfile and fd before one of the functions fills it. */
struct lock {
	const char *path; /* absolute */
	bool is_pidfile;  /* -p: it holds the process id */
	int fd;           /* the descriptor that the command finds it at */

	int reader; /* close-on-exec, as writer; -1: not open */
	int writer;
	const struct identity *user; /* of -u */
	struct stat st;              /* of the open file */
	struct lookup lookup;        /* where the path led */
	bool created;                /* we made the file */
	bool has_other_use; /* the command's, too: it is not ours to remove */
	pid_t launcher;     /* the holder of the start lock; 0: not yet */
};

/* What lock_find_holder() says of a holder that has no process id here. */
enum {
	LOCK_HOLDER_NOBODY = 0,
	LOCK_HOLDER_FILE = -1,     /* an open file description has the lock */
	LOCK_HOLDER_ELSEWHERE = -2 /* another pid namespace or machine */
};

/*
 * In the launcher: opens or creates the file, at descriptors from min_fd on,
 * and takes the start lock, for which it waits 10 s at most.  Exits with
 * EXIT_ALREADY if the file's own daemon is running, with EXIT_STARTED and
 * without a message if already_is_ok, and with EXIT_FAILED on any error: a
 * lock that is not the daemon's, or a file of -p that is not a pid file, whose
 * bytes, mode and name then stay.  Blocks all signals.
 *
 * From then on the process removes a pid file when it exits, by
 * lock_remove_unfinished(), until it calls lock_keep_pidfile().
 */
void lock_start(struct lock *lock, const struct identity *user,
    bool already_is_ok, int min_fd);

/*
 * In the launcher, once it has the start locks of all files: makes sure that
 * group and others cannot write to a pid file.  Dies with EXIT_FAILED.
 */
void lock_restrict(const struct lock *lock);

/*
 * For -n: exits with EXIT_FAILED where lock_start() could not open the file, or
 * it is not a pid file.  Fills lock->st if there is a file.
 */
void lock_preview(struct lock *lock, const struct identity *user);

/*
 * In the daemon, once its descriptors 0, 1 and 2 are in place: writes the
 * process id into a pid file, takes the run lock on lock->fd, and closes the
 * other two descriptors.  Returns 0, or -1 with errno: EALREADY if the launcher
 * no longer has the start lock, or somebody has the run lock.
 * Async-signal-safe.
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

/* From now on the exit of this process removes no pid file. */
void lock_keep_pidfile(void);

/*
 * Removes the pid file of a start that has not succeeded, under the start lock
 * and as the identity that opened it: unless another start or a running daemon
 * has it, another file took its place, or we did not make it and it is not a
 * pid file.  Does nothing the second time.  Warns if it cannot remove it.
 */
void lock_remove_unfinished(void);

/*
 * For the verbs: opens the file for reading, with the start lock free to
 * anyone.  Returns 0, or -1 with errno; lock->lookup.refusal may say more.
 */
int lock_ask(struct lock *lock, const struct identity *user);

/* Finds the process that holds the run lock, or a LOCK_HOLDER.  Returns 0, or
 * -1 with errno. */
int lock_find_holder(const struct lock *lock, pid_t *holder);

/* The same for those who only want to know whether it is held: if it cannot be
 * found out it is, by LOCK_HOLDER_ELSEWHERE. */
pid_t lock_holder(const struct lock *lock);

enum {
	LOCK_HOLDER_SIZE = 80
};

/* Returns "pid N" or the like, for which text is room. */
const char *lock_describe_holder(char text[static LOCK_HOLDER_SIZE],
    pid_t holder);

/* Judges the holder of the run lock, after the status of the file has been read
 * anew; see claim.h.  A pid file must name it. */
enum claim lock_claim_of_holder(struct lock *lock, pid_t holder);

/* The same for a process that the pid file names, while nobody holds it. */
enum claim lock_claim_of_named(struct lock *lock, pid_t pid);

/* Returns the process id in the file, or 0 if it holds anything else. */
pid_t lock_read_pid(const struct lock *lock);

/* Asks whether the file is one of -l, or holds what a pid file may hold
 * (pidfile.h).  Returns 1, 0 or -1 with errno. */
int lock_ask_contents(const struct lock *lock);

/* Returns true if another process holds the start lock. */
bool lock_is_starting(const struct lock *lock);

/* Sleeps for a hundredth of a second, the interval at which to ask again. */
void lock_pause(void);

/*
 * For --stop: waits for the start lock, 10 s at most, and removes a pid file,
 * unless it holds something else, another start or a running daemon has it, or
 * another file took its place; as the identity that opened it.  Warns if it
 * cannot remove the file, and exits with EXIT_FAILED if it cannot have the
 * lock.
 */
void lock_remove(struct lock *lock);
