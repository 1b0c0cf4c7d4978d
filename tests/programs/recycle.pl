# recycle.pl DAEMONIZE DIRECTORY: run as process 1 of a pid namespace.  A
# command leads a session of its own and has a child there that ignores TERM, so
# that the undo takes 5 s.  Meanwhile another process, the stranger, gets the id
# of the intermediate process, and leads a group of that id.  Prints the status
# of daemonize and whether the stranger lives.
use strict;
use warnings;
use POSIX ();

my ($daemonize, $directory) = @ARGV;
my $command = <<'end';
use POSIX ();
my $intermediate = getppid;
POSIX::setsid();
if (!fork) { $SIG{TERM} = "IGNORE"; sleep 1000; exit }
open my $f, ">", "$ARGV[0]/intermediate.new" or die;
print $f $intermediate;
close $f;
rename "$ARGV[0]/intermediate.new", "$ARGV[0]/intermediate" or die;
sleep 1000;
end

my $child = fork // die;
exec $daemonize, qw(-r fd:3 -T 0.5 perl -e), $command, $directory or die if !$child;
select undef, undef, undef, 0.01 until -e "$directory/intermediate";
open my $f, "<", "$directory/intermediate" or die;
my $number = <$f>;
select undef, undef, undef, 0.01 while -e "/proc/$number";

my $stranger = 0;
for (1 .. 100) {
	open my $last, ">", "/proc/sys/kernel/ns_last_pid" or die;
	print $last $number - 1;
	close $last;
	$stranger = fork // die;
	if (!$stranger) {
		POSIX::setsid();
		sleep 1000;
		exit;
	}
	last if $stranger == $number;
	kill KILL => $stranger;
	waitpid $stranger, 0;
}
die "the number did not come again" if $stranger != $number;
waitpid $child, 0;
my $status = $? >> 8;
my $lives = waitpid($stranger, POSIX::WNOHANG()) == 0 ? "lives" : "was killed";
print "status $status, the stranger $lives\n";
