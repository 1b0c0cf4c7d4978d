# table.pl DAEMONIZE: run as process 1 of a pid namespace.  Fills the process
# table, and prints what becomes of starts while it has one, two and three free
# places.
use strict;
use warnings;
use Errno;
use POSIX ();
my ($daemonize) = @ARGV;
my @children;
while (defined(my $child = fork)) {
	if (!$child) { sleep 1000; exit }
	push @children, $child;
}
print $!{EAGAIN} ? "full" : "fork: $!", "\n";
for my $free (1 .. 3) {
	my $child = pop @children;
	kill KILL => $child;
	waitpid $child, 0;
	for (1 .. 1000) {
		1 while waitpid(-1, POSIX::WNOHANG()) > 0;
		last if @{[glob "/proc/[0-9]*"]} == 1 + @children;
		select undef, undef, undef, 0.01;
	}
	# ids below 300 are not given again, unless the last one is set back
	open my $last, ">", "/proc/sys/kernel/ns_last_pid" or die;
	print $last 2;
	close $last;
	open my $out, "-|", "exec $daemonize -p pid sleep 1000 2>&1" or die;
	my $said = <$out> // "\n";
	close $out;
	print "$free free: ", $? >> 8, -e "pid" ? " with a pid file " : " ", $said;
}
