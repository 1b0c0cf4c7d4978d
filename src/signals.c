/* SPDX-License-Identifier: ISC */
#include "signals.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/time.h>

#include "compat.h"

/* Signals by which a user ends us; SIGTSTP, which stops us, comes apart. */
static const int ending[] = { SIGINT, SIGHUP, SIGTERM, SIGQUIT };
enum {
	ENDING_COUNT = sizeof(ending) / sizeof(ending[0])
};

/* Changes the mask by one signal.  Returns 0, or -1 with errno. */
static int
change_mask(int how, int signo)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, signo);
	return sigprocmask(how, &set, NULL);
}

static int
unblock_all(void)
{
	sigset_t none;

	(void)sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}

int
signals_block_write_signals(void)
{
	if (change_mask(SIG_BLOCK, SIGPIPE) == -1)
		return -1;
	return change_mask(SIG_BLOCK, SIGXFSZ);
}

/* Returns a pending signal that ends or stops us, 0, or -1 with errno. */
static int
find_pending(void)
{
	sigset_t pending;

	if (sigpending(&pending) == -1)
		return -1;

	if (sigismember(&pending, SIGTSTP))
		return SIGTSTP;
	for (size_t i = 0; i < ENDING_COUNT; i++) {
		if (sigismember(&pending, ending[i]))
			return ending[i];
	}
	return 0;
}

/* Lets a pending signal act.  Returns 0 if we go on, or -1 with errno. */
static int
let_act(int signo, void (*before_end)(void))
{
	struct sigaction action;
	bool ends;

	if (sigaction(signo, NULL, &action) == -1)
		return -1;
	ends = action.sa_handler != SIG_IGN && signo != SIGTSTP;
	if (ends && before_end != NULL)
		before_end();
	return change_mask(SIG_UNBLOCK, signo);
}

int
signals_block_all(void (*before_end)(void))
{
	sigset_t all;
	int signo;

	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return -1;

	(void)sigfillset(&all);
	for (;;) {
		if (sigprocmask(SIG_BLOCK, &all, NULL) == -1)
			return -1;
		signo = find_pending();
		if (signo <= 0)
			return signo;
		/* If it only stopped us, or is ignored, we look again. */
		if (let_act(signo, before_end) == -1)
			return -1;
	}
}

int
signals_stop_timers(void)
{
	static const int own[] = { SIGALRM, SIGVTALRM, SIGPROF, SIGPIPE,
		SIGXFSZ };
	static const struct itimerval never;

	if (setitimer(ITIMER_REAL, &never, NULL) == -1 ||
	    setitimer(ITIMER_VIRTUAL, &never, NULL) == -1 ||
	    setitimer(ITIMER_PROF, &never, NULL) == -1)
		return -1;

	/* To ignore a pending signal discards it (POSIX.1-2008, 2.4.3). */
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (signal(own[i], SIG_IGN) == SIG_ERR)
			return -1;
	}
	return 0;
}

int
signals_reset(void)
{
	if (compat_default_signals() == -1)
		return -1;
	return unblock_all();
}

static volatile sig_atomic_t caught;

/* How often a keeper was sent each; no system has so many signals. */
enum {
	SIGNALS = 128
};
static volatile sig_atomic_t noted[SIGNALS];
static bool is_keeper;

static void
note_signal(int signo)
{
	caught = signo;
}

static void
note_for_command(int signo)
{
	noted[signo]++;
}

/* To be interrupted is all that SIGCHLD is for. */
static void
wake_up(int signo)
{
	(void)signo;
}

int
signals_install_handlers(void)
{
	struct sigaction action;

	for (size_t i = 0; i < ENDING_COUNT; i++) {
		if (sigaction(ending[i], NULL, &action) == -1)
			return -1;
		if (action.sa_handler == SIG_IGN)
			continue;
		action.sa_handler = note_signal;
		if (sigaction(ending[i], &action, NULL) == -1)
			return -1;
	}

	action = (struct sigaction){ .sa_handler = wake_up };
	return sigaction(SIGCHLD, &action, NULL);
}

sigset_t
signals_launcher_mask(void)
{
	sigset_t mask = signals_intermediate_mask();

	(void)sigdelset(&mask, SIGTSTP);
	for (size_t i = 0; i < ENDING_COUNT; i++)
		(void)sigdelset(&mask, ending[i]);
	return mask;
}

sigset_t
signals_intermediate_mask(void)
{
	sigset_t mask;

	if (is_keeper) {
		(void)sigemptyset(&mask);
		(void)sigaddset(&mask, SIGPIPE);
		(void)sigaddset(&mask, SIGXFSZ);
		return mask;
	}
	(void)sigfillset(&mask);
	(void)sigdelset(&mask, SIGCHLD);
	return mask;
}

/* Returns true if a keeper has a signal noted. */
static bool
is_noted_one(int signo)
{
	static const int others[] = { SIGKILL, SIGSTOP, SIGCHLD, SIGPIPE,
		SIGXFSZ };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (signo == others[i])
			return false;
	}
	return true;
}

int
signals_note_all(void)
{
	struct sigaction action = { .sa_handler = note_for_command };

	for (int signo = 1; signo < SIGNALS; signo++) {
		if (!is_noted_one(signo))
			continue;
		/* What has come before was for the caller's group; to ignore
		 * it discards it.  libc keeps some numbers from us. */
		(void)signal(signo, SIG_IGN);
		if (sigaction(signo, &action, NULL) == -1 && errno != EINVAL)
			return -1;
	}
	is_keeper = true;
	action.sa_handler = wake_up;
	return sigaction(SIGCHLD, &action, NULL);
}

int
signals_take(void)
{
	for (int signo = 1; signo < SIGNALS; signo++) {
		if (noted[signo] != 0) {
			noted[signo]--;
			return signo;
		}
	}
	return 0;
}

int
signals_caught(void)
{
	return (int)caught;
}

void
signals_end(void)
{
	const int signo = signals_caught();

	(void)signal(signo, SIG_DFL);
	(void)raise(signo);
	/* No other: SIGPIPE may be pending. */
	(void)change_mask(SIG_UNBLOCK, signo);

	/* Process 1 of a pid namespace is not ended by a signal of its own. */
	exit(128 + signo);
}
