/* SPDX-License-Identifier: ISC */
/*
 * What daemonize reads of others, under libFuzzer; tests/long/fuzz.t builds it.
 * FUZZ in the environment names the target, one of those at the end.
 *
 * Not to crash is not enough: each target has a rule, or a second opinion, for
 * what must follow from its input.
 */
#include <assert.h>
#include <ctype.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../src/command.h"
#include "../src/exit.h"
#include "../src/identity.h"
#include "../src/logtail.h"
#include "../src/notify.h"
#include "../src/options.h"
#include "../src/pidfile.h"
#include "../src/ready.h"
#include "../src/schedule.h"
#include "../src/signame.h"
#include "../src/streams.h"
#include "../src/words.h"

/* The input, ended by a null byte that does not belong to it. */
static char *input;
static size_t input_size;

/* What is made of it. */
static char *buffer;
static char *arguments[5000]; /* parts of the buffer */
static int argument_count;

/* What a call of src has done. */
static bool is_running; /* the call has not returned yet */
static jmp_buf exit_point;
static int exit_status;
static char messages[20000]; /* lines without their prefix */
static int message_count;
static int setgroups_calls;
static void *memory[8192]; /* allocated, and not freed */
static size_t memory_count;

/* What the calls of src get, or give back. */
static struct options options;
static struct identity identity;
static struct ready ready = { .uid = 1234 };
static struct stream log_stream;
static char **split_words;

static char notify_socket[4096];
static int sender;    /* a socket that is connected to it */
static int file;      /* a file in memory */
static int lowest_fd; /* the lowest free descriptor */

/*
 * The linker sends the calls of src here (--wrap).  An exit ends only the call
 * of src; memory that a process keeps to its end is freed after the target; a
 * message must be one line without control characters.
 */
_Noreturn void __real_exit(int status);
ssize_t __real_write(int fd, const void *data, size_t length);
void *__real_malloc(size_t length);
void *__real_calloc(size_t number, size_t each);
void *__real_realloc(void *old, size_t length);
void __real_free(void *old);

void
__wrap_exit(int status)
{
	if (!is_running)
		__real_exit(status);
	exit_status = status;
	longjmp(exit_point, 1);
}

ssize_t
__wrap_write(int fd, const void *data, size_t length)
{
	const char *line = data;
	const char *prefix = *line == ' ' ? "    " : "daemonize: ";
	size_t i;

	if (!is_running)
		return __real_write(fd, data, length);
	assert(fd == STDERR_FILENO);
	assert(strncmp(line, prefix, strlen(prefix)) == 0);
	assert(line[length - 1] == '\n');
	for (i = 0; i < length - 1; i++)
		assert(!iscntrl((unsigned char)line[i]));
	message_count++;
	assert(message_count <= 10);
	(void)strncat(messages, line + strlen(prefix), length - strlen(prefix));
	return (ssize_t)length;
}

/* Returns the index in memory[], or memory_count if the block is not there. */
static size_t
find_memory(const void *block)
{
	size_t i = 0;

	while (i < memory_count && memory[i] != block)
		i++;
	return i;
}

static void *
note_memory(void *block)
{
	if (is_running)
		memory[memory_count++] = block;
	return block;
}

void *
__wrap_malloc(size_t length)
{
	return note_memory(__real_malloc(length));
}

void *
__wrap_calloc(size_t number, size_t each)
{
	return note_memory(__real_calloc(number, each));
}

void *
__wrap_realloc(void *old, size_t length)
{
	size_t i = find_memory(old);
	void *block = __real_realloc(old, length);

	if (is_running && i < memory_count)
		memory[i] = block;
	else
		note_memory(block);
	return block;
}

char *
__wrap_strdup(const char *old)
{
	return strcpy(__wrap_calloc(strlen(old) + 1, 1), old);
}

void
__wrap_free(void *old)
{
	size_t i = find_memory(old);

	if (is_running && i < memory_count)
		memory[i] = memory[--memory_count];
	__real_free(old);
}

/* There are the user www and the group log, and all changes of ids succeed. */
static struct passwd www = { "www", NULL, 33, 34, NULL, "/srv", "" };
static struct group logs = { "log", NULL, 4, NULL };

struct passwd *
__wrap_getpwnam(const char *name)
{
	return strcmp(name, "www") == 0 ? &www : NULL;
}

struct passwd *
__wrap_getpwuid(uid_t uid)
{
	return uid == www.pw_uid ? &www : NULL;
}

struct group *
__wrap_getgrnam(const char *name)
{
	return strcmp(name, "log") == 0 ? &logs : NULL;
}

uid_t
__wrap_getuid(void)
{
	return 0;
}

int
__wrap_getgrouplist(const char *name, gid_t gid, gid_t *gids, int *number)
{
	assert(strcmp(name, www.pw_name) == 0);
	assert(*number > 0);
	*gids = gid;
	*number = 1;
	return 1;
}

/* The first call is a try; the second sets the groups of the user. */
int
__wrap_setgroups(size_t number, const gid_t *gids)
{
	if (setgroups_calls == 1)
		assert(number == 1 && *gids == identity.gid);
	setgroups_calls++;
	return 0;
}

int
__wrap_setegid(gid_t gid)
{
	(void)gid;
	return 0;
}

int
__wrap_seteuid(uid_t uid)
{
	(void)uid;
	return 0;
}

/* Only NOTIFY_SOCKET is set. */
int
__wrap_setenv(const char *name, const char *value)
{
	assert(name != NULL && *name != '\0');
	(void)snprintf(notify_socket, sizeof(notify_socket), "%s", value);
	return 0;
}

/* Calls a function of src.  Returns false if it exits. */
static bool
returns(void (*function)(void))
{
	bool returned;

	exit_status = 0;
	message_count = 0;
	messages[0] = '\0';
	setgroups_calls = 0;
	is_running = true;
	returned = setjmp(exit_point) == 0;
	if (returned)
		function();
	is_running = false;
	return returned;
}

static void
call_options_parse(void)
{
	options_parse(&options, argument_count, arguments);
}

static void
call_identity_find(void)
{
	identity = (struct identity){ 0 };
	identity_find(&identity, input);
}

static void
call_command_check(void)
{
	static const struct identity nobody;

	command_check(buffer, NULL, &nobody);
}

static void
call_logtail_show(void)
{
	logtail_show(&log_stream);
}

static void
call_words_split(void)
{
	split_words = words_split(buffer);
}

/* Returns true if all bytes of a string are among those given. */
static bool
has_only(const char *string, const char *bytes)
{
	return string[strspn(string, bytes)] == '\0';
}

static bool
is_number(const char *string, unsigned long most)
{
	return *string != '\0' && has_only(string, "0123456789") &&
	    strtoul(string, NULL, 10) <= most;
}

/* Ends the input at its first newline. */
static void
take_first_line(void)
{
	input[strcspn(input, "\n")] = '\0';
}

static void
make_buffer(size_t length)
{
	buffer = realloc(buffer, length);
}

/* In milliseconds. */
static const long most_time = 1000000000;

/* The strings must lie in the arguments. */
static void
inspect_strings(void)
{
	const char *last = arguments[argument_count - 1];
	const char *end = last + strlen(last);
	const char *const paths[] = { options.pidfile, options.lockfile,
		options.path[0], options.path[1], options.path[2],
		*options.argv };
	const char *const others[] = { options.user, options.argv0 };
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (paths[i] == NULL)
			continue;
		assert(paths[i] > buffer && paths[i] <= end);
		assert(strlen(paths[i]) < PATH_MAX);
		/* The command may be empty: that is found out later. */
		if (paths[i] != *options.argv)
			assert(*paths[i] != '\0');
	}
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (others[i] != NULL)
			assert(others[i] > buffer && others[i] <= end);
	}
	for (i = 0; i < options.env_count; i++) {
		assert(*options.env[i] != '=');
		assert(strchr(options.env[i], '=') != NULL);
	}
}

static void
inspect_numbers(void)
{
	size_t i;

	assert(options.umask >= -1 && options.umask <= 0777);
	assert(options.ready == READY_UNASKED ||
	    options.ready == READY_NOTIFY || options.ready > 2);
	assert(options.watch >= -1 && options.watch <= most_time);
	assert(options.timeout >= -1 && options.timeout <= most_time);
	assert(options.signo >= 0 && options.signo < NSIG);
	for (i = 0; i < options.keep_count; i++)
		assert(options.keep[i] >= 0);
}

/* A part that is repeated must take time. */
static void
inspect_schedule(void)
{
	const struct schedule_step *step = options.schedule;
	long repeated = 1;

	for (; step->kind != SCHEDULE_END; step++) {
		assert(step <= options.schedule + input_size + 2);
		switch (step->kind) {
		case SCHEDULE_SIGNAL:
			assert(step->value > 0 && step->value < NSIG);
			break;
		case SCHEDULE_WAIT:
			assert(step->value >= 0 && step->value <= most_time);
			repeated += step->value;
			break;
		default:
			repeated = 0;
			break;
		}
	}
	assert(repeated > 0);
}

/* What was asked for must be possible. */
static void
inspect_options(void)
{
	char **end = arguments + argument_count;

	assert(options.argv > arguments && options.argv <= end);
	assert((*options.argv != NULL) == (options.verb == VERB_START));
	assert((options.schedule != NULL) == (options.verb == VERB_STOP));
	inspect_strings();
	inspect_numbers();
	if (options.schedule != NULL)
		inspect_schedule();
}

static bool
is_same_schedule(const struct schedule_step *one,
    const struct schedule_step *other)
{
	if (one == NULL || other == NULL)
		return one == other;
	for (; one->kind != SCHEDULE_END; one++, other++) {
		if (one->kind != other->kind || one->value != other->value)
			return false;
	}
	return other->kind == SCHEDULE_END;
}

static bool
is_same_list(char **one, char **other)
{
	if (one == NULL || other == NULL)
		return one == other;
	for (; *one != NULL && *other != NULL; one++, other++) {
		if (strcmp(*one, *other) != 0)
			return false;
	}
	return *one == *other;
}

/* The options must be those of the first time, with lists elsewhere. */
static void
compare_options(struct options *first)
{
	int i;

	assert(first->env_count == options.env_count);
	assert(first->keep_count == options.keep_count);
	if (options.env_count > 0)
		assert(memcmp(first->env, options.env,
			   options.env_count * sizeof(*options.env)) == 0);
	if (options.keep_count > 0)
		assert(memcmp(first->keep, options.keep,
			   options.keep_count * sizeof(*options.keep)) == 0);
	assert(is_same_schedule(first->schedule, options.schedule));
	first->env = options.env;
	first->keep = options.keep;
	first->schedule = options.schedule;
	for (i = 0; i < 3; i++) {
		assert(is_same_list(first->words[i], options.words[i]));
		first->words[i] = options.words[i];
	}
	assert(memcmp(first, &options, sizeof(options)) == 0);
}

/* Makes the arguments from a format with lines, one of which has the input. */
static void
make_arguments(const char *format)
{
	char *rest = buffer;

	(void)sprintf(buffer, format, input);
	argument_count = 0;
	while ((arguments[argument_count] = strsep(&rest, "\n")) != NULL)
		argument_count++;
}

/* Parses the arguments.  Returns false if they are refused, with a message. */
static bool
parses_arguments(void)
{
	if (returns(call_options_parse)) {
		assert(message_count == 0);
		inspect_options();
		return true;
	}
	if (message_count == 0)
		assert(exit_status == EXIT_STARTED);
	else
		assert(exit_status == EXIT_FAILED);
	return false;
}

/*
 * Returns true if a command line with the input in it is accepted.  It must be
 * so, and mean the same, twice.
 */
static bool
parses(const char *format)
{
	struct options first;
	bool accepted;

	make_buffer(input_size + 100);
	make_arguments(format);
	accepted = parses_arguments();
	first = options;

	make_arguments(format);
	assert(parses_arguments() == accepted);
	if (accepted)
		compare_options(&first);
	return accepted;
}

static void
try_options(void)
{
	(void)parses("daemonize\n%s");
}

/* Seconds alone are those of -w, waited for after TERM and after KILL. */
static void
try_schedule(void)
{
	bool accepted = parses("daemonize\n-pfile\n--stop=%s");
	const struct schedule_step *steps = options.schedule;
	long wait = -1;

	if (*input == '\0' || !has_only(input, "0123456789."))
		return;
	if (accepted) {
		wait = steps[1].value;
		assert(steps[0].value == SIGTERM);
		assert(steps[2].value == SIGKILL);
		assert(steps[3].value == wait);
		assert(steps[4].kind == SCHEDULE_END);
	}
	assert(parses("daemonize\n-w\n%s\ntrue") == accepted);
	if (accepted)
		assert(options.watch == wait);
}

static void
try_umask(void)
{
	unsigned long mask;
	bool is_right;

	take_first_line();
	mask = strtoul(input, NULL, 8);
	is_right =
	    *input != '\0' && has_only(input, "01234567") && mask <= 0777;
	assert(parses("daemonize\n-m\n%s\ntrue") == is_right);
	if (is_right)
		assert((unsigned long)options.umask == mask);
}

static bool
is_seconds(const char *string)
{
	if (!has_only(string, "0123456789.") || atof(string) > 1e6)
		return false;
	/* With a digit, and one point at most. */
	return strpbrk(string, "0123456789") != NULL &&
	    strchr(string, '.') == strrchr(string, '.');
}

static void
try_seconds(void)
{
	bool is_right;
	double more;

	take_first_line();
	is_right = is_seconds(input);
	assert(parses("daemonize\n-w\n%s\ntrue") == is_right);
	if (!is_right)
		return;
	/* It is rounded up to a millisecond. */
	more = (double)options.watch / 1000 - atof(input);
	assert(more > -1e-5 && more < 0.001);
}

/* A name is right if libc has it, or if it is another one of those here. */
static void
compare_signal_name(const char *name, int signo)
{
	int i;

	if (strcasestr("CLD POLL IOT", name) != NULL)
		return;
	for (i = 1; i < 32; i++) {
		bool is_name = strcasecmp(name, sigabbrev_np(i)) == 0;

		assert(is_name == (i == signo));
	}
}

static void
try_signal(void)
{
	const char *name = input;
	int signo;

	take_first_line();
	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	signo = signame_parse(input);
	assert(parses("daemonize\n-lfile\n--signal=%s") == (signo != -1));
	if (signo != -1)
		assert(signo == options.signo);

	if (strncasecmp(name, "RTM", 3) == 0) {
		if (signo != -1)
			assert(signo >= SIGRTMIN && signo <= SIGRTMAX);
	} else if (isdigit((unsigned char)*name)) {
		assert(signo == (is_number(name, SIGRTMAX) ? atoi(name) : -1));
	} else {
		compare_signal_name(name, signo);
	}
}

/* A second opinion on -u USER[:GROUP].  Returns false if it is refused. */
static bool
find_identity(char *user, struct identity *found)
{
	const unsigned long most = UINT_MAX - 1;
	char *group = strchr(user, ':');

	if (group != NULL)
		*group++ = '\0';
	/* An empty group is none, as for chown(1). */
	if (group != NULL && *group == '\0')
		group = NULL;

	if (strcmp(user, "www") == 0 ||
	    (is_number(user, 33) && atoi(user) == 33)) {
		found->uid = 33;
		found->gid = 34;
	} else if (is_number(user, most) && group != NULL) {
		found->uid = (uid_t)strtoul(user, NULL, 10);
	} else {
		return false;
	}
	if (group == NULL)
		return true;
	if (strcmp(group, "log") == 0)
		found->gid = 4;
	else if (is_number(group, most))
		found->gid = (gid_t)strtoul(group, NULL, 10);
	else
		return false;
	return true;
}

static void
try_user(void)
{
	struct identity wanted = { 0 };
	char *copy = strdup(input);
	bool is_right = find_identity(copy, &wanted);

	free(copy);
	assert(returns(call_identity_find) == is_right);
	if (!is_right) {
		assert(message_count == 1 && setgroups_calls == 0);
		return;
	}
	assert(message_count == 0);
	assert(identity.uid == wanted.uid && identity.gid == wanted.gid);
	assert(identity.own_count >= 0 && identity.group_count == 1);
	/* The groups are tried, and then set for another user. */
	assert(setgroups_calls == (identity.uid == getuid() ? 1 : 2));
}

/* Returns how many bytes of the input are not sent: its first. */
static size_t
skipped_bytes(void)
{
	return input_size > 0 ? 1 : 0;
}

/*
 * Sends the input from its second byte on, with the credentials of a user, and
 * with descriptor 0.
 */
static void
send_input(uid_t uid)
{
	struct ucred who = { getpid(), uid, getegid() };
	_Alignas(struct cmsghdr) char
	    control[CMSG_SPACE(sizeof(who)) + CMSG_SPACE(sizeof(int))] = "";
	size_t skipped = skipped_bytes();
	struct iovec data = { input + skipped, input_size - skipped };
	struct msghdr message = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	*header = (struct cmsghdr){ CMSG_LEN(sizeof(who)), SOL_SOCKET,
		SCM_CREDENTIALS };
	(void)memcpy(CMSG_DATA(header), &who, sizeof(who));
	header = CMSG_NXTHDR(&message, header);
	*header =
	    (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
	if (sendmsg(sender, &message, 0) == -1)
		abort();
}

/* Returns who sends a datagram: its first byte says so, if we are root. */
static uid_t
choose_sender(void)
{
	if (geteuid() != 0)
		return geteuid();
	if (*input == 'r')
		return 0;
	return *input == 'u' ? ready.uid : 4321;
}

static enum readiness
expected_readiness(bool says_ready, bool is_trusted)
{
	if (!says_ready)
		return READINESS_NOT_YET;
	return is_trusted ? READINESS_READY : READINESS_REFUSED;
}

static void
try_notify(void)
{
	struct notification news = { .status = "before" };
	uid_t uid = choose_sender();
	bool is_trusted = uid == 0 || uid == ready.uid;
	bool says_ready;

	make_buffer(input_size + 100);
	(void)sprintf(buffer, "\n%.4096s\n", input + skipped_bytes());
	says_ready = strstr(buffer, "\nREADY=1\n") != NULL;
	send_input(uid);
	assert(ready_read(&ready, -1, &news) ==
	    expected_readiness(says_ready, is_trusted));

	assert(news.extension >= 0 && news.extension < 100000000000000);
	assert(strchr(news.status, '\n') == NULL);
	if (!is_trusted) {
		assert(strcmp(news.status, "before") == 0);
		assert(news.error == 0 && news.extension == 0);
	}
	/* The descriptor that came with it has been closed. */
	assert(dup(STDIN_FILENO) == lowest_fd);
	(void)close(lowest_fd);
}

/* Makes the input the contents of the file. */
static void
write_file(void)
{
	if (ftruncate(file, 0) == -1 ||
	    pwrite(file, input, input_size, 0) != (ssize_t)input_size)
		abort();
}

static void
try_pidfile(void)
{
	bool is_line = input_size > 1 && input[input_size - 1] == '\n' &&
	    strlen(input) == input_size;
	int wanted = 0;

	write_file();
	if (input_size > 0)
		input[input_size - 1] = '\0';
	if (is_line && *input >= '1' && is_number(input, INT_MAX))
		wanted = atoi(input);
	assert(pidfile_read(file) == wanted);
}

static void
try_script(void)
{
	write_file();
	make_buffer(100);
	(void)sprintf(buffer, "/proc/self/fd/%d", file);
	if (returns(call_command_check)) {
		assert(message_count == 0);
		return;
	}
	assert(exit_status == EXIT_CANNOT_EXEC && message_count == 1);
	assert(strncmp(input, "#!", 2) == 0);
}

/*
 * Compares a message with the end of the log.  It must be a copy, but for bytes
 * that cannot be printed.
 */
static void
compare_log(const char *end)
{
	size_t length = strlen(messages);
	const char *begin = end - length;
	size_t i;

	for (i = 0; i < length; i++) {
		if (messages[i] == begin[i])
			continue;
		assert(messages[i] == '?');
		assert(!isprint((unsigned char)begin[i]));
	}
}

/* The first byte says how much was in the log before the start. */
static void
try_log(void)
{
	size_t begin = (unsigned char)*input;
	size_t end = input_size;

	if (begin > input_size)
		begin = input_size;
	log_stream = (struct stream){ .reader = file, .begin = (off_t)begin };
	write_file();
	assert(returns(call_logtail_show));

	/* What is shown ends with a newline. */
	if (end > begin && input[end - 1] != '\n')
		input[end++] = '\n';
	assert(strlen(messages) <= end - begin && strlen(messages) <= 2049);
	/* Something is shown, unless there is at most an empty line. */
	if (end - begin > 1)
		assert(strlen(messages) > 0);
	compare_log(input + end);
}

static bool
closes_quotes(const char *string)
{
	char quote = '\0';

	for (; *string != '\0'; string++) {
		bool opens = *string == '\'' || *string == '"';

		if (*string == '\\' && quote != '\'' && string[1] != '\0')
			string++;
		else if (quote == '\0' && opens)
			quote = *string;
		else if (quote == *string)
			quote = '\0';
	}
	return quote == '\0';
}

/* Writes the words to the buffer, each of them quoted. */
static void
quote_words(char **words)
{
	char *end = buffer;

	for (; *words != NULL; words++) {
		const char *c;

		*end++ = '\'';
		for (c = *words; *c != '\0'; c++) {
			if (*c == '\'')
				end = stpcpy(end, "'\\'");
			*end++ = *c;
		}
		end = stpcpy(end, "' ");
	}
	*end = '\0';
}

/* Words that are quoted must be the same words. */
static void
try_logger(void)
{
	char **words;

	make_buffer(7 * input_size + 100);
	(void)strcpy(buffer, input);
	assert(returns(call_words_split) && message_count == 0);
	words = split_words;
	assert((words != NULL) == closes_quotes(input));
	if (words == NULL)
		return;

	assert(words[-1] == NULL);
	quote_words(words);
	assert(returns(call_words_split) && split_words != NULL);
	assert(is_same_list(words, split_words));
}

static const struct target {
	const char *name;
	void (*try)(void);
} targets[] = {
	{ "options", try_options },
	{ "umask", try_umask },
	{ "seconds", try_seconds },
	{ "schedule", try_schedule },
	{ "signal", try_signal },
	{ "user", try_user },
	{ "notify", try_notify },
	{ "pidfile", try_pidfile },
	{ "script", try_script },
	{ "log", try_log },
	{ "logger", try_logger },
};

/* Returns the target that FUZZ names. */
static const struct target *
find_target(void)
{
	const char *name = getenv("FUZZ");
	size_t i;

	for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (name != NULL && strcmp(targets[i].name, name) == 0)
			return &targets[i];
	}
	abort();
}

/* Opens what the targets use. */
static void
prepare(void)
{
	static char command[] = "true";
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	/* A first parse leaves options in a state that can be compared. */
	arguments[0] = arguments[1] = command;
	argument_count = 2;
	(void)returns(call_options_parse);

	ready.fd = notify_open();
	sender = socket(AF_UNIX, SOCK_DGRAM, 0);
	/* The name is abstract: its @ stands for a null byte. */
	(void)strcpy(address.sun_path + 1, notify_socket + 1);
	if (connect(sender, (struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) +
		    strlen(notify_socket))) == -1)
		abort();
	file = memfd_create("file", 0);
	lowest_fd = dup(STDIN_FILENO);
	(void)close(lowest_fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct target *target;

	if (target == NULL) {
		target = find_target();
		prepare();
	}
	input_size = size;
	input = malloc(size + 1);
	(void)memcpy(input, bytes, size);
	input[size] = '\0';
	target->try();
	while (memory_count > 0)
		free(memory[--memory_count]);
	free(input);
	return 0;
}
