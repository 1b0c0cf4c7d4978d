/* SPDX-License-Identifier: ISC */
/* fork, setsid, fork, and the verdict. */
#pragma once

struct plan;

/*
 * In the launcher: starts the intermediate process and the daemon, waits for
 * the verdict, and then watches the command if the plan says so.  Returns if
 * the start has succeeded.  Else says why, leaves no process of ours, and
 * exits.
 */
void detach(struct plan *plan);

/*
 * For a start that does not detach: starts the loggers, and waits until they
 * have executed their files.  When it returns they are children of init, or
 * ours if we are process 1. Blocks all signals.  Exits with EXIT_FAILED if one
 * of them fails.
 */
void detach_loggers(struct plan *plan);
