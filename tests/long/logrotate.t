#!/bin/sh
# A real logrotate: copytruncate leaves a log whole, and a log that was renamed
# is written on.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

if ! need logrotate 'copytruncate: no line is lost'; then
	finish
fi

take writer.pl reader.pl
mkfifo go written
write_lines() { # COUNT
	timeout 20 sh -c 'echo "$1" >go; cat written' sh "$1"
}
end_writer() {
	timeout 20 sh -c 'echo 0 >go'
	wait_for "$DAEMONIZE" -f -p pid true
	rm -f log* err* state
}
configure() { # DIRECTIVE...
	{
		echo "$tmp/log $tmp/err {"
		printf '\t%s\n' 'rotate 100' missingok "$@"
		echo '}'
	} >config
}
rotate() {
	logrotate -f -s "$tmp/state" "$tmp/config" 2>&1 || echo "status $?"
}
in_order() { # LOG
	n=100
	while [ $n -gt 0 ]; do
		[ ! -e "$1.$n" ] || echo "$1.$n"
		n=$((n - 1))
	done
	echo "$1"
}
start_writer() { # NAME OPTION...
	start_name=$1
	shift
	run "$DAEMONIZE" -p pid "$@" perl "$tmp/writer.pl" "$tmp"
	is "$status$out$err" 0 "$start_name"
}

# The strict part: nothing is written while logrotate runs, so nothing at all
# may be lost.  If the log were not opened for appending, its writer would go on
# at its old offset after the truncation, and the log would begin with as many
# NULs.
configure copytruncate
for how in '-o log' '-t -o log' '-o ./log -e log' '-o log -e err'; do
	: >log
	# shellcheck disable=SC2086 # words
	start_writer "$how: the start succeeds" $how
	said=
	sizes=
	for round in 1 2 3 4 5 6 7 8 9 10; do
		write_lines $((round * 100))
		size=$(wc -c <log)
		said=$said$(rotate)
		sizes="$sizes $(wc -c <log) $(($(wc -c <log.1) - size))"
	done
	write_lines 100
	is "$said" '' "$how: logrotate reports nothing in ten rotations"
	is "$sizes" ' 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0' \
		"$how: each rotation leaves an empty log, and a copy of its size"
	is "$(in_order log | wc -l)" 11 "$how: there are ten copies and the log"
	# shellcheck disable=SC2046 # words
	case $how in
	*err)
		is "$(perl reader.pl strict 2 2 $(in_order log))" 'kept 2800, between 0, nul 0, bad 0, inside 0' \
			"$how: no line of standard output is lost"
		is "$(perl reader.pl strict 2 1 $(in_order err))" 'kept 2800, between 0, nul 0, bad 0, inside 0' \
			"$how: no line of standard error is lost"
		;;
	*)
		is "$(perl reader.pl strict 1 1 $(in_order log))" 'kept 5600, between 0, nul 0, bad 0, inside 0' \
			"$how: no line is lost"
		;;
	esac
	end_writer
done

# A writer that does not pause loses what it writes between the end of the copy
# and the truncation, which is logrotate's to bound.  What was written before is
# in the copy, at most its last line in part; what is written after is in the
# log.  So all that is lost lies between two files.  A gap inside of one, or
# half a line elsewhere than at the end of a copy, would be a fault of
# daemonize.
start_writer 'a writer that does not pause is started' -o log
timeout 20 sh -c 'echo -1 >go'
said=
for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	wait_for test -s log
	said=$said$(rotate)
done
: >stop
timeout 20 cat written
write_lines 100
is "$said" '' 'logrotate reports nothing in twenty rotations under a writer that does not pause'
is "$(in_order log | wc -l)" 21 'there are twenty copies and the log'
# shellcheck disable=SC2046 # words
is "$(perl reader.pl lossy 1 1 $(in_order log))" 'nul 0, bad 0, inside 0' \
	'no line is lost but between copy and truncation'
# shellcheck disable=SC2046 # words
is "$(cat $(in_order log) | tail -n 100 | cut -c 1-8 | sort -u | wc -l)" 100 'the last hundred lines are in the files'
rm -f stop
end_writer

# The command goes on writing to a log that is renamed, since it keeps it open.
# The second and the third rotation find no log, or an empty one.
for how in 'nocreate log.1' 'create 644 log.3'; do
	directive=${how% *} name=${how##* }
	configure "$directive"
	start_writer "$directive: the start succeeds" -o log
	said=
	for round in 1 2 3; do
		write_lines 100
		said=$said$(rotate)
	done
	write_lines 100
	is "$said" '' "$directive: logrotate reports nothing in three rotations"
	is "$(perl reader.pl strict 1 1 $name)" 'kept 400, between 0, nul 0, bad 0, inside 0' \
		"$directive: $name has every line"
	is "$(find . -name 'log*' -size +0)" ./$name "$directive: no other file has any line"
	end_writer
	start_writer "$directive: the next start succeeds" -o log
	write_lines 100
	is "$(perl reader.pl strict 1 1 log)" 'kept 100, between 0, nul 0, bad 0, inside 0' \
		"$directive: the next start writes to the log of the old name"
	end_writer
done

# Prints the example of the manual that has a word, for the log of the test.
stanza() { # WORD
	awk -v word="$1" '/^\.Bd/ { text = "" } /^[^.]/ { text = text $0 "\n" }
		/^\.Ed/ && text ~ word { printf "%s", text }' "$top/man/daemonize.1" | sed "s|/var/log/job.log|$tmp/log|"
}
stanza copytruncate >config
start_writer "the manual's stanza: the start succeeds" -o log
write_lines 100
is "$(rotate) $(wc -c <log)" ' 0' "the manual's stanza: a rotation reports nothing, and leaves an empty log"
is "$(zcat log.1.gz | perl reader.pl strict 1 1 /dev/stdin)" 'kept 100, between 0, nul 0, bad 0, inside 0' \
	"the manual's stanza: every line is kept, compressed"
end_writer
stanza postrotate | sed "s|/etc/init.d/job try-restart|echo 0 >$tmp/go|" >config
start_writer 'a stanza that renames the log: the start succeeds' -o log --restart=0.01
write_lines 100
is "$(rotate)" '' 'a stanza that renames the log: a rotation reports nothing'
ok 'a stanza that renames the log: --restart opens a new one' wait_for test -e log
write_lines 100
is "$(grep -v ^daemonize: log.1 | perl reader.pl strict 1 1 /dev/stdin)" 'kept 100, between 0, nul 0, bad 0, inside 0' \
	'a stanza that renames the log: the old one has every line of the first run'
is "$(grep -v ^daemonize: log | perl reader.pl strict 1 1 /dev/stdin)" 'kept 100, between 0, nul 0, bad 0, inside 0' \
	'a stanza that renames the log: the new one has every line of the second run'
"$DAEMONIZE" --stop -p pid
finish
