#!/bin/sh
# Corners that the other tests leave out, as gcov sees it (tests/long/coverage.t).
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

told() { # STATUS MESSAGE NAME COMMAND...
	wanted="$1 daemonize: $2" name=$3
	shift 3
	run "$@"
	is "$status $err" "$wanted" "$name"
}

# output
truncate -s 510 full
told 125 'standard output: No space left on device' '-P with room for two bytes: told' \
	sh -c 'ulimit -f 1 && exec "$@" >>full' sh "$DAEMONIZE" -P touch "$tmp/ran"
ok 'and nothing runs' test ! -e ran
slashes=$(printf '%04000d' 0 | tr 0 /)
# shellcheck disable=SC2016 # for the inner shell
told 125 'standard output: No space left on device' '-n: more than a buffer into a full device' \
	sh -c 'exec "$@" >/dev/full' sh "$DAEMONIZE" -n -c "$slashes" -o "$slashes/dev/null" true
run "$DAEMONIZE" -v -t -o log -p pid -l lock true
like "$err" "^daemonize: lock and write the process id to $tmp/pid\$" '-v tells of the pid file'
like "$err" "^daemonize: lock $tmp/lock\$" 'of the lock'
like "$err" '^daemonize: empty the logs$' 'and that the logs are emptied'
run "$DAEMONIZE" -n -p pid -l lock true
is "$(printf '%s\n' "$out" | grep lock)" "would lock and write the process id to $tmp/pid
would lock $tmp/lock" '-n tells of them'
run "$arrange" inet=0,1 -- "$DAEMONIZE" -v true
like "$err" '^daemonize: stay in the foreground, since inetd started us$' '-v tells of inetd'

# names
long=$(printf '%0256d' 0)
told 125 "$tmp/$long: File name too long" 'a name of 256 bytes' "$DAEMONIZE" -o "$long" true
told 125 '/: Is a directory' 'a log that is no name at all' "$DAEMONIZE" -o / true
told 125 "$tmp/log/x: Not a directory" 'a log below a log' "$DAEMONIZE" -o log/x true
told 125 "$tmp/nosuch/pid: No such file or directory" '-n -p in a directory that is not there' \
	"$DAEMONIZE" -n -p nosuch/pid true
told 125 "/dev/fd/5 cannot be combined with -r; see 'daemonize --help'" '-o /dev/fd/5 -r fd:5' \
	"$DAEMONIZE" -o /dev/fd/5 -r fd:5 true 5>&1
told 125 "$tmp/pid: Too many open files" 'no number is left for the lock' \
	"$arrange" nofile=5 -- "$DAEMONIZE" -p pid true

# a loader that is not there
LC_ALL=C sed 's/\(\/lib[^/]*\/\)ld-/\1no-/' "$probe" >loader
chmod +x loader
told 126 "$tmp/loader: its interpreter or loader: No such file or directory" 'a missing loader' "$DAEMONIZE" ./loader

# what happens to a file just before one system call; numbers are those of an undisturbed run
trace() { # COMMAND...
	"$inject" events trace -- "$@"
}
call() { # PROCESS NAME NEXT: the number of its last call of that name before the first of another
	awk -v process="$1" -v name="$2" -v next_name="$3" '$1 != "call" || $2 != process { next }
		$4 == next_name && n { exit } $4 == name { n = $3 } END { print n }' events
}
if [ "$(uname)" = Linux ]; then
	printf '%s\n' ': text without a line for an interpreter' >text
	chmod +x text
	trace "$DAEMONIZE" ./text
	first=$(call daemon execve execve) second=$(call daemon execve none)
	told 126 "$tmp/text: interpreter /bin/sh: Permission denied" "the shell's exec fails" \
		"$inject" events "at=daemon.$second" fail=13 -- "$DAEMONIZE" ./text
	told 127 "$tmp/text: No such file or directory" 'a command that goes away before its exec' \
		"$inject" events "at=daemon.$first" 'run=rm text' -- "$DAEMONIZE" ./text

	# -p first opens to write, then to read
	trace "$DAEMONIZE" -f -p racing true
	rm -f racing
	run "$inject" events "at=launcher.$(call launcher openat pread64)" 'run=mv racing moved' -- \
		"$DAEMONIZE" -f -p racing cp "$tmp/racing" "$tmp/seen"
	is "$status $err$(wc -l <seen)$(cat moved)" '0 1' '-p: the file goes away when it has been opened'
fi

# a pid file that is another's when its daemon has ended
# shellcheck disable=SC2016 # for the inner shell
"$DAEMONIZE" -p file -c . sh -c 'trap "mv new file; exit" TERM; : >up; while :; do sleep 0.1; done'
wait_for test -e up
echo 1 >new
run "$DAEMONIZE" --stop -p file
is "$status $err$(cat file)" '0 1' '--stop leaves a file that has come in the place of the daemon'"'"'s'

# locks of strangers
: >file
if need perl 'locks of strangers'; then
	# holds bytes 0 and 1 for a moment, or byte 1 by an open file description, whose holder nobody is told;
	# or is a daemon whose start is over when it is told so
	cat >lock.pl <<'perl'
use strict;
use warnings;
use Fcntl;
my ($call, $start, $length) = @ARGV;
open my $f, "+<", "file" or die;
sub hold {
	my $lock = pack "s s x4 q q i x4", $_[0], 0, $_[1], $_[2], 0;
	fcntl $f, $call eq "open" ? 37 : F_SETLK, $lock or die "lock: $!";
	open my $r, ">", "locked" or die;
}
hold(F_WRLCK, $start, $length);
if ($call eq "start") {
	open my $r, "<", "go" or die;
	syswrite $f, "$$\n" or die;
	hold(F_UNLCK, 0, 1);
}
sleep 1000 if $call ne "process";
select undef, undef, undef, 1;
perl
	mkfifo locked
	perl lock.pl process 0 2 &
	cat locked
	run "$DAEMONIZE" --status -p file
	is "$status $out" '1 not running' '--status waits for a start that comes to nothing'
	if [ "$(uname)" = Linux ]; then
		# a daemon whose start is over between two calls of ours: at each of them
		mkfifo go
		: >file
		trace "$DAEMONIZE" --status -p file >/dev/null
		wrong='' call=$(call launcher openat fcntl)
		last=$(call launcher write exit_group)
		while [ "$call" -lt "$last" ]; do
			call=$((call + 1))
			: >file
			perl lock.pl start 0 2 &
			cat locked
			run timeout 20 "$inject" events "at=launcher.$call" 'run=: >go; cat locked' -- "$DAEMONIZE" --status -p file
			[ "$status $out$err" = "0 running (pid $!)" ] || wrong="$wrong$call: $status $out$err$newline"
			kill $!
			wait $! 2>/dev/null
		done
		is "$wrong" '' '--status against the end of a start'
	fi
	perl lock.pl open 1 1 &
	cat locked
	run "$DAEMONIZE" -p file true
	is "$status" 125 'a run lock without a process: -p'
	like "$err" "^daemonize: $tmp/file: locked by .*, which is not its daemon\$" 'told'
	run "$DAEMONIZE" --status -p file
	is "$status" 4 'and --status'
	kill $!
	wait $! 2>/dev/null
fi

if need_root 'what only root can arrange' && unshare -m true 2>/dev/null; then
	trusted=$(mktemp -d /run/daemonize.XXXXXX)
	chmod 755 "$trusted"
	trap 'cd / && rm -rf "$tmp" "$trusted"' EXIT
	mkdir "$trusted/owner" "$trusted/group"
	chown 54321 "$trusted/owner"
	chown :54321 "$trusted/group"
	chmod 775 "$trusted/group"
	told 125 "$trusted/owner/log: Permission denied (opened as nobody, because $trusted/owner is owned by an unknown user)" \
		'a directory of nobody known' "$DAEMONIZE" -u nobody -o "$trusted/owner/log" true
	told 125 "$trusted/group/log: Permission denied (opened as nobody, because $trusted/group is writable by group of an unknown name)" \
		'and of no known group' "$DAEMONIZE" -u nobody -o "$trusted/group/log" true
	for option in -n -v; do
		run "$DAEMONIZE" $option -u nobody true
		like "$out$err" " run as nobody (user $(id -u nobody), group $(id -g nobody))\$" "$option tells of the user"
	done
	ln -s "$slashes" "$trusted/link"
	rest=$(printf '%0200d' 0 | tr 0 /)x
	told 125 "$trusted/link$rest: File name too long" 'a link too long to be put into the path' \
		"$DAEMONIZE" -o "$trusted/link$rest" true
	# shellcheck disable=SC2016 # for the inner shell
	told 125 '/dev/null: No such file or directory' 'no /dev/null to put on a closed descriptor' \
		unshare -m sh -c 'mount -t tmpfs none /dev && exec "$@" <&-' sh "$DAEMONIZE" true

	# a log where others can put one, when it has been opened, and when it has been found missing
	mkdir -m 1777 "$trusted/sticky"
	log=$trusted/sticky/log
	start() { # WORD...: under inject; others see what it does to the log
		without_proc "$inject" events "$@" -- "$DAEMONIZE" -f -o "$log" echo text
	}
	start trace
	made=$(call launcher openat unlinkat) looked=$(call launcher unlinkat readlink)
	rm "$log"
	run start "at=launcher.$looked" "run=mv $log $trusted/moved"
	is "$status $err$(cat "$trusted/moved")/$(cat "$log")" '0 /text' 'a log that goes away when it has been opened'
	rm "$log"
	run start "at=launcher.$made" "run=echo first >$log"
	is "$status $err$(cat "$log")" '0 first
text' 'a log that somebody makes meanwhile'

	# neither pidfd nor /proc: only kill(2) tells
	without() {
		without_proc "$arrange" deny=pidfd_open -- "$@"
	}
	"$DAEMONIZE" -p "$trusted/pid" sleep 1000
	run without "$DAEMONIZE" --status -p "$trusted/pid"
	is "$status $out" "0 running (pid $(cat "$trusted/pid"))" 'neither pidfd nor /proc: --status'
	run without "$DAEMONIZE" --stop -T 5 -p "$trusted/pid"
	is "$status $err" '0 ' 'and --stop'
	echo $$ >"$trusted/number"
	run without "$DAEMONIZE" --status -p "$trusted/number"
	is "$status $out" "4 cannot tell: not locked, and pid $$ may be any process" \
		'a number without a lock, without /proc: when it was started cannot be told'

	# process 1 of a namespace cannot die by a signal of its own
	unshare -p --fork "$DAEMONIZE" --detach -w 1000 -p "$trusted/pid" sleep 1000 &
	first=$!
	first_process() { grep -l "^PPid:[[:space:]]*$first\$" /proc/[0-9]*/status 2>/dev/null | tr -dc 0-9 | grep .; }
	wait_for grep -q . "$trusted/pid"
	kill "$(first_process)"
	wait $first
	is "$?" 143 'process 1, watching, gets TERM: the status says so'
	ok 'no pid file' test ! -e "$trusted/pid"

	# a command that has become root, whom the one who started it cannot end
	cp "$(command -v setpriv)" "$trusted"
	chmod 4755 "$trusted/setpriv"
	mkdir "$trusted/theirs"
	chown 54321 "$trusted/theirs"
	run setpriv --reuid=54321 --regid=54321 --clear-groups "$DAEMONIZE" -r fd:5 -T 60 -p "$trusted/theirs/pid" \
		"$trusted/setpriv" --reuid=0 sh -c 'exec 5>&-; exec sleep 1000'
	is "$status $(printf '%s\n' "$err" | sed 's/ after .*/ after T s/')" "124 daemonize: $trusted/setpriv: could not be killed
daemonize: $trusted/setpriv: not ready after T s" 'a command that cannot be ended: told'
	is "$("$DAEMONIZE" --status -p "$trusted/theirs/pid")" "running (pid $(cat "$trusted/theirs/pid"))" 'its pid file stays'
	kill "$(cat "$trusted/theirs/pid")"
	idle -p "$trusted/theirs/pid"
	run setpriv --reuid=54321 --regid=54321 --clear-groups "$DAEMONIZE" --restart -r fd:5 -T 60 -p "$trusted/theirs/pid" \
		"$trusted/setpriv" --reuid=0 sh -c 'echo $$ >"$1"; exec 5>&-; exec sleep 1000' sh "$trusted/theirs/command"
	is "$status $(printf '%s\n' "$err" | sed 's/ after .*/ after T s/')" "124 daemonize: $trusted/setpriv: could not be killed
daemonize: $trusted/setpriv: not ready after T s" 'a command that cannot be ended, --restart: told'
	ok 'a command that cannot be ended, --restart: it is left' kill -0 "$(cat "$trusted/theirs/command")"
	ok 'a command that cannot be ended, --restart: its pid file stays' test -s "$trusted/theirs/pid"
	kill "$(cat "$trusted/theirs/command")"
fi
finish
