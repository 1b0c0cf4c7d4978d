#!/bin/sh
# Where a child may not borrow our memory it is made by plain fork, and all is as
# it was: as in a sandbox or under qemu-user, which refuse the call, and beside a
# preloaded library, where we do not ask for it.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

need strace 'how children are made' || finish
borrowed() { # COMMAND...: how many children borrowed memory
	# each process in a file of its own, so that no line is told in two parts
	rm -f trace.*
	strace -ff -o trace -e trace=clone,clone3,fork,vfork "$@"
	cat trace.* | grep -c 'CLONE_VM|SIGCHLD) = [1-9]'
}
touch preloaded.c
cc -shared -fPIC -o preloaded.so preloaded.c
is "$(borrowed "$DAEMONIZE" true)" 2 'a plain start: both children borrow'
is "$(borrowed "$arrange" plain-fork -- "$DAEMONIZE" true)" 0 'refused: none does'
is "$(borrowed env "LD_PRELOAD=$tmp/preloaded.so" "$DAEMONIZE" true)" 0 'preloaded: none does'
is "$(borrowed "$DAEMONIZE" -w 0.1 sleep 1)" 0 '-w: none does'
if need_root '-u'; then
	is "$(borrowed "$DAEMONIZE" -u nobody true)" 0 '-u: none does'
fi
for t in caller exec foreground identity lock paths ready state streams tell verbs verdict watch; do
	"$arrange" plain-fork -- sh "$top/tests/$t.t" >log 2>&1
	is "$? $(grep '^not ok' log)" '0 ' "$t.t, by plain fork"
done
finish
