/* SPDX-License-Identifier: ISC */
/* How the command says that it is ready: by a newline on a descriptor, as with
 * s6 (https://skarnet.org/software/s6/notifywhenup.html), or by datagrams,
 * sd_notify(3)'s. */
#pragma once
#include "compat.h"

struct ready {
	int fd;     /* our end, close-on-exec; -1: nobody asked */
	int number; /* the command's, for launcher and middle to close; 0: it
		       uses the socket */
	uid_t user; /* whose datagrams count, besides root's */
};

/* What was told so far. */
struct news {
	char text[256];      /* STATUS=, or empty */
	int error;           /* ERRNO=, or 0 */
	long long extension; /* EXTEND_TIMEOUT_USEC= just read, in milliseconds,
				or 0 */
};

enum answer {
	NOT_YET,
	READY,
	CLOSED
};

/* Opens a pipe to number, which must be free, or for 0 the socket, and sets
 * NOTIFY_SOCKET.  Our end is a descriptor from least on.  Dies with
 * EXIT_FAILED. */
void ready_open(struct ready *ready, int number, int least, uid_t user);
/* Reads what can be read, once, without waiting.  Datagrams from anybody but
 * user and root are dropped.  CLOSED: nobody has the pipe's other end any more.
 */
enum answer ready_read(const struct ready *ready, struct news *news);
