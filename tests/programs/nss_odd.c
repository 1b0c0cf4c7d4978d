/* SPDX-License-Identifier: ISC */
/*
 * An NSS module (nsswitch.conf(5), "odd") that knows nobody, and behaves as
 * badly as it may: each question leaves a descriptor open, and EAGAIN or 0 in
 * errno, as $ODD_ERRNO says.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdlib.h>

static enum nss_status
know_nobody(int *error)
{
	const char *odd = getenv("ODD_ERRNO");

	(void)open("/dev/zero", O_RDONLY);
	errno = odd != NULL ? atoi(odd) : 0;
	*error = errno;
	return NSS_STATUS_NOTFOUND;
}

enum nss_status
_nss_odd_getpwnam_r(const char *name, struct passwd *entry, char *buffer,
    size_t size, int *error)
{
	(void)name, (void)entry, (void)buffer, (void)size;
	return know_nobody(error);
}

enum nss_status
_nss_odd_getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size,
    int *error)
{
	(void)uid, (void)entry, (void)buffer, (void)size;
	return know_nobody(error);
}

enum nss_status
_nss_odd_getgrnam_r(const char *name, struct group *entry, char *buffer,
    size_t size, int *error)
{
	(void)name, (void)entry, (void)buffer, (void)size;
	return know_nobody(error);
}

enum nss_status
_nss_odd_initgroups_dyn(const char *user, gid_t gid, long *start, long *size,
    gid_t **groups, long limit, int *error)
{
	(void)user, (void)gid, (void)start, (void)size, (void)groups;
	(void)limit;
	return know_nobody(error);
}
