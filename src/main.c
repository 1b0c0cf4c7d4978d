/* daemonize: any command as a Unix daemon.  The table of contents. */
#include "become.h"
#include "control.h"
#include "detach.h"
#include "diag.h"
#include "signals.h"
#include "streams.h"

int
main(int argc, char **argv)
{
	static struct options options;
	static struct plan plan;
	if (signals_shield() == -1)
		die_errno("signals");
	unsigned missing = streams_reserve();
	if (getuid() != geteuid() || getgid() != getegid())
		die(EXIT_FAILED,
		    "refused: the program must not be set-user-ID or set-group-ID");
	options_parse(&options, argc, argv);
	if (options.verb != VERB_START)
		return control(&options);
	plan_make(&plan, &options, missing);
	if (plan.detach)
		return detach(&plan);
	become_here(&plan);
}
