#!/bin/sh
# The caller is never kept waiting, by the daemon or by anything inherited, and
# our signals do not leave half a start.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# the command lives until the test ends it, by a FIFO: a caller that waits for
# the command waits for ever
quick() { # NAME SHELL-COMMAND
	new_hold
	timeout 10 sh -c "$2" sh "$DAEMONIZE" "$probe" "$hold"
	is $? 0 "$1"
	release
}
quick 'command substitution' 'out=$("$1" "$2" /dev/null "hold=$3" 2>&1) && [ -z "$out" ]'
quick 'command substitution with -P' 'out=$("$1" -P "$2" /dev/null "hold=$3" 2>&1) && kill -0 "$out"'
quick 'a pipeline' '"$1" "$2" /dev/null "hold=$3" 2>&1 | cat'
quick 'a pipe on descriptor 3' '{ "$1" "$2" /dev/null "hold=$3" 3>&1 >/dev/null 2>&1; } | cat'
if need bash 'a pipe on descriptor 200'; then
	quick 'a pipe on descriptor 200' 'exec bash -c '"'"'{ "$1" "$2" /dev/null "hold=$3" 200>&1 >/dev/null 2>&1; } | cat'"'"' sh "$1" "$2" "$3"'
fi
quick 'a pipe as standard input' 'yes | "$1" "$2" /dev/null "hold=$3"'
if need flock 'a lock around the start'; then
	quick 'a lock around the start' 'flock lock "$1" "$2" /dev/null "hold=$3" && flock -n lock true'
fi
# and with -k it is kept, as asked
mkfifo kept
new_hold
cat kept >/dev/null &
reader=$!
"$DAEMONIZE" -k 3 "$probe" /dev/null "hold=$hold" 3>kept
ok 'with -k 3 the pipe is open while the command runs' kill -0 $reader
release
ok 'and at its end when it ends' wait $reader

# SIGCHLD ignored, children of another's: only our own child is waited for
for words in 'ignore=CHLD' 'child' 'sleeper' 'sleeper child ignore=CHLD block=CHLD'; do
	# shellcheck disable=SC2086 # words
	run timeout 10 "$arrange" $words -- "$DAEMONIZE" true
	is "$status$err" 0 "$words: the start is told"
	# shellcheck disable=SC2086 # words
	run timeout 10 "$arrange" $words -- "$DAEMONIZE" ./nosuch
	is "$status" 127 "$words: a failure too"
done

# signals: one that is pending ends us, and nothing starts
for signal in 'HUP 1' 'INT 2' 'QUIT 3' 'TERM 15'; do
	number=${signal#* } signal=${signal% *}
	run "$arrange" block=$signal raise=$signal -- "$DAEMONIZE" touch "$tmp/ran"
	is "$status" $((128 + number)) "SIG$signal pending: it ends us"
	ok 'and nothing starts' test ! -e ran
	run "$arrange" ignore=$signal block=$signal raise=$signal -- "$DAEMONIZE" true
	is "$status" 0 "SIG$signal pending but ignored: it does not"
done
finish
