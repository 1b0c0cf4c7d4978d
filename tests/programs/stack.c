/* SPDX-License-Identifier: ISC */
/* To be preloaded: an execve(2) that needs much of the stack. */
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
