/* SPDX-License-Identifier: ISC */
/* What /proc tells of a process (proc(5)); without it nothing is known. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

struct process {
	char state;               /* 'Z': it has ended, if threads is 1 */
	pid_t session;            /* 0: of another pid namespace */
	unsigned long terminal;   /* the controlling one's device; 0: none */
	unsigned long long flags; /* the kernel's PF_ flags */
	unsigned long threads;    /* how many there are */
	unsigned long long start; /* in clock ticks since the boot */
};

/*
 * Reads what is told of a process, or of the calling one.  Returns 0, or -1
 * with errno, as where /proc is that of another pid namespace, in which pid is
 * another process.  Async-signal-safe.
 */
int process_read(pid_t pid, struct process *process);
int process_read_self(struct process *process);

/* Returns true if a process has ended: it is a zombie without a thread that is
 * still running, or there is none of that number. */
bool process_has_ended(pid_t pid);

/* Reads the real and the effective user of a process.  Returns 0, or -1 with
 * errno. */
int process_read_users(pid_t pid, uid_t *real, uid_t *effective);

enum process_answer {
	PROCESS_NO,
	PROCESS_YES,
	PROCESS_UNKNOWN /* it is not told, or not to us */
};

/* Tells whether an open file of the process is st's, and has one of the
 * process's own record locks on that byte. */
enum process_answer process_shows_lock(pid_t pid, const struct stat *st,
    off_t byte);
