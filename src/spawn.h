/* SPDX-License-Identifier: ISC */
/* A process that is to become a command, and whether it has. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "message.h"

struct child;

/* How a process is started. */
struct spawn {
	const struct child *child;
	int min_fd;         /* as of the plan */
	int channel;        /* where the process sends its pid; -1: nowhere */
	bool shares_memory; /* see compat_start_child() */
	bool own_group;     /* in a process group that a zombie leads */
};

/* What has become of it. */
struct birth {
	pid_t pid;    /* -1: there is none */
	pid_t leader; /* the zombie, to be reaped; 0: there is none */
	enum verdict verdict;
	struct failure failure; /* of STEP_NONE: none was told */
};

/*
 * Starts a process, a child of ours, and waits until it has executed its file
 * or has ended.  Does not reap it.  Async-signal-safe.
 */
struct birth spawn(const struct spawn *how);

/* Waits until a child of ours has ended, and reaps it.  Async-signal-safe. */
void spawn_reap(pid_t pid);
