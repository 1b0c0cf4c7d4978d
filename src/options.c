#include "options.h"
#include "diag.h"

/* What an option does: the first four set a field, the others are known to
 * take(). */
enum kind {
	FLAG,
	TEXT,
	PATH,
	TIME,
	MODE,
	ENV,
	KEEP,
	READY,
	VERB,
	HELP,
	SHOW_VERSION
};

struct row {
	char letter;          /* 0: only the name */
	const char *name;     /* NULL: help is the heading of what follows */
	const char *argument; /* what follows, NULL for nothing */
	const char *help;
	enum kind kind;
	size_t field; /* or which verb */
};

#define AT(field) offsetof(struct options, field)

static const struct row table[] = {
	{ .help = "Streams" },
	{ 'i', "stdin", "FILE", "read standard input from FILE", PATH,
	    AT(path[0]) },
	{ 'o', "stdout", "FILE", "append standard output to FILE, and error",
	    PATH, AT(path[1]) },
	{ 'e', "stderr", "FILE", "append standard error to FILE instead", PATH,
	    AT(path[2]) },
	{ 'a', "append", NULL, "append to logs (the default)", FLAG,
	    AT(append) },
	{ 't', "truncate", NULL, "empty each log once at start", FLAG,
	    AT(truncate) },
	{ 'k', "keep-fd", "N", "let descriptor N through as it is; repeatable",
	    KEEP, 0 },
	{ .help = "The command's surroundings" },
	{ 'c', "chdir", "DIR", "run it in DIR (default /)", PATH,
	    AT(directory) },
	{ 'm', "umask", "MODE", "its file mode mask, octal (default 0)", MODE,
	    0 },
	{ 'E', "env", "NAME=VALUE", "add to its environment; repeatable", ENV,
	    0 },
	{ 'u', "user", "USER[:GROUP]", "run it as USER, with its groups", TEXT,
	    AT(user) },
	{ 'A', "argv0", "NAME", "give it NAME as argv[0]", TEXT, AT(argv0) },
	{ .help = "Single instance" },
	{ 'p', "pidfile", "FILE", "write its process id to FILE, and lock it",
	    PATH, AT(pidfile) },
	{ 'l', "lockfile", "FILE", "lock FILE, write nothing", PATH,
	    AT(lockfile) },
	{ 0, "oknodo", NULL, "already running is success", FLAG,
	    AT(already_is_ok) },
	{ .help = "Start" },
	{ 'w', "watch", "SECONDS",
	    "wait that long, fail if it ends with an error", TIME, AT(watch) },
	{ 'r', "ready", "fd:N|notify",
	    "wait for a line on descriptor N, or READY=1", READY, 0 },
	{ 'T', "timeout", "SECONDS", "how long -r (60) or --stop (30) waits",
	    TIME, AT(timeout) },
	{ 'P', "print-pid", NULL, "print its process id", FLAG, AT(print_pid) },
	{ 'f', "foreground", NULL, "do everything but detach", FLAG,
	    AT(foreground) },
	{ 0, "detach", NULL, "detach even under inetd or as process 1", FLAG,
	    AT(detach) },
	{ .help = "Later, with -p or -l and no command" },
	{ 0, "status", NULL, "tell whether it runs", VERB, VERB_STATUS },
	{ 0, "stop", "[=SCHEDULE]",
	    "end it and wait; SCHEDULE as TERM/10/KILL/5", VERB, VERB_STOP },
	{ 0, "signal", "SIG", "send it a signal, by name or number", VERB,
	    VERB_SIGNAL },
	{ .help = "Other" },
	{ 'n', "dry-run", NULL, "say what would be done, change nothing", FLAG,
	    AT(dry_run) },
	{ 'v', "verbose", NULL, "say what is done, step by step", FLAG,
	    AT(verbose) },
	{ 'h', "help", NULL, "print this text", HELP, 0 },
	{ 'V', "version", NULL, "print the version", SHOW_VERSION, 0 },
};

enum {
	ROWS = sizeof(table) / sizeof(table[0])
};

_Noreturn static void
help(void)
{
	print(
	    "usage: daemonize [options] [--] command [argument ...]\n"
	    "       daemonize --status | --stop[=SCHEDULE] | --signal=SIG  -p FILE | -l FILE\n"
	    "Run a command as a daemon, and tell the truth about its start.\n");
	for (const struct row *row = table; row < table + ROWS; row++) {
		char words[32], letter[] = { '-', row->letter, ',', '\0' };
		const char *argument = row->argument ? row->argument : "";
		const char *equals =
		    row->argument && *argument != '[' ? "=" : "";
		(void)snprintf(words, sizeof(words), "--%s%s%s",
		    row->name ? row->name : "", equals, argument);
		if (!row->name)
			print("\n%s:\n", row->help);
		else
			print("  %3s %-19s  %s\n", row->letter ? letter : "",
			    words, row->help);
	}
	print(
	    "\n"
	    "Paths are relative to where you are now, whatever -c says.\n"
	    "Status: %d the command was executed, or the verb succeeded; %d dead, %d not\n"
	    "running, %d unknown (verbs); %d already running; %d not ready, or not gone, in\n"
	    "time; %d daemonize failed; %d the command cannot be executed, %d not found;\n"
	    "with -w, -r and -f the command's own.\n",
	    EXIT_STARTED, EXIT_DEAD, EXIT_NOT_RUNNING, EXIT_UNKNOWN,
	    EXIT_ALREADY, EXIT_NOT_READY, EXIT_FAILED, EXIT_CANNOT_EXEC,
	    EXIT_NOT_FOUND);
	exit_flushed(EXIT_STARTED);
}

_Noreturn static void
refuse(const char *option, const char *value, const char *why)
{
	die(EXIT_FAILED, "%s %.64s: %s" SEE_HELP, option, value, why);
}

/* Digits of a base, and nothing else; dies saying why not. */
static int
parse_int(const char *option, const char *value, int base, int least, int most,
    const char *why)
{
	char *end;
	long number = strtol(value, &end, base);
	if (*value < '0' || *value > '9' || *end != '\0' || number < least ||
	    number > most)
		refuse(option, value, why);
	return (int)number;
}

/* Seconds, perhaps with a fraction, as milliseconds. */
static long
parse_seconds(const char *option, const char *value)
{
	char *end;
	double seconds = strtod(value, &end);
	bool plain = value[strspn(value, "0123456789.")] == '\0';
	if (!plain || end == value || *end != '\0' || seconds > 1e6)
		refuse(option, value, "not seconds from 0 to 1000000");
	return (long)(seconds * 1000 + 0.999);
}

static void
check_path(const char *path, const char *what)
{
	if (*path == '\0')
		die(EXIT_FAILED, "%s: the path is empty" SEE_HELP, what);
	if (strlen(path) >= PATH_MAX)
		die(EXIT_FAILED, "%s %.32s...: the path is too long" SEE_HELP,
		    what, path);
}

static long
parse_signal(const char *option, const char *name)
{
	int number = compat_signal_number(name);
	if (number == 0)
		refuse(option, name, "no such signal");
	return number;
}

/* SIGNAL/SECONDS/..., "forever" before what is to be repeated, -N for a
 * signal's number; SECONDS alone are those of TERM and then of KILL. */
static struct step *
parse_schedule(const char *option, char *value)
{
	struct step *schedule = calloc(strlen(value) + 4, sizeof(*schedule)),
		    *step = schedule;
	long repeated = 1; /* not 0: there is something to wait for */
	if (!schedule)
		die_no_memory();
	for (char *item = strtok(value, "/"); item;
	     item = strtok(NULL, "/"), step++) {
		if (strcmp(item, "forever") == 0) {
			step->kind = STEP_AGAIN, repeated = 0;
		} else if (strchr("0123456789.", *item)) {
			*step = (struct step){ STEP_WAIT,
				parse_seconds(option, item) };
			repeated |= step->value;
		} else {
			*step = (struct step){ STEP_SIGNAL,
				parse_signal(option, item + (*item == '-')) };
		}
	}
	if (step == schedule)
		die(EXIT_FAILED, "%s: nothing to do" SEE_HELP, option);
	if (repeated == 0)
		die(EXIT_FAILED, "%s: nothing to wait for" SEE_HELP, option);
	if (step == schedule + 1 && schedule->kind == STEP_WAIT) {
		schedule[1] = schedule[3] = *schedule;
		schedule[0] = (struct step){ STEP_SIGNAL, SIGTERM };
		schedule[2] = (struct step){ STEP_SIGNAL, SIGKILL };
	}
	return schedule;
}

/* Of --stop; --signal uses the first. */
static struct step usual[] = { { STEP_SIGNAL, SIGTERM }, { STEP_WAIT, 30000 },
	{ STEP_END, 0 } };

void
options_keep(struct options *o, int fd)
{
	o->keep = realloc(o->keep, (o->keep_count + 1) * sizeof(*o->keep));
	if (!o->keep)
		die_no_memory();
	o->keep[o->keep_count++] = fd;
}

/* Does what a row says; option is its name as it was typed. */
static void
take(struct options *o, const struct row *row, const char *option, char *value)
{
	void *field = (char *)o + row->field;
	switch (row->kind) {
	case FLAG:
		*(bool *)field = true;
		break;
	case PATH:
		check_path(value, option); /* fall through */
	case TEXT:
		*(char **)field = value;
		break;
	case TIME:
		*(long *)field = parse_seconds(option, value);
		break;
	case MODE:
		o->umask = parse_int(option, value, 8, 0, 0777,
		    "not an octal mode from 0 to 0777");
		break;
	case ENV:
		if (*value == '=' || !strchr(value, '='))
			refuse(option, value, "not NAME=VALUE");
		o->env[o->env_count++] = value;
		break;
	case KEEP:
		options_keep(o,
		    parse_int(option, value, 10, 0, INT_MAX - 1,
			"not a descriptor number"));
		break;
	case READY:
		o->ready = READY_NOTIFY;
		if (strcmp(value, "notify") == 0)
			break;
		if (strncmp(value, "fd:", 3) != 0)
			refuse(option, value, "not fd:N or notify");
		o->ready = parse_int(option, value + 3, 10, 3, INT_MAX - 1,
		    "not a descriptor number from 3 on");
		break;
	case VERB:
		if (o->verb != VERB_START && o->verb != (enum verb)row->field)
			die(EXIT_FAILED,
			    "%s: contradicts the verb before" SEE_HELP, option);
		o->verb = (enum verb)row->field;
		if (o->verb == VERB_SIGNAL)
			o->schedule->value = parse_signal(option, value);
		if (o->verb == VERB_STOP && value)
			o->schedule = parse_schedule(option, value);
		break;
	case HELP:
		help();
	case SHOW_VERSION:
		print("daemonize %s\n", VERSION);
		exit_flushed(EXIT_STARTED);
	}
}

/* The row of -L or --name; dies, naming the word as it was typed, if there is
 * none. */
static const struct row *
find_row(const char *option, const char *typed)
{
	for (const struct row *row = table; row < table + ROWS; row++) {
		if (row->name &&
		    (option[1] == '-' ? strcmp(row->name, option + 2) == 0 :
					row->letter == option[1]))
			return row;
	}
	die(EXIT_FAILED, "%.64s: unknown option" SEE_HELP, typed);
}

/* Takes --NAME, --NAME=VALUE or -LETTERS, and perhaps a value; returns the word
 * after that. */
static char **
parse_word(struct options *o, char **word)
{
	bool is_long = word[0][1] == '-';
	char *rest = *word + 1, *value = NULL, option[32];
	do {
		size_t length = is_long ? strcspn(rest, "=") : 1;
		(void)snprintf(option, sizeof(option), "-%.*s", (int)length,
		    rest);
		const struct row *row =
		    find_row(option, is_long ? *word : option);
		rest += length;
		if (*rest != '\0' && (is_long || row->argument))
			value = rest + is_long;
		if (value && !row->argument)
			die(EXIT_FAILED, "%s: takes no value" SEE_HELP, option);
		if (row->argument && *row->argument != '[' && !value &&
		    !(value = *++word))
			die(EXIT_FAILED, "%s: %s is missing" SEE_HELP, option,
			    row->argument);
		take(o, row, option, value);
	} while (!value && *rest != '\0');
	return word + 1;
}

/* Dies on what cannot be meant together; command is NULL if there is none. */
static void
check(const struct options *o, const char *command)
{
	bool ready = o->ready != READY_UNASKED, stop = o->verb == VERB_STOP;
	if (o->append && o->truncate)
		die(EXIT_FAILED, "-a contradicts -t" SEE_HELP);
	if (o->foreground && o->detach)
		die(EXIT_FAILED, "-f contradicts --detach" SEE_HELP);
	if (o->foreground && (ready || o->watch >= 0))
		die(EXIT_FAILED, "-f contradicts -%c" SEE_HELP,
		    ready ? 'r' : 'w');
	if (o->timeout >= 0 && !ready && !stop)
		die(EXIT_FAILED, "-T: only with -r or --stop" SEE_HELP);
	for (size_t i = 0; i < o->keep_count; i++) {
		int fd = o->keep[i];
		if (fd < 3 && o->path[fd])
			die(EXIT_FAILED, "-k %d contradicts -%c" SEE_HELP, fd,
			    "ioe"[fd]);
		if (fd >= 3 && fd == o->ready)
			die(EXIT_FAILED, "-k %d contradicts -r fd:%d" SEE_HELP,
			    fd, fd);
	}
	if (o->verb == VERB_START) {
		if (!command)
			die(EXIT_FAILED, "no command given" SEE_HELP);
		check_path(command, "command");
		return;
	}
	if (command)
		die(EXIT_FAILED, "%.64s: a verb takes no command" SEE_HELP,
		    command);
	if (!o->pidfile == !o->lockfile)
		die(EXIT_FAILED, "a verb takes one of -p and -l" SEE_HELP);
	if (o->dry_run)
		die(EXIT_FAILED, "-n contradicts a verb" SEE_HELP);
	if (o->timeout >= 0 && (!stop || o->schedule != usual))
		die(EXIT_FAILED, "-T contradicts a schedule" SEE_HELP);
}

void
options_parse(struct options *o, int argc, char **argv)
{
	static char root[] = "/";
	char **word = argv + (argc > 0);
	*o = (struct options){ .umask = -1,
		.watch = -1,
		.ready = READY_UNASKED,
		.timeout = -1 };
	o->schedule = usual;
	o->directory = root;
	o->env = argv; /* each takes the place of a word that has been read */
	while (*word && word[0][0] == '-' && word[0][1] != '\0' &&
	    strcmp(*word, "--") != 0)
		word = parse_word(o, word);
	if (*word && strcmp(*word, "--") == 0)
		word++;
	o->argv = word;
	check(o, *word);
	if (o->timeout >= 0)
		usual[1].value = o->timeout;
}
