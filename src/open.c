/* SPDX-License-Identifier: ISC */
#include "open.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compat.h"
#include "diag.h"
#include "exit.h"

enum {
	MAX_TRIES = 1000, /* of opening a name that is being replaced */
	MAX_LOOKS = 20    /* at a name, where one look proves nothing */
};

const struct open_rule open_rule_input = {
	.follow_last = true,
	.check_file = true,
	.is_stream = true,
};

const struct open_rule open_rule_log = {
	.follow_last = true,
	.check_file = true,
	.share = true,
	.give_to_user = true,
	.is_stream = true,
};

const struct open_rule open_rule_lock = {
	.only_regular = true,
	.check_file = true,
};

const struct open_rule open_rule_ask = {
	.only_regular = true,
};

static const char null_device[] = "/dev/null";
static const char not_only_name[] = "not the file's only name";

/* Returns true if one of the owners that rule (4) wants has the file. */
static bool
has_good_owner(const struct stat *st, const struct open_rule *rule,
    const struct identity *user)
{
	if (st->st_uid == getuid())
		return true;
	if (user->name != NULL && st->st_uid == user->uid)
		return true;
	return rule->share && getuid() != 0;
}

/* Sets errno.  Returns the reason. */
static const char *
refuse(int error, const char *reason)
{
	errno = error;
	return reason;
}

/*
 * Returns why rule (4) or (5) forbids a file, with errno as open.h says; or
 * NULL.
 */
static const char *
find_refusal(const struct lookup *lookup, const struct stat *st,
    const struct open_rule *rule, const struct identity *user)
{
	if (rule->only_regular && !S_ISREG(st->st_mode))
		return refuse(EINVAL, "not a regular file");

	if (lookup->trusted || !rule->check_file)
		return NULL;
	if (!S_ISREG(st->st_mode) && !S_ISFIFO(st->st_mode))
		return NULL;
	if (st->st_nlink != 1)
		return refuse(EPERM, not_only_name);
	if (!has_good_owner(st, rule, user))
		return refuse(EPERM, "owned by another user");
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

/* Makes the file.  Returns a descriptor, or -1 with errno. */
static int
create(const struct lookup *lookup, int flags, mode_t mode)
{
	const mode_t owner = S_IRUSR | S_IWUSR;
	/* Only a change tells the umask. */
	mode_t mask = umask(owner);
	int fd;

	(void)umask(mask & ~owner);
	fd =
	    openat(lookup->dirfd, lookup->name, flags | O_CREAT | O_EXCL, mode);
	(void)umask(mask);
	return fd;
}

static int
open_or_create(const struct lookup *lookup, int flags, mode_t mode,
    bool *created)
{
	int fd = compat_openat(lookup->dirfd, lookup->name, flags & ~O_CREAT);

	*created = false;
	if (fd != -1 || errno != ENOENT || (flags & O_CREAT) == 0)
		return fd;

	fd = create(lookup, flags, mode);
	*created = fd != -1;
	return fd;
}

/* Closes a file that is of no use, and removes one that we have made.  Returns
 * -1, and keeps errno. */
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

/*
 * Opens what a link of procfs leads to: rule (6).  Returns a descriptor, with
 * the file's status in *st, or -1 with errno.
 */
static int
open_object(const struct lookup *lookup, int flags, struct stat *st)
{
	int fd = openat(lookup->dirfd, lookup->name, flags & ~O_CREAT);

	if (fd != -1 && fstat(fd, st) == -1)
		return discard(lookup, fd, false);
	return fd;
}

/*
 * Gets the status of what the last name is, or for rule (6) leads to.  Returns
 * 0, or -1 with errno.
 */
static int
get_status(const struct lookup *lookup, struct stat *st)
{
	int flags = lookup->is_object_link ? 0 : AT_SYMLINK_NOFOLLOW;

	return fstatat(lookup->dirfd, lookup->name, st, flags);
}

static bool
is_fifo(const struct lookup *lookup)
{
	struct stat st;

	return get_status(lookup, &st) == 0 && S_ISFIFO(st.st_mode);
}

/* Rule (2), for a file that we have made.  Returns 0, or -1 with errno. */
static int
give(struct lookup *lookup, int fd, const struct open_rule *rule,
    const struct identity *user)
{
	if (!rule->give_to_user || !lookup->trusted || user->name == NULL)
		return 0;
	if (fchown(fd, user->uid, user->gid) == 0)
		return 0;
	lookup->cannot_give = true;
	return -1;
}

/*
 * Checks an open file by the rules, and makes it what it is to be.  Returns 0,
 * or -1 with errno.
 */
static int
finish(struct lookup *lookup, int fd, int flags, const struct stat *st,
    const struct open_rule *rule, const struct identity *user)
{
	if (S_ISDIR(st->st_mode) && !rule->only_regular) {
		errno = EISDIR;
		return -1;
	}
	if (lookup->refusal != NULL) {
		errno = EPERM;
		return -1;
	}
	lookup->refusal = find_refusal(lookup, st, rule, user);
	if (lookup->refusal != NULL)
		return -1;
	/* A stream blocks: O_NONBLOCK was for the open alone. */
	if (rule->is_stream)
		return fcntl(fd, F_SETFL, flags & O_APPEND);
	return 0;
}

/* Explains a FIFO that could not be opened for writing: it has no reader. */
static void
explain_fifo(struct lookup *lookup, const struct open_rule *rule,
    const struct identity *user)
{
	struct stat st;

	if (get_status(lookup, &st) == -1 || !S_ISFIFO(st.st_mode)) {
		errno = ENXIO;
		return;
	}
	lookup->refusal = find_refusal(lookup, &st, rule, user);
	if (lookup->refusal == NULL) {
		lookup->refusal = "this FIFO has no reader";
		errno = ENXIO;
	}
}

static bool
is_input(const struct open_rule *rule, int flags)
{
	return rule->is_stream && (flags & O_ACCMODE) == O_RDONLY;
}

/* Returns the flags for a FIFO to be read, which then has no end. */
static int
in_both_directions(int flags)
{
	return (flags & ~O_ACCMODE) | O_RDWR;
}

/* Opens the last name by the rules.  Returns a descriptor, or -1 with errno. */
static int
open_last(struct lookup *lookup, int flags, mode_t mode,
    const struct open_rule *rule, const struct identity *user, bool *created)
{
	struct stat st;
	int fd;

	if (is_input(rule, flags) && is_fifo(lookup))
		flags = in_both_directions(flags);
	if (lookup->is_object_link)
		fd = open_object(lookup, flags, &st);
	else
		fd = open_name(lookup, flags, mode, &st, created);
	if (fd == -1) {
		if (errno == ENXIO)
			explain_fifo(lookup, rule, user);
		return -1;
	}

	if (finish(lookup, fd, flags, &st, rule, user) == -1)
		return discard(lookup, fd, *created);
	if (*created && give(lookup, fd, rule, user) == -1)
		return discard(lookup, fd, true);
	return fd;
}

/*
 * Checks the caller's descriptor that the path means, by rule (7).  Returns 0,
 * or -1 with errno.
 */
static int
check_callers_fd(struct lookup *lookup, int flags)
{
	int wanted = flags & O_ACCMODE;
	int status = fcntl(lookup->callers_fd, F_GETFL);

	if (status == -1)
		return -1;
	status &= O_ACCMODE;
	if (status == wanted || status == O_RDWR)
		return 0;
	lookup->refusal = "not open for reading";
	if (wanted != O_RDONLY)
		lookup->refusal = "not open for writing";
	errno = EINVAL;
	return -1;
}

static int
duplicate(struct lookup *lookup, int flags)
{
	if (check_callers_fd(lookup, flags) == -1)
		return -1;
	return fcntl(lookup->callers_fd, F_DUPFD_CLOEXEC, 0);
}

/* Explains a link that was not followed, right after that failed. */
static void
explain_link(struct lookup *lookup, const struct open_rule *rule)
{
	if (errno == ELOOP && (!lookup->trusted || !rule->follow_last))
		lookup->refusal = "a symbolic link, which is not followed";
}

/* Returns true if a stream is the null device, which every default is. */
static bool
is_null_device(const char *path, const struct open_rule *rule)
{
	return rule->is_stream && strcmp(path, null_device) == 0;
}

static int
check_null_device(struct lookup *lookup, const struct stat *st)
{
	if (S_ISCHR(st->st_mode))
		return 0;
	lookup->refusal = "not a character device";
	errno = EINVAL;
	return -1;
}

/* The path is the system's: there is nobody to be distrusted. */
static void
trust_null_device(struct lookup *lookup)
{
	*lookup = (struct lookup){
		.dirfd = -1,
		.callers_fd = -1,
		.trusted = true,
		.way = "",
	};
}

static int
open_null_device(struct lookup *lookup, int flags)
{
	struct stat st;
	int fd;

	trust_null_device(lookup);
	fd = open(null_device, (flags & ~(O_CREAT | O_NONBLOCK)) | O_CLOEXEC);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || check_null_device(lookup, &st) == -1)
		return discard(lookup, fd, false);
	return fd;
}

static int
preview_null_device(struct lookup *lookup)
{
	struct stat st;

	trust_null_device(lookup);
	if (stat(null_device, &st) == -1)
		return -1;
	return check_null_device(lookup, &st);
}

int
open_path(struct lookup *lookup, const char *path, int flags, mode_t mode,
    const struct open_rule *rule, const struct identity *user, bool *created)
{
	bool made = false;
	int fd = -1;

	if (created != NULL)
		*created = false;
	if (is_null_device(path, rule))
		return open_null_device(lookup, flags);

	if (path_walk(lookup, path, rule->follow_last, user) == 0) {
		if (lookup->callers_fd != -1)
			fd = duplicate(lookup, flags);
		else
			fd = open_last(lookup, flags | O_CLOEXEC, mode, rule,
			    user, &made);
	}
	if (lookup->as_user)
		identity_restore(user);
	if (fd == -1)
		explain_link(lookup, rule);
	if (created != NULL)
		*created = made && fd != -1;
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

/*
 * Tells whether a name whose status could not be had would be made.  Returns 0,
 * or -1 with errno.
 */
static int
preview_creation(const struct lookup *lookup, int flags)
{
	if (errno != ENOENT || (flags & O_CREAT) == 0)
		return -1;
	if (compat_has_object_links(lookup->dirfd)) {
		errno = ENOENT;
		return -1;
	}
	return compat_access(lookup->dirfd, ".", W_OK | X_OK);
}

/*
 * Tells whether open_last() would succeed, but not whether a FIFO to be written
 * has a reader: only opening it could.  Returns 0, or -1 with errno.
 */
static int
preview_last(struct lookup *lookup, int flags, const struct open_rule *rule,
    const struct identity *user)
{
	struct stat st;

	if (get_status(lookup, &st) == -1)
		return preview_creation(lookup, flags);
	if (S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		return -1;
	}
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	if (is_input(rule, flags) && S_ISFIFO(st.st_mode))
		flags = in_both_directions(flags);
	if (compat_access(lookup->dirfd, lookup->name, access_mode(flags)) ==
	    -1)
		return -1;
	if (S_ISSOCK(st.st_mode) && !rule->only_regular) {
		errno = ENXIO;
		return -1;
	}
	lookup->refusal = find_refusal(lookup, &st, rule, user);
	return lookup->refusal == NULL ? 0 : -1;
}

int
open_preview(struct lookup *lookup, const char *path, int flags,
    const struct open_rule *rule, const struct identity *user)
{
	int result;

	if (is_null_device(path, rule))
		return preview_null_device(lookup);

	result = path_walk(lookup, path, rule->follow_last, user);
	if (result == 0) {
		if (lookup->callers_fd != -1)
			result = check_callers_fd(lookup, flags);
		else
			result = preview_last(lookup, flags, rule, user);
	}
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
	if (lookup->cannot_give)
		die(EXIT_FAILED, "%s: cannot be given to %s: %s", path,
		    user->name, reason);
	if (!is_about_trust(lookup, error, user))
		die(EXIT_FAILED, "%s: %s", path, reason);

	if (way[0] == '\0')
		way = "/";
	trust_describe(lookup->trust, &lookup->untrusted, why, sizeof(why));
	if (user->name != NULL)
		die(EXIT_FAILED, "%s: %s (opened as %s, because %s is %s)",
		    path, reason, user->name, way, why);
	die(EXIT_FAILED, "%s: %s (not trusted, because %s is %s)", path, reason,
	    way, why);
}

int
open_null(int flags)
{
	static const struct identity nobody;
	struct lookup lookup;
	int fd = open_null_device(&lookup, flags);

	if (fd == -1)
		open_die(&lookup, null_device, &nobody);
	return fd;
}
