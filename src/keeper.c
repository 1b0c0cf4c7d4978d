/* SPDX-License-Identifier: ISC */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "diag.h"
#include "identity.h"
#include "lock.h"
#include "plan.h"
#include "redirect.h"
#include "signals.h"
#include "spawn.h"
#include "streams.h"

enum {
	LONG_RUN_MS = 10 * 1000, /* rule (4) */
	LONGEST_DELAY_MS = 60 * 1000,
	LOGGER_DELAY_MS = 1000,
	CLAUSE_SIZE = 64
};

/* The command or a logger. */
struct kept {
	const struct child *child;
	pid_t pid;       /* 0: it is not running */
	long long begin; /* of its run, by clock_now() */
	long long due;   /* when another run is to begin */
	long delay;      /* after the next short run, in milliseconds */
};

struct keeper {
	struct plan *plan;
	struct kept kept[PLAN_CHILDREN]; /* the command first */
	int count;
};

/* Rule (3): no run begins any more.  Under -w and -r signals are passed on
 * before keeper_run(). */
static bool is_ending;

/* When the first run began. */
static long long first_begin;

/* Whom the command runs as. */
static const struct identity *user;

/* Closes what only the launcher needs. */
static void
close_others(struct plan *plan, int channel)
{
	int *kept = plan->kept_fds;
	size_t count = plan->kept_fd_count;

	kept[count++] = channel;
	kept[count++] = plan->null_fd;
	if (plan->ready.fd != -1)
		kept[count++] = plan->ready.target;
	for (int i = 0; i <= 2; i++)
		kept[count++] = plan->stream[i].fd;
	for (int i = 0; i < plan->lock_count; i++)
		kept[count++] = plan->lock[i].fd;
	for (int i = 0; i < plan->logger_count; i++) {
		kept[count++] = plan->logger[i].stream[0].fd;
		kept[count++] = plan->logger[i].stream[1].fd;
	}
	streams_close_others(kept, count);
}

/* Keeps the locks from the children.  Returns the one that failed, or -1. */
static int
hide_locks(const struct plan *plan)
{
	for (int i = 0; i < plan->lock_count; i++) {
		if (fcntl(plan->lock[i].fd, F_SETFD, FD_CLOEXEC) == -1)
			return i;
	}
	return -1;
}

struct failure
keeper_begin(struct plan *plan, int channel)
{
	struct failure failure;
	int failing;

	/* Only the launcher is to remove a pid file. */
	lock_keep_pidfile();
	/* Before the pid file names us: from then on TERM is for us. */
	if (signals_note_all() == -1)
		return (struct failure){ STEP_SIGNALS, 0, errno };
	failure = child_take_place(&plan->keeper_place);
	if (failure.step != STEP_NONE)
		return failure;
	failing = hide_locks(plan);
	if (failing != -1)
		return (struct failure){ STEP_LOCK, failing, errno };
	close_others(plan, channel);
	warn_without_waiting(plan->min_fd);
	plan->command.keeper_pid = getpid();
	user = &plan->identity;
	first_begin = clock_now();
	return (struct failure){ .step = STEP_NONE };
}

/* Sends a signal to the command, or to its group: as the user if signals to
 * the command are refused to us. */
static void
send_signal(pid_t command, pid_t target, int signo)
{
	const bool as_user =
	    user->name != NULL && kill(command, 0) == -1 && errno == EPERM;

	if (as_user && identity_try_drop(user) == -1)
		warn("-u %s: %s", user->name, strerror(errno));
	if (kill(target, signo) == -1 && errno != ESRCH)
		warn("signal %d: %s", signo, strerror(errno));
	if (as_user && identity_try_restore(user) == -1)
		warn("-u %s: %s", user->name, strerror(errno));
}

/* Returns the process group of the command as a target of kill(2), or the
 * command, if its group is ours. */
static pid_t
find_group(pid_t command)
{
	const pid_t group = getpgid(command);

	if (group <= 0 || group == getpgrp())
		return command;
	return -group;
}

static bool
is_for_end(int signo)
{
	return signo == SIGTERM || signo == SIGINT || signo == SIGQUIT;
}

void
keeper_pass_signals(pid_t command)
{
	int signo;

	while ((signo = signals_take()) != 0) {
		if (is_for_end(signo))
			is_ending = true;
		if (command == 0)
			continue;
		if (!is_for_end(signo)) {
			send_signal(command, command, signo);
			continue;
		}
		send_signal(command, find_group(command), signo);
		/* So that a stopped one hears it. */
		send_signal(command, find_group(command), SIGCONT);
	}
}

static const char *
name_of(const struct child *child)
{
	return child->logger != NULL ? child->logger : child->path;
}

/* Returns the delay before the next run, and chooses the one after it. */
static long
choose_delay(struct kept *kept, long shortest, long long ran)
{
	const long longest =
	    shortest > LONGEST_DELAY_MS ? shortest : LONGEST_DELAY_MS;
	long delay = kept->delay;

	if (ran >= LONG_RUN_MS)
		delay = shortest;
	kept->delay = delay * 2;
	if (kept->delay > longest)
		kept->delay = longest;
	return delay;
}

/* Returns the delay after a run that was not short. */
static long
shortest_delay(const struct keeper *keeper, const struct kept *kept)
{
	const long delay = keeper->plan->restart;

	/* Meanwhile nobody reads what the command writes. */
	if (kept->child->logger != NULL && delay > LOGGER_DELAY_MS)
		return LOGGER_DELAY_MS;
	return delay;
}

/* Notes the end of a run, sets when another begins, and writes the clause that
 * says so, which is empty if the keeper is about to end. */
static void
schedule_run(const struct keeper *keeper, struct kept *kept, long long ran,
    char clause[static CLAUSE_SIZE])
{
	const long delay =
	    choose_delay(kept, shortest_delay(keeper, kept), ran);

	kept->pid = 0;
	kept->due = clock_now() + delay;
	clause[0] = '\0';
	if (is_ending && keeper->kept[0].pid == 0)
		return;
	(void)snprintf(clause, CLAUSE_SIZE, ", starting again in %g s",
	    (double)delay / 1000);
}

/* Reaps a child if it has ended, and says how. */
static void
reap_if_ended(const struct keeper *keeper, struct kept *kept)
{
	const long long ran = clock_now() - kept->begin;
	char what[CHILD_END_SIZE];
	char clause[CLAUSE_SIZE];
	siginfo_t end = { 0 };
	int result;

	if (kept->pid == 0)
		return;
	do
		result =
		    waitid(P_PID, (id_t)kept->pid, &end, WEXITED | WNOHANG);
	while (result == -1 && errno == EINTR);
	if (result == -1 || end.si_pid == 0)
		return;

	schedule_run(keeper, kept, ran, clause);
	/* It was to end. */
	if (is_ending && kept == &keeper->kept[0])
		return;
	child_describe_end(what, end.si_code, end.si_status);
	warn("%s: %s after %.2f s%s", name_of(kept->child), what,
	    (double)ran / 1000, clause);
}

/* Says why a run has not begun. */
static void
tell_failure(const struct child *child, const struct birth *birth,
    const char *clause)
{
	if (birth->failure.step == STEP_NONE) {
		warn("%s: died before the exec%s", name_of(child), clause);
		return;
	}
	warn_with(clause);
	(void)child_explain(child, &birth->failure);
	warn_with("");
}

/* Ends a child that has not executed its file, or of which that is unknown. */
static void
discard(pid_t pid)
{
	if (pid == -1)
		return;
	(void)kill(pid, SIGKILL);
	spawn_reap(pid);
}

static void
start_run(struct keeper *keeper, struct kept *kept)
{
	struct plan *plan = keeper->plan;
	const bool is_command = kept->child == &plan->command;
	const struct spawn how = {
		.child = kept->child,
		.min_fd = plan->min_fd,
		.channel = -1,
		.own_group = is_command,
	};
	char clause[CLAUSE_SIZE];
	struct birth birth;

	if (is_command)
		redirect_again(plan);
	else /* The pipe is shared by the logger's runs. */
		(void)fcntl(kept->child->stream[0].fd, F_SETFL, 0);
	kept->begin = clock_now();
	birth = spawn(&how);
	if (birth.leader != 0)
		spawn_reap(birth.leader);
	kept->pid = birth.pid;
	if (birth.verdict == VERDICT_EXECUTED)
		return;

	discard(birth.pid);
	schedule_run(keeper, kept, 0, clause);
	tell_failure(kept->child, &birth, clause);
}

/* Starts what is due, the loggers first. */
static void
start_due(struct keeper *keeper)
{
	for (int i = PLAN_CHILDREN - 1; i >= 0; i--) {
		struct kept *kept = &keeper->kept[i];

		if (i >= keeper->count)
			continue;
		if (kept->pid != 0 || kept->due > clock_now())
			continue;
		if (i == 0 && is_ending)
			continue;
		start_run(keeper, kept);
	}
}

/* Returns for how long nothing is due, in milliseconds; -1: for ever. */
static long long
find_pause(const struct keeper *keeper)
{
	const long long now = clock_now();
	long long pause = -1;

	for (int i = 0; i < keeper->count; i++) {
		const struct kept *kept = &keeper->kept[i];
		long long left = kept->due - now;

		if (kept->pid != 0)
			continue;
		if (left < 0)
			left = 0;
		if (pause == -1 || left < pause)
			pause = left;
	}
	return pause;
}

/* Waits for a signal, or until something is due. */
static void
wait_for_event(const struct keeper *keeper)
{
	const sigset_t mask = signals_intermediate_mask();
	const long long pause = find_pause(keeper);
	struct timespec limit;

	limit.tv_sec = (time_t)(pause / 1000);
	limit.tv_nsec = (long)(pause % 1000) * 1000000;
	(void)pselect(0, NULL, NULL, NULL, pause == -1 ? NULL : &limit, &mask);
}

/* -t empties logs once.  At the descriptor of -r the command of a later run
 * finds nothing. */
static void
prepare_later_runs(struct plan *plan)
{
	for (int fd = 1; fd <= 2; fd++)
		plan->stream[fd].truncate = false;
	if (plan->ready.fd == -1 || plan->ready.target == 0)
		return;
	if (dup2(plan->null_fd, plan->ready.target) == -1)
		warn("/dev/null: %s", strerror(errno));
}

static void
fill_keeper(struct keeper *keeper, struct plan *plan, const pid_t *children,
    int count)
{
	*keeper = (struct keeper){ .plan = plan, .count = count };
	for (int i = 0; i < PLAN_CHILDREN; i++) {
		struct kept *kept = &keeper->kept[i];

		kept->child = &plan->command;
		if (i > 0)
			kept->child = &plan->logger[i - 1].child;
		if (i < count)
			kept->pid = children[i];
		kept->begin = first_begin;
		kept->delay = shortest_delay(keeper, kept);
	}
}

/* Returns true if a logger has something to read. */
static bool
has_unread(const struct plan *plan, int logger)
{
	struct pollfd pipe_end = {
		.fd = plan->logger[logger].stream[0].fd,
		.events = POLLIN,
	};

	return poll(&pipe_end, 1, 0) == 1 && (pipe_end.revents & POLLIN) != 0;
}

/* Starts, before the keeper ends, the loggers that are not running and have not
 * read all. */
static void
start_waited_for(struct keeper *keeper)
{
	for (int i = 1; i < keeper->count; i++) {
		struct kept *kept = &keeper->kept[i];

		if (kept->pid == 0 && has_unread(keeper->plan, i - 1))
			start_run(keeper, kept);
	}
}

void
keeper_run(struct plan *plan, const pid_t *children, int count)
{
	struct keeper keeper;
	struct kept *command = &keeper.kept[0];

	fill_keeper(&keeper, plan, children, count);
	prepare_later_runs(plan);
	for (;;) {
		keeper_pass_signals(command->pid);
		for (int i = 0; i < count; i++)
			reap_if_ended(&keeper, &keeper.kept[i]);
		if (is_ending && command->pid == 0) {
			start_waited_for(&keeper);
			return;
		}
		start_due(&keeper);
		wait_for_event(&keeper);
	}
}
