#include <signal.h>
#include <string.h>
#include <stdlib.h>
#include <stdbool.h>
#define MORE_NAMES , NAME(STKFLT), NAME(IO), NAME(POLL), NAME(PWR), NAME(IOT), { "CLD", SIGCHLD }
int compat_signal_number(const char *name);
#define NAME(name)               \
	{                        \
#name, SIG##name \
	}

int
compat_signal_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} names[] = { NAME(HUP), NAME(INT), NAME(QUIT), NAME(ILL), NAME(TRAP),
		NAME(ABRT), NAME(BUS), NAME(FPE), NAME(KILL), NAME(USR1),
		NAME(SEGV), NAME(USR2), NAME(PIPE), NAME(ALRM), NAME(TERM),
		NAME(CHLD), NAME(CONT), NAME(STOP), NAME(TSTP), NAME(TTIN),
		NAME(TTOU), NAME(URG), NAME(XCPU), NAME(XFSZ), NAME(VTALRM),
		NAME(PROF), NAME(WINCH), NAME(SYS) MORE_NAMES };
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i].name, name) == 0)
			return names[i].number;
	}
	long base = 0, least = 1;
#if defined(SIGRTMIN)
	if (strncmp(name, "RTM", 3) == 0)
		least = SIGRTMIN;
	if (strncmp(name, "RTMIN", 5) == 0)
		base = SIGRTMIN;
	if (strncmp(name, "RTMAX", 5) == 0)
		base = SIGRTMAX;
	if (base != 0)
		name += 5;
	if (base != 0 && *name == '\0')
		return (int)base;
#endif
	char *end;
	long number = strtol(name, &end, 10);
	bool whole = *name != '\0' &&
	    strchr(base ? "+-" : "0123456789", *name) && *end == '\0';
	return whole && number >= least - base && number < NSIG - base ?
	    (int)(base + number) :
	    0;
}

