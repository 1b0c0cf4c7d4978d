/* SPDX-License-Identifier: ISC */
/* Turning the options into the plan, and the process into what it needs. */
#pragma once

struct options;
struct plan;

/*
 * Fills the plan, which must be all zero.  closed_mask is the result of
 * streams_reserve().  Everything that can fail while the caller is watching
 * fails here: dies with EXIT_FAILED, EXIT_CANNOT_EXEC, EXIT_NOT_FOUND or
 * EXIT_ALREADY, or with EXIT_STARTED for --oknodo.
 *
 * Does what the processes to come inherit: closes other descriptors, sets the
 * environment, takes the start locks, opens the streams (close-on-exec; of them
 * only loggers' pipes are closed before the exec), enters the directory and
 * sets the umask.  With -v says each step on standard error before it is done.
 * With -n makes the same checks, says each step on standard output, changes
 * nothing, and exits with 0.
 */
void prepare(struct plan *plan, const struct options *options,
    unsigned closed_mask);
