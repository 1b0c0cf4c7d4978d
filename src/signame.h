/* SPDX-License-Identifier: ISC */
/* Names of signals. */
#pragma once

/* Returns the number of a signal given by its name, in any case, with or
 * without SIG, by RTMIN+N or RTMAX-N, or by its number.  0 is no signal, but
 * kill(2) takes it, so we do, too.  Returns -1 if there is no such signal. */
int signame_parse(const char *text);
