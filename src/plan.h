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

struct plan {
	bool detach;
	bool verbose;
	struct child command;
	struct stream stream[3]; /* the command's */
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
};
