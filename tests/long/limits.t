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

# the caller's pipe is full: prints what came behind the filling
cat >full.pl <<'end'
use strict;
use warnings;
use Fcntl;
use POSIX ();
my ($fd, $nonblock, @command) = @ARGV;
pipe my $r, my $w;
my $flags = fcntl $w, F_GETFL, 0;
fcntl $w, F_SETFL, $flags | O_NONBLOCK;
my ($filling, $n) = (0, 0);
for my $block ("x" x 4096, "x") { $filling += $n while $n = syswrite $w, $block }
fcntl $w, F_SETFL, $flags if !$nonblock;
my $child = fork // die;
if (!$child) {
	open STDIN, "<", "/dev/null";
	open STDOUT, ">", "/dev/null";
	open STDERR, ">", "/dev/null";
	POSIX::dup2(fileno $w, $fd);
	exec @command;
	die;
}
close $w;
# whoever has to write must wait for us (if it is late here we just do not see it)
if (!$nonblock) {
	select undef, undef, undef, 0.2;
	print waitpid($child, POSIX::WNOHANG()) == 0 ? "waits " : "does not wait ";
} else {
	waitpid $child, 0;
	print $? >> 8, " ";
}
my $all = "";
1 while sysread $r, $all, 65536, length $all;
print substr($all, $filling);
waitpid $child, 0 and print "status ", $? >> 8 if !$nonblock;
end
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
cat >big.pl <<'end'
use strict;
use warnings;
use POSIX ();
my ($daemonize, $dir) = @ARGV;
%ENV = (PATH => "/usr/bin:/bin");
# 126 and the message, 0, or "exec" if we cannot even execute daemonize
sub start {
	my ($size, @command) = @_;
	my @words;
	unlink "$dir/ran";
	while ($size > 0) { push @words, "x" x ($size > 100000 ? 100000 : $size); $size -= 100000 }
	pipe my $r, my $w;
	my $child = fork // die;
	if (!$child) {
		open STDERR, ">&", $w;
		$ENV{BIG} = "y" x 100000;
		{ no warnings; exec $daemonize, @command, @words; }
		syswrite $w, "exec";
		POSIX::_exit(1);
	}
	close $w;
	local $/;
	my $err = <$r>;
	waitpid $child, 0;
	return $err eq "exec" ? $err : ($? >> 8) . " $err";
}
print "2 MB: ", start(1900000, "sh", "-c", ": >$dir/ran") =~ s/\n//r, "\n";
# the first size that is not "0 ": what comes then must be told
my ($good, $bad) = (1000000, 4000000);
while ($bad - $good > 1) {
	my $middle = int(($good + $bad) / 2);
	if (start($middle, "$dir/script") eq "0 ") { $good = $middle } else { $bad = $middle }
}
print "one more: ", start($bad, "$dir/script") =~ s/\n//r, "\n";
print "far more: ", start(4000000, "$dir/script"), "\n";
end
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
cat >wrap.pl <<'end'
use strict;
use warnings;
use Fcntl;
use POSIX ();
my ($daemonize, $max) = @ARGV;
my $wraps = 0;
for my $left (0 .. 9) {
	# we are process 1: what has no parent is ours
	1 while waitpid(-1, POSIX::WNOHANG()) > 0;
	sysopen my $last, "/proc/sys/kernel/ns_last_pid", O_WRONLY or die;
	syswrite $last, $max - $left;
	close $last;
	my $launcher = open my $out, "-|", $daemonize, "-P", "-p", "pid", "sleep", 1000 or die;
	chomp(my $printed = <$out> // "nothing");
	close $out;
	my $status = $? >> 8;
	open my $f, "<", "pid" or die;
	chomp(my $named = <$f>);
	my $running = `$daemonize --status -p pid`;
	my $second = system("$daemonize -p pid true 2>/dev/null") >> 8;
	my $stop = system($daemonize, "--stop", "-p", "pid") >> 8;
	$wraps++ if $printed < $launcher;
	print "$left left: $status $printed $named $running"
		if $status || $named ne $printed || $running ne "running (pid $named)\n" || $second != 75 || $stop;
}
# the launcher may take the last number, and so may the intermediate process
print "wraps: $wraps\n";
end
cat >table.pl <<'end'
use strict;
use warnings;
use Errno;
use POSIX ();
my ($daemonize) = @ARGV;
my @children;
while (defined(my $child = fork)) {
	if (!$child) { sleep 1000; exit }
	push @children, $child;
}
print $!{EAGAIN} ? "full" : "fork: $!", "\n";
for my $free (1 .. 3) {
	my $child = pop @children;
	kill KILL => $child;
	waitpid $child, 0;
	for (1 .. 1000) {
		1 while waitpid(-1, POSIX::WNOHANG()) > 0;
		last if @{[glob "/proc/[0-9]*"]} == 1 + @children;
		select undef, undef, undef, 0.01;
	}
	# a number below 300 is not given again, unless we go back to it
	open my $last, ">", "/proc/sys/kernel/ns_last_pid" or die;
	print $last 2;
	close $last;
	open my $out, "-|", "exec $daemonize -p pid sleep 1000 2>&1" or die;
	my $said = <$out> // "\n";
	close $out;
	print "$free free: ", $? >> 8, -e "pid" ? " with a pid file " : " ", $said;
}
end
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
