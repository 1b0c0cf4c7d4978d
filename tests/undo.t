#!/bin/sh
# Under attack -w and -r leave no process of a start that they undo, and take no
# more than their time.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

shell=$(command -v sh)
perl=$(command -v perl)

# The number of a group that was seen gone has become a stranger's.
if need_root 'a group number that comes again' && need perl 'a group number that comes again' &&
	need unshare 'a group number that comes again'; then
	take recycle.pl
	mkdir again
	later 'the undo does not signal a group that was seen gone' 0 'status 124, the stranger lives' \
		sh -c 'timeout 30 unshare -pf --mount-proc --kill-child perl "$1" "$2" "$3" 2>/dev/null' sh \
		"$tmp/recycle.pl" "$DAEMONIZE" "$tmp/again"
fi

# Process 1 of a container may reap nothing but its own child.
if need_root 'an undo under a process 1 that reaps nothing' && need perl 'an undo under a process 1 that reaps nothing' &&
	need unshare 'an undo under a process 1 that reaps nothing'; then
	later 'the undo is not held up by a zombie that process 1 does not reap' 3 "in time
daemonize: $shell: ended with status 3 after T s" \
		"$timed" 0 4 unshare -pf --mount-proc --kill-child perl -e \
		'$child = fork // die; exec @ARGV if !$child; waitpid $child, 0; exit $? >> 8' \
		"$DAEMONIZE" -w 30 sh -c 'exit 3'
fi

# A command may stop the processes of its group, the intermediate process too.
later '-w is not held up by a command that stops its group' 0 'in time' \
	"$timed" 0 4 "$DAEMONIZE" -w 0.5 -p stop.pid sh -c 'kill -STOP 0; sleep 1000'
later '-w hears of the end of a command that stops its group' 3 "in time
daemonize: $shell: ended with status 3 after T s" \
	"$timed" 0 4 "$DAEMONIZE" -w 30 sh -c '(kill -STOP $PPID); kill -STOP $PPID; exit 3'
later '-r is not held up by a command that stops its group, which is ended at once' 124 "in time
daemonize: $shell: not ready after T s" \
	"$timed" 0 4 "$DAEMONIZE" -r fd:3 -T 0.5 sh -c 'kill -STOP 0; sleep 1000'
later 'a plain start is not held up by a command that stops its group' 0 'in time' \
	"$timed" 0 4 "$DAEMONIZE" -p plain.pid sh -c 'kill -STOP 0; sleep 1000'

# A command may go into a group of its child.
if need perl 'a command that has changed its group'; then
	take joins.pl
	later 'a command in the group of its child is ended with it' 124 "in time
daemonize: $perl: not ready after T s" \
		"$timed" 0 4 "$DAEMONIZE" -p joins.pid -r fd:3 -T 0.5 perl "$tmp/joins.pl" ends "$tmp/joins"
fi

# Others may send to the socket without end.
if need perl 'a flood of datagrams'; then
	take flood.pl
	later '-T is not held up by a flood of datagrams' 124 "in time
daemonize: $perl: not ready after T s (it says: working)" \
		"$timed" 0 4 "$DAEMONIZE" -r notify -T 1.5 perl "$tmp/flood.pl" 1000
	later 'a flood of datagrams does not hide the end of the command' 3 "in time
daemonize: $perl: ended with status 3 after T s" \
		"$timed" 0 4 "$DAEMONIZE" -r notify -T 20 perl "$tmp/flood.pl" 0.3
fi
collect
if [ -s joins ]; then
	while read -r pid; do
		echo "$pid" >one
		is_gone "a command in the group of its child: process $((line += 1)) of both is gone" one
	done <joins
	ok 'a command in the group of its child: its pid file is gone' test ! -e joins.pid
fi
[ ! -s stop.pid ] || kill -KILL "$(cat stop.pid)" 2>/dev/null
[ ! -s plain.pid ] || kill -KILL "$(cat plain.pid)" 2>/dev/null

# A command may have dropped its lock before the end of -w, where it is looked for.
mkfifo dropped
"$DAEMONIZE" -w 0.01 -p dropped.pid sh -c 'exec 3<&-; exec sleep 1000' 2>/dev/null
is "$?" 0 'a command that has dropped its lock outlives -w'
kill "$("$DAEMONIZE" --status -p dropped.pid | tr -dc 0-9)"

# Standard error is a pipe that nobody reads.
if need perl 'a caller that has stopped reading'; then
	perl -e 'pipe my $r, my $w or die; close $r; open STDERR, ">&", $w or die; exec @ARGV' \
		"$DAEMONIZE" -v -w 30 -p unread.pid sh -c ': >"$1"; exec sleep 1000' sh "$tmp/unread.up" &
	caller=$!
	wait_for test -e unread.up
	kill $caller
	wait $caller 2>/dev/null
	is "$?" 143 '-w: TERM ends a start whose messages nobody reads, SIGPIPE does not'
fi

# Root may not be allowed to signal the user.
if need_root 'a user whom root may not signal' && need setpriv 'a user whom root may not signal'; then
	mkdir -m 777 open
	run timeout 20 setpriv --bounding-set=-kill --inh-caps=-kill "$DAEMONIZE" -u "$uid:$uid" -r fd:3 -T 0.2 \
		sh -c 'echo $$ >"$1"; exec sleep 1000' sh "$tmp/open/pid"
	is "$status ${err#*: not ready after }" "124 ${err#*: not ready after }" '-r without CAP_KILL: a command of another user that is not ready is 124'
	is_gone '-r without CAP_KILL: a command of another user that is not ready is ended' open/pid
fi
# A command may become root, whom its starter cannot end.
if need_root 'a command that has become root' && need setpriv 'a command that has become root'; then
	trusted=$(mktemp -d /run/daemonize.XXXXXX)
	chmod 755 "$trusted"
	trap 'cd / && rm -rf "$tmp" "$trusted"' EXIT
	cp "$(command -v setpriv)" "$trusted"
	chmod 4755 "$trusted/setpriv"
	mkdir "$trusted/theirs"
	chown "$uid" "$trusted/theirs"
	run setpriv --reuid="$uid" --regid="$uid" --clear-groups "$DAEMONIZE" -r fd:5 -T 60 -p "$trusted/theirs/pid" \
		"$trusted/setpriv" --reuid=0 sh -c 'exec 5>&-; exec sleep 1000'
	is "$status $(printf '%s\n' "$err" | sed 's/ after .*/ after T s/')" "124 daemonize: $trusted/setpriv: could not be killed
daemonize: $trusted/setpriv: not ready after T s" 'a command that has become root and cannot be ended is told'
	is "$("$DAEMONIZE" --status -p "$trusted/theirs/pid")" "running (pid $(cat "$trusted/theirs/pid"))" \
		'a command that has become root: its pid file stays'
	kill "$(cat "$trusted/theirs/pid")"
	idle -p "$trusted/theirs/pid"
	run setpriv --reuid="$uid" --regid="$uid" --clear-groups "$DAEMONIZE" --restart -r fd:5 -T 60 \
		-p "$trusted/theirs/pid" "$trusted/setpriv" --reuid=0 \
		sh -c 'echo $$ >"$1"; exec 5>&-; exec sleep 1000' sh "$trusted/theirs/command"
	is "$status $(printf '%s\n' "$err" | sed 's/ after .*/ after T s/')" "124 daemonize: $trusted/setpriv: could not be killed
daemonize: $trusted/setpriv: not ready after T s" \
		'--restart: a command that has become root and cannot be ended is told'
	ok '--restart: a command that has become root and cannot be ended lives' \
		kill -0 "$(cat "$trusted/theirs/command")"
	ok '--restart: the pid file of a command that has become root and cannot be ended stays' \
		test -s "$trusted/theirs/pid"
	kill "$(cat "$trusted/theirs/command")"
fi
# A sandbox may refuse kill(2).
run timeout 20 "$arrange" deny=kill:EPERM -- "$DAEMONIZE" -w 0.05 sh -c 'exec sleep 0.5'
is "$status $err" '0 ' 'a start under a filter that refuses kill(2) is not held up'
finish
