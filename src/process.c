/* SPDX-License-Identifier: ISC */
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"

enum {
	PATH_SIZE = 64,
	STAT_SIZE = 1024,
	STATUS_SIZE = 4096,
	LINE_SIZE = 256,

	/* of /proc/PID/stat */
	FIELD_STATE = 3,
	FIELD_SESSION = 6,
	FIELD_TERMINAL = 7,
	FIELD_FLAGS = 9,
	FIELD_THREADS = 20,
	FIELD_START = 22,
	FIELDS
};

/* Reads the beginning of a file as a string.  Async-signal-safe.  Returns 0, or
 * -1 with errno. */
static int
read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;
	int saved_errno;

	if (fd == -1)
		return -1;
	do
		length = read(fd, text, size - 1);
	while (length == -1 && errno == EINTR);

	saved_errno = errno;
	(void)close(fd);
	errno = saved_errno;
	if (length == -1)
		return -1;
	text[length] = '\0';
	return 0;
}

/* Reads a blank, perhaps a sign, and a number.  Returns what follows, or NULL
 * if there is something else. */
static const char *
parse_number(const char *text, unsigned long long *number)
{
	if (*text++ != ' ')
		return NULL;
	if (*text == '-')
		text++;
	if (*text < '0' || *text > '9')
		return NULL;

	*number = 0;
	while (*text >= '0' && *text <= '9')
		*number = *number * 10 + (unsigned long long)(*text++ - '0');
	return text;
}

/* Parses /proc/PID/stat by hand, since sscanf(3) is not async-signal-safe.
 * Returns 0, or -1 if it is something else. */
static int
parse_stat(const char *text, struct process *process)
{
	unsigned long long field[FIELDS] = { 0 };
	/* The second field, the name, may hold anything. */
	const char *rest = strrchr(text, ')');

	if (rest == NULL || rest[1] != ' ' || rest[2] == '\0')
		return -1;
	process->state = rest[2];

	rest += 3;
	for (int i = FIELD_STATE + 1; i < FIELDS; i++) {
		rest = parse_number(rest, &field[i]);
		if (rest == NULL)
			return -1;
	}
	process->session = (pid_t)field[FIELD_SESSION];
	process->terminal = (unsigned long)field[FIELD_TERMINAL];
	process->flags = field[FIELD_FLAGS];
	process->threads = (unsigned long)field[FIELD_THREADS];
	process->start = field[FIELD_START];
	return 0;
}

/* Writes "/proc/PID/NAME".  Async-signal-safe. */
static void
format_path(char path[static PATH_SIZE], pid_t pid, const char *name)
{
	char text[PID_TEXT_SIZE];
	const char *number = format_pid(text, pid, '/');

	(void)stpcpy(stpcpy(stpcpy(path, "/proc/"), number), name);
}

/* Returns true if /proc is of our pid namespace. */
static bool
has_own_proc(void)
{
	char text[PID_TEXT_SIZE];
	char self[PID_TEXT_SIZE];
	const char *number = format_pid(text, getpid(), '\0');
	ssize_t length = readlink("/proc/self", self, sizeof(self));

	if (length == -1 || (size_t)length != strlen(number))
		return false;
	return memcmp(self, number, (size_t)length) == 0;
}

/* Reads the beginning of /proc/PID/NAME as a string.  Async-signal-safe.
 * Returns 0, or -1 with errno. */
static int
read_file(pid_t pid, const char *name, char *text, size_t size)
{
	char path[PATH_SIZE];

	if (!has_own_proc()) {
		errno = ENOENT;
		return -1;
	}
	format_path(path, pid, name);
	return read_text(path, text, size);
}

/* Takes a process from the text of its file "stat".  Returns 0, or -1 with
 * errno. */
static int
take_stat(const char *text, struct process *process)
{
	if (parse_stat(text, process) == 0)
		return 0;
	errno = EINVAL;
	return -1;
}

int
process_read(pid_t pid, struct process *process)
{
	char text[STAT_SIZE];

	if (read_file(pid, "stat", text, sizeof(text)) == -1)
		return -1;
	return take_stat(text, process);
}

int
process_read_self(struct process *process)
{
	char text[STAT_SIZE];

	if (read_text("/proc/self/stat", text, sizeof(text)) == -1)
		return -1;
	return take_stat(text, process);
}

bool
process_has_ended(pid_t pid)
{
	struct process process;

	if (kill(pid, 0) == -1 && errno == ESRCH)
		return true;
	if (process_read(pid, &process) == -1)
		return false;
	return process.state == 'Z' && process.threads <= 1;
}

int
process_read_users(pid_t pid, uid_t *real, uid_t *effective)
{
	char text[STATUS_SIZE];
	unsigned long ids[2];
	const char *line;

	if (read_file(pid, "status", text, sizeof(text)) == -1)
		return -1;
	line = strstr(text, "\nUid:");
	if (line == NULL ||
	    sscanf(line, "\nUid: %lu %lu", &ids[0], &ids[1]) != 2) {
		errno = EINVAL;
		return -1;
	}
	*real = (uid_t)ids[0];
	*effective = (uid_t)ids[1];
	return 0;
}

/* Returns true if a line of fdinfo is a record lock of the process, its own,
 * that covers a byte: "lock: 1: POSIX ADVISORY READ PID DEV:INODE FIRST LAST"
 */
static bool
is_lock_of(const char *line, off_t byte)
{
	long long first;
	char last[24];

	if (sscanf(line, "lock: %*d: POSIX %*s %*s %*s %*s %lld %23s", &first,
		last) != 2)
		return false;
	if (first > byte)
		return false;
	return strcmp(last, "EOF") == 0 || strtoll(last, NULL, 10) >= byte;
}

/* Tells whether a file of /proc/PID/fdinfo shows such a lock. */
static enum process_answer
has_lock(int directory, const char *name, off_t byte)
{
	char line[LINE_SIZE];
	bool found = false;
	bool failed;
	FILE *info;
	int fd;

	fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		/* It may just have been closed. */
		return errno == ENOENT ? PROCESS_NO : PROCESS_UNKNOWN;
	info = fdopen(fd, "r");
	if (info == NULL) {
		(void)close(fd);
		return PROCESS_UNKNOWN;
	}

	while (!found && fgets(line, sizeof(line), info) != NULL)
		found = is_lock_of(line, byte);
	failed = ferror(info) != 0;
	(void)fclose(info);
	if (found)
		return PROCESS_YES;
	return failed ? PROCESS_UNKNOWN : PROCESS_NO;
}

/* Tells whether a descriptor of the process is that file. */
static enum process_answer
is_file(pid_t pid, const char *name, const struct stat *st)
{
	char path[PATH_SIZE + LINE_SIZE];
	struct stat open_st;

	(void)snprintf(path, sizeof(path), "/proc/%ld/fd/%s", (long)pid, name);
	if (stat(path, &open_st) == -1)
		return PROCESS_UNKNOWN;
	if (open_st.st_dev != st->st_dev || open_st.st_ino != st->st_ino)
		return PROCESS_NO;
	return PROCESS_YES;
}

enum process_answer
process_shows_lock(pid_t pid, const struct stat *st, off_t byte)
{
	/* No descriptor at all: its first thread has ended, not the others. */
	enum process_answer answer = PROCESS_UNKNOWN;
	bool any = false;
	char path[PATH_SIZE];
	const struct dirent *entry;
	DIR *list;

	format_path(path, pid, "fdinfo");
	list = opendir(path);
	if (list == NULL)
		return PROCESS_UNKNOWN;

	while (answer != PROCESS_YES && (entry = readdir(list)) != NULL) {
		enum process_answer found;

		if (entry->d_name[0] == '.')
			continue;
		if (!any)
			answer = PROCESS_NO;
		any = true;
		/* The lock first: to look at another file may take long, if its
		 * server does not answer. */
		found = has_lock(dirfd(list), entry->d_name, byte);
		if (found == PROCESS_YES)
			found = is_file(pid, entry->d_name, st);
		if (found != PROCESS_NO)
			answer = found;
	}
	(void)closedir(list);
	return answer;
}
