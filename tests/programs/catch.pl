# catch.pl FIFO: blocks all signals, opens FIFO, and lets the signals pend.
use POSIX;
my ($ready, @names) = @ARGV;
my $all = POSIX::SigSet->new; $all->fillset; sigprocmask(SIG_BLOCK, $all);
open my $r, ">", $ready or die; close $r;
# /proc/PID/status tells what is pending
while (1) { select undef, undef, undef, 1000 }
