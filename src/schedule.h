/* SPDX-License-Identifier: ISC */
/* The schedule of --stop: which signals to send, and how long to wait after
 * each, as start-stop-daemon(8) has it. */
#pragma once

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

/* Returns the same for TERM and a wait of that many milliseconds. */
struct schedule_step *schedule_default(long milliseconds);
