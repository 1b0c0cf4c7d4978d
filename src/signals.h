/* Signals: held back during the start, default in the command. */
#pragma once
#include "compat.h"

/* Blocks SIGPIPE and SIGXFSZ for good: what they would tell comes as an error
 * of the write, which never ends us.  The first thing main() does.  Returns 0,
 * or -1 with errno. */
int signals_shield(void);
/* Blocks every signal that libc lets us, for good.  INT, HUP, TERM, QUIT or
 * TSTP pending by then acts as the caller set it, after a call of clean_up if
 * that ends us; what comes later does not change the start.  SIGCHLD gets its
 * default, so that children can be waited for.  Returns 0, or -1 with errno. */
int signals_hold(void (*clean_up)(void));

/* Just before the exec: every disposition default, none blocked; one that is
 * pending acts now.  A fork rids us of alarms and timers; without one,
 * same_process, they are stopped here, since they survive exec (alarm(3p)), and
 * their signals discarded with what signals_shield() held back.
 * Async-signal-safe.  Returns 0, or -1 with errno. */
int signals_reset(bool same_process);

/* For a launcher that watches: from now on INT, HUP, TERM and QUIT, unless they
 * are ignored, are caught while signals_watching() is the mask (which lets them
 * and TSTP in); signals_caught() tells which came, or 0; signals_end() ends us
 * by that one.  Returns 0, or -1 with errno. */
int signals_catch(void);
sigset_t signals_watching(void);
int signals_caught(void);
_Noreturn void signals_end(void);
#define signals_block_all           signals_hold
