/* Signals: held back during the start, default in the command. */
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

#include "compat.h"
#include "signals.h"

int signals_shield(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGPIPE);
	(void)sigaddset(&set, SIGXFSZ);
	return sigprocmask(SIG_BLOCK, &set, NULL);
}

int signals_hold(void (*clean_up)(void))
{
	static const int ending[] = { SIGINT, SIGHUP, SIGTERM, SIGQUIT, SIGTSTP };
	sigset_t all, pending, one;
	struct sigaction action;
	size_t i = 0;

	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR) return -1;
	(void)sigfillset(&all);
	while (i < sizeof(ending) / sizeof(ending[0])) {
		if (i == 0 &&
			(sigprocmask(SIG_BLOCK, &all, NULL) == -1 || sigpending(&pending) == -1))
			return -1;
		if (!sigismember(&pending, ending[i++])) continue;
		if (sigaction(ending[i - 1], NULL, &action) == -1) return -1;
		if (clean_up && action.sa_handler != SIG_IGN && ending[i - 1] != SIGTSTP)
			clean_up();
		/* if it only stopped us, or is ignored, we look again */
		(void)sigemptyset(&one);
		(void)sigaddset(&one, ending[i - 1]);
		if (sigprocmask(SIG_UNBLOCK, &one, NULL) == -1) return -1;
		i = 0;
	}
	return 0;
}

/* To ignore a pending signal discards it (POSIX 2.4.3). */
static int discard_own(void)
{
	static const int own[] = { SIGALRM, SIGVTALRM, SIGPROF, SIGPIPE, SIGXFSZ };
	static const struct itimerval never;
	size_t i;

	if (setitimer(ITIMER_REAL, &never, NULL) == -1 ||
		setitimer(ITIMER_VIRTUAL, &never, NULL) == -1 ||
		setitimer(ITIMER_PROF, &never, NULL) == -1)
		return -1;
	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (signal(own[i], SIG_IGN) == SIG_ERR) return -1;
	}
	return 0;
}

int signals_reset(bool same_process)
{
	sigset_t none;

	(void)sigemptyset(&none);
	if (same_process && discard_own() == -1) return -1;
	if (compat_default_signals() == -1) return -1;
	return sigprocmask(SIG_SETMASK, &none, NULL);
}
