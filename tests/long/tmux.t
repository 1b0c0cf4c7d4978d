#!/bin/sh
# A daemon survives the end of the terminal from which it was started, of tmux
# or script(1), and never has a terminal.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

# Each daemon writes a report when it starts.  That it can be released, after
# its terminal is gone, shows that it has survived.

# Prints the line that is typed, or run, in a terminal.
start_line() { # NAME
	echo "'$DAEMONIZE' '$probe' '$tmp/report.$1' 'hold=$hold'"
}
# Checks a daemon whose terminal is gone, and ends it.
check_daemon() { # NAME TEXT
	wait_for test -s "report.$1"
	report=$(cat "report.$1")
	is "$(value "$report" tty) $(value "$report" acquires_tty) $(value "$report" session_leader)" 'no no no' \
		"$2: the daemon has no terminal, and gets none"
	is "$(printf '%s\n' "$report" | sed -n 's/^fd\.\([0-9]*\)=.* /\1 /p' | tr '\n' ' ')" \
		'0 /dev/null 1 /dev/null 2 /dev/null ' "$2: the daemon has no descriptor of the terminal"
	ok "$2: the daemon survives" release
}

if need tmux 'tmux: a daemon survives the end of its terminal'; then
	# neither a configuration of the user's nor a server of the user's
	unset TMUX TMUX_PANE
	SHELL=/bin/sh
	export SHELL
	mux() {
		timeout 20 tmux -S "$tmp/socket" -f /dev/null "$@"
	}
	trap 'mux kill-server 2>/dev/null; cd / && rm -rf "$tmp"' EXIT
	# the server lives as long as it has a session
	mux new-session -d -s base 'read line </dev/tty' </dev/null
	mux display-message -p '#{pid}' >server

	# daemonize itself is the process of the pane, which ends with it
	round=0
	bad=0
	while [ $round -lt 20 ] && [ $bad -eq 0 ]; do
		round=$((round + 1))
		new_hold
		mux new-window -t base: "exec $(start_line direct.$round)" || bad=1
		wait_for test -s "report.direct.$round" || bad=1
		wait_for sh -c '[ "$(tmux -S socket list-panes -a | wc -l)" -eq 1 ]' || bad=1
		release || bad=1
	done
	is "$bad $round" '0 20' 'twenty daemons survive panes that end with daemonize'

	# a pane that is killed under the shell that started the daemon
	new_hold
	mux new-window -t base: "echo \$\$ >$tmp/shell; $(start_line killed); echo \$? >$tmp/status; read line </dev/tty"
	wait_for test -s status
	is "$(cat status)" 0 'kill-pane: the start in a pane succeeds'
	pane=$(mux list-panes -a -F '#{pane_pid} #{pane_id}' | sed -n "s/^$(cat shell) //p")
	mux kill-pane -t "$pane"
	ok 'kill-pane: the shell of the pane ends' wait_for gone "$(cat shell)"
	check_daemon killed 'kill-pane'

	# a line typed to an interactive shell with job control, which then ends
	new_hold
	mux new-window -t base: 'exec sh -i'
	pane=$(mux display-message -p -t base: '#{pane_id}')
	rm shell status
	mux send-keys -t "$pane" "echo \$\$ >$tmp/shell; $(start_line typed); echo \$? >$tmp/status" Enter
	wait_for test -s status
	is "$(cat status)" 0 'a shell that ends: the start by hand succeeds'
	typed_exit() {
		mux send-keys -t "$pane" exit Enter 2>/dev/null
		gone "$(cat shell)"
	}
	ok 'a shell that ends: exit ends it' wait_for typed_exit
	check_daemon typed 'a shell that ends'

	# the server ends, and every terminal with it
	new_hold
	rm shell status
	mux new-window -t base: "echo \$\$ >$tmp/shell; $(start_line server); echo \$? >$tmp/status; read line </dev/tty"
	wait_for test -s status
	is "$(cat status)" 0 'kill-server: the start in a pane succeeds'
	mux kill-server
	ok 'kill-server: the server ends' wait_for gone "$(cat server)"
	ok 'kill-server: the shell of the pane ends' wait_for gone "$(cat shell)"
	check_daemon server 'kill-server'
fi

if need script 'script: a daemon survives the end of its terminal'; then
	# daemonize leads the session of script, which ends with it
	round=0
	bad=0
	while [ $round -lt 20 ] && [ $bad -eq 0 ]; do
		round=$((round + 1))
		new_hold
		run timeout 20 script -qec "exec $(start_line "script.$round")" /dev/null
		[ "$status$err" = 0 ] || bad=1
		release || bad=1
	done
	is "$bad $round" '0 20' 'twenty daemons survive the end of script'
	new_hold
	run timeout 20 script -qec "$(start_line script)" /dev/null
	check_daemon script 'script'
	run timeout 20 script -qec "'$DAEMONIZE' $tmp/nosuch" typescript
	like "$status $out" "^127 daemonize: $tmp/nosuch: No such file or directory" \
		'script: status and message of a failed start arrive'
	like "$(cat typescript)" "^daemonize: $tmp/nosuch: No such file or directory" \
		'script: the typescript has the message of a failed start'

	# script itself is killed, and takes the terminal from the shell
	new_hold
	rm -f shell status
	script -qc "echo \$\$ >$tmp/shell; $(start_line pulled); echo \$? >$tmp/status; sleep 100" /dev/null >/dev/null 2>&1 </dev/null &
	script=$!
	wait_for test -s status
	is "$(cat status)" 0 'a killed script: the start in its terminal succeeds'
	kill -KILL $script
	wait $script 2>/dev/null
	ok 'a killed script: the shell ends' wait_for gone "$(cat shell)"
	check_daemon pulled 'a killed script'
fi
finish
