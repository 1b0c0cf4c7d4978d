/* SPDX-License-Identifier: ISC */
/* The last steps, in which the process turns into the command, and how one that
 * fails is told. */
#pragma once
#include "plan.h"

/* What one process tells another through a pipe, in one piece: far below
 * PIPE_BUF. */
struct report {
	const char *object; /* what a step failed on; valid here, in a copy of
			       the sender; or NULL */
	int error;          /* errno */
	int detail;         /* whether it is /bin/sh's exec */
};

/* Does what is left of the plan in the process that calls it, and executes the
 * command.  Returns only if a step fails, with its report; those before it stay
 * done.  Async-signal-safe. */
struct report become(const struct plan *plan);
/* The same in the only process there is, without detaching: ends with the
 * message if it fails. */
_Noreturn void become_here(const struct plan *plan);

/* Writes one report.  Async-signal-safe.  Returns 0, or -1 with errno: then it
 * is lost. */
int report_send(int fd, const struct report *report);
/* Reads one report.  Returns whether there was one before the pipe's end. */
bool report_receive(int fd, struct report *report);
/* Says on descriptor 2 why a step failed, naming its object, and exits with
 * what follows. */
_Noreturn void report_explain(const struct plan *plan,
    const struct report *report);
