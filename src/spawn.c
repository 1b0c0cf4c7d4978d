/* SPDX-License-Identifier: ISC */
/*
 * How the verdict is reached.
 *
 *  1. The process has the only write end of the event pipe, close-on-exec.  It
 *     writes to it only why it failed, just before it ends.  End of file means
 *     that it has executed the command or has died.
 *  2. Its parent then asks the kernel which: setpgid(2) on a child fails with
 *     EACCES exactly if the child has executed a file (POSIX), also if it is a
 *     zombie by now.
 */
#include "spawn.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "child.h"
#include "compat.h"
#include "exit.h"
#include "streams.h"

/* What the process and its parent share. */
struct start {
	const struct spawn *how;
	int event[2]; /* a pipe: read end, write end */
};

/* The process, until it executes its file. */
static int
run_child(void *argument)
{
	const struct start *start = argument;
	const struct spawn *how = start->how;
	struct message message = { .type = MESSAGE_PID, .pid = getpid() };
	struct failure failure;

	/* If something cannot be sent, the verdict alone tells. */
	if (how->channel != -1)
		(void)message_send(how->channel, &message);
	failure = child_exec(how->child);
	message = (struct message){
		.type = MESSAGE_FAILED,
		.failure = failure,
	};
	(void)message_send(start->event[1], &message);
	return EXIT_FAILED;
}

/* Returns what became of a child that has lost the event pipe. */
static enum verdict
ask_kernel(pid_t pid)
{
	if (setpgid(pid, pid) == 0)
		return VERDICT_NOT_EXECUTED;
	if (errno == EACCES)
		return VERDICT_EXECUTED;

	/* EPERM: in a session of its own, which only the command can make. */
	if (errno == EPERM && getsid(pid) != getsid(0))
		return VERDICT_EXECUTED;

	/* A sandbox refuses the question itself. */
	switch (compat_has_executed(pid)) {
	case COMPAT_YES:
		return VERDICT_EXECUTED;
	case COMPAT_NO:
		return VERDICT_NOT_EXECUTED;
	default:
		return VERDICT_UNKNOWN;
	}
}

/*
 * Opens the event pipe.  Only its write end is in the child's way when it puts
 * its descriptors in place; the read end may be overwritten there.
 */
static int
open_event(struct start *start)
{
	if (pipe(start->event) == -1)
		return -1;
	if (streams_raise(&start->event[0], 0) == -1)
		return -1;
	return streams_raise(&start->event[1], start->how->min_fd);
}

struct birth
spawn(const struct spawn *how)
{
	struct start start = { .how = how };
	struct birth birth = { .pid = -1, .verdict = VERDICT_NOT_EXECUTED };
	struct message message;
	int received;

	if (open_event(&start) == -1) {
		birth.failure = (struct failure){ STEP_PIPE, 0, errno };
		return birth;
	}
	birth.pid = compat_start_child(run_child, &start, how->shares_memory);
	if (birth.pid == -1) {
		birth.failure = (struct failure){ STEP_FORK, 0, errno };
		return birth;
	}

	(void)close(start.event[1]);
	do {
		received = message_receive(start.event[0], &message);
		if (received == 1)
			birth.failure = message.failure;
	} while (received == 1);
	(void)close(start.event[0]);

	birth.verdict = VERDICT_UNKNOWN;
	if (received == 0)
		birth.verdict = ask_kernel(birth.pid);
	return birth;
}
