/* The three processes: launcher, middle and daemon. */
#ifndef DETACH_H
#define DETACH_H

#include "plan.h"

/*
 * In the launcher: starts the middle, which leads a new session and starts the daemon, which
 * becomes the command; waits for the verdict.  Returns the exit status; on failure one line was
 * said, and no process of ours is left.
 *
 * The event is the end of file of a close-on-exec pipe, whose write end only the daemon holds by
 * then.  It comes by the exec or by death; which of the two is the middle's verdict, its exit
 * status.  Without one (it was killed) the start has failed, and the daemon is ended.
 */
int detach(const struct plan *plan);

#endif
