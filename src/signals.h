/* SPDX-License-Identifier: ISC */
/* Signals: blocked while we start a command, default in the command. */
#pragma once

#include <signal.h>

/*
 * Blocks SIGPIPE and SIGXFSZ for good, so that a write fails with an error
 * instead of ending us.  The first thing that main() does.  Returns 0, or -1
 * with errno.
 */
int signals_block_write_signals(void);

/*
 * Blocks, for good, every signal that libc lets us.  One of INT, HUP, TERM,
 * QUIT and TSTP that is pending by then acts as the caller set it; before_end
 * (may be NULL) is called first if that ends us.  One that comes later does not
 * change the start.  SIGCHLD gets its default, so that children can be waited
 * for.  Returns 0, or -1 with errno.
 */
int signals_block_all(void (*before_end)(void));

/*
 * For a process that executes a command without a fork: stops the alarm and
 * the timers, which survive an exec (alarm(3p)), and discards their signals and
 * those of signals_block_write_signals().  Async-signal-safe.  Returns 0, or -1
 * with errno.
 */
int signals_stop_timers(void);

/*
 * Just before the exec: gives every signal its default, and blocks none; one
 * that is pending acts now.  Async-signal-safe.  Returns 0, or -1 with errno.
 */
int signals_reset(void);

/*
 * For a start that is watched, before the first fork: lets SIGCHLD interrupt
 * pselect(2) and, in the launcher, INT, HUP, TERM and QUIT be caught, unless
 * they are ignored.  Returns 0, or -1 with errno.
 */
int signals_install_handlers(void);

/* The mask for pselect(2) in the launcher: it lets those and TSTP in. */
sigset_t signals_launcher_mask(void);

/*
 * The mask for pselect(2) in the intermediate process: it lets SIGCHLD in, and
 * in a keeper what is passed on.
 */
sigset_t signals_intermediate_mask(void);

/*
 * In a keeper: has every signal that can be caught noted, but for SIGCHLD,
 * which only interrupts pselect(2), and those of
 * signals_block_write_signals().  Returns 0, or -1 with errno.
 */
int signals_note_all(void);

/* Returns a signal that was noted, and forgets it once; or 0. */
int signals_take(void);

/* Returns the signal that was caught, or 0. */
int signals_caught(void);

/* Ends us by the signal that was caught. */
_Noreturn void signals_end(void);
