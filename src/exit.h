/* The exit statuses: the only place where one is written as a number. */
#pragma once

enum exit_status {
	EXIT_STARTED = 0, /* the command was executed, the verb succeeded */
	EXIT_DEAD = 1,    /* --status: not running, but the pid file is there */
	EXIT_NOT_RUNNING = 3, /* --status, --signal */
	EXIT_UNKNOWN = 4,     /* the verbs: cannot tell, or no permission */
	EXIT_ALREADY = 75, /* the daemon of the pid or lock file runs already */
	EXIT_NOT_READY =
	    124, /* the command is not ready, or (--stop) not gone, in time */
	EXIT_FAILED = 125,      /* daemonize itself failed before the command */
	EXIT_CANNOT_EXEC = 126, /* the command was found, but cannot be run */
	EXIT_NOT_FOUND = 127,   /* the command was not found */
};
