/* SPDX-License-Identifier: ISC */
#include "words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"

/* What is read, and what has been made of it. */
struct splitter {
	const char *next; /* to be read */
	char *out;        /* where the next character of a word goes */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Reads '...' behind its first quote.  Returns false if there is no other. */
static bool
copy_single_quoted(struct splitter *s)
{
	const char *endp = strchr(s->next, '\'');
	size_t length;

	if (endp == NULL)
		return false;
	length = (size_t)(endp - s->next);
	(void)memcpy(s->out, s->next, length);
	s->out += length;
	s->next = endp + 1;
	return true;
}

/* Reads what follows a backslash.  One at the end stands for itself, and a
 * newline behind one is nothing. */
static void
copy_escaped(struct splitter *s)
{
	if (*s->next == '\0') {
		*s->out++ = '\\';
		return;
	}
	if (*s->next != '\n')
		*s->out++ = *s->next;
	s->next++;
}

/* Reads "..." behind its first quote.  Returns false if there is no other. */
static bool
copy_double_quoted(struct splitter *s)
{
	while (*s->next != '\0') {
		char c = *s->next++;

		if (c == '"')
			return true;
		/* A backslash before anything else stands for itself. */
		if (c == '\\' && *s->next != '\0' &&
		    strchr("$`\"\\\n", *s->next) != NULL)
			copy_escaped(s);
		else
			*s->out++ = c;
	}
	return false;
}

/* Reads one word up to a blank.  Returns false if a quote is not closed. */
static bool
copy_word(struct splitter *s)
{
	while (*s->next != '\0' && !is_blank(*s->next)) {
		char c = *s->next++;
		bool is_closed = true;

		if (c == '\'')
			is_closed = copy_single_quoted(s);
		else if (c == '"')
			is_closed = copy_double_quoted(s);
		else if (c == '\\')
			copy_escaped(s);
		else
			*s->out++ = c;
		if (!is_closed)
			return false;
	}
	*s->out++ = '\0';
	return true;
}

/* An escaped newline between words is nothing, as in the shell. */
static void
skip_blanks(struct splitter *s)
{
	for (;;) {
		if (is_blank(*s->next))
			s->next++;
		else if (strncmp(s->next, "\\\n", 2) == 0)
			s->next += 2;
		else
			return;
	}
}

char **
words_split(const char *text)
{
	const size_t length = strlen(text);
	/* A word takes two characters of text at least, but for the last. */
	const size_t most = length / 2 + 3;
	char **block = calloc(1, most * sizeof(*block) + length + 1);
	struct splitter s = { .next = text };
	size_t count = 1;

	if (block == NULL)
		die_no_memory();
	s.out = (char *)(block + most);

	for (;;) {
		skip_blanks(&s);
		if (*s.next == '\0')
			return block + 1;
		block[count++] = s.out;
		if (!copy_word(&s)) {
			free(block);
			return NULL;
		}
	}
}
