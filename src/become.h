/* The last steps: the process turns into the command. */
#ifndef BECOME_H
#define BECOME_H

#include "plan.h"
#include "report.h"

/*
 * Does what is left of the plan in the process that calls it, and executes the command.  Returns
 * only if a step fails, with what there is to report; the steps before it stay done.
 * Async-signal-safe.
 */
struct report become(const struct plan *plan);

/*
 * The same in the only process there is, without detaching: says why it failed on the caller's
 * standard error, and returns the exit status.
 */
int become_here(const struct plan *plan);

#endif
