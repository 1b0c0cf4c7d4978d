/* SPDX-License-Identifier: ISC */
/* daemonize: any command as a Unix daemon.  The table of contents. */
#include <unistd.h>

#include "child.h"
#include "control.h"
#include "detach.h"
#include "diag.h"
#include "exit.h"
#include "lock.h"
#include "options.h"
#include "plan.h"
#include "prepare.h"
#include "signals.h"
#include "streams.h"

int
main(int argc, char **argv)
{
	static struct options options;
	static struct plan plan;
	unsigned closed_mask;

	if (signals_block_write_signals() == -1)
		die_errno("signals");
	closed_mask = streams_reserve();
	if (getuid() != geteuid() || getgid() != getegid())
		die(EXIT_FAILED,
		    "refused: the program must not be "
		    "set-user-ID or set-group-ID");

	options_parse(&options, argc, argv);
	if (options.verb != VERB_START)
		return control(&options);

	prepare(&plan, &options, closed_mask);
	if (!plan.detach) {
		detach_loggers(&plan);
		child_exec_in_place(&plan.command, plan.min_fd);
	}

	detach(&plan);
	lock_keep_pidfile();
	return EXIT_STARTED;
}
