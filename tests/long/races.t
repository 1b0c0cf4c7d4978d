#!/bin/sh
# Never two instances: thousands of starts in a row, and hundreds of rounds of
# fifty at once.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

is "$(wrong_pid_files 1000)" 0 'the pid file is right after each of a thousand starts'
for t in terminal trust verbs verdict; do
	TIMES=10 sh "$top/tests/$t.t" >log 2>&1
	is "$? $(grep '^not ok' log)" '0 ' "$t.t passes with ten times as many rounds"
done

take races.pl
printf '\177ELF broken' >elf
chmod +x elf
is "$(perl races.pl "$DAEMONIZE" 200 50 50)" good 'in 200 rounds of fifty starts at once exactly one succeeds'
is "$(perl races.pl "$DAEMONIZE" 200 50 1)" good 'in 200 rounds of 49 broken commands and a good one the good one runs'
is "$(perl races.pl "$DAEMONIZE" 100 50 25)" good 'in 100 rounds of 25 broken and 25 good commands exactly one runs'
is "$(perl races.pl "$DAEMONIZE" 100 20 20 -l other)" good \
	'-p and -l: in 100 rounds of twenty starts at once exactly one succeeds'

# somebody else does not release the start lock
: >pid
hold_lock pid write 0 1
run "$DAEMONIZE" --oknodo -p pid true
is "$status $err" "125 daemonize: $tmp/pid: locked for 10 s by pid $holder" \
	'a start that has waited 10 s for the start lock exits 125, and names its holder'
release_holder

# A user links and unlinks the name of a log to a file of root's, as fast as can
# be.  Root must not take that file for the log.
hardlinks=/proc/sys/fs/protected_hardlinks
if need_root '-t: a hard link that comes and goes does not empty its file' && [ -w $hardlinks ]; then
	# the setting is the machine's: one test at a time changes it
	exec 8>/run/daemonize-test.lock
	flock 8
	before=$(cat $hardlinks)
	trap 'echo $before >$hardlinks; cd / && rm -rf "$tmp"' EXIT
	echo 0 >$hardlinks
	mkdir theirs
	chown nobody theirs
	echo 'do not touch' >victim
	(cd theirs && exec setpriv --reuid=nobody --regid=nogroup --clear-groups \
		perl -e 'for (;;) { link "../victim", "log"; unlink "log" }') &
	attacker=$!
	round=0
	while [ $round -lt 3000 ] && [ -s victim ]; do
		round=$((round + 1))
		"$DAEMONIZE" -t -o theirs/log true 2>/dev/null
	done
	kill $attacker
	wait $attacker
	echo "$before" >$hardlinks
	is "$(cat victim)" 'do not touch' \
		"-t: a hard link that comes and goes does not empty its file, in $round starts"
fi
finish
