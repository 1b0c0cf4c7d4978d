#!/bin/sh
# Single instance, for long: thousands of starts, hundreds of rounds of fifty.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

is "$(wrong_pid_files 1000)" 0 'a thousand starts: the file is right each time'
for t in terminal trust verbs verdict; do
	TIMES=10 sh "$top/tests/$t.t" >log 2>&1
	is "$? $(grep '^not ok' log)" '0 ' "$t.t, with ten times as many rounds"
done

take races.pl
printf '\177ELF broken' >elf
chmod +x elf
is "$(perl races.pl "$DAEMONIZE" 200 50 50)" good 'two hundred rounds of fifty starts'
is "$(perl races.pl "$DAEMONIZE" 200 50 1)" good 'two hundred rounds of forty-nine that fail and one that can'
is "$(perl races.pl "$DAEMONIZE" 100 50 25)" good 'a hundred rounds of half and half'
is "$(perl races.pl "$DAEMONIZE" 100 20 20 -l other)" good 'a hundred rounds with -l too'

# a start lock that somebody else does not give back
: >pid
hold_lock pid write 0 1
run "$DAEMONIZE" --oknodo -p pid true
is "$status $err" "125 daemonize: $tmp/pid: locked for 10 s by pid $holder" 'a start lock that is not given back'
release_holder
# a name that is linked to a file of root's and unlinked, as fast as can be: root
# must not take that file for the log
hardlinks=/proc/sys/fs/protected_hardlinks
if need_root 'a hard link that comes and goes' && [ -w $hardlinks ]; then
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
	is "$(cat victim)" 'do not touch' "three thousand starts ($round) beside a hard link that comes and goes"
fi
finish
