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
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	}
	*c++ = '\n';
	return (size_t)(c - line);
}

static void say_arguments(const char *format, va_list arguments)
{
	char line[LINE_SIZE];
	int saved_errno = errno;
	size_t length = compose(line, "daemonize: ", format, arguments);

	while (write(STDERR_FILENO, line, length) == -1 && errno == EINTR)
		;
	errno = saved_errno;
}

void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_arguments(format, arguments);
	va_end(arguments);
}

void die(int status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say_arguments(format, arguments);
	va_end(arguments);
	exit(status);
}

void tell(bool verbose, bool dry_run, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	if (dry_run)
		print("%.*s", (int)compose(line, "would ", format, arguments), line);
	else if (verbose)
		say_arguments(format, arguments);
	va_end(arguments);
}

void print(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (vprintf(format, arguments) < 0)
		die(EXIT_FAILED, "standard output: %s", strerror(errno));
	va_end(arguments);
}

void finish_output(void)
{
	if (fflush(stdout) == EOF)
		die(EXIT_FAILED, "standard output: %s", strerror(errno));
	exit(EXIT_STARTED);
}
