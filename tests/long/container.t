#!/bin/sh
# daemonize as the first process of a container: of crun, as podman and others
# run it, and of bubblewrap, both without privileges.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/boot.sh
. "$top/tests/boot.sh"
require_system

# the directory that only the container has
mkdir mnt
install -m 755 "$DAEMONIZE" mnt/daemonize
cp "$top/tests/programs/job.pl" mnt/job
chmod 755 mnt/job
chown -R "$uid:$uid" mnt
install -d -o "$uid" -g "$uid" run
as_user() { # COMMAND...
	setpriv --reuid="$uid" --regid="$uid" --clear-groups env XDG_RUNTIME_DIR="$tmp/run" HOME="$tmp/run" "$@"
}
said() { # LINE
	wait_for grep -q -x "$1" "$tmp/out"
}

# Prints the number that process 1 of the container has here.
first_process() {
	of_user "$uid" | while read -r pid; do
		! grep -q '^NSpid:.*[[:space:]]1$' "/proc/$pid/status" || echo "$pid"
	done
}

# Runs crun, which wants version 2 of cgroups mounted, although it makes none
# here.
crun() { # ACTION [ARGUMENT...]
	# shellcheck disable=SC2016 # for the shell inside
	unshare -m sh -c '
		mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null
		cd "$1" || exit
		uid=$2
		action=$3
		shift 3
		exec setpriv --reuid="$uid" --regid="$uid" --clear-groups env XDG_RUNTIME_DIR="$PWD/run" \
			crun --root "$PWD/run/crun" --cgroup-manager=disabled "$action" "$@"' sh "$tmp" "$uid" "$@"
}
# Writes the configuration of a container that runs a command.
config() { # COMMAND...
	args=
	for word in "$@"; do
		args="$args${args:+, }\"$word\""
	done
	cat >config.json <<end
{ "ociVersion": "1.0.0",
  "process": { "user": { "uid": 0, "gid": 0 }, "cwd": "/", "noNewPrivileges": true, "args": [ $args ],
    "env": [ "PATH=/usr/sbin:/usr/bin:/sbin:/bin" ] },
  "root": { "path": "$system/base", "readonly": true },
  "mounts": [
    { "destination": "/proc", "type": "proc", "source": "proc" },
    { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": [ "nosuid", "mode=755" ] },
    { "destination": "/mnt", "type": "bind", "source": "$tmp/mnt", "options": [ "bind", "rw" ] } ],
  "linux": {
    "namespaces": [ { "type": "pid" }, { "type": "network" }, { "type": "ipc" }, { "type": "uts" }, { "type": "user" }, { "type": "mount" } ],
    "uidMappings": [ { "containerID": 0, "hostID": $uid, "size": 1 } ],
    "gidMappings": [ { "containerID": 0, "hostID": $uid, "size": 1 } ] } }
end
}
if need crun 'crun: a container runs the command as process 1'; then
	config /mnt/daemonize -f -m 022 -p /mnt/pid /mnt/job status=3
	crun run first >out 2>&1 &
	container=$!
	trap 'kill -KILL $(of_user "$uid") 2>/dev/null; wait; cd / && rm -rf "$tmp"' EXIT
	ok 'crun: the command is process 1, and writes to the output of the container' said 'started 1'
	is "$(cat mnt/pid)" 1 'crun: the pid file names process 1'
	run crun exec first /mnt/daemonize --status -p /mnt/pid
	is "$status $out" '0 running (pid 1)' 'crun: --status inside the container finds the command'
	run crun exec first /mnt/daemonize --stop -p /mnt/pid
	is "$status $err" '4 daemonize: /mnt/pid: pid 1: Operation not permitted' \
		'crun: --stop inside the container exits 4, for process 1 gets no signal'
	outside=$(first_process)
	run "$DAEMONIZE" --status -p mnt/pid
	is "$status $out" "4 cannot tell: locked by pid $outside, which is not its daemon" \
		'crun: --status outside, where the command has another pid, cannot tell'
	crun kill first HUP
	ok 'crun: a signal to the container reaches the command' said reloaded
	pid=$(crun exec first /mnt/daemonize -P -p /mnt/other.pid sleep 1000)
	is "$(crun exec first sed -n 's/^PPid:[^0-9]*//p' "/proc/$pid/status")" 1 \
		'crun: a start inside the container detaches, and process 1 adopts the daemon'
	crun kill first TERM
	wait "$container"
	is "$? $(tail -n 1 out)" '3 ended' 'crun: the container ends with the command, and has its status'
	ok 'crun: no process of the container is left' wait_for test ! "$(of_user "$uid")"
	run "$DAEMONIZE" --status -u "$uid:$uid" -p mnt/other.pid
	is "$status $out" '1 not running' 'crun: a daemon started inside ends with the container'

	# the pid file that is left has the pid of the new process, too
	crun run second >out 2>&1 &
	container=$!
	ok 'crun: a second container starts over the pid file of the first' said 'started 1'
	crun kill second KILL
	wait "$container"
	is "$?" 137 'crun: a container that is killed has status 137'
	config /mnt/daemonize -p /mnt/pid /mnt/job status=3
	run crun run third
	is "$status $err" '125 daemonize: process 1: detaching would end the container; use -f, or --detach' \
		'crun: process 1 refuses to detach'
	config /mnt/daemonize -f /mnt/nosuch
	run crun run fourth
	is "$status $err" '127 daemonize: /mnt/nosuch: No such file or directory' \
		'crun: a missing command is reported, with status 127'
fi

# bubblewrap
wrap() { # OPTION... COMMAND...
	as_user bwrap --unshare-all --ro-bind "$system/base" / --bind mnt /mnt --proc /proc --dev /dev "$@"
}
if need bwrap 'bwrap: a container runs the command as process 1'; then
	wrap --as-pid-1 /mnt/daemonize -f -m 022 -p /mnt/pid /mnt/job status=3 >out 2>&1 &
	container=$!
	trap 'kill -KILL $(of_user "$uid") 2>/dev/null; wait; cd / && rm -rf "$tmp"' EXIT
	ok 'bwrap --as-pid-1: the command is process 1' said 'started 1'
	outside=$(first_process)
	kill -HUP "$outside"
	ok 'bwrap --as-pid-1: a signal from outside reaches the command' said reloaded
	kill -TERM "$outside"
	wait "$container"
	is "$? $(tail -n 1 out)" '3 ended' 'bwrap --as-pid-1: the container ends with the command, and has its status'
	run wrap --as-pid-1 /mnt/daemonize /mnt/job
	is "$status $err" '125 daemonize: process 1: detaching would end the container; use -f, or --detach' \
		'bwrap --as-pid-1: process 1 refuses to detach'
	run wrap /mnt/daemonize -f -p /mnt/pid sh -c 'read -r number </mnt/pid; [ "$number" = $$ ] && exit 7'
	is "$status" 7 'bwrap with its own process 1: the container ends with the command, and has its status'
	# shellcheck disable=SC2016 # for the shell inside
	run wrap sh -c '/mnt/daemonize -p /mnt/pid sleep 1000 && /mnt/daemonize --stop -p /mnt/pid && /mnt/daemonize --status -p /mnt/pid || exit $((5 + $?))'
	is "$status" 8 'bwrap with its own process 1: a start detaches, and --stop ends the daemon'
fi
trap 'cd / && rm -rf "$tmp"' EXIT
finish
