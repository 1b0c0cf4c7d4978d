/* SPDX-License-Identifier: ISC */
/*
 * Two record locks (fcntl(2)) of one byte each make a single instance:
 *
 * 1. The start lock, byte 0, serialises starts and removals of the file.  The
 *    launcher holds it from before the first fork until the verdict is known.
 * 2. The run lock, byte 1, means that the daemon is running.  The daemon takes
 *    it after the last fork, because a record lock belongs to one process: it
 *    survives the exec, ends with the command, is not inherited by the
 *    command's children, and the kernel tells who holds it.
 * 3. A process that closes any descriptor of a file loses all its locks on it.
 *    So the launcher closes nothing once it has the start lock, and the daemon
 *    closes its other descriptors before it takes the run lock for good.
 * 4. What the command inherits is a read lock on a read-only descriptor, so it
 *    cannot change the process id.
 * 5. The file may be removed and made again while we wait: a lock counts only
 *    if the path is still that file.
 */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "diag.h"
#include "exit.h"
#include "path.h"
#include "signals.h"
#include "streams.h"

enum {
	START_BYTE = 0,
	RUN_BYTE = 1,

	PAUSE_NANOSECONDS = 10000000,
	MAX_PAUSES = 1000, /* together 10 s */

	OPEN_FLAGS = O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
};

/* The pid file that lock_remove_unfinished() is to remove; there is at most
 * one. */
static struct lock *unfinished;

/* Takes or drops the lock of some bytes.  Returns 0, or -1 with errno: EALREADY
 * if somebody else has one of them. */
static int
set_lock(int fd, short type, off_t first, off_t length)
{
	struct flock request = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = first,
		.l_len = length,
	};

	if (fcntl(fd, F_SETLK, &request) != -1)
		return 0;
	if (errno == EACCES || errno == EAGAIN)
		errno = EALREADY;
	return -1;
}

/*
 * Finds who holds a byte: 0 for nobody, -1 for a process that has no process id
 * here.  Returns 0, or -1 with errno.
 */
static int
find_holder(int fd, off_t byte, pid_t *holder)
{
	struct flock question = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1,
	};

	*holder = -1;
	if (fcntl(fd, F_GETLK, &question) == -1)
		return -1;

	if (question.l_type == F_UNLCK)
		*holder = 0;
	else if (question.l_pid > 0)
		*holder = question.l_pid;
	return 0;
}

/* As find_holder(), with -1 for a question that failed, too. */
static pid_t
holder_of(int fd, off_t byte)
{
	pid_t holder;

	(void)find_holder(fd, byte, &holder);
	return holder;
}

pid_t
lock_holder(const struct lock *lock)
{
	return holder_of(lock->reader, RUN_BYTE);
}

bool
lock_is_starting(const struct lock *lock)
{
	return holder_of(lock->reader, START_BYTE) != 0;
}

void
lock_pause(void)
{
	static const struct timespec pause_time = {
		.tv_nsec = PAUSE_NANOSECONDS,
	};

	(void)nanosleep(&pause_time, NULL);
}

/* Returns true if the path is still the open file.  It never opens the path,
 * since closing that descriptor would drop our locks. */
static bool
is_named(const struct lock *lock)
{
	const struct lookup *lookup = &lock->lookup;
	struct stat st;

	if (fstatat(lookup->dirfd, lookup->name, &st, AT_SYMLINK_NOFOLLOW) ==
	    -1)
		return false;
	return path_same(&st, &lock->st);
}

/* Parses "PID\n" from the file.  Returns 0 if it is anything else. */
static pid_t
read_pid(int fd)
{
	/* longer than any process id, and short enough not to overflow */
	enum {
		MAX_LENGTH = 12
	};
	char text[MAX_LENGTH + 1] = "";
	char *endp;
	long long pid;
	ssize_t length;

	length = pread(fd, text, MAX_LENGTH, 0);
	if (text[0] < '1' || text[0] > '9')
		return 0;

	pid = strtoll(text, &endp, 10);
	if (strcmp(endp, "\n") != 0 || endp + 1 != text + length)
		return 0;
	if (pid > INT_MAX)
		return 0;
	return (pid_t)pid;
}

pid_t
lock_read_pid(const struct lock *lock)
{
	return read_pid(lock->reader);
}

/* Opens the file for writing, or creates it, and makes the process remove it at
 * its exit from now on. */
static void
open_writer(struct lock *lock, const struct identity *user, int min_fd)
{
	const int flags = OPEN_FLAGS | O_RDWR | O_CREAT;
	const mode_t mode = lock->is_pidfile ? 0644 : 0600;
	mode_t mask;

	mask = umask(0);
	lock->writer = open_path(&lock->lookup, lock->path, flags, mode,
	    &open_rule_lock, user, &lock->created);
	(void)umask(mask);
	if (lock->writer == -1)
		open_die(&lock->lookup, lock->path, user);
	if (lock->is_pidfile)
		unfinished = lock;

	/* We hold no lock yet, so the descriptors that these close do no harm.
	 */
	if (streams_raise(&lock->writer, min_fd) == -1)
		die_errno(lock->path);
	if (streams_raise(&lock->lookup.dirfd, min_fd) == -1)
		die_errno(lock->path);
	if (fstat(lock->writer, &lock->st) == -1)
		die_errno(lock->path);
}

/* Opens the file for reading.  Returns false if another file has taken its
 * place, or none. */
static bool
open_reader(struct lock *lock, int min_fd)
{
	struct stat st;

	lock->reader = openat(lock->lookup.dirfd, lock->lookup.name,
	    OPEN_FLAGS | O_RDONLY | O_NOFOLLOW);
	if (lock->reader == -1 && errno == ENOENT)
		return false;
	if (lock->reader == -1)
		die_errno(lock->path);

	if (streams_raise(&lock->reader, min_fd) == -1)
		die_errno(lock->path);
	if (fcntl(lock->reader, F_SETFL, 0) == -1)
		die_errno(lock->path);
	if (fstat(lock->reader, &st) == -1)
		die_errno(lock->path);
	return path_same(&st, &lock->st);
}

/* Takes the start lock on fd if it is free.  Returns false if somebody else has
 * it, and exits on an error, as after the last of the tries. */
static bool
try_start_lock(const struct lock *lock, int fd, int tries)
{
	if (set_lock(fd, F_WRLCK, START_BYTE, 1) == 0)
		return true;
	if (errno != EALREADY)
		die_errno(lock->path);
	if (tries == MAX_PAUSES)
		die(EXIT_FAILED, "%s: locked for 10 s by pid %ld", lock->path,
		    (long)holder_of(fd, START_BYTE));
	return false;
}

/* Lets a signal that is pending end or stop us, and holds back later ones. */
static void
block_signals(void)
{
	if (signals_block_all(NULL) == -1)
		die_errno("signals");
}

static void
wait_for_start_lock(const struct lock *lock)
{
	for (int tries = 0; !try_start_lock(lock, lock->writer, tries);
	     tries++) {
		lock_pause();
		block_signals();
	}
}

/* Opens the file and takes its start lock.  Returns false if the path is
 * another file by then. */
static bool
open_and_lock(struct lock *lock, const struct identity *user, int min_fd)
{
	open_writer(lock, user, min_fd);
	if (!open_reader(lock, min_fd))
		return false;
	wait_for_start_lock(lock);
	return is_named(lock);
}

/* Forgets a file that is no longer at the path. */
static void
close_all(struct lock *lock)
{
	unfinished = NULL;
	(void)close(lock->writer);
	if (lock->reader != -1)
		(void)close(lock->reader);
	(void)close(lock->lookup.dirfd);
}

/* Exits if somebody holds the run lock. */
static void
refuse_running(const struct lock *lock, bool already_is_ok)
{
	pid_t holder;

	if (find_holder(lock->writer, RUN_BYTE, &holder) == -1)
		die_errno(lock->path);
	if (holder == 0)
		return;

	if (lock->is_pidfile && holder != lock_read_pid(lock))
		die(EXIT_FAILED,
		    "%s: locked by pid %ld, which is not its daemon",
		    lock->path, (long)holder);
	if (already_is_ok)
		exit(EXIT_STARTED);
	die(EXIT_ALREADY, "%s: already running (pid %ld)", lock->path,
	    (long)holder);
}

void
lock_start(struct lock *lock, const struct identity *user, bool already_is_ok,
    int min_fd)
{
	block_signals();
	if (lock->is_pidfile && atexit(lock_remove_unfinished) != 0)
		die_errno(lock->path);

	while (!open_and_lock(lock, user, min_fd))
		close_all(lock);
	refuse_running(lock, already_is_ok);
	lock->launcher = getpid();

	if (lock->is_pidfile && fchmod(lock->writer, 0644) == -1)
		die_errno(lock->path);
}

void
lock_preview(struct lock *lock, const struct identity *user)
{
	const int flags = OPEN_FLAGS | O_RDWR | O_CREAT;

	if (open_preview(&lock->lookup, lock->path, flags, &open_rule_lock,
		user) == -1)
		open_die(&lock->lookup, lock->path, user);
}

/* Writes our process id in place of what the file holds. */
static int
write_pid(const struct lock *lock)
{
	char text[NUMBER_SIZE];
	const char *number = format_number(text, getpid());
	const size_t length = strlen(number);
	ssize_t written;

	written = pwrite(lock->writer, number, length, 0);
	if (written == -1)
		return -1;
	if ((size_t)written != length) {
		errno = ENOSPC;
		return -1;
	}
	/* Cutting it first would make some file systems wait for the disk. */
	return ftruncate(lock->writer, (off_t)length);
}

/* Moves the reader to the command's descriptor, and closes the other two. */
static int
leave_reader(const struct lock *lock)
{
	if (close(lock->writer) == -1)
		return -1;
	if (dup2(lock->reader, lock->fd) == -1)
		return -1;
	return close(lock->reader);
}

/* Fails with EALREADY unless the launcher still has the start lock: else
 * another start may have looked before we had the run lock. */
static int
check_launcher(const struct lock *lock, int fd)
{
	if (holder_of(fd, START_BYTE) == lock->launcher)
		return 0;
	errno = EALREADY;
	return -1;
}

int
lock_hold_in_daemon(const struct lock *lock)
{
	if (set_lock(lock->writer, F_WRLCK, RUN_BYTE, 1) == -1)
		return -1;
	if (check_launcher(lock, lock->writer) == -1)
		return -1;
	if (lock->is_pidfile && write_pid(lock) == -1)
		return -1;

	/* This drops the run lock for a moment. */
	if (leave_reader(lock) == -1)
		return -1;
	if (set_lock(lock->fd, F_RDLCK, RUN_BYTE, 1) == -1)
		return -1;
	return check_launcher(lock, lock->fd);
}

/* Returns true if a pid file is still ours: another start writes its own
 * process id, and removes the file if it fails. */
static bool
is_still_ours(const struct lock *lock)
{
	if (!is_named(lock))
		return false;
	return !lock->is_pidfile || read_pid(lock->fd) == getpid();
}

int
lock_hold_in_place(const struct lock *lock)
{
	if (set_lock(lock->writer, F_WRLCK, RUN_BYTE, 1) == -1)
		return -1;
	if (lock->is_pidfile && write_pid(lock) == -1)
		return -1;

	/* This drops both locks for a moment, so take both again at once: a
	 * start that came between has one of them, or has left its traces. */
	if (leave_reader(lock) == -1)
		return -1;
	if (set_lock(lock->fd, F_RDLCK, START_BYTE, 2) == -1)
		return -1;
	if (!is_still_ours(lock)) {
		errno = EALREADY;
		return -1;
	}
	return 0;
}

int
lock_release_start(const struct lock *lock)
{
	return set_lock(lock->fd, F_UNLCK, START_BYTE, 1);
}

void
lock_start_succeeded(void)
{
	unfinished = NULL;
}

static void
warn_not_removed(const struct lock *lock)
{
	warn("%s: cannot be removed: %s", lock->path, strerror(errno));
}

static void
unlink_file(const struct lock *lock)
{
	if (unlinkat(lock->lookup.dirfd, lock->lookup.name, 0) == 0)
		return;
	if (errno != ENOENT)
		warn_not_removed(lock);
}

/* Opens the file for writing once more, and never closes it, since that would
 * drop our locks.  Returns -1 with errno, ENOENT too if another file has taken
 * its place. */
static int
open_again(const struct lock *lock)
{
	struct stat st;
	int fd;

	fd = openat(lock->lookup.dirfd, lock->lookup.name,
	    OPEN_FLAGS | O_RDWR | O_NOFOLLOW);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		return -1;
	if (!path_same(&st, &lock->st)) {
		errno = ENOENT;
		return -1;
	}
	return fd;
}

/* Returns true if fd is an open descriptor of the file. */
static bool
is_open_at(const struct lock *lock, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && path_same(&st, &lock->st);
}

/* Returns what lock_hold_in_place(), if it was called, has left open. */
static int
remaining_fd(const struct lock *lock)
{
	if (is_open_at(lock, lock->writer))
		return lock->writer;
	if (is_open_at(lock, lock->reader))
		return lock->reader;
	return lock->fd;
}

void
lock_remove_unfinished(void)
{
	struct lock *lock = unfinished;
	short type = F_WRLCK;
	int fd;

	unfinished = NULL;
	if (lock == NULL || lock->has_other_use)
		return;
	/* We may be exiting with the user's rights. */
	if (geteuid() != getuid() && seteuid(getuid()) == -1)
		return;

	/* Before the start lock only the writer may be open, and known. */
	if (lock->launcher == 0 && fstat(lock->writer, &lock->st) == -1)
		return;

	fd = remaining_fd(lock);
	/* Only a writer can have a write lock; a read lock will do. */
	if (fd != lock->writer)
		type = F_RDLCK;
	if (set_lock(fd, type, START_BYTE, 1) == -1)
		return;
	if (holder_of(fd, RUN_BYTE) == 0 && is_named(lock))
		unlink_file(lock);
}

int
lock_ask(struct lock *lock, const struct identity *user)
{
	lock->reader = open_path(&lock->lookup, lock->path,
	    OPEN_FLAGS | O_RDONLY, 0, &open_rule_ask, user, NULL);
	if (lock->reader == -1)
		return -1;
	return fstat(lock->reader, &lock->st);
}

bool
lock_is_trusted(const struct lock *lock)
{
	if (!lock->lookup.trusted)
		return false;
	if ((lock->st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return false;
	return lock->st.st_uid == 0 || lock->st.st_uid == getuid();
}

/* Returns true if the pid file may go: nobody uses it, and it holds a process
 * id, or nothing. */
static bool
is_stale(const struct lock *lock, int fd)
{
	struct stat st;

	if (!is_named(lock) || lock_holder(lock) != 0)
		return false;
	if (fstat(fd, &st) == -1)
		return false;
	return st.st_size == 0 || lock_read_pid(lock) != 0;
}

void
lock_remove(struct lock *lock)
{
	int fd = open_again(lock);

	if (fd == -1) {
		if (errno != ENOENT)
			warn_not_removed(lock);
		return;
	}

	for (int tries = 0; !try_start_lock(lock, fd, tries); tries++) {
		lock_pause();
		if (lock_holder(lock) != 0 || !is_named(lock))
			return;
	}
	if (is_stale(lock, fd))
		unlink_file(lock);
}
