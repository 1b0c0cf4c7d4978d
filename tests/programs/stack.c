/* SPDX-License-Identifier: ISC */
/* An execve(2) that needs much of the stack, to be preloaded. */
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int
execve(const char *path, char *const *argv, char *const *envp)
{
	volatile char room[256 * 1024];

	memset((char *)room, 1, sizeof(room));
	return room[5] ? (int)syscall(SYS_execve, path, argv, envp) : -1;
}
