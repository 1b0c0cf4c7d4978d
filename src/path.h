/* Paths as the caller means them, opened so that nobody else can bend them. */
#pragma once
#include "identity.h"

/* Where a path led, and whom we had to doubt on the way. */
struct lookup {
	int dirfd; /* the last one, close-on-exec; -1 before it is known */
	char name[NAME_MAX + 1]; /* in it */
	bool trusted; /* nobody else can change a directory or a link */
	struct stat status; /* its own */
	const struct identity *user; /* as whom we go on from there */
	const char *refusal; /* a reason to fail of our own, else NULL */
};

/* What a file is opened for: its rules differ. */
enum purpose {
	FOR_STREAM,
	FOR_PREVIEW,
	FOR_LOCK,
	FOR_ASKING
};

/* Returns path, shorter than PATH_MAX, as an absolute one: itself, or a copy
 * that is never freed. Dies with EXIT_FAILED if that is too long, or the
 * working directory gone or out of reach. */
const char *path_absolute(const char *path);

/* Opens a path made by path_absolute().  A directory, or a link, is trusted if
 * owned by root or by who runs us and writable by nobody else; while all are,
 * they are followed.  From the first that is not, we go on as user if there is
 * one, else we follow no link; the last step follows none, and the file must be
 * a device, a FIFO or a regular file with one name that is ours or user's (for
 * a stream: if we are root).  A lock file is a regular file and never behind a
 * link on every path; for asking that is enough.  A new log on a trusted path
 * is given to user.  Returns a close-on-exec descriptor, or for FOR_PREVIEW,
 * which opens nothing, 0 if it could; or -1 with errno, and path_die() says
 * why.  Fills place, whose directory is the caller's to close. */
int path_open(struct lookup *place, const char *path, int flags, mode_t mode,
    enum purpose purpose, const struct identity *user);

/* Whether two names or descriptors led to one file. */
bool path_same(const struct stat *one, const struct stat *other);
/* Right after path_open(): dies with EXIT_FAILED, naming path, errno's reason,
 * and the doubt. */
_Noreturn void path_die(const struct lookup *place, const char *path,
    const struct identity *user);
