/* Who the command runs as. */
#pragma once
#include "compat.h"

struct identity {
	const char *name; /* as it was typed; NULL: nothing changes */
	uid_t user;
	gid_t group;
};

/* Finds USER[:GROUP], each by name or else by number; a mere number needs a
 * GROUP.  Takes the user's supplementary groups, and sets HOME, USER, LOGNAME
 * and SHELL in environ.  Does nothing of it, and leaves name, if we are that
 * user already and not root.  Dies with EXIT_FAILED. */
void identity_find(struct identity *id, const char *typed);

/* Between the two our effective ids, and so our rights to files, are the
 * user's.  They do nothing if name is NULL, and die with EXIT_FAILED; the
 * second keeps errno. */
void identity_assume(const struct identity *id);
void identity_resume(const struct identity *id);
/* Takes the ids for good: group, then user, real, effective and saved, and
 * verifies that there is no way back.  Async-signal-safe.  Returns 0, or -1
 * with errno: EPERM if there was one. */
int identity_become(const struct identity *id);
#define identity_drop_temporarily   identity_assume
#define identity_restore            identity_resume
#define identity_drop_permanently   identity_become
