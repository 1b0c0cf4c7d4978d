/* SPDX-License-Identifier: ISC */
#include "schedule.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "exit.h"
#include "signame.h"
#include "value.h"

static struct schedule_step
signal_step(int signo)
{
	return (struct schedule_step){ SCHEDULE_SIGNAL, signo };
}

static struct schedule_step
wait_step(long milliseconds)
{
	return (struct schedule_step){ SCHEDULE_WAIT, milliseconds };
}

/* A signal may be written as an option of kill(1): -HUP, and must be if it is
 * a number. */
static int
parse_signal(const char *option, const char *item)
{
	const char *name = *item == '-' ? item + 1 : item;
	int signo = signame_parse(name);

	if (signo <= 0)
		value_refuse(option, name, "no such signal");
	return signo;
}

static struct schedule_step
parse_step(const char *option, const char *item)
{
	if (strcmp(item, "forever") == 0)
		return (struct schedule_step){ SCHEDULE_REPEAT, 0 };
	if (strchr("0123456789.", *item) != NULL)
		return wait_step(value_seconds(option, item));
	return signal_step(parse_signal(option, item));
}

/* Returns true if the steps to be repeated have no wait between them. */
static bool
repeats_without_wait(const struct schedule_step *step)
{
	bool repeats = false;
	bool waits = false;

	for (; step->kind != SCHEDULE_END; step++) {
		if (step->kind == SCHEDULE_REPEAT) {
			repeats = true;
			waits = false;
		} else if (step->kind == SCHEDULE_WAIT && step->value > 0) {
			waits = true;
		}
	}
	return repeats && !waits;
}

struct schedule_step *
schedule_parse(const char *option, char *text)
{
	/* Zeros are SCHEDULE_END.  The shortest text, "1", makes four steps,
	 * and there is room for a wait at the end. */
	struct schedule_step *steps = calloc(strlen(text) + 4, sizeof(*steps));
	size_t count = 0;
	long milliseconds;

	if (steps == NULL)
		die_no_memory();
	for (char *item = strtok(text, "/"); item != NULL;
	     item = strtok(NULL, "/"))
		steps[count++] = parse_step(option, item);

	if (count == 0)
		die(EXIT_FAILED, "%s: empty schedule" SEE_HELP, option);
	if (repeats_without_wait(steps))
		die(EXIT_FAILED, "%s: the schedule never waits" SEE_HELP,
		    option);

	if (count == 1 && steps[0].kind == SCHEDULE_WAIT) {
		milliseconds = steps[0].value;
		steps[0] = signal_step(SIGTERM);
		steps[1] = wait_step(milliseconds);
		steps[2] = signal_step(SIGKILL);
		steps[3] = wait_step(milliseconds);
	}
	return steps;
}

struct schedule_step *
schedule_default(void)
{
	struct schedule_step *steps = calloc(3, sizeof(*steps));

	if (steps == NULL)
		die_no_memory();
	steps[0] = signal_step(SIGTERM);
	return steps;
}

bool
schedule_lacks_wait(const struct schedule_step *steps)
{
	bool is_signal = false;

	for (; steps->kind != SCHEDULE_END; steps++) {
		if (steps->kind == SCHEDULE_REPEAT)
			return false;
		is_signal = steps->kind == SCHEDULE_SIGNAL;
	}
	return is_signal;
}

void
schedule_add_wait(struct schedule_step *steps, long milliseconds)
{
	while (steps->kind != SCHEDULE_END)
		steps++;
	*steps = wait_step(milliseconds);
}
