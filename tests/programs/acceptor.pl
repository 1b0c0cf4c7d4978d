#!/usr/bin/perl
# Serves the sockets that systemd gives: sends each client its process id, the
# number of sockets, and whether LISTEN_PID is its own.
use IO::Socket::UNIX;
my @sockets = map { IO::Socket->new_from_fd($_, "+<") } 3 .. 2 + $ENV{LISTEN_FDS};
my $ours = $ENV{LISTEN_PID} == $$ ? "ours" : "not ours";
my $set = "";
vec($set, $_->fileno, 1) = 1 for @sockets;
while (select my $ready = $set, undef, undef, undef) {
	for (grep { vec $ready, $_->fileno, 1 } @sockets) {
		print {$_->accept} "$$ $ENV{LISTEN_FDS} $ours\n";
	}
}
