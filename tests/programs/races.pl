# races.pl DAEMONIZE ROUNDS STARTS GOOD [OPTION...]: makes STARTS starts at once
# in each round.  GOOD of them have a command that can be executed; the others
# fail in the exec, so that the pid file comes and goes.  In each round exactly
# one start exits 0, and those that exit 75 name its daemon, as does the pid
# file.  Prints the rounds that were otherwise, or "good".
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
		# the command, yes, runs until the read end is closed
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
