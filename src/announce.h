/* SPDX-License-Identifier: ISC */
/* What -n and -v say. */
#pragma once

#include <stdbool.h>

#include "diag.h"

struct options;

/*
 * Says a step that is to come, a phrase in the imperative, with -n or -v.
 * Returns true if the step is to be taken; with -n none is.
 */
PRINTF_LIKE(2, 3)
bool announce(const struct options *options, const char *format, ...);
