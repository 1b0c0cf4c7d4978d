/* SPDX-License-Identifier: ISC */
#include "identity.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "diag.h"

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
static id_t
parse_id(const char *text, const char *what, const char *typed)
{
	unsigned long id;
	char *endp;

	errno = 0;
	id = strtoul(text, &endp, 10);
	if (isdigit((unsigned char)*text) == 0 || *endp != '\0' || errno != 0 ||
	    id >= (id_t)-1)
		die(EXIT_FAILED, "-u %.256s: no such %s" SEE_HELP, typed, what);
	return (id_t)id;
}

/*
 * Dies if a look into the databases has failed: then "no such entry" may not be
 * true, nor the list of groups complete, which the functions for it do not
 * always say.  errno was 0 before.
 */
static void
check_look(const char *typed)
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
		break;
	}
}

static void
find_user(struct account *account)
{
	errno = 0;
	account->entry = getpwnam(account->user);
	if (account->entry == NULL) {
		check_look(account->typed);
		account->uid = parse_id(account->user, "user", account->typed);
		account->entry = getpwuid(account->uid);
	}
	if (account->entry == NULL) {
		check_look(account->typed);
		return;
	}
	account->uid = account->entry->pw_uid;
	account->gid = account->entry->pw_gid;
}

static void
find_group(struct account *account)
{
	const struct group *entry;

	if (account->group == NULL) {
		if (account->entry == NULL)
			die(EXIT_FAILED,
			    "-u %.256s: a user without an entry needs "
			    ":GROUP" SEE_HELP,
			    account->user);
		return;
	}

	errno = 0;
	entry = getgrnam(account->group);
	if (entry != NULL) {
		account->gid = entry->gr_gid;
		return;
	}
	check_look(account->typed);
	account->gid = parse_id(account->group, "group", account->typed);
}

/* Returns true if an ordinary user asks for what it is. */
static bool
is_ours(const struct account *account)
{
	if (getuid() == 0 || account->uid != getuid())
		return false;
	return account->group == NULL || account->gid == getgid();
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
		home = "/";
		shell = "";
	}
	if (shell[0] == '\0')
		shell = "/bin/sh";

	set_variable("HOME", home);
	set_variable("USER", name);
	set_variable("LOGNAME", name);
	set_variable("SHELL", shell);
}

static void
take_groups(const struct account *account)
{
	int result;

	errno = 0;
	if (account->entry != NULL)
		result = initgroups(account->entry->pw_name, account->gid);
	else
		result = setgroups(1, &account->gid);
	check_look(account->typed);
	if (result == -1)
		die_of(account->typed, errno);
}

void
identity_find(struct identity *id, const char *typed)
{
	struct account account = { .typed = typed };
	char *copy = strdup(typed);
	char *colon;

	if (copy == NULL)
		die_no_memory();
	colon = strchr(copy, ':');
	if (colon != NULL) {
		*colon = '\0';
		account.group = colon + 1;
	}
	account.user = copy;
	find_user(&account);
	find_group(&account);

	if (!is_ours(&account)) {
		if (compat_keeps_capabilities())
			die(EXIT_FAILED,
			    "-u %.256s: the securebits keep capabilities",
			    typed);
		set_environment(&account);
		take_groups(&account);
		id->uid = account.uid;
		id->gid = account.gid;
		id->name = typed;
	}
	free(copy);
}

void
identity_drop_temporarily(const struct identity *id)
{
	if (id->name == NULL)
		return;
	if (setegid(id->gid) == -1 || seteuid(id->uid) == -1)
		die_of(id->name, errno);
}

void
identity_restore(const struct identity *id)
{
	int saved_errno = errno;

	if (id->name == NULL)
		return;
	if (seteuid(getuid()) == -1 || setegid(getgid()) == -1)
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
	if (setgid(id->gid) == -1 || setuid(id->uid) == -1)
		return -1;
	if (id->uid != 0 && can_get_back(id)) {
		errno = EPERM;
		return -1;
	}
	return 0;
}
