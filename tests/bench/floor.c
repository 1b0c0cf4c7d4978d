/* SPDX-License-Identifier: ISC */
/*
 * floor COMMAND [ARGUMENT...]
 *
 * The floor of the bench: what two children and an execution cost, without any
 * of the promises of daemonize.  Returns 0 if the command was executed.
 */
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char **command;
static _Alignas(16) char stack[2][4096];

static int
daemon_body(void *unused)
{
	(void)unused;
	return execve(*command, command, environ);
}

static int
intermediate_body(void *unused)
{
	(void)unused;
	return clone(daemon_body, stack[1] + sizeof(stack[1]),
		   CLONE_VM | CLONE_VFORK | SIGCHLD, NULL) == -1;
}

int
main(int argc, char **argv)
{
	pid_t pid;
	int status = 1;

	command = argv + 1;
	pid = argc < 2 ? -1 :
			 clone(intermediate_body, stack[0] + sizeof(stack[0]),
			     CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	return pid == -1 || waitpid(pid, &status, 0) != pid || status != 0;
}
