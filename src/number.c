/* Process ids as text. */
#include "number.h"

const char *number_format(char text[static NUMBER_SIZE], pid_t pid)
{
	char *begin = text + NUMBER_SIZE;

	*--begin = '\0';
	*--begin = '\n';
	for (; pid > 0; pid /= 10)
		*--begin = (char)('0' + pid % 10);
	return begin;
}
