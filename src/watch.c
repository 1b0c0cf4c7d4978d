#include "watch.h"
#include "become.h"
#include "diag.h"
#include "signals.h"
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>

enum event {
	TIMED_OUT,
	TOLD,
	ENDED,
	SIGNALLED,
	LOST,
	PASSED
};

/* A clock that nobody sets, in milliseconds. */
static long long
now(void)
{
	struct timespec time = { 0 };
	(void)clock_gettime(CLOCK_MONOTONIC,
	    &time); /* cannot fail: the clock exists */
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/* Waits until one of the two can be read (ready may be -1), the time is over,
 * or a signal comes. */
static enum event
await(int leash, int ready, long long deadline)
{
	for (;;) {
		long long left = deadline > now() ? deadline - now() : 0;
		struct timespec limit = { (time_t)(left / 1000),
			(long)(left % 1000) * 1000000 };
		sigset_t mask = signals_watching();
		fd_set set;
		FD_ZERO(&set);
		FD_SET((unsigned)leash, &set);
		if (ready != -1)
			FD_SET((unsigned)ready, &set);
		int count = pselect((leash > ready ? leash : ready) + 1, &set,
		    NULL, NULL, &limit, &mask);
		if (signals_caught())
			return SIGNALLED;
		if (count == 0)
			return TIMED_OUT;
		if (count == -1 && errno != EINTR)
			return LOST;
		if (count > 0)
			return ready != -1 && FD_ISSET((unsigned)ready, &set) ?
			    TOLD :
			    ENDED;
	}
}

bool
end_command(pid_t middle, pid_t daemon, int number)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	pid_t own = daemon > 0 && getpgid(daemon) == daemon ? daemon : middle;
	for (int tries = number == SIGKILL ? 500 : 0; tries < 600; tries++) {
		if (tries == 0 || tries == 500) {
			(void)kill(-middle,
			    tries == 0 ? number :
					 SIGKILL); /* if any are left */
			(void)kill(-own, tries == 0 ? number : SIGKILL);
		}
		(void)waitpid(middle, NULL,
		    WNOHANG); /* ends when the daemon has */
		bool gone = kill(-middle, 0) == -1 && errno == ESRCH;
		if (gone && kill(-own, 0) == -1 && errno == ESRCH)
			return true;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

/* How much this run wrote to a log that can be read, in bytes. */
static off_t
written(const struct stream *log)
{
	struct stat status;
	if (log->reader == -1 || fstat(log->reader, &status) == -1)
		return 0;
	return status.st_size - log->begin;
}

/* Shows what this run wrote at the end of a log: at most 10 lines, and 2 KiB.
 */
static void
show_end(const struct stream *log)
{
	char text[2048 + 1], *end, *line;
	off_t size = written(log), cut = size > 2048 ? size - 2048 : 0;
	ssize_t length =
	    size > 0 ? pread(log->reader, text, 2048, log->begin + cut) : 0;
	if (length > 0 && text[length - 1] == '\n')
		length--;
	if (length <= 0)
		return;
	for (end = text; end < text + length; end++) {
		if (*end == '\0')
			*end = '?';
	}
	*end = '\0';
	line = end;
	for (int lines = 0; line > text && (line[-1] != '\n' || ++lines < 10);)
		line--;
	if (line == text && cut > 0 && strchr(text, '\n'))
		line = strchr(text, '\n') + 1; /* not half a line */
	for (int width; line <= end; line += width + 1) {
		width = (int)strcspn(line, "\n");
		warn_quoted("%.*s", width, line);
	}
}

/* Says what became of the command, how long after the exec, and what its log
 * says. */
static void
explain(const struct plan *plan, long long after, const char *what,
    const char *more)
{
	const struct stream *log = &plan->stream[2];
	if (written(log) <= 0 && written(&plan->stream[1]) > 0)
		log = &plan->stream[1];
	bool named = log->fd != -1 && strcmp(log->path, "/dev/null") != 0;
	warn("%s: %s after %.2f s%s%s%s", plan->path, what,
	    (double)after / 1000, more, named ? ", see " : "",
	    named ? log->path : "");
	show_end(log);
}

/* Waits until the command says that it is ready (PASSED), or that becomes
 * impossible. */
static enum event
await_ready(const struct plan *plan, int leash, struct news *news)
{
	const long long begin = now();
	long long deadline = begin + plan->timeout;
	for (;;) {
		char before[sizeof(news->text)];
		enum event event = await(leash, plan->ready.fd, deadline);
		if (event != TOLD)
			return event;
		(void)strcpy(before, news->text);
		enum answer answer = ready_read(&plan->ready, news);
		if (plan->verbose && strcmp(before, news->text) != 0)
			warn("%s: %s", plan->path, news->text);
		if (now() + news->extension > deadline)
			deadline = now() + news->extension;
		if (answer == CLOSED || news->error > 0) {
			/* it may be about to end with a status of its own */
			event = await(leash, -1, now() + 1000);
			return event == TIMED_OUT ? TOLD : event;
		}
		if (answer == READY && plan->verbose)
			warn("%s: ready after %.2f s", plan->path,
			    (double)(now() - begin) / 1000);
		if (answer == READY)
			return PASSED;
	}
}

void
watch(const struct plan *plan, int leash, pid_t middle, pid_t daemon)
{
	const long long begin = now();
	struct news news = { .error = 0 };
	struct report end;
	char what[64] = "not ready", more[300] = "";
	int status = EXIT_NOT_READY;
	enum event event =
	    plan->ready.fd == -1 ? PASSED : await_ready(plan, leash, &news);
	bool ready = event == PASSED;
	const long long end_of_watch = now() + plan->watch;
	/* a socket that nobody reads would hold up the command */
	int socket = plan->ready.number == 0 ? plan->ready.fd : -1;
	while (ready && plan->watch != -1 &&
	    (event = await(leash, socket, end_of_watch)) == TOLD)
		(void)ready_read(&plan->ready, &news);
	if (ready && (event == PASSED || event == TIMED_OUT)) {
		for (int i = 0; i < plan->locks; i++) {
			/* not if it just ends, as it now may */
			if (lock_holder(&plan->lock[i]) == 0 &&
			    await(leash, -1, now() + 100) == TIMED_OUT)
				warn("%s: no longer locked by the command",
				    plan->lock[i].path);
		}
		(void)close(leash); /* ends the middle; nothing was written */
		(void)waitpid(middle, NULL, 0);
		return;
	}
	const long long after = now() - begin;
	if (event == ENDED && !report_receive(leash, &end))
		event = LOST;
	if (event == LOST) {
		status = EXIT_FAILED;
		(void)strcpy(what, "lost sight of");
	} else if (event == ENDED) {
		bool exited = end.error == CLD_EXITED;
		(void)snprintf(what, sizeof(what),
		    exited ? "ended with status %d" : "ended by signal %d (%s)",
		    end.detail, strsignal(end.detail));
		status = exited ? end.detail : 128 + end.detail;
		if (status == EXIT_STARTED)
			(void)strcpy(more,
			    ready ? "; if it forked, that went its own way" :
				    ", before it was ready");
		if (status == EXIT_STARTED && !ready)
			status = EXIT_NOT_READY;
	} else if (news.error > 0) {
		(void)snprintf(more, sizeof(more), ": %s",
		    strerror(news.error));
	} else if (event == TOLD) {
		(void)snprintf(more, sizeof(more), ": it closed descriptor %d",
		    plan->ready.number);
	} else if (*news.text) {
		(void)snprintf(more, sizeof(more), " (it says: %s)", news.text);
	}
	if (status == EXIT_STARTED) {
		(void)waitpid(middle, NULL, 0);
	} else if (!end_command(middle, event == ENDED ? -1 : daemon,
		       SIGTERM) &&
	    plan->locks > 0 && lock_holder(&plan->lock[0]) != 0) {
		warn("%s: cannot be ended", plan->path);
	}
	lock_remove_unfinished();
	if (event == SIGNALLED)
		signals_end();
	explain(plan, after, what, more);
	exit(status);
}
