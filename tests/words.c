/* SPDX-License-Identifier: ISC */
/* Splits each of its arguments as src does: prints each word and a null byte,
 * then byte 1, 0 or, if a quote is not closed, 1, and a newline. */
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
