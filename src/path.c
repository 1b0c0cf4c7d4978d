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
#include "exit.h"

enum {
	MAX_LINKS = 40 /* as many as Linux follows */
};

/*
 * What a walk needs room for.  On the stack it would cost each start three
 * pages more, which is a thirtieth of its time.
 */
static struct {
	char way[PATH_MAX];    /* for lookup->way */
	char joined[PATH_MAX]; /* for walk->rest, behind a link */
	char target[PATH_MAX]; /* of a link */
} room;

/* A walk that is under way. */
struct walk {
	struct lookup *lookup;
	const struct identity *user;
	bool follow_last;
	bool is_done;     /* lookup says where the path leads */
	int links;        /* how many were followed */
	const char *rest; /* what is still to be walked */
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

/* Adds the name to the way. */
static void
extend_way(const char *name)
{
	size_t length = strlen(room.way);

	if (length + strlen("/") + strlen(name) >= sizeof(room.way))
		return;
	room.way[length] = '/';
	(void)strcpy(room.way + length + 1, name);
}

/*
 * Judges the directory that is open as fd, or a link: rule (3) from the first
 * one on that is not trusted.  Returns 0, or -1 with errno.
 */
static int
judge(struct walk *walk, int fd, const struct stat *st)
{
	struct lookup *lookup = walk->lookup;

	lookup->trust = trust_judge(fd, st);
	if (lookup->trust == TRUST_YES)
		return 0;
	lookup->trusted = false;
	lookup->untrusted = *st;
	lookup->as_user = walk->user->name != NULL;
	return identity_try_drop(walk->user);
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
	if (!lookup->trusted)
		return 0;
	if (fstat(fd, &st) == -1)
		return -1;
	return judge(walk, fd, &st);
}

static int
enter_root(struct walk *walk)
{
	const int flags = COMPAT_O_SEARCH | O_DIRECTORY | O_CLOEXEC;

	if (walk->lookup->trusted)
		room.way[0] = '\0';
	return enter(walk, open("/", flags));
}

/*
 * Enters the directory of that name; flags is O_NOFOLLOW or 0.  Returns 0, or
 * -1 with errno: ENOTDIR or ELOOP if it is a link or a file.
 */
static int
enter_name(struct walk *walk, int flags)
{
	struct lookup *lookup = walk->lookup;
	int fd;

	flags |= COMPAT_O_SEARCH | O_DIRECTORY | O_CLOEXEC;
	fd = compat_openat(lookup->dirfd, lookup->name, flags);
	if (fd != -1 && lookup->trusted)
		extend_way(lookup->name);
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

/* Returns true if all of the path was walked but for this name. */
static bool
is_last(const struct walk *walk)
{
	return *walk->rest == '\0';
}

/*
 * Returns true if protected_symlinks of proc(5) lets somebody follow a link of
 * that status in the directory.
 */
static bool
is_permitted_link(const struct walk *walk, const struct stat *link)
{
	const mode_t shared = S_ISVTX | S_IWOTH;
	uid_t follower = walk->lookup->as_user ? walk->user->uid : getuid();
	struct stat dir;

	if (fstat(walk->lookup->dirfd, &dir) == -1)
		return false;
	if ((dir.st_mode & shared) != shared)
		return true;
	return link->st_uid == follower || link->st_uid == dir.st_uid;
}

/* Rule (3), and rule (4) for the last name, for a link of that status. */
static bool
may_follow(const struct walk *walk, const struct stat *link)
{
	const struct lookup *lookup = walk->lookup;

	if (lookup->trusted)
		return true;
	if (is_last(walk))
		return false;
	if (getuid() == 0 && !lookup->as_user)
		return false;
	return is_permitted_link(walk, link);
}

/* Returns the descriptor that a number names, or -1. */
static int
parse_fd(const char *text)
{
	char *endp;
	long fd;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	fd = strtol(text, &endp, 10);
	if (*endp != '\0' || errno != 0 || fd > INT_MAX)
		return -1;
	return (int)fd;
}

/* Returns the descriptor that a text means by rule (7), or -1. */
static int
parse_callers_fd(const char *text)
{
	static const char *const names[] = { "/dev/stdin", "/dev/stdout",
		"/dev/stderr" };
	static const char prefix[] = "/dev/fd/";
	const size_t prefix_length = strlen(prefix);

	for (int fd = 0; fd <= 2; fd++) {
		if (strcmp(text, names[fd]) == 0)
			return fd;
	}
	if (strncmp(text, prefix, prefix_length) != 0)
		return -1;
	return parse_fd(text + prefix_length);
}

/*
 * Goes to the root directory if the rest begins there, or ends the walk by rule
 * (7).  Returns 0, or -1 with errno.
 */
static int
begin_rest(struct walk *walk)
{
	struct lookup *lookup = walk->lookup;

	if (lookup->trusted && walk->follow_last)
		lookup->callers_fd = parse_callers_fd(walk->rest);
	if (lookup->callers_fd != -1) {
		walk->is_done = true;
		return 0;
	}
	return *walk->rest == '/' ? enter_root(walk) : 0;
}

/*
 * Puts the target in room, of that length, in front of the rest.  Returns 0, or
 * -1 with errno.
 */
static int
follow_text(struct walk *walk, size_t length)
{
	if (length + strlen(walk->rest) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	(void)memmove(room.joined + length, walk->rest, strlen(walk->rest) + 1);
	(void)memcpy(room.joined, room.target, length);
	walk->rest = room.joined;
	return begin_rest(walk);
}

/* Returns true if the directory has our own descriptors. */
static bool
is_our_fd_dir(const struct lookup *lookup)
{
	struct stat dir, ours;

	if (fstat(lookup->dirfd, &dir) == -1 ||
	    stat("/proc/self/fd", &ours) == -1)
		return false;
	return path_same(&dir, &ours);
}

/* Follows a link of procfs: rule (6).  Returns 0, or -1 with errno. */
static int
follow_object(struct walk *walk)
{
	struct lookup *lookup = walk->lookup;

	if (!lookup->trusted) {
		errno = ELOOP;
		return -1;
	}
	if (!is_last(walk))
		return enter_name(walk, 0);
	if (is_our_fd_dir(lookup))
		lookup->callers_fd = parse_fd(lookup->name);
	else
		lookup->is_object_link = true;
	walk->is_done = true;
	return 0;
}

/*
 * Follows a link of that name, whose target is in room and has that length.
 * Returns 0, or -1 with errno.
 */
static int
follow(struct walk *walk, const struct stat *link, size_t length)
{
	struct lookup *lookup = walk->lookup;

	if (lookup->trusted) {
		if (judge(walk, -1, link) == -1)
			return -1;
		if (!lookup->trusted)
			extend_way(lookup->name);
	}
	if (!may_follow(walk, link) || walk->links == MAX_LINKS) {
		errno = ELOOP;
		return -1;
	}
	walk->links++;
	if (compat_has_object_links(lookup->dirfd))
		return follow_object(walk);
	return follow_text(walk, length);
}

/* Reads a link of that name into room, and its status into *link.  Returns the
 * length of its target, or -1 with errno: EINVAL if it is no link. */
static ssize_t
read_link(const struct lookup *lookup, struct stat *link)
{
	return compat_read_link(lookup->dirfd, lookup->name, room.target,
	    sizeof(room.target), link);
}

/*
 * Enters the directory of that name, or follows the link.  Returns 0, or -1
 * with errno.
 */
static int
pass_name(struct walk *walk)
{
	struct stat link;
	ssize_t length;

	if (enter_name(walk, O_NOFOLLOW) == 0)
		return 0;
	if (errno != ENOTDIR && errno != ELOOP)
		return -1;
	length = read_link(walk->lookup, &link);
	if (length != -1)
		return follow(walk, &link, (size_t)length);
	if (errno == EINVAL)
		errno = ENOTDIR;
	return -1;
}

/*
 * Ends the walk at the last name, or follows it if it is a link.  Returns 0, or
 * -1 with errno.
 */
static int
pass_last(struct walk *walk)
{
	struct stat link;
	ssize_t length = -1;

	if (walk->follow_last)
		length = read_link(walk->lookup, &link);
	if (length != -1)
		return follow(walk, &link, (size_t)length);

	/* It is no link, or why it cannot be read is told when it is opened. */
	walk->is_done = true;
	return 0;
}

int
path_walk(struct lookup *lookup, const char *path, bool follow_last,
    const struct identity *user)
{
	struct walk walk = {
		.lookup = lookup,
		.user = user,
		.follow_last = follow_last,
		.rest = path,
	};

	*lookup = (struct lookup){
		.dirfd = -1,
		.callers_fd = -1,
		.trusted = true,
		.way = room.way,
	};
	if (begin_rest(&walk) == -1)
		return -1;

	while (!walk.is_done) {
		int result;

		if (take_name(&walk) == -1)
			return -1;
		if (is_last(&walk))
			result = pass_last(&walk);
		else
			result = pass_name(&walk);
		if (result == -1)
			return -1;
	}
	return 0;
}

int
path_callers_fd(const char *path)
{
	static const struct identity nobody;
	struct lookup lookup;
	int result = path_walk(&lookup, path, true, &nobody);

	if (lookup.dirfd != -1)
		(void)close(lookup.dirfd);
	return result == -1 ? -1 : lookup.callers_fd;
}
