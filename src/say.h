/*
 * Messages to the caller: each is one line, "daemonize: OBJECT: REASON".
 *
 * A line goes to descriptor 2 in one write(2).  Control characters in it are shown as '?', so that
 * no name can make a second line or move a cursor.  A line that cannot be written changes nothing:
 * there is nobody to tell.
 */
#ifndef SAY_H
#define SAY_H

#include <stdlib.h>
#include <sys/types.h>

#include "compat.h"

/* Ends the message about a misuse. */
#define SEE_HELP "; see 'daemonize --help'"

/* Writes one line on descriptor 2.  Keeps errno. */
void say(const char *format, ...) FORMAT(1, 2);

/* say(), then exit(status), one of enum exit_status. */
#define die(status, ...) (say(__VA_ARGS__), exit(status))

/* Dies with EXIT_FAILED: "OBJECT: " and the reason of errno. */
_Noreturn void fail(const char *object);

/* As say(), but "would ..." on the standard output: for -n.  finish_output() ends it. */
void say_would(const char *format, ...) FORMAT(1, 2);

/* printf(3), and dies with EXIT_FAILED if that cannot be written. */
void print(const char *format, ...) FORMAT(1, 2);

/* Writes what print() and say_would() left in the buffer, and ends with status 0. */
_Noreturn void finish_output(void);

enum { NUMBER_SIZE = 24 };

/* Writes pid and a newline into text; returns where it begins there.  Async-signal-safe. */
const char *format_number(char text[static NUMBER_SIZE], pid_t pid);

#endif
