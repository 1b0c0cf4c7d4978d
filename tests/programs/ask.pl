# ask.pl PORT TEXT: sends the text, and prints the first line of the answer.
use IO::Socket::INET;
my ($port, $text) = @ARGV;
alarm 20;
my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port) // die "port $port: $!";
$text =~ s/\\r\\n/\r\n/g;
print $socket $text;
my $line = <$socket> // "";
$line =~ s/[\r\n]*$//;
print "$line\n";
