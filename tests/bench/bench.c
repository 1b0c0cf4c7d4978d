/* SPDX-License-Identifier: ISC */
/*
 * bench [ROUNDS [SCENARIO]]
 *
 * Measures how long a caller waits for daemonize, and for other tools that make
 * a daemon.  Run in the directory of the Makefile; SCENARIO is a part of a
 * name.
 *
 * In each round every tool starts the program "nothing" twice, in a random
 * order and on one processor: once for the time until the tool returns, and
 * once for the time until main() of what it starts.  A ratio is the median of
 * the ratios of the rounds, with its 95 % interval (order statistics).
 *
 * Orphans become children of bench, which waits for their end before the next
 * start.  Prints a table for each scenario.  Returns 0, or 1 if bench has
 * failed; no measurement is a failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum {
	WORDS = 28,
	MOST_ROUNDS = 5000,
	CALLERS = 8,
	STARTS = 12,
	WAIT_MS = 2000
};

/* A word that begins with @ is a file in our directory; COMMAND is to be
 * started. */
struct tool {
	const char *name;
	int yardstick; /* of the same linkage, an index; 0: none */
	const char *plain[WORDS],
	    *full[WORDS]; /* full: with logs and so on; none: cannot */
};

#define OURS \
	"-o", "@log", "-m", "022", "-c", "@directory", "-p", "@pid", "COMMAND"

enum {
	UNIT,
	FLOOR,
	YARDSTICK,
	YARDSTICK_DYNAMIC = 4,
	KNOWN = 6
};

static const struct tool tools[] = {
	{ "unit: does nothing", 0, { "tests/bench/nothing" },
	    { "tests/bench/nothing" } },
	{ "floor: no promise", 0, { "tests/bench/floor.static", "COMMAND" },
	    { "tests/bench/floor.static", "COMMAND" } },
	{ "yardstick, static", 0, { "tests/bench/yardstick.static", "COMMAND" },
	    { "tests/bench/yardstick.static", OURS } },
	{ "OURS, static", YARDSTICK, { "./daemonize.static", "COMMAND" },
	    { "./daemonize.static", OURS } },
	{ "yardstick, dynamic", 0, { "tests/bench/yardstick", "COMMAND" },
	    { "tests/bench/yardstick", OURS } },
	{ "OURS, dynamic", YARDSTICK_DYNAMIC, { "./daemonize", "COMMAND" },
	    { "./daemonize", OURS } },
	{ "daemonize 1.7", 0, { "daemonize", "COMMAND" },
	    { "daemonize", "-a", "-o", "@log", "-e", "@log", "-c", "@directory",
		"-p", "@pid", "COMMAND" } },
	{ "daemon", 0, { "daemon", "--", "COMMAND" },
	    { "daemon", "-o", "@log", "-m", "022", "-D", "@directory", "-F",
		"@pid", "--", "COMMAND" } },
	{ "start-stop-daemon", 0,
	    { "start-stop-daemon", "-S", "-q", "-b", "-x", "COMMAND", "--" },
	    { "start-stop-daemon", "-S", "-q", "-b", "-k", "022", "-d",
		"@directory", "-m", "-p", "@pid", "-O", "@log", "-x", "COMMAND",
		"--" } },
	{ "busybox", 0,
	    { "busybox", "start-stop-daemon", "-S", "-q", "-b", "-x", "COMMAND",
		"--" },
	    { "busybox", "start-stop-daemon", "-S", "-q", "-b", "-m", "-p",
		"@pid", "-x", "COMMAND", "--" } },
	{ "setsid -f", 0, { "setsid", "-f", "COMMAND" }, { NULL } },
	{ "nohup &", 0,
	    { "sh", "-c", "nohup \"$@\" </dev/null >/dev/null 2>&1 &", "sh",
		"COMMAND" },
	    { "sh", "-c",
		"umask 022; cd \"$2\"; l=$1 p=$3; shift 3; nohup \"$@\" </dev/null "
		">>\"$l\" 2>&1 & echo $! >\"$p\"",
		"sh", "@log", "@directory", "@pid", "COMMAND" } },
};

enum {
	TOOLS = sizeof(tools) / sizeof(tools[0])
};

static struct {
	char path[PATH_MAX];
	bool absent;
	double back[MOST_ROUNDS],
	    begun[MOST_ROUNDS]; /* seconds until it returned, and main() */
} found[TOOLS];

static const struct scenario {
	const char *name;
	int share; /* of the rounds, in percent */
	bool full, environment, limit;
	int descriptors, others, callers;
} scenarios[] = {
	{ .name = "plain", .share = 200 },
	{ .name = "logs, umask, directory, pid file",
	    .share = 150,
	    .full = true },
	{ .name = "19,000 inherited descriptors",
	    .share = 60,
	    .descriptors = 19000 },
	{ .name = "greatest limit of descriptors",
	    .share = 100,
	    .limit = true },
	{ .name = "1.5 MB of environment", .share = 60, .environment = true },
	{ .name = "1,000 other processes", .share = 60, .others = 1000 },
	{ .name = "8 callers at once", .share = 12, .callers = CALLERS },
};

static char directory[256]; /* below $TMPDIR, else /tmp */
static char command[PATH_MAX];
static char **environment;

static _Noreturn void
fail(const char *object)
{
	(void)fprintf(stderr, "bench: %s: %s\n", object, strerror(errno));
	exit(1);
}

static double
seconds(const struct timespec *time)
{
	return (double)time->tv_sec + (double)time->tv_nsec / 1e9;
}

static double
now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return seconds(&time);
}

/* Returns the path of a file in the directory of bench. */
static char *
file(const char *name)
{
	char path[PATH_MAX], *copy;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	copy = strdup(path);
	if (!copy)
		fail("memory");
	return copy;
}

static void
find_tool(int tool)
{
	const char *name = tools[tool].plain[0];
	char *path = found[tool].path;
	char search[] = "/usr/sbin:/usr/bin:/sbin:/bin";
	char *entry;

	if (strchr(name, '/') && realpath(name, path))
		return;
	for (entry = strtok(search, ":"); entry; entry = strtok(NULL, ":")) {
		(void)snprintf(path, PATH_MAX, "%s/%s", entry, name);
		if (access(path, X_OK) == 0)
			return;
	}
	found[tool].absent = true;
}

/* Makes the arguments of a tool; stamp: the command writes when it began. */
static void
make_words(char *argv[WORDS + 2], const struct tool *tool, bool full,
    bool stamp)
{
	const char *const *word = full ? tool->full : tool->plain;

	for (; *word; word++) {
		*argv = (char *)*word;
		if (**word == '@')
			*argv = file(*word + 1);
		if (strcmp(*word, "COMMAND") == 0)
			*argv = command;
		argv++;
	}
	if (stamp)
		*argv++ = file("stamp");
	*argv = NULL;
}

/* Kills and reaps all children, the orphans included. */
static void
end_all(void)
{
	char list[4096], path[64];
	ssize_t length;
	char *number;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
	    (long)getpid());
	do {
		fd = open(path, O_RDONLY);
		length = read(fd, list, sizeof(list) - 1);
		list[length > 0 ? length : 0] = '\0';
		(void)close(fd);
		for (number = strtok(list, " "); number;
		     number = strtok(NULL, " "))
			(void)kill(atoi(number), SIGKILL);
	} while (waitpid(-1, NULL, 0) != -1);
}

__attribute__((noinline)) static pid_t
spawn(const char *path, char **argv)
{
	pid_t pid = vfork();

	if (pid == 0) {
		(void)execve(path, argv, environment);
		_exit(127);
	}
	return pid;
}

/* Starts a tool.  Returns the seconds until it returns, or -1 if it fails. */
static double
start(const char *tool, char **argv)
{
	double begin = now(), end;
	int status;
	pid_t pid = spawn(tool, argv);

	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		return -1;
	end = now();
	return status == 0 ? end - begin : -1;
}

/*
 * The same, and waits for all that it leaves.  *begun becomes the seconds until
 * the command began, if it writes a stamp.
 */
static double
measure(const char *tool, char **argv, const char *stamp, double *begun)
{
	double begin = now(), back = start(tool, argv);
	struct timespec time;
	int fd;

	while (waitpid(-1, NULL, 0) != -1)
		;
	if (!stamp)
		return back;
	fd = open(stamp, O_RDONLY);
	*begun = read(fd, &time, sizeof(time)) == (ssize_t)sizeof(time) ?
	    seconds(&time) - begin :
	    -1;
	(void)close(fd);
	(void)unlink(stamp);
	return back;
}

/* Returns true if the tool succeeds within WAIT_MS, else prints why not. */
static bool
works(const char *tool, char **argv, const char *name)
{
	pid_t pid = spawn(tool, argv), ended = 0;
	int status = -1, i;

	for (i = 0; i < WAIT_MS && ended == 0; i++) {
		(void)usleep(1000);
		ended = waitpid(pid, &status, WNOHANG);
	}
	if (ended == 0)
		end_all();
	while (waitpid(-1, NULL, 0) != -1)
		;
	if (status != 0) {
		(void)printf("%-20s ", name);
		if (ended == 0)
			(void)printf("more than %d ms\n", WAIT_MS);
		else
			(void)printf("fails: status %#x\n", (unsigned)status);
	}
	return status == 0;
}

/*
 * Lets several callers make STARTS starts each, at once.  Returns the seconds
 * for one start.
 */
static double
crowd(const char *tool, char **argv)
{
	int gate[2], i, j;
	pid_t callers[CALLERS];
	cpu_set_t all;
	double begin;
	char byte;

	(void)memset(&all, 0xff, sizeof(all));
	if (pipe2(gate, O_CLOEXEC) == -1)
		fail("pipe");
	for (i = 0; i < CALLERS; i++) {
		callers[i] = fork();
		if (callers[i] == -1)
			fail("fork");
		if (callers[i] > 0)
			continue;
		(void)sched_setaffinity(0, sizeof(all), &all);
		(void)close(gate[1]);
		(void)!read(gate[0], &byte, 1);
		for (j = 0; j < STARTS; j++) {
			if (start(tool, argv) < 0)
				_exit(1);
		}
		_exit(0);
	}
	(void)close(gate[0]);
	(void)usleep(5000);
	begin = now();
	(void)close(gate[1]);
	for (i = 0; i < CALLERS; i++)
		(void)waitpid(callers[i], NULL, 0);
	begin = now() - begin;
	while (waitpid(-1, NULL, 0) != -1)
		;
	return begin / (CALLERS * STARTS);
}

static int
compare(const void *one, const void *other)
{
	const double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

static double
quantile(const double *values, int count, double which)
{
	static double sorted[MOST_ROUNDS];

	(void)memcpy(sorted, values, (size_t)count * sizeof(*values));
	qsort(sorted, (size_t)count, sizeof(*sorted), compare);
	return sorted[(int)(which * (count - 1) + 0.5)];
}

static void
print_ratio(const double *values, const double *others, int count)
{
	static double ratios[MOST_ROUNDS];
	double half = 0.98 / sqrt(count);
	int i;

	for (i = 0; i < count; i++)
		ratios[i] = values[i] / others[i];
	(void)printf("  %5.2f [%5.2f %5.2f]", quantile(ratios, count, 0.5),
	    quantile(ratios, count, fmax(0, 0.5 - half)),
	    quantile(ratios, count, fmin(1, 0.5 + half)));
}

static void
print_table(const struct scenario *scenario, const bool *use, int count)
{
	int i;

	(void)printf("%-18s %7s %7s %7s  %-19s  %-19s  %-19s  %8s  %-19s\n", "",
	    scenario->callers ? "" : "least",
	    scenario->callers ? "per s" : "median",
	    scenario->callers ? "" : "p99", "to the unit", "to the yardstick",
	    "to daemonize 1.7", "main", "to daemonize 1.7");
	for (i = 0; i < TOOLS; i++) {
		const struct tool *tool = &tools[i];
		const double *back = found[i].back, *begun = found[i].begun;
		double middle = quantile(back, count, 0.5);

		if (!use[i])
			continue;
		if (scenario->callers)
			(void)printf("%-18s %7s %7.0f %7s", tool->name, "",
			    1 / middle, "");
		else
			(void)printf("%-18s %7.0f %7.0f %7.0f", tool->name,
			    quantile(back, count, 0) * 1e6, middle * 1e6,
			    quantile(back, count, 0.99) * 1e6);
		print_ratio(back, found[UNIT].back, count);
		if (tool->yardstick && use[tool->yardstick])
			print_ratio(back, found[tool->yardstick].back, count);
		else
			(void)printf("%21s", "");
		if (use[KNOWN] && i != UNIT)
			print_ratio(back, found[KNOWN].back, count);
		else
			(void)printf("%21s", "");
		if (!scenario->callers && i != UNIT) {
			(void)printf("  %8.0f",
			    quantile(begun, count, 0.5) * 1e6);
			if (use[KNOWN])
				print_ratio(begun, found[KNOWN].begun, count);
		}
		(void)printf("\n");
	}
}

static void
run(const struct scenario *scenario, int rounds)
{
	static char *argv[TOOLS][2][WORDS + 2];
	const char *stamp = file("stamp");
	bool use[TOOLS];
	int order[TOOLS], i, j, round, swap;

	(void)printf("\n%s%s, %d rounds\n", scenario->name,
	    scenario->callers ? "" : ", us", rounds);
	for (i = 0; i < TOOLS; i++) {
		order[i] = i;
		make_words(argv[i][0], &tools[i], scenario->full, false);
		make_words(argv[i][1], &tools[i], scenario->full, true);
		use[i] = !found[i].absent && argv[i][0][0] &&
		    works(found[i].path, argv[i][0], tools[i].name);
	}
	for (round = 0; round < rounds; round++) {
		for (i = TOOLS - 1; i > 0; i--) {
			j = rand() % (i + 1);
			swap = order[i], order[i] = order[j], order[j] = swap;
		}
		for (i = 0; i < TOOLS; i++) {
			char **words = argv[j = order[i]][0];
			const char *path = found[j].path;

			if (!use[j])
				continue;
			if (scenario->callers) {
				found[j].back[round] = crowd(path, words);
				continue;
			}
			found[j].back[round] = measure(path, words, NULL, NULL);
			if (j != UNIT)
				(void)measure(path, argv[j][1], stamp,
				    &found[j].begun[round]);
		}
	}
	print_table(scenario, use, rounds);
	(void)fflush(stdout);
}

static void
set_up(const struct scenario *scenario)
{
	static char *variables[13];
	rlim_t most = 1U << 30;
	struct rlimit limit;
	int i;

	for (i = 3; i < scenario->descriptors; i++) {
		if (dup(0) == -1)
			fail("descriptors");
	}
	environment = environ;
	if (scenario->environment) {
		for (i = 0; i < 12; i++) {
			variables[i] = calloc(1, 125000);
			if (!variables[i])
				fail("memory");
			(void)memset(variables[i], 'A' + i, 124999);
			variables[i][1] = '=';
		}
		environment = variables;
	}
	if (scenario->limit) {
		/* as the machine allows: 2^30 needs sysctl
		 * fs.nr_open=1073741824 */
		do
			limit = (struct rlimit){ most, most };
		while (setrlimit(RLIMIT_NOFILE, &limit) == -1 &&
		    (most /= 2) > 1024);
		(void)printf("\nlimit of %lu descriptors:",
		    (unsigned long)most);
	}
}

/* Runs a scenario in a process of its own, with which its set-up ends. */
static void
run_scenario(const struct scenario *scenario, int rounds)
{
	pid_t pid = fork();

	if (pid == -1)
		fail("fork");
	if (pid == 0) {
		(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
		set_up(scenario);
		run(scenario, rounds < MOST_ROUNDS ? rounds : MOST_ROUNDS);
		_exit(0);
	}
	(void)waitpid(pid, NULL, 0);
}

int
main(int argc, char **argv)
{
	static const char *const names[] = { "log", "pid", "stamp" };
	int rounds = argc > 1 ? atoi(argv[1]) : 120, i, j;
	pid_t others[1000];
	cpu_set_t one;

	if (!realpath("tests/bench/nothing", command))
		fail("tests/bench/nothing");
	for (i = 0; i < TOOLS; i++)
		find_tool(i);
	(void)snprintf(directory, sizeof(directory),
	    "%s/daemonize-bench.XXXXXX",
	    getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(directory) || mkdir(file("directory"), 0755) == -1)
		fail(directory);
	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	(void)sched_setaffinity(0, sizeof(one), &one);
	for (i = 0; i < (int)(sizeof(scenarios) / sizeof(scenarios[0])); i++) {
		const struct scenario *scenario = &scenarios[i];

		if (argc > 2 && !strstr(scenario->name, argv[2]))
			continue;
		(void)fflush(stdout);
		for (j = 0; j < scenario->others; j++) {
			others[j] = fork();
			if (others[j] == -1)
				fail("fork");
			while (others[j] == 0)
				(void)pause();
		}
		run_scenario(scenario, rounds * scenario->share / 100);
		for (j = 0; j < scenario->others; j++)
			(void)kill(others[j], SIGKILL);
		while (waitpid(-1, NULL, 0) != -1)
			;
	}
	for (i = 0; i < 3; i++)
		(void)unlink(file(names[i]));
	(void)rmdir(file("directory"));
	(void)rmdir(directory);
	return 0;
}
