# ports.pl COUNT: prints so many ports of 127.0.0.1 that were free a moment ago.
use IO::Socket::INET;
my @sockets = map { IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") // die } 1 .. $ARGV[0];
print join(" ", map { $_->sockport } @sockets), "\n";
