# joins.pl ends|ignores FILE: joins the process group of its child, and writes
# both process ids to FILE.  Ignores TERM, or ends by it.
use POSIX ();
$SIG{TERM} = "IGNORE" if $ARGV[0] eq "ignores";
my $child = fork // die;
if (!$child) { POSIX::setpgid(0, 0); sleep 1000; exit }
select undef, undef, undef, 0.01 until POSIX::setpgid(0, $child) || getpgrp == $child;
open my $f, ">", "$ARGV[1].new" or die;
print $f "$$\n$child\n";
close $f;
rename "$ARGV[1].new", $ARGV[1];
sleep 1000;
