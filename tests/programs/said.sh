#!/bin/sh
# The job of the manual's examples, in the directory of the test: writes that it
# has run, and goes on only while there is something to wait for.
cd "${0%/*}" || exit
echo "job $*" >>ran
echo said
[ -z "$ERRS" ] || echo erred >&2
[ ! -p waits ] || read line <waits
(echo >&4) 2>/dev/null
[ -z "$NOTIFY_SOCKET" ] || perl tell.pl notify READY=1 -0
exit 0
