/* Messages to the caller, each one line on descriptor 2, "daemonize: OBJECT:
 * REASON", by one write(2).  Control characters are shown as '?', so that no
 * name can make a second line or move a cursor.  A line that cannot be written
 * changes nothing: there is nobody to tell. */
#pragma once
#include "compat.h"
#include "exit.h"

#define SEE_HELP \
	"; see 'daemonize --help'" /* ends the message about a misuse */
/* Writes one line, prefix first.  Keeps errno. */
void diag_line(int fd, const char *prefix, const char *format, ...)
    FORMAT(3, 4);

/* What we say, what somebody else said, and what we would do: for -n, as
 * print() writes it. */
#define warn(...)        diag_line(STDERR_FILENO, "daemonize: ", __VA_ARGS__)
#define warn_quoted(...) diag_line(STDERR_FILENO, "    ", __VA_ARGS__)
#define print_would(...) diag_line(STDOUT_FILENO, "would ", __VA_ARGS__)

/* warn(), then exit(status), one of enum exit_status. */
#define die(status, ...) (warn(__VA_ARGS__), exit(status))
/* Dies with EXIT_FAILED: "OBJECT: " and the reason of errno. */
_Noreturn void die_errno(const char *object);
/* printf(3), and dies with EXIT_FAILED if that cannot be written. */
void print(const char *format, ...) FORMAT(1, 2);
/* Writes what print() and print_would() left in the buffer, and ends. */
_Noreturn void exit_flushed(int status);

enum {
	NUMBER_SIZE = 24
};
/* Writes pid and a newline into text; returns where it begins there.
 * Async-signal-safe. */
const char *format_number(char text[static NUMBER_SIZE], pid_t pid);
