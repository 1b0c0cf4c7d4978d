# talk.pl PORT: sends hello, prints the answer, and ends the connection once the
# FIFO talk has been opened.
use IO::Socket::INET;
my $s = IO::Socket::INET->new("127.0.0.1:$ARGV[0]") or die;
print $s "hello\n";
print scalar <$s>;
open my $f, "<", "talk";
<$f>;
shutdown $s, 1;
print <$s>;
