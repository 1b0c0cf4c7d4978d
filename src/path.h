/* SPDX-License-Identifier: ISC */
/*
 * Paths as the caller means them, walked one name at a time, so that no other
 * user can bend them.  The rules, by the numbers of the manual (SECURITY
 * CONSIDERATIONS):
 *
 * (1)	Which directories and links are trusted: see trust.h.
 * (2)	As long as every one is trusted, we go on as who runs us, and follow
 *	links.
 * (3)	From the first one on that is not trusted, we go on as the -u user, if
 *	there is one.  Root without -u then follows no link.  Anybody else, and
 *	the user, follows one as protected_symlinks of proc(5) has it: in a
 *	sticky directory that everyone can write to, the link must be its
 *	follower's own, or the directory's owner's.
 * (6)	A link of procfs leads to an object, not to the text that it shows.  The
 *	kernel follows it, on a trusted path; on any other nobody does.
 * (7)	/dev/stdin, /dev/stdout, /dev/stderr and /dev/fd/N, as the path or at
 *	the end of trusted links, mean the caller's own descriptor.
 *
 * The rules for the last name are those of open.h.
 *
 * The walk holds each directory open, and looks the next name up in it: what
 * was judged is what is used, whatever is renamed meanwhile.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "identity.h"
#include "trust.h"

/* Where a path led. */
struct lookup {
	int dirfd; /* the last directory, close-on-exec, for the caller to
		      close; -1: not reached */
	char name[NAME_MAX + 1]; /* in it */
	int callers_fd; /* rule (7): what the path means instead, else -1 */
	bool is_object_link; /* rule (6): the name is to be followed */
	bool trusted;        /* rule (1) held for every component */
	bool as_user;        /* rule (3): opened as the -u user */
	const char *refusal; /* a reason of our own to fail, else NULL: then
				errno has it */

	const char *way; /* what was walked, without links and the last name, up
			    to the first untrusted component; it stands until
			    the next walk */
	struct stat untrusted; /* the status of that component */
	enum trust trust;      /* what is wrong with it */
	bool cannot_give;      /* a new log cannot be made the user's */
};

/*
 * Returns path, which is shorter than PATH_MAX, as an absolute one: itself, or
 * a copy that is never freed.  Dies with EXIT_FAILED if that is too long, or
 * the working directory has been removed or cannot be found out.
 */
const char *path_absolute(const char *path);

/*
 * Walks an absolute path to its last name, by the rules above, and fills
 * lookup.  The last name need not exist.  follow_last tells whether it may be a
 * link, with whose target the walk goes on, and whether rules (6) and (7) hold
 * for it.
 *
 * Returns 0, or -1 with errno: ELOOP for a link that is not followed, EISDIR
 * for a path without a last name.  In both cases our effective ids are the
 * user's if lookup->as_user is set: the caller must call identity_restore().
 */
int path_walk(struct lookup *lookup, const char *path, bool follow_last,
    const struct identity *user);

/*
 * Returns the caller's descriptor that an absolute path means by rule (7), or
 * -1.  Opens nothing.
 */
int path_callers_fd(const char *path);

/* Returns true if both are the status of one file. */
bool path_same(const struct stat *a, const struct stat *b);
