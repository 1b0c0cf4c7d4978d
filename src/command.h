/* SPDX-License-Identifier: ISC */
/* The command's file: found, looked into, and executed. */
#pragma once
#include <stdbool.h>

/*
 * Returns the file to execute for name, as an absolute path that is never
 * freed.  A name with a slash is a path; any other is searched in the PATH of
 * environ, or in the system's default, by the rules of execvp(3), but neither a
 * directory that cannot be read nor a file that may not be executed hides a
 * later hit.  Dies with EXIT_NOT_FOUND, EXIT_CANNOT_EXEC, or EXIT_FAILED by
 * path_absolute().
 */
const char *command_find(const char *name);

/*
 * Dies with EXIT_CANNOT_EXEC if the file begins neither with "#!" and an
 * interpreter that can be executed, nor as a native program, nor as text.  One
 * that we may not read passes.
 */
void command_check(const char *path);

/*
 * Executes path with argv and environ.  Text without "#!", which the kernel
 * refuses with ENOEXEC, is given to /bin/sh, as execvp(3) does on some libcs:
 * then argv[-1] and argv[0] are overwritten.  Async-signal-safe.  Returns only
 * on failure, with errno; *by_shell tells whether it is that of /bin/sh.
 */
void command_execute(const char *path, char **argv, bool *by_shell);

/*
 * Says why the exec of path, or that of /bin/sh by_shell, failed with error; a
 * missing interpreter is named.  Returns EXIT_NOT_FOUND or EXIT_CANNOT_EXEC.
 */
int command_explain(const char *path, int error, bool by_shell);
