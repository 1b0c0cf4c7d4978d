/* SPDX-License-Identifier: ISC */
/* For init scripts: the verbs --status, --stop and --signal. */
#pragma once
#include "options.h"

/* Does what the verb says to the process that holds the life lock of the file
 * or, if nobody does, to the one that a trusted pid file names and that was
 * started when it was written; to no other. Returns the exit status; says on
 * descriptor 2 why it is EXIT_UNKNOWN or EXIT_NOT_READY. */
int control(const struct options *options);
