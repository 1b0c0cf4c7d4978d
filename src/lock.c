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
 * 6. Who holds the run lock is asked from the kernel, and then judged: claim.h.
 */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "diag.h"
#include "exit.h"
#include "open.h"
#include "path.h"
#include "pidfile.h"
#include "process.h"
#include "signals.h"
#include "streams.h"

enum {
	START_BYTE = 0,
	RUN_BYTE = 1,

	PAUSE_NANOSECONDS = 10000000,
	MAX_PAUSES = 1000, /* together 10 s */
	EXIT_LOOKS = 10,   /* at a process that is not seen to end: 100 ms */
	MAX_TRIES = 1000,  /* at a path that becomes another file's */

	OPEN_FLAGS = O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	ALL_PERMISSIONS = 07777,
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

/* Finds who holds a byte, or a LOCK_HOLDER.  Returns 0, or -1 with errno. */
static int
find_holder(int fd, off_t byte, pid_t *holder)
{
	struct flock question = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1,
	};

	if (fcntl(fd, F_GETLK, &question) == -1)
		return -1;

	if (question.l_type == F_UNLCK)
		*holder = LOCK_HOLDER_NOBODY;
	else if (question.l_pid > 0 || question.l_pid == LOCK_HOLDER_FILE)
		*holder = question.l_pid;
	else
		*holder = LOCK_HOLDER_ELSEWHERE;
	return 0;
}

/* The same, with a holder who cannot be found out for one elsewhere. */
static pid_t
holder_of(int fd, off_t byte)
{
	pid_t holder;

	if (find_holder(fd, byte, &holder) == -1)
		return LOCK_HOLDER_ELSEWHERE;
	return holder;
}

int
lock_find_holder(const struct lock *lock, pid_t *holder)
{
	return find_holder(lock->reader, RUN_BYTE, holder);
}

pid_t
lock_holder(const struct lock *lock)
{
	return holder_of(lock->reader, RUN_BYTE);
}

const char *
lock_describe_holder(char text[static LOCK_HOLDER_SIZE], pid_t holder)
{
	if (holder == LOCK_HOLDER_FILE)
		return "an open file description";
	if (holder == LOCK_HOLDER_ELSEWHERE)
		return "a process in another pid namespace or on another "
		       "machine";
	(void)snprintf(text, LOCK_HOLDER_SIZE, "pid %ld", (long)holder);
	return text;
}

bool
lock_is_starting(const struct lock *lock)
{
	return holder_of(lock->reader, START_BYTE) != LOCK_HOLDER_NOBODY;
}

void
lock_pause(void)
{
	static const struct timespec pause_time = {
		.tv_nsec = PAUSE_NANOSECONDS,
	};

	(void)nanosleep(&pause_time, NULL);
}

/*
 * Asks whether the name is still the open file.  It never opens the file, since
 * closing that descriptor would drop our locks.  Returns 1, 0 or -1 with errno.
 */
static int
ask_name(const struct lock *lock)
{
	const struct lookup *lookup = &lock->lookup;
	struct stat st;

	if (fstatat(lookup->dirfd, lookup->name, &st, AT_SYMLINK_NOFOLLOW) ==
	    -1)
		return errno == ENOENT ? 0 : -1;
	return path_same(&st, &lock->st);
}

/* Returns who opened the file, by rule (3) of path.h: the user of -u, or no
 * other than who runs us. */
static const struct identity *
opener_of(const struct lock *lock)
{
	static const struct identity nobody_else;

	return lock->lookup.as_user ? lock->user : &nobody_else;
}

/* Asks the same as who opened the file. */
static int
ask_name_as_opener(const struct lock *lock)
{
	int saved_errno;
	int answer = -1;

	if (identity_try_drop(opener_of(lock)) == 0)
		answer = ask_name(lock);
	saved_errno = errno;
	if (identity_try_restore(opener_of(lock)) == -1)
		return -1;
	errno = saved_errno;
	return answer;
}

/* Asks whether nobody holds the run lock.  Returns 1, 0 or -1 with errno. */
static int
ask_unused(int fd)
{
	pid_t holder;

	if (find_holder(fd, RUN_BYTE, &holder) == -1)
		return -1;
	return holder == LOCK_HOLDER_NOBODY;
}

/*
 * Returns true if the path, and not only the name in its directory, is still
 * the open file: the directory may have been renamed, or another one mounted
 * over it.  A path that we cannot look up as who runs us tells nothing.
 */
static bool
is_at_path(const struct lock *lock)
{
	struct stat st;

	if (ask_name_as_opener(lock) != 1)
		return false;
	if (lstat(lock->path, &st) == -1)
		return errno != ENOENT;
	return path_same(&st, &lock->st);
}

pid_t
lock_read_pid(const struct lock *lock)
{
	pid_t pid = pidfile_read(lock->reader);

	return pid == -1 ? 0 : pid;
}

int
lock_ask_contents(const struct lock *lock)
{
	if (!lock->is_pidfile)
		return 1;
	return pidfile_is_one(lock->reader);
}

/* Dies because a lock cannot be had, or asked for. */
_Noreturn static void
die_no_lock(const struct lock *lock)
{
	if (errno == ENOLCK || errno == ENOSYS || errno == EOPNOTSUPP)
		die(EXIT_FAILED, "%s: %s; use a local file system", lock->path,
		    strerror(errno));
	die_errno(lock->path);
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

	identity_drop_temporarily(opener_of(lock));
	lock->reader = compat_openat(lock->lookup.dirfd, lock->lookup.name,
	    OPEN_FLAGS | O_RDONLY | O_NOFOLLOW);
	identity_restore(opener_of(lock));
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

/* Dies, naming who has had the start lock for all the time that we wait. */
_Noreturn static void
die_locked(const struct lock *lock, int fd)
{
	char text[LOCK_HOLDER_SIZE];
	pid_t holder;

	if (find_holder(fd, START_BYTE, &holder) == -1)
		die_no_lock(lock);
	/* It has given it up this moment. */
	if (holder == LOCK_HOLDER_NOBODY)
		die(EXIT_FAILED, "%s: locked for 10 s by another start",
		    lock->path);
	die(EXIT_FAILED, "%s: locked for 10 s by %s", lock->path,
	    lock_describe_holder(text, holder));
}

/* Takes the start lock on fd if it is free.  Returns false if somebody else has
 * it, and exits on an error, as after the last of the tries. */
static bool
try_start_lock(const struct lock *lock, int fd, int tries)
{
	if (set_lock(fd, F_WRLCK, START_BYTE, 1) == 0)
		return true;
	if (errno != EALREADY)
		die_no_lock(lock);
	if (tries == MAX_PAUSES)
		die_locked(lock, fd);
	return false;
}

/* Lets a signal that is pending end or stop us, and holds back later ones.  An
 * end removes the pid file, which may be ours while we wait for that of -l. */
static void
block_signals(void)
{
	if (signals_block_all(lock_remove_unfinished) == -1)
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
	return is_at_path(lock);
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

/*
 * Removes the file, as the identity that opened it, if the answer of ask is 1.
 * Warns if it is -1, or if the file cannot be removed.
 */
static void
remove_as_opener(const struct lock *lock, int (*ask)(const struct lock *))
{
	int answer = -1;

	if (identity_try_drop(opener_of(lock)) == 0)
		answer = ask(lock);
	if (answer == 1)
		unlink_file(lock);
	else if (answer == -1)
		warn_not_removed(lock);
	(void)identity_try_restore(opener_of(lock));
}

/* Closes a file that is no longer at the path, and removes it if we have made
 * it: the directory may have been moved. */
static void
abandon_file(struct lock *lock)
{
	unfinished = NULL;
	if (lock->created)
		remove_as_opener(lock, ask_name);
	(void)close(lock->writer);
	if (lock->reader != -1)
		(void)close(lock->reader);
	(void)close(lock->lookup.dirfd);
}

/*
 * Returns the holder of the run lock.  Exits if the question fails, or if the
 * holder is a process that has ended: who shared its descriptors keeps the lock
 * under a number that may be anybody's at any time.
 */
static pid_t
find_running(const struct lock *lock)
{
	pid_t holder;
	pid_t again;

	if (lock_find_holder(lock, &holder) == -1)
		die_no_lock(lock);
	while (holder > 0 && process_has_ended(holder)) {
		/* Perhaps it has only just ended. */
		if (lock_find_holder(lock, &again) == -1)
			die_no_lock(lock);
		if (again == holder)
			die(EXIT_FAILED,
			    "%s: locked by pid %ld, which does not exist",
			    lock->path, (long)holder);
		holder = again;
	}
	return holder;
}

static enum claim
find_claim(struct lock *lock, pid_t holder)
{
	if (!lock->is_pidfile)
		return CLAIM_PROVED;
	if (holder <= 0 || holder != lock_read_pid(lock))
		return CLAIM_REFUTED;
	return lock_claim_of_holder(lock, holder);
}

_Noreturn static void
die_foreign(const struct lock *lock, pid_t holder, enum claim claim)
{
	char text[LOCK_HOLDER_SIZE];
	const char *who = lock_describe_holder(text, holder);

	/* It may well be the daemon, but nothing here can tell. */
	if (holder == LOCK_HOLDER_ELSEWHERE)
		die(EXIT_FAILED, "%s: locked by %s", lock->path, who);
	if (claim == CLAIM_OPEN)
		die(EXIT_FAILED, "%s: locked by %s, which may be any process",
		    lock->path, who);
	die(EXIT_FAILED, "%s: locked by %s, which is not its daemon",
	    lock->path, who);
}

/* Returns true if the holder has the run lock still, and has not begun to
 * end. */
static bool
is_staying(const struct lock *lock, pid_t holder)
{
	if (compat_is_ending(holder) == COMPAT_YES)
		return false;
	/* It may have ended before that was asked. */
	return find_running(lock) == holder;
}

/* Returns the holder of the run lock and its claim, as they are once a process
 * that is ending has ended: /proc shows no lock of it any more. */
static pid_t
find_settled(struct lock *lock, enum claim *claim)
{
	pid_t holder = find_running(lock);

	*claim = find_claim(lock, holder);
	for (int looks = 0; looks < MAX_PAUSES; looks++) {
		if (holder <= 0 || *claim == CLAIM_PROVED)
			break;
		if (looks >= EXIT_LOOKS && is_staying(lock, holder))
			break;
		lock_pause();
		block_signals();
		holder = find_running(lock);
		*claim = find_claim(lock, holder);
	}
	return holder;
}

/* Exits if somebody holds the run lock. */
static void
refuse_running(struct lock *lock, bool already_is_ok)
{
	char text[LOCK_HOLDER_SIZE];
	enum claim claim;
	const pid_t holder = find_settled(lock, &claim);

	if (holder == LOCK_HOLDER_NOBODY)
		return;
	if (claim != CLAIM_PROVED)
		die_foreign(lock, holder, claim);

	/* This start touches nothing that was there before, in the file of -p
	 * when it is -l's that is locked. */
	if (unfinished != NULL && !unfinished->created)
		unfinished = NULL;
	if (already_is_ok)
		exit(EXIT_STARTED);
	die(EXIT_ALREADY, "%s: already running (%s)", lock->path,
	    lock_describe_holder(text, holder));
}

/* Exits if the file of -p is not a pid file. */
static void
refuse_other_file(const struct lock *lock, int fd)
{
	switch (pidfile_is_one(fd)) {
	case -1:
		die_errno(lock->path);
	case 0:
		die(EXIT_FAILED, "%s: not a pid file", lock->path);
	default:
		break;
	}
}

void
lock_start(struct lock *lock, const struct identity *user, bool already_is_ok,
    int min_fd)
{
	block_signals();
	lock->user = user;
	if (lock->is_pidfile && atexit(lock_remove_unfinished) != 0)
		die_errno(lock->path);

	for (int tries = 1; !open_and_lock(lock, user, min_fd); tries++) {
		abandon_file(lock);
		if (tries == MAX_TRIES)
			die(EXIT_FAILED, "%s: keeps being replaced",
			    lock->path);
	}
	refuse_running(lock, already_is_ok);
	if (lock->is_pidfile)
		refuse_other_file(lock, lock->writer);
	lock->launcher = getpid();
}

void
lock_restrict(const struct lock *lock)
{
	const mode_t mode = lock->st.st_mode & ALL_PERMISSIONS;
	const mode_t others = S_IWGRP | S_IWOTH;

	if (!lock->is_pidfile || (mode & others) == 0)
		return;
	identity_drop_temporarily(opener_of(lock));
	if (fchmod(lock->writer, mode & ~others) == -1)
		die_errno(lock->path);
	identity_restore(opener_of(lock));
}

void
lock_preview(struct lock *lock, const struct identity *user)
{
	struct lookup lookup;
	int fd;

	if (open_preview(&lock->lookup, lock->path,
		OPEN_FLAGS | O_RDWR | O_CREAT, &open_rule_lock, user) == -1)
		open_die(&lock->lookup, lock->path, user);
	(void)fstatat(lock->lookup.dirfd, lock->lookup.name, &lock->st,
	    AT_SYMLINK_NOFOLLOW);
	if (!lock->is_pidfile)
		return;

	fd = open_path(&lookup, lock->path, OPEN_FLAGS | O_RDONLY, 0,
	    &open_rule_ask, user, NULL);
	if (fd != -1) {
		refuse_other_file(lock, fd);
		(void)close(fd);
	}
	if (lookup.dirfd != -1)
		(void)close(lookup.dirfd);
}

/* Moves the reader to the command's descriptor, and closes the other two.
 * Returns 0, or -1 with errno. */
static int
leave_reader(const struct lock *lock)
{
	if (close(lock->writer) == -1)
		return -1;
	if (dup2(lock->reader, lock->fd) == -1)
		return -1;
	return close(lock->reader);
}

/* Returns 0 if the launcher still has the start lock, else -1 with EALREADY:
 * another start may have looked before we had the run lock. */
static int
check_launcher(const struct lock *lock, int fd)
{
	pid_t holder;

	if (find_holder(fd, START_BYTE, &holder) == -1)
		return -1;
	if (holder == lock->launcher)
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
	if (lock->is_pidfile && pidfile_write(lock->writer) == -1)
		return -1;

	/* This drops the run lock for a moment. */
	if (leave_reader(lock) == -1)
		return -1;
	if (set_lock(lock->fd, F_RDLCK, RUN_BYTE, 1) == -1)
		return -1;
	return check_launcher(lock, lock->fd);
}

/* Fails with EALREADY unless the file is still ours: another start writes its
 * own process id, and removes the file if it fails. */
static int
check_still_ours(const struct lock *lock)
{
	int answer = ask_name_as_opener(lock);
	pid_t pid = getpid();

	if (answer == -1)
		return -1;
	if (lock->is_pidfile)
		pid = pidfile_read(lock->fd);
	if (pid == -1)
		return -1;
	if (answer == 1 && pid == getpid())
		return 0;
	errno = EALREADY;
	return -1;
}

int
lock_hold_in_place(const struct lock *lock)
{
	if (set_lock(lock->writer, F_WRLCK, RUN_BYTE, 1) == -1)
		return -1;
	if (lock->is_pidfile && pidfile_write(lock->writer) == -1)
		return -1;

	/* This drops both locks for a moment, so take both again at once: a
	 * start that came between has one of them, or has left its traces. */
	if (leave_reader(lock) == -1)
		return -1;
	if (set_lock(lock->fd, F_RDLCK, START_BYTE, 2) == -1)
		return -1;
	return check_still_ours(lock);
}

int
lock_release_start(const struct lock *lock)
{
	return set_lock(lock->fd, F_UNLCK, START_BYTE, 1);
}

void
lock_keep_pidfile(void)
{
	unfinished = NULL;
}

/* Opens the file for writing once more, and never closes it, since that would
 * drop our locks.  Returns -1 with errno, ENOENT too if another file has taken
 * its place. */
static int
open_again(const struct lock *lock)
{
	struct stat st;
	int fd;

	fd = compat_openat(lock->lookup.dirfd, lock->lookup.name,
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

/* Takes the start lock on the launcher's descriptor, unless we have it.
 * Returns 0, or -1 with errno: EALREADY if another start has it. */
static int
retake_start_lock(const struct lock *lock, int fd)
{
	if (fd != lock->writer)
		/* It was opened for reading; a read lock will do. */
		return set_lock(fd, F_RDLCK, START_BYTE, 1);
	if (lock->launcher != 0)
		return 0;
	return set_lock(fd, F_WRLCK, START_BYTE, 1);
}

/* Asks whether no other start and no daemon has the file, and it is ours to
 * remove.  Returns 1, 0 or -1 with errno. */
static int
ask_unfinished(const struct lock *lock, int fd)
{
	int answer;

	if (retake_start_lock(lock, fd) == -1) {
		/* Where there are no locks, no other start has the file that
		 * we made. */
		return errno != EALREADY && lock->created;
	}
	answer = ask_unused(fd);
	if (answer != 1)
		return answer;
	if (lock->created)
		return 1;
	return lock->has_other_use ? 0 : pidfile_is_one(fd);
}

void
lock_remove_unfinished(void)
{
	struct lock *lock = unfinished;

	unfinished = NULL;
	if (lock == NULL)
		return;
	/* We may be exiting with the user's rights. */
	if (identity_try_restore(lock->user) == -1)
		return;
	/* Before the start lock only the writer may be open, and known. */
	if (lock->launcher == 0 && fstat(lock->writer, &lock->st) == -1)
		return;

	switch (ask_unfinished(lock, remaining_fd(lock))) {
	case -1:
		warn_not_removed(lock);
		break;
	case 1:
		remove_as_opener(lock, ask_name);
		break;
	default:
		break;
	}
}

int
lock_ask(struct lock *lock, const struct identity *user)
{
	lock->user = user;
	lock->reader = open_path(&lock->lookup, lock->path,
	    OPEN_FLAGS | O_RDONLY, 0, &open_rule_ask, user, NULL);
	if (lock->reader == -1)
		return -1;
	return fstat(lock->reader, &lock->st);
}

/* Returns true if only root or who runs us can have written what an open file
 * says, and nobody else can put another in its place. */
static bool
is_trusted(const struct lock *lock)
{
	if (!lock->lookup.trusted)
		return false;
	if ((lock->st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return false;
	return lock->st.st_uid == 0 || lock->st.st_uid == getuid();
}

static struct claim_file
claimed_file(struct lock *lock)
{
	/* The stamp may be newer than the status that we have.  A failure would
	 * leave that one, but there is none on an open file. */
	(void)fstat(lock->reader, &lock->st);
	return (struct claim_file){
		.is_pidfile = lock->is_pidfile,
		.is_trusted = is_trusted(lock),
		.run_byte = RUN_BYTE,
		.st = &lock->st,
		.user = lock->user,
	};
}

enum claim
lock_claim_of_holder(struct lock *lock, pid_t holder)
{
	const struct claim_file file = claimed_file(lock);

	return claim_of_holder(&file, holder);
}

enum claim
lock_claim_of_named(struct lock *lock, pid_t pid)
{
	const struct claim_file file = claimed_file(lock);

	return claim_of_named(&file, pid);
}

/* Asks whether the pid file may go: it has its name, nobody uses it, and it
 * holds a process id, or nothing.  Returns 1, 0 or -1 with errno. */
static int
ask_stale(const struct lock *lock, int fd)
{
	struct stat st;
	pid_t pid;
	int answer;

	answer = ask_name(lock);
	if (answer == 1)
		answer = ask_unused(lock->reader);
	if (answer != 1)
		return answer;

	if (fstat(fd, &st) == -1)
		return -1;
	if (st.st_size == 0)
		return 1;
	pid = pidfile_read(lock->reader);
	if (pid == -1)
		return -1;
	return pid != 0;
}

/* Returns true if we have the start lock, and false if the file is somebody
 * else's by then. */
static bool
wait_to_remove(const struct lock *lock, int fd)
{
	for (int tries = 0; !try_start_lock(lock, fd, tries); tries++) {
		lock_pause();
		if (lock_holder(lock) != LOCK_HOLDER_NOBODY)
			return false;
		if (ask_name(lock) != 1)
			return false;
	}
	return true;
}

/* Returns what ask_stale() does, or 0 if the file is somebody else's. */
static int
lock_and_ask_stale(const struct lock *lock)
{
	int fd = open_again(lock);
	int answer;

	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	if (!wait_to_remove(lock, fd))
		return 0;
	answer = ask_stale(lock, fd);
	if (answer != 1)
		return answer;

	/* The client of a network file system may not see the lock of another
	 * one; its server does. */
	if (set_lock(fd, F_WRLCK, RUN_BYTE, 1) == 0)
		return 1;
	if (errno == EALREADY)
		errno = EBUSY;
	return -1;
}

void
lock_remove(struct lock *lock)
{
	remove_as_opener(lock, lock_and_ask_stale);
}
