/* The last steps. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "become.h"
#include "command.h"
#include "exit.h"
#include "number.h"
#include "report.h"
#include "say.h"
#include "signals.h"
#include "streams.h"

/* Each takes one step: returns 0, or -1 with errno and perhaps a detail. */

/* While descriptor 1 is still the caller's. */
static int print_pid(const struct plan *plan, int *detail)
{
	char text[NUMBER_SIZE];
	const char *begin = number_format(text, getpid());
	ssize_t length;

	(void)detail;
	if (!plan->print_pid)
		return 0;
	for (; *begin != '\0'; begin += length) {
		length = write(STDOUT_FILENO, begin, strlen(begin));
		if (length == -1 && errno != EINTR)
			return -1;
		if (length == -1)
			length = 0;
	}
	return 0;
}

static int install_streams(const struct plan *plan, int *detail)
{
	int result;

	for (*detail = 0; *detail <= 2; (*detail)++) {
		if (plan->stream[*detail].fd == -1)
			continue;
		do
			result = dup2(plan->stream[*detail].fd, *detail);
		while (result == -1 && errno == EINTR);
		if (result == -1)
			return -1;
	}
	return 0;
}

static int take_locks(const struct plan *plan, int *detail)
{
	for (*detail = 0; *detail < plan->locks; (*detail)++) {
		if (lock_live(&plan->lock[*detail], !plan->detach) == -1)
			return -1;
	}
	return 0;
}

static int take_identity(const struct plan *plan, int *detail)
{
	(void)detail;
	return identity_become(&plan->identity);
}

static int truncate_logs(const struct plan *plan, int *detail)
{
	for (*detail = 1; *detail <= 2; (*detail)++) {
		if (plan->stream[*detail].truncate && ftruncate(*detail, 0) == -1)
			return -1;
	}
	return 0;
}

static int reset_signals(const struct plan *plan, int *detail)
{
	(void)detail;
	return signals_reset(!plan->detach);
}

static int release_locks(const struct plan *plan, int *detail)
{
	for (*detail = 0; !plan->detach && *detail < plan->locks; (*detail)++) {
		if (lock_release_start(&plan->lock[*detail]) == -1)
			return -1;
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

static const struct {
	enum step step;
	int (*take)(const struct plan *plan, int *detail);
} steps[] = {
	{ STEP_PRINT_PID, print_pid },
	{ STEP_STREAM, install_streams },
	{ STEP_LOCK, take_locks },
	{ STEP_IDENTITY, take_identity },
	{ STEP_TRUNCATE, truncate_logs },
	{ STEP_SIGNALS, reset_signals },
	{ STEP_LOCK, release_locks },
	{ STEP_EXECUTE, execute },
};

struct report become(const struct plan *plan)
{
	struct report report = { .step = STEP_NONE };
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		report.step = steps[i].step;
		if (steps[i].take(plan, &report.detail) == -1)
			break;
	}
	report.error = errno;
	return report;
}

int become_here(const struct plan *plan)
{
	int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, plan->least);
	struct report report;

	if (saved == -1)
		die(EXIT_FAILED, "%s: %s", stream_names[2], strerror(errno));
	if (plan->locks > 0 && signals_hold(lock_abandon) == -1)
		die(EXIT_FAILED, "signals: %s", strerror(errno));
	report = become(plan);
	(void)signals_shield(); /* it worked before; SIGPIPE may be unblocked again */
	/* if this fails the message goes to the log, the next best place */
	(void)dup2(saved, STDERR_FILENO);
	if (report.step == STEP_LOCK && report.error == EAGAIN)
		lock_keep(); /* the file is another's now */
	return report_explain(plan, &report);
}
