/* Paths as the caller means them. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "exit.h"
#include "path.h"
#include "say.h"

char *path_absolute(const char *path)
{
	char absolute[2 * PATH_MAX] = "";
	size_t length = 0;
	char *copy;

	if (path[0] != '/') {
		/* Linux says "(unreachable)/..." of one outside our root */
		if (!getcwd(absolute, PATH_MAX) || absolute[0] != '/')
			die(EXIT_FAILED, "%s: the working directory: %s", path,
				strerror(absolute[0] == '(' ? ENOENT : errno));
		while (path[0] == '.' && path[1] == '/')
			path += 1 + strspn(path + 1, "/");
		length = strlen(absolute);
		if (absolute[length - 1] != '/')
			absolute[length++] = '/';
	}
	(void)strcpy(absolute + length, path);
	if (strlen(absolute) >= PATH_MAX)
		die(EXIT_FAILED, "%s: %s", absolute, strerror(ENAMETOOLONG));
	copy = strdup(absolute);
	if (!copy)
		die(EXIT_FAILED, "out of memory");
	return copy;
}
