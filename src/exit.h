/* SPDX-License-Identifier: ISC */
/* The exit statuses, which no other file writes as numbers. */
#pragma once

enum exit_status {
	EXIT_STARTED = 0,       /* the command was executed, the verb done */
	EXIT_DEAD = 1,          /* --status: not running, but with a pid file */
	EXIT_NOT_RUNNING = 3,   /* --status, --signal */
	EXIT_UNKNOWN = 4,       /* verbs: cannot tell, or no permission */
	EXIT_ALREADY = 75,      /* the pid or lock file's daemon is running */
	EXIT_NOT_READY = 124,   /* not ready, or (--stop) not gone, in time */
	EXIT_FAILED = 125,      /* we failed before the command */
	EXIT_CANNOT_EXEC = 126, /* the command cannot be executed */
	EXIT_NOT_FOUND = 127,   /* the command was not found */
};
