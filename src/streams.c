/* Descriptors: 0, 1 and 2, and all others. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compat.h"
#include "exit.h"
#include "say.h"
#include "streams.h"

const char *const stream_names[3] = { "standard input", "standard output", "standard error" };

unsigned streams_reserve(void)
{
	unsigned filled = 0;
	int fd;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) != -1)
			continue;
		/* the lowest free number is fd */
		if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) == -1)
			die(EXIT_FAILED, "/dev/null: %s", strerror(errno));
		filled |= 1U << fd;
	}
	return filled;
}

int streams_open(const char *path, int number, bool create)
{
	int flags = O_NOCTTY | O_NONBLOCK | O_CLOEXEC | (create ? O_CREAT : 0);
	struct stat status;
	int fd;

	if (number == 0 && stat(path, &status) == 0 && S_ISFIFO(status.st_mode))
		flags |= O_RDWR;
	else
		flags |= number == 0 ? O_RDONLY : O_WRONLY | O_APPEND;
	fd = open(path, flags, 0644);
	if (fd == -1)
		return -1;
	if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode))
		errno = EISDIR;
	else if (fcntl(fd, F_SETFL, flags & O_APPEND) != -1)
		return fd;
	(void)close(fd); /* nothing was written */
	return -1;
}

int streams_foresee(const char *path, int number, bool create)
{
	char copy[PATH_MAX];
	struct stat status;

	if (stat(path, &status) == 0) {
		errno = EISDIR;
		return S_ISDIR(status.st_mode) ?
			       -1 :
			       faccessat(AT_FDCWD, path, number == 0 ? R_OK : W_OK, AT_EACCESS);
	}
	return errno != ENOENT || !create ?
		       -1 :
		       faccessat(AT_FDCWD, dirname(strcpy(copy, path)), W_OK | X_OK, AT_EACCESS);
}

void streams_close_others(const int *kept, size_t count)
{
	unsigned first, next;
	size_t i;

	for (first = 3;; first = next + 1) {
		next = UINT_MAX;
		for (i = 0; i < count; i++) {
			if (kept[i] >= (int)first && (unsigned)kept[i] < next)
				next = (unsigned)kept[i];
		}
		if (next > first)
			compat_close_range(first, next - (next != UINT_MAX));
		if (next == UINT_MAX)
			break;
	}
}
