/* Who the command runs as. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "exit.h"
#include "identity.h"
#include "say.h"

/* A number below the greatest, which means "none"; dies naming what it is not. */
static id_t parse_id(const char *text, const char *what, const char *typed)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || number >= (id_t)-1)
		die(EXIT_FAILED, "-u %.256s: no such %s" SEE_HELP, typed, what);
	return (id_t)number;
}

static void set_variable(const char *name, const char *value)
{
	if (setenv(name, value, 1) == -1) fail(name);
}

/* initgroups(3), but for any number of groups: musl's stops at 32. */
static int take_groups(const char *user, gid_t group)
{
	gid_t *groups = NULL, *larger;
	int room, count, result;

	for (room = 64;; room = count > room ? count : 2 * room) {
		larger = realloc(groups, (size_t)room * sizeof(*groups));
		if (!larger) return -1;
		groups = larger;
		count = room;
		if (getgrouplist(user, group, groups, &count) != -1) break;
	}
	result = setgroups((size_t)count, groups);
	free(groups);
	return result;
}

void identity_find(struct identity *identity, const char *user_and_group)
{
	char *user = strdup(user_and_group), *group;
	const struct passwd *entry;
	const struct group *group_entry;
	char number[24];

	if (!user) die(EXIT_FAILED, "out of memory");
	group = strchr(user, ':');
	if (group) *group++ = '\0';
	entry = getpwnam(user);
	if (!entry) {
		identity->user = parse_id(user, "user", user_and_group);
		entry = getpwuid(identity->user);
	}
	if (entry) {
		identity->user = entry->pw_uid;
		identity->group = entry->pw_gid;
	} else if (!group) {
		die(EXIT_FAILED, "-u %.256s: a user without an entry needs :GROUP" SEE_HELP, user);
	}
	if (group) {
		group_entry = getgrnam(group);
		identity->group = group_entry ? group_entry->gr_gid :
						parse_id(group, "group", user_and_group);
	}
	if (getuid() != 0 && identity->user == getuid() &&
		(!group || identity->group == getgid())) {
		free(user);
		return;
	}
	if (compat_keeps_capabilities())
		die(EXIT_FAILED, "-u %.256s: the securebits keep capabilities", user_and_group);
	(void)snprintf(number, sizeof(number), "%lu", (unsigned long)identity->user);
	set_variable("HOME", entry ? entry->pw_dir : "/");
	set_variable("USER", entry ? entry->pw_name : number);
	set_variable("LOGNAME", entry ? entry->pw_name : number);
	set_variable("SHELL", entry && *entry->pw_shell ? entry->pw_shell : "/bin/sh");
	if ((entry ? take_groups(entry->pw_name, identity->group) :
		     setgroups(1, &identity->group)) == -1)
		die(EXIT_FAILED, "-u %s: %s", user_and_group, strerror(errno));
	identity->name = user_and_group;
	free(user);
}

void identity_assume(const struct identity *identity)
{
	if (identity->name && (setegid(identity->group) == -1 || seteuid(identity->user) == -1))
		die(EXIT_FAILED, "-u %s: %s", identity->name, strerror(errno));
}

void identity_resume(const struct identity *identity)
{
	int saved_errno = errno;

	if (identity->name && (seteuid(getuid()) == -1 || setegid(getgid()) == -1))
		die(EXIT_FAILED, "-u %s: %s", identity->name, strerror(errno));
	errno = saved_errno;
}

int identity_become(const struct identity *identity)
{
	if (!identity->name) return 0;
	if (setgid(identity->group) == -1 || setuid(identity->user) == -1) return -1;
	if (identity->user != 0 && (setuid(0) != -1 || seteuid(0) != -1 ||
					   (identity->group != 0 && setgid(0) != -1))) {
		errno = EPERM;
		return -1;
	}
	return 0;
}
