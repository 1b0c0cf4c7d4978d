#include "become.h"
#include "command.h"
#include "diag.h"
#include "signals.h"
#include "streams.h"

/* Writes few bytes in one piece: returns 0, or -1 with errno. */
static int
put(int fd, const void *data, size_t size)
{
	ssize_t length;
	do
		length = write(fd, data, size);
	while (length == -1 && errno == EINTR);
	if (length >= 0 && (size_t)length < size)
		errno = ENOSPC;
	return length == (ssize_t)size ? 0 : -1;
}

static struct report
failed(const char *object)
{
	return (struct report){ object, errno, 0 };
}

struct report
become(const struct plan *plan)
{
	char text[NUMBER_SIZE];
	const char *number = format_number(text, getpid());
	if (plan->print_pid && put(STDOUT_FILENO, number, strlen(number)) == -1)
		return failed(stream_names[1]);
	for (int i = 0; i <= 2; i++) {
		int fd = plan->stream[i].fd;
		while (fd != -1 && dup2(fd, i) == -1) {
			if (errno != EINTR)
				return failed(stream_names[i]);
		}
	}
	for (int i = 0; i < plan->locks; i++) {
		const struct lock *lock = &plan->lock[i];
		int result = plan->detach ? lock_hold_in_daemon(lock) :
					    lock_hold_in_place(lock);
		if (result == -1)
			return failed(lock->path);
	}
	if (identity_drop_permanently(&plan->identity) == -1)
		return failed(plan->identity.name);
	for (int i = 1; i <= 2; i++) {
		if (plan->stream[i].truncate && ftruncate(i, 0) == -1)
			return failed(plan->stream[i].path);
	}
	if (signals_reset(!plan->detach) == -1)
		return failed("signals");
	for (int i = 0; !plan->detach && i < plan->locks; i++) {
		if (lock_release_start(&plan->lock[i]) == -1)
			return failed(plan->lock[i].path);
	}
	bool by_shell;
	command_execute(plan->path, plan->argv, &by_shell);
	return (struct report){ plan->path, errno, by_shell };
}

void
become_here(const struct plan *plan)
{
	int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, plan->least);
	if (saved == -1)
		die_errno(stream_names[2]);
	if (signals_hold(lock_remove_unfinished) == -1)
		die_errno("signals");
	struct report report = become(plan);
	(void)signals_shield(); /* it worked before; SIGPIPE may be unblocked
				   again */
	(void)dup2(saved,
	    STDERR_FILENO); /* else the log is the next best place */
	report_explain(plan, &report);
}

int
report_send(int fd, const struct report *report)
{
	return put(fd, report, sizeof(*report));
}

bool
report_receive(int fd, struct report *report)
{
	ssize_t length;
	do
		length = read(fd, report, sizeof(*report));
	while (length == -1 && errno == EINTR);
	return length == (ssize_t)sizeof(*report);
}

void
report_explain(const struct plan *plan, const struct report *report)
{
	const char *option = report->object == plan->identity.name ? "-u " : "";
	if (report->object == plan->path)
		exit(
		    command_explain(plan->path, report->error, report->detail));
	die(EXIT_FAILED, "%s%s: %s", option, report->object,
	    report->error == EALREADY ? "another start came between" :
					strerror(report->error));
}
