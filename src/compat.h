/* SPDX-License-Identifier: ISC */
/*
 * Differences of platforms: the same behaviour everywhere, by the best call
 * that each has.  A call that a sandbox refuses with EPERM is taken for absent,
 * as one that fails with ENOSYS.
 */
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct stat;

/* To open a directory only to look names up in it. */
#if defined(O_PATH)
#define COMPAT_O_SEARCH O_PATH
#elif defined(O_SEARCH)
#define COMPAT_O_SEARCH O_SEARCH
#else
#define COMPAT_O_SEARCH O_RDONLY
#endif

/*
 * openat(2) without O_CREAT.  With O_NOFOLLOW a last name that is a link has
 * ELOOP, or ENOTDIR if it has to be a directory: FreeBSD says EMLINK, and
 * NetBSD EFTYPE.
 */
int compat_openat(int dirfd, const char *name, int flags);

/* The modification time in a struct stat, as a struct timespec. */
#if defined(__APPLE__)
#define COMPAT_ST_MTIM st_mtimespec
#else
#define COMPAT_ST_MTIM st_mtim
#endif

/*
 * Closes every descriptor from first to last, both included, but never by a
 * loop up to the limit, which may be 2^30.  Cannot fail.
 */
void compat_close_range(unsigned first, unsigned last);

/* Sets close-on-exec on every descriptor from first on, in the same way. */
void compat_cloexec_from(unsigned first);

/*
 * Reads a link and its status, of one and the same link whatever is renamed
 * meanwhile: on Linux by a descriptor of the link itself, elsewhere only if it
 * is the same link before and after.  Returns the length of its target, or -1
 * with errno: EINVAL if it is no link, ELOOP if another one took its place.
 */
ssize_t compat_read_link(int dirfd, const char *name, char *target, size_t size,
    struct stat *link);

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

/*
 * Whether the effective ids may access name as mode of access(2) says: 0, or -1
 * with errno.  Where a sandbox refuses the call that knows, only what nobody
 * may do is refused; the rest is found out when it is done.
 */
int compat_access(int dirfd, const char *name, int mode);

/*
 * Returns the uid by which a user namespace shows every owner that it does not
 * map, or (uid_t)-1 where there is none, or where somebody in the namespace has
 * that uid.
 */
uid_t compat_unmapped_uid(void);

/*
 * getgrouplist(3), which takes other types on macOS: fills groups, an array of
 * *count, and sets *count.  Returns -1 if they are more.
 */
int compat_get_groups(const char *name, gid_t gid, gid_t *groups, int *count);

/*
 * setgroups(2), whose count is an int on some systems.  Async-signal-safe.
 * Returns 0, or -1 with errno.
 */
int compat_set_groups(int count, const gid_t *groups);

/*
 * Returns true if the file of fd, which may be open for nothing, has an access
 * list, or if that cannot be found out.
 */
bool compat_has_acl(int fd);

/*
 * Returns true if links in the directory lead to an object, and not to the text
 * that they show, as those of Linux's procfs do.
 */
bool compat_has_object_links(int dirfd);

/*
 * Returns true if the caller has set the process so that a change of ids keeps
 * root's capabilities (capabilities(7), securebits).
 */
bool compat_keeps_capabilities(void);

/* The greatest number of a signal. */
#if defined(__FreeBSD__)
/* Its NSIG does not count the realtime signals. */
#define COMPAT_LAST_SIGNAL SIGRTMAX
#else
#define COMPAT_LAST_SIGNAL (NSIG - 1)
#endif

/*
 * Gives every signal SIG_DFL, also those that libc keeps from us (32 and 33
 * with glibc): the caller may have left them ignored.  Async-signal-safe.
 * Returns 0, or -1 with errno.
 */
int compat_default_signals(void);

/*
 * Returns true if a child may share our memory: it may not where a preloaded
 * library may stand between us and the system, since that may rely on fork(2)
 * or need more stack than the child has.
 */
bool compat_can_share_memory(void);

/*
 * Starts a child that exits with the result of body, which must be
 * async-signal-safe.  Returns its pid, or -1 with errno.
 *
 * If share is true the child runs in our memory, where the system lets it, on a
 * stack of its own, until it executes a file or exits: that saves the copying
 * of the page tables, a tenth of the time of a start and more.  Until then the
 * parent must block all signals and must not make calls that set errno.
 */
pid_t compat_start_child(int (*body)(void *), void *argument, bool share);

/*
 * Lets the calling process be killed when its parent ends, where the system can
 * do that (prctl(2), PR_SET_PDEATHSIG).  Async-signal-safe.
 */
void compat_die_with_parent(void);

/*
 * Opens a pidfd, which refers to a process even if its pid becomes another's
 * (pidfd_open(2)); close-on-exec.  Returns -1 with errno: ESRCH if there is no
 * such process, ENOSYS where there are no pidfds.
 */
int compat_pidfd_open(pid_t pid);

/*
 * Sends a signal to the process of pidfd, or of pid if pidfd is -1.  Returns 0,
 * or -1 with errno.
 */
int compat_pidfd_signal(int pidfd, pid_t pid, int signo);

/*
 * Waits for the end of the process of pidfd, or of pid if pidfd is -1; a zombie
 * has ended.  Returns true if it came within that many milliseconds.
 */
bool compat_pidfd_wait(int pidfd, pid_t pid, long milliseconds);

/*
 * Tells whether a process has executed a file since it was forked, from what
 * Linux says of it in /proc/PID/stat, for where a sandbox refuses the question
 * that spawn.c asks.  A zombie still tells.  Async-signal-safe.
 */
enum compat_answer compat_has_executed(pid_t pid);

/*
 * Tells in the same way whether a process has begun to end.  It gives up its
 * memory before its locks and its other files, and that may take seconds, in
 * which /proc does not show its locks to everybody.  Async-signal-safe.
 */
enum compat_answer compat_is_ending(pid_t pid);

/*
 * Returns in seconds since the Epoch when it was that many clock ticks after
 * the boot, or -1 if that cannot be told.
 */
double compat_time_of_ticks(unsigned long long ticks);
