/* The last steps. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "become.h"
#include "command.h"
#include "exit.h"
#include "report.h"
#include "say.h"
#include "signals.h"
#include "streams.h"

/* Each takes one step: returns 0, or -1 with errno and perhaps a detail. */

/* While descriptor 1 is still the caller's. */
static int print_pid(const struct plan *plan)
{
	char text[NUMBER_SIZE];
	const char *begin = format_number(text, getpid());
	ssize_t length;

	if (!plan->print_pid) return 0;
	for (; *begin != '\0'; begin += length) {
		length = write(STDOUT_FILENO, begin, strlen(begin));
		if (length == -1 && errno != EINTR) return -1;
		if (length == -1) length = 0;
	}
	return 0;
}

static int install_streams(const struct plan *plan, int *detail)
{
	int result;

	for (*detail = 0; *detail <= 2; (*detail)++) {
		if (plan->stream[*detail].fd == -1) continue;
		do result = dup2(plan->stream[*detail].fd, *detail);
		while (result == -1 && errno == EINTR);
		if (result == -1) return -1;
	}
	return 0;
}

static int take_locks(const struct plan *plan, int *detail)
{
	for (*detail = 0; *detail < plan->locks; (*detail)++) {
		if (lock_live(&plan->lock[*detail], !plan->detach) == -1) return -1;
	}
	return 0;
}

static int truncate_logs(const struct plan *plan, int *detail)
{
	for (*detail = 1; *detail <= 2; (*detail)++) {
		if (plan->stream[*detail].truncate && ftruncate(*detail, 0) == -1) return -1;
	}
	return 0;
}

static int release_locks(const struct plan *plan, int *detail)
{
	for (*detail = 0; !plan->detach && *detail < plan->locks; (*detail)++) {
		if (lock_release_start(&plan->lock[*detail]) == -1) return -1;
	}
	return 0;
}

static int execute(const struct plan *plan, int *detail)
{
	bool by_shell;

	command_execute(plan->path, plan->argv, &by_shell);
	*detail = by_shell;
	return -1;
}

/* Names the step for the report; whether it failed. */
#define FAILS(name, act) (report.step = (name), (act) == -1)

struct report become(const struct plan *plan)
{
	struct report report = { .detail = 0 };
	int *detail = &report.detail;

	if (FAILS(STEP_PRINT_PID, print_pid(plan)) ||
		FAILS(STEP_STREAM, install_streams(plan, detail)) ||
		FAILS(STEP_LOCK, take_locks(plan, detail)) ||
		FAILS(STEP_IDENTITY, identity_become(&plan->identity)) ||
		FAILS(STEP_TRUNCATE, truncate_logs(plan, detail)) ||
		FAILS(STEP_SIGNALS, signals_reset(!plan->detach)) ||
		FAILS(STEP_LOCK, release_locks(plan, detail)) ||
		FAILS(STEP_EXECUTE, execute(plan, detail)))
		report.error = errno;
	return report;
}

int become_here(const struct plan *plan)
{
	int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, plan->least);
	struct report report;

	if (saved == -1) fail(stream_names[2]);
	if (signals_hold(lock_abandon) == -1) fail("signals");
	report = become(plan);
	(void)signals_shield(); /* it worked before; SIGPIPE may be unblocked again */
	/* if this fails the message goes to the log, the next best place */
	(void)dup2(saved, STDERR_FILENO);
	if (report.step == STEP_LOCK && report.error == EAGAIN)
		lock_keep(); /* the file is another's now */
	return report_explain(plan, &report);
}
