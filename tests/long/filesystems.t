#!/bin/sh
# Pid files, locks and logs on the file systems there are: the same story on
# each, and what is told where one of them lacks something.  The mounts are in a
# namespace of the test's own.
if [ -z "${MOUNTS_ARE_OURS:-}" ] && unshare -m true 2>/dev/null; then
	exec env MOUNTS_ARE_OURS=yes unshare -m sh "$0"
fi
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

if ! need_root 'all file systems' || ! need_namespaces 'all file systems'; then
	finish
fi
require mkfs.ext4 mkfs.xfs mkfs.btrfs btrfs bindfs fuse-overlayfs sshfs sshd

# on a trusted path: /mnt is root's
mount -t tmpfs -o mode=755 none /mnt
fs=/mnt/fs
mkdir $fs

# story PROGRAM DIRECTORY SCRATCH REMOUNT prints what happens there, step by step.
cat >story <<'end'
daemonize=$1 directory=$2 scratch=$3 remount=$4
cd "$directory" || exit
# its status, and what it says
step() { # NAME COMMAND...
	name=$1
	shift
	"$@" >"$scratch/said" 2>&1 </dev/null
	printf '%s: %s\n' "$name" "$? $(sed -e "s|$directory/||g" -e 's/pid [0-9][0-9]*/pid N/g' "$scratch/said")"
}
wait_for() {
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || return
		sleep 0.05
	done
}
rm -f "$scratch/go"
mkfifo "$scratch/go"

mkdir logs
step 'a start' "$daemonize" -p pid -l lock -o logs/log sh -c 'echo one
	read x <"$1"
	echo two
	exec sleep 1000' sh "$scratch/go"
read -r pid <pid
step 'a second' "$daemonize" -p pid true
step 'a second, -l' "$daemonize" -l lock true
step '--status' "$daemonize" --status -p pid
step '--status, -l' "$daemonize" --status -l lock
ticks=$(cut -d ' ' -f 22 "/proc/$pid/stat")
time=$(stat -c %y pid)
case $time in
*".$(printf %09d "$ticks") "*) echo 'stamp: its start time' ;;
*.000000000\ *) echo 'stamp: none' ;;
*) echo "stamp: $time is not $ticks" ;;
esac
wait_for test -s logs/log
mv logs renamed
: >"$scratch/go"
wait_for grep two renamed/log
echo "log: $(tr '\n' ' ' <renamed/log)"
echo "modes: $(stat -c %a pid lock renamed/log | tr '\n' ' ')"
step 'a log where the directory was' "$daemonize" -o logs/log true
step '--signal' "$daemonize" --signal=CONT -p pid
step '--stop' "$daemonize" --stop -p pid
! kill -0 "$pid" 2>/dev/null || grep -q ') Z ' "/proc/$pid/stat" && echo 'the command: gone'

echo 99999999 >pid
step 'a stale file' "$daemonize" -p pid -o renamed/log sleep 1000
step '--stop, -l' "$daemonize" --stop -l pid
step '--status after it' "$daemonize" --status -p pid

step 'a start that drops its lock' "$daemonize" -p pid sh -c 'exec 3<&-; : >"$1"; exec sleep 1000' sh "$scratch/go"
read -r x <"$scratch/go"
step 'its --status' "$daemonize" --status -p pid
if [ "$remount" ]; then
	cd /
	eval "$remount" || echo "$remount: failed"
	cd "$directory" || exit
fi
step 'its --status, mounted again' "$daemonize" --status -p pid
step 'its --stop' "$daemonize" --stop -p pid

for i in 1 2 3 4; do
	{
		"$daemonize" -p pid sleep 1000 2>/dev/null
		echo $? >"$scratch/$i"
	} &
done
wait
echo "four at once: $(cat "$scratch"/[1-4] | sort -n | tr '\n' ' ')"
step '--stop of the one' "$daemonize" --stop -p pid
step 'a failure' "$daemonize" -p pid -o renamed/log ./nosuch
echo "left: $(find . ! -name . -prune ! -name 'lost+found' | sort | tr '\n' ' ')"
end

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
cat >init <<'end'
#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
tmp=TMP daemonize=DAEMONIZE
mount -t proc none /proc
mount -t tmpfs -o mode=755 none /mnt
mount -t tmpfs none /run
mount -t tmpfs none /var/lib
mkdir -p /mnt/fs /mnt/guest /mnt/scratch /mnt/export /mnt/modules/lib /run/rpcbind
mount -t hostfs -o "$tmp/guest" none /mnt/guest
exec >/mnt/guest/log 2>&1
ln -s /usr/lib/uml/modules /mnt/modules/lib/modules
modprobe -d /mnt/modules -a loop vfat nls_cp437 nls_ascii nls_iso8859-1 nfsd nfs nfsv3 nfsv4
# the lock manager grants no lock in its first seconds, as few as can be
echo 3 >/proc/sys/fs/nfs/nlm_timeout
echo 3 >/proc/sys/fs/nfs/nlm_grace_period

tell() { # NAME, where $again mounts it
	$again
	sh "$tmp/story" "$daemonize" /mnt/fs /mnt/scratch "umount /mnt/fs && $again" >"/mnt/guest/$1" 2>&1 </dev/null
	umount /mnt/fs
	echo "$1: $(cut -d ' ' -f 1 /proc/uptime) s"
}

truncate -s 32M /mnt/image
mkfs.vfat /mnt/image
losetup /dev/loop0 /mnt/image
again='mount /dev/loop0 /mnt/fs'
tell vfat

# the server, on this machine
ip link set lo up
mkdir -p /var/lib/nfs/sm /var/lib/nfs/sm.bak /var/lib/nfs/v4recovery
touch /var/lib/nfs/etab /var/lib/nfs/rmtab
chown -R statd /var/lib/nfs/sm /var/lib/nfs/sm.bak
mount -t nfsd none /proc/fs/nfsd
rpcbind -w
rpc.statd -L
mount -t tmpfs -o mode=755 none /mnt/export
exportfs -o rw,no_root_squash,fsid=0,no_subtree_check 127.0.0.1:/mnt/export
rpc.mountd 2>/dev/null
rpc.nfsd 2
echo Y >/proc/fs/nfsd/v4_end_grace
again='mount -t nfs -o vers=3 127.0.0.1:/mnt/export /mnt/fs'
tell nfs3
again='mount -t nfs -o vers=4.2 127.0.0.1:/ /mnt/fs'
tell nfs4

cut -d ' ' -f 1 /proc/uptime
echo o >/proc/sysrq-trigger
sleep 100
end
sed -i -e "s|TMP|$tmp|" -e "s|DAEMONIZE|$DAEMONIZE|" init
chmod +x init
kernel=
if need linux.uml 'vfat and NFS' && need modprobe 'vfat and NFS' && need mkfs.vfat vfat && need rpc.nfsd NFS &&
	need rpcbind NFS; then
	HOME=$tmp/guest.home timeout -k 10 280 linux.uml mem=256M rootfstype=hostfs rootflags=/ ro quiet con=null \
		con0=null con1=null ssl=null init="$tmp/init" >kernel.log 2>&1 </dev/null &
	kernel=$!
fi

# sshd, for sshfs
ssh-keygen -q -t ed25519 -N '' -f host_key
ssh-keygen -q -t ed25519 -N '' -f user_key
cat >sshd_config <<end
ListenAddress 127.0.0.1
HostKey $tmp/host_key
AuthorizedKeysFile $tmp/user_key.pub
PidFile none
UsePAM no
PermitRootLogin yes
StrictModes no
Subsystem sftp internal-sftp
end
cat >ssh_config <<end
Host host
	HostName 127.0.0.1
	User root
	IdentityFile $tmp/user_key
	IdentitiesOnly yes
	IdentityAgent none
	UserKnownHostsFile $tmp/known_hosts
	GlobalKnownHostsFile none
	BatchMode yes
	LogLevel ERROR
end
mount -t tmpfs none /run
mkdir -m 755 /run/sshd
start_sshd() {
	port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1,
		LocalAddr => "127.0.0.1")->sockport')
	"$(command -v sshd)" -D -f sshd_config -E sshd.log -p "$port" &
	sshd=$!
	wait_for sh -c 'grep -q "Server listening" sshd.log || ! kill -0 "$1"' sh $sshd
	kill -0 $sshd
}
trap 'kill $sshd $kernel 2>/dev/null; cd / && rm -rf "$tmp"' EXIT
# somebody may have taken the port meanwhile
start_sshd || start_sshd || start_sshd
printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d ' ' -f 1,2 host_key.pub)" >known_hosts

# NAME|STEP: WHAT HAPPENS|...
while IFS='|' read -r name first second; do
	again=
	"mount_$name"
	eval "$again" >mount.log 2>&1 || explain "$again: failed" "$(cat mount.log)"
	sh story "$DAEMONIZE" $fs "$tmp" "${again:+umount $fs && $again 2>/dev/null}" >got </dev/null 2>&1
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
