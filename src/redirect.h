/* SPDX-License-Identifier: ISC */
/* Where the command's descriptors 0, 1 and 2 come from. */
#pragma once

struct options;
struct plan;

/*
 * Fills the command's streams, and the loggers: opens the files, finds the
 * loggers and opens their pipes; with -n only looks.  Bit N of closed_mask: the
 * caller had descriptor N closed.  Dies with EXIT_FAILED.
 */
void redirect(struct plan *plan, const struct options *options,
    unsigned closed_mask);

/*
 * In a keeper, before another run: has the file of -i read from its beginning,
 * takes back the flags that a run has set (O_NONBLOCK and others), and opens
 * each log again whose name has become another file, for itself, the command
 * and the loggers.  Warns if it cannot; then the old file stays.
 */
void redirect_again(struct plan *plan);
