/* daemonize: any command as a Unix daemon.  The table of contents. */
#include <unistd.h>

#include "become.h"
#include "detach.h"
#include "exit.h"
#include "options.h"
#include "plan.h"
#include "say.h"
#include "signals.h"
#include "streams.h"

int main(int argc, char **argv)
{
	static struct options options;
	static struct plan plan;
	unsigned missing;

	if (signals_shield() == -1) fail("signals");
	missing = streams_reserve();
	if (getuid() != geteuid() || getgid() != getegid())
		die(EXIT_FAILED, "refused: the program must not be set-user-ID or set-group-ID");
	options_parse(&options, argc, argv);
	plan_make(&plan, &options, missing);
	return plan.detach ? detach(&plan) : become_here(&plan);
}
