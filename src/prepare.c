/* SPDX-License-Identifier: ISC */
#include "prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "announce.h"
#include "child.h"
#include "command.h"
#include "diag.h"
#include "exit.h"
#include "identity.h"
#include "keeper.h"
#include "lock.h"
#include "open.h"
#include "options.h"
#include "path.h"
#include "plan.h"
#include "ready.h"
#include "redirect.h"
#include "streams.h"

enum {
	DEFAULT_READY_MS = 60 * 1000
};

static bool
is_internet(int family)
{
	return family == AF_INET || family == AF_INET6;
}

/*
 * Returns true if 0 and 1 are one socket, and it is of the internet or
 * listens: inetd's.  sshd and others use connected Unix-domain sockets as
 * pipes.
 */
static bool
has_inetd_socket(void)
{
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	socklen_t address_size = sizeof(address);
	struct stat in, out;
	int listens = 0;
	socklen_t listens_size = sizeof(listens);

	if (getsockname(0, (struct sockaddr *)&address, &address_size) == -1)
		return false;
	if (fstat(0, &in) == -1 || fstat(1, &out) == -1)
		return false;
	if (!path_same(&in, &out))
		return false;

	if (is_internet(address.ss_family))
		return true;
	if (getsockopt(0, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_size) ==
	    -1)
		return false;
	return listens != 0;
}

static bool
is_inetd(const struct options *o)
{
	if (o->foreground || o->detach)
		return false;
	return has_inetd_socket();
}

/*
 * Says why we do not detach, as a remote shell on one socket may not expect;
 * but not to the peer of the socket, who expects the command's own words.
 */
static void
tell_inetd(void)
{
	struct stat in, err;

	if (fstat(0, &in) == 0 && fstat(2, &err) == 0 && !path_same(&in, &err))
		warn("0 and 1 are one socket, as from inetd: not detaching; "
		     "use --detach to detach");
}

static void
choose_mode(struct plan *plan, const struct options *o, bool inetd)
{
	plan->detach = !o->foreground && !inetd;
	plan->verbose = o->verbose;
	plan->watched = o->watch != -1 || o->ready != READY_UNASKED;
	plan->watch = o->watch;
	plan->restart = o->restart;
	plan->timeout = o->timeout == -1 ? DEFAULT_READY_MS : o->timeout;
	plan->ready.fd = -1;

	if (plan->restart != -1 && getpid() == 1)
		die(EXIT_FAILED,
		    "--restart: not as process 1, since detaching would end "
		    "the container");
	if (plan->detach && !o->detach && getpid() == 1)
		die(EXIT_FAILED,
		    "process 1: detaching would end the container; "
		    "use -f, or --detach");
	if (plan->restart != -1 && inetd)
		die(EXIT_FAILED,
		    "--restart: 0 and 1 are one socket, as from inetd; "
		    "use --detach");
	if (inetd && plan->watched)
		die(EXIT_FAILED,
		    "-w and -r: 0 and 1 are one socket, as from inetd; "
		    "use --detach");
	if (inetd)
		tell_inetd();
}

static void
check_kept(const struct options *o, unsigned closed_mask)
{
	for (size_t i = 0; i < o->keep_count; i++) {
		int fd = o->keep[i];

		if (streams_was_closed(closed_mask, fd) ||
		    fcntl(fd, F_GETFD) == -1)
			die(EXIT_FAILED,
			    "-k %d: not an open descriptor" SEE_HELP, fd);
		(void)announce(o, "keep descriptor %d", fd);
	}
}

/* Returns true if path is /dev/fd/N, or a link, which may lead there. */
static bool
may_be_descriptor(const char *path)
{
	struct stat st;

	if (strncmp(path, "/dev/fd/", 8) == 0)
		return true;
	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

/*
 * Returns the descriptor, from 3 on, that a path like /dev/fd/N names, made
 * close-on-exec; or -1.
 */
static int
named_descriptor(const struct options *o, const char *path)
{
	int fd;

	if (path == NULL || !may_be_descriptor(path))
		return -1;
	fd = path_callers_fd(path_absolute(path));
	if (fd < 3)
		return -1;
	if (fd == o->ready)
		die(EXIT_FAILED, "%s cannot be combined with -r" SEE_HELP,
		    path);
	if (options_keeps(o, fd) || fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
		return -1;
	return fd;
}

/*
 * Closes what was inherited before we open anything, so that no descriptor of a
 * lock file is closed later, and no fork copies them.
 */
static void
close_inherited(const struct options *o)
{
	size_t count = 0;
	int named[3];
	int *kept;

	(void)announce(o, "close all other descriptors");
	for (int i = 0; i <= 2; i++) {
		int fd = named_descriptor(o, o->path[i]);

		if (fd != -1)
			named[count++] = fd;
	}
	if (count == 0) {
		streams_close_others(o->keep, o->keep_count);
		return;
	}

	kept = malloc((o->keep_count + count) * sizeof(*kept));
	if (kept == NULL)
		die_no_memory();
	for (size_t i = 0; i < o->keep_count; i++)
		kept[i] = o->keep[i];
	for (size_t i = 0; i < count; i++)
		kept[o->keep_count + i] = named[i];
	streams_close_others(kept, o->keep_count + count);
	free(kept);
}

/* Returns the lowest number from fd on that the command does not get. */
static int
next_free(const struct options *o, bool inetd, int fd)
{
	for (;; fd++) {
		if (options_keeps(o, fd) || fd == o->ready)
			continue;
		/* Under inetd all descriptors are left to the command. */
		if (inetd && fcntl(fd, F_GETFD) != -1)
			continue;
		return fd;
	}
}

static void
choose_descriptors(struct plan *plan, const struct options *o, bool inetd)
{
	plan->min_fd = 3;
	if (o->pidfile == NULL && o->lockfile == NULL)
		return;
	plan->lock[0].fd = next_free(o, inetd, 3);
	plan->lock[1].fd = next_free(o, inetd, plan->lock[0].fd + 1);
	plan->min_fd = plan->lock[1].fd + 1;
}

static void
find_user(struct plan *plan, const struct options *o)
{
	const struct identity *user = &plan->identity;

	if (o->user == NULL)
		return;
	identity_find(&plan->identity, o->user);
	if (user->name == NULL)
		return;
	(void)announce(o, "run as %s (user %lu, group %lu)", user->name,
	    (unsigned long)user->uid, (unsigned long)user->gid);
}

static void
set_environment(const struct options *o)
{
	for (size_t i = 0; i < o->env_count; i++) {
		char *equals = strchr(o->env[i], '=');

		*equals = '\0';
		(void)announce(o, "set %s in the environment", o->env[i]);
		/* The caller's environment may have the name twice.  The call
		 * fails only for what is not a name. */
		(void)unsetenv(o->env[i]);
		*equals = '=';
		if (putenv(o->env[i]) != 0)
			die_errno("-E");
	}
}

static void
open_ready(struct plan *plan, const struct options *o)
{
	const struct identity *user = &plan->identity;

	if (o->ready == READY_UNASKED || o->dry_run)
		return;
	ready_open(&plan->ready, o->ready, plan->min_fd,
	    user->name != NULL ? user->uid : getuid());
}

/* Returns true if a path is the file that is locked already. */
static bool
is_locked(const struct plan *plan, const char *path)
{
	struct stat st;

	if (plan->lock_count == 0)
		return false;
	if (strcmp(path, plan->lock[0].path) == 0)
		return true;
	if (lstat(path, &st) == -1)
		return false;
	return path_same(&st, &plan->lock[0].st);
}

/* Takes the start lock of -p or -l.  -l on the file of -p is one lock. */
static void
take_start_lock(struct plan *plan, const struct options *o, const char *path,
    bool is_pidfile)
{
	struct lock *lock = &plan->lock[plan->lock_count];
	bool is_real;

	if (path == NULL)
		return;
	lock->path = path_absolute(path);
	lock->is_pidfile = is_pidfile;

	if (is_pidfile)
		is_real = announce(o, "lock and write the process id to %s",
		    lock->path);
	else
		is_real = announce(o, "lock %s", lock->path);

	if (is_locked(plan, lock->path))
		return;
	plan->lock_count++;
	if (is_real)
		lock_start(lock, &plan->identity, o->already_is_ok,
		    plan->min_fd);
	else
		lock_preview(lock, &plan->identity);
}

static void
restrict_pidfile(const struct plan *plan, const struct options *o)
{
	if (o->dry_run)
		return;
	for (int i = 0; i < plan->lock_count; i++)
		lock_restrict(&plan->lock[i]);
}

static void
find_command(struct plan *plan, const struct options *o)
{
	identity_drop_temporarily(&plan->identity);
	plan->command.path = command_find(o->argv[0], NULL, &plan->identity);
	plan->command.argv = o->argv;
	identity_restore(&plan->identity);
}

/* A lock file must not be opened twice: to close one would cost the lock. */
_Noreturn static void
die_same(struct lock *lock, const char *what)
{
	lock->has_other_use = true;
	die(EXIT_FAILED, "%s: is also the command's %s" SEE_HELP, lock->path,
	    what);
}

static void
refuse_same(struct plan *plan, const struct stat *st, const char *what)
{
	for (int i = 0; i < plan->lock_count; i++) {
		if (path_same(st, &plan->lock[i].st))
			die_same(&plan->lock[i], what);
	}
}

/* The same for a file that -n has not opened, and that need not exist. */
static void
refuse_same_path(struct plan *plan, const char *path, const char *what)
{
	struct stat st;

	if (stat(path, &st) == 0)
		refuse_same(plan, &st, what);
	for (int i = 0; i < plan->lock_count; i++) {
		if (strcmp(path, plan->lock[i].path) == 0)
			die_same(&plan->lock[i], what);
	}
}

static void
refuse_same_fd(struct plan *plan, int fd, const char *what)
{
	struct stat st;

	if (fd != -1 && fstat(fd, &st) == 0)
		refuse_same(plan, &st, what);
}

static void
check_distinct(struct plan *plan, const struct options *o)
{
	struct stat st;

	/* An interpreter closes its script, which would drop the lock on it. */
	if (stat(plan->command.path, &st) == 0)
		refuse_same(plan, &st, "file");
	for (int i = 0; i <= 2; i++) {
		int fd = plan->stream[i].fd;

		refuse_same_fd(plan, fd, stream_names[i]);
		if (o->dry_run)
			refuse_same_path(plan, plan->stream[i].path,
			    stream_names[i]);
		/* The caller's own, which the command gets, or which we close
		 * in the process that has the lock.  With -n every fd is -1. */
		if (!plan->detach || (fd == -1 && !o->dry_run))
			refuse_same_fd(plan, i, stream_names[i]);
	}
	for (size_t i = 0; i < o->keep_count; i++)
		refuse_same_fd(plan, o->keep[i], "-k descriptor");
}

static void
open_streams(struct plan *plan, const struct options *o, unsigned closed_mask)
{
	/* New logs obey -m, or else the caller's umask. */
	if (o->umask != -1)
		(void)umask((mode_t)o->umask);
	redirect(plan, o, closed_mask);
	check_distinct(plan, o);
}

/* Changes to the directory as the user, or leaves that to the daemon. */
static void
change_directory(struct plan *plan, const char *directory)
{
	const struct identity *user = &plan->identity;

	if (chdir(directory) == 0)
		return;
	if (errno != EACCES || user->name == NULL)
		die_errno(directory);
	if (identity_look(user, chdir, directory) == -1) {
		if (errno != EACCES)
			die_errno(directory);
		die(EXIT_FAILED, "%s: %s (as %s)", directory, strerror(errno),
		    user->name);
	}
	plan->command.enters_directory = true;
	/* So that we, a keeper and the loggers keep no file system busy. */
	if (chdir("/") == -1)
		die_errno("/");
}

/* Sets argv[0] to what it is from the working directory. */
static void
set_argv0(struct child *child, const struct options *o)
{
	child->argv[0] =
	    (char *)command_argv0(child->argv[0], child->path, o->directory);
}

static void
enter_directory(struct plan *plan, const struct options *o)
{
	const char *directory = path_absolute(o->directory);

	plan->command.directory = directory;
	(void)announce(o, "enter %s", directory);
	identity_drop_temporarily(&plan->identity);
	set_argv0(&plan->command, o);
	for (int i = 0; i < plan->logger_count; i++)
		set_argv0(&plan->logger[i].child, o);
	change_directory(plan, directory);
	identity_restore(&plan->identity);
}

/* Checks the files that are to be executed, where the exec itself would come
 * too late, or never. */
static void
check_files(const struct plan *plan, const struct options *o)
{
	if (!o->truncate && !o->dry_run)
		return;
	identity_drop_temporarily(&plan->identity);
	command_check(plan->command.path, NULL, &plan->identity);
	identity_restore(&plan->identity);

	if (!o->dry_run)
		return;
	for (int i = 0; i < plan->logger_count; i++) {
		const struct child *logger = &plan->logger[i].child;

		command_check(logger->path, logger->logger, logger->identity);
	}
}

static void
set_umask(struct plan *plan, const struct options *o)
{
	mode_t mask = o->umask == -1 ? 0 : (mode_t)o->umask;

	(void)announce(o, "set the umask to %03o", (unsigned)mask);
	/* -m's, or the caller's */
	plan->log_umask = umask(mask);
	/* A logger makes files. */
	for (int i = 0; i < plan->logger_count; i++)
		plan->logger[i].child.umask = plan->log_umask | 022;
}

/* With a keeper it, and not the command, has the locks and the pid that
 * counts. */
static void
fill_keeper_place(struct plan *plan)
{
	plan->keeper_place = plan->command;
	if (plan->restart == -1)
		return;
	plan->command.lock_count = 0;
	plan->command.prints_pid = false;
}

/* Notes what a keeper leaves open for the later runs. */
static void
prepare_keeper(struct plan *plan, const struct options *o)
{
	if (plan->restart == -1 || o->dry_run)
		return;
	plan->kept_fds =
	    malloc((o->keep_count + KEEPER_FDS) * sizeof(*plan->kept_fds));
	if (plan->kept_fds == NULL)
		die_no_memory();
	for (size_t i = 0; i < o->keep_count; i++)
		plan->kept_fds[i] = o->keep[i];
	plan->kept_fd_count = o->keep_count;

	plan->null_fd = open_null(O_RDWR);
	if (streams_raise(&plan->null_fd, plan->min_fd) == -1)
		die_errno("/dev/null");
}

static void
fill_command(struct plan *plan, const struct options *o)
{
	struct child *command = &plan->command;

	if (o->argv0 != NULL)
		command->argv[0] = o->argv0;
	command->lock = plan->lock;
	command->lock_count = plan->lock_count;
	command->prints_pid = o->print_pid;
	command->stream = plan->stream;
	command->identity = &plan->identity;
	command->in_place = !plan->detach;
}

/* Says what is left to do. */
static void
announce_rest(const struct plan *plan, const struct options *o, bool inetd)
{
	if (plan->detach)
		(void)announce(o, "detach by fork, setsid and fork");
	else
		(void)announce(o, "stay in the foreground%s",
		    inetd ? ", since inetd started us" : "");
	if (o->print_pid)
		(void)announce(o, "print the process id");
	if (o->truncate)
		(void)announce(o, "empty the logs");
	(void)announce(o, "execute %s", plan->command.path);
	if (o->ready != READY_UNASKED)
		(void)announce(o, "wait at most %.2f s until it is ready",
		    (double)plan->timeout / 1000);
	if (o->restart != -1)
		(void)announce(o, "start it again %g s after it ends",
		    (double)o->restart / 1000);
	if (o->watch != -1)
		(void)announce(o, "watch it for %.2f s",
		    (double)o->watch / 1000);
}

void
prepare(struct plan *plan, const struct options *o, unsigned closed_mask)
{
	const bool inetd = is_inetd(o);

	choose_mode(plan, o, inetd);
	check_kept(o, closed_mask);
	if (!inetd)
		close_inherited(o);
	choose_descriptors(plan, o, inetd);
	find_user(plan, o);
	set_environment(o);
	open_ready(plan, o);
	take_start_lock(plan, o, o->pidfile, true);
	take_start_lock(plan, o, o->lockfile, false);
	restrict_pidfile(plan, o);
	find_command(plan, o);
	open_streams(plan, o, closed_mask);
	enter_directory(plan, o);
	check_files(plan, o);
	set_umask(plan, o);
	fill_command(plan, o);
	fill_keeper_place(plan);
	prepare_keeper(plan, o);
	announce_rest(plan, o, inetd);
	if (o->dry_run)
		exit_flushed(EXIT_STARTED);
}
