#!/bin/sh
# --restart, for long: the keeper is killed at each of its system calls, stopped
# in the middle of restarts, and looked at after a thousand of them; and beside
# other programs that restart what they start.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

require perl

export tmp DAEMONIZE
# shellcheck disable=SC3045 # every sh has it
ulimit -c 0

has_lines() { # FILE COUNT
	[ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]
}

delays() { # FILE
	sed -n 's/.*starting again in \([0-9.]*\) s$/\1/p' "$1" | awk '{ printf "%s%.2f", s, $1; s = " " }'
}

# The memory that is a process's own, in KiB: what is no page of a file.
private_memory() { # PID
	awk '/^Anonymous:/ { print $2 }' "/proc/$1/smaps_rollup"
}

descriptors() { # PID
	find "/proc/$1/fd" -mindepth 1 | wc -l
}

children() { # PID
	wc -w <"/proc/$1/task/$1/children"
}

switches() { # PID: how often it has gone on
	awk '/ctxt_switches/ { sum += $2 } END { print sum }' "/proc/$1/status"
}

processor_time() { # PID: in clock ticks
	sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 12-15
}

asleep() { # PID
	grep -q '^State:.S' "/proc/$1/status"
}

# the delays that take their time: see the end of the file
"$DAEMONIZE" --restart=31 -p most.pid -o most.log false
"$DAEMONIZE" --restart=61 -p more.pid -o more.log false
cat >reset <<'end_of_reset'
echo >>"$1"
[ "$(wc -l <"$1")" -ne 3 ] || exec sleep 10.3
exit 1
end_of_reset
"$DAEMONIZE" --restart=0.05 -p reset.pid -o reset.log sh "$tmp/reset" "$tmp/reset.runs"

# what is resident
if need musl-gcc 'a static keeper'; then
	mkdir static
	cp -R "$top/src" "$top/Makefile" static
	make -s -C static static >static.out 2>&1
	is "$? $(cat static.out)" '0 ' 'the static program is built'
fi
for program in "$DAEMONIZE" static/daemonize.static; do
	[ -x "$program" ] || continue
	which=${program##*/}
	limit=250
	[ "$which" = daemonize ] || limit=64
	"$program" --restart -p "$which.pid" -o "$which.log" sleep 1000
	read -r pid <"$which.pid"
	wait_for asleep "$pid"
	memory=$(private_memory "$pid")
	note "$which: $memory KiB of private memory resident"
	# a program with a sanitizer has more
	[ "${ASAN_OPTIONS+set}" ] ||
		ok "$which: the keeper has less than $limit KiB of private memory" test "$memory" -lt $limit
	before="$(switches "$pid") $(processor_time "$pid")"
	sleep 1
	is "$(switches "$pid") $(processor_time "$pid")" "$before" "$which: the keeper does not wake up while the command runs"
	run "$program" --stop -p "$which.pid"
	is "$status $err" '0 ' "$which: --stop succeeds"
done
"$DAEMONIZE" --restart=1000 -p waits.pid -o waits.log false
read -r pid <waits.pid
wait_for grep -q 'starting again' waits.log
wait_for asleep "$pid"
before="$(switches "$pid") $(processor_time "$pid")"
sleep 1
is "$(switches "$pid") $(processor_time "$pid")" "$before" 'the keeper does not wake up while it waits before a restart'
"$DAEMONIZE" --stop -p waits.pid

# A thousand restarts, each as after a long run, for the keeper's clock goes fast:
# every look at it is twenty seconds later.
cat >clock.c <<'end_of_clock'
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int
clock_gettime(clockid_t id, struct timespec *now)
{
	static time_t ahead;
	int result = (int)syscall(SYS_clock_gettime, id, now);

	ahead += 20;
	now->tv_sec += ahead;
	return result;
}
end_of_clock
cat >often <<'end_of_often'
read -r count <"$1.count"
count=$((count + 1))
echo $count >"$1.count"
case $count in
2 | 1002) read -r line <"$1.do" ;;
esac
exit 1
end_of_often
if need "${CC:-cc}" 'a thousand restarts'; then
	"${CC:-cc}" -shared -fPIC -o clock.so clock.c || exit
	mkfifo often.do
	echo 0 >often.count
	run env LD_PRELOAD="$tmp/clock.so" "$DAEMONIZE" --restart=0.001 -P -p often.pid -o often.log \
		sh "$tmp/often" "$tmp/often"
	pid=$out
	begin=$(date +%s)
	state() {
		until [ "$(cat often.count)" = "$1" ]; do
			kill -0 "$pid" || break
			sleep 0.05
		done
		wait_for asleep "$pid"
		fds=$(descriptors "$pid") memory=$(private_memory "$pid") processes=$(children "$pid")
	}
	state 2
	first_fds=$fds first_memory=$memory first_processes=$processes
	timeout 60 sh -c 'echo >often.do'
	state 1002
	is "$(cat often.count)" 1002 'a thousand restarts come one after the other'
	is "$fds" "$first_fds" 'after a thousand restarts the keeper has no more descriptors'
	is "$processes" "$first_processes" 'after a thousand restarts the keeper has no more children, zombies included'
	ok 'after a thousand restarts the keeper has at most one page more memory' \
		test "$memory" -le $((first_memory + 4))
	note "a thousand restarts in $(($(date +%s) - begin)) s; $first_memory and $memory KiB, $fds descriptors"
	is "$(grep -c 'starting again' often.log)" 1001 'a thousand restarts are told by a line each'
	run "$DAEMONIZE" --stop -p often.pid
	is "$status $err" '0 ' 'after a thousand restarts --stop succeeds'
fi

# Rounds in which something happens to a keeper at any time.  of_session(PID)
# are the processes of its session that have not ended.
cat >rounds.pl <<'end_of_rounds'
use strict;
use warnings;
use Time::HiRes qw(sleep time);
my ($what, $rounds) = @ARGV;
my $daemonize = $ENV{DAEMONIZE};
my @wrong;

sub slurp {
	open my $f, "<", $_[0] or return "";
	local $/;
	return <$f> // "";
}

sub of_session {
	my ($session) = @_;
	my @found;
	for my $stat (glob "/proc/[0-9]*/stat") {
		my ($pid, $state, $its) = slurp($stat) =~ /^(\d+) \(.*\) (\S) \d+ \d+ (\d+)/s or next;
		push @found, $pid if $its == $session && $state !~ /[ZX]/;
	}
	return @found;
}

# Waits until nothing is left of a session.
sub empties {
	my ($session) = @_;
	my $end = time + 20;
	while (time < $end) {
		return 1 if !of_session($session);
		sleep 0.01;
	}
	return 0;
}

# Runs some commands at once; the status and the output of each.
sub at_once {
	my @result;
	my @pipes;
	for my $command (@_) {
		my $pid = open(my $out, "-|") // die "fork: $!";
		if (!$pid) {
			open STDERR, ">&", \*STDOUT;
			exec @$command or die;
		}
		push @pipes, $out;
	}
	for my $out (@pipes) {
		my $text = do { local $/; <$out> } // "";
		close $out;
		push @result, ($? >> 8) . " $text";
	}
	return map { s/\s+\z//r } @result;
}

my @start = ($daemonize, "--restart=0.01", "-P", "-p", "round.pid", "-o", "round.log");
my @stop = ($daemonize, "--stop", "-p", "round.pid");
my @status = ($daemonize, "--status", "-p", "round.pid");
my %command = (
	stop => [ "sh", "-c", "exit 1" ],
	two => [ "sh", "-c", "exit 1" ],
	kill => [ "sh", "-c", "sleep 0.01 & sleep 0.02; wait" ],
	start => [ "sleep", "1000" ],
	broken => [ "./comes-and-goes" ],
	race => [ "sh", "-c", 'mkdir alive || echo two >>wrong; sleep 0.01; rmdir alive' ],
);
for my $round (1 .. $rounds) {
	my @said;
	if ($what eq "race") {
		my @restart = (@start, @{ $command{race} });
		my @plain = grep { $_ ne "--restart=0.01" } @restart;
		@said = at_once(map { $_ % 2 ? \@restart : \@plain } 1 .. 20);
		my @good = grep { /^0 / } @said;
		my @refused = grep { /^75 / } @said;
		# one that does not stay may be followed by another
		push @wrong, "round $round: @said" if !@good || @good + @refused != @said || -e "wrong";
		at_once(\@stop);
		rmdir "alive";
		next;
	}
	if ($what eq "broken") {
		unlink "comes-and-goes";
		symlink "/bin/false", "comes-and-goes" or die;
	}
	if ($what eq "start") {
		# a start and a --stop at once: whichever comes first, then nothing is left
		my ($started, $stopped) = at_once([ @start, @{ $command{start} } ], \@stop);
		my ($pid) = $started =~ /^0 (\d+)$/;
		push @wrong, "round $round: $started, $stopped" if !$pid || $stopped ne "0";
		my ($again) = at_once(\@stop);
		push @wrong, "round $round: then $again" if $again ne "0";
		push @wrong, "round $round: something is left" if $pid && !empties($pid);
		next;
	}
	my ($started) = at_once([ @start, @{ $command{$what} } ]);
	my ($pid) = $started =~ /^0 (\d+)$/;
	if (!$pid) {
		push @wrong, "round $round: $started";
		next;
	}
	unlink "comes-and-goes" if $what eq "broken";
	sleep rand 0.05;
	if ($what eq "kill") {
		kill KILL => $pid or push @wrong, "round $round: no keeper";
		my ($next) = ("");
		# the lock goes with the keeper
		my $end = time + 20;
		do { ($next) = at_once(\@status) } while $next =~ /^0 / && time < $end;
		($next) = at_once([ @start, "true" ]);
		push @wrong, "round $round: the next start: $next" if $next !~ /^0 \d+$/;
		@said = at_once(\@stop);
		push @wrong, "round $round: left: " . join(" ", of_session($pid)) if !empties($pid);
	} else {
		@said = at_once($what eq "two" ? (\@stop, \@stop) : \@stop);
	}
	push @wrong, "round $round: @said" if grep { $_ ne "0" } @said;
	push @wrong, "round $round: the pid file is left" if -e "round.pid";
	# --stop has waited for the keeper, and that for the command
	my @left = $what eq "kill" ? () : of_session($pid);
	push @wrong, "round $round: left: @left" if @left;
}
print map { "$_\n" } @wrong > 10 ? @wrong[0 .. 9] : @wrong;
print @wrong ? scalar(@wrong) . " wrong\n" : "good\n";
end_of_rounds
rounds() { # WHAT ROUNDS NAME
	rm -f round.pid round.log
	is "$(perl rounds.pl "$1" $(($2 * times)) 2>&1)" good "$2 rounds: $3"
	"$DAEMONIZE" --stop -p round.pid
}
rounds stop 300 '--stop in the middle of restarts ends all, and says so'
rounds two 150 'two --stop at once end all, and say so'
rounds broken 100 '--stop while the exec fails ends all, and says so'
rounds start 100 'a start and a --stop at once: a true answer each, and nothing is left'
rounds kill 200 'SIGKILL to the keeper at any time leaves nothing, and the next start succeeds'
rounds race 30 'twenty starts at once, half of them with --restart: never two commands at once'

# KILL and TERM at each of the keeper's system calls, from its first to its end
# after two runs.  The second run has the keeper stopped.
cat >twice <<'end_of_twice'
echo >>"$1.runs"
[ "$(wc -l <"$1.runs")" -ge 2 ] || exit 3
kill -TERM "$PPID"
exec sleep 1000
end_of_twice
traced() { # WORD...: one start under inject
	rm -f call.runs call.pid events
	timeout 60 "$inject" events "$@" -- "$DAEMONIZE" --restart=0.01 -p call.pid -o call.log \
		sh "$tmp/twice" "$tmp/call" >call.out 2>&1 </dev/null
	status=$?
}
# Adds to $wrong what is not as it should be after a start that somebody has ended.
judge() { # POINT
	case $status in
	0 | 125 | 137) ;;
	*) wrong="$wrong$newline$1: status $status, $(cat call.out)" ;;
	esac
	# inject has adopted all, and ends what hangs: then it says so
	! grep -q '^late' events || wrong="$wrong$newline$1: something is left"
	! has_lines call.runs 3 || wrong="$wrong$newline$1: a further run"
	run "$DAEMONIZE" -p call.pid true
	[ "$status $err" = '0 ' ] || wrong="$wrong$newline$1: the next start: $status $err"
	idle -p call.pid
}
traced trace
is "$status $(grep -e '^late' -e '^end intermediate' events)" '0 end intermediate 0' \
	'a keeper that is traced ends with 0'
grep '^call' events >calls
note "$(grep -c '^call intermediate ' calls) system calls of the keeper"
for signal in KILL:9 TERM:15; do
	wrong=
	while read -r word process number call; do
		[ "$process" = intermediate ] || continue
		traced at="$process.$number" send="${signal#*:}"
		[ "$status" -ne 0 ] || grep -q '^end intermediate \(0\|-9\)$' events ||
			wrong="$wrong$newline$number $call: $(grep '^end intermediate' events)"
		judge "$word $number $call"
	done <calls
	is "$wrong" '' "${signal%:*} at each system call of the keeper: nothing is left, and the next start succeeds"
done
# and while the command is on its way: it must not miss the end of its parent
wrong=
while read -r word process number call; do
	case $process in
	daemon | other) ;;
	*) continue ;;
	esac
	traced at="$process.$number" run="! test -s call.pid || kill -KILL \$(cat call.pid)"
	judge "$word $process $number $call"
done <calls
is "$wrong" '' 'KILL to the keeper at each system call of a command before its exec: nothing is left'

# a log is opened again as a log is, and no terminal becomes the keeper's
if need strace 'how a log is opened again'; then
	mkfifo again.do
	strace -f -qq -o again.trace -e trace=open,openat "$DAEMONIZE" --restart=0.01 -p again.pid -o again.log \
		sh -c 'echo >>"$tmp/again.runs"; read -r line <"$tmp/again.do"; exit 1' &
	wait_for has_lines again.runs 1
	mv again.log again.log.1
	timeout 60 sh -c 'echo >again.do'
	wait_for has_lines again.runs 2
	"$DAEMONIZE" --stop -p again.pid
	wait
	line=$(grep '/again\.log"\|"again\.log"' again.trace | tail -n 1)
	like "$line" 'O_NOCTTY' 'a log is opened again without becoming the terminal of the session'
	like "$line" 'O_APPEND' 'a log is opened again for appending'
	like "$line" 'O_CLOEXEC' 'a log is opened again close-on-exec'
fi

# A logger that is killed before it has read loses nothing: it is stopped first,
# so that it cannot read.
cat >logger.pl <<'end_of_logger'
open my $loggers, ">>", "$ENV{tmp}/loggers" or die;
syswrite $loggers, "$$\n";
open my $lines, ">>", "$ENV{tmp}/lines" or die;
while (<STDIN>) {
	syswrite $lines, $_;
}
end_of_logger
cat >writer <<'end_of_writer'
exec 9<>"$tmp/writer.do"
echo >>"$tmp/writer.runs"
while read -r order <&9; do
	eval "$order"
done
end_of_writer
mkfifo writer.do
: >writer.runs
: >wanted
run "$DAEMONIZE" --restart=0.001 -p writer.pid -o "|perl $tmp/logger.pl" sh "$tmp/writer"
is "$status $err" '0 ' 'a logger and --restart: the start succeeds'
round=0
# (the delay of a logger doubles, too)
while [ "$status" -eq 0 ] && [ $round -lt 10 ]; do
	round=$((round + 1))
	wait_for has_lines loggers $round
	logger=$(tail -n 1 loggers)
	kill -STOP "$logger"
	wait_for grep -q '^State:.T' "/proc/$logger/status"
	timeout 60 sh -c 'echo "echo line $1" >writer.do' sh $round
	echo "line $round" >>wanted
	kill -KILL "$logger"
	wait_for grep -qx "line $round" lines
done
is "$(grep -v '^daemonize: |' lines | diff wanted -)" '' "a logger that is killed $round times: nothing is lost"
is "$(wc -l <writer.runs)" 1 "a logger that is killed $round times: the command goes on"
run "$DAEMONIZE" --stop -p writer.pid
is "$status $err" '0 ' "a logger that is killed $round times: --stop succeeds"

# Theirs and ours: what is known of programs that restart what they start.  In a
# mount namespace, for supervise-daemon keeps its state in /run.
cat >live <<'end_of_live'
sleep 1000 &
echo $! >>"$1.children"
echo $$ >>"$1.runs"
wait
end_of_live
cat >compare <<'end_of_compare'
mount -t tmpfs -o mode=755 none /run || exit
mkdir -p /run/openrc/options /run/openrc/daemons /run/compare
cp live /run/compare
# raf's daemon executes nothing below a directory that others can write
cd /run/compare || exit
supervise=$(command -v supervise-daemon || echo /opt/openrc/sbin/supervise-daemon)
libraries=$(echo "${supervise%/sbin/*}"/lib/*-linux-gnu)

begin() { # NAME COMMAND...: prints the status
	name=$1
	shift
	case $tool in
	daemonize) "$DAEMONIZE" --restart=5 -p "$name.pid" "$@" ;;
	raf) daemon -r -A 1 -L 10 -a 10 -F "/run/compare/$name.pid" -- "$@" ;;
	supervise)
		file=$1
		shift
		RC_SVCNAME=$name LD_LIBRARY_PATH=$libraries "$supervise" "$name" -p "/run/compare/$name.pid" -m 0 -D 5 \
			--start "$file" -- "$@"
		;;
	esac >/dev/null 2>&1 </dev/null
	echo $?
}
# the same with no other option than their own defaults
begin_plain() { # NAME COMMAND...
	name=$1
	shift
	case $tool in
	daemonize) "$DAEMONIZE" --restart -p "$name.pid" "$@" ;;
	raf) daemon -r -F "/run/compare/$name.pid" -- "$@" ;;
	supervise)
		file=$1
		shift
		RC_SVCNAME=$name LD_LIBRARY_PATH=$libraries "$supervise" "$name" -p "/run/compare/$name.pid" --start "$file" -- "$@"
		;;
	esac >/dev/null 2>&1 </dev/null
}
until_lines() { # FILE COUNT
	tries=0
	until [ "$(cat "$1" 2>/dev/null | wc -l)" -ge "$2" ] || [ $tries -ge 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
}
alive() { # FILE: how many of its processes have not ended
	count=0
	for pid in $(cat "$1"); do
		grep -q '^State:.[^ZX]' "/proc/$pid/status" 2>/dev/null && count=$((count + 1))
	done
	echo $count
}
until_alive() { # FILE COUNT: or two seconds
	tries=0
	until [ "$(alive "$1")" -eq "$2" ] || [ $tries -ge 40 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	alive "$1"
}
row() { # WHAT VALUE
	echo "$tool|$1|$2"
}
for tool in $tools; do
	# supervise-daemon takes any process of the same file for its own
	shell=/run/compare/sh.$tool
	cp "$(command -v sh)" "$shell"

	begin $tool.1 "$shell" "/run/compare/live" "/run/compare/$tool.1" >/dev/null
	until_lines $tool.1.runs 1
	until_lines $tool.1.pid 1
	read -r keeper <$tool.1.pid
	read -r command <$tool.1.runs
	row 'private memory resident' "$(awk '/^Anonymous:/ { own = $2 } /^Private_/ { sum += $2 }
		END { print own " KiB, " sum " KiB with pages of files that nobody else has mapped" }' /proc/$keeper/smaps_rollup)"
	second=$(begin $tool.1 "$shell" "/run/compare/live" "/run/compare/$tool.1")
	sleep 0.5
	row 'a second start while it runs' "status $second, $(alive $tool.1.runs) run"
	kill -TERM "$command"
	until_alive $tool.1.runs 0 >/dev/null
	second=$(begin $tool.1 "$shell" /run/compare/live /run/compare/$tool.1)
	sleep 0.5
	row 'a second start between two runs' "status $second, $(alive $tool.1.runs) run"
	until_lines $tool.1.runs 2
	read -r keeper <$tool.1.pid
	kill -TERM "$keeper"
	row 'TERM to the process of the pid file' "$(until_alive $tool.1.runs 0) of the command live, its child $(
		tail -n 1 $tool.1.children >last
		[ "$(until_alive last 0)" -eq 0 ] && echo ends || echo lives
	)"
	for pid in $(cat $tool.1.runs $tool.1.children); do
		kill -KILL "$pid" 2>/dev/null
	done

	begin $tool.2 "$shell" "/run/compare/live" "/run/compare/$tool.2" >/dev/null
	until_lines $tool.2.runs 1
	until_lines $tool.2.pid 1
	read -r keeper <$tool.2.pid
	kill -KILL "$keeper"
	row 'KILL to the process of the pid file' "$(until_alive $tool.2.runs 0) of the command live"
	second=$(begin $tool.2 "$shell" "/run/compare/live" "/run/compare/$tool.2")
	sleep 0.5
	row 'the next start after KILL' "status $second, $(alive $tool.2.runs) run"
	read -r keeper <$tool.2.pid
	kill -KILL "$keeper" $(cat $tool.2.runs $tool.2.children) 2>/dev/null

	begin_plain $tool.3 "$shell" -c 'echo >>"$1"; exit 1' "$shell" "/run/compare/$tool.3.runs"
	sleep 2.5
	keeper=$(cat $tool.3.pid 2>/dev/null)
	running='gave up'
	[ -z "$keeper" ] || ! kill -0 "$keeper" 2>/dev/null || running='goes on'
	row 'a command that fails at once, for 2.5 s' "$(wc -l <$tool.3.runs) starts, $running"
	[ -z "$keeper" ] || kill -TERM "$keeper" 2>/dev/null
	row 'the start of a command that is not there' "status $(begin $tool.4 "/run/compare/nosuch")"
	[ ! -s $tool.4.pid ] || kill -TERM "$(cat $tool.4.pid)" 2>/dev/null
done
end_of_compare
if need_root 'theirs and ours' && need_namespaces 'theirs and ours'; then
	tools=daemonize
	! need daemon "raf's daemon" || tools="$tools raf"
	if [ -x /opt/openrc/sbin/supervise-daemon ] || need supervise-daemon "openrc's supervise-daemon"; then
		tools="$tools supervise"
	fi
	export tools
	unshare -m sh compare >compared 2>compared.err
	is "$? $(cat compared.err)" '0 ' 'theirs and ours: the comparison is made'
	awk -F '|' '!($2 in seen) { seen[$2]; order[++n] = $2 } { cell[$1, $2] = $3 }
		END { for (i = 1; i <= n; i++) { split(ENVIRON["tools"], t, " "); print "# " order[i]
			for (j = 1; j in t; j++) printf "#     %-10s %s\n", t[j], cell[t[j], order[i]] } }' compared
	is "$(sed -n -e '/ KiB/d' -e 's/^daemonize|//p' compared)" 'a second start while it runs|status 75, 1 run
a second start between two runs|status 75, 0 run
TERM to the process of the pid file|0 of the command live, its child ends
KILL to the process of the pid file|0 of the command live
the next start after KILL|status 0, 1 run
a command that fails at once, for 2.5 s|2 starts, goes on
the start of a command that is not there|status 127' 'ours has none of the faults of the others'
fi

# the delays of the begin
wait_for has_lines reset.log 4
is "$(delays reset.log | cut -d ' ' -f 1-4)" '0.05 0.10 0.05 0.10' 'after a run of more than 10 s the delay begins anew'
wait_for has_lines most.log 2
is "$(delays most.log | cut -d " " -f 1,2)" '31.00 60.00' 'the delay grows up to 60 s'
wait_for has_lines more.log 2
wait_for has_lines more.log 2
is "$(delays more.log | cut -d " " -f 1,2)" '61.00 61.00' 'a delay of more than 60 s stays as it is'
for name in reset most more; do
	run "$DAEMONIZE" --stop -p $name.pid
	is "$status $err" '0 ' "$name: --stop succeeds"
done
finish
