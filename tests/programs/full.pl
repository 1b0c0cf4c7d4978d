# full.pl FD NONBLOCK COMMAND...: runs a command whose descriptor FD is a full
# pipe, and prints whether it waits, its status, and what it has written to the
# pipe.
use strict;
use warnings;
use Fcntl;
use POSIX ();
my ($fd, $nonblock, @command) = @ARGV;
pipe my $r, my $w;
my $flags = fcntl $w, F_GETFL, 0;
fcntl $w, F_SETFL, $flags | O_NONBLOCK;
my ($filling, $n) = (0, 0);
for my $block ("x" x 4096, "x") { $filling += $n while $n = syswrite $w, $block }
fcntl $w, F_SETFL, $flags if !$nonblock;
my $child = fork // die;
if (!$child) {
	open STDIN, "<", "/dev/null";
	open STDOUT, ">", "/dev/null";
	open STDERR, ">", "/dev/null";
	POSIX::dup2(fileno $w, $fd);
	exec @command;
	die;
}
close $w;
# The command must wait, if it has something to write.  On a slow machine it may
# just be late, and is not seen to fail.
if (!$nonblock) {
	select undef, undef, undef, 0.2;
	print waitpid($child, POSIX::WNOHANG()) == 0 ? "waits " : "does not wait ";
} else {
	waitpid $child, 0;
	print $? >> 8, " ";
}
my $all = "";
1 while sysread $r, $all, 65536, length $all;
print substr($all, $filling);
waitpid $child, 0 and print "status ", $? >> 8 if !$nonblock;
