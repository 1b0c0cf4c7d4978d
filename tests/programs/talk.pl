# talk.pl PORT: says hello, prints the answer, and goes on when somebody has opened
# the FIFO talk.
use IO::Socket::INET;
my $s = IO::Socket::INET->new("127.0.0.1:$ARGV[0]") or die;
print $s "hello\n";
print scalar <$s>;
open my $f, "<", "talk";
<$f>;
shutdown $s, 1;
print <$s>;
