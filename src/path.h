/* Paths as the caller means them, opened so that nobody else can bend them. */
#ifndef PATH_H
#define PATH_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "identity.h"

/* Where a path led, and whom we had to doubt on the way. */
struct place {
	int directory;           /* the last one, close-on-exec; -1 before it is known */
	char name[NAME_MAX + 1]; /* in it */
	bool doubted;            /* somebody else can change a directory or a link */
	char walked[PATH_MAX];   /* up to the first such */
	struct stat status;      /* its own */
	const char *refusal;     /* a reason to fail of our own, else NULL */
};

/* What a file is opened for: its rules differ. */
enum purpose { FOR_STREAM, FOR_LOCK, FOR_PREVIEW };

/*
 * Returns path as an absolute one, in memory that the caller of this function frees.  Looks at the
 * working directory only if path is relative; dies with EXIT_FAILED if that is gone or out of
 * reach, or the result too long.
 */
char *path_absolute(const char *path);

/*
 * Opens an absolute path with flags, O_CREAT among them or not, and mode.  A directory, or a link,
 * is trusted if it is owned by root or by who runs us and writable by nobody else.  While all are
 * trusted they are followed.
 *
 * From the first that is not, we go on as user if there is one, else we follow no link; the last
 * step follows none, and the file must be a device, a FIFO or a regular file with one name that is
 * ours or user's (for a stream: if we are root).  A lock file is a regular file with one name, and
 * ours, on every path, and never behind a link.  A new log on a trusted path is given to user.
 *
 * FOR_PREVIEW opens nothing but tells whether it could: returns 0.
 *
 * Returns a close-on-exec descriptor, or -1 with errno; place is filled, its directory is the
 * caller's to close.  path_explain() says why it failed.
 */
int path_open(struct place *place, const char *path, int flags, mode_t mode, enum purpose purpose,
	const struct identity *user);

/* Whether two names or descriptors led to one file. */
bool path_same(const struct stat *one, const struct stat *other);

/* Dies with EXIT_FAILED, naming path, the reason of errno, and the doubt. */
_Noreturn void path_die(const struct place *place, const char *path, const struct identity *user);

#endif
