# Boots a machine for a test, which sources this file after lib.sh.
#
# The system of the machine is a Debian, which debootstrap makes once, in five
# to ten minutes, from the mirror that apt has here.  It is kept, and not
# written to, in /var/cache/daemonize-ci.  The machine has the directory $disk
# laid over the system: it finds there what the test has put, and writes there.
# It may be booted again with the same $disk.
#
# No process, mount or cgroup is left when the test ends.
#
#	require_boot		ends the test with a skip where there can be none
#	require_system		the same, for the system alone: it is $system/base
#	require_kernel		the same, for a kernel of its own in an emulator
#	disk_of [LAYER...]	makes $disk, with daemonize in /usr/bin and a
#				user job (4999); a LAYER is openrc or login
#	put FILE [MODE]		writes standard input to a file of $disk (mode 644)
#	delete FILE...		hides files of the system
#	before_boot COMMAND...	runs a command in the system, as an installer does
#	boot INIT [ARGUMENT...]	starts INIT as process 1 (-b: systemd): $init is its
#				number here, $inside the directory of its files
#	there COMMAND...	runs a command there, in a fresh environment
#	signal_there SIGNAL PID	sends a signal to a process there
#	lives_there PID		prints yes if a process is running there, else no
#	add FILE...		copies programs of the system to $disk, and their libraries
#	emulate			boots $disk alone in an emulator, with its /init as
#				process 1, and waits until it halts: $console is its
#				output.  Time that nothing uses passes at once.
#	halted			waits up to a minute; succeeds if the machine halts
#	power_off		ends the machine at once, like a power cut
#
# All run in mount, pid, network, IPC and UTS namespaces of their own.
#
# shellcheck shell=sh disable=SC2034 # what it sets is for the tests

cache=/var/cache/daemonize-ci
cgroup=daemonize-test.$$
boots=0
machine=
init=

require_system() {
	all='a system of its own is made for the test'
	need_root "$all" || finish
	need_namespaces "$all" || finish
	make_system || {
		skip "$all" "$reason"
		finish
	}
}

require_boot() {
	require_system
	need systemd-nspawn "$all" || finish
	mkdir .lower .upper .work .merged
	unshare -m mount -t overlay -o lowerdir=.lower,upperdir=.upper,workdir=.work none .merged 2>.err || {
		skip "$all" "no overlayfs over $tmp: $(cat .err)"
		finish
	}
	rm -rf .lower .upper .work .merged
}

require_kernel() {
	require_system
	need qemu-system-x86_64 "$all" || finish
	[ -e "$system/vmlinuz" ] || make_kernel >>"$system.log" 2>&1 || {
		skip "$all" "$system/vmlinuz cannot be made, see $system.log"
		finish
	}
}

# Adds the kernel of Debian to the system that is kept.
make_kernel() {
	debs=$(mktemp -d "$system/debs.XXXXXX") || return
	(
		image=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: //p' | head -n 1)
		cd "$debs" && apt-get -q -o APT::Sandbox::User=root download "$image" &&
			dpkg-deb --fsys-tarfile ./*.deb | tar xf - --wildcards './boot/vmlinuz-*' &&
			mv boot/vmlinuz-* "$system/vmlinuz"
	) || return
	rm -r "$debs"
}

# Makes the system that is kept, unless it is there; one test at a time does.
# Sets $system; fails with $reason if there is none.
make_system() {
	packages='busybox-static cron dbus initscripts insserv libpam-runtime lsb-base runit s6 systemd sysv-rc sysvinit-core'
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	system=$cache/$codename-boot
	mkdir -p "$cache"
	exec 8>"$cache/.boot.lock"
	flock 8
	if [ "$(cat "$system/packages" 2>/dev/null)" != "$packages" ]; then
		reason='no debootstrap here'
		command -v debootstrap >/dev/null 2>&1 || return
		reason="$system cannot be made, see $system.log"
		make_system_now 8>&- || return
	fi
	exec 8>&-
}

# Makes it anew.
make_system_now() {
	# shellcheck disable=SC2016 # for apt to expand
	mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
		sed -n "s/^$codename //p" | head -n 1)
	[ "$mirror" ] || return
	eval "$(apt-config shell proxy Acquire::http::Proxy)"
	rm -rf "$system" "$system.new"
	mkdir "$system.new"
	# in a namespace, whose mounts are gone however debootstrap ends
	env ${proxy:+http_proxy="$proxy"} unshare -m debootstrap --variant=minbase \
		--include="$(echo "$packages" | tr ' ' ,)" "$codename" "$system.new/base" "$mirror" >"$system.log" 2>&1 || return
	rm -rf "$system.new/base/var/cache/apt/archives" "$system.new/base/var/lib/apt/lists" \
		"$system.new/base/usr/share/doc" "$system.new/base/usr/share/man" "$system.new/base/usr/share/locale"
	# these packages conflict with others: each is unpacked to a layer of
	# its own
	layer openrc openrc libeinfo1 librc1 >>"$system.log" 2>&1 || return
	layer login libpam-systemd >>"$system.log" 2>&1 || return
	echo "$packages" >"$system.new/packages"
	mv "$system.new" "$system"
}

# Makes a layer, a directory to be laid over the base, of packages.
layer() { # LAYER PACKAGE...
	mkdir "$system.new/$1" "$system.new/debs"
	(
		root=$system.new/$1
		shift
		cd "$system.new/debs"
		apt-get -q -o APT::Sandbox::User=root download "$@" || exit
		for package in *.deb; do
			dpkg-deb -x "$package" "$root" || exit
		done
		# in the base these directories are links
		for directory in bin lib sbin; do
			[ -d "$root/$directory" ] || continue
			mkdir -p "$root/usr/$directory"
			cp -a "$root/$directory/." "$root/usr/$directory"
			rm -r "${root:?}/$directory"
		done
	) || return
	rm -r "$system.new/debs"
}

disk_of() { # [LAYER...]
	disk=$tmp/disk
	lower=$system/base
	for layer in "$@"; do
		lower=$system/$layer:$lower
	done
	rm -rf "$disk"
	mkdir "$disk" work merged
	chmod 755 "$disk"
	install -D -m 755 "$DAEMONIZE" "$disk/usr/bin/daemonize"
	{
		cat "$system/base/etc/passwd"
		echo 'job:x:4999:4999:the job:/home/job:/bin/sh'
	} | put /etc/passwd
	{
		cat "$system/base/etc/group"
		echo 'job:x:4999:'
	} | put /etc/group
	{
		cat "$system/base/etc/shadow"
		echo 'job:*:19000::::::'
	} | put /etc/shadow 600
	install -d -o 4999 -g 4999 "$disk/home/job"
	echo machine | put /etc/hostname
}

put() { # FILE [MODE]
	install -D -m "${2:-644}" /dev/stdin "${disk:?}$1"
}

delete() { # FILE...
	for file in "$@"; do
		mkdir -p "${disk:?}${file%/*}"
		mknod "$disk$file" c 0 0
	done
}

# Executes systemd-nspawn, whose container is the machine.
nspawn() { # ARGUMENT...
	# shellcheck disable=SC2016 # for the shell inside
	exec unshare -m sh -ec '
		for file in /sys/fs/cgroup/*/$3/cgroup.procs; do
			[ ! -e "$file" ] || echo $$ >"$file"
		done
		mount -t tmpfs -o mode=755 none /run
		mount -t overlay -o "lowerdir=$1,upperdir=$2/disk,workdir=$2/work" none "$2/merged"
		merged=$2/merged
		shift 3
		exec systemd-nspawn --quiet --register=no --keep-unit --private-network --directory="$merged" "$@"' \
		sh "$lower" "$tmp" "$cgroup" "$@"
}

# Makes the cgroups of the machine, and arranges that power_off removes them.
make_cgroups() {
	trap 'power_off; cd / && rm -rf "$tmp"' EXIT
	for hierarchy in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
		[ ! -d $hierarchy ] || mkdir -p $hierarchy/$cgroup
	done
}

add() { # FILE...
	for file in "$@"; do
		chroot "$system/base" ldd "$file" 2>/dev/null | sed -n 's,^[^/]*\(/[^ ]*\).*,\1,p'
		echo "$file"
	done | sort -u | while read -r file; do
		install -D "$system/base$file" "$disk$file"
	done
}

emulate() {
	mkdir -p "$disk/dev" "$disk/proc" "$disk/run" "$disk/sys" "$disk/tmp"
	(cd "$disk" && find . | "$system/base/bin/busybox" cpio -o -H newc) >initrd 2>/dev/null
	timeout 600 qemu-system-x86_64 -m 256 -icount shift=3,sleep=off -rtc base=1970-01-01,clock=vm \
		-display none -nic none -serial "file:$tmp/serial" -no-reboot -kernel "$system/vmlinuz" -initrd initrd \
		-append 'console=ttyS0 quiet panic=-1' </dev/null || return
	console=$(tr -d '\r' <"$tmp/serial")
}

before_boot() { # COMMAND...
	make_cgroups
	(nspawn --console=pipe "$@" </dev/null)
}

boot() { # INIT [ARGUMENT...]
	boots=$((boots + 1))
	make_cgroups
	nspawn --console=read-only "$@" </dev/null >"$tmp/console.$boots" 2>&1 &
	machine=$!
	if wait_for is_init; then
		inside=/proc/$init/root
	else
		explain "$* has not become process 1: $(cat "$tmp/console.$boots")"
		exit 1
	fi
}

# Succeeds if the machine has process 1, the child of nspawn whose number there
# is 1, and sets $init.
is_init() {
	# the list has no newline, so that read fails
	read -r init _ <"/proc/$machine/task/$machine/children"
	[ "$init" ] && grep -q '^NSpid:.*[[:space:]]1$' "/proc/$init/status" &&
		! grep -q '^Name:[[:space:]]*\((sd-\|systemd-nspawn\)' "/proc/$init/status"
}

there() { # COMMAND...
	timeout 60 nsenter -t "$init" -m -p -n -i -u env -i LC_ALL=C TERM=dumb \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# The system has no kill(1), but its shell has.
signal_there() { # SIGNAL PID
	# shellcheck disable=SC2016 # for the shell inside
	there sh -c 'kill -s "$1" "$2"' sh "$1" "$2"
}

lives_there() { # PID
	# shellcheck disable=SC2016 # for the shell inside
	if there sh -c 'kill -0 "$1" 2>/dev/null && ! grep -q ") Z " "/proc/$1/stat"' sh "$1"; then
		echo yes
	else
		echo no
	fi
}

halted() {
	[ ! "$machine" ] || wait_for gone "$machine" || return
	wait "$machine"
	machine_status=$?
	machine=
	remove_cgroups
}

power_off() {
	[ "$machine" ] || return 0
	kill -KILL "$init" "$machine" 2>/dev/null
	wait "$machine" 2>/dev/null
	wait_for gone "$init"
	machine=
	remove_cgroups
}

remove_cgroups() {
	for hierarchy in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
		# shellcheck disable=SC2016 # for the shell inside
		wait_for sh -c '! [ -d "$1" ] || find "$1" -depth -type d -exec rmdir {} +' sh "$hierarchy/$cgroup"
	done
}
