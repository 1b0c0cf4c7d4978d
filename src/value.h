/* SPDX-License-Identifier: ISC */
/*
 * Values of options, parsed strictly: digits only, no blanks, no signs.  The
 * functions take the option as it was typed, for the diagnostic, and die with
 * EXIT_FAILED on a value that they do not accept.
 */
#pragma once

/* Dies: "OPTION VALUE: WHY". */
_Noreturn void value_refuse(const char *option, const char *value,
    const char *why);

/* Returns an integer from min to max in base 8 or 10. */
int value_int(const char *option, const char *value, int base, int min, int max,
    const char *why);

/* Returns seconds, perhaps with a fraction, in milliseconds, rounded up. */
long value_seconds(const char *option, const char *value);

/* Dies unless path can be that of a file; what names it in the diagnostic. */
void value_check_path(const char *what, const char *path);
