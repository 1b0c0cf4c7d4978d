/* SPDX-License-Identifier: ISC */
/* Finds the daemon of a file, and asks, signals or stops it. */
#include "control.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "compat.h"
#include "diag.h"
#include "exit.h"
#include "identity.h"
#include "lock.h"
#include "options.h"
#include "path.h"
#include "schedule.h"

enum {
	LOOK_TIME_MS = 10000, /* at a start that is under way, or a process that
				 is seen to be ending */
	EXIT_TIME_MS = 100    /* from when /proc stops to show a process's lock,
				 or it loses it, until it has ended */
};

/* The daemon of a file. */
struct target {
	struct lock lock;
	struct identity user; /* of -u */
	pid_t pid;
	int pidfd;          /* see compat_pidfd_open() */
	long long deadline; /* of the looks, by clock_now() */
	char message[128];  /* what was found */
};

/* What one look at the lock and the pid file has shown. */
struct look {
	pid_t holder;       /* of the run lock, as lock_find_holder() says */
	int question_error; /* why that cannot be found out; 0: it can */
	pid_t named;        /* in the pid file; 0: none */
	bool is_starting;   /* another start is under way */
	int pidfd_error;    /* why there is no pidfd; 0: there is one */
	bool has_ended;     /* the process of the pidfd */
	enum claim claim;   /* the holder's */
};

/* Sets the message, and returns status. */
PRINTF_LIKE(3, 4)
static enum exit_status
found(struct target *t, enum exit_status status, const char *format, ...)
{
	const char *prefix = "";
	va_list arguments;
	size_t length;

	if (status == EXIT_UNKNOWN)
		prefix = "cannot tell: ";
	(void)strcpy(t->message, prefix);
	length = strlen(prefix);
	va_start(arguments, format);
	(void)vsnprintf(t->message + length, sizeof(t->message) - length,
	    format, arguments);
	va_end(arguments);
	return status;
}

static enum exit_status
found_running(struct target *t)
{
	return found(t, EXIT_STARTED, "running (pid %ld)", (long)t->pid);
}

static enum exit_status
found_not_running(struct target *t)
{
	if (t->lock.is_pidfile)
		return found(t, EXIT_DEAD, "not running");
	return found(t, EXIT_NOT_RUNNING, "not running");
}

/* Tells by errno why the file could not be opened. */
static enum exit_status
found_no_file(struct target *t)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return found(t, EXIT_NOT_RUNNING, "not running");
	if (t->lock.lookup.refusal != NULL)
		return found(t, EXIT_UNKNOWN, "%s", t->lock.lookup.refusal);
	return found(t, EXIT_UNKNOWN, "%s", strerror(errno));
}

/* Tells that the kernel does not say who holds the run lock. */
static enum exit_status
found_no_answer(struct target *t, int error)
{
	return found(t, EXIT_UNKNOWN, "its lock: %s", strerror(error));
}

/* Opens a pidfd for t->pid.  Returns 0, or errno. */
static int
open_pidfd(struct target *t)
{
	t->pidfd = compat_pidfd_open(t->pid);
	if (t->pidfd == -1)
		return errno;
	return 0;
}

/* Returns true if the file, unless it is one of -l, names the holder. */
static bool
is_named(const struct target *t, const struct look *look)
{
	return !t->lock.is_pidfile || look->holder == look->named;
}

/* Returns true if the holder of the run lock is not the file's daemon, or not
 * yet. */
static bool
is_foreign(const struct target *t, const struct look *look)
{
	if (look->holder == LOCK_HOLDER_NOBODY)
		return false;
	if (look->holder < 0)
		return true;
	if (!is_named(t, look))
		return true;
	return look->claim != CLAIM_PROVED;
}

/* Returns true if the process has ended, or does so in the time that it takes a
 * process to end. */
static bool
wait_if_ending(const struct target *t)
{
	long long left;

	if (compat_pidfd_wait(t->pidfd, t->pid, EXIT_TIME_MS))
		return true;
	left = t->deadline - clock_now();
	if (left <= 0 || compat_is_ending(t->pid) != COMPAT_YES)
		return false;
	return compat_pidfd_wait(t->pidfd, t->pid, (long)left);
}

/* Looks once, and sets the process and its pidfd. */
static struct look
look_once(struct target *t)
{
	struct look look = { .pidfd_error = ESRCH };

	if (lock_find_holder(&t->lock, &look.holder) == -1)
		look.question_error = errno;
	/* Before the pid file, which has been written once this is over. */
	look.is_starting = lock_is_starting(&t->lock);
	if (t->lock.is_pidfile)
		look.named = lock_read_pid(&t->lock);

	t->pid = look.holder;
	if (look.holder == LOCK_HOLDER_NOBODY)
		t->pid = look.named;

	/* A file that names process 1 is believed only if that has the lock. */
	if (t->pidfd != -1)
		(void)close(t->pidfd);
	t->pidfd = -1;
	if (t->pid > 1 || look.holder == 1)
		look.pidfd_error = open_pidfd(t);
	if (look.holder <= 0)
		return look;

	look.claim = lock_claim_of_holder(&t->lock, look.holder);
	if (look.pidfd_error == ESRCH)
		return look;
	if (look.claim == CLAIM_PROVED)
		look.has_ended = compat_pidfd_wait(t->pidfd, t->pid, 0);
	else
		look.has_ended = wait_if_ending(t);
	return look;
}

/* Returns true if the look may have seen two processes, or half of a start, so
 * that another look is needed. */
static bool
is_passing(const struct target *t, const struct look *look)
{
	pid_t holder;

	if (look->question_error != 0)
		return false;
	if (lock_find_holder(&t->lock, &holder) == 0 && holder != look->holder)
		return true;
	return look->is_starting && is_foreign(t, look);
}

/*
 * Looks until what it sees is one process: a number may become another
 * process's until we have a pidfd, so the holder of the lock is asked for again
 * afterwards; and a daemon has the lock before the file names it.
 */
static struct look
look_at(struct target *t)
{
	struct look look;

	t->deadline = clock_now() + LOOK_TIME_MS;
	look = look_once(t);
	while (is_passing(t, &look)) {
		if (clock_now() > t->deadline && is_foreign(t, &look))
			break;
		if (look.is_starting)
			lock_pause();
		look = look_once(t);
	}
	return look;
}

/* Tells about a lock whose holder has no process id here. */
static enum exit_status
found_no_process(struct target *t, pid_t holder)
{
	char text[LOCK_HOLDER_SIZE];

	return found(t, EXIT_UNKNOWN, "locked by %s",
	    lock_describe_holder(text, holder));
}

/* Judges the process that holds the run lock. */
static enum exit_status
judge_holder(struct target *t, const struct look *look)
{
	/* Who shared its descriptors holds the lock under its number. */
	if (look->pidfd_error == ESRCH || look->has_ended)
		return found(t, EXIT_UNKNOWN,
		    "locked by pid %ld, which does not exist", (long)t->pid);
	if (is_foreign(t, look)) {
		if (look->claim == CLAIM_OPEN && is_named(t, look))
			return found(t, EXIT_UNKNOWN,
			    "locked by pid %ld, which may be any process",
			    (long)t->pid);
		return found(t, EXIT_UNKNOWN,
		    "locked by pid %ld, which is not its daemon", (long)t->pid);
	}
	if (look->pidfd_error != 0 && look->pidfd_error != ENOSYS)
		return found(t, EXIT_UNKNOWN, "pid %ld is out of reach",
		    (long)t->pid);
	return found_running(t);
}

/* Judges a file whose run lock nobody holds, and that names no living process:
 * another file may have been named by mistake. */
static enum exit_status
judge_contents(struct target *t)
{
	switch (lock_ask_contents(&t->lock)) {
	case -1:
		return found(t, EXIT_UNKNOWN, "%s", strerror(errno));
	case 0:
		return found(t, EXIT_UNKNOWN, "not a pid file");
	default:
		return found_not_running(t);
	}
}

/* Judges the process that the pid file names, if nobody holds the run lock: the
 * daemon may have closed it, or may be about to end. */
static enum exit_status
judge_named(struct target *t, const struct look *look)
{
	if (look->pidfd_error == ESRCH)
		return judge_contents(t);
	if (look->pidfd_error != 0 && look->pidfd_error != ENOSYS)
		return found(t, EXIT_UNKNOWN, "pid %ld is out of reach",
		    (long)t->pid);
	if (wait_if_ending(t))
		return found_not_running(t);

	switch (lock_claim_of_named(&t->lock, t->pid)) {
	case CLAIM_PROVED:
		return found_running(t);
	case CLAIM_REFUTED:
		return found_not_running(t);
	case CLAIM_OPEN:
		break;
	}
	return found(t, EXIT_UNKNOWN,
	    "not locked, and pid %ld may be any process", (long)t->pid);
}

/* Finds the daemon.  Returns EXIT_STARTED if it is running, else the status
 * that says why it is not, or why that cannot be told. */
static enum exit_status
find_daemon(struct target *t)
{
	struct look look;

	if (lock_ask(&t->lock, &t->user) == -1)
		return found_no_file(t);

	look = look_at(t);
	if (look.question_error != 0)
		return found_no_answer(t, look.question_error);
	if (look.holder < 0)
		return found_no_process(t, look.holder);
	if (look.holder == LOCK_HOLDER_NOBODY)
		return judge_named(t, &look);
	return judge_holder(t, &look);
}

_Noreturn static void
die_not_signalled(const struct target *t, int error)
{
	die(EXIT_UNKNOWN, "%s: pid %ld: %s", t->lock.path, (long)t->pid,
	    strerror(error));
}

/* Sends a signal, but never to process 1: that would end a container.  0
 * only asks whether it could be sent.  Returns false if the daemon has ended;
 * exits if the signal is not permitted. */
static bool
send_signal(const struct target *t, int signo)
{
	if (t->pid <= 1 && signo != 0)
		die_not_signalled(t, EPERM);
	if (compat_pidfd_signal(t->pidfd, t->pid, signo) == 0)
		return true;
	if (errno != ESRCH)
		die_not_signalled(t, errno);
	return false;
}

/* Sends a signal of a schedule, and CONT after TERM, so that a stopped process
 * hears it.  Returns false if the daemon has ended. */
static bool
send_step(const struct target *t, int signo)
{
	if (!send_signal(t, signo))
		return false;
	return signo != SIGTERM || send_signal(t, SIGCONT);
}

/* Waits for the daemon's end.  Returns true if it came in time. */
static bool
wait_for_end(const struct target *t, long milliseconds)
{
	return compat_pidfd_wait(t->pidfd, t->pid, milliseconds);
}

/* Carries out a schedule.  Returns true if the daemon has ended. */
static bool
run_schedule(const struct target *t, const struct schedule_step *step)
{
	const struct schedule_step *repeat_from = NULL;

	for (;; step++) {
		switch (step->kind) {
		case SCHEDULE_SIGNAL:
			if (!send_step(t, (int)step->value))
				return true;
			break;
		case SCHEDULE_WAIT:
			if (wait_for_end(t, step->value))
				return true;
			break;
		case SCHEDULE_REPEAT:
			repeat_from = step;
			break;
		case SCHEDULE_END:
			if (repeat_from == NULL)
				return wait_for_end(t, 0);
			step = repeat_from;
			break;
		}
	}
}

_Noreturn static void
print_status(const struct target *t, enum exit_status status)
{
	print("%s\n", t->message);
	exit_flushed((int)status);
}

static int
signal_daemon(const struct target *t, enum exit_status status, int signo)
{
	if (status == EXIT_STARTED && send_signal(t, signo))
		return EXIT_STARTED;
	die(EXIT_NOT_RUNNING, "%s: not running", t->lock.path);
}

static int
stop_daemon(struct target *t, enum exit_status status,
    const struct schedule_step *schedule)
{
	if (status == EXIT_STARTED && !run_schedule(t, schedule))
		die(EXIT_NOT_READY,
		    "%s: pid %ld is still running after the timeout",
		    t->lock.path, (long)t->pid);
	if (t->lock.is_pidfile && status != EXIT_NOT_RUNNING)
		lock_remove(&t->lock);
	return EXIT_STARTED;
}

int
control(const struct options *options)
{
	struct target t = { .pidfd = -1 };
	enum exit_status status;

	t.lock.is_pidfile = options->pidfile != NULL;
	t.lock.path = path_absolute(
	    t.lock.is_pidfile ? options->pidfile : options->lockfile);

	if (options->user != NULL)
		identity_find(&t.user, options->user);

	status = find_daemon(&t);
	if (options->verb == VERB_STATUS)
		print_status(&t, status);
	if (status == EXIT_UNKNOWN)
		die(EXIT_UNKNOWN, "%s: %s", t.lock.path, t.message);
	if (options->verb == VERB_SIGNAL)
		return signal_daemon(&t, status, options->signo);
	return stop_daemon(&t, status, options->schedule);
}
