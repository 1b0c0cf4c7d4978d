/* SPDX-License-Identifier: ISC */
/* Shim over path.h until open.h exists. */
#pragma once
#include "path.h"

struct open_rule {
	enum purpose purpose;
};
static const struct open_rule open_rule_lock = { FOR_LOCK };
static const struct open_rule open_rule_ask = { FOR_ASKING };

static inline int
open_path(struct lookup *lookup, const char *path, int flags, mode_t mode,
    const struct open_rule *rule, const struct identity *user, bool *created)
{
	if (created != NULL)
		*created = false;
	return path_open(lookup, path, flags, mode, rule->purpose, user);
}

static inline int
open_preview(struct lookup *lookup, const char *path, int flags,
    const struct open_rule *rule, const struct identity *user)
{
	(void)rule;
	return path_open(lookup, path, flags, 0, FOR_PREVIEW, user);
}
#define open_die path_die
