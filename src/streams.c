#include "streams.h"
#include "open.h"
#include "path.h"
#include "diag.h"

const char *const stream_names[3] = { "standard input", "standard output",
	"standard error" };

unsigned
streams_reserve(void)
{
	unsigned filled = 0;
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) != -1)
			continue;
		if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) == -1)
			die_errno("/dev/null");
		filled |= 1U << fd; /* it was the lowest free number */
	}
	return filled;
}

int
streams_open(const char *path, int number, bool preview,
    const struct identity *user)
{
	struct stat status;
	struct lookup lookup;
	const struct open_rule *rule =
	    number == 0 ? &open_rule_input : &open_rule_log;
	int flags = number == 0 ? O_RDONLY : O_WRONLY | O_APPEND | O_CREAT;
	int fd;

	flags |= O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	if (preview)
		fd = open_preview(&lookup, path, flags, rule, user);
	else
		fd = open_path(&lookup, path, flags, 0644, rule, user, NULL);
	if (lookup.dirfd != -1)
		(void)close(lookup.dirfd);
	if (fd == -1)
		open_die(&lookup, path, user);
	if (preview)
		return fd;
	errno = EISDIR;
	if (fstat(fd, &status) == -1 || S_ISDIR(status.st_mode) ||
	    fcntl(fd, F_SETFL, flags & O_APPEND) == -1)
		die_errno(path);
	return fd;
}

int
streams_raise(int *fd, int least)
{
	if (*fd >= least)
		return fcntl(*fd, F_SETFD, FD_CLOEXEC);
	int raised = fcntl(*fd, F_DUPFD_CLOEXEC, least);
	if (raised == -1 && errno == EINVAL)
		errno = EMFILE; /* least is beyond the limit */
	if (raised == -1)
		return -1;
	(void)close(*fd); /* nothing was written */
	*fd = raised;
	return 0;
}

void
streams_close_others(const int *kept, size_t count)
{
	for (unsigned first = 3, next; first != 0; first = next + 1) {
		next =
		    UINT_MAX; /* no descriptor is that great, and 0 follows */
		for (size_t i = 0; i < count; i++) {
			if (kept[i] >= (int)first && (unsigned)kept[i] < next)
				next = (unsigned)kept[i];
		}
		if (next > first)
			compat_close_range(first, next - 1);
	}
}
