/* Descriptors: 0, 1 and 2, and all others. */
#pragma once
#include "compat.h"
#include "identity.h"

/* "standard input" and so on, by descriptor. */
extern const char *const stream_names[3];

/* Opens /dev/null on each of 0, 1, 2 that is closed, so that nothing else lands
 * there, but in the direction that nobody uses.  Returns the set of those, bit
 * N for N; dies with EXIT_FAILED. */
unsigned streams_reserve(void);
/* Opens an absolute path, by path_open()'s rules, as the command's descriptor
 * number: 0 for reading, a FIFO for reading and writing, so that it never ends;
 * 1 and 2 for appending, created with 0644 less the umask.  Waits for nobody,
 * gets us no controlling terminal; with preview opens nothing.  Returns a
 * descriptor from 3 on, close-on-exec, blocking; dies with EXIT_FAILED. */
int streams_open(const char *path, int number, bool preview,
    const struct identity *user);
/* Moves *fd, if it is below least, to the lowest free number from there on, and
 * makes it close-on-exec: 0, or -1 with errno. */
int streams_raise(int *fd, int least);
/* Closes every descriptor from 3 on but those in kept (any order, any value).
 */
void streams_close_others(const int *kept, size_t count);
