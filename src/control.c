#include "control.h"
#include "lock.h"
#include "say.h"

/* The daemon of a file. */
struct subject {
	struct lock lock;
	pid_t pid;
	int pin;        /* see compat_pin() */
	char text[128]; /* what there is to say of it */
};

/* Writes the text: format may have a %ld for the pid. */
static enum exit_status
tell(struct subject *s, enum exit_status status, const char *format)
{
	int length =
	    status == EXIT_UNKNOWN ? sprintf(s->text, "cannot tell: ") : 0;
	(void)snprintf(s->text + length, sizeof(s->text) - (size_t)length,
	    format, (long)s->pid);
	return status;
}

/* Finds the daemon and pins it: EXIT_STARTED if it runs, else why not. */
static enum exit_status
find(struct subject *s)
{
	bool trusted, starts,
	    other; /* the holder is not the file's daemon, or not yet */
	if (lock_ask(&s->lock, &trusted) == -1) {
		const char *why = s->lock.lookup.refusal ?
		    s->lock.lookup.refusal :
		    strerror(errno);
		bool gone = errno == ENOENT || errno == ENOTDIR;
		return tell(s, gone ? EXIT_NOT_RUNNING : EXIT_UNKNOWN,
		    gone ? "not running" : why);
	}
	int error, tries = 0;
	pid_t number, holder;
	do { /* asked again once it is pinned, so that the number is still its
		own */
		holder = lock_holder(&s->lock);
		starts = lock_starts(&s->lock,
		    tries++); /* if not, the number is there */
		number = s->lock.holds_number ? lock_number(&s->lock) : 0;
		s->pid = holder != 0 ? holder : number;
		errno = ESRCH;
		s->pin = s->pid > 1 || holder == 1 ? compat_pin(s->pid) : -1;
		error = s->pin == -1 ? errno : 0;
		other = holder < 0 ||
		    (holder > 0 && s->lock.holds_number && holder != number);
	} while (lock_holder(&s->lock) != holder || (other && starts));
	if (other)
		return tell(s, EXIT_UNKNOWN,
		    "locked by pid %ld, which is not its daemon");
	if (error != 0 && error != ENOSYS && (holder != 0 || error != ESRCH))
		return tell(s, EXIT_UNKNOWN, "pid %ld is out of reach");
	bool alive = error != ESRCH &&
	    !compat_await(s->pin, s->pid, holder == 0 ? 100 : 0);
	if (alive &&
	    holder == 0) { /* nor did it just drop the lock by ending */
		double late =
		    compat_started(s->pid) - (double)s->lock.file.st_mtime;
		alive = late >= -2 && late <= 2;
		if (alive && !trusted)
			return tell(s, EXIT_UNKNOWN,
			    "not locked, and pid %ld may be any process");
	}
	if (alive)
		return tell(s, EXIT_STARTED, "running (pid %ld)");
	return tell(s, s->lock.holds_number ? EXIT_DEAD : EXIT_NOT_RUNNING,
	    "not running");
}

/* Sends a signal; whether there was still somebody to send it to. */
static bool
send(const struct subject *s, long number)
{
	errno = EPERM; /* process 1 may be asked for, but not signalled */
	if (s->pid > 1 && compat_signal(s->pin, s->pid, (int)number) == 0)
		return true;
	if (errno != ESRCH)
		die(EXIT_UNKNOWN, "%s: pid %ld: %s", s->lock.path, (long)s->pid,
		    strerror(errno));
	return false;
}

/* Carries out a schedule; whether the daemon has ended. */
static bool
stop(const struct subject *s, const struct act *act)
{
	const struct act *again = NULL;
	for (;; act++) {
		if (act->kind == ACT_END && again)
			act = again;
		if (act->kind == ACT_END)
			return compat_await(s->pin, s->pid, 0);
		if (act->kind == ACT_AGAIN)
			again = act;
		if (act->kind == ACT_SIGNAL && !send(s, act->value))
			return true;
		if (act->kind == ACT_WAIT &&
		    compat_await(s->pin, s->pid, act->value))
			return true;
	}
}

int
control(const struct options *o)
{
	const char *path = path_absolute(o->pidfile ? o->pidfile : o->lockfile);
	struct subject s = { .lock = { .path = path,
				 .holds_number = o->pidfile != NULL } };
	enum exit_status status = find(&s);
	if (o->verb == VERB_STATUS) {
		print("%s\n", s.text);
		finish_output((int)status);
	}
	if (status == EXIT_UNKNOWN)
		die(EXIT_UNKNOWN, "%s: %s", path, s.text);
	if (o->verb == VERB_SIGNAL) {
		if (status == EXIT_STARTED && send(&s, o->schedule->value))
			return EXIT_STARTED;
		die(EXIT_NOT_RUNNING, "%s: not running", path);
	}
	if (status == EXIT_STARTED && !stop(&s, o->schedule))
		die(EXIT_NOT_READY, "%s: pid %ld has not ended in time", path,
		    (long)s.pid);
	if (s.lock.holds_number && status != EXIT_NOT_RUNNING)
		lock_remove(&s.lock);
	return EXIT_STARTED;
}
