/* SPDX-License-Identifier: ISC */
#include "message.h"

#include <errno.h>
#include <unistd.h>

int
message_send(int fd, const struct message *message)
{
	ssize_t length;

	do
		length = write(fd, message, sizeof(*message));
	while (length == -1 && errno == EINTR);

	/* A pipe or a stream socket takes a few bytes whole, or none. */
	return length == (ssize_t)sizeof(*message) ? 0 : -1;
}

int
message_receive(int fd, struct message *message)
{
	ssize_t length;

	do
		length = read(fd, message, sizeof(*message));
	while (length == -1 && errno == EINTR);

	if (length == 0)
		return 0;
	if (length == (ssize_t)sizeof(*message))
		return 1;
	/* A part of one has no meaning. */
	if (length != -1)
		errno = EPROTO;
	return -1;
}
