# writer.pl DIRECTORY writes numbered lines of many lengths, each by one write(2), the odd ones to
# standard error: as many as a line of the FIFO go asks for, which the FIFO
# written tells; until the file stop is there, if that is -1; 0 is the end.
my ($dir) = @ARGV;
my ($number, $done) = 0;
open my $go, "+<", "$dir/go" or die;
while (defined(my $count = <$go>)) {
	last if $count == 0;
	while ($count < 0 ? !-e "$dir/stop" : $count-- > 0) {
		my $line = sprintf "%08d %s\n", ++$number, "x" x ($number % 100);
		syswrite $number % 2 ? *STDERR : *STDOUT, $line;
	}
	open $done, ">", "$dir/written" or die;
	close $done;
}
