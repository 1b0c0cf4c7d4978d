/* SPDX-License-Identifier: ISC */
/*
 * words TEXT...
 *
 * Splits each argument into words, as -o '|TEXT' does.  Prints each word and a
 * null byte, and after the words of an argument the byte 1, the digit 0, and a
 * newline; the digit is 1, without any word, if a quote is not closed.
 *
 * Returns 0, or 1 if the output cannot be written.
 */
#include "../src/words.h"

#include <stdio.h>

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char **words = words_split(argv[i]);
		char end = words == NULL ? '1' : '0';

		for (; words != NULL && *words != NULL; words++) {
			(void)fputs(*words, stdout);
			(void)putchar('\0');
		}
		(void)printf("\1%c\n", end);
	}
	return fflush(stdout) == EOF;
}
