/* SPDX-License-Identifier: ISC */
#include "options.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "exit.h"
#include "signame.h"
#include "value.h"
#include "words.h"

enum {
	DEFAULT_STOP_MS = 30 * 1000,
	DEFAULT_RESTART_MS = 1000
};

static char default_directory[] = "/";

/* What an option does: the first four set the field of the row, the others
 * have a function each. */
enum kind {
	FLAG,
	TEXT,
	PATH,
	TIME,
	LOG,
	MODE,
	ENV,
	KEEP,
	READY,
	RESTART,
	VERB,
	HELP,
	SHOW_VERSION
};

/* A row is an option, or, without a name, the heading of the rows after it. */
struct row {
	char letter;          /* 0: the option has only a name */
	const char *name;     /* without the dashes */
	const char *argument; /* NULL: none; [=...]: an optional one */
	const char *help;
	enum kind kind;
	size_t field; /* offset in struct options, or the enum verb of VERB, or
			 the descriptor of LOG */
};

#define AT(field) offsetof(struct options, field)

static const struct row table[] = {
	{ .help = "Streams" },
	{ 'i', "stdin", "FILE", "read stdin from FILE", PATH, AT(path[0]) },
	{ 'o', "stdout", "FILE",
	    "append stdout to FILE (and stderr, unless -e)", LOG, 1 },
	{ 'e', "stderr", "FILE", "append stderr to FILE", LOG, 2 },
	{ 'a', "append", NULL, "append to logs (the default)", FLAG,
	    AT(append) },
	{ 't', "truncate", NULL, "empty each log once at start", FLAG,
	    AT(truncate) },
	{ 'k', "keep-fd", "N", "keep file descriptor N open; may be repeated",
	    KEEP, 0 },
	{ .help = "The command's surroundings" },
	{ 'c', "chdir", "DIR", "run it in DIR (default /)", PATH,
	    AT(directory) },
	{ 'm', "umask", "MODE", "its file mode mask, octal (default 0)", MODE,
	    0 },
	{ 'E', "env", "NAME=VALUE", "add to its environment; may be repeated",
	    ENV, 0 },
	{ 'u', "user", "USER[:GROUP]", "run it as USER, with its groups", TEXT,
	    AT(user) },
	{ 'A', "argv0", "NAME", "set argv[0] to NAME", TEXT, AT(argv0) },
	{ .help = "Single instance" },
	{ 'p', "pidfile", "FILE", "write its process id to FILE, and lock it",
	    PATH, AT(pidfile) },
	{ 'l', "lockfile", "FILE", "lock FILE, write nothing", PATH,
	    AT(lockfile) },
	{ 0, "oknodo", NULL, "already running is success", FLAG,
	    AT(already_is_ok) },
	{ .help = "Start" },
	{ 'w', "watch", "SECONDS",
	    "fail if it exits with an error within SECONDS", TIME, AT(watch) },
	{ 'r', "ready", "fd:N|notify",
	    "wait for a line on descriptor N, or READY=1", READY, 0 },
	{ 'T', "timeout", "SECONDS", "how long -r (60) or --stop (30) waits",
	    TIME, AT(timeout) },
	{ 0, "restart", "[=SECONDS]",
	    "start it again SECONDS (1) after it ends", RESTART, 0 },
	{ 'P', "print-pid", NULL, "print its process id", FLAG, AT(print_pid) },
	{ 'f', "foreground", NULL, "do everything but detach", FLAG,
	    AT(foreground) },
	{ 0, "detach", NULL, "detach even under inetd or as process 1", FLAG,
	    AT(detach) },
	{ .help = "Control a running daemon (with -p or -l, and no command)" },
	{ 0, "status", NULL, "report whether it is running", VERB,
	    VERB_STATUS },
	{ 0, "stop", "[=SCHEDULE]",
	    "stop it and wait; SCHEDULE as in TERM/10/KILL/5", VERB,
	    VERB_STOP },
	{ 0, "signal", "SIG", "send it a signal, by name or number", VERB,
	    VERB_SIGNAL },
	{ .help = "Other" },
	{ 'n', "dry-run", NULL, "print what would be done, without doing it",
	    FLAG, AT(dry_run) },
	{ 'v', "verbose", NULL, "print each step as it is taken", FLAG,
	    AT(verbose) },
	{ 'h', "help", NULL, "print this text", HELP, 0 },
	{ 'V', "version", NULL, "print the version", SHOW_VERSION, 0 },
};

enum {
	ROWS = sizeof(table) / sizeof(table[0])
};

static bool
has_optional_argument(const struct row *row)
{
	return row->argument != NULL && row->argument[0] == '[';
}

static bool
has_required_argument(const struct row *row)
{
	return row->argument != NULL && !has_optional_argument(row);
}

static void
print_row(const struct row *row)
{
	const char letter[] = { '-', row->letter, ',', '\0' };
	char words[32];

	if (row->name == NULL) {
		print("\n%s:\n", row->help);
		return;
	}
	(void)snprintf(words, sizeof(words), "--%s%s%s", row->name,
	    has_required_argument(row) ? "=" : "",
	    row->argument != NULL ? row->argument : "");
	print("  %3s %-19s  %s\n", row->letter ? letter : "", words, row->help);
}

static const char usage[] =
    "usage: daemonize [options] [--] command [argument ...]\n"
    "       daemonize --status | --stop[=SCHEDULE] | --signal=SIG"
    "  -p FILE | -l FILE\n"
    "Run a command as a daemon and report whether it started.\n";

_Noreturn static void
print_help(void)
{
	print("%s", usage);
	for (size_t i = 0; i < ROWS; i++)
		print_row(&table[i]);
	print("\nPaths are relative to where you are now, whatever -c says.\n");
	print("A FILE of -o or -e that begins with '|' is a command to pipe "
	      "into.\n");
	print("Status: %d success; the daemon is %d dead, %d not running, "
	      "%d unknown;\n",
	    EXIT_STARTED, EXIT_DEAD, EXIT_NOT_RUNNING, EXIT_UNKNOWN);
	print("%d already running; %d not ready, or not gone, in time; "
	      "%d daemonize failed;\n",
	    EXIT_ALREADY, EXIT_NOT_READY, EXIT_FAILED);
	print("%d the command cannot be executed, %d not found; "
	      "with -w, -r and -f the\n",
	    EXIT_CANNOT_EXEC, EXIT_NOT_FOUND);
	print("command's own.\n");
	exit_flushed(EXIT_STARTED);
}

_Noreturn static void
print_version(void)
{
	print("daemonize %s\n", VERSION);
	exit_flushed(EXIT_STARTED);
}

static void
add_env(struct options *o, const char *option, char *value)
{
	if (*value == '=' || strchr(value, '=') == NULL)
		value_refuse(option, value, "not NAME=VALUE");
	o->env = realloc(o->env, (o->env_count + 1) * sizeof(*o->env));
	if (o->env == NULL)
		die_no_memory();
	o->env[o->env_count] = value;
	o->env_count++;
}

static void
keep_descriptor(struct options *o, int fd)
{
	o->keep = realloc(o->keep, (o->keep_count + 1) * sizeof(*o->keep));
	if (o->keep == NULL)
		die_no_memory();
	o->keep[o->keep_count] = fd;
	o->keep_count++;
}

static bool
is_logger(const char *path)
{
	return path != NULL && path[0] == '|';
}

/* Takes the log of a descriptor, a file or a logger. */
static void
set_log(struct options *o, int fd, const char *option, char *value)
{
	o->path[fd] = value;
	o->words[fd] = NULL;
	if (!is_logger(value)) {
		value_check_path(option, value);
		return;
	}
	o->words[fd] = words_split(value + 1);
	if (o->words[fd] == NULL)
		value_refuse(option, value, "a quote is not closed");
	if (o->words[fd][0] == NULL)
		value_refuse(option, value, "no command after the bar");
}

static int
parse_fd(const char *option, const char *value)
{
	return value_int(option, value, 10, 0, INT_MAX - 1,
	    "not a descriptor number");
}

static int
parse_mode(const char *option, const char *value)
{
	return value_int(option, value, 8, 0, 0777,
	    "not an octal mode from 0 to 0777");
}

static int
parse_ready(const char *option, const char *value)
{
	if (strcmp(value, "notify") == 0)
		return READY_NOTIFY;
	if (strncmp(value, "fd:", 3) != 0)
		value_refuse(option, value, "not fd:N or notify");
	return value_int(option, value + 3, 10, 3, INT_MAX - 1,
	    "not a descriptor number from 3 on");
}

/* Returns the delay of --restart; value is NULL if there is none. */
static long
parse_restart(const char *option, const char *value)
{
	long delay;

	if (value == NULL)
		return DEFAULT_RESTART_MS;
	delay = value_seconds(option, value);
	if (delay == 0)
		value_refuse(option, value, "not above 0");
	return delay;
}

static int
parse_signal(const char *option, const char *value)
{
	int signo = signame_parse(value);

	if (signo == -1)
		value_refuse(option, value, "no such signal");
	return signo;
}

static const char *
name_of_verb(enum verb verb)
{
	switch (verb) {
	case VERB_STATUS:
		return "--status";
	case VERB_STOP:
		return "--stop";
	case VERB_SIGNAL:
		return "--signal";
	case VERB_START:
		break;
	}
	return "a start";
}

_Noreturn static void
die_combined(const char *option, const char *other)
{
	die(EXIT_FAILED, "%s cannot be combined with %s" SEE_HELP, option,
	    other);
}

static void
set_verb(struct options *o, enum verb verb, const char *option, char *value)
{
	if (o->verb != VERB_START && o->verb != verb)
		die_combined(option, name_of_verb(o->verb));
	o->verb = verb;
	if (verb == VERB_SIGNAL)
		o->signo = parse_signal(option, value);
	o->schedule = NULL;
	if (verb == VERB_STOP && value != NULL)
		o->schedule = schedule_parse(option, value);
}

/* Does what a row says.  option is how the user wrote it; value is NULL if
 * there is none. */
static void
apply(struct options *o, const struct row *row, const char *option, char *value)
{
	void *field = (char *)o + row->field;

	switch (row->kind) {
	case FLAG:
		*(bool *)field = true;
		break;
	case TEXT:
		*(char **)field = value;
		break;
	case PATH:
		value_check_path(option, value);
		*(char **)field = value;
		break;
	case LOG:
		set_log(o, (int)row->field, option, value);
		break;
	case TIME:
		*(long *)field = value_seconds(option, value);
		break;
	case MODE:
		o->umask = parse_mode(option, value);
		break;
	case ENV:
		add_env(o, option, value);
		break;
	case KEEP:
		keep_descriptor(o, parse_fd(option, value));
		break;
	case READY:
		o->ready = parse_ready(option, value);
		break;
	case RESTART:
		o->restart = parse_restart(option, value);
		break;
	case VERB:
		set_verb(o, (enum verb)row->field, option, value);
		break;
	case HELP:
		print_help();
	case SHOW_VERSION:
		print_version();
	}
}

_Noreturn static void
die_unknown(const char *option)
{
	die(EXIT_FAILED, "%.64s: unknown option" SEE_HELP, option);
}

/* Returns the row of word, --NAME or --NAME=VALUE, or dies. */
static const struct row *
find_name(const char *word)
{
	const char *name = word + 2;
	size_t length = strcspn(name, "=");

	for (size_t i = 0; i < ROWS; i++) {
		const struct row *row = &table[i];

		if (row->name != NULL && strlen(row->name) == length &&
		    memcmp(row->name, name, length) == 0)
			return row;
	}
	die_unknown(word);
}

/* Returns the row of option, a dash and a letter, or dies. */
static const struct row *
find_letter(const char *option)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (table[i].letter == option[1])
			return &table[i];
	}
	die_unknown(option);
}

static char *
require_value(const char *option, char *value)
{
	if (value == NULL)
		die(EXIT_FAILED, "%s: requires an argument" SEE_HELP, option);
	return value;
}

/* Parses --NAME, --NAME=VALUE or --NAME VALUE.  Returns the word after it. */
static char **
parse_long(struct options *o, char **word)
{
	const struct row *row = find_name(*word);
	char *equals = strchr(*word, '=');
	char *value = equals != NULL ? equals + 1 : NULL;
	char option[32];

	(void)snprintf(option, sizeof(option), "--%s", row->name);
	word++;

	if (value != NULL && row->argument == NULL)
		die(EXIT_FAILED, "%s: does not take an argument" SEE_HELP,
		    option);
	if (value == NULL && has_required_argument(row)) {
		value = require_value(option, *word);
		word++;
	}
	apply(o, row, option, value);
	return word;
}

/* Parses -LETTERS, where the value of the last letter is the rest of the word
 * or the next word.  Returns the word after it. */
static char **
parse_letters(struct options *o, char **word)
{
	char *letter = *word + 1;

	word++;
	for (; *letter != '\0'; letter++) {
		const char option[] = { '-', *letter, '\0' };
		const struct row *row = find_letter(option);

		if (row->argument == NULL) {
			apply(o, row, option, NULL);
			continue;
		}
		if (letter[1] != '\0') {
			apply(o, row, option, letter + 1);
			return word;
		}
		apply(o, row, option, require_value(option, *word));
		return word + 1;
	}
	return word;
}

/* Dies if -k cannot be combined with another option. */
static void
check_keep(const struct options *o, int fd)
{
	static const char letters[] = { 'i', 'o', 'e' };

	if (fd < 3 && o->path[fd] != NULL)
		die(EXIT_FAILED, "-k %d cannot be combined with -%c" SEE_HELP,
		    fd, letters[fd]);
	if (fd >= 3 && fd == o->ready)
		die(EXIT_FAILED,
		    "-k %d cannot be combined with -r fd:%d" SEE_HELP, fd, fd);
}

/* Returns true if loggers are the only logs. */
static bool
has_only_loggers(const struct options *o)
{
	bool has_logger = false;

	for (int fd = 1; fd <= 2; fd++) {
		if (is_logger(o->path[fd]))
			has_logger = true;
		else if (o->path[fd] != NULL)
			return false;
	}
	return has_logger;
}

/* Dies if -i, -a or -t does not go with the logs. */
static void
check_streams(const struct options *o)
{
	if (o->append && o->truncate)
		die_combined("-a", "-t");
	if (o->truncate && has_only_loggers(o))
		die(EXIT_FAILED, "-t: there is no log file to empty" SEE_HELP);
	if (is_logger(o->path[0]))
		die(EXIT_FAILED,
		    "-i %.64s: a logger cannot be read from" SEE_HELP,
		    o->path[0]);
}

/* Dies if there is an option that means nothing without another one. */
static void
check_conditions(const struct options *o)
{
	bool has_wait = o->ready != READY_UNASKED || o->verb == VERB_STOP;
	bool has_lock = o->pidfile != NULL || o->lockfile != NULL;

	if (o->timeout >= 0 && !has_wait)
		die(EXIT_FAILED, "-T: only with -r or --stop" SEE_HELP);
	if (o->already_is_ok && !has_lock)
		die(EXIT_FAILED, "--oknodo: only with -p or -l" SEE_HELP);
}

/* Dies if two options contradict each other, whatever the verb. */
static void
check_options(const struct options *o)
{
	bool has_ready = o->ready != READY_UNASKED;
	bool has_watch = o->watch >= 0;

	check_streams(o);
	check_conditions(o);
	if (o->foreground && o->detach)
		die_combined("-f", "--detach");
	if (o->foreground && has_ready)
		die_combined("-f", "-r");
	if (o->foreground && has_watch)
		die_combined("-f", "-w");
	if (o->foreground && o->restart != -1)
		die_combined("-f", "--restart");
	for (size_t i = 0; i < o->keep_count; i++)
		check_keep(o, o->keep[i]);
}

/* Dies if a start has no command.  command may be NULL. */
static void
check_start(const char *command)
{
	/* An empty one is no misuse, but is not found: command_find(). */
	if (command != NULL && *command != '\0')
		value_check_path("command", command);
	if (command == NULL)
		die(EXIT_FAILED, "no command given" SEE_HELP);
}

/* Dies if there is an option that only a start has. */
static void
refuse_start_options(const struct options *o)
{
	const struct {
		bool given;
		const char *name;
	} options[] = {
		{ o->path[0] != NULL, "-i" },
		{ o->path[1] != NULL, "-o" },
		{ o->path[2] != NULL, "-e" },
		{ o->append, "-a" },
		{ o->truncate, "-t" },
		{ o->keep_count > 0, "-k" },
		{ o->directory != default_directory, "-c" },
		{ o->umask != -1, "-m" },
		{ o->env_count > 0, "-E" },
		{ o->argv0 != NULL, "-A" },
		{ o->watch >= 0, "-w" },
		{ o->ready != READY_UNASKED, "-r" },
		{ o->restart != -1, "--restart" },
		{ o->print_pid, "-P" },
		{ o->foreground, "-f" },
		{ o->detach, "--detach" },
		{ o->dry_run, "-n" },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (options[i].given)
			die_combined(options[i].name, name_of_verb(o->verb));
	}
}

/* Returns true if -T says how long --stop is to wait. */
static bool
takes_timeout(const struct options *o)
{
	if (o->verb != VERB_STOP)
		return false;
	return o->schedule == NULL || schedule_lacks_wait(o->schedule);
}

/* Dies if there is what a verb does not take.  command may be NULL. */
static void
check_verb(const struct options *o, const char *command)
{
	bool has_pidfile = o->pidfile != NULL;
	bool has_lockfile = o->lockfile != NULL;

	if (command != NULL)
		die(EXIT_FAILED, "%.64s: %s takes no command" SEE_HELP, command,
		    name_of_verb(o->verb));
	if (has_pidfile == has_lockfile)
		die(EXIT_FAILED, "%s takes one of -p and -l" SEE_HELP,
		    name_of_verb(o->verb));
	refuse_start_options(o);
	if (o->timeout >= 0 && !takes_timeout(o))
		die(EXIT_FAILED,
		    "-T: only with a schedule that ends with a "
		    "signal" SEE_HELP);
}

static void
complete_schedule(struct options *o)
{
	if (o->schedule == NULL)
		o->schedule = schedule_default();
	if (schedule_lacks_wait(o->schedule))
		schedule_add_wait(o->schedule,
		    o->timeout >= 0 ? o->timeout : DEFAULT_STOP_MS);
}

/* Returns true for a word that is neither an operand nor the "--" that ends
 * the options.  A single "-" is an operand. */
static bool
is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0' && strcmp(word, "--") != 0;
}

void
options_parse(struct options *o, int argc, char **argv)
{
	char **word = argv;

	*o = (struct options){
		.directory = default_directory,
		.umask = -1,
		.watch = -1,
		.timeout = -1,
		.restart = -1,
		.ready = READY_UNASKED,
	};

	/* execve(2) can start us without even a name. */
	if (argc > 0)
		word++;
	while (*word != NULL && is_option(*word)) {
		if (word[0][1] == '-')
			word = parse_long(o, word);
		else
			word = parse_letters(o, word);
	}
	if (*word != NULL && strcmp(*word, "--") == 0)
		word++;
	o->argv = word;

	check_options(o);
	if (o->verb == VERB_START)
		check_start(*word);
	else
		check_verb(o, *word);

	if (o->verb == VERB_STOP)
		complete_schedule(o);
}

bool
options_keeps(const struct options *o, int fd)
{
	for (size_t i = 0; i < o->keep_count; i++) {
		if (o->keep[i] == fd)
			return true;
	}
	return false;
}
