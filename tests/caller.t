#!/bin/sh
# The caller is never kept waiting, by the daemon or by anything inherited, and
# our signals do not leave half a start.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# The command lives until the test ends it, by a FIFO: a caller that waits for
# the command waits for ever.
quick() { # NAME SHELL-COMMAND
	new_hold
	timeout 10 sh -c "$2" sh "$DAEMONIZE" "$probe" "$hold"
	is $? 0 "$1 ends while the command runs"
	release
}
quick 'a command substitution' 'out=$("$1" "$2" /dev/null "hold=$3" 2>&1) && [ -z "$out" ]'
quick 'a command substitution with -P' 'out=$("$1" -P "$2" /dev/null "hold=$3" 2>&1) && kill -0 "$out"'
quick 'a pipeline' '"$1" "$2" /dev/null "hold=$3" 2>&1 | cat'
quick 'a pipeline of descriptor 3' '{ "$1" "$2" /dev/null "hold=$3" 3>&1 >/dev/null 2>&1; } | cat'
if need bash 'a pipeline of descriptor 200'; then
	quick 'a pipeline of descriptor 200' 'exec bash -c '"'"'{ "$1" "$2" /dev/null "hold=$3" 200>&1 >/dev/null 2>&1; } | cat'"'"' sh "$1" "$2" "$3"'
fi
quick 'a pipeline into standard input' 'yes | "$1" "$2" /dev/null "hold=$3"'
if need flock 'the lock that flock holds around a start'; then
	quick 'the lock that flock holds around a start' 'flock lock "$1" "$2" /dev/null "hold=$3" && flock -n lock true'
fi
# With -k the caller's pipe is kept, as asked.
mkfifo kept
new_hold
cat kept >/dev/null &
reader=$!
"$DAEMONIZE" -k 3 "$probe" /dev/null "hold=$hold" 3>kept
ok '-k 3: the pipe is open while the command runs' kill -0 $reader
release
ok '-k 3: the pipe is at its end when the command ends' wait $reader

# Only our own child is waited for: SIGCHLD may be ignored, and other children inherited.
for words in 'ignore=CHLD' 'child' 'sleeper' 'sleeper child ignore=CHLD block=CHLD'; do
	# shellcheck disable=SC2086 # words
	run timeout 10 "$arrange" $words -- "$DAEMONIZE" true
	is "$status$err" 0 "$words: a start succeeds"
	# shellcheck disable=SC2086 # words
	run timeout 10 "$arrange" $words -- "$DAEMONIZE" ./nosuch
	is "$status" 127 "$words: a command that is not found is 127"
done

# A signal that is pending ends us, and nothing starts.
for signal in 'HUP 1' 'INT 2' 'QUIT 3' 'TERM 15'; do
	number=${signal#* } signal=${signal% *}
	run "$arrange" block=$signal raise=$signal -- "$DAEMONIZE" touch "$tmp/ran"
	is "$status" $((128 + number)) "SIG$signal that is pending ends daemonize"
	ok "SIG$signal that is pending: nothing runs" test ! -e ran
	run "$arrange" ignore=$signal block=$signal raise=$signal -- "$DAEMONIZE" true
	is "$status" 0 "SIG$signal that is pending but ignored does not end daemonize"
done
finish
