/* SPDX-License-Identifier: ISC */
/*
 * yardstick [-o LOG] [-p PIDFILE] [-c DIR] [-m MODE] COMMAND [ARGUMENT...]
 *
 * The yardstick of the bench: does the work of daemonize, without its messages
 * and fallbacks, by the fewest system calls.  The files are absolute paths.
 * Returns 0 if the command was executed, else 125.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char **command;
static int in, out, writer = -1, reader = -1;

/*
 * Makes a child that runs in the memory of its parent, which waits until the
 * child has executed something or ended.
 */
static pid_t
start_child(int (*body)(void *), int which)
{
	static _Alignas(4096) char stack[2][4096 + 16384]; /* with a guard */

	if (mprotect(stack[which], 4096, PROT_NONE) == -1)
		return -1;
	return clone(body, stack[which] + sizeof(stack[0]),
	    CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
}

static int
lock(int fd, short type, int byte)
{
	struct flock lock = { .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1 };

	return fcntl(fd, F_SETLK, &lock);
}

/* Puts the start time, in clock ticks, into the nanoseconds of the file's
 * modification time.  Returns 0, or 1 if it fails. */
static int
stamp(void)
{
	struct timespec times[2];
	char text[1024], *field;
	struct stat st;
	ssize_t length;
	int fd, i;

	fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	length = read(fd, text, sizeof(text) - 1);
	if (length == -1 || close(fd) == -1 || fstat(writer, &st) == -1)
		return 1;
	text[length] = '\0';
	field = strrchr(text, ')');
	for (i = 2; field && i < 22; i++)
		field = strchr(field + 1, ' ');
	if (!field)
		return 1;
	times[0] = times[1] = st.st_mtim;
	times[1].tv_nsec = (long)(strtoull(field, NULL, 10) % 1000000000);
	return futimens(writer, times) == -1;
}

/*
 * Writes the process id to the pid file, and locks byte 1 of it for the
 * command. Returns 0, or 1 if it fails.
 */
static int
sign(void)
{
	char text[16], *digit = text + sizeof(text);
	pid_t pid = getpid();

	for (*--digit = '\n'; pid > 0; pid /= 10)
		*--digit = (char)('0' + pid % 10);
	return lock(writer, F_WRLCK, 1) == -1 ||
	    pwrite(writer, digit, (size_t)(text + sizeof(text) - digit), 0) ==
	    -1 ||
	    ftruncate(writer, text + sizeof(text) - digit) == -1 || stamp() ||
	    close(writer) == -1 || dup2(reader, 3) == -1 ||
	    close(reader) == -1 || lock(3, F_RDLCK, 1) == -1;
}

static int
run_daemon(void *unused)
{
	static const unsigned long action[8]; /* the kernel's: default */
	static const sigset_t none;
	int number;

	(void)unused;
	if (dup2(in, 0) == -1 || dup2(out, 1) == -1 || dup2(out, 2) == -1)
		return 125;
	if (writer != -1 && sign())
		return 125;
	for (number = 1; number < NSIG; number++) {
		if (number == SIGKILL || number == SIGSTOP)
			continue;
		if (syscall(SYS_rt_sigaction, number, action, NULL, NSIG / 8) ==
		    -1)
			return 125;
	}
	if (sigprocmask(SIG_SETMASK, &none, NULL) == -1)
		return 125;
	return execve(command[0], command, environ);
}

/*
 * Waits for the end of the pipe, and asks setpgid(2) whether the daemon has
 * executed the command.  The pipe is made here, since the launcher, which waits
 * in start_child(), cannot close its end.
 */
static int
run_intermediate(void *unused)
{
	int pipe[2], daemon;

	(void)unused;
	if (setsid() == -1 || pipe2(pipe, O_CLOEXEC) == -1)
		return 125;
	daemon = start_child(run_daemon, 1);
	if (daemon == -1 || close(pipe[1]) == -1 ||
	    read(pipe[0], &pipe[1], 1) != 0)
		return 125;
	return setpgid(daemon, getpid()) == -1 && errno == EACCES ? 0 : 125;
}

int
main(int argc, char **argv)
{
	const char *log = NULL, *pidfile = NULL, *directory = "/", *mask = "0";
	int option, status;
	sigset_t all;

	while ((option = getopt(argc, argv, "+o:p:c:m:")) != -1) {
		if (option == 'o')
			log = optarg;
		if (option == 'p')
			pidfile = optarg;
		if (option == 'c')
			directory = optarg;
		if (option == 'm')
			mask = optarg;
	}
	command = argv + optind;
	if (fcntl(0, F_GETFD) + fcntl(1, F_GETFD) + fcntl(2, F_GETFD) < 0)
		return 125;
	if (syscall(SYS_close_range, 3U, UINT_MAX, 0) == -1)
		return 125;
	(void)umask((mode_t)strtoul(mask, NULL, 8));
	in = out = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (log &&
	    (out = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
		 0644)) == -1)
		return 125;
	if (pidfile &&
	    ((writer = open(pidfile, O_RDWR | O_CREAT | O_CLOEXEC, 0644)) ==
		    -1 ||
		lock(writer, F_WRLCK, 0) == -1 ||
		(reader = open(pidfile, O_RDONLY | O_CLOEXEC)) == -1))
		return 125;
	if (in == -1 || chdir(directory) == -1 || sigfillset(&all) == -1 ||
	    sigprocmask(SIG_BLOCK, &all, NULL) == -1 ||
	    signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return 125;
	if (start_child(run_intermediate, 0) == -1 || wait(&status) == -1)
		return 125;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
