/* Paths as the caller means them: relative to where the caller stands. */
#ifndef PATH_H
#define PATH_H

/*
 * Returns path as an absolute one, in memory that the caller of this function
 * frees.  Looks at the working directory only if path is relative; dies with
 * EXIT_FAILED if that is gone or out of reach, or the result too long.
 */
char *path_absolute(const char *path);

#endif
