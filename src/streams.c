/* Descriptors: 0, 1 and 2, and all others. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compat.h"
#include "exit.h"
#include "path.h"
#include "say.h"
#include "streams.h"

const char *const stream_names[3] = { "standard input", "standard output", "standard error" };

unsigned streams_reserve(void)
{
	unsigned filled = 0;
	int fd;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) != -1) continue;
		/* the lowest free number is fd */
		if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) == -1) fail("/dev/null");
		filled |= 1U << fd;
	}
	return filled;
}

int streams_open(const char *path, int number, bool preview, const struct identity *user)
{
	int flags = O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	struct stat status;
	struct place place;
	int fd;

	if (number > 0)
		flags |= O_WRONLY | O_APPEND | O_CREAT;
	else if (stat(path, &status) == 0 && S_ISFIFO(status.st_mode))
		flags |= O_RDWR;
	fd = path_open(&place, path, flags, 0644, preview ? FOR_PREVIEW : FOR_STREAM, user);
	if (place.directory != -1) (void)close(place.directory);
	if (fd == -1) path_die(&place, path, user);
	if (preview) return fd;
	errno = EISDIR;
	if (fstat(fd, &status) == -1 || S_ISDIR(status.st_mode) ||
		fcntl(fd, F_SETFL, flags & O_APPEND) == -1)
		fail(path);
	return fd;
}

int streams_raise(int fd, int least)
{
	int raised = fcntl(fd, F_DUPFD_CLOEXEC, least);

	(void)close(fd); /* nothing was written */
	return raised;
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
		if (next > first) compat_close_range(first, next - (next != UINT_MAX));
		if (next == UINT_MAX) break;
	}
}
