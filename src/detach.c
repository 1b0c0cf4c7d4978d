/* The three processes. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "become.h"
#include "detach.h"
#include "exit.h"
#include "report.h"
#include "say.h"
#include "signals.h"
#include "streams.h"

/* The exit statuses of the middle. */
enum verdict { EXECUTED, NOT_EXECUTED, UNKNOWN };

struct start {
	const struct plan *plan;
	int report[2]; /* the pipe: read end, write end */
};

/*
 * Starts a child that calls body and exits with its result.  Body may only do what is
 * async-signal-safe.  Returns the child's process id, or -1 with errno.
 */
static pid_t start_child(int (*body)(const struct start *), const struct start *start)
{
	pid_t child = fork();

	if (child == 0) _exit(body(start));
	return child;
}

static int run_daemon(const struct start *start)
{
	struct report report = { .detail = getpid() };

	report_send(start->report[1], &report);
	report = become(start->plan);
	report_send(start->report[1], &report);
	return EXIT_FAILED;
}

/*
 * Whether a child that no longer has the pipe has executed the command: setpgid(2) fails with
 * EACCES on a child that has executed something, also if it is a zombie by now; with EPERM on one
 * in another session, where only the command can have taken it.
 */
static enum verdict judge(pid_t daemon)
{
	if (setpgid(daemon, getpid()) == 0) return NOT_EXECUTED;
	if (errno == EACCES || (errno == EPERM && getsid(daemon) != getsid(0))) return EXECUTED;
	return UNKNOWN;
}

static int run_middle(const struct start *start)
{
	struct pollfd end = { .fd = start->report[0] };
	struct report report = { .step = STEP_SETSID };
	pid_t daemon = -1;
	int ready;

	if (getpid() == 1) {
		/* our end would be the end of the namespace */
		report.step = STEP_NAMESPACE;
		errno = EPERM;
	} else if (setsid() != -1) {
		report.step = STEP_FORK;
		daemon = start_child(run_daemon, start);
	}
	if (daemon == -1) {
		report.error = errno;
		report_send(start->report[1], &report);
		return NOT_EXECUTED;
	}
	(void)close(start->report[1]); /* is open, and we never write to it */
	do ready = poll(&end, 1, -1);
	while (ready == -1 && errno == EINTR);
	return (int)(end.revents & POLLHUP ? judge(daemon) : UNKNOWN);
}

/*
 * Waits for the middle; without a verdict of it, ends what it started: the process group that it
 * made, and the daemon if that has left it.
 */
static enum verdict await_verdict(pid_t middle, pid_t daemon)
{
	siginfo_t end = { 0 };
	int result;

	do /* it stays a zombie, so that its number stays its own */
		result = waitid(P_PID, (id_t)middle, &end, WEXITED | WNOWAIT);
	while (result == -1 && errno == EINTR);
	if (result == -1 || end.si_code != CLD_EXITED) end.si_status = UNKNOWN;
	if (end.si_status == UNKNOWN) {
		(void)kill(-middle, SIGKILL); /* no such group: none is left */
		if (daemon > 0 && getsid(daemon) == daemon) (void)kill(daemon, SIGKILL);
	}
	(void)waitpid(middle, NULL, 0);
	return (enum verdict)end.si_status;
}

int detach(const struct plan *plan)
{
	struct start start = { .plan = plan };
	struct report report, failure = { .step = STEP_NONE };
	enum verdict verdict;
	pid_t middle, pid = -1;
	int i;

	if (pipe(start.report) == -1 || fcntl(start.report[0], F_SETFD, FD_CLOEXEC) == -1 ||
		(start.report[1] = streams_raise(start.report[1], plan->least)) == -1)
		fail("pipe");
	if (signals_hold(lock_abandon) == -1) fail("signals");
	middle = start_child(run_middle, &start);
	if (middle == -1) fail("fork");
	(void)close(start.report[1]); /* is open, and we never write to it */
	while (report_receive(start.report[0], &report)) {
		if (report.step == STEP_NONE)
			pid = report.detail;
		else
			failure = report;
	}
	verdict = await_verdict(middle, pid);
	for (i = 0; verdict == UNKNOWN && i < plan->locks; i++) lock_await_end(&plan->lock[i]);
	if (failure.step != STEP_NONE) return report_explain(plan, &failure);
	if (verdict != EXECUTED)
		die(EXIT_FAILED, "%s: the %s", plan->path,
			verdict == UNKNOWN ? "middle process gave no verdict" :
					     "daemon died before the exec");
	lock_keep();
	if (plan->verbose) say("process %ld runs %s", (long)pid, plan->path);
	return EXIT_STARTED;
}
