/* The command's file. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "exit.h"
#include "path.h"
#include "say.h"

extern char **environ;

/* what Linux reads to see the format of a file (BINPRM_BUF_SIZE) */
enum { HEAD_SIZE = 256 };

/*
 * Why a file cannot be executed: an errno, 0 for nothing.  Sets found if there is such a file at
 * all.
 */
static int refusal(const char *path, bool *found)
{
	struct stat status;

	*found = stat(path, &status) == 0;
	if (!*found) return errno;
	if (S_ISDIR(status.st_mode)) return EISDIR;
	if (!S_ISREG(status.st_mode)) return EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == -1 ? errno : 0;
}

/* The exit status that follows from an exec's error. */
static int status_of(int error)
{
	return error == ENOENT || error == ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_EXEC;
}

static char *find_in_path(const char *name, const char *search)
{
	char file[PATH_MAX], refused[PATH_MAX];
	const char *entry, *end;
	int error, refused_error = 0;
	bool found;

	for (entry = search;; entry = end + 1) {
		int length = (int)strcspn(entry, ":");

		end = entry + length;
		if (snprintf(file, sizeof(file), "%.*s%s%s", length, entry, length > 0 ? "/" : "",
			    name) < (int)sizeof(file)) {
			error = refusal(file, &found);
			if (error == 0) return path_absolute(file);
			if (found && refused_error == 0) {
				refused_error = error;
				(void)strcpy(refused, file);
			}
		}
		if (*end == '\0') break;
	}
	if (refused_error != 0) die(EXIT_CANNOT_EXEC, "%s: %s", refused, strerror(refused_error));
	die(EXIT_NOT_FOUND, "%s: not found in PATH (%.1024s)", name, search);
}

char *command_find(const char *name)
{
	const char *search = getenv("PATH");
	char standard[PATH_MAX];
	char *path;
	int error;
	bool found;

	if (!strchr(name, '/')) {
		if (!search && confstr(_CS_PATH, standard, sizeof(standard))) search = standard;
		return find_in_path(name, search ? search : "");
	}
	path = path_absolute(name);
	error = refusal(path, &found);
	if (error != 0) die(status_of(error), "%s: %s", path, strerror(error));
	return path;
}

/*
 * Reads the beginning of a file into head.  Returns its length, or -1 with errno.  O_NONBLOCK: it
 * might be a FIFO by now.
 */
static ssize_t read_head(const char *path, char head[static HEAD_SIZE])
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t length;

	if (fd == -1) return -1;
	length = read(fd, head, HEAD_SIZE);
	(void)close(fd); /* was only read */
	return length;
}

static bool is_script(const char *head, ssize_t length)
{
	return length >= 2 && head[0] == '#' && head[1] == '!';
}

static bool is_native(const char *head, ssize_t length)
{
	return length >= 4 && memcmp(head, "\177ELF", 4) == 0;
}

static bool is_text(const char *head, ssize_t length)
{
	return length >= 0 && !memchr(head, '\0', (size_t)length);
}

/* Says that the interpreter named by a "#!" line is at fault, if it is. */
static bool blame_interpreter(const char *path, const char *head, ssize_t length)
{
	char line[HEAD_SIZE + 1];
	char *name = line + 2;
	size_t name_length;
	int error;
	bool found;

	if (!is_script(head, length)) return false;
	(void)memcpy(line, head, (size_t)length);
	line[length] = '\0';
	name += strspn(name, " \t");
	name_length = strcspn(name, " \t\n");
	if (name_length == 0 || name[name_length] == '\0')
		return false; /* no name, or not all of it */
	name[name_length] = '\0';
	error = refusal(name, &found);
	if (error != 0) say("%s: interpreter %s: %s", path, name, strerror(error));
	return error != 0;
}

void command_check(const char *path)
{
	char head[HEAD_SIZE];
	ssize_t length = read_head(path, head);

	if (length == -1) return;
	if (blame_interpreter(path, head, length)) exit(EXIT_CANNOT_EXEC);
	if (!is_native(head, length) && !is_text(head, length))
		die(EXIT_CANNOT_EXEC, "%s: %s", path, strerror(ENOEXEC));
}

void command_execute(const char *path, char **argv, bool *by_shell)
{
	static char shell[] = "/bin/sh";
	char head[HEAD_SIZE];
	ssize_t length;

	*by_shell = false;
	(void)execve(path, argv, environ);
	if (errno != ENOEXEC) return;
	length = read_head(path, head);
	if (is_script(head, length) || is_native(head, length) || !is_text(head, length)) {
		errno = ENOEXEC;
		return;
	}
	/* the shell's own argv[0] is its path: busybox looks at it */
	argv[-1] = shell;
	argv[0] = (char *)path;
	*by_shell = true;
	(void)execve(shell, argv - 1, environ);
}

int command_explain(const char *path, int error, bool by_shell)
{
	char head[HEAD_SIZE];

	if (by_shell) {
		say("%s: interpreter /bin/sh: %s", path, strerror(error));
	} else if (status_of(error) == EXIT_NOT_FOUND && access(path, F_OK) == -1) {
		say("%s: %s", path, strerror(error));
		return EXIT_NOT_FOUND;
	} else if (!blame_interpreter(path, head, read_head(path, head))) {
		say("%s: %s%s", path,
			status_of(error) == EXIT_NOT_FOUND ? "its interpreter or loader: " : "",
			strerror(error));
	}
	return EXIT_CANNOT_EXEC;
}
