/* SPDX-License-Identifier: ISC */
/* What will be done: every question answered, every file opened. */
#pragma once

#include <stdbool.h>

#include "child.h"
#include "identity.h"
#include "lock.h"
#include "logger.h"
#include "ready.h"
#include "streams.h"

enum {
	PLAN_CHILDREN = 3 /* the command and two loggers */
};

struct plan {
	bool detach;
	bool verbose;
	struct child command;
	struct child keeper_place; /* what it takes in the command's place */
	struct stream stream[3];   /* the command's */
	struct logger logger[2];
	int logger_count;
	struct identity identity;
	struct lock lock[2]; /* of -p and -l */
	int lock_count;
	int min_fd;         /* below it are only descriptors the command gets */
	bool watched;       /* -r or -w was given */
	struct ready ready; /* what -r waits for */
	long timeout;       /* how long, in milliseconds */
	long watch;         /* the time of -w in milliseconds; -1: none */
	long restart;       /* the delay of --restart; -1: no keeper */
	int *kept_fds;      /* with a keeper: -k's, and room for its own */
	size_t kept_fd_count;
	int null_fd;      /* with a keeper: /dev/null */
	mode_t log_umask; /* -m's, or the caller's, for logs */
};
