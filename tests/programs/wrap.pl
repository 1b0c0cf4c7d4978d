# wrap.pl DAEMONIZE MAX: run as process 1 of a pid namespace.  Makes starts
# around the process id MAX, after which ids begin again from below; prints what
# is wrong, and in how many starts that happened among the three processes.
use strict;
use warnings;
use Fcntl;
use POSIX ();
my ($daemonize, $max) = @ARGV;
my $wraps = 0;
for my $left (0 .. 9) {
	# process 1 reaps the orphans
	1 while waitpid(-1, POSIX::WNOHANG()) > 0;
	sysopen my $last, "/proc/sys/kernel/ns_last_pid", O_WRONLY or die;
	syswrite $last, $max - $left;
	close $last;
	my $launcher = open my $out, "-|", $daemonize, "-P", "-p", "pid", "sleep", 1000 or die;
	chomp(my $printed = <$out> // "nothing");
	close $out;
	my $status = $? >> 8;
	open my $f, "<", "pid" or die;
	chomp(my $named = <$f>);
	my $running = `$daemonize --status -p pid`;
	my $second = system("$daemonize -p pid true 2>/dev/null") >> 8;
	my $stop = system($daemonize, "--stop", "-p", "pid") >> 8;
	$wraps++ if $printed < $launcher;
	print "$left left: $status $printed $named $running"
		if $status || $named ne $printed || $running ne "running (pid $named)\n" || $second != 75 || $stop;
}
# the launcher may take the last number, and so may the intermediate process
print "wraps: $wraps\n";
