/* Descriptors: 0, 1 and 2, and all others. */
#ifndef STREAMS_H
#define STREAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "identity.h"

/* "standard input" and so on, by descriptor. */
extern const char *const stream_names[3];

/*
 * Opens /dev/null on each of 0, 1, 2 that is closed, in the direction in which nobody uses it, so
 * that using it fails as it did.  Nothing we open later can land there.  Returns the set of those
 * it filled, bit N for descriptor N; dies with EXIT_FAILED.
 */
unsigned streams_reserve(void);

/*
 * Opens an absolute path as the command's descriptor number: 0 for reading, a FIFO for reading and
 * writing, so that it never ends; 1 and 2 for appending, created with mode 0644 less the umask.
 * Waits for nobody, and never gets us a controlling terminal.  path_open() has the rules; preview
 * opens nothing.
 *
 * Returns a descriptor from 3 on, close-on-exec, blocking; dies with EXIT_FAILED.
 */
int streams_open(const char *path, int number, bool preview, const struct identity *user);

/* Moves a descriptor to the lowest free number from least on, close-on-exec; -1 with errno. */
int streams_raise(int fd, int least);

/* Closes every descriptor from 3 on but those in kept (any order, any value). */
void streams_close_others(const int *kept, size_t count);

#endif
