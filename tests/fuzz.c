/* SPDX-License-Identifier: ISC */
/* What daemonize reads of others, under libFuzzer; FUZZ in the environment
 * names the target.  Not to crash is not enough: each has a rule, or a second
 * opinion, on what must follow. */
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

static char *text, *block,
    *words[5000];        /* the input, ended by a NUL; the command line */
static char said[20000]; /* lines, each ended by a newline */
static size_t size, kept;
static int outcome, count, lines, groups, file, sender, lowest;
static bool running;
static void *memory[8192];
static jmp_buf back;
static struct options o;
static struct identity id;
static struct ready ready = { .uid = 1234 };
static struct stream end_log;

/* The linker sends src's calls of these here (tests/long/fuzz.t).  An exit ends
 * only the attempt; what a process keeps to its end is freed; each message is
 * one line without control characters. */
_Noreturn void __real_exit(int status);
ssize_t __real_write(int fd, const void *data, size_t length);
void *__real_malloc(size_t length);
void *__real_calloc(size_t number, size_t each);
void *__real_realloc(void *old, size_t length);
void __real_free(void *old);
void
__wrap_exit(int status)
{
	if (!running)
		__real_exit(status);
	outcome = status;
	longjmp(back, 1);
}
ssize_t
__wrap_write(int fd, const void *data, size_t length)
{
	const char *line = data,
		   *prefix = *line == ' ' ? "    " : "daemonize: ";
	if (!running)
		return __real_write(fd, data, length);
	assert(fd == 2 && strncmp(line, prefix, strlen(prefix)) == 0 &&
	    ++lines <= 10);
	(void)strncat(said, line + strlen(prefix), length - strlen(prefix));
	for (; length > 1; length--, line++)
		assert(!iscntrl((unsigned char)*line));
	assert(*line == '\n');
	return line + 1 - (const char *)data;
}
void *
__wrap_malloc(size_t length)
{
	void *new = __real_malloc(length);
	return running ? memory[kept++] = new : new;
}
void *
__wrap_calloc(size_t number, size_t each)
{
	void *new = __real_calloc(number, each);
	return running ? memory[kept++] = new : new;
}
void *
__wrap_realloc(void *old, size_t length)
{
	size_t i = 0;
	while (i < kept && memory[i] != old)
		i++;
	void *new = __real_realloc(old, length);
	if (running && i == kept)
		kept++;
	if (running)
		memory[i] = new;
	return new;
}
char *
__wrap_strdup(const char *old)
{
	return strcpy(__wrap_calloc(strlen(old) + 1, 1), old);
}
void
__wrap_free(void *old)
{
	size_t i = 0;
	while (i < kept && memory[i] != old)
		i++;
	if (running && i < kept)
		memory[i] = memory[--kept];
	__real_free(old);
}
/* There are the user www and the group log, and nobody becomes anybody. */
static struct passwd www = { "www", NULL, 33, 34, NULL, "/srv", "" };
static struct group logs = { "log", NULL, 4, NULL };
struct passwd *
__wrap_getpwnam(const char *name)
{
	return strcmp(name, "www") ? NULL : &www;
}
struct passwd *
__wrap_getpwuid(uid_t uid)
{
	return uid == www.pw_uid ? &www : NULL;
}
struct group *
__wrap_getgrnam(const char *name)
{
	return strcmp(name, "log") ? NULL : &logs;
}
uid_t
__wrap_getuid(void)
{
	return 0;
}
static char last_set[4096];
int
__wrap_setenv(const char *name, const char *value)
{
	(void)snprintf(last_set, sizeof(last_set), "%s", value);
	return name && *name ? 0 : -1;
}
int
__wrap_getgrouplist(const char *name, gid_t gid, gid_t *gids, int *number)
{
	assert(strcmp(name, www.pw_name) == 0 && *number > 0);
	*gids = gid;
	return *number = 1;
}
/* Tried, then set for the user, then set again as they were. */
int
__wrap_setgroups(size_t number, const gid_t *gids)
{
	assert(groups != 1 || (number == 1 && *gids == id.gid));
	groups++;
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

/* Whether it returns; else the exit status is outcome. */
static bool
returns(void (*body)(void))
{
	outcome = lines = groups = *said = 0;
	running = true;
	bool returned = setjmp(back) == 0;
	if (returned)
		body();
	running = false;
	return returned;
}
static void
parse(void)
{
	options_parse(&o, count, words);
}
static void
find(void)
{
	id = (struct identity){ 0 };
	identity_find(&id, text);
}
static void
check(void)
{
	static const struct identity nobody;

	command_check(block, NULL, &nobody);
}
static void
show(void)
{
	logtail_show(&end_log);
}

static bool
only(const char *string, const char *bytes)
{
	return !string[strspn(string, bytes)];
}
static bool
is_number(const char *string, unsigned long most)
{
	return *string && only(string, "0123456789") &&
	    strtoul(string, NULL, 10) <= most;
}

/* What was asked must be possible, and lie in the words. */
static void
inspect(void)
{
	const char *end = words[count - 1] + strlen(words[count - 1]);
	const long most = 1000000000;
	const char *const strings[] = { o.pidfile, o.lockfile, o.path[0],
		o.path[1], o.path[2], *o.argv, o.user, o.argv0 };
	long repeated = 1;
	assert(o.umask >= -1 && o.umask <= 0777 &&
	    (o.ready <= 0 || o.ready > 2) && o.ready >= -1);
	assert(o.watch >= -1 && o.watch <= most && o.timeout >= -1 &&
	    o.timeout <= most);
	assert(o.argv > words && o.argv <= words + count &&
	    !*o.argv == (o.verb != VERB_START));
	for (int i = 0; i < 8; i++) {
		assert(
		    !strings[i] || (strings[i] > block && strings[i] <= end));
		assert(!strings[i] || i >= 6 ||
		    ((*strings[i] || i == 5) && strlen(strings[i]) < PATH_MAX));
	}
	for (size_t i = 0; i < o.env_count; i++)
		assert(*o.env[i] != '=' && strchr(o.env[i], '='));
	for (size_t i = 0; i < o.keep_count; i++)
		assert(o.keep[i] >= 0);
	assert(o.signo >= 0 && o.signo < NSIG);
	assert(!o.schedule == (o.verb != VERB_STOP));
	for (const struct schedule_step *step = o.schedule;
	     step && step->kind != SCHEDULE_END; step++) {
		assert(step <= o.schedule + size + 2);
		assert(step->kind != SCHEDULE_SIGNAL ||
		    (step->value > 0 && step->value < NSIG));
		assert(step->kind != SCHEDULE_WAIT ||
		    (step->value >= 0 && step->value <= most));
		repeated = step->kind == SCHEDULE_REPEAT ?
		    0 :
		    repeated + (step->kind == SCHEDULE_WAIT) * step->value;
	}
	assert(repeated > 0);
}

/* Whether a command line with the input in it is taken; it must be so, and mean
 * the same, twice. */
static bool
parses(const char *format)
{
	struct options first;
	bool taken[2];
	block = realloc(block, size + 100);
	for (int i = 0; i < 2; first = o, i++) {
		char *rest = block;
		(void)sprintf(block, format, text);
		for (count = 0; (words[count] = strsep(&rest, "\n")); count++)
			;
		taken[i] = returns(parse);
		assert(taken[i] ?
			lines == 0 :
			outcome == (lines ? EXIT_FAILED : EXIT_STARTED));
		if (taken[i])
			inspect();
	}
	assert(taken[0] == taken[1]);
	if (!taken[0])
		return false;
	assert(!o.env ||
	    memcmp(first.env, o.env, o.env_count * sizeof(*o.env)) == 0);
	assert(!o.keep ||
	    memcmp(first.keep, o.keep, o.keep_count * sizeof(*o.keep)) == 0);
	const struct schedule_step *step = first.schedule, *again = o.schedule;
	for (; step && step->kind != SCHEDULE_END; step++, again++)
		assert(
		    step->kind == again->kind && step->value == again->value);
	assert(!step || again->kind == SCHEDULE_END);
	first.env = o.env, first.keep = o.keep, first.schedule = o.schedule;
	assert(memcmp(&first, &o, sizeof(o)) == 0);
	return true;
}
static void
try_options(void)
{
	(void)parses("daemonize\n%s");
}
static void
try_schedule(void)
{
	bool taken = parses("daemonize\n-pfile\n--stop=%s");
	if (!*text || !only(text, "0123456789."))
		return;
	long wait =
	    taken ? o.schedule[1].value : -1; /* TERM, seconds, KILL, seconds */
	assert(!taken ||
	    (o.schedule[0].value == SIGTERM && o.schedule[2].value == SIGKILL));
	assert(!taken ||
	    (o.schedule[3].value == wait &&
		o.schedule[4].kind == SCHEDULE_END));
	assert(parses("daemonize\n-w\n%s\ntrue") == taken &&
	    (!taken || o.watch == wait));
}
static void
try_umask(void)
{
	text[strcspn(text, "\n")] = '\0';
	bool right =
	    *text && only(text, "01234567") && strtoul(text, NULL, 8) <= 0777;
	assert(parses("daemonize\n-m\n%s\ntrue") == right);
	assert(!right || (unsigned long)o.umask == strtoul(text, NULL, 8));
}
static void
try_seconds(void)
{
	text[strcspn(text, "\n")] = '\0';
	double value = atof(text), more;
	bool right = strpbrk(text, "0123456789") && only(text, "0123456789.") &&
	    value <= 1e6 && strchr(text, '.') == strrchr(text, '.');
	assert(parses("daemonize\n-w\n%s\ntrue") == right);
	more = right ? (double)o.watch / 1000 - value : 0;
	assert(more > -1e-5 && more < 0.001);
}
static void
try_signal(void)
{
	text[strcspn(text, "\n")] = '\0';
	const char *name = text + (strncasecmp(text, "SIG", 3) == 0 ? 3 : 0);
	int signo = signame_parse(text);
	assert(parses("daemonize\n-lfile\n--signal=%s") == (signo != -1));
	assert(signo == -1 || signo == o.signo);
	if (strncasecmp(name, "RTM", 3) == 0)
		assert(signo == -1 || (signo >= SIGRTMIN && signo <= SIGRTMAX));
	else if (isdigit((unsigned char)*name))
		assert(signo == (is_number(name, SIGRTMAX) ? atoi(name) : -1));
	else
		for (int i = 1; i < 32; i++)
			assert((i == signo) ==
				!strcasecmp(name, sigabbrev_np(i)) ||
			    strcasestr("CLD POLL IOT", name));
}
static void
try_user(void)
{
	char *copy = strdup(text), *group = copy, *user = strsep(&group, ":");
	if (group && !*group)
		group = NULL; /* as chown has it */
	bool entry = strcmp(user, "www") == 0 ||
	    (is_number(user, 33) && atoi(user) == 33);
	bool right = (entry || (is_number(user, UINT_MAX - 1) && group)) &&
	    (!group || strcmp(group, "log") == 0 ||
		is_number(group, UINT_MAX - 1));
	bool taken = returns(find);
	/* tried, and set; seteuid changes nothing here, so nothing goes back */
	int sets = !taken ? 0 : id.uid == getuid() ? 1 : 2;
	assert(taken == right && lines == !right && groups == sets);
	assert(!right || (id.own_count >= 0 && id.group_count == 1));
	assert(!right || id.uid == (entry ? 33 : strtoul(user, NULL, 10)));
	assert(!right ||
	    id.gid ==
		(!group               ? 34 :
			*group == 'l' ? 4 :
					strtoul(group, NULL, 10)));
	free(copy);
}

/* A datagram, with a descriptor, from root, the user or somebody else, as the
 * first byte says. */
static void
try_notify(void)
{
	uid_t uid = geteuid() ? geteuid() :
	    *text == 'r'      ? 0 :
	    *text == 'u'      ? ready.uid :
				4321;
	struct ucred who = { getpid(), uid, getegid() };
	_Alignas(struct cmsghdr) char
	    room[CMSG_SPACE(sizeof(who)) + CMSG_SPACE(sizeof(int))] = "";
	struct iovec data = { text + (size > 0), size - (size > 0) };
	struct msghdr message = { NULL, 0, &data, 1, room, sizeof(room), 0 };
	struct notification news = { .status = "before" };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	*header = (struct cmsghdr){ CMSG_LEN(sizeof(who)), SOL_SOCKET,
		SCM_CREDENTIALS };
	(void)memcpy(CMSG_DATA(header), &who, sizeof(who));
	header = CMSG_NXTHDR(&message, header); /* with descriptor 0 */
	*header =
	    (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
	block = realloc(block, size + 100);
	(void)sprintf(block, "\n%.4096s\n", text + (size > 0));
	if (sendmsg(sender, &message, 0) == -1)
		abort();
	bool counts = uid == 0 || uid == ready.uid,
	     says = strstr(block, "\nREADY=1\n");
	assert(ready_read(&ready, -1, &news) ==
	    (!says         ? READINESS_NOT_YET :
		    counts ? READINESS_READY :
			     READINESS_REFUSED));
	assert(news.extension >= 0 && news.extension < 100000000000000 &&
	    !strchr(news.status, '\n'));
	assert(counts ||
	    (!strcmp(news.status, "before") && !news.error && !news.extension));
	assert(dup(0) == lowest &&
	    close(lowest) == 0); /* no descriptor has stayed */
}

static void
put(void)
{
	if (ftruncate(file, 0) == -1 ||
	    pwrite(file, text, size, 0) != (ssize_t)size)
		abort();
}
static void
try_pidfile(void)
{
	bool whole = size > 1 && text[size - 1] == '\n' && *text >= '1' &&
	    strlen(text) == size;
	put();
	text[size - (size > 0)] = '\0';
	assert(pidfile_read(file) ==
	    (whole && is_number(text, INT_MAX) ? atoi(text) : 0));
}
static void
try_script(void)
{
	put();
	block = realloc(block, 100);
	(void)sprintf(block, "/proc/self/fd/%d", file);
	bool passes = returns(check);
	assert(passes ? lines == 0 : outcome == EXIT_CANNOT_EXEC && lines == 1);
	assert(passes || strncmp(text, "#!", 2) == 0);
}
/* The end of a log; the first byte says how much was there before. */
static void
try_log(void)
{
	size_t begin =
		   (unsigned char)*text < size ? (unsigned char)*text : size,
	       end = size;
	end_log = (struct stream){ .reader = file, .begin = (off_t)begin };
	put();
	assert(returns(show));
	size_t length = strlen(said);
	if (size > begin && text[size - 1] != '\n')
		text[end++] = '\n';
	assert(length <= end - begin && length <= 2049 &&
	    (length > 0 || end - begin <= 1));
	for (size_t i = 0; i < length; i++) {
		char c = text[end - length + i];
		assert(said[i] == c ||
		    (said[i] == '?' && !isprint((unsigned char)c)));
	}
}

/* Splits block. */
static char **split_words;
static void
split(void)
{
	split_words = words_split(block);
}
static bool
closes_quotes(const char *string)
{
	char quote = '\0';
	for (; *string; string++) {
		if (*string == '\\' && quote != '\'' && string[1])
			string++;
		else if (quote ? *string == quote :
				 strchr("'\"", *string) != NULL)
			quote = quote ? '\0' : *string;
	}
	return quote == '\0';
}
/* Words that are quoted are the same words. */
static void
try_logger(void)
{
	block = realloc(block, 7 * size + 100);
	(void)strcpy(block, text);
	assert(returns(split) && lines == 0);
	char **first = split_words, *end = block;
	assert(!first == !closes_quotes(text));
	if (!first)
		return;
	assert(!first[-1]);
	*end = '\0';
	for (char **word = first; *word; word++) {
		*end++ = '\'';
		for (const char *c = *word; *c; c++) {
			end = stpcpy(end, *c == '\'' ? "'\\'" : "");
			*end++ = *c;
		}
		end = stpcpy(end, "' ");
	}
	assert(returns(split) && split_words);
	char **again = split_words;
	for (; *first && *again; first++, again++)
		assert(strcmp(*first, *again) == 0);
	assert(!*first && !*again);
}

static const struct target {
	const char *name;
	void (*try)(void);
} targets[] = { { "options", try_options }, { "umask", try_umask },
	{ "seconds", try_seconds }, { "schedule", try_schedule },
	{ "signal", try_signal }, { "user", try_user },
	{ "notify", try_notify }, { "pidfile", try_pidfile },
	{ "script", try_script }, { "log", try_log }, { "logger", try_logger },
	{ NULL, abort } };
static const struct target *target = targets;

static void
prepare(void)
{
	char command[] = "true";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	while (target->name && strcmp(target->name, getenv("FUZZ")) != 0)
		target++;
	words[0] = words[1] = command;
	count = 2;
	(void)returns(parse);
	ready.fd = notify_open();
	sender = socket(AF_UNIX, SOCK_DGRAM, 0);
	(void)strcpy(address.sun_path + 1, last_set + 1);
	if (connect(sender, (struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) +
		    strlen(last_set))) == -1)
		abort();
	file = memfd_create("file", 0);
	lowest = dup(0);
	(void)close(lowest);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static bool prepared;
	if (!prepared)
		prepare();
	prepared = true;
	size = length;
	text = malloc(size + 1);
	(void)memcpy(text, bytes, size);
	text[size] = '\0';
	target->try();
	while (kept > 0)
		free(memory[--kept]);
	free(text);
	return 0;
}
