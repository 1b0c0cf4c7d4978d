/* The platform: the headers that all of src needs, and what differs: the same
 * behaviour everywhere, by the best call that each platform has.  The only file
 * pair with #if. */
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* To open a directory only to look names up in it. */
#if defined(O_PATH)
#define COMPAT_O_SEARCH O_PATH
#elif defined(O_SEARCH)
#define COMPAT_O_SEARCH O_SEARCH
#else
#define COMPAT_O_SEARCH O_RDONLY
#endif

/* Closes every descriptor from first to last, both included, but never by a
 * loop up to the limit, which may be 2^30.  Cannot fail. */
void compat_close_range(unsigned first, unsigned last);
/*
 * Waits until an unlink(2) of name that is under way is done.  The kernel
 * counts the names of a file down before it drops the name, all under the lock
 * of the directory; an unlink of "name/", which fails if name is a file, waits
 * for that lock.
 */
void compat_wait_for_unlink(int dirfd, const char *name);

enum compat_answer {
	COMPAT_NO,
	COMPAT_YES,
	COMPAT_UNKNOWN
};

/*
 * Tells whether an open file still has the very name by which it was opened,
 * the last part of which is name: Linux says " (deleted)" of one that has not.
 */
enum compat_answer compat_has_name(int fd, const char *name);

/* Whether the caller has it that a change of ids keeps root's capabilities
 * (capabilities(7)). */
bool compat_keeps_capabilities(void);
/* Gives every signal SIG_DFL, also those that libc keeps from us (32 and 33
 * with glibc): the caller may have left them ignored.  Async-signal-safe.
 * Returns 0, or -1 with errno. */
int compat_default_signals(void);
/* Starts a child that exits with the result of body, async-signal-safe; -1 with
 * errno.  With shared it borrows our memory where it can, errno too, on a stack
 * of its own (there are two), until it executes something or ends.  All signals
 * are blocked, and until then we let no call set errno. */
pid_t compat_start_child(int (*body)(void *), void *argument, bool shared);

/* Opens a socket for sd_notify(3), close-on-exec, in the abstract namespace,
 * and sets NOTIFY_SOCKET.  Returns it, or -1 with errno: ENOTSUP if there are
 * no such names. */
int compat_notify_open(void);
/* Reads one datagram from it and, from the kernel, its sender's uid;
 * descriptors that came with it are closed.  Returns the length, or -1 with
 * errno. */
ssize_t compat_notify_read(int fd, char *text, size_t size, uid_t *sender);

/* The number of a signal, by its name with or without SIG, RTMIN+n, RTMAX-n, or
 * digits; else 0. */
int compat_signal_number(const char *name);
/* A hold on a process that outlives its number: a pidfd(2), close-on-exec; -1
 * with errno, ESRCH if there is no such process, ENOSYS where there is no such
 * hold. */
int compat_pidfd_open(pid_t pid);
/* These take it, or -1, and then go by the number.  The first sends a signal:
 * 0, or -1 with errno. The second waits for the end (a zombie has ended) and
 * returns whether it has come in time. */
int compat_pidfd_signal(int pidfd, pid_t pid, int number);
bool compat_pidfd_wait(int pidfd, pid_t pid, long milliseconds);
/* When a process was started, in seconds since the Epoch; -1 if that cannot be
 * told. */
double compat_process_started(pid_t pid);
