/* The command line: one table for the parser, --help and the drift tests. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit.h"
#include "options.h"
#include "say.h"

enum { LONG_ONLY = UCHAR_MAX + 1 };

/* FLAG, TEXT and PATH only set a field; take() knows what OTHER does. */
enum kind { FLAG, TEXT, PATH, OTHER };

struct row {
	int key;              /* the letter, or LONG_ONLY */
	const char *name;     /* the long name */
	const char *argument; /* what follows, NULL for nothing */
	const char *help;
	enum kind kind;
	size_t field;
};

#define FIELD(name) offsetof(struct options, name)

static const struct row table[] = {
	{ 'i', "stdin", "FILE", "read standard input from FILE", PATH, FIELD(path[0]) },
	{ 'o', "stdout", "FILE", "append standard output to FILE, error too unless -e", PATH,
		FIELD(path[1]) },
	{ 'e', "stderr", "FILE", "append standard error to FILE", PATH, FIELD(path[2]) },
	{ 'a', "append", NULL, "append to logs (the default)", FLAG, FIELD(append) },
	{ 't', "truncate", NULL, "empty each log once at start", FLAG, FIELD(truncate) },
	{ 'c', "chdir", "DIR", "run the command in DIR (default /)", PATH, FIELD(directory) },
	{ 'm', "umask", "MODE", "octal file mode mask (default 0)", OTHER, 0 },
	{ 'E', "env", "NAME=VALUE", "add to the environment; repeatable", OTHER, 0 },
	{ 'u', "user", "USER[:GROUP]", "run as USER, with its groups", TEXT, FIELD(user) },
	{ 'p', "pidfile", "FILE", "write the process id to FILE; single instance", PATH,
		FIELD(pidfile) },
	{ 'l', "lockfile", "FILE", "single instance on FILE", PATH, FIELD(lockfile) },
	{ LONG_ONLY, "oknodo", NULL, "already running is success", FLAG, FIELD(already_is_ok) },
	{ 'A', "argv0", "NAME", "argv[0] of the command", TEXT, FIELD(argv0) },
	{ 'k', "keep-fd", "N", "let descriptor N through; repeatable", OTHER, 0 },
	{ 'f', "foreground", NULL, "do everything but detach", FLAG, FIELD(foreground) },
	{ LONG_ONLY, "detach", NULL, "detach whatever was detected", FLAG, FIELD(detach) },
	{ 'P', "print-pid", NULL, "print the daemon's process id", FLAG, FIELD(print_pid) },
	{ 'n', "dry-run", NULL, "say what would be done, change nothing", FLAG, FIELD(dry_run) },
	{ 'v', "verbose", NULL, "say what is done, step by step", FLAG, FIELD(verbose) },
	{ 'h', "help", NULL, "print this text", OTHER, 0 },
	{ 'V', "version", NULL, "print the version", OTHER, 0 },
};

enum { ROWS = sizeof(table) / sizeof(table[0]) };

_Noreturn static void help(void)
{
	const struct row *row;

	print("usage: daemonize [options] [--] command [argument ...]\n"
	      "Run a command as a daemon, and tell the truth about its start.\n"
	      "\n");
	for (row = table; row < table + ROWS; row++) {
		char words[32];

		(void)snprintf(words, sizeof(words), "--%s%s%s", row->name,
			row->argument ? "=" : "", row->argument ? row->argument : "");
		if (row->key == LONG_ONLY)
			print("      %-19s  %s\n", words, row->help);
		else
			print("  -%c, %-19s  %s\n", row->key, words, row->help);
	}
	print("\n"
	      "Paths are relative to where you are now, whatever -c says.\n"
	      "Status: %d the command was executed, %d it is already running,\n"
	      "%d daemonize failed, %d the command cannot be executed, %d not found.\n",
		EXIT_STARTED, EXIT_ALREADY, EXIT_FAILED, EXIT_CANNOT_EXEC, EXIT_NOT_FOUND);
	finish_output();
}

/* Digits of a base up to 10, and nothing else; dies naming what they are. */
static int parse_number(const char *option, const char *value, int base, int most, const char *what)
{
	long number = 0;
	const char *digit;

	for (digit = value; *digit >= '0' && *digit < '0' + base; digit++) {
		number = number * base + (*digit - '0');
		if (number > most) break;
	}
	if (*digit != '\0' || digit == value)
		die(EXIT_FAILED, "%s %.64s: not %s" SEE_HELP, option, value, what);
	return (int)number;
}

static void check_path(const char *path, const char *what)
{
	if (*path == '\0') die(EXIT_FAILED, "%s: the path is empty" SEE_HELP, what);
	if (strlen(path) >= PATH_MAX)
		die(EXIT_FAILED, "%s %.32s...: the path is too long" SEE_HELP, what, path);
}

/* Does what a row says; option is its name as it was typed. */
static void take(struct options *o, const struct row *row, const char *option, char *value)
{
	void *field = (char *)o + row->field;
	const char *equals;

	if (row->kind == FLAG) {
		*(bool *)field = true;
		return;
	}
	if (row->kind == PATH) check_path(value, option);
	if (row->kind != OTHER) {
		*(char **)field = value;
		return;
	}
	switch (row->key) {
	case 'm':
		o->umask = (mode_t)parse_number(
			option, value, 8, 0777, "an octal mode from 0 to 0777");
		o->umask_given = true;
		break;
	case 'E':
		equals = strchr(value, '=');
		if (!equals || equals == value)
			die(EXIT_FAILED, "%s %.64s: not NAME=VALUE" SEE_HELP, option, value);
		o->env[o->env_count++] = value;
		break;
	case 'k':
		o->keep[o->keep_count++] =
			parse_number(option, value, 10, INT_MAX - 1, "a descriptor number");
		break;
	case 'h':
		help();
	case 'V':
		print("daemonize %s\n", VERSION);
		finish_output();
	}
}

/* word[0] is --NAME or --NAME=VALUE; returns the last word it took. */
static char **parse_long(struct options *o, char **word)
{
	const char *name = *word + 2;
	size_t length = strcspn(name, "=");
	char *value = name[length] == '=' ? *word + 2 + length + 1 : NULL;
	const struct row *row;
	char option[32];

	for (row = table; row < table + ROWS; row++) {
		if (strlen(row->name) == length && strncmp(row->name, name, length) == 0) break;
	}
	if (row == table + ROWS) die(EXIT_FAILED, "%.64s: unknown option" SEE_HELP, *word);
	if (value && !row->argument) die(EXIT_FAILED, "--%s: takes no value" SEE_HELP, row->name);
	if (row->argument && !value && !(value = *++word))
		die(EXIT_FAILED, "--%s: %s is missing" SEE_HELP, row->name, row->argument);
	(void)snprintf(option, sizeof(option), "--%s", row->name);
	take(o, row, option, value);
	return word;
}

/* word[0] is -LETTERS, the last perhaps with a value; returns as above. */
static char **parse_letters(struct options *o, char **word)
{
	char *letter;

	for (letter = *word + 1; *letter != '\0'; letter++) {
		char option[3] = { '-', *letter };
		char *value = NULL;
		const struct row *row;

		for (row = table; row < table + ROWS; row++) {
			if (row->key == (unsigned char)*letter) break;
		}
		if (row == table + ROWS) die(EXIT_FAILED, "%s: unknown option" SEE_HELP, option);
		if (row->argument) {
			value = letter[1] != '\0' ? letter + 1 : *++word;
			if (!value)
				die(EXIT_FAILED, "%s: %s is missing" SEE_HELP, option,
					row->argument);
		}
		take(o, row, option, value);
		if (value) break;
	}
	return word;
}

static void refuse_contradictions(const struct options *o)
{
	size_t i;

	if (o->append && o->truncate) die(EXIT_FAILED, "-a contradicts -t" SEE_HELP);
	if (o->foreground && o->detach) die(EXIT_FAILED, "-f contradicts --detach" SEE_HELP);
	for (i = 0; i < o->keep_count; i++) {
		if (o->keep[i] < 3 && o->path[o->keep[i]])
			die(EXIT_FAILED, "-k %d contradicts -%c" SEE_HELP, o->keep[i],
				"ioe"[o->keep[i]]);
	}
}

void options_parse(struct options *o, int argc, char **argv)
{
	static char root[] = "/";
	char **word;

	*o = (struct options){ .directory = root,
		.env = calloc((size_t)argc + 1, sizeof(*o->env)),
		.keep = calloc((size_t)argc + 4, sizeof(*o->keep)) };
	if (!o->env || !o->keep) die(EXIT_FAILED, "out of memory");
	for (word = argv + (argc > 0); *word; word++) {
		if (word[0][0] != '-' || word[0][1] == '\0') break;
		if (strcmp(*word, "--") == 0) {
			word++;
			break;
		}
		word = word[0][1] == '-' ? parse_long(o, word) : parse_letters(o, word);
	}
	refuse_contradictions(o);
	if (!*word) die(EXIT_FAILED, "no command given" SEE_HELP);
	check_path(*word, "command");
	o->argv = word;
}
