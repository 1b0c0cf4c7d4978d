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
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "compat.h"
#include "exit.h"
#include "streams.h"

/* What the process and its parent share. */
struct handover {
	const struct spawn *how;
	int event[2]; /* a pipe: read end, write end */
	pid_t leader; /* who has made the child's group; 0: it stays in ours */
};

void
spawn_reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
}

/* The process, until it executes its file. */
static int
run_child(void *argument)
{
	const struct handover *handover = argument;
	const struct spawn *how = handover->how;
	struct message message = {
		.type = MESSAGE_PID,
		.pid = getpid(),
		.group = handover->leader,
	};
	struct failure failure;

	/* If something cannot be sent, the verdict alone tells. */
	if (how->channel != -1)
		(void)message_send(how->channel, &message);
	if (handover->leader != 0 && setpgid(0, handover->leader) == -1)
		failure = (struct failure){ STEP_GROUP, 0, errno };
	else
		failure = child_exec(how->child);
	message = (struct message){
		.type = MESSAGE_FAILED,
		.failure = failure,
	};
	(void)message_send(handover->event[1], &message);
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
open_event(struct handover *handover)
{
	int saved_errno;

	if (pipe(handover->event) == -1)
		return -1;
	if (streams_raise(&handover->event[0], 0) == 0 &&
	    streams_raise(&handover->event[1], handover->how->min_fd) == 0)
		return 0;

	saved_errno = errno;
	(void)close(handover->event[0]);
	(void)close(handover->event[1]);
	errno = saved_errno;
	return -1;
}

/* The leader of a group has nothing to do. */
static int
run_leader(void *argument)
{
	(void)argument;
	return 0;
}

/*
 * Makes a process group that the child can join: as its leader it could not
 * call setsid(2).  Returns the leader, which is to be reaped when nobody needs
 * the number of the group any more, or -1 with errno.
 */
static pid_t
make_group(void)
{
	pid_t leader = compat_start_child(run_leader, NULL, false);

	/* It works on a zombie, too. */
	if (leader != -1 && setpgid(leader, leader) == -1) {
		int saved_errno = errno;

		spawn_reap(leader);
		errno = saved_errno;
		return -1;
	}
	return leader;
}

/* Starts the child, perhaps in a group.  Returns its pid, or -1 with errno. */
static pid_t
fork_child(struct handover *handover)
{
	if (handover->how->own_group) {
		pid_t leader = make_group();

		if (leader == -1)
			return -1;
		handover->leader = leader;
	}
	return compat_start_child(run_child, handover,
	    handover->how->shares_memory);
}

/* Waits for the event.  Returns the verdict, with *failure if one is told. */
static enum verdict
await_event(const struct handover *handover, pid_t pid, struct failure *failure)
{
	struct message message;
	int received;

	do {
		received = message_receive(handover->event[0], &message);
		if (received == 1)
			*failure = message.failure;
	} while (received == 1);

	return received == 0 ? ask_kernel(pid) : VERDICT_UNKNOWN;
}

struct birth
spawn(const struct spawn *how)
{
	struct handover handover = { .how = how };
	struct birth birth = { .pid = -1, .verdict = VERDICT_NOT_EXECUTED };

	if (open_event(&handover) == -1) {
		birth.failure = (struct failure){ STEP_PIPE, 0, errno };
		return birth;
	}
	birth.pid = fork_child(&handover);
	if (birth.pid == -1)
		birth.failure = (struct failure){ STEP_FORK, 0, errno };

	(void)close(handover.event[1]);
	if (birth.pid != -1)
		birth.verdict =
		    await_event(&handover, birth.pid, &birth.failure);
	(void)close(handover.event[0]);
	birth.leader = handover.leader;
	return birth;
}
