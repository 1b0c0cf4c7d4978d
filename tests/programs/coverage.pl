# coverage.pl LEAST ALL FILE...: prints the lines that are not run, and the
# share of those that are.  Fails if that is below LEAST percent in a file, or
# below ALL in all of them.
use strict;
use warnings;
my ($least, $all) = splice @ARGV, 0, 2;
my (%sum, @report, $failed);
for my $path (@ARGV) {
	my ($file) = $path =~ /^(.*)\.gcov$/;
	my %count = (lines => 0, run => 0);
	my $function = "";
	open my $f, "<", $path or die "$path: $!";
	while (<$f>) {
		$function = $1 if /^[^:]*:[^:]*:([a-z]\w*)\(/;
		my ($runs, $number, $text) = /^ *(\d+|#####)\*?: *(\d+):\s*(.*?)\s*$/ or next;
		$count{lines}++;
		if ($runs eq "#####") {
			print "# not run: $file:$number: $function: $text\n";
		} else {
			$count{run}++;
		}
	}
	push @report, [ $file, %count ];
	$sum{$_} += $count{$_} for keys %count;
}
for (@report, [ "all", %sum ]) {
	my ($name, %count) = @$_;
	my $share = 100 * $count{run} / $count{lines};
	my $few = $share < ($name eq "all" ? $all : $least);
	printf "%s%s: %.1f %% of %d lines\n", $few ? "too few: " : "# ", $name, $share, $count{lines};
	$failed = 1 if $few;
}
exit !!$failed;
