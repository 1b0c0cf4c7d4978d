/* SPDX-License-Identifier: ISC */
/* The command's file: found, looked into, and executed. */
#pragma once

#include <stdbool.h>

#include "identity.h"

/*
 * In all of these, logger is the text of the logger whose file it is, or NULL
 * for the command's.  A logger's failures are all EXIT_FAILED, and its text
 * stands for the path in messages.
 */

/*
 * Returns the file to execute for name, as an absolute path that is never
 * freed.  A name with a slash is a path; any other is searched in the PATH of
 * environ, or in the system's default, by the rules of execvp(3), but neither a
 * directory that cannot be read nor a file that may not be executed hides a
 * later hit.  Our effective ids must be the user's.  Dies with EXIT_NOT_FOUND,
 * EXIT_CANNOT_EXEC, or EXIT_FAILED by path_absolute().
 */
const char *command_find(const char *name, const char *logger,
    const struct identity *user);

/*
 * Returns what argv[0] is to be in a command that was found by name at path,
 * and starts in directory: the name, but the path if the name would mean
 * another file from there.
 */
const char *command_argv0(const char *name, const char *path,
    const char *directory);

/*
 * Dies with EXIT_CANNOT_EXEC if the file begins with "#!" and an interpreter
 * that cannot be executed.  Whether anything else can be is the kernel's to
 * say.
 */
void command_check(const char *path, const char *logger,
    const struct identity *user);

/*
 * Executes path with argv and environ.  Text without "#!", which the kernel
 * refuses with ENOEXEC, is given to /bin/sh, as execvp(3) does on some libcs:
 * then argv[-1] and argv[0] are overwritten.  Async-signal-safe.  Returns only
 * on failure, with errno; *by_shell tells whether it is that of /bin/sh.
 */
void command_execute(const char *path, char **argv, bool *by_shell);

/*
 * Says why the exec of path as user, or that of /bin/sh by_shell, failed with
 * error; a missing interpreter is named.  Returns EXIT_NOT_FOUND,
 * EXIT_CANNOT_EXEC or EXIT_FAILED.
 */
int command_explain(const char *path, const char *logger, int error,
    bool by_shell, const struct identity *user);
