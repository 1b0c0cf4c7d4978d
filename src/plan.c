/* What will be done. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
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

/* A step to come, a phrase in the imperative. */
#define TELL(o, ...)                                                                               \
	((o)->dry_run ? say_would(__VA_ARGS__) : (o)->verbose ? say(__VA_ARGS__) : (void)0)

/*
 * Whether inetd started us, and no option says how to start: 0 and 1 are one socket, and that is of
 * the internet or listening.  A connected Unix-domain socket does not count: sshd and others use
 * them in the place of pipes.
 */
static bool is_inetd(const struct options *o)
{
	struct stat in, out;
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	socklen_t length = sizeof(address);
	int listening = 0;

	if (o->foreground || o->detach || fstat(0, &in) == -1 || !S_ISSOCK(in.st_mode) ||
		fstat(1, &out) == -1 || !path_same(&in, &out) ||
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
		if (o->keep[i] == number) return true;
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
	char *equals;

	for (i = 0; i < o->env_count; i++) {
		equals = strchr(o->env[i], '=');
		*equals = '\0';
		TELL(o, "set %s in the environment", o->env[i]);
		if (unsetenv(o->env[i]) == -1) /* each of that name */
			die(EXIT_FAILED, "-E %.64s: %s", o->env[i], strerror(errno));
		*equals = '=';
		if (putenv(o->env[i]) != 0)
			die(EXIT_FAILED, "-E %.64s: %s", o->env[i], strerror(errno));
	}
}

/*
 * Closes what was inherited before we open anything, so that no descriptor of a lock file is closed
 * later, and no fork copies them.  One that is named as /dev/fd/N is closed by the exec.
 */
static void close_others(struct options *o)
{
	size_t count = o->keep_count;
	int i, fd;

	TELL(o, "close all other descriptors");
	for (i = 0; i <= 2; i++) {
		if (o->path[i] && sscanf(o->path[i], "/dev/fd/%d", &fd) == 1 && fd > 2 &&
			!is_kept(o, fd) && fcntl(fd, F_SETFD, FD_CLOEXEC) != -1)
			o->keep[count++] = fd;
	}
	streams_close_others(o->keep, count);
}

/* The next number from there on that the command does not get otherwise. */
static int next_number(const struct options *o, bool inetd, int number)
{
	while (is_kept(o, number) || (inetd && fcntl(number, F_GETFD) != -1)) number++;
	return number;
}

static void start_locks(struct plan *plan, const struct options *o, bool inetd)
{
	char *const paths[] = { o->pidfile, o->lockfile };
	struct stat status;
	int i;

	plan->lock[0].number = next_number(o, inetd, 3);
	plan->lock[1].number = next_number(o, inetd, plan->lock[0].number + 1);
	plan->least = o->pidfile || o->lockfile ? plan->lock[1].number + 1 : 3;
	for (i = 0; i < 2; i++) {
		struct lock *lock = &plan->lock[plan->locks];

		if (!paths[i]) continue;
		lock->path = path_absolute(paths[i]);
		lock->holds_number = i == 0;
		TELL(o, "%s %s", i == 0 ? "lock and write the process id to" : "lock", lock->path);
		if (o->dry_run) {
			if (path_open(&lock->place, lock->path, O_APPEND | O_CREAT, 0, FOR_PREVIEW,
				    &plan->identity) == -1)
				path_die(&lock->place, lock->path, &plan->identity);
			continue;
		}
		/* -l on the file of -p is one lock; to open it twice would cost it */
		if (plan->locks == 1 && lstat(lock->path, &status) == 0 &&
			path_same(&status, &plan->lock[0].file))
			continue;
		plan->locks++;
		lock_start(lock, &plan->identity, o->already_is_ok, plan->least);
	}
}

/* A lock file must not be open twice: to close one of the two would cost the lock. */
static void refuse_lock_file(const struct plan *plan, int fd, const char *what)
{
	struct stat status;
	int i;

	for (i = 0; i < plan->locks; i++) {
		if (fstat(fd, &status) == -1 || !path_same(&status, &plan->lock[i].file)) continue;
		lock_keep();
		die(EXIT_FAILED, "%s: is also the command's %s" SEE_HELP, plan->lock[i].path, what);
	}
}

static void check_distinct(const struct plan *plan, const struct options *o)
{
	size_t j;
	int i;

	for (i = 0; i <= 2; i++) {
		refuse_lock_file(plan, plan->stream[i].fd, stream_names[i]);
		/* the caller's own, if it stays, or if this process closes it */
		if (!plan->detach || plan->stream[i].fd == -1)
			refuse_lock_file(plan, i, stream_names[i]);
	}
	for (j = 0; j < o->keep_count; j++) refuse_lock_file(plan, o->keep[j], "descriptor of -k");
}

static void open_stream(struct plan *plan, const struct options *o, int number)
{
	static const char *const acts[] = { "read standard input from", "append standard output to",
		"append standard error to" };
	struct stream *stream = &plan->stream[number];
	const struct stream *out = &plan->stream[1];
	struct stat status, other;

	stream->path = o->path[number] ? path_absolute(o->path[number]) : "/dev/null";
	TELL(o, "%s %s", acts[number], stream->path);
	stream->fd = streams_open(stream->path, number, o->dry_run, &plan->identity);
	if (number == 0 || !o->path[number] || o->dry_run) return;
	if (fstat(stream->fd, &status) == -1 ||
		(number == 2 && o->path[1] && fstat(out->fd, &other) == -1))
		fail(stream->path);
	stream->truncate = o->truncate && S_ISREG(status.st_mode);
	if (number == 2 && o->path[1] && path_same(&status, &other)) {
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
	bool inetd = is_inetd(o);
	char *directory;

	if (!o->foreground && !o->detach && !inetd && getpid() == 1)
		die(EXIT_FAILED, "process 1: detaching would end the "
				 "container; use -f, or --detach to do it all the same");
	*plan = (struct plan){ .detach = !o->foreground && !inetd,
		.argv = o->argv,
		.print_pid = o->print_pid,
		.verbose = o->verbose };
	check_kept(o, missing);
	if (!inetd) close_others(o);
	if (o->user) {
		identity_find(&plan->identity, o->user);
		TELL(o, "run as %s (user %lu, group %lu)", o->user,
			(unsigned long)plan->identity.user, (unsigned long)plan->identity.group);
	}
	set_environment(o);
	start_locks(plan, o, inetd);
	identity_assume(&plan->identity);
	plan->path = command_find(o->argv[0]);
	identity_resume(&plan->identity);
	directory = path_absolute(o->directory);
	if (o->umask_given) (void)umask(o->umask); /* else new logs obey the caller's */
	open_streams(plan, o, missing);
	check_distinct(plan, o);
	TELL(o, "enter %s", directory);
	identity_assume(&plan->identity);
	if (chdir(o->directory) == -1) fail(directory);
	free(directory);
	if (o->truncate || o->dry_run) command_check(plan->path);
	identity_resume(&plan->identity);
	TELL(o, "set the umask to %03o", (unsigned)o->umask);
	(void)umask(o->umask);
	if (o->argv0) o->argv[0] = o->argv0;
	TELL(o, "%s",
		plan->detach ? "detach by fork, setsid and fork" :
		inetd        ? "stay in the foreground, since inetd started us" :
			       "stay in the foreground");
	if (o->print_pid) TELL(o, "print the process id");
	if (o->truncate) TELL(o, "empty the logs");
	TELL(o, "execute %s", plan->path);
	if (o->dry_run) finish_output();
}
