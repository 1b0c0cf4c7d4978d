#!/bin/sh
# daemonize over ssh, with a real sshd: the connection ends at once, the daemon
# outlives it, and the status and the messages of the start arrive.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/sshd.sh
. "$top/tests/sshd.sh"

all='ssh host daemonize returns at once, and the daemon survives'
if ! need_root "$all" || ! need sshd "$all" || ! need ssh "$all"; then
	finish
fi

trap 'kill "$sshd" 2>/dev/null; cd / && rm -rf "$tmp"' EXIT
start_sshd
is "$?$(cat /proc/$sshd/comm)" 0sshd 'sshd is running'
[ "$failures" -eq 0 ] || explain "$(cat sshd.log)"

remote() { # SSH-OPTION... COMMAND
	timeout 20 ssh -F ssh_config -p "$port" "$@"
}
# Succeeds if there is no session: the sshd of each is a child of the listener.
logged_out() {
	children=$(cat "/proc/$sshd/task/$sshd/children") && [ -z "$children" ]
}
run remote host 'echo "$SSH_CONNECTION"; exit 7'
is "$status ${out%% *}$err" '7 127.0.0.1' 'ssh passes a status on, without a terminal'
run remote -tt host 'tty; exit 7'
is "$status $(printf '%s' "${out%?}" | tr -d 0-9)$err" '7 /dev/pts/' 'ssh -tt passes a status on, with a terminal'
wait_for logged_out
like "$(remote host "cat /proc/$sshd/task/$sshd/children")" '^[1-9][0-9]* $' 'sshd has a child during a session'
ok 'sshd has no child after the session' wait_for logged_out

# Twenty times starts a command that lives until it is released, after the
# logout.  An ssh that waited for it would wait for ever, and a command that the
# logout ended would write nothing.
survive() { # NAME SSH-OPTION...
	name=$1
	shift
	bad=
	round=0
	: >survived
	while [ $round -lt 20 ] && [ -z "$bad" ]; do
		round=$((round + 1))
		new_hold
		run remote "$@" host "'$DAEMONIZE' sh -c 'read line <$hold; echo $round >>$tmp/survived'"
		[ "$status$out$err" = 0 ] || bad="ssh: $status $out$err"
		wait_for logged_out || bad="$bad no logout: $children"
		timeout 20 sh -c 'echo go >"$1"' sh "$hold" || bad="$bad not there"
		wait_for grep -qx $round survived || bad="$bad lost"
	done
	is "$bad$(wc -l <survived | tr -d ' ')" 20 "$name"
}
survive 'ssh host daemonize returns at once and silently, and the daemon survives, twenty times'
survive 'ssh -tt host daemonize returns at once and silently, and the daemon survives, twenty times' -tt

# of the connection the daemon has the environment, and nothing else
for option in -T -tt; do
	report=$(observe remote $option host "'$DAEMONIZE'" @)
	is "$(value "$report" tty) $(value "$report" acquires_tty)" 'no no' \
		"ssh $option: the daemon has no terminal, and gets none"
	is "$(printf '%s\n' "$report" | sed -n 's/^fd\.\([0-9]*\)=.* /\1 /p')" '0 /dev/null
1 /dev/null
2 /dev/null' "ssh $option: the daemon has no descriptor of the connection"
	like "$report" '^env\.[0-9]*=SSH_CONNECTION=127\.0\.0\.1 ' \
		"ssh $option: the daemon has the environment of the session"
done

# Status and message of a start arrive.  A terminal has one stream for both
# outputs, and ends lines with a carriage return.
like "$(run remote host "'$DAEMONIZE' -P true"; echo "$status $out$err")" '^0 [1-9][0-9]*$' \
	'ssh host daemonize -P prints the process id'
printf '\177ELF broken' >elf
printf '#!/no/such\n' >script
chmod +x elf script
tell() { # STATUS MESSAGE WORD...
	wanted=$1 message="daemonize: $2"
	shift 2
	run remote host "cd $tmp && '$DAEMONIZE' $*"
	is "$status $out/$err" "$wanted /$message" "ssh host daemonize $*: status and message arrive"
	run remote -tt host "cd $tmp && '$DAEMONIZE' $*"
	is "$status $(printf '%s' "$out" | tr '\r' '/')$err" "$wanted $message/" \
		"ssh -tt host daemonize $*: status and message arrive"
}
tell 127 "$tmp/nosuch: No such file or directory" ./nosuch
tell 126 "$tmp/elf: Exec format error" ./elf
tell 125 "$tmp/no/log: No such file or directory" -o no/log true
new_hold
run remote host "'$DAEMONIZE' -p $tmp/pid -o $tmp/log '$probe' - hold=$hold"
is "$status$out$err" 0 'ssh host daemonize -p -o succeeds, and prints nothing'
wait_for logged_out
tell 75 "$tmp/pid: already running (pid $(cat pid))" -p pid -o log true
release
is "$(value "$(cat log)" pid)" "$(cat pid)" 'the log has what the daemon wrote after the logout'

kill "$sshd"
wait "$sshd"
finish
