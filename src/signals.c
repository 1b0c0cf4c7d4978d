/* SPDX-License-Identifier: ISC */
#include "signals.h"
#include "compat.h"
#include <sys/time.h>

/* sigprocmask(2) for one signal, or with 0 for none.  Returns 0, or -1 with
 * errno. */
static int
change_mask(int how, int number)
{
	sigset_t set;
	(void)sigemptyset(&set);
	if (number != 0)
		(void)sigaddset(&set, number);
	return sigprocmask(how, &set, NULL);
}

int
signals_shield(void)
{
	return change_mask(SIG_BLOCK, SIGPIPE) == -1 ?
	    -1 :
	    change_mask(SIG_BLOCK, SIGXFSZ);
}

/* Those that end or stop us. */
static const int ending[] = { SIGTSTP, SIGINT, SIGHUP, SIGTERM, SIGQUIT };
enum {
	ENDING = sizeof(ending) / sizeof(ending[0])
};

int
signals_hold(void (*clean_up)(void))
{
	sigset_t all, came;
	struct sigaction action;
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return -1;
	(void)sigfillset(&all);
	for (;;) {
		if (sigprocmask(SIG_BLOCK, &all, NULL) == -1 ||
		    sigpending(&came) == -1)
			return -1;
		size_t i = 0;
		while (i < ENDING && !sigismember(&came, ending[i]))
			i++;
		if (i == ENDING)
			return 0;
		if (sigaction(ending[i], NULL, &action) == -1)
			return -1;
		if (clean_up && action.sa_handler != SIG_IGN &&
		    ending[i] != SIGTSTP)
			clean_up();
		/* if it only stopped us, or is ignored, we look again */
		if (change_mask(SIG_UNBLOCK, ending[i]) == -1)
			return -1;
	}
}

/* To ignore a pending signal discards it (POSIX 2.4.3). */
static int
discard_own(void)
{
	static const int own[] = { SIGALRM, SIGVTALRM, SIGPROF, SIGPIPE,
		SIGXFSZ };
	static const struct itimerval never;
	if (setitimer(ITIMER_REAL, &never, NULL) == -1 ||
	    setitimer(ITIMER_VIRTUAL, &never, NULL) == -1 ||
	    setitimer(ITIMER_PROF, &never, NULL) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (signal(own[i], SIG_IGN) == SIG_ERR)
			return -1;
	}
	return 0;
}

int
signals_reset(bool same_process)
{
	if (same_process && discard_own() == -1)
		return -1;
	return compat_default_signals() == -1 ? -1 :
						change_mask(SIG_SETMASK, 0);
}

static volatile sig_atomic_t caught;

static void catch (int number)
{
	caught = number;
}

int
signals_catch(void)
{
	struct sigaction action;
	for (size_t i = 1; i < ENDING; i++) { /* all but SIGTSTP */
		if (sigaction(ending[i], NULL, &action) == -1)
			return -1;
		if (action.sa_handler == SIG_IGN)
			continue;
		action.sa_handler = catch;
		if (sigaction(ending[i], &action, NULL) == -1)
			return -1;
	}
	return 0;
}

sigset_t
signals_watching(void)
{
	sigset_t mask;
	(void)sigfillset(&mask);
	for (size_t i = 0; i < ENDING; i++)
		(void)sigdelset(&mask, ending[i]);
	return mask;
}

int
signals_caught(void)
{
	return caught;
}

void
signals_end(void)
{
	(void)signal(caught, SIG_DFL);
	(void)raise(caught);
	(void)change_mask(SIG_SETMASK, 0);
	exit(128 + caught); /* process 1 of a namespace */
}
