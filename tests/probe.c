/* SPDX-License-Identifier: ISC */
/*
 * probe OUT [WORD...]
 *
 * The command that is started: reports the state in which it finds itself, as
 * lines key=value.  OUT is a path, or - for standard output.  A regular file
 * appears at once and complete; another file is opened, and written to, when
 * the report is complete.  Then the words are done:
 *
 *	pass=TEXT	sends TEXT to $NOTIFY_SOCKET, with descriptors 0 to 2
 *	hold=FIFO	reads FIFO to its end
 *	kill=N		ends by signal N, after all other words
 *	exit=N		is the status
 *
 * Other words are ignored.  Returns 98 if something fails.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

extern char **environ;

enum {
	STATUS_FAILED = 98
};

struct descriptor {
	int fd;
	int flags;
	int lowest; /* descriptor with the same open file description */
};

static _Noreturn void
fail(const char *object)
{
	(void)dprintf(2, "probe: %s: %s\n", object, strerror(errno));
	_exit(STATUS_FAILED);
}

static const char *
error_name(int error)
{
	static const int numbers[] = { EACCES, EAGAIN, EBADF, ECONNRESET,
		EINVAL, EIO, EISDIR, EMFILE, ENOENT, ENOTCONN, ENXIO };
	static const char *const names[] = { "EACCES", "EAGAIN", "EBADF",
		"ECONNRESET", "EINVAL", "EIO", "EISDIR", "EMFILE", "ENOENT",
		"ENOTCONN", "ENXIO" };
	static char other[16];
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i] == error)
			return names[i];
	}
	(void)snprintf(other, sizeof(other), "E%d", error);
	return other;
}

/* Prints a text on one line. */
static void
put_escaped(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte < 32 || byte == 127 || byte == '\\')
			fprintf(out, "\\x%02x", byte);
		else
			fputc(byte, out);
	}
	fputc('\n', out);
}

static int
compare_numbers(const void *a, const void *b)
{
	return ((const struct descriptor *)a)->fd -
	    ((const struct descriptor *)b)->fd;
}

/* A growing list. */
struct list {
	struct descriptor *items;
	size_t count;
};

/* Appends a descriptor to the list if it is open. */
static void
append_open(struct list *list, int fd)
{
	const size_t more = 512;

	if (fcntl(fd, F_GETFD) == -1)
		return;
	if (list->count % more == 0) {
		list->items = realloc(list->items,
		    (list->count + more) * sizeof(*list->items));
		if (list->items == NULL)
			fail("realloc");
	}
	list->items[list->count].flags = fcntl(fd, F_GETFL);
	list->items[list->count].fd = fd;
	list->count++;
}

/*
 * Returns the open descriptors in their order: as the system lists them, or by
 * trying all numbers, for a limit may have been lowered below some.
 */
static struct list
list_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct list list = { NULL, 0 };
	const struct dirent *entry;
	int fd;

	if (dir != NULL) {
		while ((entry = readdir(dir)) != NULL) {
			fd = atoi(entry->d_name);
			if (entry->d_name[0] != '.' && fd != dirfd(dir))
				append_open(&list, fd);
		}
		(void)closedir(dir);
	} else {
		for (fd = 0; fd <= 65535; fd++)
			append_open(&list, fd);
	}
	if (list.count > 0)
		qsort(list.items, list.count, sizeof(*list.items),
		    compare_numbers);
	return list;
}

static void
print_descriptor(FILE *out, int fd, int flags)
{
	static const char *const modes[] = { "r", "w", "rw", "none" };
	static const char *const words[] = { "-", "append", "nonblock",
		"append,nonblock" };
	static const char *const types[16] = { [1] = "fifo",
		"chr",
		[4] = "dir",
		[6] = "blk",
		[8] = "reg",
		[12] = "sock" };
	char link[40], path[PATH_MAX] = "";
	struct stat st = { 0 };
	const char *type = NULL;
	int word = 0;

	if (fstat(fd, &st) == 0)
		type = types[(st.st_mode & S_IFMT) / S_IFIFO];
	if (flags & O_APPEND)
		word += 1;
	if (flags & O_NONBLOCK)
		word += 2;
	fprintf(out, "fd.%d=%s %s %s %s %ju:%ju", fd,
	    type != NULL ? type : "other", modes[flags & O_ACCMODE],
	    words[word], fcntl(fd, F_GETFD) & FD_CLOEXEC ? "cloexec" : "-",
	    (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, path, sizeof(path) - 1) > 0)
		fputc(' ', out);
	put_escaped(out, path);
}

/*
 * Returns 0 if two descriptors share an open file description, 1 or 2 for the
 * order of two descriptions, and -1 if the kernel does not tell.
 */
static long
kernel_order(const struct descriptor *one, const struct descriptor *other)
{
#if defined(SYS_kcmp)
	long self = getpid();

	return syscall(SYS_kcmp, self, self, 0L /* KCMP_FILE */, (long)one->fd,
	    (long)other->fd);
#else
	(void)one;
	(void)other;
	return -1;
#endif
}

static int
compare_descriptions(const void *a, const void *b)
{
	switch (kernel_order(a, b)) {
	case 1:
		return -1;
	case 2:
		return 1;
	default:
		return compare_numbers(a, b);
	}
}

/* Finds the lowest descriptor of each description by the kernel's order. */
static void
find_lowest_by_order(const struct list *list)
{
	struct descriptor *items = list->items;
	size_t i, first = 0;

	qsort(items, list->count, sizeof(*items), compare_descriptions);
	for (i = 0; i < list->count; i++) {
		if (kernel_order(&items[first], &items[i]) != 0)
			first = i;
		items[i].lowest = items[first].fd;
	}
	qsort(items, list->count, sizeof(*items), compare_numbers);
}

/*
 * The same where the kernel does not tell the order.  For each bit the
 * descriptors, from the highest to the lowest, set O_NONBLOCK to that bit of
 * their number.  All that share a description see what the lowest of them has
 * set; for a moment those in other processes do, too.
 */
static void
find_lowest_by_flags(const struct list *list)
{
	struct descriptor *items = list->items;
	int highest = items[list->count - 1].fd;
	size_t i;
	int bit;

	for (i = 0; i < list->count; i++) {
		items[i].lowest = 0;
		/* One of O_PATH has no flags to set. */
		if (fcntl(items[i].fd, F_SETFL, items[i].flags) == -1)
			items[i].lowest = items[i].fd;
	}
	for (bit = 1; bit <= highest; bit <<= 1) {
		for (i = list->count; i-- > 0;) {
			int flags = items[i].flags & ~O_NONBLOCK;

			if (items[i].fd & bit)
				flags |= O_NONBLOCK;
			(void)fcntl(items[i].fd, F_SETFL, flags);
		}
		for (i = 0; i < list->count; i++) {
			if (fcntl(items[i].fd, F_GETFL) & O_NONBLOCK)
				items[i].lowest |= bit;
		}
	}
	for (i = 0; i < list->count; i++)
		(void)fcntl(items[i].fd, F_SETFL, items[i].flags);
}

/* Prints the groups of descriptors that share an open file description. */
static void
print_shared(FILE *out, const struct list *list)
{
	const struct descriptor *items = list->items;
	size_t i, j, groups = 0;

	if (list->count > 0 && kernel_order(items, items) == 0)
		find_lowest_by_order(list);
	else if (list->count > 0)
		find_lowest_by_flags(list);
	fputs("shared=", out);
	for (i = 0; i < list->count; i++) {
		size_t members = 1;

		if (items[i].lowest != items[i].fd)
			continue;
		for (j = i + 1; j < list->count; j++) {
			if (items[j].lowest != items[i].fd)
				continue;
			if (members++ == 1)
				fprintf(out, groups++ > 0 ? " %d" : "%d",
				    items[i].fd);
			fprintf(out, ",%d", items[j].fd);
		}
	}
	fputc('\n', out);
}

/* Prints what comes from standard input, without waiting for it. */
static void
print_input(FILE *out)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	unsigned char byte;
	ssize_t got;

	if (poll(&input, 1, 0) == 0) {
		fputs("stdin_read=blocks\n", out);
		return;
	}
	got = read(0, &byte, 1);
	if (got == 1)
		fprintf(out, "stdin_read=data:%02X\n", byte);
	else if (got == 0)
		fputs("stdin_read=eof\n", out);
	else
		fprintf(out, "stdin_read=%s\n", error_name(errno));
}

/*
 * Reads a field, like "Name:", of /proc/self/status.  Returns false if there is
 * none, as on systems other than Linux.
 */
static bool
status_field(const char *field, char value[80])
{
	FILE *status = fopen("/proc/self/status", "re");
	bool found = false;
	char line[80];

	if (status == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), status) != NULL) {
		found = strncmp(line, field, strlen(field)) == 0;
		(void)sscanf(line, "%*s %79s", value);
	}
	(void)fclose(status);
	return found;
}

/* Prints the numbers of a set of signals. */
static void
print_set(FILE *out, const char *key, unsigned long long set)
{
	int number;

	fputs(key, out);
	for (number = 1; set; number++, set >>= 1) {
		if (set & 1)
			fprintf(out, set >> 1 ? "%d " : "%d", number);
	}
	fputc('\n', out);
}

struct signals {
	unsigned long long blocked, ignored, pending, caught;
};

/*
 * Reads the sets from /proc: libc hides the signals 32 and 33, which it uses.
 * Returns false if there are none.
 */
static bool
read_signals(struct signals *signals)
{
	static const char *const fields[] = { "SigBlk:", "SigIgn:", "SigPnd:",
		"ShdPnd:", "SigCgt:" };
	unsigned long long sets[5];
	char value[80];
	int i;

	for (i = 0; i < 5; i++) {
		if (!status_field(fields[i], value))
			return false;
		sets[i] = strtoull(value, NULL, 16);
	}
	signals->blocked = sets[0];
	signals->ignored = sets[1];
	signals->pending = sets[2] | sets[3];
	signals->caught = sets[4];
	return true;
}

/* Asks libc for the sets; it does not tell which signals are caught. */
static void
ask_signals(struct signals *signals)
{
	struct sigaction action;
	sigset_t mask, queue;
	int i;

	(void)sigprocmask(SIG_BLOCK, NULL, &mask);
	(void)sigpending(&queue);
	for (i = 1; i < NSIG && i <= 64; i++) {
		unsigned long long bit = 1ULL << (i - 1);

		if (sigismember(&mask, i) == 1)
			signals->blocked |= bit;
		if (sigismember(&queue, i) == 1)
			signals->pending |= bit;
		if (sigaction(i, NULL, &action) == 0 &&
		    action.sa_handler == SIG_IGN)
			signals->ignored |= bit;
	}
}

static void
print_signals(FILE *out)
{
	struct signals signals = { 0, 0, 0, 0 };
	bool has_all = read_signals(&signals);

	if (!has_all)
		ask_signals(&signals);
	print_set(out, "blocked=", signals.blocked);
	print_set(out, "ignored=", signals.ignored);
	print_set(out, "pending=", signals.pending);
	if (has_all)
		print_set(out, "caught=", signals.caught);
}

/* Returns "yes" if there is a controlling terminal, "no", or an error. */
static const char *
open_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd != -1) {
		(void)close(fd);
		return "yes";
	}
	if (errno == ENXIO || errno == ENOENT)
		return "no";
	return error_name(errno);
}

/*
 * Returns "yes" if a terminal that is opened becomes the controlling terminal,
 * "no", or an error.  HUP is ignored meanwhile: the end of the terminal sends
 * it to a session that has it.
 */
static const char *
acquire_terminal(void)
{
	void (*hangup)(int) = signal(SIGHUP, SIG_IGN);
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int slave = -1;
	const char *answer;

	if (master != -1 && grantpt(master) == 0 && unlockpt(master) == 0)
		slave = open(ptsname(master), O_RDWR | O_CLOEXEC);
	answer = slave == -1 ? error_name(errno) : open_terminal();
	if (slave != -1)
		(void)close(slave);
	if (master != -1)
		(void)close(master);
	(void)signal(SIGHUP, hangup);
	return answer;
}

static void
print_directory(FILE *out)
{
	char cwd[PATH_MAX];
	mode_t mask = umask(0);

	(void)umask(mask);
	fputs("cwd=", out);
	if (getcwd(cwd, sizeof(cwd)) != NULL)
		put_escaped(out, cwd);
	else
		put_escaped(out, error_name(errno));
	fprintf(out, "umask=%04o\n", (unsigned)mask);
}

static void
print_ids(FILE *out)
{
	static gid_t groups[65536]; /* more than NGROUPS_MAX of any libc */
	int count = getgroups(65536, groups);
	uid_t uid = getuid(), euid = geteuid(), suid = euid;
	gid_t gid = getgid(), egid = getegid(), sgid = egid;
	int i;

#if defined(__linux__)
	(void)getresuid(&uid, &euid, &suid);
	(void)getresgid(&gid, &egid, &sgid);
#endif
	fprintf(out, "uid=%u\neuid=%u\nsuid=%u\n", uid, euid, suid);
	fprintf(out, "gid=%u\negid=%u\nsgid=%u\ngroups=", gid, egid, sgid);
	for (i = 0; i < count; i++) {
		/* The kernel has sorted them; one may be there twice. */
		if (i == 0 || groups[i] != groups[i - 1])
			fprintf(out, i ? ",%u" : "%u", groups[i]);
	}
	fputc('\n', out);
}

static void
print_timer(FILE *out, const char *key, int failed,
    const struct itimerval *timer)
{
	long seconds = (long)timer->it_value.tv_sec;
	long rest = (long)timer->it_value.tv_usec;

	/* Rounded up, but not for the tick that the kernel adds. */
	if (rest > 50000 || (seconds == 0 && rest > 0))
		seconds++;
	fprintf(out, "%s=%ld\n", key, failed ? -1 : seconds);
}

static void
print_limit(FILE *out, const char *name, int failed, const struct rlimit *limit)
{
	fprintf(out, "rlimit.%s=", name);
	if (failed || limit->rlim_cur == RLIM_INFINITY)
		fputs("unlimited:", out);
	else
		fprintf(out, "%ju:", (uintmax_t)limit->rlim_cur);
	if (failed || limit->rlim_max == RLIM_INFINITY)
		fputs("unlimited\n", out);
	else
		fprintf(out, "%ju\n", (uintmax_t)limit->rlim_max);
}

static void
print_limits(FILE *out)
{
	struct rlimit limit;

	print_limit(out, "nofile", getrlimit(RLIMIT_NOFILE, &limit), &limit);
	print_limit(out, "core", getrlimit(RLIMIT_CORE, &limit), &limit);
	print_limit(out, "cpu", getrlimit(RLIMIT_CPU, &limit), &limit);
	print_limit(out, "fsize", getrlimit(RLIMIT_FSIZE, &limit), &limit);
	print_limit(out, "data", getrlimit(RLIMIT_DATA, &limit), &limit);
	print_limit(out, "stack", getrlimit(RLIMIT_STACK, &limit), &limit);
#if defined(RLIMIT_NPROC)
	print_limit(out, "nproc", getrlimit(RLIMIT_NPROC, &limit), &limit);
#endif
#if defined(RLIMIT_AS)
	print_limit(out, "as", getrlimit(RLIMIT_AS, &limit), &limit);
#endif
	fprintf(out, "nice=%d\n", getpriority(PRIO_PROCESS, 0));
}

static void
print_privileges(FILE *out)
{
	static const char *const fields[] = { "CapEff:", "CapPrm:", "CapInh:",
		"CapAmb:", "NoNewPrivs:" };
	static const char *const keys[] = { "cap_eff", "cap_prm", "cap_inh",
		"cap_amb", "no_new_privs" };
	char value[80];
	int i;

	for (i = 0; i < 5; i++) {
		if (status_field(fields[i], value))
			fprintf(out, "%s=%s\n", keys[i], value);
	}
}

/* Prints an array that ends with NULL; it may be NULL itself. */
static void
print_words(FILE *out, const char *key, char **words)
{
	int i;

	for (i = 0; words != NULL && words[i] != NULL; i++) {
		fprintf(out, "%s.%d=", key, i);
		put_escaped(out, words[i]);
	}
}

static void
write_text(int fd, const char *path, const char *text)
{
	if (fd == -1 || dprintf(fd, "%s", text) < 0)
		fail(path);
}

/*
 * Writes a text to a new file, which is renamed then, so that no reader sees a
 * part of it.
 */
static void
replace_file(const char *path, const char *text)
{
	char temporary[PATH_MAX];
	int fd;

	(void)snprintf(temporary, sizeof(temporary), "%s.%ld", path,
	    (long)getpid());
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd == -1)
		fail(path);
	if (dprintf(fd, "%s", text) < 0 || fchmod(fd, 0644) == -1 ||
	    rename(temporary, path) == -1) {
		int error = errno;

		(void)unlink(temporary);
		errno = error;
		fail(path);
	}
	(void)close(fd);
}

static void
write_file(const char *path, const char *text)
{
	void (*too_big)(int) = signal(SIGXFSZ, SIG_IGN);
	struct stat st;
	int fd;

	if (lstat(path, &st) == -1 || S_ISREG(st.st_mode)) {
		replace_file(path, text);
	} else {
		fd = open(path, O_WRONLY | O_TRUNC | O_NOCTTY | O_CLOEXEC);
		write_text(fd, path, text);
		(void)close(fd);
	}
	(void)signal(SIGXFSZ, too_big);
}

/* Reads a FIFO to its end. */
static void
hold(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char waste[512];

	if (fd == -1)
		fail(path);
	while (read(fd, waste, sizeof(waste)) > 0)
		;
	(void)close(fd);
}

/* Sends a text with descriptors 0 to 2 to $NOTIFY_SOCKET. */
static void
pass_descriptors(char *text)
{
	static const int fds[3] = { 0, 1, 2 };
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(fds))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(fds)),
			  .cmsg_level = SOL_SOCKET,
			  .cmsg_type = SCM_RIGHTS } };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct iovec data = { text, strlen(text) };
	struct msghdr message = { .msg_name = &address,
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control.room) };
	const char *name = getenv("NOTIFY_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (fd == -1 || name == NULL)
		fail("NOTIFY_SOCKET");
	message.msg_namelen =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", name);
	if (*name == '@')
		address.sun_path[0] = '\0';
	(void)memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
	if (sendmsg(fd, &message, 0) == -1)
		fail("sendmsg");
	(void)close(fd);
}

/* Opens a stream that writes to memory: *text, complete once it is closed. */
static FILE *
open_text(char **text, size_t *length)
{
	FILE *out = open_memstream(text, length);

	if (out == NULL)
		fail("open_memstream");
	return out;
}

static void
print_processes(FILE *out)
{
	long self = getpid();

	fprintf(out, "pid=%ld\nppid=%ld\npgid=%ld\nsid=%ld\n", self,
	    (long)getppid(), (long)getpgrp(), (long)getsid(0));
	fprintf(out, "session_leader=%s\n", getsid(0) == self ? "yes" : "no");
	fprintf(out, "group_leader=%s\n", getpgrp() == self ? "yes" : "no");
}

static void
print_timers(FILE *out)
{
	struct itimerval timer;

	print_timer(out, "alarm", getitimer(ITIMER_REAL, &timer), &timer);
	print_timer(out, "itimer_virtual", getitimer(ITIMER_VIRTUAL, &timer),
	    &timer);
	print_timer(out, "itimer_prof", getitimer(ITIMER_PROF, &timer), &timer);
}

/* Returns the report, which the caller must free. */
static char *
make_report(int argc, char **argv)
{
	/* Before anything is opened. */
	struct list list = list_descriptors();
	char *signals, *text;
	size_t length, i;
	FILE *out;

	/* Before a terminal is opened, which may cause some. */
	out = open_text(&signals, &length);
	print_signals(out);
	(void)fclose(out);

	out = open_text(&text, &length);
	print_processes(out);
	fprintf(out, "tty=%s\n", open_terminal());
	fprintf(out, "acquires_tty=%s\n", acquire_terminal());
	print_directory(out);
	print_ids(out);
	fputs(signals, out);
	print_timers(out);
	for (i = 0; i < list.count; i++)
		print_descriptor(out, list.items[i].fd, list.items[i].flags);
	print_shared(out, &list);
	print_input(out);
	print_limits(out);
	print_privileges(out);
	fprintf(out, "argc=%d\n", argc);
	print_words(out, "argv", argv);
	print_words(out, "env", environ);
	if (fclose(out) == EOF)
		fail("fclose");
	free(list.items);
	free(signals);
	return text;
}

/* Ends by a signal, without leaving a core file. */
static void
end_by_signal(int signo)
{
	static const struct rlimit no_core;

	if (setrlimit(RLIMIT_CORE, &no_core) == 0)
		(void)kill(getpid(), signo);
}

int
main(int argc, char **argv)
{
	int status = 0, signo = 0, i;
	char *report;

	if (argc < 2) {
		errno = EINVAL;
		fail("OUT");
	}
	report = make_report(argc, argv);
	if (strcmp(argv[1], "-") == 0)
		write_text(STDOUT_FILENO, argv[1], report);
	else
		write_file(argv[1], report);
	free(report);

	for (i = 2; i < argc; i++) {
		if (strncmp(argv[i], "hold=", 5) == 0)
			hold(argv[i] + 5);
		else if (strncmp(argv[i], "pass=", 5) == 0)
			pass_descriptors(argv[i] + 5);
		else if (strncmp(argv[i], "exit=", 5) == 0)
			status = atoi(argv[i] + 5);
		else if (strncmp(argv[i], "kill=", 5) == 0)
			signo = atoi(argv[i] + 5);
	}
	if (signo != 0)
		end_by_signal(signo);
	return status;
}
