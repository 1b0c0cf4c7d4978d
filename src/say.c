/* Messages to the caller. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit.h"
#include "say.h"

/* room for two paths */
enum { LINE_SIZE = 2 * PATH_MAX + 256 };

/* Makes a line of prefix and arguments; returns its length. */
static size_t compose(
	char line[static LINE_SIZE], const char *prefix, const char *format, va_list arguments)
{
	size_t length = strlen(prefix);
	char *c;

	(void)strcpy(line, prefix);
	(void)vsnprintf(line + length, LINE_SIZE - 1 - length, format, arguments);
	for (c = line; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
		/* and those that UTF-8 writes in two bytes */
		if ((unsigned char)c[0] == 0xc2 && (unsigned char)c[1] < 0xa0) c[0] = c[1] = '?';
	}
	*c++ = '\n';
	return (size_t)(c - line);
}

void say(const char *format, ...)
{
	char line[LINE_SIZE];
	int saved_errno = errno;
	size_t length;
	va_list arguments;

	va_start(arguments, format);
	length = compose(line, "daemonize: ", format, arguments);
	va_end(arguments);
	while (write(STDERR_FILENO, line, length) == -1 && errno == EINTR)
		;
	errno = saved_errno;
}

void fail(const char *object)
{
	die(EXIT_FAILED, "%s: %s", object, strerror(errno));
}

void say_would(const char *format, ...)
{
	char line[LINE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	print("%.*s", (int)compose(line, "would ", format, arguments), line);
	va_end(arguments);
}

void print(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (vprintf(format, arguments) < 0) fail("standard output");
	va_end(arguments);
}

void finish_output(void)
{
	if (fflush(stdout) == EOF) fail("standard output");
	exit(EXIT_STARTED);
}

const char *format_number(char text[static NUMBER_SIZE], pid_t pid)
{
	char *begin = text + NUMBER_SIZE;

	*--begin = '\0';
	*--begin = '\n';
	for (; pid > 0; pid /= 10) *--begin = (char)('0' + pid % 10);
	return begin;
}
