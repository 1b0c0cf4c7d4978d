/* SPDX-License-Identifier: ISC */
/*
 * Paths as the caller means them, walked one name at a time, so that no other
 * user can bend them.  The rules, by the numbers of the manual (SECURITY
 * CONSIDERATIONS):
 *
 * (1)	A directory or a link is trusted if root or who runs us owns it and
 *	nobody else can write to it.
 * (2)	As long as every one is trusted, we go on as who runs us, and follow
 *	links.
 * (3)	From the first one on that is not trusted, we go on as the -u user, if
 *	there is one; else we follow no link.
 *
 * The rules for the last name are those of open.h.
 *
 * The walk holds each directory open, and looks the next name up in it: what
 * was judged is what is used, whatever is renamed meanwhile.
 */
#pragma once
#include <sys/stat.h>

#include <limits.h>
#include <stdbool.h>

#include "identity.h"

/* Where a path led. */
struct lookup {
	int dirfd; /* the last directory, close-on-exec, for the caller to
		      close; -1: not reached */
	char name[NAME_MAX + 1]; /* in it */
	bool trusted;            /* rule (1) held for every component */
	bool as_user;            /* rule (3): we act as the -u user */
	const char *refusal;     /* a reason of our own to fail, else NULL: then
				    errno has it */

	char way[PATH_MAX]; /* what was walked, without links and the last name,
			       up to the first untrusted component */
	struct stat untrusted; /* the status of that component */
};

/*
 * Returns path, which is shorter than PATH_MAX, as an absolute one: itself, or
 * a copy that is never freed.  Dies with EXIT_FAILED if that is too long, or
 * the working directory has been removed or cannot be found out.
 */
const char *path_absolute(const char *path);

/*
 * Walks an absolute path to its last name, by the rules above, and fills
 * lookup.  The last name need not exist.  If it is a link, follow_last tells
 * whether the walk goes on with its target.
 *
 * Returns 0, or -1 with errno: ELOOP for a link that is not followed, EISDIR
 * for a path without a last name.  In both cases our effective ids are the
 * user's if lookup->as_user is set: the caller must call identity_restore().
 */
int path_walk(struct lookup *lookup, const char *path, bool follow_last,
    const struct identity *user);

/* Returns true if both are the status of one file. */
bool path_same(const struct stat *a, const struct stat *b);
