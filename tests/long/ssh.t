#!/bin/sh
# Over ssh, with a real sshd: the connection ends at once, the daemon outlives
# it, and what the start has to say arrives.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/sshd.sh
. "$top/tests/sshd.sh"

if ! need_root ssh || ! need sshd ssh || ! need ssh ssh; then
	finish
fi

trap 'kill "$sshd" 2>/dev/null; cd / && rm -rf "$tmp"' EXIT
start_sshd
is "$?$(cat /proc/$sshd/comm)" 0sshd 'sshd listens'
[ "$failures" -eq 0 ] || explain "$(cat sshd.log)"

remote() { # SSH-OPTION... COMMAND
	timeout 20 ssh -F ssh_config -p "$port" "$@"
}
# the session's sshd is a child of ours until all is closed and told
logged_out() {
	children=$(cat "/proc/$sshd/task/$sshd/children") && [ -z "$children" ]
}
run remote host 'echo "$SSH_CONNECTION"; exit 7'
is "$status ${out%% *}$err" '7 127.0.0.1' 'ssh works, without a terminal'
run remote -tt host 'tty; exit 7'
is "$status $(printf '%s' "${out%?}" | tr -d 0-9)$err" '7 /dev/pts/' 'and with one'
wait_for logged_out
like "$(remote host "cat /proc/$sshd/task/$sshd/children")" '^[1-9][0-9]* $' 'a session is seen'
ok 'and its end' wait_for logged_out

# The command lives until it is released, after the logout: an ssh that waits for
# it waits for ever, and a command that the logout ends writes nothing.
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
survive 'ssh host daemonize: twenty return at once and silent, and all daemons survive'
survive 'ssh -tt host daemonize: the same' -tt

# what the daemon has of the connection: the environment, and nothing else
for option in -T -tt; do
	report=$(observe remote $option host "'$DAEMONIZE'" @)
	is "$(value "$report" tty) $(value "$report" acquires_tty)" 'no no' "ssh $option: no terminal"
	is "$(printf '%s\n' "$report" | sed -n 's/^fd\.\([0-9]*\)=.* /\1 /p')" '0 /dev/null
1 /dev/null
2 /dev/null' "ssh $option: no descriptor"
	like "$report" '^env\.[0-9]*=SSH_CONNECTION=127\.0\.0\.1 ' "ssh $option: the environment"
done

# the truth about a start arrives; a terminal has one stream and ends lines its own way
like "$(run remote host "'$DAEMONIZE' -P true"; echo "$status $out$err")" '^0 [1-9][0-9]*$' 'ssh host daemonize -P'
printf '\177ELF broken' >elf
printf '#!/no/such\n' >script
chmod +x elf script
tell() { # STATUS MESSAGE WORD...
	wanted=$1 message="daemonize: $2"
	shift 2
	run remote host "cd $tmp && '$DAEMONIZE' $*"
	is "$status $out/$err" "$wanted /$message" "ssh host daemonize $*: status and message arrive"
	run remote -tt host "cd $tmp && '$DAEMONIZE' $*"
	is "$status $(printf '%s' "$out" | tr '\r' '/')$err" "$wanted $message/" "ssh -tt host daemonize $*: too"
}
tell 127 "$tmp/nosuch: No such file or directory" ./nosuch
tell 126 "$tmp/elf: Exec format error" ./elf
tell 125 "$tmp/no/log: No such file or directory" -o no/log true
new_hold
run remote host "'$DAEMONIZE' -p $tmp/pid -o $tmp/log '$probe' - hold=$hold"
is "$status$out$err" 0 'with -p and -o'
wait_for logged_out
tell 75 "$tmp/pid: already running (pid $(cat pid))" -p pid -o log true
release
is "$(value "$(cat log)" pid)" "$(cat pid)" 'its log has what it wrote'

kill "$sshd"
wait "$sshd"
finish
