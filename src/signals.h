/* Signals: held back during the start, default in the command. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>

/*
 * Blocks SIGPIPE and SIGXFSZ for good: what they would tell comes as an error of the write, and a
 * message that cannot be written never ends us.  The first thing main() does.  Returns 0, or -1
 * with errno.
 */
int signals_shield(void);

/*
 * Blocks every signal (that libc lets us), for good.  If INT, HUP, TERM, QUIT or TSTP is pending by
 * then it acts as the caller set it to act, which ends us unless it is ignored: a signal either
 * comes before the start and nothing starts, or it does not change the start.  Before one ends us
 * clean_up is called.  SIGCHLD gets its default disposition, without which no child could be waited
 * for.  Returns 0, or -1 with errno.
 */
int signals_hold(void (*clean_up)(void));

/*
 * Just before the exec: every disposition default, none blocked; one that is pending acts now.  A
 * fork has rid us of alarms and timers; if there was none, same_process, they are stopped here, and
 * their signals discarded, with what signals_shield() held back (alarm(3p): a pending alarm
 * survives exec).  Async-signal-safe.  Returns 0, or -1 with errno.
 */
int signals_reset(bool same_process);

#endif
