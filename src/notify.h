/* SPDX-License-Identifier: ISC */
/* The socket of sd_notify(3): where a service says that it is ready. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Who sent a datagram, by the kernel's word. */
struct notify_sender {
	pid_t pid;
	uid_t uid;
};

/*
 * Opens a close-on-exec socket in the abstract namespace and sets
 * NOTIFY_SOCKET.  Returns it, or -1 with errno: ENOTSUP where there are no such
 * names (unix(7)).
 */
int notify_open(void);

/*
 * Reads one datagram; descriptors that came with it are closed.  Returns its
 * length, at most size, or -1 with errno: EPERM if nobody vouches for the
 * sender.
 */
ssize_t notify_read(int fd, char *text, size_t size, struct notify_sender *);
