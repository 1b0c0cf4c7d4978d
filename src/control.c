/* SPDX-License-Identifier: ISC */
/* Finds the daemon of a file, and asks, signals or stops it. */
#include "control.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "diag.h"
#include "exit.h"
#include "lock.h"
#include "path.h"

enum {
	MAX_LOOKS = 1000,    /* at a start that is under way */
	EXIT_TIME_MS = 100,  /* between the end of a lock and of its process */
	MAX_DIFFERENCE_S = 2 /* between the process's start and the pid file */
};

/* The daemon of a file. */
struct target {
	struct lock lock;
	pid_t pid;
	int pidfd;         /* see compat_pidfd_open() */
	char message[128]; /* what was found */
};

/* What one look at the lock and the pid file has shown. */
struct look {
	pid_t holder;     /* of the run lock, as lock_holder() says */
	pid_t named;      /* in the pid file; 0: none */
	bool is_starting; /* another start is under way */
	int error;        /* why there is no pidfd; 0: there is one */
};

/* Sets the message, in which %ld stands for the process id, and returns
 * status. */
static enum exit_status
found(struct target *t, enum exit_status status, const char *format)
{
	const char *prefix = "";
	size_t length;

	if (status == EXIT_UNKNOWN)
		prefix = "cannot tell: ";
	(void)strcpy(t->message, prefix);
	length = strlen(prefix);
	(void)snprintf(t->message + length, sizeof(t->message) - length, format,
	    (long)t->pid);
	return status;
}

static enum exit_status
found_running(struct target *t)
{
	return found(t, EXIT_STARTED, "running (pid %ld)");
}

static enum exit_status
found_not_running(struct target *t)
{
	if (t->lock.is_pidfile)
		return found(t, EXIT_DEAD, "not running");
	return found(t, EXIT_NOT_RUNNING, "not running");
}

/* Tells why the file could not be opened, right after that. */
static enum exit_status
found_no_file(struct target *t)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return found(t, EXIT_NOT_RUNNING, "not running");
	if (t->lock.lookup.refusal != NULL)
		return found(t, EXIT_UNKNOWN, t->lock.lookup.refusal);
	return found(t, EXIT_UNKNOWN, strerror(errno));
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

/* Returns true if the holder of the run lock is not the daemon that the pid
 * file names, or has no process id here. */
static bool
is_foreign(const struct target *t, const struct look *look)
{
	if (look->holder == 0)
		return false;
	if (look->holder == -1)
		return true;
	return t->lock.is_pidfile && look->holder != look->named;
}

/* Looks once, and sets the process and its pidfd. */
static struct look
look_once(struct target *t)
{
	struct look look = { .error = ESRCH };

	look.holder = lock_holder(&t->lock);
	/* Before the pid file, which has been written once this is over. */
	look.is_starting = lock_is_starting(&t->lock);
	if (t->lock.is_pidfile)
		look.named = lock_read_pid(&t->lock);

	t->pid = look.holder;
	if (look.holder == 0)
		t->pid = look.named;

	/* A file that names process 1 is believed only if that has the lock. */
	if (t->pidfd != -1)
		(void)close(t->pidfd);
	t->pidfd = -1;
	if (t->pid > 1 || look.holder == 1)
		look.error = open_pidfd(t);
	return look;
}

/* Returns true if the look may have seen two processes, or half of a start. */
static bool
is_passing(const struct target *t, const struct look *look)
{
	if (lock_holder(&t->lock) != look->holder)
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
	struct look look = look_once(t);

	for (int looks = 1; is_passing(t, &look); looks++) {
		if (looks > MAX_LOOKS && is_foreign(t, &look))
			break;
		if (look.is_starting)
			lock_pause();
		look = look_once(t);
	}
	return look;
}

/* Returns true if there is a process that we cannot get hold of. */
static bool
is_out_of_reach(const struct look *look)
{
	switch (look->error) {
	case 0:
	case ENOSYS:
		return false;
	case ESRCH:
		return look->holder != 0;
	default:
		return true;
	}
}

/* Returns true if the process was started when the pid file was written. */
static bool
started_with_file(const struct target *t)
{
	double difference;

	difference =
	    compat_process_started(t->pid) - (double)t->lock.st.st_mtime;
	return difference >= -MAX_DIFFERENCE_S &&
	    difference <= MAX_DIFFERENCE_S;
}

/* Judges the process that the pid file names, if nobody holds the run lock: the
 * daemon may have closed it, or may be about to end. */
static enum exit_status
judge_unlocked(struct target *t)
{
	if (compat_pidfd_wait(t->pidfd, t->pid, EXIT_TIME_MS))
		return found_not_running(t);
	if (!started_with_file(t))
		return found_not_running(t);
	if (!lock_is_trusted(&t->lock))
		return found(t, EXIT_UNKNOWN,
		    "not locked, and pid %ld may be any process");
	return found_running(t);
}

/* Finds the daemon.  Returns EXIT_STARTED if it is running, else the status
 * that says why it is not, or why that cannot be told. */
static enum exit_status
find_daemon(struct target *t)
{
	static const struct identity nobody;
	struct look look;

	if (lock_ask(&t->lock, &nobody) == -1)
		return found_no_file(t);

	look = look_at(t);
	if (is_foreign(t, &look))
		return found(t, EXIT_UNKNOWN,
		    "locked by pid %ld, which is not its daemon");
	if (is_out_of_reach(&look))
		return found(t, EXIT_UNKNOWN, "pid %ld is out of reach");
	if (look.error == ESRCH)
		return found_not_running(t);

	if (look.holder == 0)
		return judge_unlocked(t);
	if (compat_pidfd_wait(t->pidfd, t->pid, 0))
		return found_not_running(t);
	return found_running(t);
}

_Noreturn static void
die_not_signalled(const struct target *t, int error)
{
	die(EXIT_UNKNOWN, "%s: pid %ld: %s", t->lock.path, (long)t->pid,
	    strerror(error));
}

/* Sends a signal, but never to process 1: that would end a container.  Returns
 * false if the daemon has ended; exits if the signal is not permitted. */
static bool
send_signal(const struct target *t, int signo)
{
	if (t->pid <= 1)
		die_not_signalled(t, EPERM);
	if (compat_pidfd_signal(t->pidfd, t->pid, signo) == 0)
		return true;
	if (errno != ESRCH)
		die_not_signalled(t, errno);
	return false;
}

/* Waits for the daemon's end.  Returns true if it came in time. */
static bool
wait_for_end(const struct target *t, long milliseconds)
{
	return compat_pidfd_wait(t->pidfd, t->pid, milliseconds);
}

/* Carries out a schedule.  Returns true if the daemon has ended. */
static bool
run_schedule(const struct target *t, const struct step *step)
{
	const struct step *repeat_from = NULL;

	for (;; step++) {
		switch (step->kind) {
		case STEP_SIGNAL:
			if (!send_signal(t, (int)step->value))
				return true;
			break;
		case STEP_WAIT:
			if (wait_for_end(t, step->value))
				return true;
			break;
		case STEP_AGAIN:
			repeat_from = step;
			break;
		case STEP_END:
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
    const struct step *schedule)
{
	if (status == EXIT_STARTED && !run_schedule(t, schedule))
		die(EXIT_NOT_READY, "%s: pid %ld has not ended in time",
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

	status = find_daemon(&t);
	if (options->verb == VERB_STATUS)
		print_status(&t, status);
	if (status == EXIT_UNKNOWN)
		die(EXIT_UNKNOWN, "%s: %s", t.lock.path, t.message);
	if (options->verb == VERB_SIGNAL)
		return signal_daemon(&t, status, (int)options->schedule->value);
	return stop_daemon(&t, status, options->schedule);
}
