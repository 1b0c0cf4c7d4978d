#!/bin/sh
# Real shortages: of processes, descriptors, disk space, room in a pipe, room
# for arguments, memory.  A start succeeds, or it reports the shortage.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

cp "$DAEMONIZE" "$arrange" "$probe" .

# Makes a start that either succeeds, or fails with the message and leaves no
# pid file and nothing running.  Sets $enough to NAME if it succeeds.
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
		is "$err$(cat ran)" "$(cat pid)" "$name: the start succeeds, and the command runs"
		return
	fi
	is "$status" 125 "$name: the start exits 125"
	like "$err" "^daemonize: [^:]*: $message\$" "$name: the message has the reason"
	is "$(printf '%s\n' "$err" | wc -l)" 1 "$name: the message is one line"
	ok "$name: no pid file is left, and nothing runs" test ! -e pid -a ! -e ran
}
# the command writes its process id, which is to be that of the pid file
writer='echo $$ >"$1"'

# processes, with the files that a failure has to clean up
all='three processes are enough'
if need_root "$all" && need setpriv "$all"; then
	mkdir theirs
	chown $uid:$uid theirs
	cd theirs || exit
	for limit in 1 2 3; do
		ends "at most $limit processes" 'Resource temporarily unavailable' \
			setpriv --reuid=$uid --regid=$uid --clear-groups ../arrange nproc=$limit -- \
			../daemonize -o log -p pid -l lock sh -c "$writer" sh "$tmp/theirs/ran"
	done
	is "$enough" 'at most 3 processes' 'three processes are enough'
	cd ..
fi

# descriptors, with every option that takes one; the loader takes one too
enough=
for limit in 4 5 6 7 8 9 10 11 12 16; do
	ends "at most $limit descriptors" 'Too many open files' ./arrange nofile=$limit -- \
		./daemonize -i /dev/null -o log -e log2 -p pid -l lock sh -c "$writer" sh "$tmp/ran"
done
is "$enough" 'at most 16 descriptors' 'sixteen descriptors are enough'
for limit in 0 1 2 3; do
	rm -f pid ran
	run ./arrange nofile=$limit -- ./daemonize -o log -p pid touch "$tmp/ran"
	ok "at most $limit descriptors: the start fails with a message, and nothing runs" \
		test "$status" -ne 0 -a ! -e ran -a ! -e pid -a "$err"
done

# a full disk: no space, or no inode
all='a full disk: a start reports it'
if need_root "$all" && need_namespaces "$all"; then
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
		'a full disk: -p reports it, and no pid file is left'
	run on_disk size=16k sh -c ": >disk/pid; $fill" sh ./daemonize -p disk/pid touch "$tmp/ran"
	is "$status $out $err" "125 zeros daemonize: $tmp/disk/pid: No space left on device" \
		'a full disk: -p with a stale file reports it, and no pid file is left'
	run on_disk size=16k,nr_inodes=2 sh -c "$fill" sh ./daemonize -p disk/pid touch "$tmp/ran"
	is "$status $out $err" "125 zeros daemonize: $tmp/disk/pid: No space left on device" 'no inode: -p reports it'
	run on_disk size=16k,nr_inodes=2 sh -c "$fill" sh ./daemonize -o disk/log touch "$tmp/ran"
	is "$status $out $err" "125 zeros daemonize: $tmp/disk/log: No space left on device" 'no inode: -o reports it'
	run on_disk size=16k,nr_inodes=3 sh -c "$fill" sh ./daemonize -o disk/log -p disk/pid touch "$tmp/ran"
	is "$status $out $err" "125 zeros daemonize: $tmp/disk/log: No space left on device" \
		'no inode for the log: -o reports it, and the pid file is removed'
	ok 'a full disk: none of these starts has run its command' test ! -e ran
	# a log on a full disk is a matter of the command
	# shellcheck disable=SC2016
	run on_disk size=16k sh -c ': >disk/log; cat /dev/zero >disk/zeros 2>/dev/null
		"$@"' sh ./daemonize -o disk/log sh -c "echo line; echo \$? >'$tmp/ran.new'; mv '$tmp/ran.new' '$tmp/ran'"
	is "$status $err" '0 ' 'a full disk: a start with a log that is there succeeds'
	wait_for test -s ran
	ok 'a full disk: the write of the command fails' test "$(cat ran)" -ne 0
	rm -f ran
fi

# the caller's pipe is full
take full.pl
is "$(perl full.pl 2 0 ./daemonize ./nosuch)" "waits daemonize: $tmp/nosuch: No such file or directory
status 127" 'a full pipe as standard error: a failed start waits for the reader, and loses nothing'
is "$(perl full.pl 2 1 ./daemonize ./nosuch)" '127 ' \
	'a full non-blocking pipe as standard error: a failed start has its status'
is "$(perl full.pl 2 1 ./daemonize -v true)" '0 ' 'a full non-blocking pipe as standard error: a start with -v succeeds'
is "$(perl full.pl 1 1 ./daemonize -P touch "$tmp/ran")" '125 ' \
	'a full non-blocking pipe as standard output: -P exits 125'
ok 'a full non-blocking pipe as standard output: nothing runs' test ! -e ran
run perl full.pl 1 0 ./daemonize -P -p pid true
is "$status $out" "0 waits $(cat pid)
status 0" 'a full pipe as standard output: -P waits for the reader, and prints the process id'
for full in 'full=2' 'full=1 full=2'; do
	# shellcheck disable=SC2086 # words
	run ./arrange $full -- ./daemonize ./nosuch
	is "$status $err" '127 ' "a full device ($full): a failed start has its status"
	idle -p pid
	# shellcheck disable=SC2086
	run ./arrange $full -- ./daemonize -v -p pid true
	is "$status $err" '0 ' "a full device ($full): a start with -v succeeds"
done

# big.pl DAEMONIZE DIRECTORY passes 2 MB of arguments, and looks for the most
# that the kernel accepts, a quarter of the limit of the stack.  The command is
# a script, for which the kernel adds words of its own: one byte too much is to
# be reported.
take big.pl
echo "#!/bin/sh $(printf '%0100d' 0)" >script
printf ': text without an interpreter line\n' >text
chmod +x script text
is "$(sh -c 'ulimit -s 8192 && exec "$@"' sh perl big.pl ./daemonize "$tmp")" "2 MB: 0 
one more: 126 daemonize: $tmp/script: Argument list too long
far more: exec" '2 MB of arguments arrive, and one byte too much is reported'
# without the options, which are as long, the environment would fit
big=$(printf '%0120000d' 0)
run sh -c 'ulimit -s 1024 && exec "$@"' sh ./daemonize -E "A=$big" -E "B=$big" touch "$tmp/ran"
is "$status $err" '0 ' '-E: an environment that fits but for the options themselves is accepted'
wait_for test -e ran
rm -f ran

# memory, from too little for the loader up to enough
wrong=
enough=no
kb=0
while [ $kb -lt 6000 ]; do
	kb=$((kb + 48))
	rm -f pid ran
	run sh -c 'ulimit -v "$1" && shift && exec "$@"' sh $kb ./daemonize -o log -p pid ./probe "$tmp/ran"
	[ "$status" -ne 0 ] || enough=yes
	# the command has as little memory: a start that succeeds has executed
	# it, no more
	if [ "$status" -ne 0 ] && { [ -e pid ] || [ -e ran ]; }; then
		wrong="$wrong $kb:$status:${err##*: }"
	elif [ "$status" -ne 0 ] && [ "$status" -lt 128 ] && [ -z "$err" ]; then
		wrong="$wrong $kb:$status:silent"
	elif [ "$status" -eq 0 ] && [ "$err" ]; then
		wrong="$wrong $kb:0:$err"
	fi
done
is "$wrong $enough" ' yes' 'memory from 48 kB in steps to 6 MB: a start succeeds, or fails with a message'

# In a pid namespace: wrap.pl makes ten starts, in two of which process ids
# begin again from below among the three processes.  table.pl makes three starts
# with a process table that has one, two and three free places.
take wrap.pl table.pl
all='ten starts while process ids begin again from below are all right'
if need_root "$all" && need_namespaces "$all"; then
	run unshare --pid --fork --mount-proc sh -c 'exec "$@" "$(cat /proc/sys/kernel/pid_max)"' \
		sh perl wrap.pl ./daemonize
	is "$status $out $err" '0 wraps: 2 ' 'ten starts while process ids begin again from below are all right'
	# since Linux 6.14 a pid namespace has a pid_max of its own
	table='test "$(cat /proc/sys/kernel/pid_max)" != 301 && echo 301 >/proc/sys/kernel/pid_max && exec "$@"'
	before=$(cat /proc/sys/kernel/pid_max)
	run unshare --pid --fork --mount-proc sh -c "$table" sh perl table.pl ./daemonize
	is "$status $out $err" '0 full
1 free: 125 daemonize: fork: Resource temporarily unavailable
2 free: 125 daemonize: fork: Resource temporarily unavailable
3 free: 0 with a pid file  ' 'a full process table is reported, and three free places are enough'
	is "$(cat /proc/sys/kernel/pid_max)" "$before" "the machine's pid_max is what it was"
	rm -f pid
fi

# Control groups with a limit of processes, and of memory.  The test mounts
# their hierarchies itself.
in_group() { # GROUP COMMAND...
	# shellcheck disable=SC2016 # for the inner shell
	sh -c 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"' sh "$@"
}
group=daemonize.$$
mkdir pids memory
if need_root 'three processes are enough in a control group' && mount -t cgroup -o pids none pids 2>/dev/null; then
	mkdir pids/$group
	for limit in 1 2 3; do
		echo $limit >pids/$group/pids.max
		ends "at most $limit processes in the control group" 'Resource temporarily unavailable' \
			in_group pids/$group ./daemonize -o log -p pid -l lock sh -c "$writer" sh "$tmp/ran"
	done
	is "$enough" 'at most 3 processes in the control group' 'three processes are enough in a control group'
	wait_for rmdir pids/$group
	umount pids
fi
# From no memory at all up to enough: the kernel kills the launcher (status
# 137), or another process of the start, which the launcher reports.  No process
# is left, and a pid file that is left does not block another start.
if need_root '64 kB of memory are too little for a start, and 2 MB enough' &&
	mount -t cgroup -o memory none memory 2>/dev/null; then
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
	is "$wrong" '' 'memory from 64 kB in steps to 2 MB: a start succeeds, reports, or is killed, and blocks none'
	like "$seen $ran" '^ 137.* 0 [1-9][0-9]*$' '64 kB of memory are too little for a start, and 2 MB enough'
	wait_for rmdir memory/$group
	umount memory
fi
finish
