#!/usr/bin/perl
# client.pl ADDRESS [LINE]: sends LINE, if it is given, to HOST:PORT or a path,
# and prints the answer.
use IO::Socket::INET;
use IO::Socket::UNIX;
my ($address, $line) = @ARGV;
my $s = $address =~ m:^/: ? IO::Socket::UNIX->new(Peer => $address) : IO::Socket::INET->new($address) or die $!;
print $s "$line\n" and shutdown $s, 1 if defined $line;
print while <$s>;
