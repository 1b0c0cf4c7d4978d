# tell.pl TO WORD... [-- COMMAND...]: writes the words, one after the other, to
# descriptor TO or, if that is "notify", to the socket.  \n and \0 are as in C.
# Some words are orders: + pauses, ~ pauses shortly, -N exits with N, =FILE
# makes FILE, ?FILE waits for FILE, ! closes.
use Socket;
my $to = shift;
$SIG{PIPE} = "IGNORE";
$^F = 1000;
if ($to eq "notify") {
	(my $name = $ENV{NOTIFY_SOCKET}) =~ s/^@/\0/;
	socket F, AF_UNIX, SOCK_DGRAM, 0 or die;
	connect F, sockaddr_un($name) or die;
} else {
	open F, ">&=", $to or die;
}
while (defined(my $word = shift)) {
	$word =~ s/\\n/\n/g;
	$word =~ s/\\0/\0/g;
	exec @ARGV if $word eq "--";
	if ($word =~ /^\++$/) { select undef, undef, undef, 0.25 * length $word }
	elsif ($word eq "~") { select undef, undef, undef, 0.05 }
	elsif ($word =~ /^-(\d+)$/) { exit $1 }
	elsif ($word =~ /^-KILL$/) { kill "KILL", $$ }
	elsif ($word =~ /^=(.*)/) { open my $f, ">", $1 or die; print $f $$; close $f }
	elsif ($word =~ /^\?(.*)/) { select undef, undef, undef, 0.02 until -s $1 }
	elsif ($word eq "!") { close F }
	elsif ($to eq "notify") { send F, $word, 0 }
	else { syswrite F, $word }
}
sleep 1000;
