/* SPDX-License-Identifier: ISC */
#include "signame.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <strings.h>

#include "compat.h"

/* POSIX has the names without #ifdef. */
static const struct {
	const char *name;
	int signo;
} names[] = {
	{ "HUP", SIGHUP },
	{ "INT", SIGINT },
	{ "QUIT", SIGQUIT },
	{ "ILL", SIGILL },
	{ "TRAP", SIGTRAP },
	{ "ABRT", SIGABRT },
	{ "BUS", SIGBUS },
	{ "FPE", SIGFPE },
	{ "KILL", SIGKILL },
	{ "USR1", SIGUSR1 },
	{ "SEGV", SIGSEGV },
	{ "USR2", SIGUSR2 },
	{ "PIPE", SIGPIPE },
	{ "ALRM", SIGALRM },
	{ "TERM", SIGTERM },
	{ "CHLD", SIGCHLD },
	{ "CONT", SIGCONT },
	{ "STOP", SIGSTOP },
	{ "TSTP", SIGTSTP },
	{ "TTIN", SIGTTIN },
	{ "TTOU", SIGTTOU },
	{ "URG", SIGURG },
	{ "XCPU", SIGXCPU },
	{ "XFSZ", SIGXFSZ },
	{ "VTALRM", SIGVTALRM },
	{ "SYS", SIGSYS },
#ifdef SIGPROF
	{ "PROF", SIGPROF },
#endif
#ifdef SIGWINCH
	{ "WINCH", SIGWINCH },
#endif
#ifdef SIGSTKFLT
	{ "STKFLT", SIGSTKFLT },
#endif
#ifdef SIGIO
	{ "IO", SIGIO },
#endif
#ifdef SIGPOLL
	{ "POLL", SIGPOLL },
#endif
#ifdef SIGPWR
	{ "PWR", SIGPWR },
#endif
#ifdef SIGIOT
	{ "IOT", SIGIOT },
#endif
#ifdef SIGCLD
	{ "CLD", SIGCLD },
#endif
#ifdef SIGEMT
	{ "EMT", SIGEMT },
#endif
#ifdef SIGINFO
	{ "INFO", SIGINFO },
#endif
};

/* Parses decimal digits, after a sign if is_signed.  Returns false if text is
 * not just that, or is not from min to max. */
static bool
parse_number(const char *text, bool is_signed, long min, long max, long *number)
{
	char first = text[0];
	char *endp;

	if (is_signed && first != '+' && first != '-')
		return false;
	if (!is_signed && (first < '0' || first > '9'))
		return false;
	*number = strtol(text, &endp, 10);
	return *endp == '\0' && *number >= min && *number <= max;
}

#ifdef SIGRTMIN
/* Parses what follows RTMIN or RTMAX, whose number is base. */
static int
parse_offset(const char *text, int base)
{
	long offset;

	if (*text == '\0')
		return base;
	if (!parse_number(text, true, SIGRTMIN - base, SIGRTMAX - base,
		&offset))
		return -1;
	return base + (int)offset;
}
#endif

int
signame_parse(const char *text)
{
	long signo;

	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(names[i].name, text) == 0)
			return names[i].signo;
	}
#ifdef SIGRTMIN
	if (strncasecmp(text, "RTMIN", 5) == 0)
		return parse_offset(text + 5, SIGRTMIN);
	if (strncasecmp(text, "RTMAX", 5) == 0)
		return parse_offset(text + 5, SIGRTMAX);
#endif
	if (!parse_number(text, false, 0, COMPAT_LAST_SIGNAL, &signo))
		return -1;
	return (int)signo;
}
