/* SPDX-License-Identifier: ISC */
/* What happens after the exec under -w and -r. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct group;
struct plan;

/*
 * In the intermediate process, once it has sent the verdict: waits for the end
 * of its children, the command first and then the loggers, and sends it.
 * Returns when the launcher has closed its end of the channel.  Reaps the
 * command only then.  A keeper passes on signals meanwhile.
 *
 * Returns false if the start has been undone: the command has ended, and no
 * message has said that the start stands.
 */
bool monitor_stay(int channel, const pid_t *children, int count);

/*
 * In the launcher, once the command has been executed: waits until it is ready
 * (-r) and then for the time of -w.  Returns if it has come that far.  Else
 * undoes the start, unless the command has ended with status 0, says what has
 * become of the command and what it wrote to its log, and exits: with the
 * command's own status, with 128+N if it ended by signal N, with
 * EXIT_NOT_READY, or with EXIT_FAILED if a logger has ended or we have lost
 * track of it.
 *
 * With a keeper a command that ends well during -w has come that far, too.
 *
 * INT, HUP, TERM and QUIT, unless they are ignored, undo the start too, and
 * then end us; TSTP stops us.
 */
void monitor_watch(const struct plan *plan, struct group *group);
