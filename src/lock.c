/* Single instance. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "exit.h"
#include "lock.h"
#include "say.h"
#include "signals.h"
#include "streams.h"

enum { START = 0, LIFE = 1 };

/* The pid file that an exit of the launcher is to remove; there is one at most. */
static const struct lock *unfinished;

void lock_keep(void)
{
	unfinished = NULL;
}

/* Whether the path is still the file we have open: never asked by opening it. */
static bool is_same(const struct lock *lock)
{
	struct stat status;

	return fstatat(lock->place.directory, lock->place.name, &status, AT_SYMLINK_NOFOLLOW) !=
		       -1 &&
	       path_same(&status, &lock->file);
}

void lock_abandon(void)
{
	(void)seteuid(getuid()); /* who dies as another user cleans up as us */
	if (unfinished && is_same(unfinished) &&
		unlinkat(unfinished->place.directory, unfinished->place.name, 0) == -1)
		say("%s: cannot be removed: %s", unfinished->path, strerror(errno));
	unfinished = NULL;
}

static struct flock range(short type, int byte, int length)
{
	return (struct flock){
		.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = length
	};
}

static int set_lock(int fd, short type, int byte, int length)
{
	struct flock lock = range(type, byte, length);

	return fcntl(fd, F_SETLK, &lock);
}

/* Who holds a byte: 0 for nobody, -1 for somebody whose number is unknown here. */
static pid_t holder(int fd, int byte)
{
	struct flock lock = range(F_WRLCK, byte, 1);

	if (fcntl(fd, F_GETLK, &lock) == -1) return -1;
	return lock.l_type == F_UNLCK ? 0 : lock.l_pid > 0 ? lock.l_pid : -1;
}

/* Opens both descriptors, out of the way of those the command gets; whether they are one file. */
static bool open_both(struct lock *lock, const struct identity *user, int least)
{
	const int flags = O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct place *place = &lock->place;
	mode_t mask = umask(0);
	struct stat other;

	lock->writer = path_open(place, lock->path, flags | O_RDWR | O_CREAT,
		lock->holds_number ? 0644 : 0600, FOR_LOCK, user);
	(void)umask(mask);
	if (lock->writer == -1) path_die(place, lock->path, user);
	/* closing is harmless: we hold no lock yet */
	lock->writer = streams_raise(lock->writer, least);
	place->directory = streams_raise(place->directory, least);
	if (lock->writer == -1 || place->directory == -1 || fstat(lock->writer, &lock->file) == -1)
		fail(lock->path);
	lock->reader = openat(place->directory, place->name, flags | O_RDONLY | O_NOFOLLOW);
	if (lock->reader == -1 && errno == ENOENT) return false;
	if (lock->reader != -1) lock->reader = streams_raise(lock->reader, least);
	if (lock->reader == -1 || fcntl(lock->reader, F_SETFL, 0) == -1 ||
		fstat(lock->reader, &other) == -1)
		fail(lock->path);
	return path_same(&other, &lock->file);
}

static void await_start_lock(const struct lock *lock)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	int tries;

	for (tries = 0; set_lock(lock->writer, F_WRLCK, START, 1) == -1; tries++) {
		if (errno != EAGAIN && errno != EACCES) fail(lock->path);
		if (tries == 1000)
			die(EXIT_FAILED, "%s: locked for 10 s by pid %ld", lock->path,
				(long)holder(lock->writer, START));
		(void)nanosleep(&pause, NULL);
		if (signals_hold(NULL) == -1) fail("signals");
	}
}

/* The number that a pid file holds; 0 if there is none. */
static pid_t read_number(int fd)
{
	char text[24] = "";

	return pread(fd, text, sizeof(text) - 1, 0) > 0 ? (pid_t)atol(text) : 0;
}

void lock_start(struct lock *lock, const struct identity *user, bool already_is_ok, int least)
{
	pid_t pid;

	if (signals_hold(NULL) == -1) fail("signals");
	for (;;) {
		if (open_both(lock, user, least)) {
			await_start_lock(lock);
			if (is_same(lock)) break;
		}
		/* the path has become another file's, or nobody's */
		(void)close(lock->writer);
		if (lock->reader != -1) (void)close(lock->reader);
		(void)close(lock->place.directory);
	}
	pid = holder(lock->writer, LIFE);
	if (pid != 0 && lock->holds_number && pid != read_number(lock->reader))
		die(EXIT_FAILED, "%s: locked by pid %ld, which is not its daemon", lock->path,
			(long)pid);
	if (pid != 0 && already_is_ok) exit(EXIT_STARTED);
	if (pid != 0) die(EXIT_ALREADY, "%s: already running (pid %ld)", lock->path, (long)pid);
	lock->starter = getpid();
	if (!lock->holds_number) return;
	unfinished = lock;
	if (atexit(lock_abandon) != 0 || fchmod(lock->writer, 0644) == -1) fail(lock->path);
}

/* While nobody else can have the life lock, and nobody else starts. */
static int write_number(const struct lock *lock, bool same_process)
{
	char text[NUMBER_SIZE];
	const char *number = format_number(text, getpid());
	size_t length = strlen(number);

	if (set_lock(lock->writer, F_WRLCK, LIFE, 1) == -1) return -1;
	if (!same_process && holder(lock->writer, START) != lock->starter) {
		errno = EAGAIN;
		return -1;
	}
	if (!lock->holds_number) return 0;
	if (ftruncate(lock->writer, 0) == -1) return -1;
	errno = ENOSPC;
	return pwrite(lock->writer, number, length, 0) == (ssize_t)length ? 0 : -1;
}

int lock_live(const struct lock *lock, bool same_process)
{
	if (write_number(lock, same_process) == -1 || close(lock->writer) == -1) return -1;
	if (dup2(lock->reader, lock->number) == -1 || close(lock->reader) == -1) return -1;
	if (same_process) {
		/* both at once: nobody has started since the writer was closed */
		if (set_lock(lock->number, F_RDLCK, START, 2) == -1) return -1;
		errno = EAGAIN;
		if (!is_same(lock)) return -1;
		return lock->holds_number && read_number(lock->number) != getpid() ? -1 : 0;
	}
	if (set_lock(lock->number, F_RDLCK, LIFE, 1) == -1) return -1;
	errno = EAGAIN;
	return holder(lock->number, START) == lock->starter ? 0 : -1;
}

void lock_await_end(const struct lock *lock)
{
	struct flock life = range(F_WRLCK, LIFE, 1);

	while (fcntl(lock->writer, F_SETLKW, &life) == -1 && errno == EINTR)
		;
}

int lock_release_start(const struct lock *lock)
{
	return set_lock(lock->number, F_UNLCK, START, 1);
}
