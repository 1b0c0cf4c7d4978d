/* SPDX-License-Identifier: ISC */
#include "claim.h"

#include <stddef.h>
#include <unistd.h>

#include "pidfile.h"
#include "process.h"

/* The real and the effective user of a process. */
struct users {
	uid_t real;
	uid_t effective;
};

static bool
is_root_or_owner(const struct claim_file *file, uid_t uid)
{
	return uid == 0 || uid == file->st->st_uid;
}

/* Rule (2) for a holder that does not fit the stamp: somebody may have touched
 * the file. */
static bool
is_believed_user(const struct claim_file *file, uid_t uid)
{
	return is_root_or_owner(file, uid) || uid == getuid();
}

static bool
is_believed(const struct claim_file *file, pid_t pid)
{
	struct users users;

	if (process_read_users(pid, &users.real, &users.effective) == -1)
		return true;
	return is_believed_user(file, users.real) &&
	    is_believed_user(file, users.effective);
}

/* A number that a lock was left under may be another process's by now. */
static bool
is_forged(const struct claim_file *file, pid_t pid)
{
	return process_shows_lock(pid, file->st, file->run_byte) == PROCESS_NO;
}

/* Rule (3). */
static bool
may_write(const struct claim_file *file, uid_t uid)
{
	if (is_root_or_owner(file, uid))
		return true;
	return file->user->name != NULL && uid == file->user->uid;
}

static enum claim
claim_of_suspect(const struct claim_file *file, pid_t pid)
{
	struct users users;

	if (process_read_users(pid, &users.real, &users.effective) == -1)
		return CLAIM_OPEN;
	if (!may_write(file, users.real) || !may_write(file, users.effective))
		return CLAIM_REFUTED;

	switch (process_shows_lock(pid, file->st, file->run_byte)) {
	case PROCESS_YES:
		return CLAIM_PROVED;
	case PROCESS_NO:
		return CLAIM_REFUTED;
	case PROCESS_UNKNOWN:
		break;
	}
	return CLAIM_OPEN;
}

enum claim
claim_of_holder(const struct claim_file *file, pid_t pid)
{
	if (!file->is_trusted)
		return claim_of_suspect(file, pid);
	if (file->is_pidfile && pidfile_compare(file->st, pid) == PIDFILE_FITS)
		return CLAIM_PROVED;
	if (is_forged(file, pid))
		return CLAIM_REFUTED;
	if (!file->is_pidfile)
		return CLAIM_PROVED;
	return is_believed(file, pid) ? CLAIM_PROVED : CLAIM_REFUTED;
}

static bool
is_another(pid_t pid)
{
	struct process process;

	if (process_read(pid, &process) == -1)
		return false;
	if (process.terminal != 0)
		return true;
	/* A number is not given again while it is that of a session, so a
	 * process of that number is the leader.  0 is a session made outside of
	 * this pid namespace, so not by us. */
	return process.session == 0 || !process_has_ended(process.session);
}

enum claim
claim_of_named(const struct claim_file *file, pid_t pid)
{
	switch (pidfile_compare(file->st, pid)) {
	case PIDFILE_FITS:
		return file->is_trusted ? CLAIM_PROVED : CLAIM_OPEN;
	case PIDFILE_DIFFERS:
		return is_another(pid) ? CLAIM_REFUTED : CLAIM_OPEN;
	case PIDFILE_UNKNOWN:
		break;
	}
	return CLAIM_OPEN;
}
