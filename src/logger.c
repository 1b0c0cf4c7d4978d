/* SPDX-License-Identifier: ISC */
#include "logger.h"

#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include "command.h"
#include "diag.h"
#include "identity.h"
#include "open.h"

/* A logger runs as who runs us. */
static const struct identity who_runs_us;

void
logger_find(struct logger *logger, const char *text, char **words)
{
	*logger = (struct logger){
		.child = {
			.logger = text,
			.path = command_find(words[0], text, &who_runs_us),
			.argv = words,
			.stream = logger->stream,
			.identity = &who_runs_us,
		},
		.writer = -1,
	};
	for (int i = 0; i <= 2; i++) {
		logger->stream[i].path = "/dev/null";
		logger->stream[i].fd = -1;
		logger->stream[i].reader = -1;
	}
}

void
logger_open_pipe(struct logger *logger, int min_fd)
{
	const char *text = logger->child.logger;
	int ends[2];

	if (pipe(ends) == -1)
		die_errno(text);
	if (streams_raise(&ends[0], min_fd) == -1 ||
	    streams_raise(&ends[1], min_fd) == -1)
		die_errno(text);
	logger->stream[0].path = "a pipe";
	logger->stream[0].fd = ends[0];
	logger->writer = ends[1];
}

void
logger_set_output(struct logger *logger, const struct stream *log, int min_fd)
{
	struct stream *output = &logger->stream[1];

	if (log != NULL) {
		*output = *log;
		output->truncate = false;
	} else {
		output->fd = open_null(O_WRONLY);
		if (streams_raise(&output->fd, min_fd) == -1)
			die_errno(output->path);
	}
	logger->stream[2] = *output;
}

void
logger_close_pipe(const struct logger *logger)
{
	(void)close(logger->stream[0].fd);
	(void)close(logger->writer);
}
