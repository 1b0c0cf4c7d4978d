#!/bin/sh
# A process is not believed to be the daemon of a file for a lock that is not its
# own, or for a number that came again.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# Runs a command as a user who has no process but ours.
as_user() { # COMMAND...
	setpriv --reuid="$uid" --regid="$uid" --clear-groups "$@"
}
# Ends what the user runs; of those that have ended some may not be reaped yet.
kill_theirs() {
	# shellcheck disable=SC2046 # words
	kill $(of_user "$uid")
}
# Makes $pid, the number of a process that has ended, that of a process of ours.
recycle_number() {
	tries=0
	until [ ! -w /proc/sys/kernel/ns_last_pid ] || [ $tries -eq 500 ]; do
		tries=$((tries + 1))
		echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid
		sleep 1000 &
		[ $! != "$pid" ] || break
		# It is not TERM, for which the shell may not have reset its trap yet.
		kill -KILL $!
	done 2>/dev/null
}
# Checks what the verbs, or a start, say of a file and whoever holds its lock.
no_verb() { # CASE FILE REASON [OPTION...]
	what=$1 file=$2 reason=$3
	shift 3
	run "$DAEMONIZE" --status "$@" -p "$file"
	is "$status $out" "4 cannot tell: $reason" "$what: --status cannot tell"
	for verb in --stop --signal=TERM; do
		run "$DAEMONIZE" $verb "$@" -p "$file"
		is "$status $err" "4 daemonize: $file: cannot tell: $reason" "$what: $verb sends nothing"
	done
}
no_start() { # CASE FILE REASON [OPTION...]
	what=$1 file=$2 reason=$3
	shift 3
	for how in '' --oknodo; do
		# shellcheck disable=SC2086 # words
		run "$DAEMONIZE" $how "$@" -p "$file" touch "$tmp/ran"
		is "$status $err" "125 daemonize: $file: $reason" "$what: a start${how:+ with $how} is 125"
		ok "$what: a start${how:+ with $how} runs nothing" test ! -e "$tmp/ran"
	done
}
refused() { # CASE FILE REASON [OPTION...]
	no_verb "$@"
	no_start "$@"
}

need_root 'who is believed' && need setpriv 'who is believed' || finish
safe=$(mktemp -d /run/daemonize-test.XXXXXX) || exit 1
trap 'cd / && rm -rf "$tmp" "$safe"' EXIT
chmod 755 "$safe"
theirs=$safe/theirs
mkdir "$theirs"
chown "$uid:$uid" "$theirs"
chmod 755 "$tmp"

# Anyone who may read a file can hold a read lock, under a number that came again.
: >"$safe/pid"
hold_lock -u "$uid" "$safe/pid" read 1 1
pid=$holder
echo "$pid" >"$safe/pid"
refused "a read lock of somebody else's on root's pid file" "$safe/pid" \
	"locked by pid $pid, which is not its daemon"
ok "a read lock of somebody else's on root's pid file: it lives" kill -0 "$pid"
is "$(cat "$safe/pid")" "$pid" "a read lock of somebody else's on root's pid file: the file stays"
# The daemon is believed though somebody touched its file, if it runs as root or as the owner.
chown "$uid" "$safe/pid"
run as_user "$DAEMONIZE" --status -p "$safe/pid"
is "$status $out" "0 running (pid $pid)" "the owner's process holds the lock, the stamp is not its own: running"
kill "$pid"
wait
rm -f "$safe/pid"
"$DAEMONIZE" -p "$safe/pid" sleep 1000
read -r pid <"$safe/pid"
touch -d '1 hour ago' "$safe/pid"
run "$DAEMONIZE" --status -p "$safe/pid"
is "$status $out" "0 running (pid $pid)" "root's daemon holds the lock, its file was touched: running"
run "$DAEMONIZE" -p "$safe/pid" true
is "$status" 75 "root's daemon holds the lock, its file was touched: a second start is 75"
run "$DAEMONIZE" --stop -p "$safe/pid"
is "$status $err" '0 ' "root's daemon holds the lock, its file was touched: --stop ends it"
# A daemon that is somebody else's is known by its stamp.
"$DAEMONIZE" -u "$uid:$uid" -p "$safe/pid" sleep 1000
read -r pid <"$safe/pid"
run "$DAEMONIZE" -p "$safe/pid" true
is "$status" 75 "a daemon of -u fits its stamp: a second start is 75"
touch -d '1 hour ago' "$safe/pid"
refused "a daemon of -u that does not fit its stamp" "$safe/pid" "locked by pid $pid, which is not its daemon"
kill "$pid"
wait_for gone "$pid"
rm -f "$safe/pid"

# The lock is held under the number of a process that has ended: it shared its descriptors.
for where in "$theirs" "$safe"; do
	: >"$where/pid"
	chown "$uid" "$where/pid"
	hold_lock -u "$uid" "$where/pid" write 1 1 shared
	ended=$holder
	echo "$ended" >"$where/pid"
	also='' whose="root's"
	[ "$where" = "$safe" ] || also="-u $uid:$uid" whose="the user's"
	# shellcheck disable=SC2086 # words
	refused "in $whose directory, a lock that an ended process left" "$where/pid" \
		"locked by pid $ended, which does not exist" $also
	run "$DAEMONIZE" --status -l "$where/pid"
	is "$status $out" "4 cannot tell: locked by pid $ended, which does not exist" \
		"in $whose directory, a lock that an ended process left: --status -l cannot tell"
	kill_theirs
	wait
	rm -f "$where/pid"
done

# Its number is then that of root's process, in whose /proc the lock is not shown.
: >"$theirs/pid"
chown "$uid" "$theirs/pid"
hold_lock -u "$uid" "$theirs/pid" write 1 1 shared
pid=$holder
echo "$pid" >"$theirs/pid"
recycle_number
# In a pid namespace below the first the kernel does not know the number any more.
if [ "$(cut -d ' ' -f 1 "/proc/$pid/stat" 2>/dev/null)" = "$pid" ] &&
	"$DAEMONIZE" --status -l "$theirs/pid" | grep -q " pid ${pid}[,)]"; then
	no_verb "a forged holder whose number is root's process now" "$theirs/pid" \
		"locked by pid $pid, which is not its daemon"
	refused "a forged holder whose number is root's process now, -u" "$theirs/pid" \
		"locked by pid $pid, which is not its daemon" -u "$uid:$uid"
	ok "a forged holder whose number is root's process now: it lives" kill -KILL "$pid"
else
	skip "a forged holder whose number is root's process now" 'its number could not be had'
fi
kill_theirs
wait
rm -f "$theirs/pid"

# Files of root's that the user may only read are attacked in the same way.
for option in -p -l; do
	what="$option: a forged holder of root's own file whose number is root's process now"
	: >"$safe/own"
	chmod 644 "$safe/own"
	hold_lock -u "$uid" "$safe/own" read 1 1 shared
	pid=$holder
	echo "$pid" >"$safe/own"
	recycle_number
	if [ "$(cut -d ' ' -f 1 "/proc/$pid/stat" 2>/dev/null)" = "$pid" ] &&
		"$DAEMONIZE" --status $option "$safe/own" | grep -q " pid ${pid}[,)]"; then
		run "$DAEMONIZE" --stop -T 1 $option "$safe/own"
		is "$status $err" "4 daemonize: $safe/own: cannot tell: locked by pid $pid, which is not its daemon" \
			"$what: --stop sends nothing"
		ok "$what: it lives" kill -KILL "$pid"
	else
		skip "$what" 'its number could not be had'
	fi
	kill_theirs
	wait
	rm -f "$safe/own"
done

# An honest daemon is found there.
"$DAEMONIZE" -u "$uid:$uid" -p "$theirs/pid" -l "$theirs/lock" sleep 1000
read -r pid <"$theirs/pid"
for option in '-p '"$theirs/pid" '-l '"$theirs/lock"; do
	for user in '' "-u $uid:$uid"; do
		# shellcheck disable=SC2086 # words
		run "$DAEMONIZE" --status $user $option
		is "$status $out" "0 running (pid $pid)" \
			"in the user's directory, ${option%% *}${user:+ and -u}: --status says running"
	done
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" -u "$uid:$uid" $option true
	is "$status $err" "75 daemonize: ${option#* }: already running (pid $pid)" \
		"in the user's directory, ${option%% *}: a second start is 75"
done
run setpriv --reuid=$((uid + 1)) --regid="$uid" --clear-groups "$DAEMONIZE" --status -p "$theirs/pid"
is "$status $out" "4 cannot tell: locked by pid $pid, which may be any process" \
	"in the user's directory, asked by a third user: --status cannot tell"
run "$DAEMONIZE" --stop -u "$uid:$uid" -p "$theirs/pid"
is "$status $err" '0 ' "in the user's directory: --stop -u succeeds"
ok "in the user's directory: --stop -u ends it" gone "$pid"
ok "in the user's directory: --stop -u removes the file" test ! -e "$theirs/pid"
# A stranger's process holds the user's lock.
: >"$theirs/lock"
chmod 666 "$theirs/lock"
hold_lock -u $((uid + 1)) "$theirs/lock" write 1 1
pid=$holder
run "$DAEMONIZE" --stop -u "$uid:$uid" -l "$theirs/lock"
is "$status $err" "4 daemonize: $theirs/lock: cannot tell: locked by pid $pid, which is not its daemon" \
	"in the user's directory, a third user's lock: --stop sends nothing"
ok "in the user's directory, a third user's lock: it lives" kill -0 "$pid"
kill "$pid"
wait

# The user's link leads to a directory of root's: what the user could not remove stays.
mkdir "$safe/srv"
: >"$safe/srv/keep"
chown "$uid" "$safe/srv/keep"
ln -s "$safe/srv" "$theirs/run"
run "$DAEMONIZE" -u "$uid:$uid" -p "$theirs/run/keep" ./nosuch
is "$status" 127 "-u, a pid file behind the user's link: a command that is not found is 127"
like "$err" "keep: cannot be removed: Permission denied\$" "-u, a pid file behind the user's link: told that it stays"
ok "-u, a pid file behind the user's link: it stays" test -e "$safe/srv/keep"
"$DAEMONIZE" -u "$uid:$uid" -p "$theirs/run/keep" sleep 1000
read -r pid <"$safe/srv/keep"
run "$DAEMONIZE" --stop -u "$uid:$uid" -p "$theirs/run/keep"
is "$status $err" "0 daemonize: $theirs/run/keep: cannot be removed: Permission denied" \
	"-u, a pid file behind the user's link: --stop -u finds the daemon by the same path"
ok "-u, a pid file behind the user's link: --stop -u ends it" gone "$pid"
: >"$safe/srv/keep"
chown "root:$uid" "$safe/srv/keep"
chmod 660 "$safe/srv/keep"
run "$DAEMONIZE" -u "$uid:$uid" -p "$theirs/run/keep" true
is "$status $(stat -c %a "$safe/srv/keep")" '125 660' \
	"-u, root's file that the user may write: the start fails, and its mode stays"

# The holder has no number here.
: >pid
hold_lock pid write 1 1 file
pid=$holder
run "$DAEMONIZE" --status -p pid
is "$status $out" '4 cannot tell: locked by an open file description' 'an open file description has the lock: --status cannot tell'
run "$DAEMONIZE" -p pid true
is "$status $err" "125 daemonize: $tmp/pid: locked by an open file description, which is not its daemon" \
	'an open file description has the lock: a start is 125'
kill "$pid"
wait
"$DAEMONIZE" -p pid -l lock sleep 1000
read -r pid <pid
elsewhere='locked by a process in another pid namespace or on another machine'
inside() {
	run unshare --pid --fork --mount-proc "$DAEMONIZE" "$@"
}
inside --status -p pid
is "$status $out" "4 cannot tell: $elsewhere" 'the daemon is in another pid namespace: --status cannot tell'
for verb in --stop --signal=TERM; do
	inside $verb -p pid
	is "$status $err" "4 daemonize: $tmp/pid: cannot tell: $elsewhere" "the daemon is in another pid namespace: $verb sends nothing"
done
inside --detach -p pid true
is "$status $err" "125 daemonize: $tmp/pid: $elsewhere" 'the daemon is in another pid namespace: a start is 125'
inside --detach -l lock true
is "$status" 75 'the daemon is in another pid namespace: a start with -l is 75'
ok 'the daemon is in another pid namespace: it lives' kill "$pid"
wait_for gone "$pid"
if need strace 'a question that fails'; then
	echo 77 >pid
	getlk='strace -f -o /dev/null -e trace=fcntl,?fcntl64 -e inject=fcntl,?fcntl64:error=EIO:when='
	# The question for the lock is not the first fcntl of a verb.
	strace -o trace -e trace=fcntl,?fcntl64 "$DAEMONIZE" --status -p pid >/dev/null
	first=$(grep -n F_GETLK trace | head -n 1 | cut -d : -f 1)
	run $getlk"$first+" "$DAEMONIZE" --status -p pid
	is "$status $out" '4 cannot tell: its lock: Input/output error' 'the question for the lock fails: --status cannot tell'
	run $getlk"$first+" "$DAEMONIZE" --stop -p pid
	is "$status $err" "4 daemonize: $tmp/pid: cannot tell: its lock: Input/output error" \
		'the question for the lock fails: --stop sends nothing'
	is "$(cat pid)" 77 'the question for the lock fails: the file stays'
fi
finish
