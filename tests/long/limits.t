#!/bin/sh
# The ends of resources, real ones: processes, descriptors, disks, pipes, room
# for arguments, memory.  Each is told, or there was enough.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

cp "$DAEMONIZE" "$arrange" "$probe" .

# A start with every kind of file either succeeds, or fails with this message
# and leaves no pid file and nothing running.
enough=
ends() { # NAME MESSAGE COMMAND...
	name=$1 message=$2
	shift 2
	rm -f pid ran
	run "$@"
	if [ "$status" -eq 0 ]; then
		enough=$name
		wait_for test -s ran
		idle -l lock
		is "$err$(cat ran)" "$(cat pid)" "$name: enough"
		return
	fi
	is "$status" 125 "$name: status"
	like "$err" "^daemonize: [^:]*: $message\$" "$name: told"
	is "$(printf '%s\n' "$err" | wc -l)" 1 "$name: in one line"
	ok "$name: no pid file, nothing runs" test ! -e pid -a ! -e ran
}
# writes its process id, which is to be that of the pid file
writer='echo $$ >"$1"'

# processes, with the files that a failure has to clean up
if need_root 'no process left' && need setpriv 'no process left'; then
	mkdir theirs
	chown $uid:$uid theirs
	cd theirs || exit
	for limit in 1 2 3; do
		ends "at most $limit processes" 'Resource temporarily unavailable' \
			setpriv --reuid=$uid --regid=$uid --clear-groups ../arrange nproc=$limit -- \
			../daemonize -o log -p pid -l lock sh -c "$writer" sh "$tmp/theirs/ran"
	done
	is "$enough" 'at most 3 processes' 'three are enough'
	cd ..
fi

# descriptors, with every option that needs one; the loader needs one too
enough=
for limit in 4 5 6 7 8 9 10 11 12 16; do
	ends "at most $limit descriptors" 'Too many open files' ./arrange nofile=$limit -- \
		./daemonize -i /dev/null -o log -e log2 -p pid -l lock sh -c "$writer" sh "$tmp/ran"
done
is "$enough" 'at most 16 descriptors' 'sixteen are enough'
for limit in 0 1 2 3; do
	rm -f pid ran
	run ./arrange nofile=$limit -- ./daemonize -o log -p pid touch "$tmp/ran"
	ok "at most $limit descriptors: $status ${err##*: }" test "$status" -ne 0 -a ! -e ran -a ! -e pid -a "$err"
done

# a full disk: no room, or no name
if need_root 'a full disk' && unshare -m true 2>/dev/null; then
	mkdir disk
	on_disk() { # OPTIONS COMMAND...
		options=$1
		shift
		# shellcheck disable=SC2016 # for the inner shell
		unshare -m sh -c 'mount -t tmpfs -o "$1" none disk && shift && exec "$@"' sh "$options" "$@"
	}
	# shellcheck disable=SC2016
	fill='cat /dev/zero >disk/zeros 2>/dev/null; "$@"; status=$?; ls disk; exit $status'
	run on_disk size=16k sh -c "$fill" sh ./daemonize -p disk/pid touch "$tmp/ran"
	is "$status $out $err" "125 zeros daemonize: $tmp/disk/pid: No space left on device" \
		'no room for the number: told, and no pid file'
	run on_disk size=16k sh -c ": >disk/pid; $fill" sh ./daemonize -p disk/pid touch "$tmp/ran"
	is "$status $out $err" "125 zeros daemonize: $tmp/disk/pid: No space left on device" \
		'no room, and a stale file'
	run on_disk size=16k,nr_inodes=2 sh -c "$fill" sh ./daemonize -p disk/pid touch "$tmp/ran"
	is "$status $out $err" "125 zeros daemonize: $tmp/disk/pid: No space left on device" 'no pid file can be made'
	run on_disk size=16k,nr_inodes=2 sh -c "$fill" sh ./daemonize -o disk/log touch "$tmp/ran"
	is "$status $out $err" "125 zeros daemonize: $tmp/disk/log: No space left on device" 'no log can be made'
	run on_disk size=16k,nr_inodes=3 sh -c "$fill" sh ./daemonize -o disk/log -p disk/pid touch "$tmp/ran"
	is "$status $out $err" "125 zeros daemonize: $tmp/disk/log: No space left on device" \
		'no log after the pid file: which is gone'
	ok 'nothing runs' test ! -e ran
	# a log that has no room is the command's business
	# shellcheck disable=SC2016
	run on_disk size=16k sh -c ': >disk/log; cat /dev/zero >disk/zeros 2>/dev/null
		"$@"' sh ./daemonize -o disk/log sh -c "echo line; echo \$? >'$tmp/ran.new'; mv '$tmp/ran.new' '$tmp/ran'"
	is "$status $err" '0 ' 'a log without room: it starts'
	wait_for test -s ran
	ok 'and sees the failure itself' test "$(cat ran)" -ne 0
	rm -f ran
else
	skip 'a full disk' 'no unshare -m'
fi

# the caller's pipe is full
take full.pl
is "$(perl full.pl 2 0 ./daemonize ./nosuch)" "waits daemonize: $tmp/nosuch: No such file or directory
status 127" 'standard error is a full pipe: waits for its reader, and loses nothing'
is "$(perl full.pl 2 1 ./daemonize ./nosuch)" '127 ' 'the same without blocking: the status is as true'
is "$(perl full.pl 2 1 ./daemonize -v true)" '0 ' 'and what is verbose starts'
is "$(perl full.pl 1 1 ./daemonize -P touch "$tmp/ran")" '125 ' '-P into a full pipe without blocking'
ok 'nothing runs' test ! -e ran
run perl full.pl 1 0 ./daemonize -P -p pid true
is "$status $out" "0 waits $(cat pid)
status 0" '-P into a full pipe: waits for its reader, and prints it'
for full in 'full=2' 'full=1 full=2'; do
	# shellcheck disable=SC2086 # words
	run ./arrange $full -- ./daemonize ./nosuch
	is "$status $err" '127 ' "$full: the status is as true"
	idle -p pid
	# shellcheck disable=SC2086
	run ./arrange $full -- ./daemonize -v -p pid true
	is "$status $err" '0 ' "$full: a start"
done

# arguments and environment: 2 MB, and the most that fits.  The limit is a
# quarter of the stack's; what is one byte too long for a script with an
# interpreter, which adds its own words, is told.
take big.pl
echo "#!/bin/sh $(printf '%0100d' 0)" >script
printf ': text without an interpreter line\n' >text
chmod +x script text
is "$(sh -c 'ulimit -s 8192 && exec "$@"' sh perl big.pl ./daemonize "$tmp")" "2 MB: 0 
one more: 126 daemonize: $tmp/script: Argument list too long
far more: exec" 'arguments: 2 MB arrive, and one byte too much is told'
# without the option the environment would have fitted
big=$(printf '%0120000d' 0)
run sh -c 'ulimit -s 1024 && exec "$@"' sh ./daemonize -E "A=$big" -E "B=$big" touch "$tmp/ran"
is "$status $err" '0 ' 'an environment that fits, from -E'
wait_for test -e ran
rm -f ran

# memory: from too little for the loader up to enough
wrong=
enough=no
kb=0
while [ $kb -lt 6000 ]; do
	kb=$((kb + 48))
	rm -f pid ran
	run sh -c 'ulimit -v "$1" && shift && exec "$@"' sh $kb ./daemonize -o log -p pid ./probe "$tmp/ran"
	[ "$status" -ne 0 ] || enough=yes
	# the command has as little memory: that it was executed is all we can say
	if [ "$status" -ne 0 ] && { [ -e pid ] || [ -e ran ]; }; then
		wrong="$wrong $kb:$status:${err##*: }"
	elif [ "$status" -ne 0 ] && [ "$status" -lt 128 ] && [ -z "$err" ]; then
		wrong="$wrong $kb:$status:silent"
	elif [ "$status" -eq 0 ] && [ "$err" ]; then
		wrong="$wrong $kb:0:$err"
	fi
done
is "$wrong $enough" ' yes' 'memory from 48 kB in steps to 6 MB: told, or started'

# Numbers of processes that begin again from below between the three processes,
# and a process table that is full, in a pid namespace.
take wrap.pl table.pl
if need_root 'numbers that wrap' && need_namespaces 'numbers that wrap'; then
	run unshare --pid --fork --mount-proc sh -c 'exec "$@" "$(cat /proc/sys/kernel/pid_max)"' \
		sh perl wrap.pl ./daemonize
	is "$status $out $err" '0 wraps: 2 ' 'ten starts while the numbers begin again: each as ever'
	# a namespace has a pid_max of its own since Linux 6.14
	table='test "$(cat /proc/sys/kernel/pid_max)" != 301 && echo 301 >/proc/sys/kernel/pid_max && exec "$@"'
	before=$(cat /proc/sys/kernel/pid_max)
	run unshare --pid --fork --mount-proc sh -c "$table" sh perl table.pl ./daemonize
	is "$status $out $err" '0 full
1 free: 125 daemonize: fork: Resource temporarily unavailable
2 free: 125 daemonize: fork: Resource temporarily unavailable
3 free: 0 with a pid file  ' 'a process table that is full: told, and three are enough'
	is "$(cat /proc/sys/kernel/pid_max)" "$before" "the machine's pid_max is as it was"
	rm -f pid
fi

# Control groups: one that allows no more processes, and one without memory.
# Theirs are mounts of our own.
in_group() { # GROUP COMMAND...
	# shellcheck disable=SC2016 # for the inner shell
	sh -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' sh "$@"
}
group=daemonize.$$
mkdir pids memory
if need_root 'control groups' && mount -t cgroup -o pids none pids 2>/dev/null; then
	mkdir pids/$group
	for limit in 1 2 3; do
		echo $limit >pids/$group/pids.max
		ends "at most $limit processes in the control group" 'Resource temporarily unavailable' \
			in_group pids/$group ./daemonize -o log -p pid -l lock sh -c "$writer" sh "$tmp/ran"
	done
	is "$enough" 'at most 3 processes in the control group' 'three are enough in a control group'
	wait_for rmdir pids/$group
	umount pids
fi
# The kernel ends something for want of memory, from nothing at all up to enough:
# the launcher (137), or another of ours, which is told.  The command runs or it
# does not, nobody is left, and what is left does not block a start.
if need_root 'control groups' && mount -t cgroup -o memory none memory 2>/dev/null; then
	mkdir memory/$group
	wrong=
	seen=
	kb=0
	while [ $kb -lt 2048 ]; do
		kb=$((kb + 64))
		rm -f pid ran
		echo ${kb}K >memory/$group/memory.limit_in_bytes
		run in_group memory/$group ./daemonize -o log -p pid -w 0.05 sh -c "$writer" sh "$tmp/ran"
		case "$status $err" in
		'137 Killed' | '137 ' | '0 '*) ;;
		*': '*) [ ! -e pid ] || wrong="$wrong $kb:$status:a pid file" ;;
		*) wrong="$wrong $kb:$status:$err" ;;
		esac
		seen="$seen $status"
		wait_for sh -c '! read x <"$1"' sh "memory/$group/cgroup.procs" || wrong="$wrong $kb:left"
		ran=$(cat ran 2>/dev/null)
		run ./daemonize -f -p pid true
		[ "$status" -eq 0 ] || wrong="$wrong $kb:then $status:$err"
	done
	is "$wrong" '' 'memory from 64 kB in steps to 2 MB: ended or told, and never in the way'
	like "$seen $ran" '^ 137.* 0 [1-9][0-9]*$' 'of which the first is too little, and the last enough'
	wait_for rmdir memory/$group
	umount memory
fi
finish
