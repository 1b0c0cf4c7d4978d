/* SPDX-License-Identifier: ISC */
/* Executes PROGRAM in EMULATOR, with its own name and arguments. */
#include <unistd.h>

int
main(int argc, char **argv)
{
	char *words[argc + 4];
	int i;

	words[0] = EMULATOR;
	words[1] = "-0";
	words[2] = argv[0];
	words[3] = PROGRAM;
	for (i = 1; i <= argc; i++)
		words[i + 3] = argv[i];
	execv(EMULATOR, words);
	return 99;
}
