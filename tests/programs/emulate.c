/* SPDX-License-Identifier: ISC */
/*
 * Executes PROGRAM in EMULATOR, with its own name, arguments and environment.
 * The emulator hands the environment down in reverse order.
 */
#include <stddef.h>
#include <unistd.h>

extern char **environ;

int
main(int argc, char **argv)
{
	char *words[argc + 4];
	size_t first, last = 0;
	int i;

	words[0] = EMULATOR;
	words[1] = "-0";
	words[2] = argv[0];
	words[3] = PROGRAM;
	for (i = 1; i <= argc; i++)
		words[i + 3] = argv[i];
	while (environ[last] != NULL)
		last++;
	for (first = 0; first + 1 < last; first++) {
		char *variable = environ[first];

		environ[first] = environ[--last];
		environ[last] = variable;
	}
	execv(EMULATOR, words);
	return 99;
}
