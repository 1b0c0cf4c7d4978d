#!/bin/sh
# Single instance, for long: thousands of starts, hundreds of rounds of fifty.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

is "$(wrong_pid_files 1000)" 0 'a thousand starts: the file is right each time'
for t in terminal trust verbs verdict; do
	TIMES=10 sh "$top/tests/$t.t" >log 2>&1
	is "$? $(grep '^not ok' log)" '0 ' "$t.t, with ten times as many rounds"
done

# Rounds of STARTS at once, of which GOOD can be executed; the rest fail in the
# exec, so that the pid file comes and goes.  In each round exactly one may say
# 0 while anybody holds the run lock, and those that say 75 say it of a process
# that lives and is the survivor.
cat >rounds.pl <<'end'
use POSIX ":sys_wait_h";
my ($daemonize, $rounds, $starts, $good, @option) = @ARGV;
my (%seen, $bad);
for my $round (1 .. $rounds) {
	my (%count, %named);
	my $content = ("", "99999998 \nmore\n", "$$\n", "99999999\n", undef)[$round % 5];
	if (defined $content) { open my $f, ">", "race" or die; print $f $content; close $f }
	pipe my $r, my $w;
	pipe my $alive, my $hold;
	for my $n (1 .. $starts) {
		next if fork;
		close $w;
		close $alive;
		open STDERR, ">", "err.$n";
		# the command lives until the read end is closed, which kills yes
		open STDOUT, ">&", $hold;
		sysread $r, my $x, 1;
		exec $daemonize, @option, "-p", "race", "-k", 1,
			$n > $starts - $good ? ("sh", "-c", "exec yes \$\$") : ("./elf");
	}
	close $_ for $r, $w, $hold;
	while ((my $pid = wait) > 0) { $count{$? >> 8}++ }
	for my $n (1 .. $starts) {
		open my $f, "<", "err.$n";
		local $/;
		$named{$1}++ if <$f> =~ /already running \(pid (\d+)\)/;
	}
	my %yes;
	sysread $alive, my $text, 65536;
	$yes{$_}++ for $text =~ /^(\d+)$/mg;
	open my $f, "<", "race";
	chomp(my $number = <$f> // "");
	my $ok = ($count{0} // 0) == 1 && keys %yes <= 1 && !grep { $_ ne $number } keys %named, keys %yes;
	$ok &&= ($count{0} + ($count{75} // 0) + ($count{126} // 0)) == $starts;
	print "round $round: ", join(" ", map { "$_:$count{$_}" } sort keys %count), " file $number, named ",
		join(" ", keys %named), ", wrote ", join(" ", keys %yes), "\n" and $bad++ if !$ok;
	close $alive;
	# the next round begins when the lock is free
	1 while system("$daemonize -f -p race true 2>/dev/null") >> 8 == 75;
}
print $bad ? "bad rounds: $bad\n" : "good\n";
end
printf '\177ELF broken' >elf
chmod +x elf
is "$(perl rounds.pl "$DAEMONIZE" 200 50 50)" good 'two hundred rounds of fifty starts'
is "$(perl rounds.pl "$DAEMONIZE" 200 50 1)" good 'two hundred rounds of forty-nine that fail and one that can'
is "$(perl rounds.pl "$DAEMONIZE" 100 50 25)" good 'a hundred rounds of half and half'
is "$(perl rounds.pl "$DAEMONIZE" 100 20 20 -l other)" good 'a hundred rounds with -l too'

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
