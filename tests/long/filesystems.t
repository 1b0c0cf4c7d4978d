#!/bin/sh
# Pid files, locks and logs on many file systems: the same story on each of
# them, but for what a file system lacks.  The mounts are in a namespace of the
# test's own.
if [ -z "${MOUNTS_ARE_OURS:-}" ] && unshare -m true 2>/dev/null; then
	exec env MOUNTS_ARE_OURS=yes unshare -m sh "$0"
fi
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/sshd.sh
. "$top/tests/sshd.sh"

all='the story is the same on all file systems'
if ! need_root "$all" || ! need_namespaces "$all"; then
	finish
fi
require mkfs.ext4 mkfs.xfs mkfs.btrfs btrfs bindfs fuse-overlayfs sshfs sshd

# below /mnt, which is a trusted path
mount -t tmpfs -o mode=755 none /mnt
fs=/mnt/fs
mkdir $fs

take story.sh

# Writes the story of a file system that lacks nothing to the file wanted, but
# for the steps that are given.
wanted() { # STEP-AND-WHAT-HAPPENS...
	cat >wanted <<'end'
a start: 0 
a second: 75 daemonize: pid: already running (pid N)
a second, -l: 75 daemonize: lock: already running (pid N)
--status: 0 running (pid N)
--status, -l: 0 running (pid N)
stamp: its start time
log: one two 
modes: 644 600 644 
a log where the directory was: 125 daemonize: logs/log: No such file or directory
--signal: 0 
--stop: 0 
the command: gone
a stale file: 0 
--stop, -l: 0 
--status after it: 1 not running
a start that drops its lock: 0 
its --status: 0 running (pid N)
its --status, mounted again: 0 running (pid N)
its --stop: 0 
four at once: 0 75 75 75 
--stop of the one: 0 
a failure: 127 daemonize: nosuch: No such file or directory
left: ./lock ./renamed 
end
	for difference; do
		sed "s/^${difference%%:*}: .*/$difference/" wanted >wanted.new
		mv wanted.new wanted
	done
}

# Each of mount_NAME makes a file system, and sets $again to the command that
# mounts it at $fs; tmpfs, which would be empty then, is mounted at once.
image() { # MEGABYTES MKFS...
	truncate -s "$1M" /mnt/image
	shift
	"$@" /mnt/image >mkfs.log 2>&1 || note "$(cat mkfs.log)"
	again="mount -o loop /mnt/image $fs"
}
mount_tmpfs() { mount -t tmpfs -o mode=755 none $fs; }
mount_ext4() { image 32 mkfs.ext4 -q; }
mount_ext4_old() { image 32 mkfs.ext4 -q -I 128; }
mount_xfs() { image 300 mkfs.xfs -q; }
mount_btrfs() { image 128 mkfs.btrfs -q; }
mount_overlay() {
	mkdir /mnt/lower /mnt/upper /mnt/work
	again="mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work none $fs"
}
mount_fuse_overlay() {
	mkdir /mnt/lower2 /mnt/upper2 /mnt/work2
	again="fuse-overlayfs -o lowerdir=/mnt/lower2,upperdir=/mnt/upper2,workdir=/mnt/work2 $fs"
}
mount_bindfs() {
	mkdir /mnt/below
	again="bindfs /mnt/below $fs"
}
mount_sshfs() {
	mkdir /mnt/remote
	again="timeout 20 sshfs -F '$tmp/ssh_config' -p $port host:/mnt/remote $fs"
}
unmount() {
	umount $fs
	rm -f /mnt/image
}

# A kernel of user mode Linux has what that of the machine may lack: vfat, and
# NFS with a lock manager.  Its root is that of the machine, read-only, and its
# output is in the directory guest.  It runs beside the rest of the test.
mkdir -p guest guest.home
take linux.sh
sed -i -e "s|TMP|$tmp|" -e "s|DAEMONIZE|$DAEMONIZE|" linux.sh
kernel=
all='the story is the same on vfat and NFS'
if need linux.uml "$all" && need modprobe "$all" && need mkfs.vfat "$all" && need rpc.nfsd "$all" &&
	need rpcbind "$all"; then
	HOME=$tmp/guest.home timeout -k 10 280 linux.uml mem=256M rootfstype=hostfs rootflags=/ ro quiet con=null \
		con0=null con1=null ssl=null init="$tmp/linux.sh" >kernel.log 2>&1 </dev/null &
	kernel=$!
fi

# for sshfs
trap 'kill $sshd $kernel 2>/dev/null; cd / && rm -rf "$tmp"' EXIT
start_sshd

# NAME|STEP: WHAT HAPPENS|...
while IFS='|' read -r name first second; do
	again=
	"mount_$name"
	eval "$again" >mount.log 2>&1 || explain "$again: failed" "$(cat mount.log)"
	sh story.sh "$DAEMONIZE" $fs "$tmp" "${again:+umount $fs && $again 2>/dev/null}" >got </dev/null 2>&1
	wanted ${first:+"$first"} ${second:+"$second"}
	is "$(diff wanted got)" '' \
		"$name: starts, verbs and logs behave as expected${first:+ ($first)}"
	unmount
done <<'end'
tmpfs
ext4
ext4_old|stamp: none
xfs
btrfs
overlay
fuse_overlay
bindfs
sshfs|stamp: none
end
kill $sshd
wait $sshd

# Prints the status of a start or a verb in a directory, and its output.
told() { # DIRECTORY ARGUMENT...
	directory=$1
	shift
	(cd "$directory" && exec "$DAEMONIZE" "$@") >said 2>&1 </dev/null
	printf '%s\n' "$? $(sed -e "s|$directory/||g" -e 's/pid [0-9][0-9]*/pid N/g' said)"
}

# a bind mount that is read-only, of a directory where a daemon runs
mkdir /mnt/there /mnt/readonly
mount --bind /mnt/there /mnt/readonly
mount -o remount,bind,ro /mnt/readonly
is "$(told /mnt/there -p pid -l lock sleep 1000)" '0 ' 'a start in the writable mount of a directory succeeds'
while IFS='|' read -r arguments wanted name; do
	# shellcheck disable=SC2086 # words
	is "$(told /mnt/readonly $arguments)" "$wanted" \
		"a read-only mount: $name"
done <<'end'
-p pid true|125 daemonize: pid: Read-only file system|-p exits 125 with the reason
-l lock true|125 daemonize: lock: Read-only file system|-l exits 125 with the reason
-o log true|125 daemonize: log: Read-only file system|-o exits 125 with the reason
--status -p pid|0 running (pid N)|--status -p finds the daemon
--status -l lock|0 running (pid N)|--status -l finds the daemon
--signal=CONT -p pid|0 |--signal succeeds
--stop -p pid|0 daemonize: pid: cannot be removed: Read-only file system|--stop says that the file stays
--status -p pid|1 not running|--status exits 1 after --stop
end
is "$(told /mnt/there --stop -p pid)$(ls /mnt/there)" '0 lock' '--stop in the writable mount removes the pid file'
umount /mnt/readonly

# a full disk, and a quota
fill() { # DIRECTORY
	for size in 1M 4k 1k 1; do
		dd if=/dev/zero of="$1/zeros.$size" bs=$size count=4096 2>/dev/null
		sync -f "$1"
	done
}
for name in ext4 btrfs quota; do
	here=$fs
	wanted='No space left on device'
	case $name in
	quota)
		mount_btrfs
		eval "$again"
		here=$fs/limited
		wanted='Disk quota exceeded'
		{
			btrfs subvolume create $here && btrfs quota enable $fs && btrfs quota rescan -w $fs &&
				btrfs qgroup limit 200K $here
		} >quota.log 2>&1 || explain "$(cat quota.log)"
		;;
	*)
		"mount_$name"
		eval "$again"
		;;
	esac
	: >$here/stale
	echo one >$here/log
	fill $here
	is "$(told $here -p pid sleep 1000)" "125 daemonize: pid: $wanted" "$name, full: -p exits 125 with the reason"
	is "$(told $here -p stale sleep 1000)" "125 daemonize: stale: $wanted" \
		"$name, full: -p with a stale file exits 125 with the reason"
	is "$(cd $here && find . -type f ! -name 'zeros*')" ./log "$name, full: no pid file is left"
	is "$(told $here -f -o log true) $(cat $here/log)" '0  one' \
		"$name, full: a start with a log that is there succeeds"
	unmount
done

# A pid file whose file system is unmounted lazily guards nothing, until that is
# mounted again.
mount_ext4
eval "$again"
while IFS='|' read -r arguments wanted name; do
	case $arguments in
	unmount*)
		umount $fs 2>said
		is "$? $(sed 's/.*: //' said)" "32 target is busy." 'a command with a pid file keeps its file system busy'
		umount -l $fs
		;;
	mount*) eval "$again" ;;
	*)
		# shellcheck disable=SC2086 # words
		is "$(told $fs $arguments)" "$wanted" "$name"
		;;
	esac
done <<'end'
-p pid -o log sleep 1000|0 |before a lazy unmount a start succeeds
unmount
--status -p pid|3 not running|after a lazy unmount --status finds no daemon
--stop -p pid|0 |after a lazy unmount --stop finds no daemon
-p pid sleep 999|0 |after a lazy unmount another start succeeds
--status -p pid|0 running (pid N)|after a lazy unmount --status finds the other daemon
--stop -p pid|0 |after a lazy unmount --stop ends the other daemon
mount
--status -p pid|0 running (pid N)|mounted again, the pid file names the first daemon
-p pid true|75 daemonize: pid: already running (pid N)|mounted again, the first daemon keeps another from starting
--stop -p pid|0 |mounted again, the first daemon can be stopped
end
unmount

if [ "$kernel" ]; then
	wait $kernel
	while IFS='|' read -r name first second; do
		wanted ${first:+"$first"} ${second:+"$second"}
		is "$(diff wanted "guest/$name" 2>&1)" '' \
			"$name: starts, verbs and logs behave as expected${first:+ ($first)}"
	done <<'end'
vfat|stamp: none|modes: 755 755 755 
nfs3
nfs4
end
	[ "$failures" -eq 0 ] || explain "$(cat guest/log kernel.log)"
fi
finish
