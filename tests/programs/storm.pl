# storm.pl DAEMONIZE ROUNDS DIRECTORY: starts touch in each round, and sends a
# signal to the process group of the start at any time.  Prints each round with
# its wait status.
my ($daemonize, $rounds, $dir) = @ARGV;
for my $round (1 .. $rounds) {
	my $signal = (qw(TERM INT HUP QUIT))[$round % 4];
	my $pid = fork // die;
	if (!$pid) {
		setpgrp;
		exec $daemonize, "touch", "$dir/storm.$round" or die;
	}
	select undef, undef, undef, rand 0.004;
	kill $signal, -$pid;
	waitpid $pid, 0;
	print "$round $?\n";
}
