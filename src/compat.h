/*
 * What differs between platforms: the same behaviour everywhere, by the best call that each one
 * has.  The only file pair with #if.
 */
#ifndef COMPAT_H
#define COMPAT_H

#include <fcntl.h>
#include <stdbool.h>

/* The compiler checks the arguments of a function like printf(3). */
#if defined(__GNUC__)
#define FORMAT(string, first) __attribute__((format(printf, string, first)))
#else
#define FORMAT(string, first)
#endif

/* To open a directory only to look names up in it. */
#if defined(O_PATH)
#define COMPAT_O_SEARCH O_PATH
#elif defined(O_SEARCH)
#define COMPAT_O_SEARCH O_SEARCH
#else
#define COMPAT_O_SEARCH O_RDONLY
#endif

/*
 * Closes every descriptor from first to last, both included; numbers that are not open do no harm.
 * close_range(2) where the kernel has it; else a walk of the process's own list of descriptors;
 * else one close each up to 65535, never up to the limit, which may be 2^30.  Cannot fail.
 */
void compat_close_range(unsigned first, unsigned last);

/*
 * Whether an open file still has the name by which it was opened: on Linux the very directory
 * entry, which once removed never comes back, so that its link count of before counts this name;
 * else whether the name leads to it now.
 */
bool compat_is_named(int fd, int directory, const char *name);

/* Whether the caller has it that a change of ids keeps root's capabilities. */
bool compat_keeps_capabilities(void);

/*
 * Sets every signal's disposition to SIG_DFL, also of those that libc keeps for itself and does not
 * let us touch (32 and 33 with glibc): a caller may have left them ignored, and an ignored signal
 * stays so over exec.  Async-signal-safe.  Returns 0, or -1 with errno.
 */
int compat_default_signals(void);

#endif
