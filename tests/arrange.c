/* SPDX-License-Identifier: ISC */
/* Puts itself into a bad state, then executes the rest of its arguments. */
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
#include <sys/syscall.h>
#endif

/*
 * arrange WORD... -- command [argument...]
 *
 * The words, listed in do_word(), are done in their order.  Those that fork
 * (leader, tty, pid1) come before those that a fork undoes: alarm, itimer,
 * raise, child, sleeper.  A deny comes last, since it is in force at once;
 * with openat or read denied only a static program can be loaded.
 *
 * The status is 98 if a word fails, 99 if the exec does, else the command's:
 * 128+N for signal N if a process of ours has followed it.
 */
extern char **environ;

enum {
	ASIDE = 99,
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

/* A name of the table, which ends with NULL, or a number. */
static int
look_up(const struct name *table, const char *name, const char *reason)
{
	char *end;
	long number = strtol(name, &end, 10);

	if (*name && !*end)
		return (int)number;
	while (table->name && strcmp(table->name, name) != 0)
		table++;
	if (!table->name)
		fail(98, name, reason);
	return table->number;
}

/* Whether the list, like 0,3-9, goes on, and with which range. */
static bool
next_range(char **list, int *first, int *last)
{
	char *item = strsep(list, ","), *end;

	if (!item)
		return false;
	*first = *last = (int)strtol(item, &end, 10);
	if (*end == '-')
		*last = (int)strtol(end + 1, &end, 10);
	if (end == item || *end || *last > 1 << 20)
		fail(98, item, "not a number or range");
	return true;
}

/* Puts fd, which may be one of them, on all numbers of the list. */
static int
put_on(int fd, char *list)
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

/* One end on the list, the other aside, whatever numbers they have now. */
static int
put_ends(int end, int other, char *list)
{
	int high = fcntl(end, F_DUPFD, ASIDE + 1);

	(void)close(end);
	if (high == -1 || dup2(other, ASIDE) == -1)
		return -1;
	if (other != ASIDE)
		(void)close(other);
	return put_on(high, list);
}

static int
close_all(char *list)
{
	int first, last;

	while (next_range(&list, &first, &last)) {
		for (; first <= last; first++)
			(void)close(first); /* may be closed already */
	}
	return 0;
}

static int
open_all(char *list)
{
	struct rlimit limit;
	int first, last, fd;

	while (next_range(&list, &first, &last)) {
		(void)getrlimit(RLIMIT_NOFILE, &limit);
		if (limit.rlim_cur <= (rlim_t)last)
			limit.rlim_cur = (rlim_t)last + 1;
		if (limit.rlim_max < limit.rlim_cur)
			limit.rlim_max = limit.rlim_cur;
		if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
			return -1;
		for (; first <= last; first++) {
			fd = open("/dev/null", O_RDWR);
			if (fd == -1 ||
			    (fd != first &&
				(dup2(fd, first) == -1 || close(fd) == -1)))
				return -1;
		}
	}
	return 0;
}

static int
broken_pipe(char *list)
{
	int ends[2];

	return pipe(ends) == -1 || close(ends[0]) == -1 ? -1 :
							  put_on(ends[1], list);
}

static int
socket_pair(char *list)
{
	int ends[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1 ?
	    -1 :
	    put_ends(ends[0], ends[1], list);
}

/* A socket with some port of the loopback, and its address. */
static int
bind_loopback(int family, int type, struct sockaddr_storage *address,
    socklen_t *size)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(family, type, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*size = family == AF_INET ? sizeof(in) : sizeof(in6);
	(void)memcpy(address, family == AF_INET ? (void *)&in : (void *)&in6,
	    *size);
	if (fd == -1 || bind(fd, (struct sockaddr *)address, *size) == -1)
		return -1;
	return getsockname(fd, (struct sockaddr *)address, size) == -1 ? -1 :
									 fd;
}

static int
connection(int family, char *list)
{
	struct sockaddr_storage address;
	socklen_t size;
	int server = bind_loopback(family, SOCK_STREAM, &address, &size),
	    client, end;

	if (server == -1 || listen(server, 1) == -1 ||
	    (client = socket(family, SOCK_STREAM, 0)) == -1 ||
	    connect(client, (struct sockaddr *)&address, size) == -1 ||
	    (end = accept(server, NULL, NULL)) == -1 || close(server) == -1)
		return -1;
	return put_ends(end, client, list);
}

static int
datagrams(char *list)
{
	struct sockaddr_storage address;
	socklen_t size;

	return put_on(bind_loopback(AF_INET, SOCK_DGRAM, &address, &size),
	    list);
}

static int
listener(char *list)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	/* Linux: an empty name asks for an abstract one */
	if (bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)) == -1 ||
	    listen(fd, 5) == -1)
		return -1;
	return put_on(fd, list);
}

static int
deleted_directory(void)
{
	char path[] = "/tmp/arrange.XXXXXX";
	mode_t mask = umask(077);
	bool entered = mkdtemp(path) && chdir(path) == 0;

	(void)umask(mask);
	return entered ? rmdir(path) : -1;
}

static int
block(int number)
{
#if defined(__linux__)
	/* libc keeps 32 and 33 for itself */
	unsigned long set[2] = { 0 }, bit = (unsigned long)number - 1;

	set[bit / (8 * sizeof(set[0]))] = 1UL << bit % (8 * sizeof(set[0]));
	return (int)syscall(SYS_rt_sigprocmask, SIG_BLOCK, set, NULL, NSIG / 8);
#else
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, number);
	return sigprocmask(SIG_BLOCK, &set, NULL);
#endif
}

static int
ignore(int number)
{
#if defined(__linux__)
	/* the kernel's struct sigaction: the handler comes first */
	unsigned long action[8] = { (unsigned long)SIG_IGN };

	return (int)syscall(SYS_rt_sigaction, number, action, NULL, NSIG / 8);
#else
	return signal(number, SIG_IGN) == SIG_ERR ? -1 : 0;
#endif
}

static int
send_self(int number)
{
	return kill(getpid(), number);
}

static int
each_signal(char *list, int (*act)(int))
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
		int number = look_up(names,
		    strncmp(name, "SIG", 3) == 0 ? name + 3 : name,
		    "not a signal");

		if (number < 1 || number > 64)
			fail(98, name, "not a signal");
		if (act(number) == -1)
			return -1;
	}
	return 0;
}

static int
interval_timer(char *value)
{
	struct itimerval timer = { 0 };
	const char *kind = strsep(&value, ",");

	timer.it_value.tv_sec = value ? atoi(value) : 0;
	return strcmp(kind, "prof") == 0 ?
	    setitimer(ITIMER_PROF, &timer, NULL) :
	    setitimer(ITIMER_VIRTUAL, &timer, NULL);
}

/* SOFT:HARD, or SOFT, which lifts the hard limit only if it must. */
static const struct rlimit *
new_limit(char *value, struct rlimit *limit)
{
	const char *soft = strsep(&value, ":");

	limit->rlim_cur = strtoul(soft, NULL, 10);
	if (value || limit->rlim_max < limit->rlim_cur)
		limit->rlim_max =
		    value ? strtoul(value, NULL, 10) : limit->rlim_cur;
	return limit;
}

static void
wake_up(int number)
{
	(void)number;
}

/*
 * A fork whose child's end the parent can see: it gets SIGCHLD blocked and
 * caught, and what it had in action and mask.  The child has them back.
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
	if ((child = fork()) == 0) {
		(void)sigaction(SIGCHLD, action, NULL);
		(void)sigprocmask(SIG_SETMASK, mask, NULL);
	}
	return child;
}

/* A child that has ended, and that nobody has waited for. */
static int
zombie(void)
{
	struct sigaction action;
	sigset_t mask;
	siginfo_t info;
	pid_t child = fork_watched(&action, &mask);

	if (child == 0)
		_exit(0);
	if (child == -1 ||
	    waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == -1)
		return -1;
	(void)sigaction(SIGCHLD, &action, NULL);
	return sigprocmask(SIG_SETMASK, &mask, NULL);
}

/* A child without descriptors that ends with us, or after 20 s. */
static int
sleeper(void)
{
	int ready[2], fd;
	pid_t child;
	sigset_t none;
	char byte;

	if (pipe(ready) == -1 || (child = fork()) == -1)
		return -1;
	if (child == 0) {
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
	/* until the child has closed all */
	if (close(ready[1]) == -1 || read(ready[0], &byte, 1) != 0)
		return -1;
	return close(ready[0]);
}

/* Ends as the child does. */
static _Noreturn void
follow(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) == -1) {
		if (errno != EINTR)
			fail(98, "waitpid", strerror(errno));
	}
	_exit(
	    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

/* Goes on in a child, which we follow. */
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

/* Copies what the terminal has to tell, until the child has ended. */
static _Noreturn void
serve_terminal(int master, pid_t child)
{
	struct pollfd output = { .fd = master, .events = POLLIN };
	siginfo_t info = { 0 };
	sigset_t mask;
	char data[4096];
	int rounds;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigprocmask(SIG_BLOCK, NULL, &mask);
	(void)sigdelset(&mask, SIGCHLD);
	while (info.si_pid == 0) {
		(void)ppoll(&output, 1, NULL, &mask);
		(void)waitid(P_PID, (id_t)child, &info,
		    WEXITED | WNOHANG | WNOWAIT);
		for (rounds = 0; rounds < 64 && poll(&output, 1, 0) == 1;
		     rounds++) {
			ssize_t count = read(master, data, sizeof(data));

			if (count <= 0 || write(1, data, (size_t)count) == -1)
				break;
		}
	}
	(void)close(master);
	follow(child);
}

/* Goes on in the leader of a new session with a new terminal, which we serve.
 */
static int
terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	char streams[] = "0-2";
	struct sigaction action;
	struct termios modes;
	sigset_t mask;
	pid_t child;

	if (master == -1 || grantpt(master) == -1 || unlockpt(master) == -1 ||
	    (slave = open(ptsname(master), O_RDWR | O_NOCTTY)) == -1 ||
	    tcgetattr(slave, &modes) == -1)
		return -1;
	modes.c_oflag &= ~(tcflag_t)OPOST; /* the output as it was written */
	if (tcsetattr(slave, TCSANOW, &modes) == -1 ||
	    (child = fork_watched(&action, &mask)) == -1)
		return -1;
	if (child >
	    0) /* with slave open there is no end of file before the end */
		serve_terminal(master, child);
	(void)close(master);
	if (setsid() == -1 || ioctl(slave, TIOCSCTTY, 0) == -1)
		return -1;
	return put_on(slave, streams);
}

#if defined(__linux__)
#if !defined(SYS_fork)
/* Newer architectures have none of these: nothing to deny. */
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

/* struct sock_filter and sock_fprog: not every libc has their header */
struct filter {
	uint16_t code;
	uint8_t if_true, if_false;
	uint32_t operand;
};

struct program {
	unsigned short size;
	struct filter *filter;
};

static int
set_filter(const struct program *program)
{
	if (prctl(PR_SET_SECCOMP, 2L /* SECCOMP_MODE_FILTER */, program) == 0)
		return 0;
	if (errno != EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == -1)
		return -1;
	return prctl(PR_SET_SECCOMP, 2L, program);
}

/* Each NAME[:ERRNO] of the list fails from now on, by default with ENOSYS. */
static int
deny(char *list)
{
#define CALL(name)  #name, SYS_##name
#define ERROR(name) #name, name
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
	struct filter filter[2 + 2 * MAX_DENIED] = { { 0x20, 0, 0,
	    0 } }; /* load the number */
	struct program program = { 1, filter };
	char *item;

	while ((item = strsep(&list, ",")) != NULL &&
	    program.size <= 2 * MAX_DENIED) {
		const char *name = strsep(&item, ":");
		int number = look_up(calls, name, "not a known system call");
		int error =
		    item ? look_up(errors, item, "not a known error") : ENOSYS;

		if (number == -1)
			continue;
		filter[program.size].code = 0x15; /* if it is equal */
		filter[program.size].if_false = 1;
		filter[program.size++].operand = (uint32_t)number;
		filter[program.size].code = 0x06; /* return SECCOMP_RET_ERRNO */
		filter[program.size++].operand = 0x50000U | (uint32_t)error;
	}
	filter[program.size].code = 0x06; /* return SECCOMP_RET_ALLOW */
	filter[program.size++].operand = 0x7fff0000U;
	return set_filter(&program);
}

/* No child borrows its parent's memory, as daemonize's do: clone() with just
 * these flags fails. */
static int
plain_fork(void)
{
	struct filter filter[] = {
		{ 0x20, 0, 0, 0 }, /* load the number, compare */
		{ 0x15, 0, 3, SYS_clone },
		{ 0x20, 0, 0, 16 }, /* the first argument's lower half */
		{ 0x15, 0, 1, CLONE_VM | SIGCHLD },
		{ 0x06, 0, 0, 0x50000U | EINVAL }, { 0x06, 0, 0, 0x7fff0000U }
	};
	struct program program = { sizeof(filter) / sizeof(filter[0]), filter };

	return set_filter(&program);
}
#endif

/* Does one word; a NULL value was not given.  Returns 0, or -1 with errno. */
static int
do_word(const char *word, char *value)
{
	struct rlimit limit;

	errno = EINVAL;
#if defined(__linux__)
	if (strcmp(word, "plain-fork") == 0)
		return plain_fork();
#endif
	if (strcmp(word, "child") == 0)
		return zombie();
	if (strcmp(word, "sleeper") == 0)
		return sleeper();
	if (strcmp(word, "leader") == 0)
		return setsid() != -1                       ? 0 :
		    move_to_child() == -1 || setsid() == -1 ? -1 :
							      0;
	if (strcmp(word, "tty") == 0)
		return terminal();
#if defined(__linux__)
	if (strcmp(word, "pid1") == 0)
		return unshare(CLONE_NEWPID) == -1 ? -1 : move_to_child();
#endif
	if (!value)
		return -1;
	if (strcmp(word, "close") == 0)
		return close_all(value);
	if (strcmp(word, "open") == 0)
		return open_all(value);
	if (strcmp(word, "pipe") == 0)
		return broken_pipe(value);
	if (strcmp(word, "full") == 0)
		return put_on(open("/dev/full", O_WRONLY), value);
	if (strcmp(word, "socketpair") == 0)
		return socket_pair(value);
	if (strcmp(word, "inet") == 0)
		return connection(AF_INET, value);
	if (strcmp(word, "inet6") == 0)
		return connection(AF_INET6, value);
	if (strcmp(word, "listen") == 0)
		return listener(value);
	if (strcmp(word, "udp") == 0)
		return datagrams(value);
	if (strcmp(word, "block") == 0)
		return each_signal(value, block);
	if (strcmp(word, "ignore") == 0)
		return each_signal(value, ignore);
	if (strcmp(word, "raise") == 0)
		return each_signal(value, send_self);
	if (strcmp(word, "alarm") == 0)
		return (void)alarm((unsigned)atoi(value)), 0;
	if (strcmp(word, "itimer") == 0)
		return interval_timer(value);
	if (strcmp(word, "umask") == 0)
		return (void)umask((mode_t)strtoul(value, NULL, 8)), 0;
	if (strcmp(word, "nofile") == 0 &&
	    getrlimit(RLIMIT_NOFILE, &limit) == 0)
		return setrlimit(RLIMIT_NOFILE, new_limit(value, &limit));
	if (strcmp(word, "fsize") == 0 && getrlimit(RLIMIT_FSIZE, &limit) == 0)
		return setrlimit(RLIMIT_FSIZE, new_limit(value, &limit));
	if (strcmp(word, "nproc") == 0 && getrlimit(RLIMIT_NPROC, &limit) == 0)
		return setrlimit(RLIMIT_NPROC, new_limit(value, &limit));
	if (strcmp(word, "cwd") == 0)
		return strcmp(value, "deleted") == 0 ? deleted_directory() :
						       chdir(value);
#if defined(__linux__)
	if (strcmp(word, "deny") == 0)
		return deny(value);
#endif
	return -1;
}

/* Returns only if the command cannot be executed. */
static void
execute(char **argv)
{
	(void)execvp(argv[0], argv);
#if defined(__linux__)
	const char *path = strchr(argv[0], '/') ? "" : getenv("PATH");
	char *list = strdup(path ? path : "/bin:/usr/bin"), *directory,
	     file[4096];
	int error = errno;

	/* deny=execve leaves us this */
	while ((directory = strsep(&list, ":")) != NULL) {
		(void)snprintf(file, sizeof(file), "%s%s%s", directory,
		    *directory ? "/" : "", argv[0]);
		(void)syscall(SYS_execveat, AT_FDCWD, file, argv, environ, 0);
	}
	errno = error;
#endif
}

int
main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		char *value = strdup(argv[i]), *word = strsep(&value, "=");

		if (do_word(word, value) == -1)
			fail(98, argv[i], strerror(errno));
	}
	if (i + 1 >= argc)
		fail(98, "usage", "arrange WORD... -- command [argument...]");
	execute(argv + i + 1);
	fail(99, argv[i + 1], strerror(errno));
}
