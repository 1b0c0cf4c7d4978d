/* Descriptors: 0, 1 and 2, and all others. */
#ifndef STREAMS_H
#define STREAMS_H

#include <stdbool.h>
#include <stddef.h>

/* "standard input" and so on, by descriptor. */
extern const char *const stream_names[3];

/*
 * Opens /dev/null on each of 0, 1, 2 that is closed, in the direction in
 * which nobody uses it, so that using it fails as it did.  Nothing we open
 * later can land there.  Returns the set of those it filled, bit N for
 * descriptor N; dies with EXIT_FAILED.
 */
unsigned streams_reserve(void);

/*
 * Opens a file as the command's descriptor number: 0 for reading, a FIFO for
 * reading and writing, so that it never ends; 1 and 2 for appending, created
 * with mode 0644 less the umask if create says so.  Waits for nobody, and
 * never gets us a controlling terminal.
 *
 * Returns a descriptor from 3 on, close-on-exec, blocking; or -1 with errno:
 * EISDIR, ENXIO for a FIFO that nobody reads, that of open(2).
 */
int streams_open(const char *path, int number, bool create);

/*
 * Whether streams_open() could do that, without opening anything: 0, or -1
 * with the errno to expect.
 */
int streams_foresee(const char *path, int number, bool create);

/* Closes every descriptor from 3 on but those in kept (any order, any value). */
void streams_close_others(const int *kept, size_t count);

#endif
