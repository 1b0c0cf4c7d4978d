# parent.pl FIFO COMMAND...: a parent that does not reap its child.  Prints the
# state of the child in /proc once FIFO has been opened.
my ($ready, @command) = @ARGV;
my $child = fork;
exec @command unless $child;
open my $r, "<", $ready or die;
<$r>;
open my $p, "<", "/proc/$child/stat" or print "reaped\n";
print +(split " ", <$p>)[2], "\n";
