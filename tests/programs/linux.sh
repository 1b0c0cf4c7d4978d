#!/bin/sh
# Process 1 of the kernel of filesystems.t, which fills in TMP and DAEMONIZE.
# Writes the stories of vfat and NFS to TMP/guest.
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
# The lock manager grants no lock in its first seconds: these are the fewest.
echo 3 >/proc/sys/fs/nfs/nlm_timeout
echo 3 >/proc/sys/fs/nfs/nlm_grace_period

# Writes the story of a file system, which $again mounts.
tell() { # NAME
	$again
	sh "$tmp/story.sh" "$daemonize" /mnt/fs /mnt/scratch "umount /mnt/fs && $again" >"/mnt/guest/$1" 2>&1 </dev/null
	umount /mnt/fs
	echo "$1: $(cut -d ' ' -f 1 /proc/uptime) s"
}

truncate -s 32M /mnt/image
mkfs.vfat /mnt/image
losetup /dev/loop0 /mnt/image
again='mount /dev/loop0 /mnt/fs'
tell vfat

# the server of NFS
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
