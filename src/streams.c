/* SPDX-License-Identifier: ISC */
#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compat.h"
#include "open.h"
#include "path.h"

const char *const stream_names[3] = { "standard input", "standard output",
	"standard error" };

unsigned
streams_reserve(void)
{
	unsigned closed_mask = 0;

	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) != -1)
			continue;
		/* It gets this number, which is the lowest free one. */
		(void)open_null(fd == 0 ? O_WRONLY : O_RDONLY);
		closed_mask |= 1U << fd;
	}
	return closed_mask;
}

bool
streams_was_closed(unsigned closed_mask, int fd)
{
	return fd <= 2 && (closed_mask & 1U << fd) != 0;
}

static int
open_flags(int target)
{
	const int common = O_NOCTTY | O_NONBLOCK | O_CLOEXEC;

	if (target == 0)
		return common | O_RDONLY;
	return common | O_WRONLY | O_APPEND | O_CREAT;
}

static const struct open_rule *
rule_of(int target)
{
	return target == 0 ? &open_rule_input : &open_rule_log;
}

int
streams_open(const char *path, int target, const struct identity *user,
    bool *by_name)
{
	const int flags = open_flags(target);
	struct lookup lookup;
	int fd;

	fd = open_path(&lookup, path, flags, 0644, rule_of(target), user, NULL);
	if (fd == -1)
		open_die(&lookup, path, user);
	if (lookup.dirfd != -1)
		(void)close(lookup.dirfd);
	*by_name = lookup.callers_fd == -1;
	return fd;
}

int
streams_open_again(const struct stream *log, int min_fd,
    const struct identity *user)
{
	struct lookup lookup;
	int saved_errno;
	int fd;

	fd = open_path(&lookup, log->path, open_flags(1), 0644, &open_rule_log,
	    user, NULL);
	saved_errno = errno;
	if (lookup.dirfd != -1)
		(void)close(lookup.dirfd);
	errno = saved_errno;
	if (fd == -1 || streams_raise(&fd, min_fd) == 0)
		return fd;

	saved_errno = errno;
	(void)close(fd);
	errno = saved_errno;
	return -1;
}

void
streams_preview(const char *path, int target, const struct identity *user)
{
	const int flags = open_flags(target);
	struct lookup lookup;

	if (open_preview(&lookup, path, flags, rule_of(target), user) == -1)
		open_die(&lookup, path, user);
	if (lookup.dirfd != -1)
		(void)close(lookup.dirfd);
}

/* Opens the file of a descriptor once more.  Returns a descriptor, or -1. */
static int
reopen(int fd, int flags)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	return open(path, flags);
}

int
streams_open_reader(const struct stream *log, const struct identity *user)
{
	const int flags = O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	struct stat log_st, reader_st;
	struct lookup lookup;
	int fd;

	fd =
	    open_path(&lookup, log->path, flags, 0, &open_rule_log, user, NULL);
	if (lookup.dirfd != -1)
		(void)close(lookup.dirfd);
	if (fd == -1 && lookup.callers_fd != -1)
		fd = reopen(lookup.callers_fd, flags);
	if (fd == -1)
		return -1;

	if (fstat(log->fd, &log_st) == 0 && fstat(fd, &reader_st) == 0 &&
	    path_same(&log_st, &reader_st))
		return fd;
	(void)close(fd);
	return -1;
}

int
streams_raise(int *fd, int min_fd)
{
	int raised;

	if (*fd >= min_fd)
		return fcntl(*fd, F_SETFD, FD_CLOEXEC);

	raised = fcntl(*fd, F_DUPFD_CLOEXEC, min_fd);
	if (raised == -1) {
		/* fcntl(2) says EINVAL of a number beyond the limit. */
		if (errno == EINVAL)
			errno = EMFILE;
		return -1;
	}
	(void)close(*fd);
	*fd = raised;
	return 0;
}

/* Returns the lowest number in kept from fd on, or INT_MAX. */
static int
next_kept(const int *kept, size_t count, int fd)
{
	int lowest = INT_MAX;

	for (size_t i = 0; i < count; i++) {
		if (kept[i] >= fd && kept[i] < lowest)
			lowest = kept[i];
	}
	return lowest;
}

void
streams_close_others(const int *kept, size_t count)
{
	int first = 3;

	for (;;) {
		int next = next_kept(kept, count, first);

		if (next == INT_MAX)
			break;
		if (next > first)
			compat_close_range((unsigned)first, (unsigned)next - 1);
		first = next + 1;
	}
	compat_close_range((unsigned)first, UINT_MAX);
}
