/* SPDX-License-Identifier: ISC */
#include "trust.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "compat.h"
#include "identity.h"

static bool
is_trusted_owner(uid_t uid)
{
	if (uid == 0 || uid == getuid())
		return true;
	return uid == compat_unmapped_uid();
}

enum trust
trust_judge(int fd, const struct stat *st)
{
	if (!is_trusted_owner(st->st_uid))
		return TRUST_OTHER_OWNER;
	if (S_ISLNK(st->st_mode))
		return TRUST_YES;
	if ((st->st_mode & S_IWOTH) != 0)
		return TRUST_ALL_WRITE;
	if ((st->st_mode & S_IWGRP) == 0)
		return TRUST_YES;
	if (compat_has_acl(fd))
		return TRUST_ACL;
	if (!identity_group_is_private(st->st_uid, st->st_gid))
		return TRUST_GROUP_WRITES;
	return TRUST_YES;
}

static void
describe_owner(uid_t uid, char *text, size_t size)
{
	const struct passwd *owner = getpwuid(uid);
	const char *name = "an unknown user";

	if (owner != NULL)
		name = owner->pw_name;
	(void)snprintf(text, size, "owned by %s", name);
}

static void
describe_group(gid_t gid, char *text, size_t size)
{
	const struct group *group = getgrgid(gid);
	const char *name = "of an unknown name";

	if (group != NULL)
		name = group->gr_name;
	(void)snprintf(text, size, "writable by group %s", name);
}

void
trust_describe(enum trust trust, const struct stat *st, char *text, size_t size)
{
	switch (trust) {
	case TRUST_OTHER_OWNER:
		describe_owner(st->st_uid, text, size);
		break;
	case TRUST_ALL_WRITE:
		(void)snprintf(text, size, "writable by everyone");
		break;
	case TRUST_GROUP_WRITES:
		describe_group(st->st_gid, text, size);
		break;
	case TRUST_ACL:
		(void)snprintf(text, size,
		    "writable by its group or its access list");
		break;
	case TRUST_YES:
		(void)snprintf(text, size, "trusted");
		break;
	}
}
