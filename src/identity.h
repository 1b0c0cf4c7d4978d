/* SPDX-License-Identifier: ISC */
/* Who the command runs as. */
#pragma once
#include <sys/types.h>

struct identity {
	const char *name; /* as it was typed; NULL: nothing changes */
	uid_t uid;
	gid_t gid;
};

/*
 * Finds USER[:GROUP], each by its name or else by its number; a user that has
 * only a number needs a GROUP.  Takes the user's supplementary groups, and sets
 * HOME, USER, LOGNAME and SHELL in environ.  If we are that user already, and
 * not root, it does nothing of this and leaves id->name NULL.  Dies with
 * EXIT_FAILED.
 */
void identity_find(struct identity *id, const char *typed);

/*
 * Between these two our effective ids, and so our rights to files, are the
 * user's.  Both do nothing if id->name is NULL, and die with EXIT_FAILED.  The
 * second keeps errno.
 */
void identity_drop_temporarily(const struct identity *id);
void identity_restore(const struct identity *id);

/*
 * Takes the group and the user for good: real, effective and saved ids.  Then
 * tries to get back, which must fail.  Async-signal-safe.  Returns 0, or -1
 * with errno: EPERM if there was a way back.
 */
int identity_drop_permanently(const struct identity *id);
