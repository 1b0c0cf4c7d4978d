/* SPDX-License-Identifier: ISC */
/* The command line, checked for its form and nothing else. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schedule.h"

/* What -r waits for, if not for a newline on a descriptor, which is 3 or
 * more. */
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

/* A string is NULL if its option was not given. */
struct options {
	enum verb verb;
	struct schedule_step *schedule; /* of --stop, else NULL */
	int signo;                      /* of --signal; 0 as in kill(2) */

	char *path[3];   /* -i, -o, -e */
	char **words[3]; /* of a logger in path[], else NULL; [-1] is spare */
	char *directory; /* -c, else "/" */
	char *user;      /* -u */
	char *pidfile;   /* -p */
	char *lockfile;  /* -l */
	char *argv0;     /* -A */

	bool append;        /* -a */
	bool truncate;      /* -t */
	bool already_is_ok; /* --oknodo */
	bool foreground;    /* -f */
	bool detach;        /* --detach */
	bool print_pid;     /* -P */
	bool dry_run;       /* -n */
	bool verbose;       /* -v */

	int umask;    /* -m; -1: not given */
	int ready;    /* -r: READY_UNASKED, READY_NOTIFY or a descriptor */
	long watch;   /* -w: milliseconds; -1: not given */
	long restart; /* --restart: milliseconds; -1: not given */
	long timeout; /* -T: milliseconds; -1: not given */

	char **env; /* -E: NAME=VALUE, in their order */
	size_t env_count;
	int *keep; /* -k: descriptors */
	size_t keep_count;

	char **argv; /* the command and its arguments, ended by NULL */
};

/* Parses the command line into options, up to the first operand, the command.
 * The options refer to the strings of argv.  options->argv[-1] is one of our
 * own words and may be overwritten.  Dies with EXIT_FAILED on misuse; -h and -V
 * print their text and exit with status 0. */
void options_parse(struct options *options, int argc, char **argv);

/* Returns true if -k lets a descriptor through. */
bool options_keeps(const struct options *options, int fd);
