/* SPDX-License-Identifier: ISC */
/*
 * What a pid file holds: the process id in decimal, a newline, and in the
 * nanoseconds of its modification time the identity stamp, which is the
 * process's start in clock ticks since the boot, modulo 10^9.  So a process is
 * known to be the same whatever the clock does.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

enum pidfile_match {
	PIDFILE_FITS,    /* the process started when the stamp says so */
	PIDFILE_DIFFERS, /* its number came again, or the file was touched */
	PIDFILE_UNKNOWN  /* its start cannot be found out */
};

/*
 * Writes our process id in place of what an open file holds, and sets the
 * stamp.  A file system that cannot keep a stamp gets none, which is 0.
 * Returns 0, or -1 with errno.  Async-signal-safe.
 */
int pidfile_write(int fd);

/* Returns the process id if an open file holds one and a newline, else 0; or -1
 * with errno. */
pid_t pidfile_read(int fd);

/*
 * Returns 1 if an open file may be overwritten as a pid file, 0 if it may not,
 * or -1 with errno.  It may if it is empty, or has only NULs (as after a power
 * cut), or a number, perhaps with blanks or more lines after it (as other
 * programs write).
 */
int pidfile_is_one(int fd);

/* Compares the stamp of a file with the start of a process.  Without a stamp, a
 * start within 2 s of the modification time counts as one that fits. */
enum pidfile_match pidfile_compare(const struct stat *st, pid_t pid);
