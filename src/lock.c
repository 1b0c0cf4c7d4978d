#include "lock.h"
#include "say.h"
#include "signals.h"
#include "streams.h"
#include <time.h>

enum {
	START = 0,
	LIFE = 1
};
static const struct timespec pause_time = {
	.tv_nsec = 10000000
}; /* for a thousand tries */

/* The pid file that an exit of the launcher is to remove; there is one at most.
 */
static struct lock *unfinished;
void
lock_keep(void)
{
	unfinished = NULL;
}

/* Whether the path is still the file we have open: never asked by opening it.
 */
static bool
is_same(const struct lock *lock)
{
	const struct lookup *lookup = &lock->lookup;
	struct stat status;
	return fstatat(lookup->dirfd, lookup->name, &status,
		   AT_SYMLINK_NOFOLLOW) == 0 &&
	    path_same(&status, &lock->file);
}

static int
set_lock(int fd, short type, int at, int size)
{
	struct flock lock = { .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = at,
		.l_len = size };
	int result = fcntl(fd, F_SETLK, &lock);
	if (result == -1 && (errno == EAGAIN || errno == EACCES))
		errno = EALREADY;
	return result;
}

/* Who holds a byte: 0 for nobody, -1 for somebody whose number is unknown here.
 */
static long
holder(int fd, int byte)
{
	struct flock lock = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1 };
	if (fcntl(fd, F_GETLK, &lock) == -1)
		return -1;
	return lock.l_type == F_UNLCK ? 0 : lock.l_pid > 0 ? lock.l_pid : -1;
}

/* Whether a pid file is ours to remove: before we got the start lock we may
 * have made it, and take that lock now, unless another start or a daemon has
 * the file. */
static bool
is_ours(struct lock *lock)
{
	return lock->starter != 0 ||
	    (fstat(lock->writer, &lock->file) == 0 &&
		set_lock(lock->writer, F_WRLCK, START, 1) == 0 &&
		holder(lock->writer, LIFE) == 0);
}

void
lock_abandon(void)
{
	struct lock *lock = unfinished;
	unfinished = NULL;
	bool is_us = geteuid() == getuid() ||
	    seteuid(getuid()) == 0; /* -u: or we go back */
	if (!is_us || !lock || !is_ours(lock))
		return;
	errno = 0;
	if (is_same(lock) ?
		unlinkat(lock->lookup.dirfd, lock->lookup.name, 0) == -1 :
		errno != 0 && errno != ENOENT)
		say("%s: cannot be removed: %s", lock->path, strerror(errno));
}

/* Opens both descriptors, out of the way of those the command gets; whether
 * they are one file. */
static bool
open_both(struct lock *lock, const struct identity *user, int least)
{
	const int flags = O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct lookup *lookup = &lock->lookup;
	struct stat other;
	mode_t mode = lock->holds_number ? 0644 : 0600, mask = umask(0);
	lock->writer = open_path(lookup, lock->path, flags | O_RDWR | O_CREAT,
	    mode, &open_rule_lock, user, NULL);
	(void)umask(mask);
	if (lock->writer == -1)
		open_die(lookup, lock->path, user);
	if (lock->holds_number)
		unfinished = lock;
	/* what is closed here is harmless: we hold no lock yet */
	if (streams_raise(&lock->writer, least) == -1 ||
	    streams_raise(&lookup->dirfd, least) == -1 ||
	    fstat(lock->writer, &lock->file) == -1)
		fail(lock->path);
	lock->reader =
	    openat(lookup->dirfd, lookup->name, flags | O_RDONLY | O_NOFOLLOW);
	if (lock->reader == -1 && errno == ENOENT)
		return false;
	if (lock->reader == -1 || streams_raise(&lock->reader, least) == -1 ||
	    fcntl(lock->reader, F_SETFL, 0) == -1 ||
	    fstat(lock->reader, &other) == -1)
		fail(lock->path);
	return path_same(&other, &lock->file);
}

/* Waits a little for the start lock; dies when that has been 10 s. */
static void
pause_for(const struct lock *lock, int fd, int tries)
{
	if (errno != EALREADY)
		fail(lock->path);
	if (tries == 1000)
		die(EXIT_FAILED, "%s: locked for 10 s by pid %ld", lock->path,
		    holder(fd, START));
	(void)nanosleep(&pause_time, NULL);
}

/* Waits for the start lock; whether the path is still the file when we have it.
 */
static bool
take_start_lock(const struct lock *lock)
{
	for (int tries = 0; set_lock(lock->writer, F_WRLCK, START, 1) == -1;
	     tries++) {
		pause_for(lock, lock->writer, tries);
		if (signals_hold(NULL) == -1)
			fail("signals");
	}
	return is_same(lock);
}

/* The number that a pid file holds; 0 if it is not one. */
static pid_t
read_number(int fd)
{
	char text[NUMBER_SIZE] = "", *end;
	ssize_t length =
	    pread(fd, text, 12, 0); /* more is none, and no overflow */
	long long number = strtoll(text, &end, 10);
	bool whole = strcmp(end, "\n") == 0 && end + 1 == text + length;
	return whole && *text >= '1' && *text <= '9' && number <= INT_MAX ?
	    (pid_t)number :
	    0;
}

void
lock_start(struct lock *lock, const struct identity *user, bool already_is_ok,
    int least)
{
	if (signals_hold(NULL) == -1)
		fail("signals");
	if (lock->holds_number && atexit(lock_abandon) != 0)
		fail(lock->path);
	while (!open_both(lock, user, least) || !take_start_lock(lock)) {
		/* the path has become another file's, or nobody's */
		if (lock->holds_number)
			lock_keep();
		(void)close(lock->writer);
		(void)close(lock->reader); /* unless it is -1 */
		(void)close(lock->lookup.dirfd);
	}
	errno = 0;
	long pid = holder(lock->writer, LIFE);
	if (pid == -1 && errno != 0)
		fail(lock->path);
	if (pid != 0 && lock->holds_number && pid != lock_number(lock))
		die(EXIT_FAILED,
		    "%s: locked by pid %ld, which is not its daemon",
		    lock->path, pid);
	if (pid != 0 && already_is_ok)
		exit(EXIT_STARTED);
	if (pid != 0)
		die(EXIT_ALREADY, "%s: already running (pid %ld)", lock->path,
		    pid);
	lock->starter = getpid();
	if (lock->holds_number && fchmod(lock->writer, 0644) == -1)
		fail(lock->path);
}

/* While nobody else can have the life lock, and nobody else starts. */
static int
write_number(const struct lock *lock, bool same_process)
{
	char text[NUMBER_SIZE];
	const char *number = format_number(text, getpid());
	ssize_t length = (ssize_t)strlen(number);
	if (set_lock(lock->writer, F_WRLCK, LIFE, 1) == -1)
		return -1;
	errno = EALREADY;
	if (!same_process && holder(lock->writer, START) != lock->starter)
		return -1;
	if (!lock->holds_number)
		return 0;
	errno = ENOSPC;
	/* in this order: to empty it first makes some file systems wait for the
	 * disk */
	if (pwrite(lock->writer, number, (size_t)length, 0) != length)
		return -1;
	return ftruncate(lock->writer, length);
}

int
lock_live(const struct lock *lock, bool same_process)
{
	const int fd = lock->number, first = same_process ? START : LIFE;
	if (write_number(lock, same_process) == -1 || close(lock->writer) == -1)
		return -1;
	if (dup2(lock->reader, fd) == -1 || close(lock->reader) == -1)
		return -1;
	/* both at once: nobody has started since the writer was closed */
	if (set_lock(fd, F_RDLCK, first, LIFE - first + 1) == -1)
		return -1;
	errno = EALREADY;
	if (!same_process)
		return holder(fd, START) == lock->starter ? 0 : -1;
	if (!is_same(lock))
		return -1;
	return lock->holds_number && read_number(fd) != getpid() ? -1 : 0;
}

int
lock_ask(struct lock *lock, bool *trusted)
{
	static const struct identity nobody;
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	lock->reader = open_path(&lock->lookup, lock->path, flags, 0,
	    &open_rule_ask, &nobody, NULL);
	if (lock->reader == -1 || fstat(lock->reader, &lock->file) == -1)
		return -1;
	*trusted = lock->lookup.trusted &&
	    !(lock->file.st_mode & (S_IWGRP | S_IWOTH)) &&
	    (lock->file.st_uid == 0 || lock->file.st_uid == getuid());
	return 0;
}

pid_t
lock_holder(const struct lock *lock)
{
	return (pid_t)holder(lock->reader, LIFE);
}
pid_t
lock_number(const struct lock *lock)
{
	return read_number(lock->reader);
}

bool
lock_starts(const struct lock *lock, int tries)
{
	if (tries == 1000 || holder(lock->reader, START) == 0)
		return false;
	(void)nanosleep(&pause_time, NULL);
	return true;
}

void
lock_remove(const struct lock *lock)
{
	const int flags =
	    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = openat(lock->lookup.dirfd, lock->lookup.name, flags);
	struct stat status;
	if (fd == -1 && errno == ENOENT)
		return;
	bool ours = fd != -1 && fstat(fd, &status) == 0;
	if (ours) { /* never closed, for that would drop the lock */
		for (int tries = 0; set_lock(fd, F_WRLCK, START, 1) == -1;
		     tries++) {
			pause_for(lock, fd, tries);
			if (lock_holder(lock) != 0 || !is_same(lock))
				return;
		}
		errno = ENOENT; /* or another's, if nothing fails */
		ours = path_same(&status, &lock->file) && is_same(lock) &&
		    lock_holder(lock) == 0 &&
		    (status.st_size == 0 || lock_number(lock) != 0);
		if (!ours && errno == ENOENT)
			return;
	}
	if (!ours || unlinkat(lock->lookup.dirfd, lock->lookup.name, 0) == -1)
		say("%s: cannot be removed: %s", lock->path, strerror(errno));
}

int
lock_release_start(const struct lock *lock)
{
	return set_lock(lock->number, F_UNLCK, START, 1);
}
