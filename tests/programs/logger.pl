# logger.pl NAME: a logger, which writes its process id to NAME.loggers, and the
# lines that it reads to NAME.lines.
my ($name) = @ARGV;
open my $loggers, ">>", "$name.loggers" or die;
syswrite $loggers, "$$\n";
open my $lines, ">>", "$name.lines" or die;
while (<STDIN>) {
	syswrite $lines, $_;
}
