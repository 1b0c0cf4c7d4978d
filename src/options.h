/* What was asked: the command line, checked for its form and nothing else. */
#pragma once
#include "compat.h"

/* What -r waits for; from 3 on: a newline on that descriptor. */
enum {
	READY_UNASKED = -1,
	READY_NOTIFY = 0
};

enum verb {
	VERB_START,
	VERB_STATUS,
	VERB_STOP,
	VERB_SIGNAL
};

/* A step of a schedule (start-stop-daemon(8), --retry). */
struct step {
	enum {
		STEP_END,
		STEP_SIGNAL,
		STEP_WAIT,
		STEP_AGAIN
	} kind;
	long value; /* a signal's number, or milliseconds; from STEP_AGAIN on
		       all is repeated */
};

/* A string is NULL if its option was not given. */
struct options {
	enum verb verb;
	struct step *schedule;            /* of --stop and --signal */
	char *path[3];                    /* -i, -o, -e */
	char *directory;                  /* -c, else "/" */
	char *user, *pidfile, *lockfile;  /* -u, -p, -l */
	char *argv0;                      /* -A */
	bool append, truncate;            /* -a, -t */
	bool already_is_ok;               /* --oknodo */
	bool foreground, detach;          /* -f, --detach */
	bool print_pid, dry_run, verbose; /* -P, -n, -v */
	int umask;                        /* -m; -1: not given */
	char **env;                       /* -E: NAME=VALUE, in their order */
	int *keep;                        /* -k: numbers from 0 */
	size_t env_count, keep_count;
	long watch, timeout; /* -w, -T: milliseconds; -1: not given */
	int ready;           /* -r */
	char **argv;         /* the command's, ended by NULL */
};

/* Fills options from the command line, whose strings they go on using, up to
 * the first operand, the command; options->argv[-1] is one of our own words and
 * may be overwritten.  On a misuse dies with EXIT_FAILED, after -h or -V ends
 * with status 0 and a text on descriptor 1. */
void options_parse(struct options *options, int argc, char **argv);
/* Adds one to the numbers of -k; dies with EXIT_FAILED. */
void options_keep(struct options *options, int fd);
