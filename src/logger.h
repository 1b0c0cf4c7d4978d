/* SPDX-License-Identifier: ISC */
/* A logger: a command that a stream of the command is piped into. */
#pragma once

#include "child.h"
#include "streams.h"

struct logger {
	struct child child;
	struct stream stream[3]; /* its own */
	int writer;              /* the end of its pipe for the command */
};

/*
 * Finds the file of a logger, as the command's is found, but as who runs us.
 * text is "|LOGGER", words are its words.  Dies with EXIT_FAILED.
 */
void logger_find(struct logger *logger, const char *text, char **words);

/* Opens its pipe, at descriptors from min_fd on, both ends close-on-exec.  Dies
 * with EXIT_FAILED. */
void logger_open_pipe(struct logger *logger, int min_fd);

/*
 * Gives it a standard output and error: those of log, the file of the command's
 * other stream, or /dev/null, from min_fd on, if that is NULL.  Dies with
 * EXIT_FAILED.
 */
void logger_set_output(struct logger *logger, const struct stream *log,
    int min_fd);

/* Closes both ends of its pipe, in a process that is neither it nor the
 * command. */
void logger_close_pipe(const struct logger *logger);
