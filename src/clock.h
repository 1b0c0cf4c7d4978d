/* SPDX-License-Identifier: ISC */
/* The clock that nobody sets. */
#pragma once

/* Returns its time in milliseconds. */
long long clock_now(void);
