/* What will be done. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "exit.h"
#include "path.h"
#include "plan.h"
#include "say.h"
#include "streams.h"

#define TELL(o, ...) tell((o)->verbose, (o)->dry_run, __VA_ARGS__)

/*
 * Whether inetd started us: 0 and 1 are one socket, and that is of the
 * internet or listening.  A connected Unix-domain socket does not count:
 * sshd and others use them in the place of pipes.
 */
static bool is_inetd(void)
{
	struct stat in, out;
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	socklen_t length = sizeof(address);
	int listening = 0;

	if (fstat(0, &in) == -1 || !S_ISSOCK(in.st_mode) || fstat(1, &out) == -1 ||
		in.st_dev != out.st_dev || in.st_ino != out.st_ino ||
		getsockname(0, (struct sockaddr *)&address, &length) == -1)
		return false;
	length = sizeof(listening);
	return address.ss_family == AF_INET || address.ss_family == AF_INET6 ||
	       (getsockopt(0, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == 0 &&
		       listening != 0);
}

static bool is_kept(const struct options *o, int number)
{
	size_t i;

	for (i = 0; i < o->keep_count; i++) {
		if (o->keep[i] == number)
			return true;
	}
	return false;
}

static void check_kept(const struct options *o, unsigned missing)
{
	size_t i;

	for (i = 0; i < o->keep_count; i++) {
		int fd = o->keep[i];

		if ((fd <= 2 && (missing & 1U << fd)) || fcntl(fd, F_GETFD) == -1)
			die(EXIT_FAILED, "-k %d: not an open descriptor" SEE_HELP, fd);
		TELL(o, "keep descriptor %d", fd);
	}
}

static void set_environment(const struct options *o)
{
	size_t i;

	for (i = 0; i < o->env_count; i++) {
		TELL(o, "set %.*s in the environment", (int)strcspn(o->env[i], "="), o->env[i]);
		if (putenv(o->env[i]) != 0)
			die(EXIT_FAILED, "-E %.64s: %s", o->env[i], strerror(errno));
	}
}

static void open_stream(struct plan *plan, const struct options *o, int number)
{
	static const char *const acts[] = { "read standard input from", "append standard output to",
		"append standard error to" };
	struct stream *stream = &plan->stream[number];
	const struct stream *out = &plan->stream[1];
	const char *path = o->path[number] ? o->path[number] : "/dev/null";
	bool is_log = number > 0 && o->path[number];
	struct stat status, other;

	stream->path = path_absolute(path);
	TELL(o, "%s %s", acts[number], stream->path);
	stream->fd = (o->dry_run ? streams_foresee : streams_open)(path, number, is_log);
	if (stream->fd == -1)
		die(EXIT_FAILED, "%s: %s%s", stream->path, strerror(errno),
			errno == ENXIO ? " (a FIFO that nobody reads?)" : "");
	if (!is_log || o->dry_run)
		return;
	if (fstat(stream->fd, &status) == -1 ||
		(number == 2 && o->path[1] && fstat(out->fd, &other) == -1))
		die(EXIT_FAILED, "%s: %s", stream->path, strerror(errno));
	stream->truncate = o->truncate && S_ISREG(status.st_mode);
	if (number == 2 && o->path[1] && status.st_dev == other.st_dev &&
		status.st_ino == other.st_ino) {
		/* one open file description, so that no line is lost */
		(void)close(stream->fd);
		stream->fd = out->fd;
		stream->truncate = false;
	}
}

static void open_streams(struct plan *plan, const struct options *o, unsigned missing)
{
	int i;

	for (i = 0; i <= 2; i++) {
		bool stays = is_kept(o, i) || (!plan->detach && !(missing & 1U << i));
		bool follows = i == 2 && (o->path[1] ? !is_kept(o, 2) : !stays);

		if (follows && !o->path[2] && plan->stream[1].fd != -1) {
			TELL(o, "send standard error there too");
			plan->stream[2] = plan->stream[1];
		} else if (o->path[i] || !stays) {
			open_stream(plan, o, i);
		} else {
			TELL(o, "leave %s as it is", stream_names[i]);
			plan->stream[i].fd = -1;
		}
	}
}

void plan_make(struct plan *plan, struct options *o, unsigned missing)
{
	bool inetd = !o->foreground && !o->detach && is_inetd();
	char *directory;
	int i;

	if (!o->foreground && !o->detach && !inetd && getpid() == 1)
		die(EXIT_FAILED, "process 1: detaching would end the "
				 "container; use -f, or --detach to do it all the same");
	*plan = (struct plan){ .detach = !o->foreground && !inetd,
		.argv = o->argv,
		.print_pid = o->print_pid,
		.verbose = o->verbose };
	check_kept(o, missing);
	set_environment(o);
	plan->path = command_find(o->argv[0]);
	directory = path_absolute(o->directory);
	if (o->umask_given)
		(void)umask(o->umask); /* else new logs obey the caller's */
	open_streams(plan, o, missing);
	if (o->truncate)
		TELL(o, "empty the logs");
	TELL(o, "enter %s", directory);
	if (chdir(o->directory) == -1)
		die(EXIT_FAILED, "%s: %s", directory, strerror(errno));
	free(directory);
	if (o->truncate || o->dry_run)
		command_check(plan->path);
	TELL(o, "set the umask to %03o", (unsigned)o->umask);
	(void)umask(o->umask);
	if (!inetd)
		TELL(o, "close all other descriptors");
	if (!inetd && !o->dry_run) {
		for (i = 0; i <= 2; i++)
			o->keep[o->keep_count++] = plan->stream[i].fd;
		streams_close_others(o->keep, o->keep_count);
	}
	if (o->argv0)
		o->argv[0] = o->argv0;
	if (o->print_pid)
		TELL(o, "print the process id");
	TELL(o, "%s",
		plan->detach ? "detach by fork, setsid and fork" :
		inetd        ? "stay in the foreground, since inetd started us" :
			       "stay in the foreground");
	TELL(o, "execute %s", plan->path);
	if (o->dry_run)
		finish_output();
}
