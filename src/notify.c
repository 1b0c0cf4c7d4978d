/* SPDX-License-Identifier: ISC */
#include "notify.h"

#include <errno.h>

#if defined(__linux__)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Sets NOTIFY_SOCKET to the name of fd.  Returns 0, or -1 with errno. */
static int
set_variable(int fd)
{
	struct sockaddr_un address;
	socklen_t size = sizeof(address);
	char name[sizeof(address.sun_path) + 2];
	int length;

	if (getsockname(fd, (struct sockaddr *)&address, &size) == -1)
		return -1;

	/* A leading NUL, which the variable spells @, and no NUL at the end. */
	length = (int)(size - offsetof(struct sockaddr_un, sun_path)) - 1;
	(void)snprintf(name, sizeof(name), "@%.*s", length,
	    address.sun_path + 1);
	return setenv("NOTIFY_SOCKET", name, 1);
}

int
notify_open(void)
{
	/* Bound to no name, it gets an abstract one that is free (unix(7)). */
	const struct sockaddr_un address = { .sun_family = AF_UNIX };
	const socklen_t size = sizeof(address.sun_family);
	const int on = 1;
	int fd;

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;

	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == -1 ||
	    bind(fd, (const struct sockaddr *)&address, size) == -1 ||
	    set_variable(fd) == -1) {
		int error = errno;

		(void)close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

ssize_t
notify_read(int fd, char *text, size_t size, struct notify_sender *sender)
{
	/* No room for descriptors: the kernel closes what does not fit. */
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec data = { .iov_base = text, .iov_len = size };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	const struct cmsghdr *header;
	struct ucred credentials;
	ssize_t length;

	length = recvmsg(fd, &message, 0);
	if (length == -1)
		return -1;

	header = CMSG_FIRSTHDR(&message);
	if (header == NULL || header->cmsg_type != SCM_CREDENTIALS) {
		errno = EPERM;
		return -1;
	}
	(void)memcpy(&credentials, CMSG_DATA(header), sizeof(credentials));
	sender->pid = credentials.pid;
	sender->uid = credentials.uid;
	return length;
}

#else

int
notify_open(void)
{
	errno = ENOTSUP;
	return -1;
}

ssize_t
notify_read(int fd, char *text, size_t size, struct notify_sender *sender)
{
	(void)fd;
	(void)text;
	(void)size;
	(void)sender;
	errno = ENOTSUP;
	return -1;
}

#endif
