/* SPDX-License-Identifier: ISC */
#include "announce.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "options.h"

bool
announce(const struct options *o, const char *format, ...)
{
	char step[2 * PATH_MAX + 64];
	va_list arguments;

	if (!o->dry_run && !o->verbose)
		return true;

	va_start(arguments, format);
	(void)vsnprintf(step, sizeof(step), format, arguments);
	va_end(arguments);
	if (o->dry_run)
		print_would("%s", step);
	else
		warn("%s", step);
	return !o->dry_run;
}
