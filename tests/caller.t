#!/bin/sh
# The caller is never kept waiting, by the daemon or by anything inherited, and
# our signals do not leave half a start.
. "$(dirname "$0")/lib.sh"

# the command lives until the test ends it, by a FIFO: a caller that waits for
# the command waits for ever
mkfifo hold
sleeper() {
	"$DAEMONIZE" "$@" "$probe" /dev/null hold="$tmp/hold"
}
released() { # ends all that hold
	: >hold
}
quick() { # NAME SHELL-COMMAND
	timeout 10 sh -c "$2" sh "$DAEMONIZE" "$probe" "$tmp/hold"
	is $? 0 "$1"
	released
}
quick 'command substitution' 'out=$("$1" "$2" /dev/null "hold=$3" 2>&1) && [ -z "$out" ]'
quick 'command substitution with -P' 'out=$("$1" -P "$2" /dev/null "hold=$3" 2>&1) && kill -0 "$out"'
quick 'a pipeline' '"$1" "$2" /dev/null "hold=$3" 2>&1 | cat'
quick 'a pipe on descriptor 3' '{ "$1" "$2" /dev/null "hold=$3" 3>&1 >/dev/null 2>&1; } | cat'
quick 'a pipe on descriptor 200' 'exec bash -c '"'"'{ "$1" "$2" /dev/null "hold=$3" 200>&1 >/dev/null 2>&1; } | cat'"'"' sh "$1" "$2" "$3"'
quick 'a pipe as standard input' 'yes | "$1" "$2" /dev/null "hold=$3"'
quick 'a lock around the start' 'flock 9 || exit; "$1" "$2" /dev/null "hold=$3"; flock -u 9; exec 9>&-; flock -n lock true' 9>lock
{
	"$DAEMONIZE" -k 3 "$probe" /dev/null hold="$tmp/hold" 3>&1 >/dev/null 2>&1
	released
} | cat
ok 'with -k 3 the pipe stays open until the command ends' true

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
for signal in INT HUP TERM QUIT; do
	run "$arrange" block=$signal raise=$signal -- "$DAEMONIZE" touch "$tmp/ran"
	is "$status" $((128 + $(kill -l $signal))) "SIG$signal pending: it ends us"
	ok 'and nothing starts' test ! -e ran
	run "$arrange" ignore=$signal block=$signal raise=$signal -- "$DAEMONIZE" true
	is "$status" 0 "SIG$signal pending but ignored: it does not"
done
finish
