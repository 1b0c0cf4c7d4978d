#include "ready.h"
#include "diag.h"
#include "streams.h"

/* A pipe whose write end is number. */
static int
open_pipe(int number)
{
	int fds[2];
	if (pipe(fds) == -1)
		return -1;
	if (fds[0] == number && streams_raise(&fds[0], number + 1) == -1)
		return -1;
	if (dup2(fds[1], number) == -1)
		return -1;
	if (fds[1] != number)
		(void)close(fds[1]); /* nothing was written */
	return fds[0];
}

void
ready_open(struct ready *ready, int number, int least, uid_t user)
{
	*ready = (struct ready){ .number = number, .user = user };
	ready->fd = number == 0 ? compat_notify_open() : open_pipe(number);
	if (ready->fd == -1 || streams_raise(&ready->fd, least) == -1 ||
	    fcntl(ready->fd, F_SETFL, O_NONBLOCK) == -1)
		die_errno(number == 0 ? "-r notify" : "-r fd");
}

enum answer
ready_read(const struct ready *ready, struct news *news)
{
	char text[4096 + 1];
	enum answer answer = NOT_YET;
	char digits[18];
	uid_t sender;
	news->extension = 0;
	if (ready->number != 0) {
		ssize_t length = read(ready->fd, text, sizeof(text));
		if (length == 0)
			return CLOSED;
		return length > 0 && memchr(text, '\n', (size_t)length) ?
		    READY :
		    NOT_YET;
	}
	ssize_t size =
	    compat_notify_read(ready->fd, text, sizeof(text) - 1, &sender);
	if (size == -1 || (sender != 0 && sender != ready->user))
		return NOT_YET;
	text[size] = '\0';
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (strcmp(line, "READY=1") == 0)
			answer = READY;
		if (strncmp(line, "STATUS=", 7) == 0)
			(void)snprintf(news->text, sizeof(news->text), "%s",
			    line + 7);
		if (sscanf(line, "EXTEND_TIMEOUT_USEC=%17[0-9]", digits) == 1)
			news->extension = atoll(digits) / 1000;
		(void)sscanf(line, "ERRNO=%9d", &news->error);
	}
	return answer;
}
