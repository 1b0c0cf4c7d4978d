/* SPDX-License-Identifier: ISC */
/*
 * Diagnostics for the caller, and what is printed on standard output.
 *
 * A diagnostic is one line on descriptor 2, "daemonize: OBJECT: REASON",
 * written by one write(2).  Control characters in it are replaced by '?', so
 * that no name can start a second line or move the cursor.  A diagnostic that
 * cannot be written is lost, and changes nothing else.
 */
#pragma once

#include <sys/types.h>

/* Lets the compiler check the arguments against the format, as in printf(3). */
#define PRINTF_LIKE(string, first) \
	__attribute__((format(printf, string, first)))

/* Ends a diagnostic about misuse. */
#define SEE_HELP "; see 'daemonize --help'"

/* Writes "daemonize: " and the message.  Keeps errno. */
void warn(const char *format, ...) PRINTF_LIKE(1, 2);

/* Has warn() put a text behind each message, which the caller keeps; "": no
 * more. */
void warn_with(const char *ending);

/*
 * From now on a message is cut to what a pipe takes at once, and lost if
 * standard error would have us wait, as a full pipe would.  A FIFO on it is
 * opened once more, close-on-exec and from min_fd on.
 */
void warn_without_waiting(int min_fd);

/* Writes a line that somebody else wrote, indented.  Keeps errno. */
void warn_quoted(const char *format, ...) PRINTF_LIKE(1, 2);

/* Warns, and exits with a status of enum exit_status, or a command's own. */
_Noreturn void die(int status, const char *format, ...) PRINTF_LIKE(2, 3);

/* Dies with EXIT_FAILED: "OBJECT: " and the text of errno. */
_Noreturn void die_errno(const char *object);

/* Dies with EXIT_FAILED for lack of memory. */
_Noreturn void die_no_memory(void);

/* printf(3) that dies with EXIT_FAILED on a write error. */
void print(const char *format, ...) PRINTF_LIKE(1, 2);

/* Prints "would " and the message as a line of -n, like print().  Control
 * characters are replaced. */
void print_would(const char *format, ...) PRINTF_LIKE(1, 2);

/* Exits with status, or with EXIT_FAILED if standard output cannot be
 * written. */
_Noreturn void exit_flushed(int status);

enum {
	PID_TEXT_SIZE = 24
};

/* Writes pid in decimal, and after it last, which may be '\0' for nothing, at
 * the end of text.  Returns where in text it begins.  Async-signal-safe. */
const char *format_pid(char text[static PID_TEXT_SIZE], pid_t pid, char last);
