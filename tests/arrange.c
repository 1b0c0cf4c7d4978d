/* SPDX-License-Identifier: ISC */
/*
 * arrange WORD... -- COMMAND [ARGUMENT...]
 *
 * Executes a command in a state that a caller can hand down, or on a system
 * that lacks something: the words say which, and are done in their order.  LIST
 * has numbers and ranges, like 0,3-9; SIGNALS names or numbers, like HUP,34.
 *
 *	close=LIST		the descriptors are closed
 *	open=LIST		they are /dev/null; the limit is raised
 *	pipe=LIST		they are a pipe that nobody reads
 *	full=LIST		they are /dev/full
 *	socketpair=LIST		they are one of a pair of sockets
 *	inet=LIST, inet6=LIST	they are one end of a TCP connection
 *	listen=LIST		they are a Unix-domain socket that listens
 *	udp=LIST		they are a UDP socket with an address
 *	ignore=SIGNALS		the signals are ignored
 *	block=SIGNALS		the signals are blocked
 *	raise=SIGNALS		the signals are sent to this process
 *	alarm=SECONDS		alarm(2)
 *	itimer=KIND,SECONDS	setitimer(2); KIND is virtual or prof
 *	umask=MODE		umask(2)
 *	nofile=SOFT[:HARD]	a limit of setrlimit(2), as are fsize and nproc
 *	cwd=DIRECTORY		chdir(2); cwd=deleted: to one that is removed
 *	child			there is a zombie
 *	sleeper			there is a child that ends with its parent
 *	leader			the command leads a session
 *	tty			the same, with a terminal as 0, 1 and 2
 *	pid1			the command is process 1 of a namespace (Linux)
 *	deny=CALL[:ERRNO],...	system calls fail, or give ENOSYS (Linux)
 *	plain-fork		no child can be made to share memory (Linux)
 *
 * The other end of a pair or connection is descriptor 99.  Words that fork
 * (leader, tty, pid1) come before those that a fork undoes: alarm, itimer,
 * raise, child, sleeper.  A deny comes last, since it is in force at once; with
 * openat or read denied only a static program can be loaded.
 *
 * The status is that of the command, or 128+N if signal N has ended it and a
 * word has forked; 98 if a word fails, 99 if the command cannot be executed.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/prctl.h>

#include "calls.h"
#endif

extern char **environ;

enum {
	STATUS_WORD = 98,
	STATUS_COMMAND = 99
};

enum {
	OTHER_END = 99,
	MAX_DENIED = 100
};

struct name {
	const char *name;
	int number;
};

static _Noreturn void
fail(int status, const char *object, const char *reason)
{
	(void)signal(SIGPIPE, SIG_IGN);
	(void)dprintf(2, "arrange: %s: %s\n", object, reason);
	_exit(status);
}

/*
 * Returns the number of a name in a table, which ends with NULL, or that of a
 * text which is a number itself.  If it is neither, fails with the reason.
 */
static int
look_up(const struct name *table, const char *name, const char *reason)
{
	char *endp;
	long number = strtol(name, &endp, 10);

	if (*name != '\0' && *endp == '\0')
		return (int)number;
	while (table->name != NULL && strcmp(table->name, name) != 0)
		table++;
	if (table->name == NULL)
		fail(STATUS_WORD, name, reason);
	return table->number;
}

/* Takes the next number or range from a list.  Returns false at its end. */
static bool
next_range(char **list, int *first, int *last)
{
	char *item = strsep(list, ",");
	char *endp;

	if (item == NULL)
		return false;
	*first = *last = (int)strtol(item, &endp, 10);
	if (*endp == '-')
		*last = (int)strtol(endp + 1, &endp, 10);
	if (endp == item || *endp != '\0' || *last > 1 << 20)
		fail(STATUS_WORD, item, "not a number or range");
	return true;
}

/*
 * Installs fd, which may be -1, as each descriptor of a list, and closes it
 * unless it is one of them.
 */
static int
install(int fd, char *list)
{
	bool stays = false;
	int first, last;

	if (fd == -1)
		return -1;
	while (next_range(&list, &first, &last)) {
		for (; first <= last; first++) {
			if (dup2(fd, first) == -1)
				return -1;
			stays = stays || fd == first;
		}
	}
	return stays ? 0 : close(fd);
}

/*
 * Installs one end as each descriptor of a list, and the other as OTHER_END,
 * whatever descriptors they are now.
 */
static int
install_ends(int end, int other, char *list)
{
	int high = fcntl(end, F_DUPFD, OTHER_END + 1);

	(void)close(end);
	if (high == -1 || dup2(other, OTHER_END) == -1)
		return -1;
	if (other != OTHER_END)
		(void)close(other);
	return install(high, list);
}

static int
close_all(char *list)
{
	int first, last;

	while (next_range(&list, &first, &last)) {
		/* Some of them may be closed already. */
		for (; first <= last; first++)
			(void)close(first);
	}
	return 0;
}

/* Raises the limits, if necessary, so that fd can be opened. */
static int
allow_descriptor(int fd)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return -1;
	if (limit.rlim_cur <= (rlim_t)fd)
		limit.rlim_cur = (rlim_t)fd + 1;
	if (limit.rlim_max < limit.rlim_cur)
		limit.rlim_max = limit.rlim_cur;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

static int
open_as(int number)
{
	int fd = open("/dev/null", O_RDWR);

	if (fd == -1 || fd == number)
		return fd;
	return dup2(fd, number) == -1 ? -1 : close(fd);
}

static int
open_all(char *list)
{
	int first, last;

	while (next_range(&list, &first, &last)) {
		if (allow_descriptor(last) == -1)
			return -1;
		for (; first <= last; first++) {
			if (open_as(first) == -1)
				return -1;
		}
	}
	return 0;
}

static int
install_broken_pipe(char *list)
{
	int ends[2];

	if (pipe(ends) == -1 || close(ends[0]) == -1)
		return -1;
	return install(ends[1], list);
}

static int
install_full_device(char *list)
{
	return install(open("/dev/full", O_WRONLY), list);
}

static int
install_socket_pair(char *list)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
		return -1;
	return install_ends(ends[0], ends[1], list);
}

/* Returns a socket with any port of the loopback, and its address. */
static int
bind_loopback(int family, int type, struct sockaddr_storage *address,
    socklen_t *size)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(family, type, 0);

	if (family == AF_INET) {
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		*size = sizeof(in);
		(void)memcpy(address, &in, sizeof(in));
	} else {
		*size = sizeof(in6);
		(void)memcpy(address, &in6, sizeof(in6));
	}
	if (fd == -1 || bind(fd, (struct sockaddr *)address, *size) == -1)
		return -1;
	if (getsockname(fd, (struct sockaddr *)address, size) == -1)
		return -1;
	return fd;
}

static int
install_connection(int family, char *list)
{
	struct sockaddr_storage address;
	socklen_t size;
	int server = bind_loopback(family, SOCK_STREAM, &address, &size);
	int client = socket(family, SOCK_STREAM, 0);
	int end;

	if (server == -1 || client == -1 || listen(server, 1) == -1)
		return -1;
	if (connect(client, (struct sockaddr *)&address, size) == -1)
		return -1;
	end = accept(server, NULL, NULL);
	if (end == -1 || close(server) == -1)
		return -1;
	return install_ends(end, client, list);
}

static int
install_inet(char *list)
{
	return install_connection(AF_INET, list);
}

static int
install_inet6(char *list)
{
	return install_connection(AF_INET6, list);
}

static int
install_datagrams(char *list)
{
	struct sockaddr_storage address;
	socklen_t size;

	return install(bind_loopback(AF_INET, SOCK_DGRAM, &address, &size),
	    list);
}

static int
install_listener(char *list)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	/* On Linux an empty name asks for an abstract one. */
	if (bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)) == -1 ||
	    listen(fd, 5) == -1)
		return -1;
	return install(fd, list);
}

static int
enter_deleted_directory(void)
{
	char path[] = "/tmp/arrange.XXXXXX";
	mode_t mask = umask(077);
	bool entered = mkdtemp(path) && chdir(path) == 0;

	(void)umask(mask);
	return entered ? rmdir(path) : -1;
}

static int
change_directory(char *path)
{
	if (strcmp(path, "deleted") == 0)
		return enter_deleted_directory();
	return chdir(path);
}

static int
block(int signo)
{
#if defined(__linux__)
	/* The kernel is called, for libc keeps 32 and 33 for itself. */
	unsigned long set[2] = { 0 };
	unsigned long bit = (unsigned long)signo - 1;

	set[bit / (8 * sizeof(set[0]))] = 1UL << bit % (8 * sizeof(set[0]));
	return (int)syscall(SYS_rt_sigprocmask, SIG_BLOCK, set, NULL, NSIG / 8);
#else
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, signo);
	return sigprocmask(SIG_BLOCK, &set, NULL);
#endif
}

static int
ignore(int signo)
{
#if defined(__linux__)
	/* The kernel's struct sigaction begins with the handler. */
	unsigned long action[8] = { (unsigned long)SIG_IGN };

	return (int)syscall(SYS_rt_sigaction, signo, action, NULL, NSIG / 8);
#else
	return signal(signo, SIG_IGN) == SIG_ERR ? -1 : 0;
#endif
}

static int
send_self(int signo)
{
	return kill(getpid(), signo);
}

/* Calls a function with each signal of a list, until it fails. */
static int
each_signal(char *list, int (*function)(int))
{
#define SIGNAL(name) #name, SIG##name
	static const struct name names[] = { { SIGNAL(HUP) }, { SIGNAL(INT) },
		{ SIGNAL(QUIT) }, { SIGNAL(ILL) }, { SIGNAL(TRAP) },
		{ SIGNAL(ABRT) }, { SIGNAL(BUS) }, { SIGNAL(FPE) },
		{ SIGNAL(KILL) }, { SIGNAL(USR1) }, { SIGNAL(SEGV) },
		{ SIGNAL(USR2) }, { SIGNAL(PIPE) }, { SIGNAL(ALRM) },
		{ SIGNAL(TERM) }, { SIGNAL(CHLD) }, { SIGNAL(CONT) },
		{ SIGNAL(STOP) }, { SIGNAL(TSTP) }, { SIGNAL(TTIN) },
		{ SIGNAL(TTOU) }, { SIGNAL(URG) }, { SIGNAL(XCPU) },
		{ SIGNAL(XFSZ) }, { SIGNAL(VTALRM) }, { SIGNAL(PROF) },
		{ SIGNAL(WINCH) }, { SIGNAL(SYS) }, { NULL, 0 } };
	const char *name;

	while ((name = strsep(&list, ",")) != NULL) {
		const char *rest =
		    strncmp(name, "SIG", 3) == 0 ? name + 3 : name;
		int signo = look_up(names, rest, "not a signal");

		if (signo < 1 || signo > 64)
			fail(STATUS_WORD, name, "not a signal");
		if (function(signo) == -1)
			return -1;
	}
	return 0;
}

static int
ignore_signals(char *list)
{
	return each_signal(list, ignore);
}

static int
block_signals(char *list)
{
	return each_signal(list, block);
}

static int
raise_signals(char *list)
{
	return each_signal(list, send_self);
}

static int
set_alarm(char *value)
{
	(void)alarm((unsigned)atoi(value));
	return 0;
}

static int
set_interval_timer(char *value)
{
	const char *kind = strsep(&value, ",");
	int which = strcmp(kind, "prof") == 0 ? ITIMER_PROF : ITIMER_VIRTUAL;
	struct itimerval timer = { 0 };

	timer.it_value.tv_sec = value != NULL ? atoi(value) : 0;
	return setitimer(which, &timer, NULL);
}

static int
set_umask(char *value)
{
	(void)umask((mode_t)strtoul(value, NULL, 8));
	return 0;
}

/*
 * Sets a limit to SOFT:HARD; or to SOFT, which raises the hard limit only if it
 * is lower.
 */
static int
set_limit(int resource, char *value)
{
	const char *soft = strsep(&value, ":");
	struct rlimit limit;

	if (getrlimit(resource, &limit) == -1)
		return -1;
	limit.rlim_cur = strtoul(soft, NULL, 10);
	if (value != NULL)
		limit.rlim_max = strtoul(value, NULL, 10);
	else if (limit.rlim_max < limit.rlim_cur)
		limit.rlim_max = limit.rlim_cur;
	return setrlimit(resource, &limit);
}

static int
limit_descriptors(char *value)
{
	return set_limit(RLIMIT_NOFILE, value);
}

static int
limit_file_size(char *value)
{
	return set_limit(RLIMIT_FSIZE, value);
}

static int
limit_processes(char *value)
{
	return set_limit(RLIMIT_NPROC, value);
}

static void
wake_up(int signo)
{
	(void)signo;
}

/*
 * Forks.  In the parent SIGCHLD is caught and blocked then, so that it can see
 * the end of the child even if its caller ignored SIGCHLD.  *action and *mask
 * become what they were before, which the child has again.
 */
static pid_t
fork_watched(struct sigaction *action, sigset_t *mask)
{
	struct sigaction caught = { .sa_handler = wake_up };
	sigset_t ended;
	pid_t child;

	(void)sigemptyset(&ended);
	(void)sigaddset(&ended, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &ended, mask);
	(void)sigaction(SIGCHLD, &caught, action);
	child = fork();
	if (child == 0) {
		(void)sigaction(SIGCHLD, action, NULL);
		(void)sigprocmask(SIG_SETMASK, mask, NULL);
	}
	return child;
}

/* Leaves a child that has ended, and for which nobody has waited. */
static int
leave_zombie(char *unused)
{
	struct sigaction action;
	sigset_t mask;
	siginfo_t info;
	pid_t child = fork_watched(&action, &mask);

	(void)unused;
	if (child == 0)
		_exit(0);
	if (child == -1 ||
	    waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == -1)
		return -1;
	(void)sigaction(SIGCHLD, &action, NULL);
	return sigprocmask(SIG_SETMASK, &mask, NULL);
}

/* The child: closes all descriptors, and waits for the end. */
static _Noreturn void
sleep_without_descriptors(void)
{
	sigset_t none;
	int fd;

	(void)signal(SIGALRM, SIG_DFL);
	(void)alarm(20);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
#if defined(__linux__)
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
	for (fd = 0; fd < 65536; fd++)
		(void)close(fd);
	for (;;)
		(void)pause();
}

/*
 * Leaves a child without descriptors, which ends with its parent, or after
 * 20 s.
 */
static int
leave_sleeper(char *unused)
{
	int ready[2];
	pid_t child;
	char byte;

	(void)unused;
	if (pipe(ready) == -1)
		return -1;
	child = fork();
	if (child == -1)
		return -1;
	if (child == 0)
		sleep_without_descriptors();

	/* End of file comes when the child has closed its descriptors. */
	if (close(ready[1]) == -1 || read(ready[0], &byte, 1) != 0)
		return -1;
	return close(ready[0]);
}

/* Waits for the child, and exits with its status. */
static _Noreturn void
follow(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) == -1) {
		if (errno != EINTR)
			fail(STATUS_WORD, "waitpid", strerror(errno));
	}
	_exit(
	    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

/* Goes on in a child, whose status becomes that of this process. */
static int
move_to_child(void)
{
	struct sigaction action;
	sigset_t mask;
	pid_t child = fork_watched(&action, &mask);

	if (child > 0)
		follow(child);
	return (int)child;
}

static int
lead_session(char *unused)
{
	(void)unused;
	/* A leader of a process group cannot make a session. */
	if (setsid() != -1)
		return 0;
	if (move_to_child() == -1)
		return -1;
	return setsid() == -1 ? -1 : 0;
}

/*
 * Copies what has been written to the terminal to standard output; at most 64
 * blocks, for there may always be more.
 */
static void
copy_output(int master)
{
	struct pollfd output = { .fd = master, .events = POLLIN };
	char data[4096];
	int blocks;

	for (blocks = 0; blocks < 64; blocks++) {
		ssize_t count;

		if (poll(&output, 1, 0) != 1)
			return;
		count = read(master, data, sizeof(data));
		if (count <= 0 || write(1, data, (size_t)count) == -1)
			return;
	}
}

/* Copies the output of the terminal until the child has ended. */
static _Noreturn void
serve_terminal(int master, pid_t child)
{
	struct pollfd output = { .fd = master, .events = POLLIN };
	siginfo_t info = { 0 };
	sigset_t mask;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigprocmask(SIG_BLOCK, NULL, &mask);
	(void)sigdelset(&mask, SIGCHLD);
	while (info.si_pid == 0) {
		(void)ppoll(&output, 1, NULL, &mask);
		(void)waitid(P_PID, (id_t)child, &info,
		    WEXITED | WNOHANG | WNOWAIT);
		copy_output(master);
	}
	(void)close(master);
	follow(child);
}

/* Opens a terminal that passes its output on unchanged.  Returns 0 or -1. */
static int
open_terminal(int *master, int *slave)
{
	struct termios modes;

	*master = posix_openpt(O_RDWR | O_NOCTTY);
	if (*master == -1 || grantpt(*master) == -1 || unlockpt(*master) == -1)
		return -1;
	*slave = open(ptsname(*master), O_RDWR | O_NOCTTY);
	if (*slave == -1 || tcgetattr(*slave, &modes) == -1)
		return -1;
	modes.c_oflag &= ~(tcflag_t)OPOST;
	return tcsetattr(*slave, TCSANOW, &modes);
}

/* Goes on in a child that leads a session with a new terminal. */
static int
lead_terminal(char *unused)
{
	char streams[] = "0-2";
	struct sigaction action;
	sigset_t mask;
	pid_t child;
	int master, slave;

	(void)unused;
	if (open_terminal(&master, &slave) == -1)
		return -1;
	child = fork_watched(&action, &mask);
	if (child == -1)
		return -1;
	/* The parent keeps the slave open, lest it reads end of file early. */
	if (child > 0)
		serve_terminal(master, child);
	(void)close(master);
	if (setsid() == -1 || ioctl(slave, TIOCSCTTY, 0) == -1)
		return -1;
	return install(slave, streams);
}

#if defined(__linux__)
#if !defined(SYS_fork)
/* Newer architectures have none of these calls: there is nothing to deny. */
enum {
	SYS_dup2 = -1,
	SYS_fork = -1,
	SYS_open = -1,
	SYS_pipe = -1,
	SYS_poll = -1,
	SYS_unlink = -1,
	SYS_vfork = -1
};
#endif

/* struct sock_filter and struct sock_fprog, whose header not every libc has */
struct filter {
	uint16_t code;
	uint8_t if_true, if_false;
	uint32_t operand;
};

struct program {
	unsigned short size;
	struct filter *filter;
};

/*
 * What filters are made of: the number of the call and the lower half of its
 * first argument, a comparison, and the results of SECCOMP_RET_.
 */
enum {
	LOAD = 0x20,
	SKIP_UNLESS_EQUAL = 0x15,
	RETURN = 0x06,
	OFFSET_CALL = 0,
	OFFSET_ARGUMENT = 16,
	RESULT_ERRNO = 0x50000,
	RESULT_ALLOW = 0x7fff0000
};

static int
become_process_1(char *unused)
{
	(void)unused;
	return unshare(CLONE_NEWPID) == -1 ? -1 : move_to_child();
}

static int
set_filter(const struct program *program)
{
	if (prctl(PR_SET_SECCOMP, 2L /* SECCOMP_MODE_FILTER */, program) == 0)
		return 0;
	if (errno != EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == -1)
		return -1;
	return prctl(PR_SET_SECCOMP, 2L, program);
}

#define CALL(name)  #name, SYS_##name
#define ERROR(name) #name, name

/* Returns the number of a system call; -1 if this architecture lacks it. */
static int
call_number(const char *name)
{
	static const struct name calls[] = { { CALL(chdir) }, { CALL(clone) },
		{ CALL(clone3) }, { CALL(close) }, { CALL(close_range) },
		{ CALL(dup) }, { CALL(dup2) }, { CALL(dup3) }, { CALL(execve) },
		{ CALL(faccessat2) }, { CALL(fchdir) }, { CALL(fchmod) },
		{ CALL(fchmodat) }, { CALL(fchown) }, { CALL(fcntl) },
		{ CALL(fork) }, { CALL(fstat) }, { CALL(ftruncate) },
		{ CALL(getcwd) }, { CALL(kill) }, { CALL(lseek) },
		{ CALL(newfstatat) }, { CALL(open) }, { CALL(openat) },
		{ CALL(pidfd_open) }, { CALL(pidfd_send_signal) },
		{ CALL(pipe) }, { CALL(pipe2) }, { CALL(poll) },
		{ CALL(ppoll) }, { CALL(prctl) }, { CALL(pwrite64) },
		{ CALL(read) }, { CALL(rt_sigaction) },
		{ CALL(rt_sigprocmask) }, { CALL(setgid) }, { CALL(setgroups) },
		{ CALL(setitimer) }, { CALL(setpgid) }, { CALL(setresgid) },
		{ CALL(setresuid) }, { CALL(setsid) }, { CALL(setuid) },
		{ CALL(umask) }, { CALL(unlink) }, { CALL(unlinkat) },
		{ CALL(vfork) }, { CALL(wait4) }, { CALL(waitid) },
		{ CALL(write) }, { NULL, 0 } };

	return look_up(calls, name, "not a known system call");
}

static int
error_number(const char *name)
{
	static const struct name errors[] = { { ERROR(EPERM) },
		{ ERROR(ENOENT) }, { ERROR(EINTR) }, { ERROR(EIO) },
		{ ERROR(ENXIO) }, { ERROR(EBADF) }, { ERROR(EAGAIN) },
		{ ERROR(ENOMEM) }, { ERROR(EACCES) }, { ERROR(EBUSY) },
		{ ERROR(EEXIST) }, { ERROR(ENOTDIR) }, { ERROR(EISDIR) },
		{ ERROR(EINVAL) }, { ERROR(ENFILE) }, { ERROR(EMFILE) },
		{ ERROR(ETXTBSY) }, { ERROR(EFBIG) }, { ERROR(ENOSPC) },
		{ ERROR(EROFS) }, { ERROR(EPIPE) }, { ERROR(ENOLCK) },
		{ ERROR(ENOSYS) }, { ERROR(ELOOP) }, { ERROR(ENOEXEC) },
		{ ERROR(ESRCH) }, { NULL, 0 } };

	return look_up(errors, name, "not a known error");
}

/* Lets each CALL[:ERRNO] of a list fail from now on. */
static int
deny_calls(char *list)
{
	struct filter filter[2 + 2 * MAX_DENIED] = { { LOAD, 0, 0,
	    OFFSET_CALL } };
	struct program program = { 1, filter };
	char *item;

	while ((item = strsep(&list, ",")) != NULL) {
		int number = call_number(strsep(&item, ":"));
		int error = item != NULL ? error_number(item) : ENOSYS;

		if (number == -1)
			continue;
		if (program.size > 2 * MAX_DENIED)
			fail(STATUS_WORD, "deny", "too many calls");
		filter[program.size++] = (struct filter){ SKIP_UNLESS_EQUAL, 0,
			1, (uint32_t)number };
		filter[program.size++] = (struct filter){ RETURN, 0, 0,
			RESULT_ERRNO | (uint32_t)error };
	}
	filter[program.size++] = (struct filter){ RETURN, 0, 0, RESULT_ALLOW };
	return set_filter(&program);
}

/*
 * Lets clone() fail with exactly the flags by which daemonize makes a child
 * that runs in its memory.
 */
static int
deny_shared_memory(char *unused)
{
	struct filter filter[] = {
		{ LOAD, 0, 0, OFFSET_CALL },
		{ SKIP_UNLESS_EQUAL, 0, 3, SYS_clone },
		{ LOAD, 0, 0, OFFSET_ARGUMENT },
		{ SKIP_UNLESS_EQUAL, 0, 1, CLONE_VM | SIGCHLD },
		{ RETURN, 0, 0, RESULT_ERRNO | EINVAL },
		{ RETURN, 0, 0, RESULT_ALLOW },
	};
	struct program program = { sizeof(filter) / sizeof(filter[0]), filter };

	(void)unused;
	return set_filter(&program);
}
#endif

static const struct word {
	const char *name;
	bool takes_value;
	/* Gets the value, or NULL.  Returns 0, or -1 with errno. */
	int (*function)(char *value);
} words[] = {
	{ "close", true, close_all },
	{ "open", true, open_all },
	{ "pipe", true, install_broken_pipe },
	{ "full", true, install_full_device },
	{ "socketpair", true, install_socket_pair },
	{ "inet", true, install_inet },
	{ "inet6", true, install_inet6 },
	{ "listen", true, install_listener },
	{ "udp", true, install_datagrams },
	{ "ignore", true, ignore_signals },
	{ "block", true, block_signals },
	{ "raise", true, raise_signals },
	{ "alarm", true, set_alarm },
	{ "itimer", true, set_interval_timer },
	{ "umask", true, set_umask },
	{ "nofile", true, limit_descriptors },
	{ "fsize", true, limit_file_size },
	{ "nproc", true, limit_processes },
	{ "cwd", true, change_directory },
	{ "child", false, leave_zombie },
	{ "sleeper", false, leave_sleeper },
	{ "leader", false, lead_session },
	{ "tty", false, lead_terminal },
#if defined(__linux__)
	{ "pid1", false, become_process_1 },
	{ "deny", true, deny_calls },
	{ "plain-fork", false, deny_shared_memory },
#endif
};

/* Does one WORD or WORD=VALUE. */
static void
do_word(const char *argument)
{
	char *value = strdup(argument);
	const char *name = strsep(&value, "=");
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].name, name) != 0)
			continue;
		if (words[i].takes_value != (value != NULL))
			break;
		if (words[i].function(value) == -1)
			fail(STATUS_WORD, argument, strerror(errno));
		return;
	}
	fail(STATUS_WORD, argument, "not a word of arrange");
}

#if defined(__linux__)
/* Executes a command by another system call, for execve(2) may be denied. */
static void
execute_at(char **argv)
{
	const char *path = strchr(argv[0], '/') != NULL ? "" : getenv("PATH");
	char *list = strdup(path != NULL ? path : "/bin:/usr/bin");
	const char *directory;
	char file[4096];

	while ((directory = strsep(&list, ":")) != NULL) {
		(void)snprintf(file, sizeof(file), "%s%s%s", directory,
		    *directory != '\0' ? "/" : "", argv[0]);
		(void)syscall(SYS_execveat, AT_FDCWD, file, argv, environ, 0);
	}
}
#endif

static _Noreturn void
execute(char **argv)
{
	int error;

	(void)execvp(argv[0], argv);
	error = errno;
#if defined(__linux__)
	execute_at(argv);
#endif
	fail(STATUS_COMMAND, argv[0], strerror(error));
}

int
main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		do_word(argv[i]);
	if (i + 1 >= argc)
		fail(STATUS_WORD, "usage",
		    "arrange WORD... -- COMMAND [ARGUMENT...]");
	execute(argv + i + 1);
}
