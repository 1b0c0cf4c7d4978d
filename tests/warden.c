/* SPDX-License-Identifier: ISC */
/*
 * warden SCRIPT [ARGUMENT...]
 *
 * Runs a test script with sh, and makes sure that no process of it is left.
 * The script starts with every signal default and unblocked, and finds in
 * WARDEN the process id of the warden, who adopts the orphans.
 *
 * The script is ended after WARDEN_SECONDS (300), and when the warden gets
 * INT, TERM or HUP: by TERM, so that it can put back what it has changed, and
 * after 3 s by KILL.  Processes that a script leaves have 3 s to end.  Those
 * that are left then are killed.
 *
 * What the warden has to say it says on standard error, and in the file FAILED,
 * which tests/run prints in the end.
 *
 * The status is that of the script, 128+N if signal N has ended the script or
 * was sent to the warden, or
 *
 *	96	the script was ended because its time was over
 *	97	the script has ended, and has left a process
 *	98	the warden has failed
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/prctl.h>
#endif

enum {
	STATUS_LATE = 96,
	STATUS_LEFT = 97,
	STATUS_FAILED = 98
};

/* In seconds. */
enum {
	DEFAULT_LIMIT = 300,
	GRACE = 3
};

struct script {
	pid_t pid; /* 0 once it has ended */
	int status;
};

static const char *script_name;

/* Says a line. */
__attribute__((format(printf, 1, 2))) static void
say(const char *format, ...)
{
	const char *failed = getenv("FAILED");
	int fd = -1;
	char line[400];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	(void)dprintf(2, "warden: %s: %s\n", script_name, line);
	if (failed != NULL)
		fd = open(failed, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd == -1)
		return;
	(void)dprintf(fd, "%s: %s\n", script_name, line);
	(void)close(fd);
}

static double
now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/*
 * Reaps the children that have ended; if the script is one of them its status
 * is noted.  Returns true if there are others.
 */
static bool
reap(struct script *script)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != script->pid)
			continue;
		script->pid = 0;
		script->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
						       WEXITSTATUS(status);
	}
	return pid == 0;
}

/* Waits at most that long for one of the signals.  Returns it, or -1. */
static int
wait_for_signal(const sigset_t *signals, double seconds)
{
	struct timespec time = { .tv_sec = (time_t)seconds };

	time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
	return sigtimedwait(signals, NULL, &time);
}

/* Prints the command line of a child that is left, and kills the child. */
static void
name_and_kill(pid_t pid)
{
	char path[40], line[200];
	size_t size = 0;
	size_t i;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%ld/cmdline", (long)pid);
	file = fopen(path, "re");
	if (file != NULL) {
		size = fread(line, 1, sizeof(line), file);
		(void)fclose(file);
	}
	while (size > 0 && line[size - 1] == '\0')
		size--;
	for (i = 0; i < size; i++) {
		if (line[i] == '\0')
			line[i] = ' ';
		else if ((unsigned char)line[i] < ' ')
			line[i] = '?';
	}

	say("left behind: %ld (%.*s)", (long)pid, (int)size, line);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

/* Kills the children in a list of /proc.  Returns true if there were any. */
static bool
kill_listed(DIR *list)
{
	const struct dirent *entry;
	bool found = false;

	rewinddir(list);
	while ((entry = readdir(list)) != NULL) {
		siginfo_t info = { 0 };
		pid_t pid = atoi(entry->d_name);

		/* This fails unless the process is a child. */
		if (pid <= 0 ||
		    waitid(P_PID, (id_t)pid, &info,
			WEXITED | WNOHANG | WNOWAIT) == -1)
			continue;
		found = true;
		if (info.si_pid == 0)
			name_and_kill(pid);
	}
	return found;
}

/*
 * Kills all children, until no more are adopted.  A child may come up late,
 * when its parent has ended, so /proc is read until it shows none for 5 s.
 */
static void
kill_children(const sigset_t *signals)
{
	struct script none = { 0 };
	DIR *list = opendir("/proc");
	int unseen = 0;

	if (list == NULL) {
		say("left behind: unknown, there is no /proc");
		return;
	}
	while (unseen < 50 && reap(&none)) {
		if (kill_listed(list)) {
			unseen = 0;
			continue;
		}
		unseen++;
		(void)wait_for_signal(signals, 0.1);
	}
	(void)closedir(list);
}

/* Returns the process id of the script, or -1 with errno. */
static pid_t
start(char **argv)
{
	static char shell[] = "sh";
	pid_t pid = fork();
	sigset_t none;
	int signo;

	if (pid != 0)
		return pid;
	for (signo = 1; signo < NSIG; signo++)
		(void)signal(signo, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	argv[0] = shell;
	(void)execvp(shell, argv);
	say("%s: %s", shell, strerror(errno));
	_exit(127);
}

/*
 * Waits for the end of the script, and of what it has left.  Returns 0 if no
 * child is left, the number of a signal to the warden, or -1 when the time is
 * over.
 */
static int
wait_for_all(struct script *script, const sigset_t *signals, double limit)
{
	double deadline = now() + limit;
	bool in_grace = false;

	while (reap(script)) {
		int signo;

		if (script->pid == 0 && !in_grace) {
			in_grace = true;
			deadline = now() + GRACE;
		}
		if (now() >= deadline)
			return -1;
		signo = wait_for_signal(signals, deadline - now());
		if (signo > 0 && signo != SIGCHLD)
			return signo;
	}
	return 0;
}

static void
end_script(struct script *script, const sigset_t *signals)
{
	double deadline = now() + GRACE;

	(void)kill(script->pid, SIGTERM);
	while (script->pid != 0 && now() < deadline) {
		(void)wait_for_signal(signals, deadline - now());
		(void)reap(script);
	}
	if (script->pid != 0) {
		(void)kill(script->pid, SIGKILL);
		(void)waitpid(script->pid, NULL, 0);
	}
}

/* Returns how many seconds the script has. */
static double
time_limit(void)
{
	const char *value = getenv("WARDEN_SECONDS");
	double limit = value != NULL ? atof(value) : 0;

	return limit > 0 ? limit : DEFAULT_LIMIT;
}

/* Blocks the signals for which the warden waits. */
static void
block_signals(sigset_t *signals)
{
	static const int numbers[] = { SIGCHLD, SIGHUP, SIGINT, SIGTERM };
	size_t i;

	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigemptyset(signals);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		(void)sigaddset(signals, numbers[i]);
	(void)sigprocmask(SIG_BLOCK, signals, NULL);
}

int
main(int argc, char **argv)
{
	double limit = time_limit();
	struct script script = { 0 };
	int signo, status;
	sigset_t signals;
	char self[24];

	if (argc < 2) {
		(void)dprintf(2, "usage: warden SCRIPT [ARGUMENT...]\n");
		return STATUS_FAILED;
	}
#if defined(__linux__)
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1L);
#endif
	(void)snprintf(self, sizeof(self), "%ld", (long)getpid());
	(void)setenv("WARDEN", self, 1);
	block_signals(&signals);
	script_name = argv[1];
	script.pid = start(argv);
	if (script.pid == -1) {
		say("fork: %s", strerror(errno));
		return STATUS_FAILED;
	}

	signo = wait_for_all(&script, &signals, limit);
	if (signo == 0)
		return script.status;

	if (signo > 0) {
		status = 128 + signo;
	} else if (script.pid != 0) {
		say("killed after %g s", limit);
		status = STATUS_LATE;
	} else {
		status = STATUS_LEFT;
	}
	if (script.pid != 0)
		end_script(&script, &signals);
	kill_children(&signals);
	return status;
}
