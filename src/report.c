/* What the middle and the daemon tell the launcher. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "exit.h"
#include "report.h"
#include "say.h"
#include "streams.h"

void report_send(int fd, const struct report *report)
{
	while (write(fd, report, sizeof(*report)) == -1 && errno == EINTR)
		;
}

bool report_receive(int fd, struct report *report)
{
	ssize_t length;

	do length = read(fd, report, sizeof(*report));
	while (length == -1 && errno == EINTR);
	return length == (ssize_t)sizeof(*report);
}

int report_explain(const struct plan *plan, const struct report *report)
{
	static const char *const objects[STEP_EXECUTE + 1] = {
		[STEP_NAMESPACE] = "process 1 of a new pid namespace (unshare without --fork?)",
		[STEP_SETSID] = "setsid",
		[STEP_FORK] = "fork",
		[STEP_PRINT_PID] = "standard output",
		[STEP_SIGNALS] = "signals",
	};
	const char *object = objects[report->step];

	if (report->step == STEP_EXECUTE)
		return command_explain(plan->path, report->error, report->detail);
	if (report->step == STEP_STREAM) object = stream_names[report->detail];
	if (report->step == STEP_TRUNCATE) object = plan->stream[report->detail].path;
	if (report->step == STEP_IDENTITY) {
		say("-u %s: %s", plan->identity.name, strerror(report->error));
		return EXIT_FAILED;
	}
	if (report->step == STEP_LOCK) object = plan->lock[report->detail].path;
	if (report->step == STEP_LOCK && (report->error == EAGAIN || report->error == EACCES))
		say("%s: another start came between", object);
	else
		say("%s: %s", object, strerror(report->error));
	return EXIT_FAILED;
}
