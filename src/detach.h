/* SPDX-License-Identifier: ISC */
/* fork, setsid, fork, and the verdict. */
#pragma once

struct plan;

/*
 * In the launcher: starts the intermediate process and the daemon, waits for
 * the verdict, and then watches the command if the plan says so.  Returns the
 * exit status.  On failure the reason has been said, and no process of ours is
 * left.
 */
int detach(const struct plan *plan);
