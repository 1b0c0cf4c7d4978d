/* What the middle and the daemon tell the launcher. */
#ifndef REPORT_H
#define REPORT_H

#include "plan.h"

/* A named thing that is done after the first fork and can fail. */
enum step {
	STEP_NONE, /* none failed; detail: the daemon's process id */
	STEP_NAMESPACE,
	STEP_SETSID,
	STEP_FORK,
	STEP_PRINT_PID,
	STEP_STREAM, /* detail: 0, 1, 2 */
	STEP_LOCK,   /* detail: which */
	STEP_IDENTITY,
	STEP_TRUNCATE, /* detail: 1, 2 */
	STEP_SIGNALS,
	STEP_EXECUTE, /* detail: whether it is /bin/sh's exec */
};

/* Written in one piece: far below PIPE_BUF. */
struct report {
	enum step step;
	int error; /* errno */
	int detail;
};

/*
 * Writes one report to the pipe.  Async-signal-safe.  If it cannot be written it is lost, and the
 * verdict alone tells that the start failed.
 */
void report_send(int fd, const struct report *report);

/* Reads one report.  Returns whether there was one before the pipe's end. */
bool report_receive(int fd, struct report *report);

/*
 * Says on descriptor 2 why a step failed, naming its object.  Returns the exit status that follows
 * from it.
 */
int report_explain(const struct plan *plan, const struct report *report);

#endif
