/* SPDX-License-Identifier: ISC */
/* Runs a test script, and sees to it that no process of it is left. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
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

/*
 * warden SCRIPT [argument...]
 *
 * The script, run by sh, finds our process id in WARDEN.  What is left of it
 * has 3 s to end, then it is named and killed, and the status is 97.  It is
 * 96 if the script was killed after WARDEN_SECONDS (300), 128+N after signal
 * N, which ended the script, or which (INT, TERM, HUP) told us to end all;
 * 98 if we failed; else the script's.
 */

static double
now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Reaps what has ended; script becomes 0 with it.  Returns whether any is left.
 */
static bool
reap(pid_t *script, int *status)
{
	int ended;
	pid_t pid;

	while ((pid = waitpid(-1, &ended, WNOHANG)) > 0) {
		if (pid == *script) {
			*script = 0;
			*status = WIFSIGNALED(ended) ? 128 + WTERMSIG(ended) :
						       WEXITSTATUS(ended);
		}
	}
	return pid == 0;
}

/* Waits up to that many seconds for one of the signals.  Returns it, or -1. */
static int
wait_for(const sigset_t *signals, double seconds)
{
	struct timespec time = { .tv_sec = (time_t)seconds };

	time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
	return sigtimedwait(signals, NULL, &time);
}

static void
name_and_kill(pid_t pid)
{
	char path[40], line[200];
	size_t size = 0, i;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%ld/cmdline", (long)pid);
	if ((file = fopen(path, "re")) != NULL) {
		size = fread(line, 1, sizeof(line), file);
		(void)fclose(file);
	}
	while (size > 0 && line[size - 1] == '\0')
		size--;
	for (i = 0; i < size; i++)
		line[i] = line[i] == '\0'        ? ' ' :
		    (unsigned char)line[i] < ' ' ? '?' :
						   line[i];
	(void)dprintf(2, "warden: left behind: %ld (%.*s)\n", (long)pid,
	    (int)size, line);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

/* All children, until no more come up.  Without /proc we cannot tell which. */
static void
kill_children(const sigset_t *signals)
{
	DIR *list = opendir("/proc");
	const struct dirent *entry;
	int unseen = 0, status;
	pid_t none = 0;

	while (list && unseen < 50 && reap(&none, &status)) {
		unseen++;
		for (rewinddir(list); (entry = readdir(list)) != NULL;) {
			pid_t pid = atoi(entry->d_name);
			siginfo_t info = { 0 };

			/* fails if it is not our child */
			if (pid <= 0 ||
			    waitid(P_PID, (id_t)pid, &info,
				WEXITED | WNOHANG | WNOWAIT) == -1)
				continue;
			unseen = 0;
			if (info.si_pid == 0) /* has not ended */
				name_and_kill(pid);
		}
		if (unseen > 0)
			(void)wait_for(signals, 0.1);
	}
	if (list)
		(void)closedir(list);
	else
		(void)dprintf(2,
		    "warden: left behind: unknown, there is no /proc\n");
}

/* Whoever runs the tests, they start with every signal default and unblocked.
 */
static pid_t
start(char **argv)
{
	static char shell[] = "sh";
	pid_t script = fork();
	sigset_t none;
	int number;

	if (script != 0)
		return script;
	for (number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	argv[0] = shell;
	(void)execvp(shell, argv);
	(void)dprintf(2, "warden: %s: %s\n", shell, strerror(errno));
	_exit(127);
}

int
main(int argc, char **argv)
{
	static const int numbers[] = { SIGCHLD, SIGHUP, SIGINT, SIGTERM };
	const char *value = getenv("WARDEN_SECONDS");
	double limit = value && atof(value) > 0 ? atof(value) : 300,
	       deadline = now() + limit;
	int status = 0, ignored = 0, number = 0, i;
	bool grace = false, left;
	sigset_t signals;
	char self[24];
	pid_t script;

#if defined(__linux__)
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1L);
#endif
	(void)snprintf(self, sizeof(self), "%ld", (long)getpid());
	(void)setenv("WARDEN", self, 1);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigemptyset(&signals);
	for (i = 0; i < 4; i++)
		(void)sigaddset(&signals, numbers[i]);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	if (argc < 2 || (script = start(argv)) == -1) {
		(void)dprintf(2, "warden: %s\n",
		    argc < 2 ? "usage: warden SCRIPT" : strerror(errno));
		return 98;
	}
	while ((left = reap(&script, &status)) && now() < deadline) {
		if (!script && !grace) {
			grace = true;
			deadline = now() + 3;
		}
		number = wait_for(&signals, deadline - now());
		if (number > 0 && number != SIGCHLD)
			break;
	}
	if (!left)
		return status;
	if (number > 0 && number != SIGCHLD)
		status = 128 + number;
	else if (script)
		(void)dprintf(2, "warden: %s: killed after %g s\n", argv[1],
		    limit),
		    status = 96;
	else
		status = 97;
	if (script) {
		/* it may have to put back what it changed */
		(void)kill(script, SIGTERM);
		for (deadline = now() + 3; script && now() < deadline;) {
			(void)wait_for(&signals, deadline - now());
			(void)reap(&script, &ignored);
		}
	}
	if (script) {
		(void)kill(script, SIGKILL);
		(void)waitpid(script, NULL, 0);
	}
	kill_children(&signals);
	return status;
}
