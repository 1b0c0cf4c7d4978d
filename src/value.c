/* SPDX-License-Identifier: ISC */
#include "value.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "exit.h"

#define MAX_SECONDS 1e6

void
value_refuse(const char *option, const char *value, const char *why)
{
	die(EXIT_FAILED, "%s %.64s: %s" SEE_HELP, option, value, why);
}

int
value_int(const char *option, const char *value, int base, int min, int max,
    const char *why)
{
	char *endp;
	long number;

	/* strtol() would take blanks and a sign. */
	if (*value < '0' || *value > '9')
		value_refuse(option, value, why);
	number = strtol(value, &endp, base);
	if (*endp != '\0' || number < min || number > max)
		value_refuse(option, value, why);
	return (int)number;
}

long
value_seconds(const char *option, const char *value)
{
	static const char why[] = "not seconds from 0 to 1000000";
	char *endp;
	double seconds;

	/* strtod() would take blanks, a sign, an exponent and "nan". */
	if (value[strspn(value, "0123456789.")] != '\0')
		value_refuse(option, value, why);
	seconds = strtod(value, &endp);
	if (endp == value || *endp != '\0' || seconds > MAX_SECONDS)
		value_refuse(option, value, why);
	return (long)(seconds * 1000 + 0.999);
}

void
value_check_path(const char *what, const char *path)
{
	if (*path == '\0')
		die(EXIT_FAILED, "%s: the path is empty" SEE_HELP, what);
	if (strlen(path) >= PATH_MAX)
		die(EXIT_FAILED, "%s %.32s...: the path is too long" SEE_HELP,
		    what, path);
}
