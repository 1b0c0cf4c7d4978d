# writer.pl DIRECTORY: reads numbers from the FIFO go.  Writes that many
# numbered lines of many lengths, each by one write(2), the odd ones to standard
# error, and then opens and closes the FIFO written.  At -1 it writes until the
# file stop is there; at 0 it ends.
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
