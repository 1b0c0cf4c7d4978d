/* SPDX-License-Identifier: ISC */
/* The three processes: launcher, middle and daemon. */
#pragma once
#include "plan.h"

/* In the launcher: starts the middle, which leads a new session and starts the
 * daemon, which becomes the command; waits for the verdict, and then watches
 * the command if the plan says so. Returns the exit status; on failure the
 * reason was said, and no process of ours is left.
 *
 * The event is the end of file of a close-on-exec pipe that only the daemon can
 * write to by then: by the exec or by death.  Which of the two is the middle's
 * verdict, its exit status.  Without one (it was killed) the start has failed,
 * and the daemon is ended.  A middle whose daemon is to be watched lives on, at
 * one end of the leash, a socket pair, until the other is closed: it sends an
 * empty report as the verdict, then one on the command's end, with si_code and
 * si_status of its siginfo_t as error and detail. */
int detach(const struct plan *plan);
