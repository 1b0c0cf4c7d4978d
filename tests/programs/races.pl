# races.pl DAEMONIZE ROUNDS STARTS GOOD [OPTION...]: rounds of STARTS at once, of which GOOD can be executed; the rest fail in the
# exec, so that the pid file comes and goes.  In each round exactly one may say
# 0 while anybody holds the run lock, and those that say 75 say it of a process
# that lives and is the survivor.
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
