/* SPDX-License-Identifier: ISC */
/*
 * Whether a process that seems to be the daemon of a pid or lock file is it.
 * The kernel's word is not enough: a number comes again, anyone who may read a
 * file can hold a read lock on it, and who shares its descriptors with another
 * process can hold a lock under that one's number.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "identity.h"

enum claim {
	CLAIM_OPEN, /* it cannot be found out */
	CLAIM_PROVED,
	CLAIM_REFUTED
};

/* The file that the daemon is claimed to belong to. */
struct claim_file {
	bool is_pidfile;
	bool is_trusted; /* only root and who runs us can have bent it */
	off_t run_byte;  /* of the run lock */
	const struct stat *st;
	const struct identity *user; /* of -u */
};

/*
 * Judges the process that holds the run lock, whose number a pid file names:
 *
 * (1)	A trusted lock file has no other holder than its daemon, unless /proc
 *	shows that the process has no lock in it.
 * (2)	A trusted pid file's holder is its daemon if it fits the stamp.  Else it
 *	must run as root, as who runs us or as the file's owner, and not be one
 *	that /proc shows without the lock.  Where /proc tells none of it, it is
 *	believed.
 * (3)	Of a file that others may have bent, the holder must run as one who may
 *	write it: root, its owner or the -u user; and /proc must show the lock
 *	in it.
 *
 * Returns CLAIM_OPEN if /proc does not tell what rule (3) asks.
 */
enum claim claim_of_holder(const struct claim_file *file, pid_t pid);

/*
 * Judges the living process that a pid file names while nobody holds the run
 * lock:
 *
 * (1)	If the stamp fits it is the daemon, but only a trusted file proves it.
 * (2)	If the stamp differs it is another process, if it leads its session, the
 *	leader of its session lives or is of another pid namespace, or it has a
 *	terminal: a daemon has none of these.
 */
enum claim claim_of_named(const struct claim_file *file, pid_t pid);
