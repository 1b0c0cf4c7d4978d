/* SPDX-License-Identifier: ISC */
#include "ready.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"
#include "notify.h"
#include "streams.h"

/* Returns the read end of a pipe whose write end is target, or -1. */
static int
open_pipe(int target)
{
	int fds[2];

	if (pipe(fds) == -1)
		return -1;
	/* The read end must not have the number that the write end gets. */
	if (fds[0] == target && streams_raise(&fds[0], target + 1) == -1)
		return -1;
	if (dup2(fds[1], target) == -1)
		return -1;
	if (fds[1] != target)
		(void)close(fds[1]);
	return fds[0];
}

void
ready_open(struct ready *ready, int target, int min_fd, uid_t uid)
{
	char option[32] = "-r notify";
	int fd;

	if (target != 0)
		(void)snprintf(option, sizeof(option), "-r fd:%d", target);
	fd = target == 0 ? notify_open() : open_pipe(target);
	if (fd == -1 || streams_raise(&fd, min_fd) == -1 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
		die_errno(option);
	*ready = (struct ready){ .fd = fd, .target = target, .uid = uid };
}

void
ready_close_target(const struct ready *ready)
{
	if (ready->fd != -1 && ready->target != 0)
		(void)close(ready->target);
}

static enum readiness
read_pipe(int fd)
{
	char text[4096];
	ssize_t length;

	length = read(fd, text, sizeof(text));
	if (length == -1)
		return READINESS_NONE;
	if (length == 0)
		return READINESS_CLOSED;
	if (memchr(text, '\n', (size_t)length) != NULL)
		return READINESS_READY;
	return READINESS_NOT_YET;
}

/* Takes one assignment of a datagram.  Returns true if it is READY=1. */
static bool
take_assignment(struct notification *notification, const char *line)
{
	char digits[18];

	if (strncmp(line, "STATUS=", 7) == 0)
		(void)snprintf(notification->status,
		    sizeof(notification->status), "%s", line + 7);
	else if (sscanf(line, "EXTEND_TIMEOUT_USEC=%17[0-9]", digits) == 1)
		notification->extension = atoll(digits) / 1000;
	else
		(void)sscanf(line, "ERRNO=%9d", &notification->error);

	return strcmp(line, "READY=1") == 0;
}

/* Returns true if a process is the command or of its session. */
static bool
is_of_command(pid_t pid, pid_t command)
{
	pid_t session = getsid(command);

	if (pid == command)
		return true;
	return session != -1 && getsid(pid) == session;
}

static bool
is_accepted(const struct ready *ready, const struct notify_sender *sender,
    pid_t command)
{
	if (sender->uid == 0 || sender->uid == ready->uid)
		return true;
	return is_of_command(sender->pid, command);
}

/* Returns true if a line of the text is READY=1. */
static bool
says_ready(const char *text)
{
	static const char word[] = "READY=1";

	for (;;) {
		size_t length = strcspn(text, "\n");

		if (length == strlen(word) && memcmp(text, word, length) == 0)
			return true;
		if (text[length] == '\0')
			return false;
		text += length + 1;
	}
}

static enum readiness
read_socket(const struct ready *ready, pid_t command,
    struct notification *notification)
{
	char text[4096 + 1];
	struct notify_sender sender;
	enum readiness readiness = READINESS_NOT_YET;
	ssize_t length;
	char *line;

	length = notify_read(ready->fd, text, sizeof(text) - 1, &sender);
	if (length == -1)
		return READINESS_NONE;
	text[length] = '\0';

	if (!is_accepted(ready, &sender, command)) {
		notification->refused = sender;
		return says_ready(text) ? READINESS_REFUSED : READINESS_NOT_YET;
	}

	for (line = strtok(text, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		if (take_assignment(notification, line))
			readiness = READINESS_READY;
	}
	return readiness;
}

enum readiness
ready_read(const struct ready *ready, pid_t command,
    struct notification *notification)
{
	notification->extension = 0;
	if (ready->target != 0)
		return read_pipe(ready->fd);
	return read_socket(ready, command, notification);
}
