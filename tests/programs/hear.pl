# hear.pl NAME [OBEYS]: writes its process id and that of its child to
# NAME.runs, and each signal that it gets to NAME.heard.  With OBEYS it ends by
# TERM, INT and QUIT.
use Config;
use IO::Handle;
my ($name, $obeys) = @ARGV;
open my $heard, ">>", "$name.heard" or die;
$heard->autoflush;
my @names = split " ", $Config{sig_name};
my $child = fork;
if (!$child) {
	exec "sleep", 1000;
}
for my $number (1 .. 64) {
	my $signal = $names[$number];
	next if $signal =~ /^(KILL|STOP|CHLD|CLD|CONT)$/;
	$SIG{$signal} = sub {
		print $heard "$number\n";
		return if $signal !~ /^(TERM|INT|QUIT)$/ || !$obeys;
		select undef, undef, undef, 0.3;
		print $heard "done\n";
		exit 5;
	};
}
open my $runs, ">>", "$name.runs" or die;
print $runs "$$ $child\n";
close $runs;
select undef, undef, undef, 1 while 1;
