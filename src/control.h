/* SPDX-License-Identifier: ISC */
/* The verbs for init scripts: --status, --stop and --signal. */
#pragma once

struct options;

/*
 * Does what the verb says to the daemon of -p or -l: to the process that holds
 * the run lock or, if nobody holds it, to the one that a trusted pid file names
 * and that started when the file was written.  Returns the exit status.  Prints
 * the answer of --status; else writes a message to descriptor 2 if the status
 * is not EXIT_STARTED.
 */
int control(const struct options *options);
