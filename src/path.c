/* SPDX-License-Identifier: ISC */
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "diag.h"

enum {
	MAX_LINKS = 40 /* as many as Linux follows */
};

/* A walk that is under way. */
struct walk {
	struct lookup *lookup;
	const struct identity *user;
	const char *rest;      /* what is still to be walked */
	char joined[PATH_MAX]; /* where it stands, behind a link */
};

const char *
path_absolute(const char *path)
{
	char cwd[PATH_MAX];
	char *absolute;
	size_t size;

	if (path[0] == '/')
		return path;

	if (getcwd(cwd, sizeof(cwd)) == NULL) {
		if (errno == ERANGE)
			errno = ENAMETOOLONG;
		die(EXIT_FAILED, "%s: the working directory: %s", path,
		    strerror(errno));
	}
	if (strcmp(cwd, "/") == 0)
		cwd[0] = '\0';
	while (path[0] == '.' && path[1] == '/')
		path += 1 + strspn(path + 1, "/");

	size = strlen(cwd) + strlen("/") + strlen(path) + 1;
	absolute = malloc(size);
	if (absolute == NULL)
		die_no_memory();
	(void)snprintf(absolute, size, "%s/%s", cwd, path);
	if (size > PATH_MAX)
		die(EXIT_FAILED, "%s: %s", absolute, strerror(ENAMETOOLONG));
	return absolute;
}

bool
path_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Rule (1), for a directory or a link. */
static bool
is_trusted(const struct stat *st)
{
	if (st->st_uid != 0 && st->st_uid != getuid())
		return false;
	if (S_ISLNK(st->st_mode))
		return true;
	return (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* Adds the name to the way. */
static void
extend_way(struct lookup *lookup)
{
	size_t length = strlen(lookup->way);

	if (length + strlen("/") + strlen(lookup->name) < sizeof(lookup->way))
		(void)sprintf(lookup->way + length, "/%s", lookup->name);
}

/* Rule (3): goes on from here as somebody who need not trust anybody. */
static void
stop_trusting(struct walk *walk, const struct stat *st)
{
	struct lookup *lookup = walk->lookup;

	lookup->trusted = false;
	lookup->untrusted = *st;
	lookup->as_user = walk->user->name != NULL;
	identity_drop_temporarily(walk->user);
}

/*
 * Moves to the directory that was opened as fd, which may be -1.  Returns 0, or
 * -1 with errno.
 */
static int
enter(struct walk *walk, int fd)
{
	struct lookup *lookup = walk->lookup;
	struct stat st;

	if (fd == -1)
		return -1;

	if (lookup->dirfd != -1)
		(void)close(lookup->dirfd);
	lookup->dirfd = fd;
	if (fstat(fd, &st) == -1)
		return -1;
	if (lookup->trusted && !is_trusted(&st))
		stop_trusting(walk, &st);
	return 0;
}

static int
enter_root(struct walk *walk)
{
	const int flags = COMPAT_O_SEARCH | O_DIRECTORY | O_CLOEXEC;

	if (walk->lookup->trusted)
		walk->lookup->way[0] = '\0';
	return enter(walk, open("/", flags));
}

/*
 * Enters the directory of that name.  Returns 0, or -1 with errno: ENOTDIR or
 * ELOOP if it is a link or a file.
 */
static int
enter_name(struct walk *walk)
{
	struct lookup *lookup = walk->lookup;
	const int flags =
	    COMPAT_O_SEARCH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(lookup->dirfd, lookup->name, flags);

	if (fd != -1 && lookup->trusted)
		extend_way(lookup);
	return enter(walk, fd);
}

/* Takes the next name from the rest.  Returns 0, or -1 with errno. */
static int
take_name(struct walk *walk)
{
	const char *name = walk->rest + strspn(walk->rest, "/");
	size_t length = strcspn(name, "/");

	if (length == 0) {
		errno = EISDIR;
		return -1;
	}
	if (length > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	(void)memcpy(walk->lookup->name, name, length);
	walk->lookup->name[length] = '\0';
	walk->rest = name + length;
	return 0;
}

/* Judges the link of that name.  Returns 0, or -1 with errno. */
static int
judge_link(struct walk *walk)
{
	struct lookup *lookup = walk->lookup;
	struct stat st;

	if (fstatat(lookup->dirfd, lookup->name, &st, AT_SYMLINK_NOFOLLOW) ==
	    -1)
		return -1;
	if (lookup->trusted && !is_trusted(&st)) {
		extend_way(lookup);
		stop_trusting(walk, &st);
	}
	return 0;
}

/* Rule (3), and rule (4) for the last name. */
static bool
may_follow(const struct walk *walk)
{
	bool is_last = *walk->rest == '\0';

	if (walk->lookup->trusted)
		return true;
	return walk->lookup->as_user && !is_last;
}

/*
 * Puts the target, of that length, in front of the rest.  Returns 0, or -1 with
 * errno.
 */
static int
follow(struct walk *walk, const char *target, size_t length)
{
	if (length + strlen(walk->rest) >= sizeof(walk->joined)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	(void)memmove(walk->joined + length, walk->rest,
	    strlen(walk->rest) + 1);
	(void)memcpy(walk->joined, target, length);
	walk->rest = walk->joined;
	return *walk->rest == '/' ? enter_root(walk) : 0;
}

/*
 * Follows the link of that name.  Returns 1, or 0 if it is no link, or -1 with
 * errno.
 */
static int
try_link(struct walk *walk, int *links)
{
	const struct lookup *lookup = walk->lookup;
	char target[PATH_MAX];
	ssize_t length =
	    readlinkat(lookup->dirfd, lookup->name, target, sizeof(target));

	if (length == -1)
		return errno == EINVAL ? 0 : -1;
	if (judge_link(walk) == -1)
		return -1;
	if (!may_follow(walk) || *links == MAX_LINKS) {
		errno = ELOOP;
		return -1;
	}
	++*links;
	return follow(walk, target, (size_t)length) == -1 ? -1 : 1;
}

/*
 * Goes on with that name, which is not the last, or is to be followed.  Returns
 * 1, or 0 if the walk ends here, or -1 with errno.
 */
static int
step(struct walk *walk, int *links)
{
	bool is_last = *walk->rest == '\0';
	int result;

	if (!is_last) {
		if (enter_name(walk) == 0)
			return 1;
		if (errno != ENOTDIR && errno != ELOOP)
			return -1;
	}
	result = try_link(walk, links);
	if (result == 1)
		return 1;
	if (is_last && (result == 0 || errno == ENOENT))
		return 0;
	if (result == 0)
		errno = ENOTDIR;
	return -1;
}

int
path_walk(struct lookup *lookup, const char *path, bool follow_last,
    const struct identity *user)
{
	struct walk walk = { .lookup = lookup, .user = user, .rest = path };
	int links = 0;
	int more = 1;

	*lookup = (struct lookup){ .dirfd = -1, .trusted = true };
	if (enter_root(&walk) == -1)
		return -1;

	while (more == 1) {
		if (take_name(&walk) == -1)
			return -1;
		if (*walk.rest == '\0' && !follow_last)
			return 0;
		more = step(&walk, &links);
	}
	return more;
}
