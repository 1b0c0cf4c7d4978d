/* Who the command runs as. */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

struct identity {
	const char *name; /* as it was typed; NULL: nothing changes */
	uid_t user;
	gid_t group;
};

/*
 * Finds USER[:GROUP], each by name or else by number; a user of a mere number needs a GROUP.  Takes
 * the user's supplementary groups at once, and sets HOME, USER, LOGNAME and SHELL in environ.
 * Nothing of it, and name NULL, if we are not root and run as that user already.  Dies with
 * EXIT_FAILED.
 */
void identity_find(struct identity *identity, const char *user_and_group);

/*
 * Between the two our effective ids are the user's, so that files are opened with that user's
 * rights.  They do nothing if name is NULL, and die with EXIT_FAILED.
 */
void identity_assume(const struct identity *identity);
void identity_resume(const struct identity *identity);

/*
 * Takes the ids for good: group, then user, real, effective and saved, and verifies that there is
 * no way back.  Async-signal-safe.  Returns 0, or -1 with errno: EPERM if there was one.
 */
int identity_become(const struct identity *identity);

#endif
