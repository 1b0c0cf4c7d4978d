/* SPDX-License-Identifier: ISC */
/* Who the command runs as. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct identity {
	const char *name; /* as it was typed; NULL: nothing changes */
	uid_t uid;
	gid_t gid;
	/* The supplementary groups of the user, and of who runs us. */
	gid_t *groups, *own_groups;
	int group_count, own_count;
};

/*
 * Finds USER[:GROUP], each by its name or else by its number; a user that has
 * only a number needs a GROUP, and an empty one is the login group.  Sets HOME,
 * USER, LOGNAME and SHELL in environ.  If we are that user already, and cannot
 * become anybody, it does nothing of this and leaves id->name NULL.  Dies with
 * EXIT_FAILED, also if we may not become that user, or if it is not sure which
 * groups the user has.
 */
void identity_find(struct identity *id, const char *typed);

/*
 * Between these two our groups and effective ids, and so our rights to files,
 * are the user's.  Both do nothing if id->name is NULL, and die with
 * EXIT_FAILED.  The second keeps errno.
 */
void identity_drop_temporarily(const struct identity *id);
void identity_restore(const struct identity *id);

/*
 * The same, but they return 0, or -1 with errno: for who must not die, or is
 * exiting already.
 */
int identity_try_drop(const struct identity *id);
int identity_try_restore(const struct identity *id);

/*
 * Calls look(path) in a child that is the user for good.  Some file systems,
 * those of FUSE, let in only a process that is the user by all of its ids,
 * which one that wants to get back cannot be.  Returns what look returns: 0, or
 * -1 with errno; EACCES if that cannot be found out.
 */
int identity_look(const struct identity *id, int (*look)(const char *path),
    const char *path);

/*
 * Takes the groups, the group and the user for good: real, effective and saved
 * ids.  Then tries to get back, which must fail.  Async-signal-safe.  Returns
 * 0, or -1 with errno: EPERM if there was a way back.
 */
int identity_drop_permanently(const struct identity *id);

/*
 * Returns true if a group has the name of that owner, and no other member as
 * far as the databases say.
 */
bool identity_group_is_private(uid_t owner, gid_t gid);
