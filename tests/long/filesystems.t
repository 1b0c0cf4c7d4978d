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
trap 'kill "$sshd" 2>/dev/null; cd / && rm -rf "$tmp"' EXIT
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
finish
