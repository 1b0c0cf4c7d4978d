/*
 * Messages to the caller: each is one line, "daemonize: OBJECT: REASON".
 *
 * A line goes to descriptor 2 in one write(2).  Control characters in it are
 * shown as '?', so that no name can make a second line or move a cursor.  A
 * line that cannot be written changes nothing: there is nobody to tell.
 */
#ifndef SAY_H
#define SAY_H

#include <stdbool.h>

#if defined(__GNUC__)
#define FORMAT(string, first) __attribute__((format(printf, string, first)))
#else
#define FORMAT(string, first)
#endif

/* Ends the message about a misuse. */
#define SEE_HELP "; see 'daemonize --help'"

/* Writes one line on descriptor 2.  Keeps errno. */
void say(const char *format, ...) FORMAT(1, 2);

/* say(), then exit(status), one of enum exit_status. */
_Noreturn void die(int status, const char *format, ...) FORMAT(2, 3);

/*
 * A step to come, a phrase in the imperative.  With verbose as say(); with
 * dry_run "would PHRASE" is printed.
 */
void tell(bool verbose, bool dry_run, const char *format, ...) FORMAT(3, 4);

/* printf(3), and dies with EXIT_FAILED if that cannot be written. */
void print(const char *format, ...) FORMAT(1, 2);

/* Writes what print() and tell() left in the buffer, and ends with status 0. */
_Noreturn void finish_output(void);

#endif
