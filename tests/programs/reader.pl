# reader.pl strict|lossy STEP FIRST LOG...: reads logs in their order, and
# prints how many of the lines are wrong.  Each is to be whole, with a number
# that is higher than the last by STEP.  "lossy" allows a gap before a file, and
# a piece of a line at the end of a file that is not the last.
my ($how, $step, $number, @logs) = @ARGV;
my ($nul, $bad, $inside, $between, $kept) = (0) x 5;
for my $i (0 .. $#logs) {
	open my $f, "<", $logs[$i] or die "$logs[$i]: $!";
	my $first = 1;
	while (my $line = <$f>) {
		$nul++ if $line =~ /\0/;
		next if $how eq "lossy" && $i < $#logs && eof $f && $line !~ /\n/;
		$bad++, next if $line !~ /^(\d{8}) (x*)\n\z/ || length $2 != $1 % 100;
		my $gap = ($1 - $number) / $step;
		$gap < 0 ? $bad++ : $first ? ($between += $gap) : ($inside += $gap);
		$first = 0;
		$number = $1 + $step;
		$kept++;
	}
}
print $how eq "lossy" ? "" : "kept $kept, between $between, ", "nul $nul, bad $bad, inside $inside\n";
print STDERR "#   kept $kept, lost between copy and truncation $between\n" if $how eq "lossy";
