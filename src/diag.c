#include "diag.h"
#include <stdarg.h>

void
diag_line(int fd, const char *prefix, const char *format, ...)
{
	char line[2 * PATH_MAX + 256]; /* room for two paths */
	int saved_errno = errno;
	size_t length = strlen(strcpy(line, prefix));
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(line + length, sizeof(line) - 1 - length, format,
	    arguments);
	va_end(arguments);
	for (unsigned char *c = (unsigned char *)line; *c != '\0'; c++) {
		if (*c < ' ' || *c == 0x7f)
			*c = '?';
		/* and those that UTF-8 writes in two bytes */
		if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
			c[0] = c[1] = '?';
	}
	length = strlen(strcat(line, "\n"));
	if (fd == STDOUT_FILENO)
		print("%s", line);
	while (fd != STDOUT_FILENO && write(fd, line, length) == -1 &&
	    errno == EINTR)
		continue;
	errno = saved_errno;
}

void
die_errno(const char *object)
{
	die(EXIT_FAILED, "%s: %s", object, strerror(errno));
}

void
print(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	if (vprintf(format, arguments) < 0)
		die_errno("standard output");
	va_end(arguments);
}

void
exit_flushed(int status)
{
	if (fflush(stdout) == EOF)
		die_errno("standard output");
	exit(status);
}

const char *
format_number(char text[static NUMBER_SIZE], pid_t pid)
{
	char *begin = text + NUMBER_SIZE;
	*--begin = '\0';
	*--begin = '\n';
	for (; pid > 0; pid /= 10)
		*--begin = (char)('0' + pid % 10);
	return begin;
}
