# says.pl UID itself|child|stranger: changes to a user, and sends READY=1
# itself, or lets a child or a process of another session send it.
use Socket;
use POSIX ();
my ($uid, $how) = @ARGV;
my $name = $ENV{NOTIFY_SOCKET} =~ s/^@/\0/r;
if ($how eq "stranger" && !fork) { POSIX::setsid() } elsif ($how eq "stranger") { sleep 1000 }
if ($how eq "child" && fork) { sleep 1000 }
POSIX::setuid($uid);
socket my $s, AF_UNIX, SOCK_DGRAM, 0 or die;
send $s, "READY=1\n", 0, pack_sockaddr_un($name) or die;
sleep 1000;
