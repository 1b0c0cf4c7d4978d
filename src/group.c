/* SPDX-License-Identifier: ISC */
#include "group.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "compat.h"
#include "diag.h"
#include "identity.h"
#include "lock.h"
#include "message.h"

enum {
	GRACE_MS = 5000,     /* from the first signal to SIGKILL */
	LAST_WAIT_MS = 1000, /* after SIGKILL */
	REAP_WAIT_MS = 200,  /* for the command to be reaped */
	PAUSE_MS = 10        /* from one look to the next */
};

/* The process groups that are to be ended. */
enum {
	GROUP_INTERMEDIATE, /* in which the command began, but for a keeper */
	GROUP_OWN,          /* that a keeper had made for it */
	GROUP_PRESENT,      /* in which it is now, if that is another */
	GROUPS
};

/* What is to be ended.  A number is 0 once nothing has it any more. */
struct targets {
	pid_t command;
	int pidfd; /* of the command; or -1 */
	pid_t groups[GROUPS];
	bool as_user; /* the signals are refused to us */
};

void
group_wake_intermediate(const struct group *group)
{
	siginfo_t info = { 0 };
	int result;

	result =
	    waitid(P_PID, (id_t)group->intermediate, &info, WSTOPPED | WNOHANG);
	if (result == 0 && info.si_pid != 0)
		(void)kill(group->intermediate, SIGCONT);
}

void
group_release(struct group *group)
{
	if (group->intermediate == 0)
		return;
	/* If it has been stopped, only SIGKILL is sure to end it. */
	(void)kill(group->intermediate, SIGKILL);
	/* Where that is refused, the end of the channel ends it. */
	(void)close(group->channel);
	while (waitpid(group->intermediate, NULL, 0) == -1 && errno == EINTR)
		continue;
	group->intermediate = 0;
}

void
group_leave(struct group *group)
{
	const struct message message = { .type = MESSAGE_STANDS };

	if (group->intermediate == 0)
		return;
	/* One that does not wait for it has closed its end. */
	(void)message_send(group->channel, &message);
	(void)close(group->channel);
	group->intermediate = 0;
}

/*
 * Returns true if the command's number is surely the command's: it belongs to
 * the intermediate process's session, or has made a session of its own.
 */
static bool
is_command(const struct group *group)
{
	pid_t session;

	if (group->command == 0)
		return false;
	session = getsid(group->command);
	return session == group->intermediate || session == group->command;
}

static struct targets
find_targets(const struct group *group)
{
	struct targets targets = {
		.groups = { group->intermediate },
		.pidfd = -1,
	};
	pid_t present;

	if (!is_command(group))
		return targets;

	targets.command = group->command;
	targets.pidfd = compat_pidfd_open(group->command);
	/* Once its leader has been reaped the number may be a stranger's. */
	if (group->own_group != 0 &&
	    getsid(group->own_group) == group->intermediate)
		targets.groups[GROUP_OWN] = group->own_group;
	present = getpgid(group->command);
	if (present > 0 && present != group->intermediate &&
	    present != targets.groups[GROUP_OWN])
		targets.groups[GROUP_PRESENT] = present;
	if (group->user->name != NULL && kill(group->command, 0) == -1)
		targets.as_user = errno == EPERM;
	return targets;
}

static void
signal_targets(const struct targets *targets, int signo,
    const struct identity *user)
{
	if (targets->as_user)
		identity_drop_temporarily(user);

	for (int i = 0; i < GROUPS; i++) {
		if (targets->groups[i] != 0)
			(void)kill(-targets->groups[i], signo);
	}
	if (targets->command != 0)
		(void)compat_pidfd_signal(targets->pidfd, targets->command,
		    signo);

	if (targets->as_user)
		identity_restore(user);
}

/* Returns true if the command has ended, also as a zombie. */
static bool
has_ended(struct group *group, const struct targets *targets)
{
	struct pollfd channel = { .fd = group->channel, .events = POLLIN };
	struct message message;

	while (!group->command_ended && poll(&channel, 1, 0) == 1 &&
	    message_receive(group->channel, &message) == 1)
		group->command_ended = message.child == 0;
	if (group->command_ended)
		return true;
	return compat_pidfd_wait(targets->pidfd, targets->command, 0);
}

/*
 * Lets the intermediate process reap the command, which has ended, and end:
 * as a zombie of process 1, which may never reap it, it would keep its group.
 */
static void
let_reap(const struct group *group)
{
	const long long deadline = clock_now() + REAP_WAIT_MS;
	siginfo_t info = { 0 };

	(void)shutdown(group->channel, SHUT_WR);
	while (waitid(P_PID, (id_t)group->intermediate, &info,
		   WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid == 0 && clock_now() < deadline) {
		group_wake_intermediate(group);
		(void)poll(NULL, 0, 1);
	}
}

/* Forgets the targets that have gone.  Returns true if none is left. */
static bool
all_gone(struct group *group, struct targets *targets)
{
	int left = 0;

	if (targets->command != 0) {
		if (!has_ended(group, targets))
			return false;
		targets->command = 0;
	}

	/* The intermediate process has kept the command's number from being
	 * given again, and is itself one of the first group. */
	if (group->intermediate != 0)
		let_reap(group);
	group_release(group);

	for (int i = 0; i < GROUPS; i++) {
		pid_t pgid = targets->groups[i];

		if (pgid != 0 && kill(-pgid, 0) == -1 && errno == ESRCH)
			targets->groups[i] = 0;
		if (targets->groups[i] != 0)
			left++;
	}
	return left == 0;
}

static bool
wait_for_all(struct group *group, struct targets *targets, long long limit)
{
	const long long deadline = clock_now() + limit;

	for (;;) {
		if (all_gone(group, targets))
			return true;
		if (clock_now() >= deadline)
			return false;
		(void)poll(NULL, 0, PAUSE_MS);
	}
}

/*
 * Returns true if something is left that could not be ended.  A group of which
 * only zombies are left looks alive, but took the SIGKILL.
 */
static bool
is_left(const struct targets *targets, const struct identity *user)
{
	bool left = targets->command != 0;

	if (targets->as_user)
		identity_drop_temporarily(user);
	for (int i = 0; i < GROUPS; i++) {
		pid_t pgid = targets->groups[i];

		if (pgid != 0 && kill(-pgid, 0) == -1)
			left = left || errno == EPERM;
	}
	if (targets->as_user)
		identity_restore(user);
	return left;
}

void
group_end(struct group *group, int signo, const char *object)
{
	struct targets targets = find_targets(group);
	bool gone = false;

	if (signo != SIGKILL) {
		signal_targets(&targets, signo, group->user);
		signal_targets(&targets, SIGCONT, group->user);
		gone = wait_for_all(group, &targets, GRACE_MS);
	}
	if (!gone) {
		signal_targets(&targets, SIGKILL, group->user);
		gone = wait_for_all(group, &targets, LAST_WAIT_MS) ||
		    !is_left(&targets, group->user);
	}

	group_release(group);
	if (targets.pidfd != -1)
		(void)close(targets.pidfd);
	if (gone)
		return;
	warn("%s: could not be killed", object);
	/* A keeper has ended, and with it the run lock; the pid file stays as
	 * it does without one. */
	lock_keep_pidfile();
}
