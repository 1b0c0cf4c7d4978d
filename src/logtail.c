/* SPDX-License-Identifier: ISC */
#include "logtail.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"
#include "streams.h"

enum {
	MOST_BYTES = 2048,
	MOST_LINES = 10
};

off_t
logtail_size(const struct stream *log)
{
	struct stat st;

	if (log->reader == -1 || fstat(log->reader, &st) == -1)
		return 0;
	return st.st_size - log->begin;
}

/*
 * Reads the end of what was added as a string, without a last newline.
 * Returns false if there is nothing; *cut tells whether more was added.
 */
static bool
read_end(const struct stream *log, char text[MOST_BYTES + 1], bool *cut)
{
	off_t size = logtail_size(log);
	off_t begin = log->begin;
	ssize_t length;

	if (size <= 0)
		return false;
	*cut = size > MOST_BYTES;
	if (*cut)
		begin += size - MOST_BYTES;

	length = pread(log->reader, text, MOST_BYTES, begin);
	if (length > 0 && text[length - 1] == '\n')
		length--;
	if (length <= 0)
		return false;

	for (ssize_t i = 0; i < length; i++) {
		if (text[i] == '\0')
			text[i] = '?';
	}
	text[length] = '\0';
	return true;
}

/* Returns where the last lines of a text begin, at most MOST_LINES. */
static const char *
last_lines(const char *text)
{
	const char *line = text + strlen(text);
	int lines = 1;

	while (line > text) {
		if (line[-1] == '\n') {
			if (lines == MOST_LINES)
				break;
			lines++;
		}
		line--;
	}
	return line;
}

void
logtail_show(const struct stream *log)
{
	char text[MOST_BYTES + 1];
	const char *line;
	bool cut;

	if (!read_end(log, text, &cut))
		return;

	line = last_lines(text);
	/* Not half a line, unless it is the only one. */
	if (line == text && cut && strchr(text, '\n') != NULL)
		line = strchr(text, '\n') + 1;

	for (;;) {
		size_t width = strcspn(line, "\n");

		warn_quoted("%.*s", (int)width, line);
		if (line[width] == '\0')
			break;
		line += width + 1;
	}
}
