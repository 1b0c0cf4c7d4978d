/* The exit statuses: the only place where one is written as a number. */
#ifndef EXIT_H
#define EXIT_H

enum exit_status {
	EXIT_STARTED = 0,       /* the command was executed */
	EXIT_ALREADY = 75,      /* the daemon of the pid or lock file runs already */
	EXIT_FAILED = 125,      /* daemonize itself failed before the command */
	EXIT_CANNOT_EXEC = 126, /* the command was found, but cannot be run */
	EXIT_NOT_FOUND = 127,   /* the command was not found */
};

#endif
