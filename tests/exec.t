#!/bin/sh
# Whatever keeps the command from being executed has its status and its line;
# logs are not emptied; nothing runs.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

printf 'echo "text $0 $*"\n' >text
printf '#!/no/such\n' >nointerpreter
printf '#!/no/such' >nonewline && chmod +x nonewline
printf '#! /etc/passwd  -x\n' >badinterpreter
printf '#!%s/nowhere/sh\n' "$tmp" >gone
printf 'x\0y\n' >binary
head -c 100 /bin/ls >header
printf '\177ELF broken' >elf
: >empty
chmod +x text nointerpreter badinterpreter gone binary header elf empty
: >plain
mkdir directory
mkfifo fifo
chmod +x fifo
cp /bin/sleep busy
cp /bin/sleep unsearchable
ln -s loop loop
echo before >log

refused() { # STATUS MESSAGE COMMAND
	for how in '' -f --detach -t '-t -f' -v; do
		# shellcheck disable=SC2086 # words
		run "$DAEMONIZE" $how -o log "$3"
		is "$status $out$(printf '%s' "$err" | tail -n 1)" "$1 daemonize: $2" "$3${how:+ with $how} is status $1, and the line tells why"
	done
}

refused 127 "nosuch: not found in PATH ($PATH)" nosuch
refused 127 "$tmp/nosuch: No such file or directory" ./nosuch
refused 127 "$tmp/nowhere/nosuch: No such file or directory" nowhere/nosuch
refused 127 "$tmp/plain/x: Not a directory" plain/x
refused 126 "$tmp/plain: Permission denied" ./plain
refused 126 "$tmp/directory: Is a directory" ./directory
refused 126 "$tmp/fifo: Permission denied" ./fifo
refused 126 "$tmp/loop: Too many levels of symbolic links" ./loop
refused 126 "$tmp/nointerpreter: interpreter /no/such: No such file or directory" ./nointerpreter
refused 126 "$tmp/nonewline: interpreter /no/such: No such file or directory" ./nonewline
refused 126 "$tmp/badinterpreter: interpreter /etc/passwd: Permission denied" ./badinterpreter
refused 126 "$tmp/gone: interpreter $tmp/nowhere/sh: No such file or directory" ./gone
refused 126 "$tmp/binary: Exec format error" ./binary
refused 126 "$tmp/header: Exec format error" ./header
refused 126 "$tmp/elf: Exec format error" ./elf
exec 7>>busy
refused 126 "$tmp/busy: Text file busy" ./busy
exec 7>&-
LC_ALL=C sed 's/\(\/lib[^/]*\/\)ld-/\1no-/' "$probe" >loader
chmod +x loader
run "$DAEMONIZE" ./loader
is "$status $err" "126 daemonize: $tmp/loader: its interpreter or loader: No such file or directory" 'a loader that is missing is told'
is "$(cat log)" '' '-t empties the log where only the exec can fail (elf, header, busy)'

# A log is emptied only if the command's file passes.
rm -f log
for command in nosuch ./nosuch ./plain ./directory ./nointerpreter ./badinterpreter; do
	echo before >log
	run "$DAEMONIZE" -t -o log $command
	is "$(cat log)" before "-t leaves the log as it is for $command"
done
rm -f log
run "$DAEMONIZE" -o log ./nosuch
ok 'a log is not created for a command that is not found' test ! -e log

# A name cannot make a second line.
run "$DAEMONIZE" './a
b	c'
is "$err" "daemonize: $tmp/a?b?c: No such file or directory" 'a control character of a name is shown as ?'

run "$DAEMONIZE" "$(printf './a\302\233b\303\244')"
is "$err" "$(printf 'daemonize: %s/a??b\303\244: No such file or directory' "$tmp")" 'a control character of two bytes, in UTF-8, is shown as ??'

# Text without #! is a shell script, on every libc.
ok 'text without #! is run by /bin/sh' "$DAEMONIZE" -o text.log ./text a 'b c'
wait_for grep -q . text.log
is "$(cat text.log)" "text $tmp/text a b c" 'text without #! gets its path and its arguments'
is "$("$DAEMONIZE" -f ./text 1 2)" "text $tmp/text 1 2" '-f: text without #! gets its path and its arguments'
is "$("$DAEMONIZE" -f -A name ./text 1 2)" "text $tmp/text 1 2" '-A does not reach text without #!'
is "$(PATH=$tmp:$PATH "$DAEMONIZE" -f text 1 2)" "text $tmp/text 1 2" 'text without #! is found in PATH'
printf 'tr "\\0" "\\n" </proc/$$/cmdline | head -n 1\n' >argv0
chmod +x argv0
is "$("$DAEMONIZE" -f ./argv0)" /bin/sh 'the shell that runs text without #! has its own argv[0]'
run "$DAEMONIZE" -f ./empty
is "$status" 0 'an empty file is an empty script'

# A script whose #! line the kernel does not take is not given to /bin/sh.
printf 'MZ\0\0' >unknown
chmod +x unknown
printf '#!%s/unknown\ntouch %s/ran\n' "$tmp" "$tmp" >strange
printf '#!\ntouch %s/ran\n' "$tmp" >bare
printf '#!/%0300d\ntouch %s/ran\n' 0 "$tmp" >long
chmod +x strange bare long
for command in ./strange ./bare; do
	run "$DAEMONIZE" $command
	is "$status $err" "126 daemonize: $tmp/${command#./}: Exec format error" "a #! line that the kernel does not take is told: $command"
done
run "$DAEMONIZE" ./long
is "$status $err" "126 daemonize: $tmp/long: its #! line is too long" 'a #! line that is too long is told'
ok 'text with a #! line that the kernel does not take is not run' test ! -e ran

# The file may go, or the exec fail, at the last moment.
if can_inject 'a file that goes, or cannot be executed, at the last moment'; then
	trace_calls "$DAEMONIZE" ./text
	first=$(call_number daemon execve execve) second=$(call_number daemon execve none)
	run "$inject" events "at=daemon.$second" fail=13 -- "$DAEMONIZE" ./text
	is "$status $err" "126 daemonize: $tmp/text: interpreter /bin/sh: Permission denied" \
		'text without #! whose shell cannot be executed is told'
	cp text fleeting
	run "$inject" events "at=daemon.$first" 'run=rm fleeting' -- "$DAEMONIZE" ./fleeting
	is "$status $err" "127 daemonize: $tmp/fleeting: No such file or directory" 'a command that goes away before its exec is told'
fi

# A file may be executable, but not readable.
if need_root 'a file that may not be read' && need setpriv 'a file that may not be read'; then
	cp "$probe" unreadable
	chmod 711 unreadable
	printf 'echo x\n' >secret
	chmod 711 secret
	cp "$DAEMONIZE" daemonize
	nobody='setpriv --reuid=nobody --regid=nogroup --clear-groups'
	is "$($nobody ./daemonize -f -t ./unreadable - | grep -c ^pid=)" 1 'a program that may not be read is executed'
	run $nobody ./daemonize ./secret
	is "$status $err" "126 daemonize: $tmp/secret: Exec format error" 'text that may not be read is told'
	mkdir private
	cp "$probe" private/
	chmod 700 private
	run $nobody ./daemonize private/probe -
	is "$status $err" "126 daemonize: $tmp/private/probe: Permission denied" \
		'a command in a directory that may not be searched is told'
fi

# An empty name is not found: env, nohup and timeout say the same.
for how in '' -f -n; do
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" $how ''
	is "$status $err" '127 daemonize: command: the name is empty' "an empty name is not found${how:+, with $how}"
done

# A sandbox that does not know newer calls answers EPERM, or ENOSYS.
for error in EPERM ENOSYS; do
	for command in sleep /bin/sleep ./text ./nosuch ./plain; do
		run "$DAEMONIZE" -f $command 0
		wanted=$status$out$err
		run "$arrange" deny=faccessat2:$error -- "$DAEMONIZE" -f $command 0
		is "$status$out$err" "$wanted" "where faccessat2 is $error, $command has its usual status and line"
		run "$arrange" deny=faccessat2:$error -- "$DAEMONIZE" -n -o log -i plain $command 0
		is "$status" "$(case $command in ./nosuch) echo 127 ;; ./plain) echo 126 ;; *) echo 0 ;; esac)" \
			"where faccessat2 is $error, -n of $command has its usual status"
	done
done

# What else can be executed is the kernel's to say.
printf 'x\0y\n' >app.x$$
chmod +x app.x$$
run "$DAEMONIZE" -n ./app.x$$
is "$status$err" 0 '-n does not guess which formats there are'
misc=/proc/sys/fs/binfmt_misc
if need_root 'a format of binfmt_misc'; then
	mount -t binfmt_misc none $misc 2>/dev/null && trap 'cd / && rm -rf "$tmp" && umount $misc' EXIT
	printf '#!/bin/sh\necho "run $1"\n' >handler
	chmod +x handler
	if echo ":daemonize$$:E::x$$::$tmp/handler:" 2>/dev/null >$misc/register; then
		is "$("$DAEMONIZE" -f ./app.x$$)" "run $tmp/app.x$$" 'a format of binfmt_misc is executed'
		echo before >log
		"$DAEMONIZE" -t -o log ./app.x$$
		wait_for grep -q run log
		is "$(cat log)" "run $tmp/app.x$$" '-t does not refuse a format of binfmt_misc'
		echo -1 >$misc/daemonize$$
	else
		note 'binfmt_misc cannot be had'
	fi
fi


# Beside a preloaded library children are made by fork, which changes nothing.
run env LD_PRELOAD= "$DAEMONIZE" true
is "$status $err" '0 ' 'a start with LD_PRELOAD succeeds'
finish
