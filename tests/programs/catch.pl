# catch.pl FIFO: blocks all signals, so that they stay pending, and opens FIFO.
use POSIX;
my ($ready, @names) = @ARGV;
my $all = POSIX::SigSet->new; $all->fillset; sigprocmask(SIG_BLOCK, $all);
open my $r, ">", $ready or die; close $r;
# /proc/PID/status has the pending signals
while (1) { select undef, undef, undef, 1000 }
