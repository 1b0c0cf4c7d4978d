/* Paths as the caller means them. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "exit.h"
#include "path.h"
#include "say.h"

char *path_absolute(const char *path)
{
	char absolute[2 * PATH_MAX] = "";
	size_t length = 0;
	char *copy;

	if (path[0] != '/') {
		if (!getcwd(absolute, PATH_MAX))
			die(EXIT_FAILED, "%s: the working directory: %s", path, strerror(errno));
		while (path[0] == '.' && path[1] == '/') path += 1 + strspn(path + 1, "/");
		length = strlen(absolute);
		if (absolute[length - 1] != '/') absolute[length++] = '/';
	}
	(void)strcpy(absolute + length, path);
	if (strlen(absolute) >= PATH_MAX)
		die(EXIT_FAILED, "%s: %s", absolute, strerror(ENAMETOOLONG));
	copy = strdup(absolute);
	if (!copy) die(EXIT_FAILED, "out of memory");
	return copy;
}

/* Goes on with a component; what we doubt stays the first that we doubted. */
static void judge(struct place *place, const char *component, const struct stat *status,
	mode_t writable, const struct identity *user)
{
	if (place->doubted) return;
	if (*component && strlen(place->walked) + strlen(component) + 2 < sizeof(place->walked))
		(void)strcat(strcat(place->walked, "/"), component);
	if ((status->st_uid == 0 || status->st_uid == getuid()) && !(status->st_mode & writable))
		return;
	place->doubted = true;
	place->status = *status;
	identity_assume(user);
}

/* Moves to a directory that was just opened, or not: returns 0, or -1 with errno. */
static int enter(struct place *place, int fd, const char *component, const struct identity *user)
{
	struct stat status;

	if (fd == -1) return -1;
	if (place->directory != -1) (void)close(place->directory);
	place->directory = fd;
	if (fstat(fd, &status) == -1) return -1;
	judge(place, component, &status, S_IWGRP | S_IWOTH, user);
	return 0;
}

/* Follows a link, or refuses to; rest is what comes behind it, and then all. */
static int follow(struct place *place, const char *component, const char *target,
	char rest[static 2 * PATH_MAX], const struct identity *user)
{
	struct stat status;
	char behind[2 * PATH_MAX];

	if (fstatat(place->directory, component, &status, AT_SYMLINK_NOFOLLOW) == -1) return -1;
	judge(place, component, &status, 0, user);
	if (place->doubted && (!user->name || *rest == '\0')) {
		errno = ELOOP;
		return -1;
	}
	if (!place->doubted) *strrchr(place->walked, '/') = '\0';
	(void)strcpy(behind, rest);
	if (snprintf(rest, 2 * PATH_MAX, "%s%s%s", target, *behind ? "/" : "", behind) >=
		PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (target[0] != '/') return 0;
	if (!place->doubted) place->walked[0] = '\0';
	return enter(place, open("/", COMPAT_O_SEARCH | O_CLOEXEC), "", user);
}

/* Walks to the last directory and fills place. */
static int walk(
	struct place *place, const char *path, bool follow_last, const struct identity *user)
{
	const int flags = COMPAT_O_SEARCH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	char rest[2 * PATH_MAX], target[PATH_MAX];
	int links;

	(void)strcpy(rest, path);
	if (enter(place, open("/", flags), "", user) == -1) return -1;
	for (links = 0; links <= 40;) {
		size_t begin = strspn(rest, "/");
		size_t length = strcspn(rest + begin, "/");
		bool last = rest[begin + length] == '\0';
		ssize_t target_length = -1;
		int fd = -1;

		if (length == 0 || length > NAME_MAX) {
			errno = length == 0 ? EISDIR : ENAMETOOLONG;
			return -1;
		}
		(void)memcpy(place->name, rest + begin, length);
		place->name[length] = '\0';
		(void)memmove(rest, rest + begin + length, strlen(rest + begin + length) + 1);
		if (!last) fd = openat(place->directory, place->name, flags);
		if (!last && (fd != -1 || (errno != ENOTDIR && errno != ELOOP))) {
			if (enter(place, fd, place->name, user) == -1) return -1;
			continue;
		}
		if (!last || follow_last)
			target_length = readlinkat(
				place->directory, place->name, target, sizeof(target) - 1);
		if (target_length == -1) {
			errno = ENOTDIR;
			return last ? 0 : -1;
		}
		target[target_length] = '\0';
		if (follow(place, place->name, target, rest, user) == -1) return -1;
		links++;
	}
	errno = ELOOP;
	return -1;
}

/* Whether an open file may be used that stands where others can put one. */
static bool is_acceptable(struct place *place, const struct stat *status, enum purpose purpose,
	const struct identity *user)
{
	if (purpose == FOR_LOCK && !S_ISREG(status->st_mode)) {
		place->refusal = "not a regular file";
		errno = EINVAL;
	} else if (!place->doubted || !S_ISREG(status->st_mode)) {
		return true;
	} else if (status->st_nlink != 1) {
		place->refusal = "not the file's only name";
	} else if (status->st_uid != getuid() && !(user->name && status->st_uid == user->user) &&
		   (getuid() == 0 || purpose == FOR_LOCK)) {
		place->refusal = "owned by somebody else";
	}
	return !place->refusal;
}

static int open_last(struct place *place, int flags, mode_t mode, enum purpose purpose,
	const struct identity *user)
{
	bool created = false;
	struct stat status;
	int fd;

	if (purpose == FOR_PREVIEW) {
		fd = faccessat(
			place->directory, place->name, flags & O_APPEND ? W_OK : R_OK, AT_EACCESS);
		if (fd == -1 && errno == ENOENT && flags & O_CREAT)
			return faccessat(place->directory, ".", W_OK | X_OK, AT_EACCESS);
		if (fd == 0 && fstatat(place->directory, place->name, &status, 0) == 0 &&
			S_ISDIR(status.st_mode)) {
			errno = EISDIR;
			return -1;
		}
		return fd;
	}
	do {
		fd = openat(place->directory, place->name, flags & ~O_CREAT);
		created = fd == -1 && errno == ENOENT && flags & O_CREAT;
		if (created) fd = openat(place->directory, place->name, flags | O_EXCL, mode);
		if (fd != -1 && fstat(fd, &status) == -1) {
			(void)close(fd); /* nothing was written */
			return -1;
		}
		/* in this order: a name that is there still was there before */
		if (fd != -1 &&
			(status.st_nlink == 0 ||
				(place->doubted && status.st_nlink == 1 &&
					!compat_is_named(fd, place->directory, place->name)))) {
			(void)close(fd); /* removed meanwhile */
			fd = -1;
			errno = EEXIST;
		}
	} while (fd == -1 && errno == EEXIST);
	if (fd == -1) {
		if (errno == ENXIO && fstatat(place->directory, place->name, &status, 0) == 0 &&
			S_ISFIFO(status.st_mode))
			place->refusal = "nobody reads this FIFO";
		return -1;
	}
	errno = EPERM;
	if (is_acceptable(place, &status, purpose, user) &&
		(!created || place->doubted || !user->name || purpose == FOR_LOCK ||
			fchown(fd, user->user, user->group) == 0))
		return fd;
	(void)close(fd); /* nothing was written */
	return -1;
}

int path_open(struct place *place, const char *path, int flags, mode_t mode, enum purpose purpose,
	const struct identity *user)
{
	static const char *const as_given[] = { "/dev/null", "/dev/stdin", "/dev/stdout",
		"/dev/stderr", "/dev/fd/" };
	int fd = -1;
	size_t i, length;

	*place = (struct place){ .directory = -1 };
	for (i = 0; i < sizeof(as_given) / sizeof(as_given[0]) && purpose != FOR_LOCK; i++) {
		length = strlen(as_given[i]);
		if (strncmp(path, as_given[i], length) == 0 &&
			path[length + strspn(path + length, "0123456789")] == '\0')
			return purpose == FOR_PREVIEW ? 0 : open(path, flags & ~(O_CREAT | O_RDWR));
	}
	if (walk(place, path, purpose != FOR_LOCK, user) == 0)
		fd = open_last(place, flags | O_NOFOLLOW, mode, purpose, user);
	if (place->doubted) identity_resume(user);
	return fd;
}

bool path_same(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

void path_die(const struct place *place, const char *path, const struct identity *user)
{
	const char *reason = place->refusal ? place->refusal : strerror(errno);
	const struct stat *status = &place->status;
	char who[256] = "writable by everyone";

	/* other reasons need no explanation */
	if (!place->doubted || (errno != ELOOP && errno != EACCES && errno != EPERM))
		die(EXIT_FAILED, "%s: %s", path, reason);
	if (status->st_uid != 0 && status->st_uid != getuid()) {
		const struct passwd *owner = getpwuid(status->st_uid);

		(void)snprintf(who, sizeof(who), "owned by %s",
			owner ? owner->pw_name : "an unknown user");
	} else if (!(status->st_mode & S_IWOTH)) {
		const struct group *group = getgrgid(status->st_gid);

		(void)snprintf(who, sizeof(who), "writable by group %s",
			group ? group->gr_name : "of an unknown name");
	}
	die(EXIT_FAILED, "%s: %s (%s%s, because %s is %s)", path, reason,
		user->name ? "opened as " : "not trusted", user->name ? user->name : "",
		place->walked[0] ? place->walked : "/", who);
}
