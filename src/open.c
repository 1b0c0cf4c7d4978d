/* SPDX-License-Identifier: ISC */
#include "open.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "diag.h"

enum {
	MAX_TRIES = 1000, /* of opening a name that is being replaced */
	MAX_LOOKS = 20    /* at a name, where one look proves nothing */
};

const struct open_rule open_rule_input = {
	.follow_last = true,
	.check_names = true,
	.any_owner = true,
	.null_and_std = true,
	.fifo_two_ways = true,
};

const struct open_rule open_rule_log = {
	.follow_last = true,
	.give_to_user = true,
	.check_names = true,
	.any_owner = true,
	.null_and_std = true,
};

const struct open_rule open_rule_lock = {
	.check_names = true,
	.only_regular = true,
};

const struct open_rule open_rule_ask = {
	.only_regular = true,
};

static const char not_only_name[] = "not the file's only name";

/* Returns true if path is one that means what the kernel says. */
static bool
is_null_or_std(const char *path)
{
	static const char *const names[] = { "/dev/null", "/dev/stdin",
		"/dev/stdout", "/dev/stderr" };
	static const char fd_prefix[] = "/dev/fd/";
	const size_t prefix_length = strlen(fd_prefix);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(path, names[i]) == 0)
			return true;
	}
	if (strncmp(path, fd_prefix, prefix_length) != 0)
		return false;
	path += prefix_length;
	return path[strspn(path, "0123456789")] == '\0';
}

/* Returns true if one of the owners that rule (4) wants has the file. */
static bool
has_good_owner(const struct stat *st, const struct open_rule *rule,
    const struct identity *user)
{
	if (st->st_uid == getuid())
		return true;
	if (user->name != NULL && st->st_uid == user->uid)
		return true;
	return rule->any_owner && getuid() != 0;
}

/*
 * Returns why rule (4) or (5) forbids a file, or NULL.  Sets errno as open.h
 * says.
 */
static const char *
find_refusal(const struct lookup *lookup, const struct stat *st,
    const struct open_rule *rule, const struct identity *user)
{
	if (!S_ISREG(st->st_mode)) {
		errno = EINVAL;
		return rule->only_regular ? "not a regular file" : NULL;
	}
	if (lookup->trusted || !rule->check_names)
		return NULL;

	errno = EPERM;
	if (st->st_nlink != 1)
		return not_only_name;
	if (!has_good_owner(st, rule, user))
		return "owned by somebody else";
	return NULL;
}

/* Returns true if the name in the directory is that file, and its only one. */
static bool
is_entry(const struct lookup *lookup, const struct stat *st)
{
	struct stat now;

	if (fstatat(lookup->dirfd, lookup->name, &now, AT_SYMLINK_NOFOLLOW) ==
	    -1)
		return false;
	return path_same(&now, st) && now.st_nlink == 1;
}

/*
 * Returns true if an open file still has the name by which it was opened, so
 * that st_nlink counts this name.  Where the kernel does not say so, many looks
 * have to do: between any two the name may be another file's.
 */
static bool
is_named(const struct lookup *lookup, int fd, const struct stat *st)
{
	for (int looks = 0; looks < MAX_LOOKS; looks++) {
		compat_wait_for_unlink(lookup->dirfd, lookup->name);
		switch (compat_has_name(fd, lookup->name)) {
		case COMPAT_YES:
			return true;
		case COMPAT_NO:
			return false;
		case COMPAT_UNKNOWN:
			break;
		}
		if (!is_entry(lookup, st))
			return false;
	}
	return true;
}

/* Returns true if the file was not removed or replaced before it was judged. */
static bool
is_still_there(const struct lookup *lookup, int fd, const struct stat *st)
{
	if (st->st_nlink == 0)
		return false;
	/* One with more names is judged by their number. */
	if (lookup->trusted || st->st_nlink > 1)
		return true;
	return is_named(lookup, fd, st);
}

static int
open_or_create(const struct lookup *lookup, int flags, mode_t mode,
    bool *created)
{
	int fd = openat(lookup->dirfd, lookup->name, flags & ~O_CREAT);

	*created = false;
	if (fd != -1 || errno != ENOENT || (flags & O_CREAT) == 0)
		return fd;

	fd = openat(lookup->dirfd, lookup->name, flags | O_EXCL, mode);
	*created = fd != -1;
	return fd;
}

/* Closes a file that is of no use, and removes one that we have made. */
static int
discard(const struct lookup *lookup, int fd, bool created)
{
	int saved_errno = errno;

	(void)close(fd);
	if (created)
		(void)unlinkat(lookup->dirfd, lookup->name, 0);
	errno = saved_errno;
	return -1;
}

/*
 * Opens the last name, without following a link, and again if it is replaced
 * meanwhile.  Returns a descriptor, with the file's status in *st, or -1 with
 * errno.
 */
static int
open_name(struct lookup *lookup, int flags, mode_t mode, struct stat *st,
    bool *created)
{
	for (int tries = 1;; tries++) {
		int fd =
		    open_or_create(lookup, flags | O_NOFOLLOW, mode, created);

		if (fd == -1 && errno == EEXIST && tries < MAX_TRIES)
			continue;
		if (fd == -1)
			return -1;
		if (fstat(fd, st) == -1)
			return discard(lookup, fd, *created);
		if (is_still_there(lookup, fd, st))
			return fd;
		if (tries == MAX_TRIES) {
			/* It is mounted here, and has no name of its own. */
			if (!lookup->trusted)
				lookup->refusal = not_only_name;
			return fd;
		}
		(void)close(fd);
	}
}

/* Returns true if the name is a FIFO. */
static bool
is_fifo(const struct lookup *lookup)
{
	struct stat st;

	if (fstatat(lookup->dirfd, lookup->name, &st, AT_SYMLINK_NOFOLLOW) ==
	    -1)
		return false;
	return S_ISFIFO(st.st_mode);
}

/*
 * Rule (2): gives a new log to the user.  Returns 0, or -1 with errno.
 */
static int
give(const struct lookup *lookup, int fd, const struct open_rule *rule,
    const struct identity *user)
{
	if (!rule->give_to_user || !lookup->trusted || user->name == NULL)
		return 0;
	return fchown(fd, user->uid, user->gid);
}

/* Opens the last name by the rules.  Returns a descriptor, or -1 with errno. */
static int
open_last(struct lookup *lookup, int flags, mode_t mode,
    const struct open_rule *rule, const struct identity *user, bool *created)
{
	struct stat st;
	int fd;

	if (rule->fifo_two_ways && is_fifo(lookup))
		flags = (flags & ~O_ACCMODE) | O_RDWR;
	fd = open_name(lookup, flags, mode, &st, created);
	if (fd == -1) {
		if (errno == ENXIO && is_fifo(lookup)) {
			errno = ENXIO;
			lookup->refusal = "nobody reads this FIFO";
		}
		return -1;
	}

	if (lookup->refusal != NULL)
		errno = EPERM;
	else
		lookup->refusal = find_refusal(lookup, &st, rule, user);
	if (lookup->refusal != NULL)
		return discard(lookup, fd, false);

	if (*created && give(lookup, fd, rule, user) == -1)
		return discard(lookup, fd, false);
	return fd;
}

/* Explains a link that was not followed, right after that failed. */
static void
explain_link(struct lookup *lookup, const struct open_rule *rule)
{
	if (errno == ELOOP && (!lookup->trusted || !rule->follow_last))
		lookup->refusal = "a symbolic link, which is not followed";
}

int
open_path(struct lookup *lookup, const char *path, int flags, mode_t mode,
    const struct open_rule *rule, const struct identity *user, bool *created)
{
	bool made = false;
	int fd = -1;

	if (rule->null_and_std && is_null_or_std(path)) {
		*lookup = (struct lookup){ .dirfd = -1, .trusted = true };
		fd = open(path, flags & ~O_CREAT);
	} else {
		if (path_walk(lookup, path, rule->follow_last, user) == 0)
			fd = open_last(lookup, flags, mode, rule, user, &made);
		if (lookup->as_user)
			identity_restore(user);
		if (fd == -1)
			explain_link(lookup, rule);
	}
	if (created != NULL)
		*created = made;
	return fd;
}

/* Returns the mode of access(2) that the flags of open(2) ask for. */
static int
access_mode(int flags)
{
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return R_OK;
	case O_WRONLY:
		return W_OK;
	default:
		return R_OK | W_OK;
	}
}

/* Tells whether open_last() would succeed.  Returns 0, or -1 with errno. */
static int
preview_last(struct lookup *lookup, int flags, const struct open_rule *rule,
    const struct identity *user)
{
	struct stat st;

	if (fstatat(lookup->dirfd, lookup->name, &st, AT_SYMLINK_NOFOLLOW) ==
	    -1) {
		if (errno != ENOENT || (flags & O_CREAT) == 0)
			return -1;
		return faccessat(lookup->dirfd, ".", W_OK | X_OK, AT_EACCESS);
	}
	if (S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		return -1;
	}
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	if (faccessat(lookup->dirfd, lookup->name, access_mode(flags),
		AT_EACCESS) == -1)
		return -1;
	lookup->refusal = find_refusal(lookup, &st, rule, user);
	return lookup->refusal == NULL ? 0 : -1;
}

int
open_preview(struct lookup *lookup, const char *path, int flags,
    const struct open_rule *rule, const struct identity *user)
{
	int result;

	if (rule->null_and_std && is_null_or_std(path)) {
		*lookup = (struct lookup){ .dirfd = -1, .trusted = true };
		return 0;
	}
	result = path_walk(lookup, path, rule->follow_last, user);
	if (result == 0)
		result = preview_last(lookup, flags, rule, user);
	if (lookup->as_user)
		identity_restore(user);
	if (result == -1)
		explain_link(lookup, rule);
	return result;
}

/*
 * Returns true if a failure has to do with the untrusted component.  Without -u
 * it takes no right from us: then only what we refuse has.
 */
static bool
is_about_trust(const struct lookup *lookup, int error,
    const struct identity *user)
{
	if (lookup->trusted)
		return false;
	if (error == ELOOP)
		return true;
	if (error != EACCES && error != EPERM)
		return false;
	return user->name != NULL || lookup->refusal != NULL;
}

/* Writes into text why the component is not trusted. */
static void
describe_untrusted(const struct lookup *lookup, char *text, size_t size)
{
	const struct stat *st = &lookup->untrusted;
	const struct passwd *owner;
	const struct group *group;
	const char *name;

	if (st->st_uid != 0 && st->st_uid != getuid()) {
		owner = getpwuid(st->st_uid);
		name = owner != NULL ? owner->pw_name : "an unknown user";
		(void)snprintf(text, size, "owned by %s", name);
		return;
	}
	if ((st->st_mode & S_IWOTH) != 0) {
		(void)snprintf(text, size, "writable by everyone");
		return;
	}
	group = getgrgid(st->st_gid);
	name = group != NULL ? group->gr_name : "of an unknown name";
	(void)snprintf(text, size, "writable by group %s", name);
}

void
open_die(const struct lookup *lookup, const char *path,
    const struct identity *user)
{
	const int error = errno;
	const char *reason = lookup->refusal;
	const char *way = lookup->way;
	char why[256];

	if (reason == NULL)
		reason = strerror(error);
	if (!is_about_trust(lookup, error, user))
		die(EXIT_FAILED, "%s: %s", path, reason);

	if (way[0] == '\0')
		way = "/";
	describe_untrusted(lookup, why, sizeof(why));
	if (user->name != NULL)
		die(EXIT_FAILED, "%s: %s (opened as %s, because %s is %s)",
		    path, reason, user->name, way, why);
	die(EXIT_FAILED, "%s: %s (not trusted, because %s is %s)", path, reason,
	    way, why);
}
