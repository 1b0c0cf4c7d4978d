/* SPDX-License-Identifier: ISC */
#include "pidfile.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "diag.h"
#include "process.h"

enum {
	MAX_SIZE = 4096, /* no pid file is longer */
	MAX_DIFFERENCE_S = 2,
	TICKS_MODULUS = 1000000000
};

/* Returns our own stamp, or 0 if /proc does not tell when we started. */
static long
own_stamp(void)
{
	struct process self;

	if (process_read_self(&self) == -1)
		return 0;
	return (long)(self.start % TICKS_MODULUS);
}

/*
 * Puts the stamp into the modification time of a file that has just been
 * written.  Nothing is lost where it is refused, as on a file of somebody
 * else's.  A stamp that the file system rounds would be taken for another
 * process's, so it is taken back.  The access time is set, too: many a FUSE
 * file system ignores a call that sets only one of the two, and says that it
 * succeeded.
 */
static void
set_stamp(int fd)
{
	struct timespec times[2];
	const long stamp = own_stamp();
	struct stat st;

	if (fstat(fd, &st) == -1)
		return;
	times[0] = st.COMPAT_ST_MTIM;
	times[1] = st.COMPAT_ST_MTIM;
	times[1].tv_nsec = stamp;
	if (futimens(fd, times) == -1)
		return;

	if (fstat(fd, &st) == 0 && st.COMPAT_ST_MTIM.tv_nsec == stamp)
		return;
	times[1].tv_nsec = 0;
	(void)futimens(fd, times);
}

int
pidfile_write(int fd)
{
	char text[PID_TEXT_SIZE];
	const char *number = format_pid(text, getpid(), '\n');
	const size_t length = strlen(number);
	ssize_t written;

	written = pwrite(fd, number, length, 0);
	if (written == -1)
		return -1;
	if ((size_t)written != length) {
		errno = ENOSPC;
		return -1;
	}
	/* Cutting it first would make some file systems wait for the disk. */
	if (ftruncate(fd, (off_t)length) == -1)
		return -1;
	set_stamp(fd);
	return 0;
}

pid_t
pidfile_read(int fd)
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
	if (length == -1)
		return -1;
	if (text[0] < '1' || text[0] > '9')
		return 0;

	pid = strtoll(text, &endp, 10);
	if (strcmp(endp, "\n") != 0 || endp + 1 != text + length)
		return 0;
	if (pid > INT_MAX)
		return 0;
	return (pid_t)pid;
}

static bool
has_only(const char *text, size_t length, const char *characters, size_t count)
{
	for (size_t i = 0; i < length; i++) {
		if (memchr(characters, text[i], count) == NULL)
			return false;
	}
	return true;
}

/* Returns true if text begins with a number, alone in its line but for blanks
 * after it.  NULs may follow it, but then nothing else. */
static bool
begins_with_number(const char *text, size_t length)
{
	const char *const end = text + length;
	size_t digits;

	if (*text == '-')
		text++;
	digits = strspn(text, "0123456789");
	text += digits;
	text += strspn(text, " \t\r");
	if (digits == 0)
		return false;
	if (*text == '\n')
		return true;
	return has_only(text, (size_t)(end - text), "", 1);
}

int
pidfile_is_one(int fd)
{
	static const char nothing[] = " \t\r\n"; /* and the NUL at its end */
	char text[MAX_SIZE + 1];
	ssize_t length;

	length = pread(fd, text, sizeof(text), 0);
	if (length == -1)
		return -1;
	if (length > MAX_SIZE)
		return 0;
	text[length] = '\0';
	if (has_only(text, (size_t)length, nothing, sizeof(nothing)))
		return 1;
	return begins_with_number(text, (size_t)length);
}

enum pidfile_match
pidfile_compare(const struct stat *st, pid_t pid)
{
	const long stamp = st->COMPAT_ST_MTIM.tv_nsec;
	struct process process;
	double started;
	double difference;

	if (process_read(pid, &process) == -1)
		return PIDFILE_UNKNOWN;
	if (stamp != 0 &&
	    (unsigned long long)stamp == process.start % TICKS_MODULUS)
		return PIDFILE_FITS;
	if (stamp != 0)
		return PIDFILE_DIFFERS;

	started = compat_time_of_ticks(process.start);
	if (started < 0)
		return PIDFILE_UNKNOWN;
	difference = started - (double)st->st_mtime;
	if (difference < -MAX_DIFFERENCE_S || difference > MAX_DIFFERENCE_S)
		return PIDFILE_DIFFERS;
	return PIDFILE_FITS;
}
