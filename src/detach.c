/* SPDX-License-Identifier: ISC */
/*
 * How the verdict is reached.
 *
 *  1. The launcher forks the intermediate process, which calls setsid(2), opens
 *     the event pipe and forks the daemon.
 *  2. The daemon has the only write end of the event pipe, close-on-exec.  End
 *     of file on it means that the daemon has executed the command or has died.
 *  3. The intermediate process, its parent, then asks the kernel which:
 *     setpgid(2) on a child fails with EACCES exactly if the child has executed
 *     a file (POSIX), also if it is a zombie by now.
 *  4. It sends the answer to the launcher through the channel, a socket pair,
 *     and ends; under -w and -r it stays and sends the command's end, too.
 *  5. A daemon that fails sends the reason through the channel before it ends.
 *  6. If the channel ends without a verdict (somebody has killed the
 *     intermediate process) the start has failed, and the launcher ends what
 *     may run.
 *
 * The channel's two writers never write at once: the intermediate process
 * waits for the event first.
 */
#include "detach.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"
#include "compat.h"
#include "diag.h"
#include "exit.h"
#include "group.h"
#include "lock.h"
#include "message.h"
#include "monitor.h"
#include "plan.h"
#include "ready.h"
#include "signals.h"
#include "streams.h"

enum {
	WAKE_INTERVAL_MS = 100
};

/* What the processes of a start share. */
struct start {
	const struct plan *plan;
	bool shares_memory; /* see compat_start_child() */
	int event[2];   /* a pipe: read end, write end; not the launcher's */
	int channel[2]; /* the launcher's end, the other processes' end */
};

/* What the launcher has heard of the start. */
struct outcome {
	pid_t daemon; /* 0: it has not said its pid */
	bool has_failed;
	struct failure failure;
	enum verdict verdict;
};

static int
run_daemon(void *argument)
{
	const struct start *start = argument;
	struct message message = { .type = MESSAGE_PID, .pid = getpid() };

	/* If a message is lost, the verdict alone tells. */
	(void)message_send(start->channel[1], &message);
	message.type = MESSAGE_FAILED;
	message.failure = child_exec(&start->plan->command);
	(void)message_send(start->channel[1], &message);
	return EXIT_FAILED;
}

/* Returns what became of a daemon that has lost the event pipe. */
static enum verdict
ask_kernel(pid_t daemon)
{
	if (setpgid(daemon, getpid()) == 0)
		return VERDICT_NOT_EXECUTED;
	if (errno == EACCES)
		return VERDICT_EXECUTED;

	/* EPERM: in a session of its own, which only the command can make. */
	if (errno == EPERM && getsid(daemon) != getsid(0))
		return VERDICT_EXECUTED;

	/* A sandbox refuses the question itself. */
	switch (compat_has_executed(daemon)) {
	case COMPAT_YES:
		return VERDICT_EXECUTED;
	case COMPAT_NO:
		return VERDICT_NOT_EXECUTED;
	default:
		return VERDICT_UNKNOWN;
	}
}

/* Waits for the event.  Returns the verdict. */
static enum verdict
await_event(const struct start *start, pid_t daemon)
{
	ssize_t length;
	char byte;

	do
		length = read(start->event[0], &byte, 1);
	while (length == -1 && errno == EINTR);

	return length == 0 ? ask_kernel(daemon) : VERDICT_UNKNOWN;
}

/*
 * Opens the event pipe.  Only its write end is in the daemon's way when it puts
 * its descriptors in place; the read end may be overwritten there.
 */
static int
open_event(struct start *start)
{
	if (pipe(start->event) == -1)
		return -1;
	if (streams_raise(&start->event[0], 0) == -1)
		return -1;
	return streams_raise(&start->event[1], start->plan->min_fd);
}

/* Makes the session and the daemon.  Returns its pid, or -1 with *failure. */
static pid_t
start_daemon(struct start *start, struct failure *failure)
{
	pid_t daemon;

	/* The end of process 1 would be the end of its namespace. */
	if (getpid() == 1) {
		*failure = (struct failure){ STEP_NAMESPACE, 0, EPERM };
		return -1;
	}

	if (setsid() == -1) {
		*failure = (struct failure){ STEP_SESSION, 0, errno };
		return -1;
	}

	/* The launcher's end makes room for it. */
	(void)close(start->channel[0]);
	if (open_event(start) == -1) {
		*failure = (struct failure){ STEP_PIPE, 0, errno };
		return -1;
	}

	daemon = compat_start_child(run_daemon, start, start->shares_memory);
	if (daemon == -1)
		*failure = (struct failure){ STEP_FORK, 0, errno };
	return daemon;
}

static int
run_intermediate(void *argument)
{
	struct start *start = argument;
	struct message message = { .type = MESSAGE_FAILED };
	pid_t daemon;

	daemon = start_daemon(start, &message.failure);
	if (daemon == -1) {
		(void)message_send(start->channel[1], &message);
		message.type = MESSAGE_VERDICT;
		message.verdict = VERDICT_NOT_EXECUTED;
		(void)message_send(start->channel[1], &message);
		return EXIT_FAILED;
	}

	(void)close(start->event[1]);
	ready_close_target(&start->plan->ready);

	message.type = MESSAGE_VERDICT;
	message.verdict = await_event(start, daemon);
	if (message_send(start->channel[1], &message) == -1)
		return EXIT_FAILED;
	if (start->plan->watched && message.verdict == VERDICT_EXECUTED)
		monitor_stay(start->channel[1], daemon);
	return 0;
}

/*
 * Waits for a message.  Returns as message_receive() does.  A stop signal for a
 * whole process group can reach the intermediate process, before setsid(2) from
 * the caller's terminal, after it from the command; the group's SIGCONT may
 * not, so it gets one from here.
 */
static bool
receive(const struct start *start, pid_t intermediate, struct message *message)
{
	struct pollfd channel = { .fd = start->channel[0], .events = POLLIN };
	int ready;

	for (;;) {
		ready = poll(&channel, 1, WAKE_INTERVAL_MS);
		if (ready == 1 || (ready == -1 && errno != EINTR))
			return message_receive(start->channel[0], message);
		(void)kill(intermediate, SIGCONT);
	}
}

/* Receives messages up to the verdict. */
static struct outcome
await_verdict(const struct start *start, pid_t intermediate)
{
	struct outcome outcome = { .verdict = VERDICT_UNKNOWN };
	struct message message;

	while (receive(start, intermediate, &message)) {
		switch (message.type) {
		case MESSAGE_PID:
			outcome.daemon = message.pid;
			break;
		case MESSAGE_FAILED:
			outcome.has_failed = true;
			outcome.failure = message.failure;
			break;
		case MESSAGE_VERDICT:
			outcome.verdict = message.verdict;
			return outcome;
		case MESSAGE_ENDED:
			break;
		}
	}
	return outcome;
}

/* Says why a start has failed, and exits. */
_Noreturn static void
explain(const struct plan *plan, const struct outcome *outcome)
{
	const struct failure *failure = &outcome->failure;

	if (!outcome->has_failed) {
		if (outcome->verdict == VERDICT_UNKNOWN)
			die(EXIT_FAILED,
			    "%s: the intermediate process gave no verdict",
			    plan->command.path);
		die(EXIT_FAILED, "%s: the daemon died before the exec",
		    plan->command.path);
	}

	errno = failure->error;
	switch (failure->step) {
	case STEP_NAMESPACE:
		die_errno("process 1 of a new pid namespace "
			  "(unshare without --fork?)");
	case STEP_SESSION:
		die_errno("setsid");
	case STEP_PIPE:
		die_errno("pipe");
	case STEP_FORK:
		die_errno("fork");
	default:
		child_explain(&plan->command, failure);
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
	if (start->plan->watched && start->channel[0] >= FD_SETSIZE) {
		errno = EMFILE;
		die_errno("socketpair");
	}
}

int
detach(const struct plan *plan)
{
	struct start start = { .plan = plan };
	struct group group = { .user = &plan->identity };
	struct outcome outcome;

	open_channel(&start);
	if (signals_block_all(lock_remove_unfinished) == -1)
		die_errno("signals");
	if (plan->watched && signals_install_handlers() == -1)
		die_errno("signals");

	/* A process that becomes another user's must not have our memory, nor
	 * one that stays: it would change errno while we go on. */
	start.shares_memory = plan->identity.name == NULL && !plan->watched &&
	    compat_can_share_memory();
	group.intermediate =
	    compat_start_child(run_intermediate, &start, start.shares_memory);
	if (group.intermediate == -1)
		die_errno("fork");
	(void)close(start.channel[1]);
	ready_close_target(&plan->ready);

	outcome = await_verdict(&start, group.intermediate);
	group.channel = start.channel[0];
	group.command = outcome.daemon;
	if (outcome.verdict == VERDICT_UNKNOWN)
		(void)group_end(&group, SIGKILL);
	if (outcome.has_failed || outcome.verdict != VERDICT_EXECUTED) {
		group_release(&group);
		explain(plan, &outcome);
	}

	if (plan->verbose)
		warn("process %ld runs %s, output in %s, errors in %s",
		    (long)outcome.daemon, plan->command.path,
		    plan->stream[1].path, plan->stream[2].path);
	if (plan->watched)
		monitor_watch(plan, &group);
	group_release(&group);
	return EXIT_STARTED;
}
