/* SPDX-License-Identifier: ISC */
/* The processes of a start, and how they are ended. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct identity;

/*
 * The intermediate process, our child, leads the session and the process group
 * that the command begins in, unless a keeper has one made for it.  As long as
 * we have not reaped it, and it has not reaped the command, neither number can
 * become a stranger's.
 */
struct group {
	pid_t intermediate; /* 0: it has been reaped */
	pid_t command;      /* 0: unknown */
	pid_t own_group;    /* that was made for the command; 0: none */
	bool command_ended; /* the intermediate process has said so */
	int channel;        /* where it says so */
	const struct identity *user; /* whom the command runs as */
};

/*
 * Continues the intermediate process if a signal has stopped it: the command
 * may stop its whole process group.
 */
void group_wake_intermediate(const struct group *group);

/*
 * Ends the intermediate process, which has nothing left to do, reaps it, and
 * closes the channel.  Does nothing if it has been reaped.
 */
void group_release(struct group *group);

/*
 * Lets a keeper go its way: tells it that the start stands, and closes the
 * channel.
 */
void group_leave(struct group *group);

/*
 * Ends the command, wherever it is, and the process groups that it began in
 * and that it is in: by signo and SIGCONT, and what is left after 5 s by
 * SIGKILL; or by SIGKILL at once if that is signo.  Sends the signals as the
 * user if they are refused to us.  Waits for the end of all, after SIGKILL
 * at most 1 s, and reaps the intermediate process.  If something lives on,
 * warns of object, the command, and the pid file stays.
 */
void group_end(struct group *group, int signo, const char *object);
