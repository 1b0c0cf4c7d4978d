/* SPDX-License-Identifier: ISC */
#include "diag.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exit.h"

enum {
	LINE_SIZE = 2 * PATH_MAX + 256 /* room for two paths */
};

/* Replaces the control characters of ASCII, and those of Latin-1 as UTF-8
 * encodes them, in two bytes. */
static void
replace_controls(char *text)
{
	unsigned char *c;

	for (c = (unsigned char *)text; *c != '\0'; c++) {
		if (*c < ' ' || *c == 0x7f) {
			*c = '?';
		} else if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) {
			c[0] = '?';
			c[1] = '?';
		}
	}
}

static const char *ending = "";

/* Formats prefix, message and ending as one line, cut to what fits in size. */
PRINTF_LIKE(4, 0)
static void
format_line(char line[static LINE_SIZE], size_t size, const char *prefix,
    const char *format, va_list arguments)
{
	size_t length = strlen(prefix);

	(void)strcpy(line, prefix);
	(void)vsnprintf(line + length, size - 1 - length - strlen(ending),
	    format, arguments);
	(void)strcat(line, ending);
	replace_controls(line);
	(void)strcat(line, "\n");
}

static bool never_waits;

/* The FIFO on standard error as a description of our own, which does not wait;
 * -1: it is none. */
static int fifo_fd = -1;

void
warn_without_waiting(int min_fd)
{
	struct stat st;
	int fd;

	never_waits = true;
	if (fstat(STDERR_FILENO, &st) == -1 || !S_ISFIFO(st.st_mode))
		return;
	/* Where it cannot be opened, poll(2) has to do. */
	fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return;
	fifo_fd = fcntl(fd, F_DUPFD_CLOEXEC, min_fd);
	(void)close(fd);
}

static bool
would_wait(void)
{
	struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };

	/* If that cannot be found out, the line is worth a try. */
	if (poll(&fd, 1, 0) == -1)
		return false;
	return (fd.revents & POLLOUT) == 0;
}

/* Writes text to standard error, or loses it rather than wait. */
static void
write_at_once(const char *text, size_t length)
{
	if (fifo_fd != -1) {
		(void)!write(fifo_fd, text, length);
		return;
	}
	if (send(STDERR_FILENO, text, length, MSG_DONTWAIT) == -1 &&
	    errno == ENOTSOCK && !would_wait())
		(void)!write(STDERR_FILENO, text, length);
}

static void
write_all(const char *text, size_t length)
{
	ssize_t written;

	do
		written = write(STDERR_FILENO, text, length);
	while (written == -1 && errno == EINTR);
}

/* Writes prefix and message to standard error.  Keeps errno. */
PRINTF_LIKE(2, 0)
static void
write_line(const char *prefix, const char *format, va_list arguments)
{
	char line[LINE_SIZE];
	int saved_errno = errno;

	if (never_waits) {
		format_line(line, PIPE_BUF, prefix, format, arguments);
		write_at_once(line, strlen(line));
	} else {
		format_line(line, LINE_SIZE, prefix, format, arguments);
		write_all(line, strlen(line));
	}
	errno = saved_errno;
}

void
warn_with(const char *text)
{
	ending = text;
}

void
warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line("daemonize: ", format, arguments);
	va_end(arguments);
}

void
warn_quoted(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line("    ", format, arguments);
	va_end(arguments);
}

void
die(int status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line("daemonize: ", format, arguments);
	va_end(arguments);
	exit(status);
}

void
die_errno(const char *object)
{
	die(EXIT_FAILED, "%s: %s", object, strerror(errno));
}

void
die_no_memory(void)
{
	die(EXIT_FAILED, "out of memory");
}

void
print(const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vprintf(format, arguments);
	va_end(arguments);
	if (length < 0)
		die_errno("standard output");
}

void
print_would(const char *format, ...)
{
	char line[LINE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	format_line(line, LINE_SIZE, "would ", format, arguments);
	va_end(arguments);
	print("%s", line);
}

void
exit_flushed(int status)
{
	if (fflush(stdout) == EOF)
		die_errno("standard output");
	exit(status);
}

const char *
format_pid(char text[static PID_TEXT_SIZE], pid_t pid, char last)
{
	char *begin = text + PID_TEXT_SIZE;

	*--begin = '\0';
	*--begin = last;
	for (; pid > 0; pid /= 10)
		*--begin = (char)('0' + pid % 10);
	return begin;
}
