# rounds.pl WHAT ROUNDS: makes rounds in which something happens to a keeper at
# any time.  Prints "good", or what was wrong.
use strict;
use warnings;
use Time::HiRes qw(sleep time);
my ($what, $rounds) = @ARGV;
my $daemonize = $ENV{DAEMONIZE};
my @wrong;

sub slurp {
	open my $f, "<", $_[0] or return "";
	local $/;
	return <$f> // "";
}

# Returns the processes of a session that have not ended.
sub of_session {
	my ($session) = @_;
	my @found;
	for my $stat (glob "/proc/[0-9]*/stat") {
		my ($pid, $state, $its) = slurp($stat) =~ /^(\d+) \(.*\) (\S) \d+ \d+ (\d+)/s or next;
		push @found, $pid if $its == $session && $state !~ /[ZX]/;
	}
	return @found;
}

# Waits until no process of a session is left; returns 0 after 20 s.
sub empties {
	my ($session) = @_;
	my $end = time + 20;
	while (time < $end) {
		return 1 if !of_session($session);
		sleep 0.01;
	}
	return 0;
}

# Runs some commands at once, and returns the status and the output of each.
sub at_once {
	my @result;
	my @pipes;
	for my $command (@_) {
		my $pid = open(my $out, "-|") // die "fork: $!";
		if (!$pid) {
			open STDERR, ">&", \*STDOUT;
			exec @$command or die;
		}
		push @pipes, $out;
	}
	for my $out (@pipes) {
		my $text = do { local $/; <$out> } // "";
		close $out;
		push @result, ($? >> 8) . " $text";
	}
	return map { s/\s+\z//r } @result;
}

my @start = ($daemonize, "--restart=0.01", "-P", "-p", "round.pid", "-o", "round.log");
my @stop = ($daemonize, "--stop", "-p", "round.pid");
my @status = ($daemonize, "--status", "-p", "round.pid");
my %command = (
	stop => [ "sh", "-c", "exit 1" ],
	two => [ "sh", "-c", "exit 1" ],
	kill => [ "sh", "-c", "sleep 0.01 & sleep 0.02; wait" ],
	start => [ "sleep", "1000" ],
	broken => [ "./comes-and-goes" ],
	race => [ "sh", "-c", 'mkdir alive || echo two >>wrong; sleep 0.01; rmdir alive' ],
);
for my $round (1 .. $rounds) {
	my @said;
	if ($what eq "race") {
		my @restart = (@start, @{ $command{race} });
		my @plain = grep { $_ ne "--restart=0.01" } @restart;
		@said = at_once(map { $_ % 2 ? \@restart : \@plain } 1 .. 20);
		my @good = grep { /^0 / } @said;
		my @refused = grep { /^75 / } @said;
		# more than one may succeed: one of those without --restart may
		# end at once
		push @wrong, "round $round: @said" if !@good || @good + @refused != @said || -e "wrong";
		at_once(\@stop);
		rmdir "alive";
		next;
	}
	if ($what eq "broken") {
		unlink "comes-and-goes";
		symlink "/bin/false", "comes-and-goes" or die;
	}
	if ($what eq "start") {
		# whichever of the two comes first, after another --stop nothing
		# is left
		my ($started, $stopped) = at_once([ @start, @{ $command{start} } ], \@stop);
		my ($pid) = $started =~ /^0 (\d+)$/;
		push @wrong, "round $round: $started, $stopped" if !$pid || $stopped ne "0";
		my ($again) = at_once(\@stop);
		push @wrong, "round $round: then $again" if $again ne "0";
		push @wrong, "round $round: something is left" if $pid && !empties($pid);
		next;
	}
	my ($started) = at_once([ @start, @{ $command{$what} } ]);
	my ($pid) = $started =~ /^0 (\d+)$/;
	if (!$pid) {
		push @wrong, "round $round: $started";
		next;
	}
	unlink "comes-and-goes" if $what eq "broken";
	sleep rand 0.05;
	if ($what eq "kill") {
		kill KILL => $pid or push @wrong, "round $round: no keeper";
		my ($next) = ("");
		# the lock is released when the keeper has ended
		my $end = time + 20;
		do { ($next) = at_once(\@status) } while $next =~ /^0 / && time < $end;
		($next) = at_once([ @start, "true" ]);
		push @wrong, "round $round: the next start: $next" if $next !~ /^0 \d+$/;
		@said = at_once(\@stop);
		push @wrong, "round $round: left: " . join(" ", of_session($pid)) if !empties($pid);
	} else {
		@said = at_once($what eq "two" ? (\@stop, \@stop) : \@stop);
	}
	push @wrong, "round $round: @said" if grep { $_ ne "0" } @said;
	push @wrong, "round $round: the pid file is left" if -e "round.pid";
	# --stop has waited for the keeper, and that for the command
	my @left = $what eq "kill" ? () : of_session($pid);
	push @wrong, "round $round: left: @left" if @left;
}
print map { "$_\n" } @wrong > 10 ? @wrong[0 .. 9] : @wrong;
print @wrong ? scalar(@wrong) . " wrong\n" : "good\n";
