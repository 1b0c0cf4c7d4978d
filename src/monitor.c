/* SPDX-License-Identifier: ISC */
#include "monitor.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>

#include "child.h"
#include "clock.h"
#include "compat.h"
#include "diag.h"
#include "exit.h"
#include "group.h"
#include "keeper.h"
#include "lock.h"
#include "logtail.h"
#include "message.h"
#include "plan.h"
#include "ready.h"
#include "signals.h"
#include "streams.h"

enum {
	CLOSING_TIME_MS =
	    1000,             /* for a command that has closed its descriptor */
	ENDING_TIME_MS = 100, /* for one that no longer holds its lock */
	MOST_READS = 1000     /* of what a command said before it ended */
};

/* What the launcher waits for. */
enum event {
	EVENT_PASSED, /* the command is ready, or has outlived the watch */
	EVENT_TIMED_OUT,
	EVENT_READABLE, /* the command's readiness can be read */
	EVENT_CLOSED,   /* nobody can say that it is ready any more */
	EVENT_ENDED,    /* it has ended, or the intermediate process has */
	EVENT_SIGNAL,   /* one that ends us */
	EVENT_LOST      /* we cannot wait any more */
};

/* A watch, as far as it has come. */
struct watch {
	const struct plan *plan;
	struct group *group;
	long long begin; /* of the whole, by clock_now() */
	bool was_ready;
	bool has_refused; /* has said so of a stranger's READY=1 */
	struct notification said;
};

/* How a watched start has failed. */
struct outcome {
	int status;                /* our exit status */
	const char *object;        /* the command, or a logger */
	char what[CHILD_END_SIZE]; /* what became of it */
	char more[300];            /* a clause after that, or empty */
};

/* ---- in the intermediate process ---- */

enum {
	NOBODY = -1
};

/* Asks for a child's end.  Returns 0 with *end filled if it has ended and
 * otherwise zero, or -1. */
static int
ask_end(pid_t child, siginfo_t *end)
{
	const int how = WEXITED | WNOHANG | WNOWAIT;
	int result;

	*end = (siginfo_t){ 0 };
	do
		result = waitid(P_PID, (id_t)child, end, how);
	while (result == -1 && errno == EINTR);
	return result;
}

/* Returns true if a child was ended by SIGPIPE. */
static bool
is_pipe_signal(const siginfo_t *end)
{
	return end->si_code != CLD_EXITED && end->si_status == SIGPIPE;
}

/* Returns the first child that has ended, with *end filled, or NOBODY. */
static int
find_ended(const pid_t *children, int count, siginfo_t *end)
{
	for (int i = 0; i < count; i++) {
		if (children[i] == 0)
			continue;
		if (ask_end(children[i], end) == 0 && end->si_pid != 0)
			return i;
	}
	return NOBODY;
}

/*
 * Waits until the launcher closes its end of the channel, a child ends, or the
 * time is over, which may be NULL.  Returns the child with *end filled, or
 * NOBODY.
 */
static int
await_end(int channel, const pid_t *children, int count,
    const struct timespec *limit, siginfo_t *end)
{
	const sigset_t mask = signals_intermediate_mask();
	fd_set set;
	int ready;

	for (;;) {
		/* SIGCHLD comes only during the pselect(). */
		int child = find_ended(children, count, end);

		if (child != NOBODY)
			return child;
		FD_ZERO(&set);
		FD_SET((unsigned)channel, &set);
		ready = pselect(channel + 1, &set, NULL, NULL, limit, &mask);
		if (ready != -1 || errno != EINTR)
			return NOBODY;
		keeper_pass_signals(children[0]);
	}
}

/* For an end that is to follow another at once. */
static const struct timespec following = { .tv_nsec = 100000000 };

/*
 * The end of the command is the end of what the loggers read, and one of them
 * may be the first to be seen: waits for the command a little, unless it has
 * not begun to end.  Returns true with *end filled if it has ended, but not
 * because its logger had.
 */
static bool
await_command_end(int channel, pid_t command, siginfo_t *end)
{
	siginfo_t command_end;

	if (compat_is_ending(command) == COMPAT_NO)
		return false;
	if (await_end(channel, &command, 1, &following, &command_end) == NOBODY)
		return false;
	if (is_pipe_signal(&command_end))
		return false;
	*end = command_end;
	return true;
}

/* The end of a logger may be that of the command, by SIGPIPE: waits for a
 * logger a little.  Returns the one that has ended, with *end filled, or
 * NOBODY. */
static int
find_ended_logger(int channel, const pid_t *children, int count, siginfo_t *end)
{
	pid_t loggers[PLAN_CHILDREN] = { 0 };

	for (int i = 1; i < count; i++)
		loggers[i] = children[i];
	return await_end(channel, loggers, count, &following, end);
}

/* Returns the child because of whose end another one has ended, or that one,
 * with *end filled. */
static int
find_cause(int channel, const pid_t *children, int count, int child,
    siginfo_t *end)
{
	siginfo_t logger_end;
	int logger = NOBODY;

	if (child != 0) {
		if (children[0] != 0 &&
		    await_command_end(channel, children[0], end))
			return 0;
		return child;
	}
	if (count > 1 && is_pipe_signal(end))
		logger =
		    find_ended_logger(channel, children, count, &logger_end);
	if (logger == NOBODY)
		return child;
	*end = logger_end;
	return logger;
}

bool
monitor_stay(int channel, const pid_t *children, int count)
{
	struct message message = { .type = MESSAGE_ENDED };
	pid_t awaited[PLAN_CHILDREN] = { 0 };
	siginfo_t end;
	bool stands;

	for (int i = 0; i < count; i++)
		awaited[i] = children[i];

	for (;;) {
		int child = await_end(channel, awaited, count, NULL, &end);

		if (child == NOBODY)
			break;
		child = find_cause(channel, awaited, count, child, &end);
		awaited[child] = 0;
		message.child = child;
		message.end.code = end.si_code;
		message.end.status = end.si_status;
		if (message_send(channel, &message) == -1)
			break;
	}

	/* If the launcher has been killed, the start stands while the command
	 * runs; its end may not have come to us yet. */
	if (awaited[0] != 0 && find_ended(awaited, 1, &end) == 0)
		awaited[0] = 0;
	stands = awaited[0] != 0;
	if (message_receive(channel, &message) == 1)
		stands = message.type == MESSAGE_STANDS;
	/* The command's number stays its own as long as we are here.  Who
	 * adopts it may be slow to reap it, or never do so. */
	if (!stands)
		(void)waitpid(children[0], NULL, WNOHANG);
	return stands;
}

/* ---- in the launcher ---- */

/*
 * Waits for an event: TIMED_OUT, READABLE if ready_fd is not -1, ENDED, SIGNAL
 * or LOST.  The command's end comes before what it has said.
 */
static enum event
await(const struct watch *watch, int ready_fd, long long deadline)
{
	const int channel = watch->group->channel;
	const int highest = channel > ready_fd ? channel : ready_fd;
	const sigset_t mask = signals_launcher_mask();

	for (;;) {
		long long left = deadline - clock_now();
		struct timespec limit = { 0 };
		fd_set set;
		int ready;

		if (left > 0) {
			limit.tv_sec = (time_t)(left / 1000);
			limit.tv_nsec = (long)(left % 1000) * 1000000;
		}
		FD_ZERO(&set);
		FD_SET((unsigned)channel, &set);
		if (ready_fd != -1)
			FD_SET((unsigned)ready_fd, &set);
		ready = pselect(highest + 1, &set, NULL, NULL, &limit, &mask);

		if (signals_caught() != 0)
			return EVENT_SIGNAL;
		if (ready > 0 && FD_ISSET((unsigned)channel, &set))
			return EVENT_ENDED;
		if (ready > 0)
			return EVENT_READABLE;
		if (ready == -1 && errno != EINTR)
			return EVENT_LOST;

		/* SIGCHLD: the intermediate process may have been stopped. */
		group_wake_intermediate(watch->group);
		if (ready == 0 || left <= 0)
			return EVENT_TIMED_OUT;
	}
}

/* Says whose READY=1 was not accepted, but only the first time. */
static void
tell_refused(struct watch *watch)
{
	const struct notify_sender *sender = &watch->said.refused;
	const struct passwd *entry;

	if (watch->has_refused)
		return;
	watch->has_refused = true;

	entry = getpwuid(sender->uid);
	if (entry != NULL)
		warn("%s: READY=1 from pid %ld, user %s, not accepted",
		    watch->plan->command.path, (long)sender->pid,
		    entry->pw_name);
	else
		warn("%s: READY=1 from pid %ld, user %lu, not accepted",
		    watch->plan->command.path, (long)sender->pid,
		    (unsigned long)sender->uid);
}

/* Reads what the command said, once, and says it with -v. */
static enum readiness
hear(struct watch *watch)
{
	const struct plan *plan = watch->plan;
	char before[sizeof(watch->said.status)];
	enum readiness readiness;

	(void)strcpy(before, watch->said.status);
	readiness =
	    ready_read(&plan->ready, watch->group->command, &watch->said);
	if (readiness == READINESS_REFUSED)
		tell_refused(watch);
	if (plan->verbose && strcmp(before, watch->said.status) != 0)
		warn("%s: %s", plan->command.path, watch->said.status);
	if (plan->verbose && readiness == READINESS_READY)
		warn("%s: ready after %.2f s", plan->command.path,
		    (double)(clock_now() - watch->begin) / 1000);
	return readiness;
}

/* Returns true if the command, which has ended, had said it was ready. */
static bool
had_said_ready(struct watch *watch)
{
	/* Others may write to the same socket without end. */
	for (int reads = 0; reads < MOST_READS; reads++) {
		switch (hear(watch)) {
		case READINESS_READY:
			return true;
		case READINESS_NOT_YET:
		case READINESS_REFUSED:
			break;
		default:
			return false;
		}
	}
	return false;
}

static long long
earlier(long long one, long long other)
{
	return one < other ? one : other;
}

/* A command that cannot become ready may be about to end by itself. */
static enum event
await_closing(const struct watch *watch, long long deadline)
{
	enum event event;

	event =
	    await(watch, -1, earlier(clock_now() + CLOSING_TIME_MS, deadline));
	return event == EVENT_TIMED_OUT ? EVENT_CLOSED : event;
}

/* Waits until the command says that it is ready, or that is impossible. */
static enum event
await_ready(struct watch *watch)
{
	long long deadline = watch->begin + watch->plan->timeout;
	enum event event;

	for (;;) {
		enum readiness readiness;

		event = await(watch, watch->plan->ready.fd, deadline);
		if (event == EVENT_ENDED && had_said_ready(watch))
			return EVENT_PASSED;
		if (event != EVENT_READABLE)
			return event;

		readiness = hear(watch);
		if (readiness == READINESS_READY)
			return EVENT_PASSED;
		if (clock_now() + watch->said.extension > deadline)
			deadline = clock_now() + watch->said.extension;
		if (readiness == READINESS_CLOSED || watch->said.error > 0)
			return await_closing(watch, deadline);

		/* What can always be read must not keep us. */
		if (clock_now() >= deadline)
			return EVENT_TIMED_OUT;
	}
}

/* Waits out the time of -w.  PASSED: the command is still running. */
static enum event
await_watch(struct watch *watch)
{
	const struct plan *plan = watch->plan;
	const long long deadline = clock_now() + plan->watch;
	/* A socket that nobody reads would block the command. */
	const int socket_fd = plan->ready.target == 0 ? plan->ready.fd : -1;
	enum event event;

	if (plan->watch == -1)
		return EVENT_PASSED;

	do {
		event = await(watch, socket_fd, deadline);
		if (event == EVENT_READABLE)
			(void)ready_read(&plan->ready, watch->group->command,
			    &watch->said);
	} while (event == EVENT_READABLE && clock_now() < deadline);

	if (event == EVENT_TIMED_OUT || event == EVENT_READABLE)
		return EVENT_PASSED;
	return event;
}

/*
 * Warns of each lock that the command no longer holds, unless it has just
 * ended: it has outlived the watch, so that is no failure.  Returns PASSED, or
 * SIGNAL.
 */
static enum event
check_locks(const struct watch *watch)
{
	const struct plan *plan = watch->plan;

	for (int i = 0; i < plan->lock_count; i++) {
		enum event event;

		if (lock_holder(&plan->lock[i]) != LOCK_HOLDER_NOBODY)
			continue;
		event = await(watch, -1, clock_now() + ENDING_TIME_MS);
		if (event == EVENT_SIGNAL)
			return event;
		if (event == EVENT_TIMED_OUT)
			warn("%s: no longer locked by the command",
			    plan->lock[i].path);
	}
	return EVENT_PASSED;
}

/* Fills outcome for a command that has ended. */
static void
describe_end(struct outcome *outcome, const struct message *message,
    bool was_ready)
{
	outcome->status = message->end.status;
	if (message->end.code != CLD_EXITED)
		outcome->status += 128;
	if (outcome->status != 0)
		return;
	if (was_ready) {
		(void)strcpy(outcome->more,
		    "; it may have put itself into the background");
	} else {
		outcome->status = EXIT_NOT_READY;
		(void)strcpy(outcome->more, ", before it was ready");
	}
}

/* Fills outcome for a command that is running, but not ready. */
static void
describe_not_ready(struct outcome *outcome, const struct watch *watch,
    enum event event)
{
	const struct notification *said = &watch->said;

	outcome->status = EXIT_NOT_READY;
	(void)strcpy(outcome->what, "not ready");
	if (said->error > 0)
		(void)snprintf(outcome->more, sizeof(outcome->more), ": %s",
		    strerror(said->error));
	else if (event == EVENT_CLOSED)
		(void)snprintf(outcome->more, sizeof(outcome->more),
		    ": it closed descriptor %d", watch->plan->ready.target);
	else if (said->status[0] != '\0')
		(void)snprintf(outcome->more, sizeof(outcome->more),
		    " (it says: %s)", said->status);
}

/* Fills outcome for the event that has ended the watch. */
static void
describe(struct outcome *outcome, const struct watch *watch, enum event event)
{
	struct group *group = watch->group;
	struct message message;

	if (event == EVENT_ENDED &&
	    message_receive(group->channel, &message) == 1) {
		child_describe_end(outcome->what, message.end.code,
		    message.end.status);
		if (message.child > 0) {
			outcome->object =
			    watch->plan->logger[message.child - 1].child.logger;
			return;
		}
		group->command_ended = true;
		describe_end(outcome, &message, watch->was_ready);
	} else if (event == EVENT_ENDED || event == EVENT_LOST) {
		(void)strcpy(outcome->what, "lost track of it");
	} else {
		describe_not_ready(outcome, watch, event);
	}
}

/* Returns true if a message about an object may name the log of a stream. */
static bool
is_worth_naming(const struct stream *log, const char *object)
{
	if (log->fd == -1 || strcmp(log->path, "/dev/null") == 0)
		return false;
	/* A logger that has ended tells nothing any more. */
	return strcmp(log->path, object) != 0;
}

/* Says what has become of the command, when, and what its log says. */
static void
tell(const struct watch *watch, const struct outcome *outcome, long long after)
{
	const struct plan *plan = watch->plan;
	const struct stream *log = &plan->stream[2];
	bool named;

	if (logtail_size(log) <= 0 && logtail_size(&plan->stream[1]) > 0)
		log = &plan->stream[1];
	named = is_worth_naming(log, outcome->object);

	warn("%s: %s after %.2f s%s%s%s", outcome->object, outcome->what,
	    (double)after / 1000, outcome->more, named ? ", see " : "",
	    named ? log->path : "");
	logtail_show(log);
}

/* Ends what the start has begun. */
static void
undo(const struct watch *watch)
{
	group_end(watch->group, SIGTERM, watch->plan->command.path);
	lock_remove_unfinished();
}

/*
 * Exits for an event that ends the watch, and undoes the start unless the
 * command has ended well.  Returns if it has, and there is a keeper, which
 * starts it again.
 */
static void
conclude(const struct watch *watch, enum event event)
{
	const long long after = clock_now() - watch->begin;
	struct outcome outcome = {
		.status = EXIT_FAILED,
		.object = watch->plan->command.path,
	};

	if (event == EVENT_SIGNAL) {
		undo(watch);
		signals_end();
	}
	describe(&outcome, watch, event);
	if (outcome.status == EXIT_STARTED && watch->plan->restart != -1) {
		tell(watch, &outcome, after);
		return;
	}

	if (outcome.status != EXIT_STARTED) {
		undo(watch);
	} else {
		/* A command that ended well leaves what it started. */
		group_release(watch->group);
		lock_remove_unfinished();
	}
	tell(watch, &outcome, after);
	exit(outcome.status);
}

void
monitor_watch(const struct plan *plan, struct group *group)
{
	struct watch watch = {
		.plan = plan,
		.group = group,
		.begin = clock_now(),
	};
	enum event event = EVENT_PASSED;

	if (plan->ready.fd != -1)
		event = await_ready(&watch);
	watch.was_ready = event == EVENT_PASSED;
	if (event == EVENT_PASSED)
		event = await_watch(&watch);
	if (event == EVENT_PASSED)
		event = check_locks(&watch);
	if (event != EVENT_PASSED)
		conclude(&watch, event);
}
