/* SPDX-License-Identifier: ISC */
/*
 * inject EVENTS WORD... -- COMMAND [ARGUMENT...]
 *
 * Runs a command, traces the system calls of its processes, and lets something
 * happen at one of them.  Only for Linux.
 *
 * The processes are named in the order of their birth: launcher (the command,
 * leader of a process group of its own), intermediate, logger and logger2 (as
 * many as loggers=N says), daemon, other.  Each is traced until it executes
 * something or ends.  What it executes is held back until the launcher has
 * ended, so that nothing depends on the time that it takes.
 *
 * The system calls of each process are counted from 1: those of the launcher
 * from its first rt_sigprocmask on, with which main() begins (the loader makes
 * those before), those of the others from the fork on.  Where the launcher
 * wakes the intermediate process up, which it does the more often the slower
 * the machine is, neither kill(2) counts nor the poll(2) whose time was over:
 * the next one has its number.
 *
 *	trace			writes each call to EVENTS
 *	at=PROCESS.NUMBER	this call is the point:
 *	fail=ERRNO		the call is not made, and fails
 *	done=ERRNO		the call is made, and fails all the same
 *	run=COMMAND		the shell runs a command before the call
 *	send=SIGNAL		the process gets a signal before the call
 *	group=SIGNAL		so does the process group of the launcher; after
 *				STOP it gets CONT, a moment later
 *	lock=FILE		writes who holds the locks of FILE, once the
 *				launcher has ended
 *	free=FILE		holds nothing back; what was executed gets TERM
 *				once FILE is there and the launcher has ended
 *	loggers=N		so many processes are born before the daemon
 *	seconds=N		ends all processes after that time (10)
 *
 * ERRNO and SIGNAL are numbers.  EVENTS becomes a file of lines in the order of
 * what happens, until no process is left:
 *
 *	call PROCESS NUMBER NAME	for trace
 *	at PROCESS NUMBER NAME		the point has been reached
 *	exec PROCESS PID		the process has executed something
 *	end PROCESS STATUS		it has ended; -N: by signal N
 *	lock BYTE PID			for bytes 0 and 1; PID 0: nobody
 *	late				the time was over
 *
 * Returns the status of the launcher, 128+N if signal N has ended it, or 98 if
 * inject has failed.
 */
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
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"

/*
 * Where the number, the result and the first argument of a system call are: an
 * offset into struct user, or the number of a register.
 */
#if defined(__x86_64__)
enum {
	NUMBER = offsetof(struct user, regs.orig_rax),
	RESULT = offsetof(struct user, regs.rax),
	ARGUMENT = offsetof(struct user, regs.rdi)
};
#elif defined(__i386__)
enum {
	NUMBER = offsetof(struct user, regs.orig_eax),
	RESULT = offsetof(struct user, regs.eax),
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
#error "add the registers of this architecture"
#endif

enum {
	FOLLOW = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE
};
enum {
	OPTIONS = PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD
};

enum {
	STATUS_FAILED = 98,
	MOMENT = 10000 /* microseconds */
};

struct process {
	pid_t pid;
	bool counts;   /* its calls are counted */
	bool executed; /* something, and is no longer traced */
	bool held;     /* stopped until the launcher has ended */
	bool ended;
	int calls;
	bool polls;    /* its last call was poll(2) */
	int error;     /* 0, or with which its current call is to fail */
	long argument; /* 0, or that of brk(2), which is to be put back */
};

static const char *const names[] = { "launcher", "intermediate", "logger",
	"logger2", "daemon", "other" };
static struct process processes[16]; /* the first is the launcher */
static size_t count;
static FILE *events;

/* What the words say. */
static bool trace;
static const char *run_command, *free_file, *lock_file, *at_name = "";
static int at_number, fail_error, done_error, send_signal, group_signal;
static int seconds = 10, loggers;

static bool has_acted;   /* the point has been reached */
static bool awaits_cont; /* the launcher's process group has been stopped */
static bool is_over;     /* what was executed has got TERM */
static int moments;      /* since the launcher ended, with free=FILE */
static volatile sig_atomic_t is_late;

static _Noreturn void
fail(const char *object)
{
	(void)fprintf(stderr, "inject: %s: %s\n", object, strerror(errno));
	/* The kernel ends what is traced (PTRACE_O_EXITKILL). */
	_exit(STATUS_FAILED);
}

/* Writes to EVENTS. */
static void record(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static void
record(const char *format, ...)
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
	const size_t first_logger = 2, most_loggers = 2, other = 5;
	size_t i = (size_t)(process - processes);

	/* The names of loggers that there are not are skipped. */
	if (i >= first_logger + (size_t)loggers)
		i += most_loggers - (size_t)loggers;
	return names[i < other ? i : other];
}

/* Returns true if the point is a call of this process. */
static bool
has_point(const struct process *process)
{
	return strcmp(name_of(process), at_name) == 0;
}

/* Returns the name of a system call, or its number if it has none here. */
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
#if defined(SYS_fork)
	/* Newer architectures have none of these. */
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

/*
 * Each of these sets NUMBER, RESULT or ARGUMENT of a stopped process.  Returns
 * -1 with errno if it cannot; ESRCH if the process has been killed.
 */
#if defined(__aarch64__)
static long
set_register(pid_t pid, int place, long value)
{
	void *general = (void *)1L; /* NT_PRSTATUS */
	struct user_regs_struct registers;
	struct iovec all = { &registers, sizeof(registers) };
	int number = (int)value;
	struct iovec call = { &number, sizeof(number) };

	if (place == NUMBER)
		return ptrace(PTRACE_SETREGSET, pid, (void *)(long)NT_CALL,
		    &call);
	if (ptrace(PTRACE_GETREGSET, pid, general, &all) == -1)
		return -1;
	registers.regs[place] = (unsigned long long)value;
	return ptrace(PTRACE_SETREGSET, pid, general, &all);
}
#else
static long
set_register(pid_t pid, int place, long value)
{
	return ptrace(PTRACE_POKEUSER, pid, (void *)(long)place, (void *)value);
}
#endif

static void
poke(pid_t pid, int place, long value)
{
	if (set_register(pid, place, value) == -1 && errno != ESRCH)
		fail("registers");
}

static void
send_signal_to(pid_t pid, int signo)
{
	if (kill(pid, signo) == -1 && errno != ESRCH)
		fail("kill");
}

/*
 * Lets a stopped process go on, with a signal or 0: to its next system call, if
 * that is of interest, else until something else stops it.
 */
static void
go_on(const struct process *process, int signo)
{
	bool awaits_point = !has_acted && has_point(process);
	bool to_call = trace || process->error != 0 || awaits_point;
	int request = PTRACE_CONT;

	if (to_call && !process->executed)
		request = PTRACE_SYSCALL;
	if (ptrace(request, process->pid, NULL, (void *)(long)signo) == -1 &&
	    errno != ESRCH)
		fail("ptrace");
}

static void
on_alarm(int signo)
{
	is_late = signo;
}

/*
 * Sets the time of the next alarm.  It comes again and again from then on, for
 * one may come just before the wait that it is to interrupt.
 */
static void
set_time(time_t whole, suseconds_t micro)
{
	struct itimerval timer = { { 0, MOMENT }, { whole, micro } };

	is_late = 0;
	if (setitimer(ITIMER_REAL, &timer, NULL) == -1)
		fail("setitimer");
}

/* Lets the current call of a process fail; it is about to be made. */
static void
fail_call(struct process *process, const char *call, long argument)
{
	if (strcmp(call, "brk") == 0) {
		/*
		 * brk(2) has no errors: it fails if it returns the end that
		 * there was.  So it is made with an argument without effect.
		 */
		process->argument = argument;
		poke(process->pid, ARGUMENT, 0);
	} else {
		/* There is no call of this number, so none is made. */
		poke(process->pid, NUMBER, -1);
	}
}

/* Does what the words say, when the process has reached the point. */
static void
act(struct process *process, const char *call, long argument)
{
	has_acted = true;
	record("at %s %d %s\n", name_of(process), process->calls, call);
	if (run_command != NULL && system(run_command) != 0)
		fail(run_command);
	if (send_signal != 0)
		send_signal_to(process->pid, send_signal);
	if (group_signal != 0)
		send_signal_to(-processes[0].pid, group_signal);
	if (group_signal == SIGSTOP) {
		awaits_cont = true;
		set_time(0, MOMENT);
	}
	if (fail_error != 0) {
		process->error = fail_error;
		fail_call(process, call, argument);
	} else {
		process->error = done_error;
	}
}

/* Returns true if a process is about to send SIGCONT because the time of its
 * poll(2) was over. */
static bool
is_wake(const struct process *process, const char *call, long signo)
{
	return process->polls && strcmp(call, "kill") == 0 && signo == SIGCONT;
}

/* A process is about to make a system call. */
static void
on_call_entry(struct process *process, const struct __ptrace_syscall_info *info)
{
	const char *call = call_name(info->entry.nr);

	if (strcmp(call, "rt_sigprocmask") == 0)
		process->counts = true;
	if (!process->counts)
		return;
	if (is_wake(process, call, (long)info->entry.args[1])) {
		process->calls--;
		process->polls = false;
		return;
	}
	process->polls =
	    strcmp(call, "poll") == 0 || strcmp(call, "ppoll") == 0;
	process->calls++;
	if (trace)
		record("call %s %d %s\n", name_of(process), process->calls,
		    call);
	if (process->calls == at_number && has_point(process))
		act(process, call, (long)info->entry.args[0]);
}

/* A process has made a system call. */
static void
on_call_exit(struct process *process)
{
	if (process->error == 0)
		return;
	if (process->argument != 0)
		poke(process->pid, ARGUMENT, process->argument);
	else
		poke(process->pid, RESULT, -process->error);
	process->argument = 0;
	process->error = 0;
}

static void
on_call(struct process *process)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, process->pid, (void *)sizeof(info),
		&info) == -1) {
		if (errno != ESRCH)
			fail("PTRACE_GET_SYSCALL_INFO");
	} else if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		on_call_entry(process, &info);
	} else {
		on_call_exit(process);
	}
	go_on(process, 0);
}

static void
on_exec(struct process *process)
{
	static bool is_running;

	if (process == processes && !is_running) {
		/* The child of start() has executed the command. */
		is_running = true;
	} else {
		record("exec %s %ld\n", name_of(process), (long)process->pid);
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

/* Returns the process of that id, which becomes known if it is new. */
static struct process *
find(pid_t pid)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (processes[i].pid == pid)
			return &processes[i];
	}
	if (count == sizeof(processes) / sizeof(processes[0])) {
		errno = EOVERFLOW;
		fail("processes");
	}
	processes[count] = (struct process){ .pid = pid, .counts = count > 0 };
	return &processes[count++];
}

/*
 * A process has a new child.  It becomes known now, so that the order is that
 * of the births, whichever process is seen first.
 */
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
	int signo = WSTOPSIG(status);
	int event = status >> 16;

	if (signo == (SIGTRAP | 0x80)) {
		on_call(process);
	} else if (event == PTRACE_EVENT_EXEC) {
		on_exec(process);
	} else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
	    event == PTRACE_EVENT_CLONE) {
		on_birth(process);
		go_on(process, 0);
	} else if (event == PTRACE_EVENT_STOP && signo != SIGTRAP) {
		/* A signal has stopped it, until it gets CONT. */
		if (ptrace(PTRACE_LISTEN, process->pid, NULL, NULL) == -1 &&
		    errno != ESRCH)
			fail("PTRACE_LISTEN");
	} else {
		go_on(process, event != 0 ? 0 : signo);
	}
}

/* Writes who holds the locks of the file. */
static void
record_locks(void)
{
	int fd = open(lock_file, O_RDWR | O_CLOEXEC);
	int byte;

	if (fd == -1 && errno != ENOENT)
		fail(lock_file);
	for (byte = 0; byte <= 1; byte++) {
		struct flock lock = { .l_type = F_WRLCK,
			.l_start = byte,
			.l_len = 1 };
		long holder = 0;

		if (fd != -1 && fcntl(fd, F_GETLK, &lock) == -1)
			fail(lock_file);
		if (fd != -1 && lock.l_type != F_UNLCK)
			holder = (long)lock.l_pid;
		record("lock %d %ld\n", byte, holder);
	}
	if (fd != -1)
		(void)close(fd);
}

static void
on_end(struct process *process, int status)
{
	size_t i;

	/* An orphan's end is seen twice: it is traced, and becomes a child. */
	if (process->ended)
		return;
	process->ended = true;
	record("end %s %d\n", name_of(process),
	    WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
	if (process != processes)
		return;
	if (lock_file != NULL)
		record_locks();
	if (free_file != NULL && !awaits_cont)
		set_time(0, MOMENT);
	for (i = 1; i < count; i++) {
		if (processes[i].held && !processes[i].ended)
			go_on(&processes[i], 0);
		processes[i].held = false;
	}
}

/*
 * Sends a signal to the processes that have not ended, or only to those of them
 * that have executed something.
 */
static void
send_to_rest(int signo, bool only_executed)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (only_executed && !processes[i].executed)
			continue;
		if (!processes[i].ended)
			send_signal_to(processes[i].pid, signo);
	}
}

/*
 * An alarm, which is of one of three kinds: each moment after the end of the
 * launcher, with free=FILE; a moment after STOP; the end of the time.
 */
static void
on_time(void)
{
	if (free_file != NULL && processes[0].ended && !is_over) {
		is_over = access(free_file, F_OK) == 0;
		if (is_over) {
			send_to_rest(SIGTERM, true);
			set_time(seconds, 0);
			return;
		}
		if (++moments < seconds * 100)
			return;
	}

	if (awaits_cont) {
		awaits_cont = false;
		set_time(seconds, 0);
		send_signal_to(-processes[0].pid, SIGCONT);
		return;
	}
	set_time(1, 0);
	record("late\n");
	send_to_rest(SIGKILL, false);
}

/* Starts the command, which waits at the gate until it is traced. */
static void
start(char **argv)
{
	int gate[2];
	pid_t pid;
	char byte;

	if (pipe(gate) == -1 || fcntl(gate[0], F_SETFD, FD_CLOEXEC) == -1)
		fail("pipe");
	pid = fork();
	if (pid == -1)
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

static _Noreturn void
fail_usage(const char *object)
{
	errno = EINVAL;
	fail(object);
}

/* Sets the variable of a word, if its value is a number. */
static bool
set_number(const char *word, int number)
{
	static const struct {
		const char *name;
		int *variable;
	} numbers[] = {
		{ "fail", &fail_error },
		{ "done", &done_error },
		{ "send", &send_signal },
		{ "group", &group_signal },
		{ "seconds", &seconds },
		{ "loggers", &loggers },
	};
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(word, numbers[i].name) == 0) {
			*numbers[i].variable = number;
			return true;
		}
	}
	return false;
}

static void
do_word(char *word)
{
	char *value = word + strcspn(word, "=");

	if (*value != '\0')
		*value++ = '\0';
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
		at_number = value != NULL ? atoi(value) : 0;
	} else if (!set_number(word, atoi(value))) {
		fail_usage(word);
	}
}

/* Handles all that happens, until no process is left.  Returns the status. */
static int
trace_all(void)
{
	int status, result = STATUS_FAILED;
	pid_t pid;

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
	return result;
}

int
main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	int i, status;

	if (argc < 2)
		fail_usage("usage");
	events = fopen(argv[1], "we");
	if (events == NULL)
		fail(argv[1]);
	for (i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
		do_word(argv[i]);
	if (i + 1 >= argc)
		fail_usage("usage");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1L) == -1 ||
	    sigaction(SIGALRM, &action, NULL) == -1)
		fail("prctl");

	start(argv + i + 1);
	status = trace_all();
	if (fclose(events) == EOF)
		fail("EVENTS");
	return status;
}
#endif
