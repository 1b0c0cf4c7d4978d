#!/bin/sh
# A start by -f or by inetd does not detach, and process 1 must not.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# With -f the process itself becomes the command.
run "$DAEMONIZE" -f sh -c 'exit 3'
is "$status" 3 '-f: the status is the command'"'"'s'
run sh -c '"$1" -f sh -c "kill -9 \$\$"' sh "$DAEMONIZE"
is "$status" 137 '-f: a signal that ends the command ends daemonize'
is "$(echo in | "$DAEMONIZE" -f sh -c 'cat; echo err >&2' 2>&1)" 'in
err' '-f: the streams are the caller'"'"'s'
is "$(echo in | "$DAEMONIZE" -f -o out sh -c 'cat; echo err >&2' 2>&1)$(cat out)" 'in
err' '-f: -o takes standard output and standard error'
session=$("$probe" - | sed -n 's/^sid=//p')
report=$(observe sh -c 'echo $$ >pid; exec "$@"' sh "$DAEMONIZE" -f @ 7>/dev/null)
is "$(value "$report" pid)" "$(cat pid)" '-f: the process id stays'
is "$(value "$report" sid)" "$session" '-f: the session stays'
is "$(printf '%s\n' "$report" | grep -c '^fd\.')" 3 '-f: other descriptors are closed'
is "$(value "$report" cwd)$(value "$report" umask)" /0000 '-f: the directory is / and the umask is 0'
is "$(observe "$DAEMONIZE" --foreground -k 7 @ 7>/dev/null | grep -c '^fd\.')" 4 '-f: -k lets a descriptor through'
report=$(observe "$arrange" block=TERM,ALRM,PROF,USR2 ignore=HUP,PIPE,CHLD,33 alarm=50 itimer=prof,50 raise=ALRM raise=PROF -- \
	"$DAEMONIZE" -f @)
is "$(value "$report" blocked)/$(value "$report" ignored)/$(value "$report" pending)/$(value "$report" alarm)$(value "$report" itimer_prof)" \
	///00 '-f: signals, mask, alarm and timers are reset'
report=$(observe "$arrange" close=0,1,2 -- "$DAEMONIZE" -f @)
is "$(printf '%s\n' "$report" | sed -n 's/^fd\.\([0-9]\)=chr \([rw]*\) .*/\1 \2/p')" '0 r
1 w
2 w' '-f: closed streams are /dev/null'
run "$arrange" block=TERM raise=TERM -- "$DAEMONIZE" -f touch "$tmp/ran"
is "$status" 143 '-f: a pending signal ends daemonize'
ok '-f: a pending signal: nothing runs' test ! -e ran
run "$arrange" ignore=TERM block=TERM raise=TERM -- "$DAEMONIZE" -f true
is "$status" 0 '-f: a pending signal that is ignored does not end daemonize'
for how in '' '-o log' '-e log'; do
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" -f $how ./nosuch
	is "$status $err" "127 daemonize: $tmp/nosuch: No such file or directory" "-f: a command that is not found is told${how:+, with $how}"
done
printf '\177ELF broken' >elf
chmod +x elf
rm -f log
run "$DAEMONIZE" -f -o log ./elf
is "$status $err$(cat log)" "126 daemonize: $tmp/elf: Exec format error" \
	'-f -o: the exec'"'"'s failure is told to the caller, not to the log'

# inetd is known by one socket on 0 and 1, which is of the internet or listens.
detaches() { # yes|no NAME WORD...
	wanted=$1 name=$2
	shift 2
	report=$(observe "$arrange" "$@" 2>told)
	is "$(value "$report" sid | sed -e "s/^$session\$/no/" -e 's/^[0-9].*/yes/')" "$wanted" "$name"
}
detaches no 'a start with an internet socket does not detach' inet=0,1 -- "$DAEMONIZE" @
is "$(printf '%s\n' "$report" | sed -n 's/^fd\.\([01]\)=\([a-z]*\) .*/\1 \2/p')" '0 sock
1 sock' 'inetd: standard input and output of the command are the socket'
detaches no 'a start with a datagram socket does not detach' udp=0,1 -- "$DAEMONIZE" @
detaches no 'a start with a listening socket does not detach' listen=0,1 -- "$DAEMONIZE" @
detaches no 'a start with an internet socket and more descriptors does not detach' inet=0,1 open=5-6 -- "$DAEMONIZE" -m 022 -c "$tmp" @
is "$(printf '%s\n' "$report" | grep '^fd' | cut -d ' ' -f 1)" \
	"$(observe "$arrange" inet=0,1 open=5-6 -- @ 2>told | grep '^fd' | cut -d ' ' -f 1)" \
	'inetd: no descriptor is touched'
is "$(value "$report" umask)$(value "$report" cwd)" "0022$tmp" 'inetd: the directory and the umask are as asked'
report=$(observe "$arrange" inet=0,1 open=3-4 -- "$DAEMONIZE" -p pid @ 2>told)
is "$(printf '%s\n' "$report" | sed -n 's/^fd\.\([345]\)=.* /\1 /p')" "3 /dev/null
4 /dev/null
5 $tmp/pid" 'inetd: the lock takes a free number'
detaches yes 'a start with a connected Unix-domain socket detaches' socketpair=0,1 -- "$DAEMONIZE" @
detaches yes 'a start with an internet socket on 0 only detaches' inet=0,5 -- "$DAEMONIZE" @
detaches yes '--detach: a start with an internet socket detaches' inet=0,1 -- "$DAEMONIZE" --detach @
detaches no '-f: a start with an internet socket does not detach' inet=0,1 -- "$DAEMONIZE" -f @
is "$(printf '%s\n' "$report" | sed -n 's/^fd\.\([0-9]*\)=.*/\1/p' | tr '\n' ' ')" '0 1 2 ' \
	'-f: a start with an internet socket closes other descriptors'
run "$arrange" inet=0,1 -- "$DAEMONIZE" -n true
is "$status" 0 'inetd: -n succeeds'
run "$arrange" inet=0,1 -- "$DAEMONIZE" -v true
like "$err" '^daemonize: stay in the foreground, since inetd started us$' 'inetd: -v tells that it does not detach'

# Process 1 would end the container.
if need_root 'process 1'; then
	run "$arrange" pid1 -- "$DAEMONIZE" true
	is "$status $err" "125 daemonize: process 1: detaching would end the container; use -f, or --detach" \
		'process 1 does not detach, and says why'
	run "$arrange" pid1 -- "$DAEMONIZE" -f sh -c 'exit 7'
	is "$status" 7 'process 1: -f starts the command'
	run "$arrange" pid1 -- "$DAEMONIZE" --detach sh -c 'exit 7'
	is "$status$err" 0 'process 1: --detach starts the command'
fi
if need_root 'process 1 of a namespace' && need_namespaces 'process 1 of a namespace'; then
	run unshare -p "$DAEMONIZE" touch "$tmp/ran"
	is "$status $err" "125 daemonize: process 1 of a new pid namespace (unshare without --fork?): Operation not permitted" \
		'an intermediate process that would be process 1 of a new namespace is told'
	ok 'an intermediate process that would be process 1 of a new namespace: nothing runs' test ! -e ran
	run unshare -p --fork "$DAEMONIZE" -f touch "$tmp/ran"
	is "$status" 0 'process 1 of a new namespace: -f starts the command'
	rm -f ran
	# The verbs and a second start find process 1, but it is not signalled.
	take container.sh
	run timeout -s KILL 60 unshare -m -p --fork --kill-child sh container.sh "$DAEMONIZE" "$tmp/first.pid"
	is "$status $(cat told)" "0 running (pid 1)
daemonize: $tmp/first.pid: already running (pid 1)
75
0
daemonize: $tmp/first.pid: pid 1: Operation not permitted
4
daemonize: $tmp/first.pid: pid 1: Operation not permitted
4" 'process 1: -f -p is found by the verbs and a second start, and not signalled'
	run "$arrange" pid1 inet=0,1 -- "$DAEMONIZE" sh -c 'exit 7'
	is "$status" 7 'process 1 with an internet socket starts the command'
	# Process 1 cannot die by a signal of its own, and says so by its status.
	if not_emulated 'process 1 under -w gets TERM' 'an emulator that is process 1 waits for ever for the end by its own signal'; then
		unshare -p --fork "$DAEMONIZE" --detach -w 1000 -p watched.pid sleep 1000 &
		unsharing=$!
		process_1() {
			grep -l "^PPid:[[:space:]]*$unsharing\$" /proc/[0-9]*/status 2>/dev/null | tr -dc 0-9 | grep .
		}
		wait_for grep -q . watched.pid
		kill "$(process_1)"
		wait $unsharing
		is "$?" 143 'process 1 under -w gets TERM: its status is 143'
		ok 'process 1 under -w gets TERM: no pid file is left' test ! -e watched.pid
	fi
fi
finish
