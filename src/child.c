/* SPDX-License-Identifier: ISC */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "compat.h"
#include "diag.h"
#include "exit.h"
#include "identity.h"
#include "lock.h"
#include "signals.h"
#include "streams.h"

/* Writes our process id as one line.  Returns 0, or -1 with errno. */
static int
print_pid(void)
{
	char text[PID_TEXT_SIZE];
	const char *line = format_pid(text, getpid(), '\n');
	size_t size = strlen(line);
	ssize_t length;

	do
		length = write(STDOUT_FILENO, line, size);
	while (length == -1 && errno == EINTR);

	if (length == -1)
		return -1;
	if ((size_t)length < size) {
		errno = ENOSPC;
		return -1;
	}
	return 0;
}

static int
duplicate(int fd, int target)
{
	int result;

	do
		result = dup2(fd, target);
	while (result == -1 && errno == EINTR);

	return result == -1 ? -1 : 0;
}

/* Puts the streams in place.  Returns the one that failed, or -1. */
static int
install_streams(const struct child *child)
{
	for (int i = 0; i <= 2; i++) {
		int fd = child->stream[i].fd;

		if (fd != -1 && duplicate(fd, i) == -1)
			return i;
	}
	return -1;
}

/* Takes the run locks.  Returns the one that failed, or -1. */
static int
take_run_locks(const struct child *child)
{
	for (int i = 0; i < child->lock_count; i++) {
		const struct lock *lock = &child->lock[i];
		int result;

		if (child->in_place)
			result = lock_hold_in_place(lock);
		else
			result = lock_hold_in_daemon(lock);
		if (result == -1)
			return i;
	}
	return -1;
}

/* Gives up the start locks, which only a launcher has.  Returns the one that
 * failed, or -1. */
static int
release_start_locks(const struct child *child)
{
	if (!child->in_place)
		return -1;
	for (int i = 0; i < child->lock_count; i++) {
		if (lock_release_start(&child->lock[i]) == -1)
			return i;
	}
	return -1;
}

/* Empties the logs of -t.  Returns the stream that failed, or -1. */
static int
truncate_logs(const struct child *child)
{
	for (int i = 1; i <= 2; i++) {
		if (child->stream[i].truncate && ftruncate(i, 0) == -1)
			return i;
	}
	return -1;
}

static int
reset_signals(const struct child *child)
{
	/* A fork does not inherit timers, but they survive an exec. */
	if (child->in_place && signals_stop_timers() == -1)
		return -1;
	return signals_reset();
}

/* Returns the failure of a step, from errno. */
static struct failure
failed(enum step step, int index)
{
	return (struct failure){ .step = step, .index = index, .error = errno };
}

/* Enters a directory that the launcher could not.  Returns 0, or -1. */
static int
enter_directory_late(const struct child *child)
{
	if (!child->enters_directory)
		return 0;
	return chdir(child->directory);
}

/* Sets a logger apart from the command.  Returns 0, or -1. */
static int
set_apart(const struct child *child)
{
	if (child->logger == NULL)
		return 0;
	/* It outlives the signals for the command's group, and reads on. */
	if (setpgid(0, 0) == -1)
		return -1;
	(void)umask(child->umask);
	compat_cloexec_from(3);
	return 0;
}

/*
 * Lets the command end with its keeper.  Returns 0, or -1 if that has ended.
 * A change of ids would undo it (prctl(2)).
 */
static int
die_with_keeper(const struct child *child)
{
	if (child->keeper_pid == 0)
		return 0;
	compat_die_with_parent();
	if (getppid() == child->keeper_pid)
		return 0;
	errno = ESRCH;
	return -1;
}

struct failure
child_take_place(const struct child *child)
{
	int failing;

	if (child->prints_pid && print_pid() == -1)
		return failed(STEP_PRINT_PID, 0);
	failing = install_streams(child);
	if (failing != -1)
		return failed(STEP_STREAM, failing);
	failing = take_run_locks(child);
	if (failing != -1)
		return failed(STEP_LOCK, failing);
	return (struct failure){ .step = STEP_NONE };
}

struct failure
child_exec(const struct child *child)
{
	struct failure failure;
	bool by_shell;
	int failing;

	if (set_apart(child) == -1)
		return failed(STEP_GROUP, 0);
	failure = child_take_place(child);
	if (failure.step != STEP_NONE)
		return failure;
	if (identity_drop_permanently(child->identity) == -1)
		return failed(STEP_IDENTITY, 0);
	if (die_with_keeper(child) == -1)
		return failed(STEP_KEEPER, 0);
	if (enter_directory_late(child) == -1)
		return failed(STEP_DIRECTORY, 0);
	failing = truncate_logs(child);
	if (failing != -1)
		return failed(STEP_TRUNCATE, failing);
	if (reset_signals(child) == -1)
		return failed(STEP_SIGNALS, 0);
	failing = release_start_locks(child);
	if (failing != -1)
		return failed(STEP_LOCK, failing);

	command_execute(child->path, child->argv, &by_shell);
	return failed(by_shell ? STEP_EXEC_SHELL : STEP_EXEC, 0);
}

void
child_exec_in_place(const struct child *child, int min_fd)
{
	struct failure failure;
	int saved;

	saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, min_fd);
	if (saved == -1)
		die_errno(stream_names[2]);
	if (signals_block_all(lock_remove_unfinished) == -1)
		die_errno("signals");

	failure = child_exec(child);

	/* The caller hears of it; if that fails, the log is the next best. */
	(void)signals_block_write_signals();
	(void)dup2(saved, STDERR_FILENO);
	exit(child_explain(child, &failure));
}

/* Returns what a step failed on, as the message names it. */
static const char *
name_object(const struct child *child, const struct failure *failure)
{
	switch (failure->step) {
	case STEP_PIPE:
		return "pipe";
	case STEP_FORK:
		return "fork";
	case STEP_GROUP:
		return "setpgid";
	case STEP_KEEPER:
		return "the keeper";
	case STEP_PRINT_PID:
		return stream_names[1];
	case STEP_STREAM:
		return stream_names[failure->index];
	case STEP_LOCK:
		return child->lock[failure->index].path;
	case STEP_DIRECTORY:
		return child->directory;
	case STEP_TRUNCATE:
		return child->stream[failure->index].path;
	case STEP_SIGNALS:
		return "signals";
	default:
		return child->path;
	}
}

int
child_explain(const struct child *child, const struct failure *failure)
{
	const char *object = name_object(child, failure);
	const char *reason = strerror(failure->error);

	if (failure->step == STEP_EXEC || failure->step == STEP_EXEC_SHELL) {
		bool by_shell = failure->step == STEP_EXEC_SHELL;

		return command_explain(child->path, child->logger,
		    failure->error, by_shell, child->identity);
	}

	if (failure->step == STEP_LOCK && failure->error == EALREADY)
		reason = "superseded by a concurrent start";
	if (child->logger != NULL)
		warn("%s: %s: %s", child->logger, object, reason);
	else if (failure->step == STEP_IDENTITY)
		warn("-u %s: %s", child->identity->name, reason);
	else
		warn("%s: %s", object, reason);
	return EXIT_FAILED;
}

void
child_describe_end(char text[static CHILD_END_SIZE], int code, int status)
{
	if (code != CLD_EXITED)
		(void)snprintf(text, CHILD_END_SIZE, "ended by signal %d (%s)",
		    status, strsignal(status));
	else
		(void)snprintf(text, CHILD_END_SIZE, "ended with status %d",
		    status);
}
