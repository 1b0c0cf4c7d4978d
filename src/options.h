/* What was asked: the command line, checked for its form and nothing else. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct options {
	char *path[3];    /* -i, -o, -e; NULL where not given */
	bool append;      /* -a */
	bool truncate;    /* -t */
	char *directory;  /* -c */
	bool umask_given; /* -m */
	mode_t umask;     /* -m, else 0 */
	char **env;       /* -E: NAME=VALUE, in their order */
	size_t env_count;
	int *keep; /* -k: numbers from 0; has room for 3 more */
	size_t keep_count;
	char *user;         /* -u, else NULL */
	char *pidfile;      /* -p, else NULL */
	char *lockfile;     /* -l, else NULL */
	bool already_is_ok; /* --oknodo */
	bool foreground;    /* -f */
	bool detach;        /* --detach */
	char *argv0;        /* -A, else NULL */
	bool print_pid;     /* -P */
	bool dry_run;       /* -n */
	bool verbose;       /* -v */
	char **argv;        /* the command's, ended by NULL */
};

/*
 * Fills options from the command line, whose strings they go on using.  Stops at the first operand,
 * the command; options->argv[-1] is one of our own words and may be overwritten.
 *
 * Does not return on a misuse (EXIT_FAILED, one line on descriptor 2), nor after -h or -V (status
 * 0, a text on descriptor 1).  Reads the command line and changes nothing.
 */
void options_parse(struct options *options, int argc, char **argv);

#endif
