/* Reports its own state as seen from inside, as lines key=value. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

/*
 * probe OUT [hold=FIFO] [exit=N] [kill=N] [ignored words...]
 *
 * OUT is "-", descriptor 1, or a path: a regular file appears at once and
 * complete, anything else is opened and written to.  All is gathered before.
 * Then hold=FIFO reads FIFO to its end, kill=N sends us signal N, exit=N is
 * the status (98: something failed).
 */
extern char **environ;

struct descriptor {
	int fd;
	int flags;
	int lowest; /* of those that share its open file description */
};

static _Noreturn void fail(const char *object)
{
	(void)dprintf(2, "probe: %s: %s\n", object, strerror(errno));
	_exit(98);
}

static const char *error_name(int error)
{
	static const int numbers[] = { EACCES, EAGAIN, EBADF, ECONNRESET, EINVAL, EIO, EISDIR,
		EMFILE, ENFILE, ENOENT, ENOTCONN, ENXIO, EPERM };
	static const char *const names[] = { "EACCES", "EAGAIN", "EBADF", "ECONNRESET", "EINVAL",
		"EIO", "EISDIR", "EMFILE", "ENFILE", "ENOENT", "ENOTCONN", "ENXIO", "EPERM" };
	static char other[16];
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (numbers[i] == error)
			return names[i];
	}
	(void)snprintf(other, sizeof(other), "E%d", error);
	return other;
}

static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		fprintf(out, byte < 32 || byte == 127 || byte == '\\' ? "\\x%02x" : "%c", byte);
	}
	fputc('\n', out);
}

static int compare_numbers(const void *a, const void *b)
{
	const struct descriptor *one = a, *other = b;

	return one->fd - other->fd;
}

/* From the system's list, or one by one: a lowered limit does not close any. */
static struct descriptor *list_descriptors(size_t *count)
{
	DIR *dir = opendir("/proc/self/fd");
	struct descriptor *list = NULL;
	const struct dirent *entry;
	int fd;

	for (fd = *count = 0; dir ? (entry = readdir(dir)) != NULL : fd <= 65535; fd++) {
		if (dir && (entry->d_name[0] == '.' || (fd = atoi(entry->d_name)) == dirfd(dir)))
			continue;
		if (fcntl(fd, F_GETFD) == -1)
			continue;
		if (*count % 512 == 0 && !(list = realloc(list, (*count + 512) * sizeof(*list))))
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

static void print_descriptor(FILE *out, const struct descriptor *descriptor)
{
	static const char *const modes[] = { "r", "w", "rw", "none" };
	static const char *const flags[] = { "-", "append", "nonblock", "append,nonblock" };
	static const char *const types[16] = { [S_IFIFO >> 12] = "fifo",
		[S_IFCHR >> 12] = "chr",
		[S_IFDIR >> 12] = "dir",
		[S_IFBLK >> 12] = "blk",
		[S_IFREG >> 12] = "reg",
		[S_IFSOCK >> 12] = "sock" };
	bool append = descriptor->flags & O_APPEND, nonblock = descriptor->flags & O_NONBLOCK;
	int fd = descriptor->fd;
	char link[40], path[PATH_MAX] = "";
	struct stat st = { 0 };
	const char *type = fstat(fd, &st) == 0 ? types[st.st_mode >> 12 & 15] : NULL;

	fprintf(out, "fd.%d=%s %s %s %s %ju:%ju", fd, type ? type : "other",
		modes[descriptor->flags & 3], flags[append + 2 * nonblock],
		fcntl(fd, F_GETFD) & FD_CLOEXEC ? "cloexec" : "-", (uintmax_t)st.st_dev,
		(uintmax_t)st.st_ino);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, path, sizeof(path) - 1) > 0)
		fputc(' ', out);
	put_escaped(out, path);
}

/* The order of two open file descriptions: 0 same, 1 less, 2 greater, -1 unknown. */
static long kernel_order(int one, int other)
{
#if defined(SYS_kcmp)
	return syscall(SYS_kcmp, (long)getpid(), (long)getpid(), 0L, (long)one, (long)other);
#else
	return (void)one, (void)other, -1;
#endif
}

static int compare_descriptions(const void *a, const void *b)
{
	long order = kernel_order(
		((const struct descriptor *)a)->fd, ((const struct descriptor *)b)->fd);

	return order == 1 ? -1 : order == 2 ? 1 : compare_numbers(a, b);
}

/*
 * Where the kernel cannot tell: the lowest descriptor is the last to leave
 * each bit of its number in O_NONBLOCK, which all see that share it (for a
 * moment also those in other processes).
 */
static void find_lowest(struct descriptor *list, size_t count)
{
	size_t i, first;
	int bit;

	if (count && kernel_order(list[0].fd, list[0].fd) == 0) {
		qsort(list, count, sizeof(*list), compare_descriptions);
		for (i = first = 0; i < count; i++) {
			first = kernel_order(list[first].fd, list[i].fd) == 0 ? first : i;
			list[i].lowest = list[first].fd;
		}
		qsort(list, count, sizeof(*list), compare_numbers);
		return;
	}
	for (i = 0; i < count; i++) /* O_PATH has no such flag */
		list[i].lowest = fcntl(list[i].fd, F_SETFL, list[i].flags) == -1 ? list[i].fd : 0;
	for (bit = 0; count && list[count - 1].fd >> bit; bit++) {
		for (i = count; i-- > 0;)
			(void)fcntl(list[i].fd, F_SETFL,
				(list[i].flags & ~O_NONBLOCK) |
					(list[i].fd >> bit & 1 ? O_NONBLOCK : 0));
		for (i = 0; i < count; i++)
			list[i].lowest |= fcntl(list[i].fd, F_GETFL) & O_NONBLOCK ? 1 << bit : 0;
	}
	for (i = 0; i < count; i++)
		(void)fcntl(list[i].fd, F_SETFL, list[i].flags);
}

static void print_descriptors(FILE *out)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	size_t count, i, j, members, groups = 0;
	struct descriptor *list = list_descriptors(&count);
	unsigned char byte = 0;
	ssize_t got;

	for (i = 0; i < count; i++)
		print_descriptor(out, &list[i]);
	find_lowest(list, count);
	fputs("shared=", out);
	for (i = 0; i < count; i++) {
		for (j = i + 1, members = 1; list[i].lowest == list[i].fd && j < count; j++) {
			if (list[j].lowest != list[i].fd)
				continue;
			if (members++ == 1)
				fprintf(out, groups++ ? " %d" : "%d", list[i].fd);
			fprintf(out, ",%d", list[j].fd);
		}
	}
	free(list);
	fputs("\nstdin_read=", out);
	if (poll(&input, 1, 0) == 0)
		fputs("blocks\n", out);
	else if ((got = read(0, &byte, 1)) == 1)
		fprintf(out, "data:%02X\n", byte);
	else
		fprintf(out, "%s\n", got == 0 ? "eof" : error_name(errno));
}

/* Linux: whether /proc/self/status has the field "Name:", and its value. */
static bool status_field(const char *field, char value[80])
{
	FILE *status = fopen("/proc/self/status", "re");
	bool found = false;
	char line[80];

	while (status && !found && fgets(line, sizeof(line), status)) {
		if ((found = strncmp(line, field, strlen(field)) == 0))
			(void)sscanf(line + strlen(field), "%79s", value);
	}
	if (status)
		(void)fclose(status);
	return found;
}

/* Not libc's view: it hides the signals that it uses itself, 32 and 33. */
static bool status_signals(const char *field, uint64_t *set)
{
	char value[80] = "";
	bool found = status_field(field, value);

	*set |= strtoull(value, NULL, 16);
	return found;
}

static void print_set(FILE *out, const char *key, uint64_t set)
{
	const char *space = "";
	int number;

	fprintf(out, "%s=", key);
	for (number = 1; number <= 64; number++) {
		if (set >> (number - 1) & 1) {
			fprintf(out, "%s%d", space, number);
			space = " ";
		}
	}
	fputc('\n', out);
}

static void print_signals(FILE *out)
{
	static const char *const keys[] = { "alarm", "itimer_virtual", "itimer_prof" };
	static const int timers[] = { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };
	uint64_t blocked = 0, ignored = 0, pending = 0, caught = 0;
	bool raw = status_signals("SigBlk:", &blocked) && status_signals("SigIgn:", &ignored) &&
		   status_signals("SigPnd:", &pending) && status_signals("ShdPnd:", &pending) &&
		   status_signals("SigCgt:", &caught);
	struct sigaction action;
	struct itimerval left;
	sigset_t mask, queue;
	int i;

	(void)sigprocmask(SIG_BLOCK, NULL, &mask);
	(void)sigpending(&queue);
	for (i = 1; !raw && i < NSIG && i <= 64; i++) {
		blocked |= (uint64_t)(sigismember(&mask, i) == 1) << (i - 1);
		pending |= (uint64_t)(sigismember(&queue, i) == 1) << (i - 1);
		if (sigaction(i, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			ignored |= (uint64_t)1 << (i - 1);
	}
	print_set(out, "blocked", blocked);
	print_set(out, "ignored", ignored);
	print_set(out, "pending", pending);
	if (raw)
		print_set(out, "caught", caught);
	for (i = 0; i < 3; i++) {
		(void)getitimer(timers[i], &left);
		fprintf(out, "%s=%lld\n", keys[i],
			(long long)left.it_value.tv_sec + (left.it_value.tv_usec > 0));
	}
}

static const char *open_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd == -1)
		return errno == ENXIO || errno == ENOENT ? "no" : error_name(errno);
	(void)close(fd);
	return "yes";
}

/* A pty's end hangs up the leader of its session, maybe us: HUP is ignored. */
static const char *acquire_terminal(void)
{
	void (*old)(int) = signal(SIGHUP, SIG_IGN);
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave = -1;
	const char *answer;

	if (master != -1 && grantpt(master) == 0 && unlockpt(master) == 0)
		slave = open(ptsname(master), O_RDWR | O_CLOEXEC);
	answer = slave == -1 ? error_name(errno) : open_terminal();
	(void)close(slave);
	(void)close(master);
	(void)signal(SIGHUP, SIG_IGN); /* if blocked it is pending now */
	(void)signal(SIGHUP, old);
	return answer;
}

static void print_identity(FILE *out)
{
	char cwd[PATH_MAX];
	mode_t mask = umask(0);
	gid_t groups[NGROUPS_MAX];
	int count = getgroups(NGROUPS_MAX, groups), i;
}

static void print_limits(FILE *out)
{
	static const struct {
		const char *name;
		int resource;
	} limits[] = {
		{ "nofile", RLIMIT_NOFILE },
		{ "core", RLIMIT_CORE },
		{ "cpu", RLIMIT_CPU },
		{ "fsize", RLIMIT_FSIZE },
		{ "data", RLIMIT_DATA },
		{ "stack", RLIMIT_STACK },
#if defined(RLIMIT_NPROC)
		{ "nproc", RLIMIT_NPROC },
#endif
#if defined(RLIMIT_AS)
		{ "as", RLIMIT_AS },
#endif
	};
	struct rlimit limit;
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		(void)getrlimit(limits[i].resource, &limit);
		fprintf(out,
			limit.rlim_cur == RLIM_INFINITY ? "rlimit.%s=unlimited" : "rlimit.%s=%ju",
			limits[i].name, (uintmax_t)limit.rlim_cur);
		fprintf(out, limit.rlim_max == RLIM_INFINITY ? ":unlimited\n" : ":%ju\n",
			(uintmax_t)limit.rlim_max);
	}
	fprintf(out, "nice=%d\n", getpriority(PRIO_PROCESS, 0));
}
