#include "plan.h"
#include "command.h"
#include "diag.h"
#include "open.h"
#include "streams.h"
#include <sys/socket.h>

/* A step to come, a phrase in the imperative. */
#define TELL(o, ...)                                      \
	((o)->dry_run        ? print_would(__VA_ARGS__) : \
		(o)->verbose ? warn(__VA_ARGS__) :        \
			       (void)0)

/* Whether inetd started us, and no option says how to start: 0 and 1 are one
 * socket, of the internet or listening.  sshd and others use connected
 * Unix-domain sockets in the place of pipes.
 */
static bool
is_inetd(const struct options *o)
{
	struct stat in, out;
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	int listening = 0;
	socklen_t room = sizeof(address), size = sizeof(listening);
	if (o->foreground || o->detach ||
	    getsockname(0, (struct sockaddr *)&address, &room) == -1 ||
	    fstat(0, &in) == -1 || fstat(1, &out) == -1 ||
	    !path_same(&in, &out))
		return false;
	if (address.ss_family == AF_INET || address.ss_family == AF_INET6)
		return true;
	return getsockopt(0, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) ==
	    0 &&
	    listening != 0;
}

static bool
is_kept(const struct options *o, int number)
{
	for (size_t i = 0; i < o->keep_count; i++) {
		if (o->keep[i] == number)
			return true;
	}
	return false;
}

static void
check_kept(const struct options *o, unsigned missing)
{
	for (size_t i = 0; i < o->keep_count; i++) {
		int fd = o->keep[i];
		if ((fd <= 2 && (missing & 1U << fd)) ||
		    fcntl(fd, F_GETFD) == -1)
			die(EXIT_FAILED,
			    "-k %d: not an open descriptor" SEE_HELP, fd);
		TELL(o, "keep descriptor %d", fd);
	}
}

static void
set_environment(const struct options *o)
{
	for (size_t i = 0; i < o->env_count; i++) {
		char *equals = strchr(o->env[i], '=');
		*equals = '\0';
		TELL(o, "set %s in the environment", o->env[i]);
		(void)unsetenv(o->env[i]); /* each of that name, which is one:
					      it cannot fail */
		*equals = '=';
		if (putenv(o->env[i]) != 0)
			die_errno("-E");
	}
}

/* Closes what was inherited before we open anything, so that no descriptor of a
 * lock file is closed later, and no fork copies them.  One that is named as
 * /dev/fd/N is closed by the exec. */
static void
close_others(struct options *o)
{
	const size_t count = o->keep_count;
	TELL(o, "close all other descriptors");
	for (char **path = o->path; path <= &o->path[2]; path++) {
		int fd = *path && strncmp(*path, "/dev/fd/", 8) == 0 ?
		    atoi(*path + 8) :
		    0;
		if (fd < 3)
			continue;
		if (fd == o->ready)
			die(EXIT_FAILED, "%s contradicts -r" SEE_HELP, *path);
		if (!is_kept(o, fd) && fcntl(fd, F_SETFD, FD_CLOEXEC) != -1)
			options_keep(o, fd);
	}
	streams_close_others(o->keep, o->keep_count);
	o->keep_count = count;
}

/* The next number from there on that the command does not get otherwise. */
static int
next_number(const struct options *o, bool inetd, int number)
{
	while (is_kept(o, number) || number == o->ready ||
	    (inetd && fcntl(number, F_GETFD) != -1))
		number++;
	return number;
}

static void
start_locks(struct plan *plan, const struct options *o)
{
	const struct identity *user = &plan->identity;
	char *const paths[] = { o->pidfile, o->lockfile };
	struct stat status;
	for (int i = 0; i < 2; i++) {
		struct lock *lock = &plan->lock[plan->locks];
		if (!paths[i])
			continue;
		lock->path = path_absolute(paths[i]);
		lock->is_pidfile = i == 0;
		TELL(o, "%s %s",
		    i == 0 ? "lock and write the process id to" : "lock",
		    lock->path);
		if (o->dry_run)
			lock_preview(lock, user);
		/* -l on the file of -p is one lock; to open it twice would cost
		 * it */
		bool same = plan->locks == 1 &&
		    lstat(lock->path, &status) == 0 &&
		    path_same(&status, &plan->lock[0].st);
		if (o->dry_run || same)
			continue;
		plan->locks++;
		lock_start(lock, user, o->already_is_ok, plan->least);
	}
}

/* A lock file must not be open twice: to close one of the two would cost the
 * lock. */
static void
refuse_same(struct plan *plan, int fd, const char *what)
{
	struct stat status;
	for (int i = 0; i < plan->locks; i++) {
		if (fstat(fd, &status) == -1 ||
		    !path_same(&status, &plan->lock[i].st))
			continue;
		plan->lock[i].has_other_use = true;
		die(EXIT_FAILED, "%s: is also the command's %s" SEE_HELP,
		    plan->lock[i].path, what);
	}
}

static void
check_distinct(struct plan *plan, const struct options *o)
{
	for (int i = 0; i <= 2; i++) {
		int fd = plan->stream[i].fd;
		refuse_same(plan, fd, stream_names[i]);
		/* the caller's own, if it stays, or if this process closes it
		 */
		if (!plan->detach || fd == -1)
			refuse_same(plan, i, stream_names[i]);
	}
	for (size_t i = 0; i < o->keep_count; i++)
		refuse_same(plan, o->keep[i], "-k descriptor");
}

/* Opens the file that a log is once more, for whoever watches to show its end;
 * -1 if it cannot. */
static int
open_reader(const char *path, const struct stat *log, const struct plan *plan)
{
	const int flags = O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	struct lookup lookup;
	struct stat status;
	int fd = open_path(&lookup, path, flags, 0, &open_rule_input,
	    &plan->identity, NULL);
	if (lookup.dirfd != -1)
		(void)close(lookup.dirfd);
	if (fd == -1 || (fstat(fd, &status) == 0 && path_same(&status, log)))
		return fd;
	(void)close(fd); /* was only read */
	return -1;
}

static void
open_stream(struct plan *plan, const struct options *o, int number)
{
	struct stream *stream = &plan->stream[number];
	const struct stream *out =
	    number == 2 && o->path[1] ? &plan->stream[1] : NULL;
	struct stat status, other;
	stream->path =
	    o->path[number] ? path_absolute(o->path[number]) : "/dev/null";
	TELL(o, "%s %s %s %s", number == 0 ? "read" : "append",
	    stream_names[number], number == 0 ? "from" : "to", stream->path);
	stream->fd =
	    streams_open(stream->path, number, o->dry_run, &plan->identity);
	if (number == 0 || !o->path[number] || o->dry_run)
		return;
	if (fstat(stream->fd, &status) == -1 ||
	    (out && fstat(out->fd, &other) == -1))
		die_errno(stream->path);
	if (out && path_same(&status, &other)) {
		/* one open file description, so that no line is lost */
		(void)close(stream->fd);
		stream->fd = out->fd;
		stream->reader = out->reader;
		stream->begin = out->begin;
	} else if (S_ISREG(status.st_mode)) {
		stream->truncate = o->truncate;
		stream->begin = o->truncate ? 0 : status.st_size;
		if (plan->watched)
			stream->reader =
			    open_reader(stream->path, &status, plan);
	}
}

static void
open_streams(struct plan *plan, const struct options *o, unsigned missing)
{
	for (int i = 0; i <= 2; i++) {
		bool stays =
		    is_kept(o, i) || (!plan->detach && !(missing & 1U << i));
		bool follows = i == 2 && !o->path[2] &&
		    (o->path[1] ? !is_kept(o, 2) : !stays);
		plan->stream[i] =
		    (struct stream){ "the caller's", .fd = -1, .reader = -1 };
		if (follows && plan->stream[1].fd != -1) {
			TELL(o, "send standard error there too");
			plan->stream[2] = plan->stream[1];
		} else if (o->path[i] || !stays) {
			open_stream(plan, o, i);
		} else {
			TELL(o, "leave %s as it is", stream_names[i]);
		}
	}
}

void
plan_make(struct plan *plan, struct options *o, unsigned missing)
{
	bool inetd = is_inetd(o), ready = o->ready != READY_UNASKED;
	const struct identity *id = &plan->identity;
	mode_t mask = o->umask == -1 ? 0 : (mode_t)o->umask;
	plan->argv = o->argv;
	plan->print_pid = o->print_pid;
	plan->verbose = o->verbose;
	plan->detach = !o->foreground && !inetd;
	plan->watched = o->watch != -1 || ready;
	plan->ready.fd = -1;
	plan->timeout = o->timeout == -1 ? 60000 : o->timeout;
	plan->watch = o->watch;
	if (plan->detach && !o->detach && getpid() == 1)
		die(EXIT_FAILED,
		    "process 1: detaching would end the container; use -f, or --detach");
	if (inetd && plan->watched)
		die(EXIT_FAILED,
		    "-w and -r: 0 and 1 are one socket, as from inetd; use --detach");
	check_kept(o, missing);
	if (!inetd)
		close_others(o);
	plan->lock[0].fd = next_number(o, inetd, 3);
	plan->lock[1].fd = next_number(o, inetd, plan->lock[0].fd + 1);
	plan->least = o->pidfile || o->lockfile ? plan->lock[1].fd + 1 : 3;
	if (o->user)
		identity_find(&plan->identity, o->user);
	if (id->name)
		TELL(o, "run as %s (user %lu, group %lu)", id->name,
		    (unsigned long)id->uid, (unsigned long)id->gid);
	set_environment(o);
	if (ready && !o->dry_run)
		ready_open(&plan->ready, o->ready, plan->least,
		    id->name ? id->uid : getuid());
	start_locks(plan, o);
	identity_drop_temporarily(id);
	plan->path = command_find(o->argv[0]);
	identity_restore(id);
	plan->directory = path_absolute(o->directory);
	if (o->umask != -1)
		(void)umask(mask); /* else new logs obey the caller's */
	open_streams(plan, o, missing);
	check_distinct(plan, o);
	TELL(o, "enter %s", plan->directory);
	identity_drop_temporarily(id);
	if (chdir(o->directory) == -1)
		die_errno(plan->directory);
	if (o->truncate || o->dry_run)
		command_check(plan->path);
	identity_restore(id);
	TELL(o, "set the umask to %03o", (unsigned)mask);
	(void)umask(mask);
	if (o->argv0)
		o->argv[0] = o->argv0;
	if (plan->detach)
		TELL(o, "detach by fork, setsid and fork");
	else
		TELL(o, "stay in the foreground%s",
		    inetd ? ", since inetd started us" : "");
	if (o->print_pid)
		TELL(o, "print the process id");
	if (o->truncate)
		TELL(o, "empty the logs");
	TELL(o, "execute %s", plan->path);
	if (ready)
		TELL(o, "wait at most %.2f s until it is ready",
		    (double)plan->timeout / 1000);
	if (o->watch != -1)
		TELL(o, "watch it for %.2f s", (double)o->watch / 1000);
	if (o->dry_run)
		exit_flushed(EXIT_STARTED);
}
