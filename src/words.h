/* SPDX-License-Identifier: ISC */
/* The words of a command line that is one string. */
#pragma once

/*
 * Splits text at blanks, tabs and newlines.  '...', "..." and \ quote as in the
 * shell (POSIX.1-2008, XCU 2.2); nothing else is special.  Returns the words,
 * ended by NULL and never freed; the element before the first is NULL and may
 * be overwritten.  Returns NULL if a quote is not closed.  Dies without memory.
 */
char **words_split(const char *text);
