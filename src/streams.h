/* SPDX-License-Identifier: ISC */
/* Descriptors: 0, 1 and 2, and all others. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct identity;

/* "standard input" and so on, by descriptor. */
extern const char *const stream_names[3];

/* One of the command's descriptors 0, 1 and 2. */
struct stream {
	const char *path; /* absolute, or words for the caller's own */
	int fd;           /* to be put there; -1: what is there stays */
	bool truncate;    /* a log to be emptied */
	int reader;       /* of a log that is watched, to show its end; or -1 */
	off_t begin;      /* the offset in it at which this run begins */
	bool by_name;     /* opened by its path, not the caller's own */
};

/*
 * Opens /dev/null on each of 0, 1 and 2 that is closed, so that nothing else
 * lands there, in the direction that nobody uses.  Returns the set of those,
 * bit N for N.  Dies with EXIT_FAILED.
 */
unsigned streams_reserve(void);

/* Returns true if fd is in such a set. */
bool streams_was_closed(unsigned closed_mask, int fd);

/*
 * Opens an absolute path by open_path()'s rules for the command's descriptor
 * target: 0 for reading, a FIFO for reading and writing, so that it never ends;
 * 1 and 2 for appending, created with mode 0644 less the umask.  Does not wait,
 * and gets us no controlling terminal.  Returns a descriptor from 3 on that is
 * close-on-exec and blocking.  Sets *by_name to false if the path means one of
 * the caller's, by rule (7) of path.h, and else to true.  Dies with
 * EXIT_FAILED.
 */
int streams_open(const char *path, int target, const struct identity *user,
    bool *by_name);

/*
 * Opens a log by its path once more, as streams_open() does.  Returns a
 * descriptor from min_fd on, or -1 with errno.
 */
int streams_open_again(const struct stream *log, int min_fd,
    const struct identity *user);

/* Dies as streams_open() would, but opens and creates nothing. */
void streams_preview(const char *path, int target, const struct identity *);

/*
 * Opens the log once more, for reading.  Returns a close-on-exec descriptor, or
 * -1 if the path cannot be read or is another file by now.
 */
int streams_open_reader(const struct stream *log, const struct identity *user);

/*
 * Makes *fd close-on-exec, and moves it to the lowest free number from min_fd
 * on if it is below that.  Returns 0, or -1 with errno: EMFILE if min_fd is
 * beyond the limit.
 */
int streams_raise(int *fd, int min_fd);

/* Closes every descriptor from 3 on but those in kept, in any order. */
void streams_close_others(const int *kept, size_t count);
