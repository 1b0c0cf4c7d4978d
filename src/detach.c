#include "detach.h"
#include "become.h"
#include "diag.h"
#include "signals.h"
#include "streams.h"
#include "watch.h"
#include <poll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* The exit statuses of the middle. */
enum verdict {
	EXECUTED,
	NOT_EXECUTED,
	UNKNOWN
};

struct start {
	const struct plan *plan;
	bool shared;   /* memory, with the children */
	int report[2]; /* the pipe: read end, write end */
	int leash[2];  /* the launcher's end, the middle's; only if somebody
			  watches */
};

static int
run_daemon(void *argument)
{
	const struct start *start = argument;
	struct report report = { .detail = getpid() };
	(void)report_send(start->report[1],
	    &report); /* else the verdict alone tells */
	report = become(start->plan);
	(void)report_send(start->report[1], &report);
	return EXIT_FAILED;
}

/* What became of a child that lost the pipe: setpgid(2) fails with EACCES if it
 * has executed, also as a zombie; with EPERM in another session, where only the
 * command can have taken it. */
static enum verdict
judge(pid_t daemon)
{
	if (setpgid(daemon, getpid()) == 0)
		return NOT_EXECUTED;
	if (errno == EACCES || (errno == EPERM && getsid(daemon) != getsid(0)))
		return EXECUTED;
	return UNKNOWN;
}

/* Closes the ends that belong to others; mine is our end of the leash. */
static void
close_ends(const struct start *start, int mine)
{
	(void)close(start->report[1]); /* is open, and we never write to it */
	if (!start->plan->watched)
		return;
	(void)close(start->leash[1 - mine]);
	if (start->plan->ready.number > 2)
		(void)close(start->plan->ready.number);
}

static void
wake_up(int number)
{
	(void)number;
}

/* Sends the verdict and waits for the end of the command, or of the launcher.
 */
static void
stay(int leash, pid_t daemon)
{
	struct sigaction action = { .sa_handler = wake_up };
	struct report report = { 0 };
	siginfo_t end = { 0 };
	sigset_t mask;
	fd_set set;
	(void)sigfillset(&mask);
	(void)sigdelset(&mask, SIGCHLD);
	if (sigaction(SIGCHLD, &action, NULL) == -1)
		return;
	if (report_send(leash, &report) == -1)
		return;
	do { /* SIGCHLD comes only during the pselect() */
		if (waitid(P_PID, (id_t)daemon, &end, WEXITED | WNOHANG) ==
			-1 &&
		    errno != EINTR)
			return;
		FD_ZERO(&set);
		FD_SET((unsigned)leash, &set);
	} while (end.si_pid == 0 &&
	    pselect(leash + 1, &set, NULL, NULL, NULL, &mask) == -1 &&
	    errno == EINTR);
	if (end.si_pid == 0)
		return;
	report =
	    (struct report){ .error = end.si_code, .detail = end.si_status };
	(void)report_send(leash, &report); /* else the launcher sees our end */
}

static int
run_middle(void *argument)
{
	struct start *start = argument;
	struct pollfd end = { .fd = start->report[0] };
	struct report report = {
		"process 1 of a new pid namespace (unshare without --fork?)",
		EPERM, 0
	};
	pid_t daemon = -1;
	if (getpid() !=
	    1) { /* else our end would be the end of the namespace */
		bool leads = setsid() != -1;
		report.object = leads ? "fork" : "setsid";
		if (leads)
			daemon = compat_start_child(run_daemon, start,
			    start->shared);
		report.error = errno;
	}
	if (daemon == -1) {
		(void)report_send(start->report[1], &report);
		return NOT_EXECUTED;
	}
	close_ends(start, 1);
	while (poll(&end, 1, -1) == -1 && errno == EINTR)
		continue;
	enum verdict verdict = end.revents & POLLHUP ? judge(daemon) : UNKNOWN;
	if (verdict == EXECUTED && start->plan->watched)
		stay(start->leash[1], daemon);
	return (int)verdict;
}

/* Waits for the middle's verdict; without one, ends its process group, and the
 * daemon anywhere. */
static enum verdict
await_verdict(const struct start *start, pid_t middle, pid_t daemon)
{
	const bool watched = start->plan->watched;
	struct report report;
	siginfo_t end = { 0 };
	if (watched && report_receive(start->leash[0], &report))
		return EXECUTED;
	if (watched)
		(void)close(
		    start->leash[0]); /* a middle that stays ends by it */
	/* it stays a zombie, so that its number stays its own */
	while (waitid(P_PID, (id_t)middle, &end, WEXITED | WNOWAIT) == -1 &&
	    errno == EINTR)
		continue;
	/* where it stays it would have reported success */
	bool known = end.si_code == CLD_EXITED &&
	    !(watched && end.si_status == EXECUTED);
	enum verdict verdict = known ? (enum verdict)end.si_status : UNKNOWN;
	if (verdict == UNKNOWN)
		(void)end_command(middle, daemon, SIGKILL); /* or as good as */
	else
		(void)waitpid(middle, NULL, 0);
	return verdict;
}

/* Makes two ends close-on-exec, out of the command's way, if they were made. */
static void
raise_ends(int ends[2], int made, const char *what, int least)
{
	if (made == -1 || streams_raise(&ends[0], least) == -1 ||
	    streams_raise(&ends[1], least) == -1)
		die_errno(what);
}

int
detach(const struct plan *plan)
{
	struct start start = { .plan = plan };
	/* not with a user's process, nor with a middle that stays, nor where a
	 * preloaded library, valgrind's for one, may count on fork */
	start.shared =
	    !plan->identity.name && !plan->watched && !getenv("LD_PRELOAD");
	struct report report, failure = { 0 };
	pid_t daemon = -1;
	raise_ends(start.report, pipe(start.report), "pipe", plan->least);
	if (plan->watched) {
		int made = socketpair(AF_UNIX, SOCK_STREAM, 0, start.leash);
		raise_ends(start.leash, made, "socketpair", plan->least);
		errno = EMFILE; /* pselect(2) takes no greater ones */
		if (start.leash[0] >= FD_SETSIZE ||
		    start.leash[1] >= FD_SETSIZE)
			die_errno("socketpair");
	}
	if (signals_hold(lock_remove_unfinished) == -1)
		die_errno("signals");
	if (plan->watched && signals_catch() == -1)
		die_errno("signals");
	pid_t middle = compat_start_child(run_middle, &start, start.shared);
	if (middle == -1)
		die_errno("fork");
	close_ends(&start, 0);
	/* a stop of our group may catch the middle on its way out of it, where
	 * no CONT for the group reaches it any more */
	struct pollfd first = { .fd = start.report[0], .events = POLLIN };
	for (int ready; (ready = poll(&first, 1, 100)) == 0 ||
	     (ready == -1 && errno == EINTR);)
		(void)kill(middle, SIGCONT);
	while (report_receive(start.report[0], &report)) {
		if (report.object)
			failure = report;
		else
			daemon = report.detail;
	}
	enum verdict verdict = await_verdict(&start, middle, daemon);
	if (failure.object)
		report_explain(plan, &failure);
	if (verdict != EXECUTED)
		die(EXIT_FAILED, "%s: the %s", plan->path,
		    verdict == UNKNOWN ? "middle process gave no verdict" :
					 "daemon died before the exec");
	if (plan->verbose)
		warn("process %ld runs %s, output in %s, errors in %s",
		    (long)daemon, plan->path, plan->stream[1].path,
		    plan->stream[2].path);
	if (plan->watched)
		watch(plan, start.leash[0], middle, daemon);
	lock_start_succeeded();
	return EXIT_STARTED;
}
