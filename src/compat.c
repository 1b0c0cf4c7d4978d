#include "compat.h"
#include <dirent.h>
#include <poll.h>
#include <time.h>

#if defined(__linux__)
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#define MORE_NAMES                                                  \
	, NAME(STKFLT), NAME(IO), NAME(POLL), NAME(PWR), NAME(IOT), \
	{                                                           \
		"CLD", SIGCHLD                                      \
	}
#define BOOT_CLOCK CLOCK_BOOTTIME
#else
#define MORE_NAMES
#define BOOT_CLOCK CLOCK_MONOTONIC
#endif

void
compat_close_range(unsigned first, unsigned last)
{
#if defined(SYS_close_range)
	if (syscall(SYS_close_range, first, last, 0) == 0)
		return; /* libcs got it years later */
#endif
	DIR *list = opendir("/proc/self/fd");
	if (!list)
		list = opendir("/dev/fd");
	if (!list) { /* nobody tells which are open; most are not */
		for (; first <= last && first <= 65535; first++)
			(void)close((int)first);
		return;
	}
	for (const struct dirent *entry; (entry = readdir(list)) != NULL;) {
		int fd = atoi(entry->d_name); /* 0 for ".." */
		if (fd >= (int)first && (unsigned)fd <= last &&
		    fd != dirfd(list))
			(void)close(fd); /* gone whatever it says */
	}
	(void)closedir(list);
}

bool
compat_keeps_capabilities(void)
{
#if defined(__linux__)
	return (prctl(PR_GET_SECUREBITS) & (1 << 2 | 1 << 4)) !=
	    0; /* NO_SETUID_FIXUP, KEEP_CAPS */
#else
	return false;
#endif
}

int
compat_default_signals(void)
{
	for (int number = 1; number < NSIG; number++) {
		if (number == SIGKILL || number == SIGSTOP)
			continue;
#if defined(__linux__)
		/* the kernel's struct sigaction of any architecture, zeroed */
		static const unsigned long zeros[8];
		if (syscall(SYS_rt_sigaction, number, zeros, NULL, NSIG / 8) ==
		    -1)
			return -1;
#else
		if (signal(number, SIG_DFL) == SIG_ERR && errno != EINVAL)
			return -1;
#endif
	}
	return 0;
}

pid_t
compat_start_child(int (*body)(void *), void *argument, bool shared)
{
	pid_t child = -1;
	(void)shared; /* where there is no such thing */
#if defined(__linux__)
	static _Alignas(16) char stack[2][32768];
	static int started; /* qemu-user and some sandboxes let none start so */
	if (shared && started < 2)
		child = clone(body, &stack[++started], CLONE_VM | SIGCHLD,
		    argument); /* its end */
#endif
	if (child == -1)
		child = fork();
	if (child == 0)
		_exit(body(argument));
	return child;
}

void
compat_wait_for_unlink(int dirfd, const char *name)
{
#if defined(__linux__)
	char slashed[NAME_MAX + 2];

	(void)snprintf(slashed, sizeof(slashed), "%s/", name);
	(void)unlinkat(dirfd, slashed, 0);
#else
	(void)dirfd;
	(void)name;
#endif
}

enum compat_answer
compat_has_name(int fd, const char *name)
{
#if defined(__linux__)
	static const char suffix[] = " (deleted)";
	const ssize_t suffix_length = (ssize_t)strlen(suffix);
	char path[PATH_MAX + sizeof(suffix)];
	char link[64];
	ssize_t length;

	/* Such a name may be there. */
	if (strstr(name, suffix) != NULL)
		return COMPAT_UNKNOWN;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path));
	if (length == -1)
		return COMPAT_UNKNOWN;
	if (length < suffix_length)
		return COMPAT_YES;
	if (memcmp(path + length - suffix_length, suffix,
		(size_t)suffix_length) == 0)
		return COMPAT_NO;
	return COMPAT_YES;
#else
	(void)fd;
	(void)name;
	return COMPAT_UNKNOWN;
#endif
}

int
compat_notify_open(void)
{
#if defined(__linux__)
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length = sizeof(address.sun_family);
	char name[sizeof(address.sun_path) + 2];
	const int on = 1;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* unix(7): bound to no name, it gets one that is free, with a leading
	 * NUL */
	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == -1 ||
	    bind(fd, (struct sockaddr *)&address, length) == -1)
		return -1;
	length = sizeof(address);
	if (getsockname(fd, (struct sockaddr *)&address, &length) == -1)
		return -1;
	length -= (socklen_t)offsetof(struct sockaddr_un, sun_path) + 1;
	(void)snprintf(name, sizeof(name), "@%.*s", (int)length,
	    address.sun_path + 1);
	return setenv("NOTIFY_SOCKET", name, 1) == -1 ? -1 : fd;
#else
	errno = ENOTSUP;
	return -1;
#endif
}

ssize_t
compat_notify_read(int fd, char *text, size_t size, uid_t *sender)
{
#if defined(__linux__)
	/* with room for the credentials alone: the kernel closes what does not
	 * fit */
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec data = { text, size };
	struct msghdr message = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room) };
	ssize_t length = recvmsg(fd, &message, 0);
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	struct ucred credentials;
	if (length == -1)
		return -1;
	errno = EPERM;
	if (!header || header->cmsg_type != SCM_CREDENTIALS)
		return -1;
	(void)memcpy(&credentials, CMSG_DATA(header), sizeof(credentials));
	*sender = credentials.uid;
	return length;
#else
	(void)fd, (void)text, (void)size, (void)sender;
	return -1;
#endif
}

#define NAME(name)               \
	{                        \
#name, SIG##name \
	}

int
compat_signal_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} names[] = { NAME(HUP), NAME(INT), NAME(QUIT), NAME(ILL), NAME(TRAP),
		NAME(ABRT), NAME(BUS), NAME(FPE), NAME(KILL), NAME(USR1),
		NAME(SEGV), NAME(USR2), NAME(PIPE), NAME(ALRM), NAME(TERM),
		NAME(CHLD), NAME(CONT), NAME(STOP), NAME(TSTP), NAME(TTIN),
		NAME(TTOU), NAME(URG), NAME(XCPU), NAME(XFSZ), NAME(VTALRM),
		NAME(PROF), NAME(WINCH), NAME(SYS) MORE_NAMES };
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i].name, name) == 0)
			return names[i].number;
	}
	long base = 0, least = 1;
#if defined(SIGRTMIN)
	if (strncmp(name, "RTM", 3) == 0)
		least = SIGRTMIN;
	if (strncmp(name, "RTMIN", 5) == 0)
		base = SIGRTMIN;
	if (strncmp(name, "RTMAX", 5) == 0)
		base = SIGRTMAX;
	if (base != 0)
		name += 5;
	if (base != 0 && *name == '\0')
		return (int)base;
#endif
	char *end;
	long number = strtol(name, &end, 10);
	bool whole = *name != '\0' &&
	    strchr(base ? "+-" : "0123456789", *name) && *end == '\0';
	return whole && number >= least - base && number < NSIG - base ?
	    (int)(base + number) :
	    0;
}

int
compat_pidfd_open(pid_t pid)
{
#if defined(SYS_pidfd_open)
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	errno = kill(pid, 0) == -1 && errno == ESRCH ? ESRCH : ENOSYS;
	return -1;
#endif
}

int
compat_pidfd_signal(int pidfd, pid_t pid, int number)
{
#if defined(SYS_pidfd_send_signal)
	if (pidfd != -1)
		return (
		    int)syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0);
#endif
	return pidfd == -1 ? kill(pid, number) : -1;
}

/* A process's state and its start in clock ticks since the boot (proc(5)); 0 if
 * it is not told. */
static char
read_stat(pid_t pid, unsigned long long *start)
{
	static const char fields[] =
	    ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
	    "%*s %*s %*s %*s %llu";
	char path[64], text[1024] = "", state;
	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd == -1 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd != -1)
		(void)close(fd); /* was only read */
	const char *rest =
	    length > 0 ? strrchr(text, ')') : NULL; /* behind the name */
	return rest && sscanf(rest, fields, &state, start) == 2 ? state : 0;
}

bool
compat_pidfd_wait(int pidfd, pid_t pid, long milliseconds)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	unsigned long long start;
	int ready = pidfd == -1 ? -1 : poll(&end, 1, (int)milliseconds);
	if (ready != -1)
		return ready == 1;
	for (int pause = 1;;
	     milliseconds -= pause, pause += pause < 100 ? pause : 0) {
		if (kill(pid, 0) == -1 && errno == ESRCH)
			return true;
		if (read_stat(pid, &start) == 'Z')
			return true;
		if (milliseconds <= 0)
			return false;
		(void)poll(NULL, 0,
		    milliseconds < pause ? (int)milliseconds : pause);
	}
}

double
compat_process_started(pid_t pid)
{
	struct timespec now, uptime;
	unsigned long long ticks;
	if (read_stat(pid, &ticks) == 0 ||
	    clock_gettime(CLOCK_REALTIME, &now) == -1 ||
	    clock_gettime(BOOT_CLOCK, &uptime) == -1)
		return -1;
	return (double)(now.tv_sec - uptime.tv_sec) +
	    (double)(now.tv_nsec - uptime.tv_nsec) / 1e9 +
	    (double)ticks / (double)sysconf(_SC_CLK_TCK);
}
