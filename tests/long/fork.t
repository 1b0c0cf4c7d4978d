#!/bin/sh
# Children are made by plain fork where they may not run in their parent's
# memory: in a sandbox or under qemu-user, which refuse that call, and with a
# preloaded library, where daemonize does not make it.  The tests pass as
# before.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

need strace 'in a plain start both children borrow the memory of their parent' || finish
# Prints how many children of a command borrowed the memory of their parent.
borrowed() { # COMMAND...
	# each process has a file of its own, so that no line is split into two
	rm -f trace.*
	strace -ff -o trace -e trace=clone,clone3,fork,vfork "$@"
	cat trace.* | grep -c 'CLONE_VM|SIGCHLD) = [1-9]'
}
# Prints for each such child the bytes of its stack, which begins behind a page
# that cannot be written.
stacks() { # COMMAND...
	rm -f trace.*
	strace -ff -o trace -e trace=mprotect,clone "$@"
	cat trace.* | perl -ne '
		$end = hex($1) + $2 if /^mprotect\(0x([0-9a-f]+), (\d+), PROT_READ\) += 0/;
		print hex($1) - $end, "\n" if /^clone\(child_stack=0x([0-9a-f]+), flags=CLONE_VM\|SIGCHLD\)/'
}
touch preloaded.c
cc -shared -fPIC -o preloaded.so preloaded.c
is "$(borrowed "$DAEMONIZE" true)" 2 'in a plain start both children borrow the memory of their parent'
# clone(2) is called with a few words on it.
is "$(stacks "$DAEMONIZE" true | awk '{ print ($1 > 32704 && $1 <= 32768) }' | tr '\n' ' ')" '1 1 ' \
	'each of them has a stack of 32 KiB, and then a page that cannot be written'
is "$(borrowed "$arrange" plain-fork -- "$DAEMONIZE" true)" 0 'where the call is refused no child borrows memory'
is "$(borrowed env "LD_PRELOAD=$tmp/preloaded.so" "$DAEMONIZE" true)" 0 \
	'with a preloaded library no child borrows memory'
is "$(borrowed "$DAEMONIZE" -w 0.1 sleep 1)" 0 '-w: no child borrows memory'
if need_root '-u: no child borrows memory'; then
	is "$(borrowed "$DAEMONIZE" -u nobody true)" 0 '-u: no child borrows memory'
fi
for t in caller exec foreground identity lock paths ready state streams tell verbs verdict watch; do
	"$arrange" plain-fork -- sh "$top/tests/$t.t" >log 2>&1
	is "$? $(grep '^not ok' log)" '0 ' "$t.t passes by plain fork"
done
finish
