/* SPDX-License-Identifier: ISC */
/* Runs a command, sees each system call of its processes, and at one of them
 * runs another, sends a signal, or has it fail. */
#if !defined(__linux__)
#include <stdio.h>

int
main(void)
{
	(void)fputs("inject: only for Linux\n", stderr);
	return 98;
}
#else
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * inject EVENTS WORD... -- command [argument...]
 *
 * The processes are named in the order of their birth: launcher (the command,
 * leader of a process group of its own), intermediate, as many loggers as
 * loggers=N says (logger, logger2), daemon, other.  Each is
 * followed until it executes something or ends.  What it executes is held back
 * until the launcher has ended, so that nothing depends on the time that it
 * takes.  The system calls of each are counted from 1: the launcher's from its
 * first rt_sigprocmask on, with which main() begins (what is before is the
 * loader's), the others' from the fork on.
 *
 *	trace			tell each call
 *	at=PROCESS.NUMBER	at this call, when it is about to be made:
 *	fail=ERRNO		it is not made, and fails
 *	done=ERRNO		it is made, and says that it failed (like close)
 *	run=COMMAND		the shell runs a command first
 *	send=SIGNAL		the process gets a signal first
 *	group=SIGNAL		the launcher's process group does; a moment
 *				after STOP it gets CONT
 *	lock=FILE		tell who has FILE locked when the launcher has
 *				ended
 *	free=FILE		nothing is held back; when the launcher has
 *				ended and FILE is there, what was executed gets
 *				TERM
 *	seconds=N		end all after that time (10)
 *	loggers=N		so many processes come before the daemon
 *
 * Errors and signals are numbers.  EVENTS becomes a file of lines in the order
 * of what happens, until no process is left:
 *
 *	call PROCESS NUMBER NAME	for trace
 *	at PROCESS NUMBER NAME		the call has been reached
 *	exec PROCESS PID		it has executed something
 *	end PROCESS STATUS		it has ended, -N by signal N
 *	lock BYTE PID			0 for nobody, bytes 0 and 1
 *	late				the time was over
 *
 * The status is the launcher's, 128+N after signal N; 98 if we failed.
 */

/* Where a call's number, result and first argument are. */
#if defined(__x86_64__)
enum {
	NUMBER = offsetof(struct user, regs.orig_rax),
	RESULT = offsetof(struct user, regs.rax)
};
enum {
	ARGUMENT = offsetof(struct user, regs.rdi)
};
#elif defined(__i386__)
enum {
	NUMBER = offsetof(struct user, regs.orig_eax),
	RESULT = offsetof(struct user, regs.eax)
};
enum {
	ARGUMENT = offsetof(struct user, regs.ebx)
};
#elif defined(__aarch64__)
enum {
	NUMBER = -1,
	RESULT = 0,
	ARGUMENT = 0,
	NT_CALL = 0x404 /* NT_ARM_SYSTEM_CALL */
};
#else
#error "say here where a call's number, result and first argument are"
#endif

enum {
	FOLLOW = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE
};
enum {
	OPTIONS = PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD
};

enum {
	MOMENT = 10000
}; /* microseconds */

struct process {
	pid_t pid;
	bool counts;   /* its calls: it has begun, and not executed anything */
	bool executed; /* is left alone from now on */
	bool held;
	bool ended;
	int calls;
	int error;     /* that the call being made is to say */
	long argument; /* of brk, to be put back: it fails without an error */
};

static const char *const names[] = { "launcher", "intermediate", "logger",
	"logger2", "daemon", "other" };
static struct process processes[16];
static size_t count;
static FILE *events;

/* What the words say. */
static bool trace;
static const char *run_command, *free_file, *lock_file, *at_name = "";
static int at_number, fail_error, done_error, send_signal, group_signal,
    seconds = 10, loggers;

static bool awaits_cont; /* the launcher's group, stopped by us */
static bool is_over;     /* what was executed has got TERM */
static int moments;      /* since the launcher ended */
static bool has_acted;   /* at that call */
static volatile sig_atomic_t is_late;

static _Noreturn void
fail(const char *object)
{
	(void)fprintf(stderr, "inject: %s: %s\n", object, strerror(errno));
	_exit(98); /* which ends what we trace */
}

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void
tell(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (vfprintf(events, format, arguments) < 0)
		fail("EVENTS");
	va_end(arguments);
}

static const char *
name_of(const struct process *process)
{
	size_t i = (size_t)(process - processes);

	if (i >= 2 + (size_t)loggers)
		i += 2 - (size_t)loggers;
	return names[i < 5 ? i : 5];
}

static const char *
call_name(uint64_t number)
{
#define CALL(name) #name, SYS_##name
	static const struct call {
		const char *name;
		uint64_t number;
	} calls[] = { { CALL(brk) }, { CALL(chdir) }, { CALL(clock_nanosleep) },
		{ CALL(clone) }, { CALL(clone3) }, { CALL(close) },
		{ CALL(close_range) }, { CALL(connect) }, { CALL(dup) },
		{ CALL(dup3) }, { CALL(execve) }, { CALL(exit) },
		{ CALL(exit_group) }, { CALL(faccessat) }, { CALL(faccessat2) },
		{ CALL(fchmod) }, { CALL(fchown) }, { CALL(fcntl) },
		{ CALL(fstat) }, { CALL(fstatfs) }, { CALL(ftruncate) },
		{ CALL(futex) }, { CALL(getcwd) }, { CALL(getdents64) },
		{ CALL(getegid) }, { CALL(geteuid) }, { CALL(getgid) },
		{ CALL(getgroups) }, { CALL(getpgid) }, { CALL(getpid) },
		{ CALL(getppid) }, { CALL(getrandom) }, { CALL(getsid) },
		{ CALL(getsockname) }, { CALL(getsockopt) }, { CALL(gettid) },
		{ CALL(getuid) }, { CALL(getxattr) }, { CALL(ioctl) },
		{ CALL(kill) }, { CALL(lseek) }, { CALL(madvise) },
		{ CALL(mmap) }, { CALL(mprotect) }, { CALL(munmap) },
		{ CALL(nanosleep) }, { CALL(newfstatat) }, { CALL(openat) },
		{ CALL(pidfd_open) }, { CALL(pidfd_send_signal) },
		{ CALL(pipe2) }, { CALL(ppoll) }, { CALL(prctl) },
		{ CALL(pread64) }, { CALL(prlimit64) }, { CALL(pwrite64) },
		{ CALL(read) }, { CALL(readlinkat) }, { CALL(recvfrom) },
		{ CALL(recvmsg) }, { CALL(restart_syscall) },
		{ CALL(rt_sigaction) }, { CALL(rt_sigpending) },
		{ CALL(rt_sigprocmask) }, { CALL(rt_sigreturn) },
		{ CALL(rt_sigtimedwait) }, { CALL(sendto) },
		{ CALL(set_robust_list) }, { CALL(set_tid_address) },
		{ CALL(setgid) }, { CALL(setgroups) }, { CALL(setitimer) },
		{ CALL(setpgid) }, { CALL(setresgid) }, { CALL(setresuid) },
		{ CALL(setsid) }, { CALL(setuid) }, { CALL(socket) },
		{ CALL(socketpair) }, { CALL(pselect6) }, { CALL(setsockopt) },
		{ CALL(bind) }, { CALL(tgkill) }, { CALL(umask) },
		{ CALL(unlinkat) }, { CALL(utimensat) }, { CALL(wait4) },
		{ CALL(waitid) }, { CALL(write) } };
#if defined(SYS_fork) /* newer architectures have none of these */
	static const struct call old_calls[] = { { CALL(access) },
		{ CALL(dup2) }, { CALL(fork) }, { CALL(getpgrp) },
		{ CALL(open) }, { CALL(pipe) }, { CALL(poll) },
		{ CALL(readlink) }, { CALL(stat) }, { CALL(unlink) },
		{ CALL(vfork) } };
#else
	static const struct call old_calls[] = { { "", (uint64_t)-1 } };
#endif
	static char other[24];
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i].number == number)
			return calls[i].name;
	}
	for (i = 0; i < sizeof(old_calls) / sizeof(old_calls[0]); i++) {
		if (old_calls[i].number == number)
			return old_calls[i].name;
	}
	(void)snprintf(other, sizeof(other), "%ju", (uintmax_t)number);
	return other;
}

/* Sets one of NUMBER, RESULT and ARGUMENT; a process that was killed has none.
 */
static void
poke(pid_t pid, int place, long value)
{
#if defined(__aarch64__)
	struct user_regs_struct registers;
	struct iovec all = { &registers, sizeof(registers) };
	int number = (int)value;
	struct iovec call = { &number, sizeof(number) };
	long result;

	if (place == NUMBER) {
		result =
		    ptrace(PTRACE_SETREGSET, pid, (void *)(long)NT_CALL, &call);
	} else {
		result = ptrace(PTRACE_GETREGSET, pid,
		    (void *)1L /* NT_PRSTATUS */, &all);
		registers.regs[place] = (unsigned long long)value;
		if (result != -1)
			result =
			    ptrace(PTRACE_SETREGSET, pid, (void *)1L, &all);
	}
#else
	long result =
	    ptrace(PTRACE_POKEUSER, pid, (void *)(long)place, (void *)value);
#endif
	if (result == -1 && errno != ESRCH)
		fail("registers");
}

static void
send(pid_t pid, int number)
{
	if (kill(pid, number) == -1 && errno != ESRCH)
		fail("kill");
}

/* Lets a stopped process go on, with a signal or 0; to its next call only if
 * that matters. */
static void
go_on(const struct process *process, int number)
{
	bool waits = !has_acted && strcmp(name_of(process), at_name) == 0;
	bool calls = !process->executed && (trace || process->error || waits);

	if (ptrace(calls ? PTRACE_SYSCALL : PTRACE_CONT, process->pid, NULL,
		(void *)(long)number) == -1 &&
	    errno != ESRCH)
		fail("ptrace");
}

static void set_time(time_t whole, suseconds_t micro);

static void
act(struct process *process, const struct __ptrace_syscall_info *info,
    const char *call)
{
	has_acted = true;
	tell("at %s %d %s\n", name_of(process), process->calls, call);
	if (run_command && system(run_command) != 0)
		fail(run_command);
	if (send_signal)
		send(process->pid, send_signal);
	if (group_signal)
		send(-processes[0].pid, group_signal);
	awaits_cont = group_signal == SIGSTOP;
	if (awaits_cont)
		set_time(0, MOMENT);
	process->error = fail_error ? fail_error : done_error;
	if (!fail_error)
		return;
	if (strcmp(call, "brk") == 0) {
		/* is to be made without effect: it says what is, not an error
		 */
		process->argument = (long)info->entry.args[0];
		poke(process->pid, ARGUMENT, 0);
	} else {
		poke(process->pid, NUMBER, -1);
	}
}

/* At the begin or the end of a system call. */
static void
on_call(struct process *process)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, process->pid, (void *)sizeof(info),
		&info) == -1) {
		if (errno != ESRCH)
			fail("PTRACE_GET_SYSCALL_INFO");
	} else if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		const char *call = call_name(info.entry.nr);

		process->counts =
		    process->counts || strcmp(call, "rt_sigprocmask") == 0;
		if (process->counts)
			process->calls++;
		if (process->counts && trace)
			tell("call %s %d %s\n", name_of(process),
			    process->calls, call);
		if (process->counts && process->calls == at_number &&
		    strcmp(name_of(process), at_name) == 0)
			act(process, &info, call);
	} else if (process->error) {
		if (process->argument)
			poke(process->pid, ARGUMENT, process->argument);
		else
			poke(process->pid, RESULT, -process->error);
		process->argument = 0;
		process->error = 0;
	}
	go_on(process, 0);
}

static void
on_exec(struct process *process)
{
	static bool is_running;

	if (process == processes && !is_running) {
		is_running = true; /* the command itself */
	} else {
		tell("exec %s %ld\n", name_of(process), (long)process->pid);
		process->executed = true;
		process->held =
		    !free_file && process != processes && !processes[0].ended;
		if (ptrace(PTRACE_SETOPTIONS, process->pid, NULL,
			(void *)(long)PTRACE_O_EXITKILL) == -1 &&
		    errno != ESRCH)
			fail("PTRACE_SETOPTIONS");
	}
	if (!process->held)
		go_on(process, 0);
}

static struct process *find(pid_t pid);

/* So that processes are named in this order, whichever is seen first. */
static void
on_birth(const struct process *process)
{
	unsigned long child;

	if (ptrace(PTRACE_GETEVENTMSG, process->pid, NULL, &child) == 0)
		(void)find((pid_t)child);
}

static void
on_stop(struct process *process, int status)
{
	int number = WSTOPSIG(status), event = status >> 16;

	if (number == (SIGTRAP | 0x80)) {
		on_call(process);
	} else if (event == PTRACE_EVENT_EXEC) {
		on_exec(process);
	} else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
	    event == PTRACE_EVENT_CLONE) {
		on_birth(process);
		go_on(process, 0);
	} else if (event == PTRACE_EVENT_STOP && number != SIGTRAP) {
		/* stopped by a signal */
		if (ptrace(PTRACE_LISTEN, process->pid, NULL, NULL) == -1 &&
		    errno != ESRCH)
			fail("PTRACE_LISTEN");
	} else {
		go_on(process, event ? 0 : number);
	}
}

static void
tell_locks(void)
{
	int fd = open(lock_file, O_RDWR | O_CLOEXEC), byte;

	if (fd == -1 && errno != ENOENT)
		fail(lock_file);
	for (byte = 0; byte <= 1; byte++) {
		struct flock lock = { .l_type = F_WRLCK,
			.l_start = byte,
			.l_len = 1 };

		if (fd != -1 && fcntl(fd, F_GETLK, &lock) == -1)
			fail(lock_file);
		tell("lock %d %ld\n", byte,
		    fd == -1 || lock.l_type == F_UNLCK ? 0L : (long)lock.l_pid);
	}
	if (fd != -1)
		(void)close(fd);
}

static void
on_end(struct process *process, int status)
{
	size_t i;

	if (process->ended)
		return; /* to its parent, whose heir we are */
	process->ended = true;
	tell("end %s %d\n", name_of(process),
	    WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
	if (process != processes)
		return;
	if (lock_file)
		tell_locks();
	if (free_file && !awaits_cont)
		set_time(0, MOMENT);
	for (i = 1; i < count; i++) {
		if (processes[i].held && !processes[i].ended)
			go_on(&processes[i], 0);
		processes[i].held = false;
	}
}

/* The process of that number, which may be new. */
static struct process *
find(pid_t pid)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (processes[i].pid == pid)
			return &processes[i];
	}
	errno = EOVERFLOW;
	if (count == sizeof(processes) / sizeof(processes[0]))
		fail("processes");
	processes[count] = (struct process){ .pid = pid, .counts = count > 0 };
	return &processes[count++];
}

static void
on_alarm(int number)
{
	is_late = number;
}

/* Again and again from then on: one may come just before a wait. */
static void
set_time(time_t whole, suseconds_t micro)
{
	struct itimerval timer = { { 0, MOMENT }, { whole, micro } };

	is_late = 0;
	if (setitimer(ITIMER_REAL, &timer, NULL) == -1)
		fail("setitimer");
}

/* When the moment after STOP is over, or the time for all, or a file may have
 * come. */
static void
on_time(void)
{
	size_t i;

	if (free_file && processes[0].ended && !is_over) {
		is_over = access(free_file, F_OK) == 0;
		for (i = 1; is_over && i < count; i++) {
			if (processes[i].executed && !processes[i].ended)
				send(processes[i].pid, SIGTERM);
		}
		if (is_over)
			set_time(seconds, 0);
		if (is_over || ++moments < seconds * 100)
			return;
	}

	set_time(awaits_cont ? seconds : 1, 0);
	if (awaits_cont) {
		awaits_cont = false;
		send(-processes[0].pid, SIGCONT);
		return;
	}
	tell("late\n");
	for (i = 0; i < count; i++) {
		if (!processes[i].ended)
			send(processes[i].pid, SIGKILL);
	}
}

static void
start(char **argv)
{
	int gate[2];
	pid_t pid;
	char byte;

	if (pipe(gate) == -1 || fcntl(gate[0], F_SETFD, FD_CLOEXEC) == -1 ||
	    (pid = fork()) == -1)
		fail("fork");
	if (pid == 0) {
		(void)close(gate[1]);
		if (read(gate[0], &byte, 1) != 0 || setpgid(0, 0) == -1)
			fail("child");
		(void)execvp(argv[0], argv);
		fail(argv[0]);
	}
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)(long)(OPTIONS | FOLLOW)) ==
	    -1)
		fail("PTRACE_SEIZE");
	(void)find(pid);
	if (close(gate[0]) == -1 || close(gate[1]) == -1)
		fail("pipe");
	set_time(seconds, 0);
}

static void
do_word(char *word)
{
	char *value = word + strcspn(word, "=");
	int number;

	if (*value)
		*value++ = '\0';
	number = atoi(value);
	if (strcmp(word, "trace") == 0) {
		trace = true;
	} else if (strcmp(word, "run") == 0) {
		run_command = value;
	} else if (strcmp(word, "free") == 0) {
		free_file = value;
	} else if (strcmp(word, "lock") == 0) {
		lock_file = value;
	} else if (strcmp(word, "at") == 0) {
		at_name = strsep(&value, ".");
		at_number = value ? atoi(value) : 0;
	} else {
		*(strcmp(word, "fail") == 0          ? &fail_error :
			strcmp(word, "done") == 0    ? &done_error :
			strcmp(word, "send") == 0    ? &send_signal :
			strcmp(word, "group") == 0   ? &group_signal :
			strcmp(word, "seconds") == 0 ? &seconds :
			strcmp(word, "loggers") == 0 ? &loggers :
						       (errno = EINVAL,
							   fail(word),
							   &number)) = number;
	}
}

int
main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	int i, status, result = 98;
	pid_t pid;

	errno = EINVAL;
	if (argc < 2)
		fail("usage");
	if (!(events = fopen(argv[1], "we")))
		fail(argv[1]);
	for (i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
		do_word(argv[i]);
	errno = EINVAL;
	if (i + 1 >= argc)
		fail("usage");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1L) == -1 ||
	    sigaction(SIGALRM, &action, NULL) == -1)
		fail("prctl");
	start(argv + i + 1);
	while ((pid = waitpid(-1, &status, __WALL)) != -1 || errno == EINTR) {
		if (pid == -1) {
			if (is_late)
				on_time();
		} else if (WIFSTOPPED(status)) {
			on_stop(find(pid), status);
		} else {
			on_end(find(pid), status);
			if (pid == processes[0].pid)
				result = WIFSIGNALED(status) ?
				    128 + WTERMSIG(status) :
				    WEXITSTATUS(status);
		}
	}
	if (fclose(events) == EOF)
		fail("EVENTS");
	return result;
}
#endif
