# logger.pl NAME: a logger; its process id goes to NAME.loggers, and what it reads,
# line by line, to NAME.lines.
my ($name) = @ARGV;
open my $loggers, ">>", "$name.loggers" or die;
syswrite $loggers, "$$\n";
open my $lines, ">>", "$name.lines" or die;
while (<STDIN>) {
	syswrite $lines, $_;
}
