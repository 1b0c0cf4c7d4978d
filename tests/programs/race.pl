# race.pl FILE STARTS GOOD OPTION DAEMONIZE COMMAND...: makes STARTS starts at
# once with -p FILE.  GOOD of them start the COMMAND, and the others ./elf; each
# second one has OPTION, if that is not empty.  Prints how many exited with
# which status.
my ($file, $starts, $good, $option, $daemonize, @command) = @ARGV;
my %count;
pipe my $r, my $w;
for my $n (1 .. $starts) {
	next if fork;
	close $w;
	sysread $r, my $x, 1;
	open STDERR, ">", "/dev/null";
	exec $daemonize, "-p", $file, $option ne "" && $n % 2 ? $option : (), $n <= $good ? @command : "./elf";
}
close $r;
close $w;
$count{$? >> 8}++ while wait > 0;
print join(" ", map { "$_:$count{$_}" } sort { $a <=> $b } keys %count), "\n";
