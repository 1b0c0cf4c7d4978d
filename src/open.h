/* SPDX-License-Identifier: ISC */
/*
 * The files that the caller names, opened so that nobody else can have us open
 * another one.  To the rules of path.h, for the way, come those for the last
 * name, by the numbers of the manual (SECURITY CONSIDERATIONS):
 *
 * (2)	On a trusted path a link is followed, and a new log is given to the -u
 *	user.
 * (4)	On an untrusted path a link is not followed, and the file must be a
 *	device, or a FIFO or a regular file with one name, owned by who runs us
 *	or by the -u user.  Who owns the log of an ordinary caller is not
 *	checked, so that logs can be shared.
 * (5)	A pid or lock file is a regular file, and no link is followed to it on
 *	any path.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "identity.h"
#include "path.h"

/* What a file may be, by what it is opened for. */
struct open_rule {
	bool follow_last;  /* (2), (6), (7), else (5) */
	bool only_regular; /* (5) */
	bool check_file;   /* (4) */
	bool share;        /* (4): an ordinary caller's may be anybody's */
	bool give_to_user; /* (2) */
	bool is_stream;    /* blocks, and a FIFO to be read has no end */
};

extern const struct open_rule open_rule_input; /* -i */
extern const struct open_rule open_rule_log;   /* -o, -e */
extern const struct open_rule open_rule_lock;  /* -p, -l */
extern const struct open_rule open_rule_ask;   /* -p, -l, only to be read */

/*
 * Opens an absolute path, with flags and mode as open(2) has them, and fills
 * lookup, whose dirfd is for the caller to close.  If O_CREAT made the file,
 * *created is set to true, else to false; created may be NULL.  The owner can
 * always read and write a file that we make, whatever the umask.
 *
 * Returns a descriptor, or -1 with errno.  It is close-on-exec; a stream is set
 * to blocking, and by rule (7) may be a duplicate of a descriptor that others
 * share.  Where lookup->refusal is set, errno is EPERM or ELOOP for what is
 * refused because of the way, and EINVAL for what is refused on any.
 */
int open_path(struct lookup *lookup, const char *path, int flags, mode_t mode,
    const struct open_rule *rule, const struct identity *user, bool *created);

/*
 * Makes the checks of open_path(), but opens, makes and changes nothing, so
 * that a FIFO to be written passes without a reader.  Returns 0, or -1 as
 * open_path() does.
 */
int open_preview(struct lookup *lookup, const char *path, int flags,
    const struct open_rule *rule, const struct identity *user);

/*
 * Right after a failure of these two: dies with EXIT_FAILED, naming the path,
 * the reason, and the untrusted component if that has to do with it.
 */
_Noreturn void open_die(const struct lookup *lookup, const char *path,
    const struct identity *user);

/*
 * Opens /dev/null with flags as open(2) has them, close-on-exec.  Returns a
 * descriptor; dies with EXIT_FAILED, also if it is no character device.
 */
int open_null(int flags);
