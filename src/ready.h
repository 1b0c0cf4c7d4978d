/* SPDX-License-Identifier: ISC */
/* How a command says that it is ready: on a descriptor, or by sd_notify(3). */
#pragma once

#include <sys/types.h>

#include "notify.h"

struct ready {
	int fd;     /* our end, close-on-exec; -1: nobody asked */
	int target; /* the command's descriptor; 0: it uses the socket */
	uid_t uid;  /* the user whom the command runs as */
};

/* What the command has said so far. */
struct notification {
	char status[256];    /* STATUS=, or empty */
	int error;           /* ERRNO=, or 0 */
	long long extension; /* EXTEND_TIMEOUT_USEC=, just read, in ms; or 0 */
	struct notify_sender refused; /* who sent the datagram just refused */
};

enum readiness {
	READINESS_NONE,    /* nothing could be read */
	READINESS_NOT_YET, /* something else was said */
	READINESS_READY,
	READINESS_REFUSED, /* somebody else said it was ready */
	READINESS_CLOSED   /* nobody has the pipe's other end any more */
};

/*
 * Opens a pipe whose write end is the descriptor target, which must be free; a
 * newline on it means ready, as with s6
 * (https://skarnet.org/software/s6/notifywhenup.html).  With target 0 opens the
 * socket of notify.h instead, and sets NOTIFY_SOCKET.  Our end is a descriptor
 * from min_fd on, for the process's life.  Dies with EXIT_FAILED.
 */
void ready_open(struct ready *ready, int target, int min_fd, uid_t uid);

/* Closes the command's end of the pipe in a process that is not the command. */
void ready_close_target(const struct ready *ready);

/*
 * Reads once what can be read, without waiting.  A datagram counts if its
 * sender is the command, a process of its session, of its user, or root's: a
 * service may change its user before it is ready.
 */
enum readiness ready_read(const struct ready *, pid_t command,
    struct notification *);
