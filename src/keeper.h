/* SPDX-License-Identifier: ISC */
/*
 * The keeper: the intermediate process of --restart, which stays, and starts
 * the command and its loggers again whenever they end.
 *
 * (1)	It has the run locks, and its pid is the one that counts: it is there
 *	between two runs, too.
 * (2)	The command dies with it, however it ends (compat_die_with_parent()).
 * (3)	TERM, INT and QUIT are passed on to the command's process group, and
 *	the keeper ends once the command has.  Every other signal that can be
 *	caught is passed on to the command.
 * (4)	The delay before another run is that of --restart.  It doubles after
 *	each run shorter than 10 s, up to 60 s or the delay of --restart, if
 *	that is more.  A logger's begins at 1 s, if that is less.
 */
#pragma once

#include <sys/types.h>

#include "message.h"

struct plan;

enum {
	KEEPER_FDS = 16 /* it leaves open at most so many, beside -k's */
};

/*
 * In the intermediate process, before the first run: takes the command's place
 * (streams, run locks, the pid that is printed), closes every descriptor but
 * the channel and those that it and the command need, and has signals noted.
 * Returns a failure, of STEP_NONE if there is none.
 */
struct failure keeper_begin(struct plan *plan, int channel);

/* Passes on to the command what was noted since; 0: it has ended.  Does nothing
 * in a process that is no keeper. */
void keeper_pass_signals(pid_t command);

/*
 * Keeps the children running, of which the first is the command and the others
 * are the loggers, and which may have ended.  Returns once it has been told to
 * end, and the command has ended.
 */
void keeper_run(struct plan *plan, const pid_t *children, int count);
