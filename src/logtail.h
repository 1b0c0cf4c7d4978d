/* SPDX-License-Identifier: ISC */
/* The end of a log, for the message about a command that has ended early. */
#pragma once

#include <sys/types.h>

struct stream;

/*
 * Returns how many bytes have been added to the log since the start: 0 if there
 * is no reader, less if the log has shrunk.
 */
off_t logtail_size(const struct stream *log);

/*
 * Shows on standard error what has been added: the last 10 lines at most, and
 * 2 KiB.
 */
void logtail_show(const struct stream *log);
