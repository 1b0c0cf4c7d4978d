#include "path.h"
#include "diag.h"
#include <grp.h>
#include <pwd.h>

static char
    walked[PATH_MAX]; /* the last walk's way, up to what it had to doubt */

const char *
path_absolute(const char *path)
{
	static char absolute[2 *
	    PATH_MAX]; /* off the stack, as all large buffers: fewer pages */
	if (path[0] == '/')
		return path;
	if (!getcwd(absolute, PATH_MAX))
		die(EXIT_FAILED, "%s: the working directory: %s", path,
		    strerror(errno == ERANGE ? ENAMETOOLONG : errno));
	while (path[0] == '.' && path[1] == '/')
		path += 1 + strspn(path + 1, "/");
	if (strcmp(absolute, "/") != 0)
		(void)strcat(absolute, "/");
	if (strlen(strcat(absolute, path)) >= PATH_MAX)
		die(EXIT_FAILED, "%s: %s", absolute, strerror(ENAMETOOLONG));
	const char *copy = strdup(absolute);
	if (!copy)
		die_no_memory();
	return copy;
}

/* Goes on with the directory or link of that name; what we doubt stays the
 * first such. */
static void
judge(struct lookup *at, const struct stat *st)
{
	size_t length = strlen(walked);
	mode_t others = S_ISLNK(st->st_mode) ? 0 : S_IWGRP | S_IWOTH;
	if (!at->trusted)
		return;
	if (at->name[0] && length + 1 + strlen(at->name) < sizeof(walked))
		(void)strcpy(stpcpy(walked + length, "/"), at->name);
	if ((st->st_uid == 0 || st->st_uid == getuid()) &&
	    !(st->st_mode & others))
		return;
	at->trusted = false;
	at->status = *st;
	identity_assume(at->user);
}

/* Moves to a directory that was just opened, or not: returns 0, or -1 with
 * errno. */
static int
enter(struct lookup *at, int fd)
{
	struct stat st;
	if (fd == -1)
		return -1;
	if (at->dirfd != -1)
		(void)close(at->dirfd);
	at->dirfd = fd;
	if (fstat(fd, &st) == -1)
		return -1;
	judge(at, &st);
	return 0;
}

/* Walks rest to its first name that is no directory, or its last: returns 0, or
 * -1 with errno. */
static int
descend(struct lookup *at, const char **rest)
{
	const int flags =
	    COMPAT_O_SEARCH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	if (**rest == '/') {
		at->name[0] = '\0';
		if (at->trusted)
			walked[0] = '\0';
		if (enter(at, open("/", flags)) == -1)
			return -1;
	}
	for (;;) {
		const char *name = *rest + strspn(*rest, "/");
		size_t length = strcspn(name, "/");
		errno = length == 0 ? EISDIR : ENAMETOOLONG;
		if (length == 0 || length > NAME_MAX)
			return -1;
		*stpncpy(at->name, name, length) = '\0';
		*rest = name + length;
		if (**rest == '\0')
			return 0;
		int fd = openat(at->dirfd, at->name, flags);
		if (fd == -1 && (errno == ENOTDIR || errno == ELOOP))
			return 0;
		if (enter(at, fd) == -1)
			return -1;
	}
}

/* Walks to the last directory and fills place: returns 0, or -1 with errno. */
static int
walk(struct lookup *at, const char *path, bool follow_last)
{
	static char joined[PATH_MAX], target[PATH_MAX];
	const char *rest = path;
	struct stat st;
	for (int links = 0; links <= 40; links++) {
		if (descend(at, &rest) == -1)
			return -1;
		bool last = *rest == '\0';
		if (last && !follow_last)
			return 0;
		ssize_t length =
		    readlinkat(at->dirfd, at->name, target, sizeof(target));
		if (length == -1 && errno == EINVAL)
			errno = ENOTDIR; /* it is no link */
		if (length == -1)
			return last ? 0 : -1;
		if (fstatat(at->dirfd, at->name, &st,
			AT_SYMLINK_NOFOLLOW) == -1)
			return -1;
		judge(at, &st);
		if (!at->trusted && (last || !at->user->name))
			break;
		if (at->trusted)
			*strrchr(walked, '/') = '\0';
		/* the target takes the place of the name */
		errno = ENAMETOOLONG;
		if ((size_t)length + strlen(rest) >= sizeof(joined))
			return -1;
		(void)memmove(joined + length, rest, strlen(rest) + 1);
		rest = memcpy(joined, target, (size_t)length);
	}
	errno = ELOOP;
	return -1;
}

/* Why an open file may not be used, which may stand where others can put one;
 * NULL if it may. */
static const char *
refusal(const struct lookup *at, const struct stat *file, enum purpose purpose)
{
	const struct identity *user = at->user;
	if (!S_ISREG(file->st_mode))
		return purpose >= FOR_LOCK ? "not a regular file" : NULL;
	if (at->trusted || purpose == FOR_ASKING)
		return NULL;
	if (file->st_nlink != 1)
		return "not the file's only name";
	if (file->st_uid == getuid() ||
	    (user->name && file->st_uid == user->user))
		return NULL;
	return getuid() == 0 || purpose == FOR_LOCK ? "owned by somebody else" :
						      NULL;
}

/* Whether open_last() could, as far as can be told: 0, or -1 with errno. */
static int
preview_last(const struct lookup *at, int flags)
{
	int mode = flags & O_APPEND ? W_OK : R_OK;
	struct stat st;
	if (faccessat(at->dirfd, at->name, mode, AT_EACCESS) == -1) {
		if (errno != ENOENT || !(flags & O_CREAT))
			return -1;
		return faccessat(at->dirfd, ".", W_OK | X_OK, AT_EACCESS);
	}
	bool found = fstatat(at->dirfd, at->name, &st, 0) == 0;
	errno = EISDIR;
	return found && S_ISDIR(st.st_mode) ? -1 : 0;
}

static int
open_last(struct lookup *at, int flags, mode_t mode, enum purpose purpose)
{
	const int directory = at->dirfd;
	const char *name = at->name;
	struct stat st;
	bool created, known;
	int fd;
	for (int tries = 0;; tries++) {
		fd = openat(directory, name, flags & ~O_CREAT);
		created = fd == -1 && errno == ENOENT && flags & O_CREAT;
		if (created)
			fd = openat(directory, name, flags | O_EXCL, mode);
		if (fd == -1 && errno == EEXIST)
			continue; /* made meanwhile */
		known = fd != -1 && fstat(fd, &st) == 0;
		if (!known)
			break;
		/* in this order: a name that is there still was there before */
		bool sure = at->trusted || st.st_nlink > 1;
		if (st.st_nlink != 0 &&
		    (sure || compat_is_named(fd, &st, directory, name)))
			break;
		if (tries == 1000)
			st.st_nlink = 0; /* refused where doubted */
		if (tries == 1000)
			break;
		(void)close(fd); /* removed meanwhile */
	}
	if (fd == -1 && errno == ENXIO &&
	    fstatat(directory, name, &st, 0) == 0 && S_ISFIFO(st.st_mode))
		at->refusal = "nobody reads this FIFO";
	if (fd == -1)
		return -1;
	if (!known && created)
		(void)unlinkat(directory, name,
		    0); /* or else it stays, empty */
	if (known) {
		at->refusal = refusal(at, &st, purpose);
		bool gives = created && at->trusted && at->user->name &&
		    purpose != FOR_LOCK;
		errno = S_ISREG(st.st_mode) ?
		    EPERM :
		    EINVAL; /* EINVAL: whatever the path */
		if (!at->refusal &&
		    (!gives ||
			fchown(fd, at->user->user, at->user->group) == 0))
			return fd;
	}
	(void)close(fd); /* nothing was written */
	return -1;
}

int
path_open(struct lookup *at, const char *path, int flags, mode_t mode,
    enum purpose purpose, const struct identity *user)
{
	static const char *const as_given[] = { "/dev/null", "/dev/stdin",
		"/dev/stdout", "/dev/stderr", "/dev/fd/" };
	*at = (struct lookup){ .dirfd = -1, .trusted = true, .user = user };
	for (size_t i = 0;
	     i < sizeof(as_given) / sizeof(as_given[0]) && purpose < FOR_LOCK;
	     i++) {
		size_t length = strlen(as_given[i]);
		if (strncmp(path, as_given[i], length) == 0 &&
		    path[length + strspn(path + length, "0123456789")] == '\0')
			return purpose == FOR_PREVIEW ?
			    0 :
			    open(path, flags & ~(O_CREAT | O_RDWR));
	}
	int fd = walk(at, path, purpose < FOR_LOCK);
	if (fd == 0 && purpose == FOR_PREVIEW)
		fd = preview_last(at, flags);
	else if (fd == 0)
		fd = open_last(at, flags | O_NOFOLLOW, mode, purpose);
	if (!at->trusted)
		identity_resume(user);
	if (fd == -1 && errno == ELOOP && (!at->trusted || purpose >= FOR_LOCK))
		at->refusal = "a symbolic link, which is not followed";
	return fd;
}

bool
path_same(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

void
path_die(const struct lookup *at, const char *path, const struct identity *user)
{
	const char *reason = at->refusal ? at->refusal : strerror(errno);
	const char *what = "writable by everyone", *who = "";
	const struct stat *st = &at->status;
	/* other reasons need no explanation; without -u the doubt takes no
	 * right from us */
	bool denied =
	    (errno == EACCES || errno == EPERM) && (user->name || at->refusal);
	if (at->trusted || (errno != ELOOP && !denied))
		die(EXIT_FAILED, "%s: %s", path, reason);
	if (st->st_uid != 0 && st->st_uid != getuid()) {
		const struct passwd *owner = getpwuid(st->st_uid);
		what = "owned by ";
		who = owner ? owner->pw_name : "an unknown user";
	} else if (!(st->st_mode & S_IWOTH)) {
		const struct group *group = getgrgid(st->st_gid);
		what = "writable by group ";
		who = group ? group->gr_name : "of an unknown name";
	}
	die(EXIT_FAILED, "%s: %s (%s%s, because %s is %s%s)", path, reason,
	    user->name ? "opened as " : "not trusted",
	    user->name ? user->name : "", walked[0] ? walked : "/", what, who);
}
