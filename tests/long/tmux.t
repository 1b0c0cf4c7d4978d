#!/bin/sh
# Terminals that are taken away: of tmux, and of script(1).  The daemon stays, and
# never had one.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

# Each daemon writes a report when it starts; that it can be released, after its
# terminal is gone, shows that it has stayed.
# what is typed, or run, in a terminal
start_line() { # NAME
	echo "'$DAEMONIZE' '$probe' '$tmp/report.$1' 'hold=$hold'"
}
check_daemon() { # NAME TEXT
	wait_for test -s "report.$1"
	report=$(cat "report.$1")
	is "$(value "$report" tty) $(value "$report" acquires_tty) $(value "$report" session_leader)" 'no no no' \
		"$2: the daemon has no terminal, and gets none"
	is "$(printf '%s\n' "$report" | sed -n 's/^fd\.\([0-9]*\)=.* /\1 /p' | tr '\n' ' ')" \
		'0 /dev/null 1 /dev/null 2 /dev/null ' "$2: nor a descriptor of it"
	ok "$2: it stays" release
}

if need tmux tmux; then
	# no file of the user's, no server of the user's
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

	# twenty times daemonize itself is the pane's process, whose end is the pane's
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
	is "$(cat status)" 0 'a shell in a pane starts one'
	pane=$(mux list-panes -a -F '#{pane_pid} #{pane_id}' | sed -n "s/^$(cat shell) //p")
	mux kill-pane -t "$pane"
	ok 'kill-pane ends the shell' wait_for gone "$(cat shell)"
	check_daemon killed 'kill-pane'

	# typed to an interactive shell with job control, which then ends
	new_hold
	mux new-window -t base: 'exec sh -i'
	pane=$(mux display-message -p -t base: '#{pane_id}')
	rm shell status
	mux send-keys -t "$pane" "echo \$\$ >$tmp/shell; $(start_line typed); echo \$? >$tmp/status" Enter
	wait_for test -s status
	is "$(cat status)" 0 'one is started by hand'
	typed_exit() {
		mux send-keys -t "$pane" exit Enter 2>/dev/null
		gone "$(cat shell)"
	}
	ok 'exit ends the shell' wait_for typed_exit
	check_daemon typed 'a shell that ends'

	# the server goes, and every terminal with it
	new_hold
	rm shell status
	mux new-window -t base: "echo \$\$ >$tmp/shell; $(start_line server); echo \$? >$tmp/status; read line </dev/tty"
	wait_for test -s status
	is "$(cat status)" 0 'one before the server ends'
	mux kill-server
	ok 'kill-server ends the server' wait_for gone "$(cat server)"
	ok 'and the shell' wait_for gone "$(cat shell)"
	check_daemon server 'kill-server'
fi

if need script 'script(1)'; then
	# twenty times script ends with daemonize, which leads the session
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
	like "$status $out" "^127 daemonize: $tmp/nosuch: No such file or directory" 'a status and a message come through'
	like "$(cat typescript)" "^daemonize: $tmp/nosuch: No such file or directory" 'and into the typescript'

	# script itself is killed, and the terminal is gone under the shell
	new_hold
	rm -f shell status
	script -qc "echo \$\$ >$tmp/shell; $(start_line pulled); echo \$? >$tmp/status; sleep 100" /dev/null >/dev/null 2>&1 </dev/null &
	script=$!
	wait_for test -s status
	is "$(cat status)" 0 'one in a terminal'
	kill -KILL $script
	wait $script 2>/dev/null
	ok 'a killed script ends the shell' wait_for gone "$(cat shell)"
	check_daemon pulled 'a terminal that is pulled'
fi
finish
