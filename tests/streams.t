#!/bin/sh
# Standard input, output and error go where they should, and nothing is lost.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# Prints the descriptors of a report as N:TYPE MODE FLAGS PATH.
descriptors() {
	printf '%s\n' "$1" | sed -n 's/^fd\.\([0-9]*\)=\([a-z]*\) \([rw]*\) \([a-z,-]*\) \([a-z-]*\) [^ ]* *\(.*\)/\1:\2 \3 \4 \5 \6/p'
}

stream_is() { # NAME WANTED OPTION...
	name=$1 wanted=$2
	shift 2
	report=$(observe "$DAEMONIZE" "$@" @)
	is "$(descriptors "$report")
shared $(value "$report" shared)" "$wanted" "$name"
}

null0='0:chr r - - /dev/null'
stream_is 'without options the streams are /dev/null' "$null0
1:chr w append - /dev/null
2:chr w append - /dev/null
shared 1,2"
is "$(value "$report" stdin_read)" eof 'standard input is readable and at its end'
stream_is '-o takes standard output and standard error' "$null0
1:reg w append - $tmp/o
2:reg w append - $tmp/o
shared 1,2" -o o
stream_is '-e takes standard error only' "$null0
1:chr w append - /dev/null
2:reg w append - $tmp/e
shared " -e e
stream_is '-o and -e take one stream each' "$null0
1:reg w append - $tmp/o
2:reg w append - $tmp/e
shared " -o o -e e
stream_is 'one file twice is opened once' "$null0
1:reg w append - $tmp/o
2:reg w append - $tmp/o
shared 1,2" -o o -e "$tmp/../${tmp##*/}/./o"
# Links are followed where only we can make them, which is not below /tmp.
if need_root 'links to one file'; then
	trusted=$(mktemp -d /run/daemonize.XXXXXX)
	: >"$trusted/o"
	ln "$trusted/o" "$trusted/hard"
	ln -s o "$trusted/soft"
	for link in hard soft; do
		stream_is "a $link link is the same file" "$null0
1:reg w append - $trusted/o
2:reg w append - $trusted/o
shared 1,2" -o "$trusted/o" -e "$trusted/$link"
	done
	rm -r "$trusted"
fi
echo input >in
stream_is '-i opens its file for reading' "0:reg r - - $tmp/in
1:chr w append - /dev/null
2:chr w append - /dev/null
shared 1,2" -i in
is "$(value "$report" stdin_read)" data:69 '-i: the command reads the file'
mkfifo queue
stream_is '-i of a FIFO waits for no writer' "0:fifo rw - - $tmp/queue
1:chr w append - /dev/null
2:chr w append - /dev/null
shared 1,2" -i queue
is "$(value "$report" stdin_read)" blocks '-i of a FIFO has no end'
exec 8>caller.out 9>caller.err
observe "$DAEMONIZE" -k 1 @ 1>&8
is "$(descriptors "$(cat caller.out)")" "$null0
1:reg w - - $tmp/caller.out
2:chr w append - /dev/null" "-k 1 leaves the caller's standard output"
: >caller.out
exec 8>caller.out
observe "$DAEMONIZE" -k 1 -k 2 @ 1>&8 2>&9
is "$(descriptors "$(cat caller.out)")" "$null0
1:reg w - - $tmp/caller.out
2:reg w - - $tmp/caller.err" "-k 1 -k 2 leaves the caller's standard output and error"
exec 8>&- 9>&-
stream_is "-o with -k 2 leaves the caller's standard error" "$null0
1:reg w append - $tmp/o
2:reg w - - $tmp/.stderr
shared " -o o -k 2 2>"$tmp/.stderr"

# Logs are appended to, in order.
rm -f o
for line in 1 2; do
	"$DAEMONIZE" -o o sh -c "echo out$line; echo err$line >&2; echo out$line"
	wait_for sh -c "[ \$(wc -l <o) -eq $((line * 3)) ]"
done
is "$(cat o)" 'out1
err1
out1
out2
err2
out2' 'a second start appends; no line is lost'

# -t empties regular files once, and goes on appending.
for option in -t --truncate; do
	echo before >o
	echo before >e
	is "$(descriptors "$(observe "$DAEMONIZE" $option -o o -e e @)" | tail -n 2)" "1:reg w append - $tmp/o
2:reg w append - $tmp/e" "$option: the logs are still opened for appending"
	is "$(cat o e)" '' "$option empties the logs"
done
echo before >o
"$DAEMONIZE" -t -o o -e ./o sh -c 'echo out; echo err >&2; echo done >&2'
wait_for grep -q '^done$' o
is "$(cat o)" 'out
err
done' '-t empties one file of both streams once'
ok '-t with -o /dev/null succeeds' "$DAEMONIZE" -t -o /dev/null true
echo before >o
"$DAEMONIZE" -a -o o sh -c 'echo done'
wait_for grep -q '^done$' o
is "$(cat o)" 'before
done' '-a appends to the log'
echo before >o
for how in '-t -c /nowhere' '-t -e /nowhere/e' '-t -k 77'; do
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" -o o $how true
	is "$status $(cat o)" '125 before' "$how: a start that fails empties nothing"
done

# A log may be large, also where 32 bits are the usual.
dd if=/dev/null of=big bs=1 seek=3000000000 2>/dev/null
ok 'a start with a log of 3 GB succeeds' "$DAEMONIZE" -o big echo more
ok 'a log of 3 GB is appended to' wait_for sh -c '[ -n "$(find big -size +3000000000c)" ]'
rm big

# Rotation by copying and truncating leaves no hole.
mkfifo go
"$DAEMONIZE" -o rotated sh -c "echo 20 bytes to be gone; read x <'$tmp/go'; echo ok"
wait_for test -s rotated
: >rotated
echo >go
wait_for test -s rotated
is "$(cat rotated)" ok 'after a truncation from outside the log has no hole'

# A pipe of the caller ends when the caller closes it.
echo through >text
cat text | "$DAEMONIZE" -i /dev/stdin -o ended sh -c 'cat; echo end'
wait_for grep -q end ended
is "$(cat ended)" 'through
end' '-i /dev/stdin of a pipe has an end'

# A new log has its mode by the umask or -m.
mode_of() { # NAME WANTED UMASK OPTION...
	name=$1 wanted=$2 mask=$3
	shift 3
	rm -f new
	(umask "$mask" && "$DAEMONIZE" "$@" -o new true)
	is "$(stat -c %a new)" "$wanted" "$name"
}
mode_of 'a new log under umask 022 has mode 644' 644 022
mode_of 'a new log under umask 0 has mode 644' 644 0
mode_of 'a new log under umask 077 has mode 600' 600 077
mode_of 'a new log under umask 077 with -m 022 has mode 644' 644 077 -m 022
mode_of 'a new log under umask 0 with -m 027 has mode 640' 640 0 -m 027
mode_of 'the owner of a new log can read and write it under umask 0777' 600 777
mode_of 'the owner of a new log can read and write it under umask 0600' 644 600
mode_of 'the owner of a new log can read and write it under umask 0700' 644 700

# What cannot be opened is told, and does not hang.
run timeout 10 "$DAEMONIZE" -o queue true
is "$status $err" "125 daemonize: $tmp/queue: this FIFO has no reader" \
	'-o of a FIFO that nobody reads is told'
cat queue >through &
mkdir dir
for option in -o -e -i; do
	run "$DAEMONIZE" $option dir true
	is "$status $err" "125 daemonize: $tmp/dir: Is a directory" "$option of a directory is told"
	run "$DAEMONIZE" $option nowhere/x true
	is "$status $err" "125 daemonize: $tmp/nowhere/x: No such file or directory" "$option in a missing directory is told"
done
run "$DAEMONIZE" -o / true
is "$status $err" '125 daemonize: /: Is a directory' '-o of / is told'
run "$DAEMONIZE" -o o/x true
is "$status $err" "125 daemonize: $tmp/o/x: Not a directory" '-o of a name below a file is told'
run "$DAEMONIZE" -i nofile true
is "$status $err" "125 daemonize: $tmp/nofile: No such file or directory" '-i of a missing file is told'
ok '-i does not create a missing file' test ! -e nofile
wait_for "$DAEMONIZE" -o queue echo through
wait
is "$(cat through)" through '-o of a FIFO that somebody reads is written to'

# /dev/stdout and /dev/fd/N are the caller's.
is "$("$DAEMONIZE" -o /dev/stdout echo through | cat)" through "-o /dev/stdout is the caller's standard output"
is "$("$DAEMONIZE" -e /dev/fd/7 sh -c 'echo through >&2' 7>&1 | cat)" through "-e /dev/fd/7 is the caller's descriptor 7"

# They are duplicated, whatever they are, also at the end of trusted links.
"$DAEMONIZE" -o /dev/stdout sh -c 'echo second; echo third >&2' >text
"$DAEMONIZE" -o /dev/stdout true >>text
wait_for grep -q third text
is "$(cat text)" 'second
third' '-o /dev/stdout shares the place in a file'
(echo first && "$DAEMONIZE" -o /proc/self/fd/1 echo second && wait_for grep -q second text) >text
is "$(cat text)" 'first
second' '-o /proc/self/fd/1 goes on where the caller was'
run "$DAEMONIZE" -w 10 -o /dev/fd/7 sh -c 'echo its end; exit 3' 7>text
is "$status $(printf '%s\n' "$err" | tail -n 1)" '3     its end' '-w shows the end of a log that is a descriptor of ours'
run "$DAEMONIZE" -o /dev/fd/7 true 7<text
is "$status $err" '125 daemonize: /dev/fd/7: not open for writing' '-o of a descriptor that is open for reading is told'
run "$DAEMONIZE" -n -o /dev/fd/7 true 7<text
is "$status $err" '125 daemonize: /dev/fd/7: not open for writing' '-n -o of a descriptor that is open for reading is told'
run "$DAEMONIZE" -i /dev/fd/7 true 7>>text
is "$status $err" '125 daemonize: /dev/fd/7: not open for reading' '-i of a descriptor that is open for writing is told'
run "$DAEMONIZE" -o /dev/fd/7 true
is "$status $err" '125 daemonize: /dev/fd/7: Bad file descriptor' '-o of a descriptor that is closed is told'
"$DAEMONIZE" -o /dev/stdout true >&- 2>err
is "$? $(cat err)" '125 daemonize: /dev/stdout: not open for writing' '-o /dev/stdout where it is closed is told'
if need perl '-o /dev/stdout of a socket'; then
	is "$(perl -MSocket -e 'socketpair my $mine, my $theirs, AF_UNIX, SOCK_STREAM, 0 or die;
		if (!fork) { open STDOUT, ">&", $theirs; exec @ARGV } close $theirs; print <$mine>' \
		"$DAEMONIZE" -o /dev/stdout echo through)" through '-o /dev/stdout of a socket, which nobody can open again, is that socket'
fi
if need_root 'links to descriptors'; then
	trusted=$(mktemp -d /run/daemonize.XXXXXX)
	chmod 755 "$trusted"
	cp "$DAEMONIZE" daemonize
	ln -s /dev/stdout "$trusted/x.log"
	ln -s x.log "$trusted/y.log"
	ln -s /dev/fd/7 "$trusted/seven.log"
	for link in x y; do
		is "$("$DAEMONIZE" -o "$trusted/$link.log" echo through | cat)" through "-o $link.log, a link to /dev/stdout, is the caller's stream"
		is "$("$DAEMONIZE" -u nobody -e "$trusted/$link.log" sh -c 'echo through >&2' | cat)" through \
			"-u nobody -e $link.log, a link to /dev/stdout, is the caller's stream"
	done
	is "$("$DAEMONIZE" -o "$trusted/seven.log" echo through 7>&1 >/dev/null | cat)" through \
		"-o seven.log, a link to /dev/fd/7, is the caller's descriptor 7"
	is "$(observe "$DAEMONIZE" -o "$trusted/seven.log" @ 7>&1 >/dev/null | grep -c '^fd.7=')" 0 \
		'-o seven.log, a link to /dev/fd/7: descriptor 7 itself does not stay open'
	is "$(setpriv --reuid=nobody --regid=nogroup --clear-groups ./daemonize -o /dev/stdout echo through | cat)" \
		through '-o /dev/stdout of a pipe of another user is that pipe'
	# A /dev/null that is no character device is refused.
	for how in '' -n '-o /dev/null' '-i /dev/null'; do
		# shellcheck disable=SC2016,SC2086 # for the inner shell; words
		run unshare -m sh -c 'mount --bind "$1" /dev/null && shift && exec "$@"' sh "$tmp/text" \
			"$DAEMONIZE" $how true
		is "$status $err" '125 daemonize: /dev/null: not a character device' "a file in the place of /dev/null is told${how:+, with $how}"
	done
	run unshare -m sh -c 'mount -t tmpfs none /dev && exec "$@" <&-' sh "$DAEMONIZE" true
	is "$status $err" '125 daemonize: /dev/null: No such file or directory' \
		'a missing /dev/null, for a descriptor that is closed, is told'
	rm -r "$trusted"
fi
finish
