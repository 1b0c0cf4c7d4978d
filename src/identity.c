/* SPDX-License-Identifier: ISC */
#include "identity.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compat.h"
#include "diag.h"
#include "exit.h"

enum {
	SPARE_FDS = 8
};

static const char passwd_path[] = "/etc/passwd";
static const char group_path[] = "/etc/group";

/* What the databases say of USER[:GROUP]. */
struct account {
	const char *typed;
	const char *user;           /* the part in front of the colon */
	const char *group;          /* behind it; NULL: there is none */
	const struct passwd *entry; /* NULL: the user has only a number */
	uid_t uid;
	gid_t gid;
};

static _Noreturn void
die_of(const char *typed, int error)
{
	die(EXIT_FAILED, "-u %s: %s", typed, strerror(error));
}

/*
 * Returns the number that text is, below the greatest one, which means "none".
 * Dies if it is not one, since then it is no user or group either.
 */
static uid_t
parse_id(const char *text, const char *what, const char *typed)
{
	unsigned long id;
	char *endp;
	bool is_number;

	errno = 0;
	id = strtoul(text, &endp, 10);
	/* strtoul() would take blanks and a sign. */
	is_number = isdigit((unsigned char)*text) != 0 && *endp == '\0';
	if (!is_number || errno != 0 || id >= (uid_t)-1)
		die(EXIT_FAILED, "-u %.256s: no such %s" SEE_HELP, typed, what);
	return (uid_t)id;
}

/*
 * Notes the lowest free descriptors: an NSS module that leaves one open takes
 * one of them.
 */
static void
note_free_fds(int fds[static SPARE_FDS])
{
	for (int i = 0; i < SPARE_FDS; i++)
		fds[i] = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	for (int i = 0; i < SPARE_FDS && fds[i] != -1; i++)
		(void)close(fds[i]);
}

/* Keeps the command from inheriting what NSS modules have left open. */
static void
close_on_exec(const int fds[static SPARE_FDS])
{
	for (int i = 0; i < SPARE_FDS && fds[i] != -1; i++)
		(void)fcntl(fds[i], F_SETFD, FD_CLOEXEC);
}

/*
 * Dies if a file of a database cannot be read.  Then an answer may lack what is
 * in it, and nobody has said so: the functions of libc report what the last of
 * several sources said, and leave in errno what any of them did.
 */
static void
check_database(const char *path, const char *typed)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd != -1)
		(void)close(fd);
	else if (errno != ENOENT)
		die_of(typed, errno);
}

/*
 * Dies if a look into a database that found nothing has failed: then it may not
 * be true that there is no such entry.
 */
static void
check_look(const char *path, const char *typed)
{
	switch (errno) {
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case EIO:
	case EINTR:
	case EAGAIN:
		die_of(typed, errno);
	default:
		check_database(path, typed);
		break;
	}
}

/* Finds an entry by name, or NULL if two looks find none. */
static const struct passwd *
find_name(const char *name, const char *typed)
{
	const struct passwd *entry = NULL;

	for (int looks = 0; looks < 2 && entry == NULL; looks++) {
		errno = 0;
		entry = getpwnam(name);
		if (entry == NULL)
			check_look(passwd_path, typed);
	}
	return entry;
}

/* The same, by number. */
static const struct passwd *
find_uid(uid_t uid, const char *typed)
{
	const struct passwd *entry = NULL;

	for (int looks = 0; looks < 2 && entry == NULL; looks++) {
		errno = 0;
		entry = getpwuid(uid);
		if (entry == NULL)
			check_look(passwd_path, typed);
	}
	return entry;
}

/* The same, for a group by name. */
static const struct group *
find_group_name(const char *name, const char *typed)
{
	const struct group *entry = NULL;

	for (int looks = 0; looks < 2 && entry == NULL; looks++) {
		errno = 0;
		entry = getgrnam(name);
		if (entry == NULL)
			check_look(group_path, typed);
	}
	return entry;
}

static void
find_user(struct account *account)
{
	const struct passwd *entry = find_name(account->user, account->typed);

	if (entry == NULL) {
		account->uid = parse_id(account->user, "user", account->typed);
		entry = find_uid(account->uid, account->typed);
	}
	account->entry = entry;
	if (entry != NULL) {
		account->uid = entry->pw_uid;
		account->gid = entry->pw_gid;
	}
}

static void
find_group(struct account *account)
{
	const struct group *entry;

	if (account->group == NULL) {
		if (account->entry == NULL)
			die(EXIT_FAILED,
			    "-u %.256s: user ID has no passwd entry; "
			    "specify :GROUP" SEE_HELP,
			    account->typed);
		return;
	}

	entry = find_group_name(account->group, account->typed);
	if (entry != NULL)
		account->gid = entry->gr_gid;
	else
		account->gid =
		    parse_id(account->group, "group", account->typed);
}

/* Returns true if we are what is asked for. */
static bool
is_ours(const struct account *account)
{
	if (account->uid != getuid())
		return false;
	if (account->group == NULL && getuid() != 0)
		return true;
	return account->gid == getgid();
}

static void
set_variable(const char *name, const char *value)
{
	if (setenv(name, value, 1) == -1)
		die_errno(name);
}

static void
set_environment(const struct account *account)
{
	const struct passwd *entry = account->entry;
	const char *name, *home, *shell;
	char text[24];

	if (entry != NULL) {
		name = entry->pw_name;
		home = entry->pw_dir;
		shell = entry->pw_shell;
	} else {
		(void)snprintf(text, sizeof(text), "%lu",
		    (unsigned long)account->uid);
		name = text;
		home = "";
		shell = "";
	}
	if (home[0] == '\0')
		home = "/";
	if (shell[0] == '\0')
		shell = "/bin/sh";

	set_variable("HOME", home);
	set_variable("USER", name);
	set_variable("LOGNAME", name);
	set_variable("SHELL", shell);
}

static gid_t *
allocate_groups(int count)
{
	gid_t *groups = calloc((size_t)count + 1, sizeof(*groups));

	if (groups == NULL)
		die_no_memory();
	return groups;
}

static int
compare_groups(const void *a, const void *b)
{
	gid_t left = *(const gid_t *)a;
	gid_t right = *(const gid_t *)b;

	if (left == right)
		return 0;
	return left < right ? -1 : 1;
}

/*
 * Asks the databases for the groups of a user that has an entry.  Returns how
 * many there are, in *groups, sorted.
 */
static int
ask_groups(const struct account *account, gid_t **groups)
{
	const char *name = account->entry->pw_name;
	int size = 64;
	int count = size;

	*groups = allocate_groups(size);
	errno = 0;
	while (compat_get_groups(name, account->gid, *groups, &count) == -1) {
		if (count <= size)
			die_of(account->typed, errno != 0 ? errno : EIO);
		size = count;
		free(*groups);
		*groups = allocate_groups(size);
	}
	qsort(*groups, (size_t)count, sizeof(**groups), compare_groups);
	return count;
}

/*
 * Finds the groups of the user.  A source that cannot be read is one that has
 * no groups, as far as libc tells: so two answers must be the same, and between
 * them the file must have been there to be read.
 */
static void
find_groups(struct identity *id, const struct account *account)
{
	gid_t *again;
	int count;

	if (account->entry == NULL) {
		id->groups = allocate_groups(1);
		id->groups[0] = account->gid;
		id->group_count = 1;
		return;
	}

	id->group_count = ask_groups(account, &id->groups);
	check_database(group_path, account->typed);
	count = ask_groups(account, &again);
	if (count != id->group_count ||
	    memcmp(again, id->groups, (size_t)count * sizeof(*again)) != 0)
		die(EXIT_FAILED,
		    "-u %s: its groups changed while they were read",
		    account->typed);
	free(again);
}

/* Notes the groups of who runs us. */
static void
note_own_groups(struct identity *id, const char *typed)
{
	id->own_count = getgroups(0, NULL);
	if (id->own_count == -1)
		die_of(typed, errno);
	id->own_groups = allocate_groups(id->own_count);
	id->own_count = getgroups(id->own_count, id->own_groups);
	if (id->own_count == -1)
		die_of(typed, errno);
}

/*
 * Tries whether we may set groups, with those that we have.  Returns 0, or -1
 * with errno.
 */
static int
try_groups(struct identity *id)
{
	if (compat_set_groups(id->own_count, id->own_groups) == 0)
		return 0;
	if (errno != EINVAL)
		return -1;
	/* A user namespace does not map one of them: it could not be had
	 * again, so we do without from the first change on. */
	id->own_groups = id->groups;
	id->own_count = id->group_count;
	return 0;
}

/* Prepares id for the change to an account. */
static void
prepare(struct identity *id, const struct account *account)
{
	const char *typed = account->typed;

	if (is_ours(account) && getuid() != 0)
		return;
	note_own_groups(id, typed);
	find_groups(id, account);
	if (try_groups(id) == -1) {
		/* Root of a user namespace may be denied that. */
		if (is_ours(account))
			return;
		die_of(typed, errno);
	}
	if (compat_keeps_capabilities())
		die(EXIT_FAILED,
		    "-u %.256s: securebits would preserve root's capabilities",
		    typed);
	set_environment(account);
	id->uid = account->uid;
	id->gid = account->gid;
	id->name = typed;
}

void
identity_find(struct identity *id, const char *typed)
{
	struct account account = { .typed = typed };
	char *copy = strdup(typed);
	int fds[SPARE_FDS];
	char *colon;

	if (copy == NULL)
		die_no_memory();
	colon = strchr(copy, ':');
	if (colon != NULL) {
		*colon = '\0';
		if (colon[1] != '\0')
			account.group = colon + 1;
	}
	account.user = copy;

	note_free_fds(fds);
	find_user(&account);
	find_group(&account);
	prepare(id, &account);
	close_on_exec(fds);
	free(copy);

	/* Whether we may become the user is told now. */
	identity_drop_temporarily(id);
	identity_restore(id);
}

int
identity_try_drop(const struct identity *id)
{
	int saved_errno;

	/* With -f we may have become the user for good. */
	if (id->name == NULL || getuid() == id->uid)
		return 0;
	if (compat_set_groups(id->group_count, id->groups) == -1)
		return -1;
	if (setegid(id->gid) == 0)
		return seteuid(id->uid);

	/* By the ids alone nobody could tell that these have changed. */
	saved_errno = errno;
	(void)compat_set_groups(id->own_count, id->own_groups);
	errno = saved_errno;
	return -1;
}

int
identity_try_restore(const struct identity *id)
{
	if (id->name == NULL)
		return 0;
	/* We may be ourselves already, and not be allowed to change groups. */
	if (geteuid() == getuid() && getegid() == getgid())
		return 0;
	/* The user first: it is what takes the right to the others. */
	if (seteuid(getuid()) == -1)
		return -1;
	if (setegid(getgid()) == -1)
		return -1;
	return compat_set_groups(id->own_count, id->own_groups);
}

void
identity_drop_temporarily(const struct identity *id)
{
	if (identity_try_drop(id) == -1)
		die_of(id->name, errno);
}

void
identity_restore(const struct identity *id)
{
	int saved_errno = errno;

	if (identity_try_restore(id) == -1)
		die_of(id->name, errno);
	errno = saved_errno;
}

/* Returns true if something of root's can be had again. */
static bool
can_get_back(const struct identity *id)
{
	if (setuid(0) == 0 || seteuid(0) == 0)
		return true;
	return id->gid != 0 && setgid(0) == 0;
}

int
identity_drop_permanently(const struct identity *id)
{
	if (id->name == NULL)
		return 0;
	if (compat_set_groups(id->group_count, id->groups) == -1 ||
	    setgid(id->gid) == -1 || setuid(id->uid) == -1)
		return -1;
	if (id->uid != 0 && can_get_back(id)) {
		errno = EPERM;
		return -1;
	}
	return 0;
}

/* The child of identity_look(). */
static _Noreturn void
look_and_tell(const struct identity *id, int (*look)(const char *path),
    const char *path, int fd)
{
	int error = 0;

	/* We act as the user: to change for good takes our own right. */
	if (seteuid(getuid()) == -1 || identity_drop_permanently(id) == -1)
		error = EACCES;
	else if (look(path) == -1)
		error = errno;
	if (write(fd, &error, sizeof(error)) == -1)
		_exit(1);
	_exit(0);
}

int
identity_look(const struct identity *id, int (*look)(const char *path),
    const char *path)
{
	int error = EACCES;
	int fds[2];
	pid_t pid;

	if (pipe(fds) == -1) {
		errno = EACCES;
		return -1;
	}
	pid = fork();
	if (pid == 0)
		look_and_tell(id, look, path, fds[1]);
	(void)close(fds[1]);
	if (pid != -1) {
		/* The status would be lost where SIGCHLD is ignored. */
		if (read(fds[0], &error, sizeof(error)) != sizeof(error))
			error = EACCES;
		(void)waitpid(pid, NULL, 0);
	}
	(void)close(fds[0]);
	errno = error;
	return error == 0 ? 0 : -1;
}

/* Returns true if nobody but the owner is named as a member. */
static bool
has_only_member(const struct group *group, const char *owner)
{
	for (char **member = group->gr_mem; *member != NULL; member++) {
		if (strcmp(*member, owner) != 0)
			return false;
	}
	return true;
}

/*
 * Returns true if it is the login group of nobody else.  The owner must be seen
 * too: else the database does not let its entries be listed.
 */
static bool
is_only_login_group(uid_t owner, gid_t gid)
{
	const struct passwd *entry;
	bool is_listed = false;
	bool is_shared = false;

	setpwent();
	while ((entry = getpwent()) != NULL) {
		if (entry->pw_uid == owner)
			is_listed = true;
		else if (entry->pw_gid == gid)
			is_shared = true;
	}
	endpwent();
	return is_listed && !is_shared;
}

static bool
is_private(uid_t owner, gid_t gid)
{
	const struct passwd *entry = getpwuid(owner);
	const struct group *group = getgrgid(gid);

	if (entry == NULL || group == NULL)
		return false;
	if (strcmp(group->gr_name, entry->pw_name) != 0)
		return false;
	if (!has_only_member(group, entry->pw_name))
		return false;
	return is_only_login_group(owner, gid);
}

bool
identity_group_is_private(uid_t owner, gid_t gid)
{
	int fds[SPARE_FDS];
	bool result;

	note_free_fds(fds);
	result = is_private(owner, gid);
	close_on_exec(fds);
	return result;
}
