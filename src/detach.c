/* SPDX-License-Identifier: ISC */
/*
 * How a start goes.
 *
 *  1. The launcher forks the intermediate process, which calls setsid(2), and
 *     starts each logger and then the daemon: see spawn.c.
 *  2. It sends what has become of them, the verdict, to the launcher through
 *     the channel, a socket pair, and ends; under -w and -r it stays and sends
 *     the end of the command, or of a logger, too.
 *  3. The daemon sends its pid through the channel, so that the launcher knows
 *     it whatever happens to the intermediate process, which waits meanwhile:
 *     the channel's two writers never write at once.
 *  4. If the channel ends without a verdict (somebody has killed the
 *     intermediate process) the start has failed, and the launcher ends what
 *     may run.
 *
 * A start with loggers that does not detach has an intermediate process, too,
 * which starts them, so that they are not children of the command.
 */
#include "detach.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "compat.h"
#include "diag.h"
#include "exit.h"
#include "group.h"
#include "keeper.h"
#include "lock.h"
#include "logger.h"
#include "message.h"
#include "monitor.h"
#include "plan.h"
#include "ready.h"
#include "signals.h"
#include "spawn.h"
#include "streams.h"

enum {
	WAKE_INTERVAL_MS = 100
};

/* What the processes of a start share. */
struct start {
	struct plan *plan;
	bool shares_memory; /* see compat_start_child() */
	int channel[2];     /* the launcher's end, the other processes' end */
};

/* What the launcher has heard of the start. */
struct outcome {
	pid_t daemon; /* 0: it has not said its pid */
	pid_t group;  /* that was made for it; 0: none */
	int child;    /* whom the rest is about, as in a message */
	struct failure failure;
	enum verdict verdict;
};

/* The children of the intermediate process: the command, and the loggers. */
struct children {
	pid_t pid[PLAN_CHILDREN];
	int count;
	pid_t leader; /* a zombie, of the command's group; 0: none */
};

/* Returns true if the intermediate process stays after the verdict. */
static bool
is_staying(const struct plan *plan)
{
	return plan->watched || plan->restart != -1;
}

/* Makes the session.  Returns 0, or -1 with *failure. */
static int
make_session(struct failure *failure)
{
	/* The end of process 1 would be the end of its namespace. */
	if (getpid() == 1) {
		*failure = (struct failure){ STEP_NAMESPACE, 0, EPERM };
		return -1;
	}
	if (setsid() == -1) {
		*failure = (struct failure){ STEP_SESSION, 0, errno };
		return -1;
	}
	return 0;
}

/* Starts a child, and fills the message with what has become of it.  Returns
 * true if it has executed its file. */
static bool
start_child(const struct start *start, int child, struct children *children,
    struct message *message)
{
	const struct plan *plan = start->plan;
	struct spawn how = {
		.child = &plan->command,
		.min_fd = plan->min_fd,
		.channel = start->channel[1],
		.shares_memory = start->shares_memory,
		.own_group = plan->restart != -1,
	};
	struct birth birth;

	if (child > 0) {
		how.own_group = false;
		how.child = &plan->logger[child - 1].child;
		how.channel = -1;
	}
	birth = spawn(&how);
	children->pid[child] = birth.pid;
	children->leader = birth.leader;
	message->child = child;
	message->failure = birth.failure;
	message->verdict = birth.verdict;
	return birth.verdict == VERDICT_EXECUTED;
}

/* Starts the loggers, in the same way. */
static bool
start_loggers(const struct start *start, struct children *children,
    struct message *message)
{
	for (int i = 1; i <= start->plan->logger_count; i++) {
		if (!start_child(start, i, children, message))
			return false;
	}
	return true;
}

/* Makes the session, and the keeper.  Returns 0, or -1 with *failure. */
static int
prepare_intermediate(const struct start *start, struct failure *failure)
{
	struct plan *plan = start->plan;

	if (!plan->detach)
		return 0;
	if (make_session(failure) == -1)
		return -1;
	if (plan->restart == -1)
		return 0;
	*failure = keeper_begin(plan, start->channel[1]);
	return failure->step == STEP_NONE ? 0 : -1;
}

/* Starts the loggers, and then the command.  Returns the verdict as a message
 * for the launcher. */
static struct message
start_all(const struct start *start, struct children *children)
{
	const struct plan *plan = start->plan;
	struct message message = {
		.type = MESSAGE_VERDICT,
		.verdict = VERDICT_NOT_EXECUTED,
	};

	if (prepare_intermediate(start, &message.failure) == -1)
		return message;

	/* A signal for the caller's group must not reach a logger to be. */
	if (!plan->detach)
		(void)setpgid(0, 0);
	children->count = plan->logger_count + 1;
	if (!start_loggers(start, children, &message))
		return message;
	if (plan->detach) {
		(void)start_child(start, 0, children, &message);
		ready_close_target(&plan->ready);
	}
	return message;
}

static void
close_pipes(const struct plan *plan)
{
	for (int i = 0; i < plan->logger_count; i++)
		logger_close_pipe(&plan->logger[i]);
}

static void
reap_leader(struct children *children)
{
	if (children->leader != 0)
		spawn_reap(children->leader);
	children->leader = 0;
}

static int
run_intermediate(void *argument)
{
	const struct start *start = argument;
	struct plan *plan = start->plan;
	struct children children = { .count = 0 };
	struct message message;
	bool stands = true;

	/* Else we would never see that the launcher has ended. */
	(void)close(start->channel[0]);
	message = start_all(start, &children);
	if (plan->restart == -1)
		close_pipes(plan);
	/* An undo needs the number of the command's group. */
	if (!plan->watched || message.verdict != VERDICT_EXECUTED)
		reap_leader(&children);
	/* If the launcher has been killed, a keeper goes on all the same. */
	if (message_send(start->channel[1], &message) == -1 &&
	    (errno != EPIPE || plan->restart == -1))
		return EXIT_FAILED;
	if (message.verdict != VERDICT_EXECUTED)
		return EXIT_FAILED;

	if (plan->watched)
		stands = monitor_stay(start->channel[1], children.pid,
		    children.count);
	reap_leader(&children);
	if (stands && plan->restart != -1) {
		(void)close(start->channel[1]);
		keeper_run(plan, children.pid, children.count);
	}
	return 0;
}

/*
 * Waits until the intermediate process has ended, but does not reap it.  A stop
 * signal for a whole process group can reach it, before setsid(2) from the
 * caller's terminal, after it from the command.  The group's SIGCONT may not,
 * so it gets one from here.  If a call fails, receive() waits all the same.
 */
static void
await_intermediate(pid_t intermediate)
{
	const int what = WEXITED | WSTOPPED | WNOWAIT;
	siginfo_t change;

	while (waitid(P_PID, (id_t)intermediate, &change, what) == 0) {
		if (change.si_code != CLD_STOPPED)
			return;
		if (kill(intermediate, SIGCONT) == -1)
			return;
	}
}

/*
 * Waits for a message.  Returns true if there was one.  Wakes an intermediate
 * process that stays, like await_intermediate().
 */
static bool
receive(const struct start *start, pid_t intermediate, struct message *message)
{
	struct pollfd channel = { .fd = start->channel[0], .events = POLLIN };
	int ready;

	for (;;) {
		ready = poll(&channel, 1, WAKE_INTERVAL_MS);
		if (ready == 1 || (ready == -1 && errno != EINTR))
			return message_receive(start->channel[0], message) == 1;
		(void)kill(intermediate, SIGCONT);
	}
}

/* Receives messages up to the verdict. */
static struct outcome
await_verdict(const struct start *start, pid_t intermediate)
{
	struct outcome outcome = { .verdict = VERDICT_UNKNOWN };
	struct message message;

	/* To be woken for each message costs a twentieth of a start. */
	if (!is_staying(start->plan))
		await_intermediate(intermediate);
	while (receive(start, intermediate, &message)) {
		switch (message.type) {
		case MESSAGE_PID:
			outcome.daemon = message.pid;
			outcome.group = message.group;
			break;
		case MESSAGE_VERDICT:
			outcome.child = message.child;
			outcome.failure = message.failure;
			outcome.verdict = message.verdict;
			return outcome;
		default:
			break;
		}
	}
	return outcome;
}

/* A failure that was told is one, whatever the verdict. */
static bool
has_failed(const struct outcome *outcome)
{
	return outcome->failure.step != STEP_NONE ||
	    outcome->verdict != VERDICT_EXECUTED;
}

/* Says why a start has failed, and exits. */
_Noreturn static void
explain(const struct plan *plan, const struct outcome *outcome)
{
	const struct failure *failure = &outcome->failure;
	const struct child *child = &plan->command;
	const char *name = child->path;
	const char *process = "daemon";

	if (outcome->child > 0) {
		child = &plan->logger[outcome->child - 1].child;
		name = child->logger;
		process = "logger";
	}

	errno = failure->error;
	switch (failure->step) {
	case STEP_NONE:
		if (outcome->verdict == VERDICT_UNKNOWN)
			die(EXIT_FAILED,
			    "%s: the intermediate process gave no verdict",
			    name);
		die(EXIT_FAILED, "%s: the %s died before the exec", name,
		    process);
	case STEP_NAMESPACE:
		die_errno("process 1 of a new pid namespace "
			  "(unshare without --fork?)");
	case STEP_SESSION:
		die_errno("setsid");
	default:
		exit(child_explain(child, failure));
	}
}

/* Opens the channel, out of the command's way and close-on-exec. */
static void
open_channel(struct start *start)
{
	const int min_fd = start->plan->min_fd;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, start->channel) == -1)
		die_errno("socketpair");
	if (streams_raise(&start->channel[0], min_fd) == -1 ||
	    streams_raise(&start->channel[1], min_fd) == -1)
		die_errno("socketpair");

	/* Under -w and -r pselect(2) is used, which takes no greater ones. */
	if (start->plan->watched &&
	    (start->channel[0] >= FD_SETSIZE ||
		start->channel[1] >= FD_SETSIZE)) {
		errno = EMFILE;
		die_errno("socketpair");
	}
}

/* Starts the intermediate process.  Returns its pid. */
static pid_t
start_intermediate(struct start *start)
{
	const struct plan *plan = start->plan;
	pid_t intermediate;

	/* A process that becomes another user's must not have our memory, nor
	 * one that stays: it would change errno while we go on. */
	start->shares_memory = plan->identity.name == NULL &&
	    !is_staying(plan) && plan->logger_count == 0 &&
	    compat_can_share_memory();
	intermediate =
	    compat_start_child(run_intermediate, start, start->shares_memory);
	if (intermediate == -1)
		die_errno("fork");
	(void)close(start->channel[1]);
	return intermediate;
}

void
detach(struct plan *plan)
{
	struct start start = { .plan = plan };
	struct group group = { .user = &plan->identity };
	struct outcome outcome;

	open_channel(&start);
	if (signals_block_all(lock_remove_unfinished) == -1)
		die_errno("signals");
	if (plan->watched && signals_install_handlers() == -1)
		die_errno("signals");

	group.intermediate = start_intermediate(&start);
	ready_close_target(&plan->ready);
	close_pipes(plan);

	outcome = await_verdict(&start, group.intermediate);
	group.channel = start.channel[0];
	group.command = outcome.daemon;
	group.own_group = outcome.group;
	if (outcome.verdict == VERDICT_UNKNOWN)
		group_end(&group, SIGKILL, plan->command.path);
	if (has_failed(&outcome)) {
		group_release(&group);
		explain(plan, &outcome);
	}

	if (plan->verbose)
		warn("process %ld runs %s, output in %s, errors in %s",
		    (long)outcome.daemon, plan->command.path,
		    plan->stream[1].path, plan->stream[2].path);
	if (plan->watched)
		monitor_watch(plan, &group);
	if (plan->restart != -1)
		group_leave(&group);
	else
		group_release(&group);
}

void
detach_loggers(struct plan *plan)
{
	struct start start = { .plan = plan };
	struct group group = { .user = &plan->identity };
	struct outcome outcome;

	if (plan->logger_count == 0)
		return;
	open_channel(&start);
	if (signals_block_all(lock_remove_unfinished) == -1)
		die_errno("signals");

	group.intermediate = start_intermediate(&start);
	outcome = await_verdict(&start, group.intermediate);
	group.channel = start.channel[0];
	group_release(&group);
	if (has_failed(&outcome))
		explain(plan, &outcome);
}
