#!/usr/bin/perl
# job.pl [WORD...]: a job, which reports its start, HUP and TERM on standard
# output, and ends by TERM.  The words ask for more:
#
#	child		makes a child, whose process id goes to /run/child
#	fail		exits 3
#	notify		waits until somebody opens /run/go, says to $NOTIFY_SOCKET that
#			it is ready, and reports whose the watchdog is
#	ready		waits for the same, and says it on descriptor 3
#	status=N	ends by TERM with that status
$| = 1;
my %does = map { /=/ ? split(/=/, $_, 2) : ($_ => 1) } @ARGV;
$SIG{HUP} = sub { print "reloaded\n" };
$SIG{TERM} = sub { print "ended\n"; exit($does{status} // 0) };
system "sleep 1000 & echo \$! >/run/child.$$; cp /run/child.$$ /run/child" if $does{child};
print "started $$\n";
exit 3 if $does{fail};
if ($does{notify} || $does{ready}) {
	open my $go, "<", "/run/go";
	<$go>;
}
if ($does{notify}) {
	require IO::Socket::UNIX;
	my $s = IO::Socket::UNIX->new(Type => Socket::SOCK_DGRAM(), Peer => $ENV{NOTIFY_SOCKET}) or die $!;
	send $s, "READY=1\nSTATUS=at work", 0;
	print "watchdog ", $ENV{WATCHDOG_PID} == $$ ? "" : "not ", "ours\n";
}
if ($does{ready}) {
	open my $ready, ">&=", 3 or die;
	print $ready "\n";
	close $ready;
}
sleep 1 while 1;
