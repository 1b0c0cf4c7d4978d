# flood.pl SECONDS: makes three processes that send datagrams without end to the
# socket of -r notify.  Exits 3 after that time, and they end, too.
use strict;
use warnings;
use Socket;

my $name = $ENV{NOTIFY_SOCKET} or die;
$name =~ s/^@/\0/;
my $parent = $$;
for (1 .. 3) {
	next if fork;
	socket my $s, AF_UNIX, SOCK_DGRAM, 0 or die;
	while (getppid == $parent) {
		last if !defined send($s, "STATUS=working", 0, pack_sockaddr_un($name)) && !$!{EAGAIN};
	}
	exit;
}
select undef, undef, undef, $ARGV[0];
exit 3;
