/* SPDX-License-Identifier: ISC */
#include "redirect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "announce.h"
#include "diag.h"
#include "logger.h"
#include "options.h"
#include "path.h"
#include "plan.h"
#include "streams.h"

/* Where one of the command's descriptors 0, 1 and 2 comes from. */
enum source {
	FROM_FILE,
	FROM_LOGGER, /* it is the pipe to a logger */
	FROM_CALLER,
	FROM_STDOUT, /* standard error goes where standard output goes */
	FROM_NULL    /* /dev/null */
};

/* Returns true if standard error was given the logger of standard output. */
static bool
is_same_logger(const struct options *o, int fd)
{
	if (fd != 2 || o->words[1] == NULL)
		return false;
	return strcmp(o->path[1], o->path[2]) == 0;
}

static enum source
source_of_option(const struct options *o, int fd)
{
	if (o->words[fd] == NULL)
		return FROM_FILE;
	if (is_same_logger(o, fd))
		return FROM_STDOUT;
	return FROM_LOGGER;
}

static enum source
stream_source(const struct plan *plan, const struct options *o, int fd,
    unsigned closed_mask)
{
	if (o->path[fd] != NULL)
		return source_of_option(o, fd);
	if (options_keeps(o, fd))
		return FROM_CALLER;
	if (fd == 2 && o->path[1] != NULL)
		return FROM_STDOUT;
	if (!plan->detach && !streams_was_closed(closed_mask, fd))
		return FROM_CALLER;

	if (fd == 2 && stream_source(plan, o, 1, closed_mask) != FROM_CALLER)
		return FROM_STDOUT;
	return FROM_NULL;
}

/* Makes two streams one open file description if they are one file.  Returns
 * true if they are. */
static bool
share_description(struct stream *stream, const struct stream *other)
{
	struct stat mine, theirs;

	if (other->fd == -1)
		return false;
	if (fstat(stream->fd, &mine) == -1 || fstat(other->fd, &theirs) == -1)
		die_errno(stream->path);
	if (!path_same(&mine, &theirs))
		return false;

	(void)close(stream->fd);
	*stream = *other;
	return true;
}

/* Lets a log that is open share the description of the other one, or notes what
 * -t and -w need of it. */
static void
complete_log(struct plan *plan, const struct options *o, int fd)
{
	struct stream *stream = &plan->stream[fd];
	struct stat st;

	/* One description, so that no line overwrites another. */
	if (fd == 2 && o->path[1] != NULL &&
	    share_description(stream, &plan->stream[1]))
		return;

	if (fstat(stream->fd, &st) == -1)
		die_errno(stream->path);
	if (!S_ISREG(st.st_mode))
		return;
	stream->truncate = o->truncate;
	stream->begin = o->truncate ? 0 : st.st_size;
	if (plan->watched)
		stream->reader = streams_open_reader(stream, &plan->identity);
}

static void
open_stream(struct plan *plan, const struct options *o, int fd)
{
	struct stream *stream = &plan->stream[fd];
	const char *path = o->path[fd];

	stream->path = path != NULL ? path_absolute(path) : "/dev/null";
	if (!announce(o, "%s %s %s %s", fd == 0 ? "read" : "append",
		stream_names[fd], fd == 0 ? "from" : "to", stream->path)) {
		streams_preview(stream->path, fd, &plan->identity);
		return;
	}

	stream->fd =
	    streams_open(stream->path, fd, &plan->identity, &stream->by_name);
	if (fd > 0 && path != NULL)
		complete_log(plan, o, fd);
}

/* Lets the user open /dev/stdout again, unless that is refused. */
static void
give_pipe(const struct logger *logger, const struct identity *user)
{
	if (user->name == NULL)
		return;
	if (fchown(logger->writer, user->uid, (gid_t)-1) == -1 &&
	    errno != EPERM)
		die_errno(logger->child.logger);
}

static void
open_logger(struct plan *plan, const struct options *o, int fd)
{
	struct logger *logger = &plan->logger[plan->logger_count];
	struct stream *stream = &plan->stream[fd];

	stream->path = o->path[fd];
	logger_find(logger, o->path[fd], o->words[fd]);
	plan->logger_count++;
	if (!announce(o, "pipe %s into %s (%s)", stream_names[fd], stream->path,
		logger->child.path))
		return;
	logger_open_pipe(logger, plan->min_fd);
	give_pipe(logger, &plan->identity);
	stream->fd = logger->writer;
}

static void
prepare_stream(struct plan *plan, const struct options *o, int fd,
    unsigned closed_mask)
{
	plan->stream[fd] = (struct stream){
		.path = "the caller's",
		.fd = -1,
		.reader = -1,
	};

	switch (stream_source(plan, o, fd, closed_mask)) {
	case FROM_CALLER:
		(void)announce(o, "leave %s as it is", stream_names[fd]);
		break;
	case FROM_STDOUT:
		(void)announce(o, "send standard error there too");
		plan->stream[2] = plan->stream[1];
		break;
	case FROM_FILE:
	case FROM_NULL:
		open_stream(plan, o, fd);
		break;
	case FROM_LOGGER:
		open_logger(plan, o, fd);
		break;
	}
}

/* Gives a logger the file of the stream that it does not read, if that has
 * one. */
static void
connect_logger(struct plan *plan, const struct options *o, int i)
{
	const struct stream *log = NULL;

	for (int fd = 1; fd <= 2; fd++) {
		if (o->path[fd] != NULL && o->words[fd] == NULL)
			log = &plan->stream[fd];
	}
	logger_set_output(&plan->logger[i], log, plan->min_fd);
}

/* Moves the streams out of the way of what a keeper leaves open for good. */
static void
raise_streams(struct plan *plan)
{
	struct stream *stream = plan->stream;
	int previous;

	for (int fd = 0; fd <= 2; fd++) {
		if (stream[fd].fd == -1)
			continue;
		previous = stream[fd].fd;
		if (streams_raise(&stream[fd].fd, plan->min_fd) == -1)
			die_errno(stream_names[fd]);
		if (fd == 1 && stream[2].fd == previous) {
			stream[2].fd = stream[1].fd;
			return;
		}
	}
}

void
redirect(struct plan *plan, const struct options *o, unsigned closed_mask)
{
	for (int fd = 0; fd <= 2; fd++)
		prepare_stream(plan, o, fd, closed_mask);
	if (plan->restart != -1)
		raise_streams(plan);
	for (int i = 0; i < plan->logger_count && !o->dry_run; i++)
		connect_logger(plan, o, i);
}

/* Returns true if a log should be opened again. */
static bool
is_outdated(const struct plan *plan, const struct stream *stream)
{
	struct stat named, open_st;

	if (!stream->by_name)
		return false;
	if (fstat(stream->fd, &open_st) == -1 || !S_ISREG(open_st.st_mode))
		return false;
	if (stat(stream->path, &named) == -1)
		return true;
	/* To close a lock file would drop the lock. */
	for (int i = 0; i < plan->lock_count; i++) {
		if (path_same(&named, &plan->lock[i].st))
			return false;
	}
	return !path_same(&named, &open_st);
}

/* Returns true if a stream is a pipe to a logger. */
static bool
is_to_logger(const struct plan *plan, const struct stream *stream)
{
	for (int i = 0; i < plan->logger_count; i++) {
		if (plan->logger[i].writer == stream->fd)
			return true;
	}
	return false;
}

/* Sets the flags of the open file descriptions, which the runs share, to those
 * that the first one found; but the caller's own are left. */
static void
reset_flags(const struct plan *plan)
{
	for (int i = 0; i <= 2; i++) {
		const struct stream *stream = &plan->stream[i];
		int flags = 0;

		if (!stream->by_name && !is_to_logger(plan, stream))
			continue;
		if (i > 0 && stream->by_name)
			flags = O_APPEND;
		if (fcntl(stream->fd, F_SETFL, flags) == -1)
			warn("%s: %s", stream->path, strerror(errno));
	}
}

/* Puts another descriptor in the place of one, wherever that is used. */
static void
replace(struct plan *plan, int old_fd, int fd)
{
	for (int i = 0; i <= 2; i++) {
		if (plan->stream[i].fd != old_fd)
			continue;
		plan->stream[i].fd = fd;
		if (dup2(fd, i) == -1)
			warn("%s: %s", stream_names[i], strerror(errno));
	}
	for (int i = 0; i < plan->logger_count; i++) {
		for (int j = 1; j <= 2; j++) {
			if (plan->logger[i].stream[j].fd == old_fd)
				plan->logger[i].stream[j].fd = fd;
		}
	}
	(void)close(old_fd);
}

void
redirect_again(struct plan *plan)
{
	const mode_t umask_of_command = umask(plan->log_umask);

	/* What cannot be read again from its beginning stays as it is. */
	if (plan->stream[0].by_name)
		(void)lseek(plan->stream[0].fd, 0, SEEK_SET);
	for (int i = 1; i <= 2; i++) {
		struct stream *stream = &plan->stream[i];
		int fd;

		/* What both share is opened, or its failure told, once. */
		if (i == 2 && stream->fd == plan->stream[1].fd)
			break;
		if (!is_outdated(plan, stream))
			continue;
		fd = streams_open_again(stream, plan->min_fd, &plan->identity);
		if (fd == -1)
			warn("%s: %s", stream->path, strerror(errno));
		else
			replace(plan, stream->fd, fd);
	}
	(void)umask(umask_of_command);
	reset_flags(plan);
}
