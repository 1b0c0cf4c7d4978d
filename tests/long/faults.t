#!/bin/sh
# Every fault is reported, or makes no difference.  The points are the system
# calls of each process from the first of main() to the exec, which tracing an
# undisturbed start finds.  At each of them the call fails with each plausible
# error, the process is killed, and each signal arrives.  The comments in the
# output name each point, with what followed.
#
# Each set makes a part of its faults happen, the same each time; FAULTS=all
# makes all of them happen, which takes an hour.  FAULTS=few is for coverage.t:
# no deaths and no signals, one error of each kind that src tells apart, and of
# many equal calls in a row only the first two and the last.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

take faults.pl

# Makes the faults of one set happen, in directories below DIRECTORY; the driver
# is run by COMMAND, if there is one.
faults() { # SET DIRECTORY [COMMAND...]
	set=$1 where=$2/$1
	shift 2
	mkdir -m 755 "$where" "$where/1" "$where/2"
	"$@" perl faults.pl "$set" "$top/tests/inject" "$DAEMONIZE" "$probe" "$where/1" "$where/2" \
		>"$set.out" 2>&1 </dev/null
	is $? 0 "$set: the driver of the faults exits 0"
	sed -n -e "s/^point	/# $set: /p" -e "s/^again	/# $set, once more: /p" "$set.out"
	sed -n "s/^part	/# $set: /p" "$set.out"
	for kind in errors deaths signals; do
		echo "# $set: $kind: $(sed -n "s/^$kind	//p" "$set.out")"
	done
	is "$(grep '^finding' "$set.out" | cut -c1-400 | head -n 40)" '' \
		"$set: $(sed -n 's/^points	//p' "$set.out") points: each fault is reported, or makes no difference"
}

faults plain "$tmp"
faults all "$tmp"
faults fails "$tmp"
faults foreground "$tmp"
faults watch "$tmp"
faults ready "$tmp"
faults notify "$tmp"
faults stop "$tmp"
faults logger "$tmp"
faults logger-foreground "$tmp"
faults keeper "$tmp"
# The calls of a keeper between two runs depend on time, and agree only on a
# quiet machine.
[ "${FAULTS:-}" != all ] || faults restart "$tmp"
# a user with groups, in a mount namespace
echo 'faulty:x:4711:4711::/home/faulty:/bin/sh' | cat /etc/passwd - >passwd
printf 'faulty:x:4711:\nmore:x:4712:faulty\n' | cat /etc/group - >group
printf 'passwd: files\ngroup: files\n' >nsswitch.conf
chmod 644 passwd group nsswitch.conf
private() {
	unshare -m sh -c 'for f in passwd group nsswitch.conf; do mount --bind "$1/$f" "/etc/$f" || exit 1; done
		shift && exec "$@"' sh "$tmp" "$@"
}
if need_root 'user: each fault is reported, or makes no difference' && private true; then
	trusted=$(mktemp -d /run/daemonize.XXXXXX)
	chmod 755 "$trusted"
	trap 'cd / && rm -rf "$tmp" "$trusted"' EXIT
	faults user "$trusted" private
fi
finish
