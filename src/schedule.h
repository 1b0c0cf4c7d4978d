/* SPDX-License-Identifier: ISC */
/* The schedule of --stop: which signals to send, and how long to wait after
 * each, as start-stop-daemon(8) has it. */
#pragma once

#include <stdbool.h>

/* A schedule is an array of steps, ended by SCHEDULE_END. */
struct schedule_step {
	enum {
		SCHEDULE_END,
		SCHEDULE_SIGNAL, /* send signal number value */
		SCHEDULE_WAIT,   /* wait up to value milliseconds for the end */
		SCHEDULE_REPEAT  /* at the end go on after this step */
	} kind;
	long value;
};

/* Returns the steps of text, which is overwritten: signals and seconds with '/'
 * between them, "forever" before what is to be repeated.  Seconds alone are
 * those after TERM and again after KILL.  The steps are allocated, and never
 * freed.  Dies with EXIT_FAILED on anything else, naming the option. */
struct schedule_step *schedule_parse(const char *option, char *text);

/* Returns the steps of the text "TERM". */
struct schedule_step *schedule_default(void);

/* Returns true if a schedule ends with a signal, after which nothing is waited
 * for. */
bool schedule_lacks_wait(const struct schedule_step *steps);

/* Adds a wait of that many milliseconds to such a schedule. */
void schedule_add_wait(struct schedule_step *steps, long milliseconds);
