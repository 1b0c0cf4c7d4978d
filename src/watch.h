/* SPDX-License-Identifier: ISC */
/* After the exec: wait until the command is ready, watch it, and undo a start
 * that failed. */
#pragma once
#include "plan.h"

/* In the launcher, when the daemon has executed the command: waits for what the
 * plan asks for, with leash leading to the middle (see detach.h).  Returns when
 * the command is ready and has outlived its watch, and the middle has ended.
 * Else undoes the start, says what became of the command and what it wrote to
 * its log, and exits with EXIT_NOT_READY or the command's own status (128 + N
 * for signal N; 0 if it ended with 0 when it was ready).
 *
 * INT, HUP, TERM and QUIT, unless ignored, undo the start too and then end us;
 * TSTP stops us. */
void watch(const struct plan *plan, int leash, pid_t middle, pid_t daemon);
/* Ends the process group of the middle, and that of a daemon that leads one, by
 * a signal and after 5 s by SIGKILL, or by that at once; waits for it, and a
 * second more for what SIGKILL leaves, and for the middle.  Returns whether all
 * have gone. */
bool end_command(pid_t middle, pid_t daemon, int number);
