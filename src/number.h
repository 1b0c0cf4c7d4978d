/* Process ids as text. */
#ifndef NUMBER_H
#define NUMBER_H

#include <sys/types.h>

enum { NUMBER_SIZE = 24 };

/* Writes pid and a newline into text; returns where it begins there.  Async-signal-safe. */
const char *number_format(char text[static NUMBER_SIZE], pid_t pid);

#endif
