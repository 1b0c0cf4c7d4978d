/* SPDX-License-Identifier: ISC */
/*
 * Rule (1) for paths: who else can change what a directory or a link says.
 *
 * One is trusted if root or who runs us owns it and nobody else can write to
 * it.  A group is nobody else if it has the owner's name and no other member
 * (user private groups).  In a user namespace an owner that it does not map
 * counts as root: nobody there can act as that owner.
 */
#pragma once

#include <stddef.h>
#include <sys/stat.h>

enum trust {
	TRUST_YES,
	TRUST_OTHER_OWNER,
	TRUST_ALL_WRITE,
	TRUST_GROUP_WRITES,
	TRUST_ACL /* the group's bits are an access list's mask, or may be */
};

/*
 * Judges a directory that is open as fd, or a link, for which fd is not used,
 * by its status.
 */
enum trust trust_judge(int fd, const struct stat *st);

/* Writes into text what is wrong with it, to stand behind "is". */
void trust_describe(enum trust trust, const struct stat *st, char *text,
    size_t size);
