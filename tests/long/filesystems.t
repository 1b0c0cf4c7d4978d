#!/bin/sh
# Pid files, locks and logs on the file systems there are: the same story on
# each, and what is told where one of them lacks something.  The mounts are in a
# namespace of the test's own.
if [ -z "${MOUNTS_ARE_OURS:-}" ] && unshare -m true 2>/dev/null; then
	exec env MOUNTS_ARE_OURS=yes unshare -m sh "$0"
fi
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/sshd.sh
. "$top/tests/sshd.sh"

if ! need_root 'all file systems' || ! need_namespaces 'all file systems'; then
	finish
fi
require mkfs.ext4 mkfs.xfs mkfs.btrfs btrfs bindfs fuse-overlayfs sshfs sshd

# on a trusted path: /mnt is root's
mount -t tmpfs -o mode=755 none /mnt
fs=/mnt/fs
mkdir $fs

take story.sh

# Writes down what happens where a file system has everything, but for some steps.
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

# Each makes a file system at $fs, and sets $again to how it is mounted again.
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

# A kernel of the test's own, of user mode Linux, has what the machine's may lack:
# vfat, and NFS with a lock manager.  Its root is the machine's, read-only; what
# comes out is in the directory guest.  It runs beside the rest.
mkdir -p guest guest.home
take linux.sh
sed -i -e "s|TMP|$tmp|" -e "s|DAEMONIZE|$DAEMONIZE|" linux.sh
kernel=
if need linux.uml 'vfat and NFS' && need modprobe 'vfat and NFS' && need mkfs.vfat vfat && need rpc.nfsd NFS &&
	need rpcbind NFS; then
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
	is "$(diff wanted got)" '' "$name: the whole story is as told"
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

# What a start or a verb says in a directory, with its status.
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
is "$(told /mnt/there -p pid -l lock sleep 1000)" '0 ' 'a start beside a read-only mount'
while IFS='|' read -r arguments wanted; do
	# shellcheck disable=SC2086 # words
	is "$(told /mnt/readonly $arguments)" "$wanted" "read-only, while it runs: $arguments"
done <<'end'
-p pid true|125 daemonize: pid: Read-only file system
-l lock true|125 daemonize: lock: Read-only file system
-o log true|125 daemonize: log: Read-only file system
--status -p pid|0 running (pid N)
--status -l lock|0 running (pid N)
--signal=CONT -p pid|0 
--stop -p pid|0 daemonize: pid: cannot be removed: Read-only file system
--status -p pid|1 not running
end
is "$(told /mnt/there --stop -p pid)$(ls /mnt/there)" '0 lock' 'where it can be written it is removed'
umount /mnt/readonly

# no room: on a disk, and by a quota
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
	is "$(told $here -p pid sleep 1000)" "125 daemonize: pid: $wanted" "$name, full: -p tells it"
	is "$(told $here -p stale sleep 1000)" "125 daemonize: stale: $wanted" "$name, full: -p of a file that is there tells it"
	is "$(cd $here && find . -type f ! -name 'zeros*')" ./log "$name, full: no pid file is left"
	is "$(told $here -f -o log true) $(cat $here/log)" '0  one' "$name, full: a log that is there can be opened"
	unmount
done

# A pid file whose file system is unmounted lazily guards nothing, until it is
# there again.
mount_ext4
eval "$again"
while IFS='|' read -r arguments wanted; do
	case $arguments in
	unmount*)
		umount $fs 2>said
		is "$? $(sed 's/.*: //' said)" "32 target is busy." 'a command with a pid file keeps its file system busy'
		umount -l $fs
		;;
	mount*) eval "$again" ;;
	*)
		# shellcheck disable=SC2086 # words
		is "$(told $fs $arguments)" "$wanted" "unmounted lazily: $arguments"
		;;
	esac
done <<'end'
-p pid -o log sleep 1000|0 
unmount
--status -p pid|3 not running
--stop -p pid|0 
-p pid sleep 999|0 
--status -p pid|0 running (pid N)
--stop -p pid|0 
mount
--status -p pid|0 running (pid N)
-p pid true|75 daemonize: pid: already running (pid N)
--stop -p pid|0 
end
unmount

if [ "$kernel" ]; then
	wait $kernel
	while IFS='|' read -r name first second; do
		wanted ${first:+"$first"} ${second:+"$second"}
		is "$(diff wanted "guest/$name" 2>&1)" '' "$name, in a kernel of its own: the whole story is as told"
	done <<'end'
vfat|stamp: none|modes: 755 755 755 
nfs3
nfs4
end
	[ "$failures" -eq 0 ] || explain "$(cat guest/log kernel.log)"
fi
finish
