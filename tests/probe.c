/* SPDX-License-Identifier: ISC */
/* Reports its own state as seen from inside, as lines key=value. */
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

/*
 * probe OUT [pass=TEXT] [hold=FIFO] [exit=N] [kill=N] [ignored words...]
 *
 * OUT is "-", descriptor 1, or a path: a regular file appears at once and
 * complete, anything else is opened and written to, after all is gathered.
 * Then pass=TEXT sends TEXT with three descriptors, 0 to 2, to $NOTIFY_SOCKET,
 * hold=FIFO reads FIFO to its end, kill=N sends us signal N, exit=N is
 * the status (98: something failed).
 */
extern char **environ;

struct descriptor {
	int fd;
	int flags;
	int lowest; /* of those that share its open file description */
};

static _Noreturn void
fail(const char *object)
{
	(void)dprintf(2, "probe: %s: %s\n", object, strerror(errno));
	_exit(98);
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

static void
put_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		fprintf(out,
		    byte < 32 || byte == 127 || byte == '\\' ? "\\x%02x" : "%c",
		    byte);
	}
	fputc('\n', out);
}

static int
compare_numbers(const void *a, const void *b)
{
	return ((const struct descriptor *)a)->fd -
	    ((const struct descriptor *)b)->fd;
}

/* The system's list, or else trying them, also those above a lowered limit. */
static struct descriptor *
list_descriptors(size_t *count)
{
	DIR *dir = opendir("/proc/self/fd");
	struct descriptor *list = NULL;
	const struct dirent *entry;
	int fd;

	*count = 0;
	for (fd = 0; dir ? (entry = readdir(dir)) != NULL : fd <= 65535; fd++) {
		if (dir &&
		    (entry->d_name[0] == '.' ||
			(fd = atoi(entry->d_name)) == dirfd(dir)))
			continue;
		if (fcntl(fd, F_GETFD) == -1)
			continue;
		if (*count % 512 == 0 &&
		    !(list = realloc(list, (*count + 512) * sizeof(*list))))
			fail("realloc");
		list[*count].flags = fcntl(fd, F_GETFL);
		list[(*count)++].fd = fd;
	}
	if (dir)
		(void)closedir(dir);
	if (list)
		qsort(list, *count, sizeof(*list), compare_numbers);
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
	const char *type =
	    fstat(fd, &st) == 0 ? types[(st.st_mode & S_IFMT) / S_IFIFO] : NULL;

	fprintf(out, "fd.%d=%s %s %s %s %ju:%ju", fd, type ? type : "other",
	    modes[flags & 3],
	    words[(flags & O_APPEND ? 1 : 0) + (flags & O_NONBLOCK ? 2 : 0)],
	    fcntl(fd, F_GETFD) & FD_CLOEXEC ? "cloexec" : "-",
	    (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, path, sizeof(path) - 1) > 0)
		fputc(' ', out);
	put_escaped(out, path);
}

/* Of two open file descriptions: 0 the same, 1 and 2 their order, -1 unknown.
 */
static long
kernel_order(const struct descriptor *one, const struct descriptor *other)
{
#if defined(SYS_kcmp)
	long self = getpid();

	return syscall(SYS_kcmp, self, self, 0L /* KCMP_FILE */, (long)one->fd,
	    (long)other->fd);
#else
	return (void)one, (void)other, -1;
#endif
}

static int
compare_descriptions(const void *a, const void *b)
{
	long order = kernel_order(a, b);

	return order == 1 ? -1 : order == 2 ? 1 : compare_numbers(a, b);
}

/*
 * Where the kernel does not tell, the lowest is the last to leave each bit of
 * its number in O_NONBLOCK, which all that share it see (for a moment those
 * in other processes, too).
 */
static void
find_lowest(struct descriptor *list, size_t count)
{
	size_t i, first = 0;
	int bit;

	if (kernel_order(list, list) == 0) {
		qsort(list, count, sizeof(*list), compare_descriptions);
		for (i = 0; i < count; i++) {
			first = kernel_order(&list[first], &list[i]) == 0 ?
			    first :
			    i;
			list[i].lowest = list[first].fd;
		}
		qsort(list, count, sizeof(*list), compare_numbers);
		return;
	}
	for (i = 0; i < count; i++) /* O_PATH has no flags to set */
		list[i].lowest =
		    fcntl(list[i].fd, F_SETFL, list[i].flags) == -1 ?
		    list[i].fd :
		    0;
	for (bit = 1; bit <= list[count - 1].fd; bit <<= 1) {
		for (i = count; i-- > 0;)
			(void)fcntl(list[i].fd, F_SETFL,
			    list[i].fd & bit ? list[i].flags | O_NONBLOCK :
					       list[i].flags & ~O_NONBLOCK);
		for (i = 0; i < count; i++)
			list[i].lowest |=
			    fcntl(list[i].fd, F_GETFL) & O_NONBLOCK ? bit : 0;
	}
	for (i = 0; i < count; i++)
		(void)fcntl(list[i].fd, F_SETFL, list[i].flags);
}

static void
print_shared(FILE *out, struct descriptor *list, size_t count)
{
	size_t i, j, members, groups = 0;

	if (count > 0)
		find_lowest(list, count);
	fputs("shared=", out);
	for (i = 0; i < count; i++) {
		for (j = i + 1, members = 1;
		     list[i].lowest == list[i].fd && j < count; j++) {
			if (list[j].lowest != list[i].fd)
				continue;
			if (members++ == 1)
				fprintf(out, groups++ ? " %d" : "%d",
				    list[i].fd);
			fprintf(out, ",%d", list[j].fd);
		}
	}
	fputc('\n', out);
}

static void
print_input(FILE *out)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	unsigned char byte;
	ssize_t got;

	if (poll(&input, 1, 0) == 0)
		fputs("stdin_read=blocks\n", out);
	else if ((got = read(0, &byte, 1)) == 1)
		fprintf(out, "stdin_read=data:%02X\n", byte);
	else
		fprintf(out, "stdin_read=%s\n",
		    got == 0 ? "eof" : error_name(errno));
}

/* Linux: whether /proc/self/status has the field "Name:", and its value. */
static bool
status_field(const char *field, char value[80])
{
	FILE *status = fopen("/proc/self/status", "re");
	bool found = false;
	char line[80];

	while (status && !found && fgets(line, sizeof(line), status)) {
		found = strncmp(line, field, strlen(field)) == 0;
		(void)sscanf(line, "%*s %79s", value);
	}
	if (status)
		(void)fclose(status);
	return found;
}

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

/* The kernel's view, if we can: libc hides the signals that it uses, 32 and 33.
 */
static void
print_signals(FILE *out)
{
	static const char *const fields[] = { "SigBlk:", "SigIgn:", "SigPnd:",
		"ShdPnd:", "SigCgt:" };
	unsigned long long sets[5] = { 0 };
	struct sigaction action;
	sigset_t mask, queue;
	bool raw = true;
	char value[80];
	int i;

	for (i = 0; i < 5 && raw; i++) {
		raw = status_field(fields[i], value);
		sets[i] = raw ? strtoull(value, NULL, 16) : 0;
	}
	(void)sigprocmask(SIG_BLOCK, NULL, &mask);
	(void)sigpending(&queue);
	for (i = 1; !raw && i < NSIG && i <= 64; i++) {
		unsigned long long bit = 1ULL << (i - 1);

		sets[0] |= sigismember(&mask, i) == 1 ? bit : 0;
		sets[2] |= sigismember(&queue, i) == 1 ? bit : 0;
		if (sigaction(i, NULL, &action) == 0 &&
		    action.sa_handler == SIG_IGN)
			sets[1] |= bit;
	}
	print_set(out, "blocked=", sets[0]);
	print_set(out, "ignored=", sets[1]);
	print_set(out, "pending=", sets[2] | sets[3]);
	if (raw)
		print_set(out, "caught=", sets[4]);
}

static const char *
open_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd == -1)
		return errno == ENXIO || errno == ENOENT ? "no" :
							   error_name(errno);
	(void)close(fd);
	return "yes";
}

/* The end of the pty hangs up the session that has it, maybe ours. */
static const char *
acquire_terminal(void)
{
	void (*hangup)(int) = signal(SIGHUP, SIG_IGN);
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave = -1;
	const char *answer;

	if (master != -1 && grantpt(master) == 0 && unlockpt(master) == 0)
		slave = open(ptsname(master), O_RDWR | O_CLOEXEC);
	answer = slave == -1 ? error_name(errno) : open_terminal();
	(void)close(slave); /* either may be -1 */
	(void)close(master);
	(void)signal(SIGHUP, hangup);
	return answer;
}

static void
print_place(FILE *out)
{
	static gid_t groups[65536]; /* more than NGROUPS_MAX of any libc */
	int count = getgroups(65536, groups), i;
	uid_t uid = getuid(), euid = geteuid(), suid = euid;
	gid_t gid = getgid(), egid = getegid(), sgid = egid;
	char cwd[PATH_MAX];
	mode_t mask = umask(0);

	fputs("cwd=", out);
	put_escaped(out, getcwd(cwd, sizeof(cwd)) ? cwd : error_name(errno));
	(void)umask(mask);
#if defined(__linux__)
	(void)getresuid(&uid, &euid, &suid);
	(void)getresgid(&gid, &egid, &sgid);
#endif
	fprintf(out,
	    "umask=%04o\nuid=%u\neuid=%u\nsuid=%u\ngid=%u\negid=%u\nsgid=%u\ngroups=",
	    (unsigned)mask, uid, euid, suid, gid, egid, sgid);
	for (i = 0; i < count; i++) { /* sorted by the kernel; a set */
		if (i == 0 || groups[i] != groups[i - 1])
			fprintf(out, i ? ",%u" : "%u", groups[i]);
	}
	fputc('\n', out);
}

static void
print_timer(FILE *out, const char *key, int failed,
    const struct itimerval *timer)
{
	long seconds = (long)timer->it_value.tv_sec,
	     rest = (long)timer->it_value.tv_usec;

	/* rounded up, but for the tick that the kernel adds */
	seconds += rest > 50000 || (seconds == 0 && rest > 0);

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

static void
print_words(FILE *out, const char *key, char **words)
{
	int i;

	for (i = 0; words && words[i]; i++) {
		fprintf(out, "%s.%d=", key, i);
		put_escaped(out, words[i]);
	}
}

/* A regular file is replaced by a new one: no reader sees a part of it. */
static void
publish(const char *path, const char *text)
{
	char temporary[PATH_MAX];
	struct stat st;
	bool replace = lstat(path, &st) == -1 || S_ISREG(st.st_mode);
	void (*too_big)(int) = signal(SIGXFSZ, SIG_IGN);
	int fd;

	(void)snprintf(temporary, sizeof(temporary), "%s.%ld", path,
	    (long)getpid());
	fd = replace ?
	    open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) :
	    open(path, O_WRONLY | O_TRUNC | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		fail(path);
	if (dprintf(fd, "%s", text) < 0 ||
	    (replace &&
		(fchmod(fd, 0644) == -1 || rename(temporary, path) == -1))) {
		(void)(replace && unlink(temporary));
		fail(path);
	}
	(void)close(fd);
	(void)signal(SIGXFSZ, too_big);
}

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

	if (fd == -1 || !name)
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

int
main(int argc, char **argv)
{
	static const struct rlimit no_core;
	struct descriptor *list;
	struct itimerval timer;
	int status = 0, number = 0, i;
	size_t count, length, j;
	long self = getpid();
	char *signals, *text;
	FILE *out;

	if (argc < 2) {
		errno = EINVAL;
		fail("OUT");
	}
	list = list_descriptors(&count); /* before anything is opened */
	if (!(out = open_memstream(&signals, &length)))
		fail("open_memstream");
	print_signals(
	    out); /* before the test with the terminal, which may send some */
	(void)fclose(out);
	if (!(out = open_memstream(&text, &length)))
		fail("open_memstream");
	fprintf(out,
	    "pid=%ld\nppid=%ld\npgid=%ld\nsid=%ld\nsession_leader=%s\ngroup_leader=%s\n",
	    self, (long)getppid(), (long)getpgrp(), (long)getsid(0),
	    getsid(0) == self ? "yes" : "no", getpgrp() == self ? "yes" : "no");
	fprintf(out, "tty=%s\n", open_terminal());
	fprintf(out, "acquires_tty=%s\n", acquire_terminal());
	print_place(out);
	fputs(signals, out);
	print_timer(out, "alarm", getitimer(ITIMER_REAL, &timer), &timer);
	print_timer(out, "itimer_virtual", getitimer(ITIMER_VIRTUAL, &timer),
	    &timer);
	print_timer(out, "itimer_prof", getitimer(ITIMER_PROF, &timer), &timer);
	for (j = 0; j < count; j++)
		print_descriptor(out, list[j].fd, list[j].flags);
	print_shared(out, list, count);
	print_input(out);
	print_limits(out);
	print_privileges(out);
	fprintf(out, "argc=%d\n", argc);
	print_words(out, "argv", argv);
	print_words(out, "env", environ);
	if (fclose(out) == EOF)
		fail("fclose");
	if (strcmp(argv[1], "-") != 0)
		publish(argv[1], text);
	else if (dprintf(1, "%s", text) < 0)
		fail(argv[1]);
	free(list);
	free(signals);
	free(text);
	for (i = 2; i < argc; i++) {
		if (strncmp(argv[i], "hold=", 5) == 0)
			hold(argv[i] + 5);
		else if (strncmp(argv[i], "pass=", 5) == 0)
			pass_descriptors(argv[i] + 5);
		else if (strncmp(argv[i], "exit=", 5) == 0)
			status = atoi(argv[i] + 5);
		else if (strncmp(argv[i], "kill=", 5) == 0)
			number = atoi(argv[i] + 5);
	}
	if (number && setrlimit(RLIMIT_CORE, &no_core) == 0)
		(void)kill(getpid(), number);
	return status;
}
