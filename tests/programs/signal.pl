# signal.pl STEPS COMMAND...: starts a command in a process group of its own,
# takes the STEPS, and prints how the command has ended:
#
#	until=FILE	waits until FILE has a line, whose words then have numbers
#	saw=FILE	waits until FILE, the output of -v, tells that the command runs
#	NAME, NAME@N	sends the signal to the command, or to the process that is word N
#	ignore=NAME	before the start: has the signal ignored
#	stopped	waits until the command has stopped
#	touch=FILE	makes FILE
use POSIX ":sys_wait_h";
my ($steps, @command) = @ARGV;
my @steps = split " ", $steps;
my @words;
$SIG{$_} = "DEFAULT" for qw(HUP INT QUIT TERM TSTP);
$SIG{$1} = "IGNORE" while @steps && $steps[0] =~ /^ignore=(.*)/ && shift @steps;
my $pid = fork // die;
if (!$pid) {
	setpgrp;
	exec { $command[0] } @command or die;
}
alarm 60;
for my $step (@steps) {
	if ($step =~ /^until=(.*)/) {
		my ($file, $line) = ($1, "");
		until ($line =~ /\n/) {
			select undef, undef, undef, 0.01;
			open my $f, "<", $file or next;
			$line = <$f> // "";
		}
		@words = split " ", $line;
	} elsif ($step =~ /^saw=(.*)/) {
		select undef, undef, undef, 0.01 while system("grep", "-qs", " runs ", $1);
	} elsif ($step eq "stopped") {
		waitpid($pid, WUNTRACED) == $pid && kill 0, $pid or die "not stopped: $?";
	} elsif ($step =~ /^touch=(.*)/) {
		open my $f, ">", $1 or die;
	} else {
		my ($name, $word) = split "@", $step;
		kill $name, $word ? $words[$word - 1] : $pid or die "$step: $!";
	}
}
waitpid $pid, 0;
print $? & 127 ? "signal " . ($? & 127) : "exit " . ($? >> 8), "\n";
$_ and kill 0, $_ and print "there is still a process\n" for @words[0, 2];
