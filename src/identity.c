#include "identity.h"
#include "diag.h"
#include <grp.h>
#include <pwd.h>

/* A number below the greatest, which means "none"; dies naming what it is not.
 */
static id_t
parse_id(const char *text, const char *what, const char *typed)
{
	char *end;
	errno = 0;
	unsigned long number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 ||
	    number >= (id_t)-1)
		die(EXIT_FAILED, "-u %.256s: no such %s" SEE_HELP, typed, what);
	return (id_t)number;
}

/* Dies if a look into the databases has failed: then "no such entry" may not be
 * true, nor the list of groups complete, which the functions for it do not
 * always say.  errno was 0 before. */
static void
check_look(const char *typed)
{
	if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
	    errno == EIO || errno == EINTR || errno == EAGAIN)
		die(EXIT_FAILED, "-u %s: %s", typed, strerror(errno));
}

void
identity_find(struct identity *id, const char *typed)
{
	char number[24], *user = strdup(typed);
	if (!user)
		die_no_memory();
	char *group = strchr(user, ':');
	if (group)
		*group++ = '\0';
	errno = 0;
	const struct passwd *entry = getpwnam(user);
	if (!entry) {
		check_look(typed);
		id->user = parse_id(user, "user", typed);
		entry = getpwuid(id->user);
		if (!entry)
			check_look(typed);
	}
	if (entry) {
		id->user = entry->pw_uid;
		id->group = entry->pw_gid;
	} else if (!group) {
		die(EXIT_FAILED,
		    "-u %.256s: a user without an entry needs :GROUP" SEE_HELP,
		    user);
	}
	if (group) {
		errno = 0;
		const struct group *found = getgrnam(group);
		if (!found)
			check_look(typed);
		id->group =
		    found ? found->gr_gid : parse_id(group, "group", typed);
	}
	bool is_ours = getuid() != 0 && id->user == getuid() &&
	    (!group || id->group == getgid());
	free(user);
	if (is_ours)
		return;
	if (compat_keeps_capabilities())
		die(EXIT_FAILED, "-u %.256s: the securebits keep capabilities",
		    typed);
	(void)snprintf(number, sizeof(number), "%lu", (unsigned long)id->user);
	const char *name = entry ? entry->pw_name : number;
	const char *const values[][2] = { { "HOME",
					      entry ? entry->pw_dir : "/" },
		{ "USER", name }, { "LOGNAME", name },
		{ "SHELL",
		    entry && *entry->pw_shell ? entry->pw_shell : "/bin/sh" } };
	for (int i = 0; i < 4; i++) {
		if (setenv(values[i][0], values[i][1], 1) == -1)
			die_errno(values[i][0]);
	}
	errno = 0;
	int result =
	    entry ? initgroups(name, id->group) : setgroups(1, &id->group);
	check_look(typed);
	if (result == -1)
		die(EXIT_FAILED, "-u %s: %s", typed, strerror(errno));
	id->name = typed;
}

void
identity_assume(const struct identity *id)
{
	if (id->name && (setegid(id->group) == -1 || seteuid(id->user) == -1))
		die(EXIT_FAILED, "-u %s: %s", id->name, strerror(errno));
}

void
identity_resume(const struct identity *id)
{
	int saved_errno = errno;
	if (id->name && (seteuid(getuid()) == -1 || setegid(getgid()) == -1))
		die(EXIT_FAILED, "-u %s: %s", id->name, strerror(errno));
	errno = saved_errno;
}

int
identity_become(const struct identity *id)
{
	if (!id->name)
		return 0;
	if (setgid(id->group) == -1 || setuid(id->user) == -1)
		return -1;
	if (id->user == 0)
		return 0;
	bool back = setuid(0) == 0 || seteuid(0) == 0 ||
	    (id->group != 0 && setgid(0) == 0);
	errno = EPERM;
	return back ? -1 : 0;
}
