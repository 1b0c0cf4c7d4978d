#include "command.h"
#include "diag.h"
#include "path.h"

extern char **environ;

/* what Linux reads of a file to see its format (BINPRM_BUF_SIZE), and a null
 * byte */
enum {
	HEAD_SIZE = 256 + 1
};

/* Why a file cannot be executed, as an errno; 0 if nothing is seen. */
static int
refusal(const char *path)
{
	struct stat status;
	if (stat(path, &status) == -1)
		return errno;
	if (S_ISDIR(status.st_mode))
		return EISDIR;
	if (!S_ISREG(status.st_mode))
		return EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == -1 ? errno : 0;
}

/* The exit status that follows from an exec's error. */
static int
status_of(int error)
{
	return error == ENOENT || error == ENOTDIR ? EXIT_NOT_FOUND :
						     EXIT_CANNOT_EXEC;
}

static const char *
find_in_path(const char *name, const char *search)
{
	static char file[PATH_MAX]; /* may be what we return */
	static char refused[PATH_MAX];
	const char *entry = search, *end;
	int refused_error = 0;
	do {
		end = entry + strcspn(entry, ":");
		int size = snprintf(file, sizeof(file), "%.*s%s%s",
		    (int)(end - entry), entry, end > entry ? "/" : "", name);
		entry = end + 1;
		if (size >= (int)sizeof(file))
			continue;
		int error = refusal(file);
		if (error == 0)
			return path_absolute(file);
		if (refused_error == 0 &&
		    faccessat(AT_FDCWD, file, F_OK, AT_EACCESS) == 0) {
			refused_error = error;
			(void)strcpy(refused, file);
		}
	} while (*end != '\0');
	if (refused_error != 0)
		die(EXIT_CANNOT_EXEC, "%s: %s", refused,
		    strerror(refused_error));
	die(EXIT_NOT_FOUND, "%s: not found in PATH (%.1024s)", name, search);
}

const char *
command_find(const char *name)
{
	const char *search = getenv("PATH");
	static char standard[PATH_MAX];
	if (!strchr(name, '/')) {
		if (!search && confstr(_CS_PATH, standard, sizeof(standard)))
			search = standard;
		return find_in_path(name, search ? search : "");
	}
	const char *path = path_absolute(name);
	int error = refusal(path);
	if (error != 0)
		die(status_of(error), "%s: %s", path, strerror(error));
	return path;
}

/* Reads a file's beginning as a string; its length in bytes, greater if it is
 * no text, or -1. */
static ssize_t
read_head(const char *path, char head[static HEAD_SIZE])
{
	int fd = open(path,
	    O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* it might be a FIFO by now */
	ssize_t length = fd == -1 ? -1 : read(fd, head, HEAD_SIZE - 1);
	if (fd != -1)
		(void)close(fd); /* was only read */
	head[length == -1 ? 0 : length] = '\0';
	return length;
}

static bool
is_script(const char *head)
{
	return strncmp(head, "#!", 2) == 0;
}
static bool
is_native(const char *head)
{
	return strncmp(head, "\177ELF", 4) == 0;
}

/* Says that the interpreter named in the head of a script is at fault, if it
 * is. */
static bool
blame_interpreter(const char *path, char *head)
{
	if (!is_script(head))
		return false;
	char *name = head + 2 + strspn(head + 2, " \t");
	size_t length = strcspn(name, " \t\n");
	bool cut = name + length == head + HEAD_SIZE - 1;
	if (length == 0 || cut)
		return false; /* no name, or not all of it */
	name[length] = '\0';
	int error = refusal(name);
	if (error != 0)
		warn("%s: interpreter %s: %s", path, name, strerror(error));
	return error != 0;
}

void
command_check(const char *path)
{
	char head[HEAD_SIZE];
	ssize_t length = read_head(path, head);
	bool is_known = length == (ssize_t)strlen(head) || is_native(head);
	if (blame_interpreter(path, head))
		exit(EXIT_CANNOT_EXEC);
	if (length != -1 && !is_known)
		die(EXIT_CANNOT_EXEC, "%s: %s", path, strerror(ENOEXEC));
}

void
command_execute(const char *path, char **argv, bool *by_shell)
{
	static char shell[] = "/bin/sh";
	char head[HEAD_SIZE];
	*by_shell = false;
	(void)execve(path, argv, environ);
	if (errno != ENOEXEC)
		return;
	bool is_text = read_head(path, head) == (ssize_t)strlen(head);
	*by_shell = is_text && !is_script(head) && !is_native(head);
	errno = ENOEXEC;
	if (!*by_shell)
		return;
	/* the shell's own argv[0] is its path: busybox looks at it */
	argv[-1] = shell;
	argv[0] = (char *)path;
	(void)execve(shell, argv - 1, environ);
}

int
command_explain(const char *path, int error, bool by_shell)
{
	bool missing = status_of(error) == EXIT_NOT_FOUND;
	const char *reason = strerror(error);
	char head[HEAD_SIZE];
	if (by_shell) {
		warn("%s: interpreter /bin/sh: %s", path, reason);
	} else if (missing && access(path, F_OK) == -1) {
		warn("%s: %s", path, reason);
		return EXIT_NOT_FOUND;
	} else if (read_head(path, head) == -1 ||
	    !blame_interpreter(path, head)) {
		warn("%s: %s%s", path,
		    missing ? "its interpreter or loader: " : "", reason);
	}
	return EXIT_CANNOT_EXEC;
}
