# big.pl DAEMONIZE DIRECTORY: makes a start with 2 MB of arguments, and looks
# for the smallest size that is too much for DIRECTORY/script.  Prints what
# becomes of those, and of 4 MB.
use strict;
use warnings;
use POSIX ();
my ($daemonize, $dir) = @ARGV;
%ENV = (PATH => "/usr/bin:/bin");
# Returns the status of a start and its message, or "exec" if daemonize itself
# cannot be executed.
sub start {
	my ($size, @command) = @_;
	my @words;
	unlink "$dir/ran";
	while ($size > 0) { push @words, "x" x ($size > 100000 ? 100000 : $size); $size -= 100000 }
	pipe my $r, my $w;
	my $child = fork // die;
	if (!$child) {
		open STDERR, ">&", $w;
		$ENV{BIG} = "y" x 100000;
		{ no warnings; exec $daemonize, @command, @words; }
		syswrite $w, "exec";
		POSIX::_exit(1);
	}
	close $w;
	local $/;
	my $err = <$r>;
	waitpid $child, 0;
	return $err eq "exec" ? $err : ($? >> 8) . " $err";
}
print "2 MB: ", start(1900000, "sh", "-c", ": >$dir/ran") =~ s/\n//r, "\n";
# Finds the smallest size for which the start does not succeed.
my ($good, $bad) = (1000000, 4000000);
while ($bad - $good > 1) {
	my $middle = int(($good + $bad) / 2);
	if (start($middle, "$dir/script") eq "0 ") { $good = $middle } else { $bad = $middle }
}
print "one more: ", start($bad, "$dir/script") =~ s/\n//r, "\n";
print "far more: ", start(4000000, "$dir/script"), "\n";
