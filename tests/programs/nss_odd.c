/* SPDX-License-Identifier: ISC */
/*
 * libnss_odd.so, a module of nsswitch.conf(5) that knows no user and no group,
 * and behaves as badly as a module may: each question leaves a descriptor open,
 * and the number in ODD_ERRNO, or 0, in errno.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdlib.h>

/* Answers each question. */
static enum nss_status
not_found(int *error)
{
	const char *value = getenv("ODD_ERRNO");

	(void)open("/dev/zero", O_RDONLY);
	errno = value != NULL ? atoi(value) : 0;
	*error = errno;
	return NSS_STATUS_NOTFOUND;
}

enum nss_status
_nss_odd_getpwnam_r(const char *name, struct passwd *entry, char *buffer,
    size_t size, int *error)
{
	(void)name, (void)entry, (void)buffer, (void)size;
	return not_found(error);
}

enum nss_status
_nss_odd_getpwuid_r(uid_t uid, struct passwd *entry, char *buffer, size_t size,
    int *error)
{
	(void)uid, (void)entry, (void)buffer, (void)size;
	return not_found(error);
}

enum nss_status
_nss_odd_getgrnam_r(const char *name, struct group *entry, char *buffer,
    size_t size, int *error)
{
	(void)name, (void)entry, (void)buffer, (void)size;
	return not_found(error);
}

enum nss_status
_nss_odd_initgroups_dyn(const char *user, gid_t gid, long *start, long *size,
    gid_t **groups, long limit, int *error)
{
	(void)user, (void)gid, (void)start, (void)size, (void)groups;
	(void)limit;
	return not_found(error);
}
