/* SPDX-License-Identifier: ISC */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compat.h"
#include "diag.h"
#include "exit.h"
#include "path.h"

extern char **environ;

enum {
	HEAD_SIZE = 256 + 1 /* what Linux reads, and a null byte */
};

/* The beginning of a file, as much as Linux reads to see its format. */
struct head {
	ssize_t length; /* -1: it cannot be read */
	char text[HEAD_SIZE];
};

/* What a search of PATH has seen but cannot use: in each case the first. */
struct search {
	const struct identity *user;
	char *refused; /* NULL: no such */
	int error;     /* why it cannot be executed */
	char *hidden;  /* where we may not look; NULL: no such */
};

/* Checks whether a file can be executed.  Returns 0, or -1 with errno. */
static int
check_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return -1;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		errno = EACCES;
		return -1;
	}
	return compat_access(AT_FDCWD, path, X_OK);
}

/* The same for the user, also where its effective ids are not enough. */
static int
check_file_as(const char *path, const struct identity *user)
{
	if (check_file(path) == 0)
		return 0;
	if (errno != EACCES || user->name == NULL)
		return -1;
	return identity_look(user, check_file, path);
}

/* Returns what a message is to name. */
static const char *
object_of(const char *path, const char *logger)
{
	return logger != NULL ? logger : path;
}

/* Returns status, unless it is a logger that failed. */
static int
failure_status(int status, const char *logger)
{
	return logger != NULL ? EXIT_FAILED : status;
}

static bool
is_not_found(int error)
{
	return error == ENOENT || error == ENOTDIR;
}

/* Warns that path cannot be used because of an error, as the user. */
static void
warn_of(const char *path, int error, const struct identity *user)
{
	const char *reason = strerror(error);

	if (error == EACCES && user->name != NULL)
		warn("%s: %s (as %s)", path, reason, user->name);
	else
		warn("%s: %s", path, reason);
}

static char *
copy(const char *path)
{
	char *own = strdup(path);

	if (own == NULL)
		die_no_memory();
	return own;
}

static const char *
copy_absolute(const char *path)
{
	const char *absolute = path_absolute(path);

	/* It is the path itself if that is absolute. */
	return absolute == path ? copy(path) : absolute;
}

/* Notes a file in PATH that cannot be executed because of an error. */
static void
note_refused(struct search *search, const char *path, int error)
{
	const bool is_seen = compat_access(AT_FDCWD, path, F_OK) == 0;

	if (is_seen && search->refused == NULL) {
		search->refused = copy(path);
		search->error = error;
	}
	if (!is_seen && error == EACCES && search->hidden == NULL)
		search->hidden = copy(path);
}

/* Looks for name in one entry of PATH.  Returns its path, or NULL. */
static const char *
find_in_entry(struct search *search, const char *name, const char *entry,
    size_t length)
{
	const char *slash = length > 0 ? "/" : "";
	char path[PATH_MAX];
	int size = snprintf(path, sizeof(path), "%.*s%s%s", (int)length, entry,
	    slash, name);

	if (size >= (int)sizeof(path))
		return NULL;
	if (check_file(path) == 0)
		return copy_absolute(path);
	note_refused(search, path, errno);
	return NULL;
}

/* Returns the file that only the user may see, as on FUSE, if it can be
 * executed there; or NULL. */
static const char *
find_hidden(const struct search *search)
{
	if (search->hidden == NULL || search->user->name == NULL)
		return NULL;
	if (identity_look(search->user, check_file, search->hidden) == -1)
		return NULL;
	return copy_absolute(search->hidden);
}

/* Looks in each entry.  Returns its path, or NULL. */
static const char *
find_in_entries(struct search *search, const char *name, const char *entries)
{
	const char *entry = entries;

	for (;;) {
		size_t length = strcspn(entry, ":");
		const char *path = find_in_entry(search, name, entry, length);

		if (path != NULL || entry[length] == '\0')
			return path;
		entry += length + 1;
	}
}

/* Tells what the search has seen, or that it has seen nothing, and exits. */
_Noreturn static void
die_not_found(const struct search *search, const char *name, const char *logger,
    const char *entries)
{
	if (search->refused != NULL) {
		warn_of(object_of(search->refused, logger), search->error,
		    search->user);
		exit(failure_status(EXIT_CANNOT_EXEC, logger));
	}
	die(failure_status(EXIT_NOT_FOUND, logger),
	    "%s: not found in PATH (%.1024s)", object_of(name, logger),
	    entries);
}

static const char *
find_in_path(const char *name, const char *logger, const char *entries,
    const struct identity *user)
{
	struct search search = { .user = user };
	const char *path = find_in_entries(&search, name, entries);

	if (path == NULL)
		path = find_hidden(&search);
	if (path == NULL)
		die_not_found(&search, name, logger, entries);
	free(search.refused);
	free(search.hidden);
	return path;
}

/* Returns PATH, or what stands for it where there is none. */
static const char *
search_path(void)
{
	static char standard[PATH_MAX];
	const char *entries = getenv("PATH");

	if (entries != NULL)
		return entries;
	(void)confstr(_CS_PATH, standard, sizeof(standard));
	return standard;
}

const char *
command_find(const char *name, const char *logger, const struct identity *user)
{
	const char *path;

	if (name[0] == '\0')
		die(failure_status(EXIT_NOT_FOUND, logger),
		    "%s: the name is empty", object_of("command", logger));
	if (strchr(name, '/') == NULL)
		return find_in_path(name, logger, search_path(), user);

	path = path_absolute(name);
	if (check_file_as(path, user) == -1) {
		int error = errno;
		int status =
		    is_not_found(error) ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;

		warn_of(object_of(path, logger), error, user);
		exit(failure_status(status, logger));
	}
	return path;
}

const char *
command_argv0(const char *name, const char *path, const char *directory)
{
	struct stat here, there;

	if (name[0] == '/' || strchr(name, '/') == NULL)
		return name;
	if (stat(".", &here) == 0 && stat(directory, &there) == 0 &&
	    path_same(&here, &there))
		return name;
	return path;
}

/* Reads the beginning of a file, which might be a FIFO by now. */
static void
read_head(struct head *head, const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	head->length = -1;
	if (fd != -1) {
		head->length = read(fd, head->text, sizeof(head->text) - 1);
		(void)close(fd);
	}
	head->text[head->length == -1 ? 0 : head->length] = '\0';
}

static bool
is_script(const struct head *head)
{
	return strncmp(head->text, "#!", 2) == 0;
}

static bool
is_native(const struct head *head)
{
	return strncmp(head->text, "\177ELF", 4) == 0;
}

/* Returns true if there is no null byte in what was read. */
static bool
is_text(const struct head *head)
{
	return head->length == (ssize_t)strlen(head->text);
}

/*
 * Copies the interpreter that the head of a script names.  Returns its length,
 * 0 if there is none, or -1 if the head does not have all of its name.
 */
static int
get_interpreter(const struct head *head, char name[static HEAD_SIZE])
{
	const char *begin;
	size_t length;

	if (!is_script(head))
		return 0;
	begin = head->text + 2;
	begin += strspn(begin, " \t");
	length = strcspn(begin, " \t\n");
	if (begin + length == head->text + sizeof(head->text) - 1)
		return -1;
	(void)memcpy(name, begin, length);
	name[length] = '\0';
	return (int)length;
}

/* Warns of the interpreter if it is at fault; returns true if it is. */
static bool
blame_interpreter(const char *object, const struct head *head,
    const struct identity *user)
{
	char name[HEAD_SIZE];
	char both[2 * PATH_MAX];
	int error;

	if (get_interpreter(head, name) <= 0)
		return false;
	if (check_file_as(name, user) == 0)
		return false;
	error = errno;
	(void)snprintf(both, sizeof(both), "%s: interpreter %s", object, name);
	warn_of(both, error, user);
	return true;
}

void
command_check(const char *path, const char *logger, const struct identity *user)
{
	struct head head;

	read_head(&head, path);
	if (blame_interpreter(object_of(path, logger), &head, user))
		exit(failure_status(EXIT_CANNOT_EXEC, logger));
}

/* Returns true if a file that the kernel does not take is for the shell. */
static bool
is_for_shell(const char *path)
{
	struct head head;

	read_head(&head, path);
	return is_text(&head) && !is_script(&head) && !is_native(&head);
}

void
command_execute(const char *path, char **argv, bool *by_shell)
{
	static char shell[] = "/bin/sh";

	*by_shell = false;
	(void)execve(path, argv, environ);
	if (errno != ENOEXEC)
		return;
	if (!is_for_shell(path)) {
		errno = ENOEXEC;
		return;
	}
	*by_shell = true;
	/* The shell's own argv[0] is its path, because busybox looks at it. */
	argv[-1] = shell;
	argv[0] = (char *)path;
	(void)execve(shell, argv - 1, environ);
}

int
command_explain(const char *path, const char *logger, int error, bool by_shell,
    const struct identity *user)
{
	const char *object = object_of(path, logger);
	const int cannot_exec = failure_status(EXIT_CANNOT_EXEC, logger);
	const char *reason = strerror(error);
	char name[HEAD_SIZE];
	struct head head;

	if (by_shell) {
		warn("%s: interpreter /bin/sh: %s", object, reason);
		return cannot_exec;
	}
	if (is_not_found(error) && access(path, F_OK) == -1) {
		warn("%s: %s", object, reason);
		return failure_status(EXIT_NOT_FOUND, logger);
	}

	read_head(&head, path);
	if (blame_interpreter(object, &head, user))
		return cannot_exec;
	if (error == ENOEXEC && get_interpreter(&head, name) == -1)
		warn("%s: its #! line is too long", object);
	else if (is_not_found(error))
		warn("%s: its interpreter or loader: %s", object, reason);
	else
		warn_of(object, error, user);
	return cannot_exec;
}
