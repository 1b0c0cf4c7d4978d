/* SPDX-License-Identifier: ISC */
#include "command.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "diag.h"
#include "path.h"

extern char **environ;

/* The beginning of a file, as much as Linux reads to see its format. */
struct head {
	ssize_t length; /* -1: it cannot be read */
	char text[256 + 1];
};

/* A file found in PATH that cannot be executed. */
struct refused {
	int error; /* 0: there is none */
	char path[PATH_MAX];
};

/* Returns an errno that tells why a file cannot be executed, or 0. */
static int
find_obstacle(const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == -1)
		return errno;
	return 0;
}

/* Returns the exit status that follows from an error of exec. */
static int
exit_status_of(int error)
{
	if (error == ENOENT || error == ENOTDIR)
		return EXIT_NOT_FOUND;
	return EXIT_CANNOT_EXEC;
}

static bool
exists(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) == 0;
}

/*
 * Looks for name in one entry of PATH.  Returns its path, or NULL; the first
 * one that is refused is kept.
 */
static const char *
find_in_entry(const char *name, const char *entry, size_t length,
    struct refused *refused)
{
	const char *slash = length > 0 ? "/" : "";
	char path[PATH_MAX];
	int size, error;

	size = snprintf(path, sizeof(path), "%.*s%s%s", (int)length, entry,
	    slash, name);
	if (size >= (int)sizeof(path))
		return NULL;

	error = find_obstacle(path);
	if (error == 0) {
		const char *copy = strdup(path);

		if (copy == NULL)
			die_no_memory();
		return path_absolute(copy);
	}
	if (refused->error == 0 && exists(path)) {
		refused->error = error;
		(void)memcpy(refused->path, path, sizeof(path));
	}
	return NULL;
}

static const char *
find_in_path(const char *name, const char *search)
{
	struct refused refused = { .error = 0 };
	const char *entry = search;

	for (;;) {
		size_t length = strcspn(entry, ":");
		const char *path = find_in_entry(name, entry, length, &refused);

		if (path != NULL)
			return path;
		if (entry[length] == '\0')
			break;
		entry += length + 1;
	}
	if (refused.error != 0)
		die(EXIT_CANNOT_EXEC, "%s: %s", refused.path,
		    strerror(refused.error));
	die(EXIT_NOT_FOUND, "%s: not found in PATH (%.1024s)", name, search);
}

const char *
command_find(const char *name)
{
	char standard[PATH_MAX] = "";
	const char *search, *path;
	int error;

	if (strchr(name, '/') == NULL) {
		search = getenv("PATH");
		if (search == NULL) {
			(void)confstr(_CS_PATH, standard, sizeof(standard));
			search = standard;
		}
		return find_in_path(name, search);
	}

	path = path_absolute(name);
	error = find_obstacle(path);
	if (error != 0)
		die(exit_status_of(error), "%s: %s", path, strerror(error));
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
 * Copies the interpreter that the head of a script names.  Returns false if
 * there is none, or if the head does not have all of its name.
 */
static bool
get_interpreter(const struct head *head, char name[static sizeof(head->text)])
{
	const char *begin;
	size_t length;

	if (!is_script(head))
		return false;
	begin = head->text + 2;
	begin += strspn(begin, " \t");
	length = strcspn(begin, " \t\n");
	if (length == 0 ||
	    begin + length == head->text + sizeof(head->text) - 1)
		return false;
	(void)memcpy(name, begin, length);
	name[length] = '\0';
	return true;
}

/* Warns of the interpreter if it is at fault; returns true if it is. */
static bool
blame_interpreter(const char *path, const struct head *head)
{
	char name[sizeof(head->text)];
	int error;

	if (!get_interpreter(head, name))
		return false;
	error = find_obstacle(name);
	if (error == 0)
		return false;
	warn("%s: interpreter %s: %s", path, name, strerror(error));
	return true;
}

void
command_check(const char *path)
{
	struct head head;

	read_head(&head, path);
	if (head.length == -1)
		return;
	if (blame_interpreter(path, &head))
		exit(EXIT_CANNOT_EXEC);
	if (!is_text(&head) && !is_native(&head))
		die(EXIT_CANNOT_EXEC, "%s: %s", path, strerror(ENOEXEC));
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
command_explain(const char *path, int error, bool by_shell)
{
	bool is_missing = exit_status_of(error) == EXIT_NOT_FOUND;
	const char *reason = strerror(error);
	struct head head;

	if (by_shell) {
		warn("%s: interpreter /bin/sh: %s", path, reason);
		return EXIT_CANNOT_EXEC;
	}
	if (is_missing && access(path, F_OK) == -1) {
		warn("%s: %s", path, reason);
		return EXIT_NOT_FOUND;
	}

	read_head(&head, path);
	if (blame_interpreter(path, &head))
		return EXIT_CANNOT_EXEC;
	if (is_missing)
		warn("%s: its interpreter or loader: %s", path, reason);
	else
		warn("%s: %s", path, reason);
	return EXIT_CANNOT_EXEC;
}
