# faults.pl SET INJECT DAEMONIZE PROBE DIRECTORY...: in each directory works one
# process, on a processor of its own if there are enough.
use strict;
use warnings;
use Errno;
use POSIX ();
use Config;
my ($set, $inject, $daemonize, $probe, @directories) = @ARGV;
my ($directory, $normal);
my %signal;
@signal{ split " ", $Config{sig_name} } = split " ", $Config{sig_num};

# What --stop is to end takes a moment for it, so that its end never comes between two calls.
my $ends_slowly = q(
	$SIG{TERM} = sub { select undef, undef, undef, 0.05; exit };
	open my $ready, ">&=3" or die;
	syswrite $ready, "\n";
	close $ready;
	sleep 1000;
);

# The same for the keeper, which it tells to end, when that has begun to wait.
my $ends_keeper = q{exec perl -e '
	$SIG{TERM} = sub { select undef, undef, undef, 0.05; exit };
	my $keeper = getppid;
	for (1 .. 50) {
		open my $f, "<", "/proc/$keeper/stat" or last;
		last if <$f> =~ /\) S /;
		select undef, undef, undef, 0.01;
	}
	kill TERM => $keeper;
	sleep 1000;
'};

# What can be started: the words before the command.  Keys: fails, the command
# cannot be executed; script, the command, which is not held back, for the
# probe and its file; verb, no command, and a daemon with the pid file is there;
# loggers, how many there are, of which the first is the probe.
# keeps, with --restart: the last run has the keeper stopped.
my %sets = (
	plain => { words => [] },
	all => { words => [qw(-o @/log -e @/log2 -c @/place -m 027 -p @/pid)] },
	user => { words => [qw(-u faulty -o @/way/log -p @/pid)] }, # way is a link
	watch => { words => [qw(-w 0.02 -o @/log -p @/pid)], script => '"$1" "$2"; exec sleep 1000' },
	ready => { words => [qw(-r fd:3 -T 5 -o @/log -p @/pid)], script => 'trap "" PIPE; "$1" "$2" 3>&-; echo >&3; exec sleep 1000' },
	notify => { words => [qw(-r notify -T 5 -o @/log -p @/pid)], script => '"$1" "$2" pass=READY=1; exec sleep 1000' },
	foreground => { words => [qw(-f -o @/log -p @/pid)] },
	fails => { words => [qw(-o @/log -p @/pid)], fails => 1 },
	logger => { words => [ qw(-p @/pid -o), "|@/seen @/place/seen", "-e", "|cat" ], loggers => 2 },
	"logger-foreground" => { words => [ qw(-f -p @/pid -o), "|@/seen @/place/seen" ], loggers => 1 },
	keeper => { words => [qw(--restart=0.01 -o @/log -p @/pid)], keeps => 1,
		script => qq("\$1" "\$2"; $ends_keeper) },
	restart => { words => [qw(--restart=0.01 -o @/log -p @/pid)], keeps => 1,
		script => qq(if test -e "\$2.ran"; then "\$1" "\$2"; $ends_keeper; fi; : >"\$2.ran"; exit 3) },
	stop => { words => [qw(--stop -T 5 -p @/pid)], verb => 1 },
);

# Which errors a call can say; for what is not here, any.  With + it is done first.
my @any = qw(EINTR EAGAIN ENOMEM EMFILE ENFILE EIO ENOSPC EPERM EACCES EBADF);
my @file = qw(EIO ENOMEM EACCES);
# What libc's look into the databases of users and groups lets through: the others
# it takes for a source that is not there.
my %lookup = map { $_ => 1 } qw(EINTR EAGAIN ENOMEM EMFILE ENFILE EIO);
my %errors = (
	(map { $_ => [] } qw(exit exit_group getegid geteuid getgid getpgid getpid getpgrp getppid getuid gettid rt_sigreturn umask)),
	brk => ["ENOMEM"],
	chdir => \@file,
	(map { $_ => [qw(EAGAIN ENOMEM EPERM)] } qw(clone clone3 fork vfork)),
	close => [qw(+EINTR +EIO +ENOSPC)],
	close_range => [qw(ENOSYS ENOMEM EMFILE EPERM)],
	connect => [qw(EACCES EAGAIN EINTR)],
	(map { $_ => [qw(EINTR EMFILE EBADF EIO)] } qw(dup2 dup3)),
	execve => [qw(EACCES EPERM ENOMEM EAGAIN EMFILE ENFILE EIO)],
	faccessat2 => [@file, qw(ENOSYS)],
	fchmod => [qw(EIO EPERM EINTR ENOSPC)],
	fchown => [qw(EIO EPERM EINTR ENOSPC)],
	fcntl => [qw(EACCES EAGAIN EBADF EINTR EIO EMFILE ENOMEM EPERM)],
	ftruncate => [qw(EIO EINTR EPERM ENOSPC)],
	futex => [],
	getcwd => [@file],
	getrandom => [qw(EAGAIN EINTR)],
	kill => [], # of a child of ours
	lseek => [],
	(map { $_ => [qw(ENOMEM EAGAIN EMFILE ENFILE EACCES EPERM)] } qw(mmap mprotect)),
	munmap => ["ENOMEM"],
	(map { $_ => [@file, "EBADF"] } qw(newfstatat fstat)),
	openat => [qw(EINTR EAGAIN ENOMEM EMFILE ENFILE EIO ENOSPC EPERM EACCES)],
	pidfd_open => [qw(EMFILE ENFILE ENODEV ENOMEM ENOSYS)],
	pidfd_send_signal => [qw(EPERM)],
	(map { $_ => [qw(EMFILE ENFILE ENOMEM)] } qw(pipe pipe2)),
	(map { $_ => [qw(EINTR EAGAIN ENOMEM)] } qw(poll ppoll pselect6)),
	prctl => [qw(EPERM EACCES)],
	pwrite64 => [qw(EINTR EIO ENOSPC EPERM EBADF)],
	read => [qw(EINTR EAGAIN EIO EBADF ENOMEM)],
	readlinkat => \@file,
	(map { $_ => ["EPERM"] } qw(rt_sigaction rt_sigpending rt_sigprocmask set_robust_list setgid)),
	setgroups => [qw(EPERM ENOMEM)],
	setpgid => [qw(EPERM EACCES)],
	(map { $_ => [qw(EAGAIN EPERM ENOMEM)] } qw(setresgid setresuid setuid)),
	setsid => ["EPERM"],
	(map { $_ => [qw(EMFILE ENFILE ENOMEM EACCES)] } qw(socket socketpair)),
	unlinkat => [@file, "EPERM"],
	utimensat => [qw(EIO EINTR EPERM EROFS)],
	(map { $_ => ["EINTR"] } qw(wait4 waitid)),
	write => [qw(EINTR EAGAIN EIO ENOSPC EPERM EBADF)],
);

sub slurp {
	open my $f, "<", $_[0] or return undef;
	local $/;
	return <$f> // "";
}

sub attributes {
	my @s = lstat $_[0] or return "none";
	return sprintf "%o %d:%d %d", @s[2, 4, 5, 3];
}

# Whether a process runs; a zombie does not.
sub runs { (slurp("/proc/$_[0]/stat") // "") =~ /\) [^ZX]/ }

# Runs once; what happened, as far as it is the same from run to run.
sub start {
	my @words = @_;
	my %r;
	unlink map { "$directory/$_" } qw(log log2 pid report out err events);
	my @command = $sets{$set}{fails} ? "$directory/broken" : ($probe, "$directory/place/report");
	unlink map { "$directory/place/$_" } qw(report report.ran seen);
	unshift @command, "/bin/sh", "-c", $sets{$set}{script}, "sh" if $sets{$set}{script};
	@command = () if $sets{$set}{verb};
	system $daemonize, "-r", "fd:3", "-p", "$directory/pid", $^X, "-e", $ends_slowly and die if $sets{$set}{verb};
	my $subject = $sets{$set}{verb} ? slurp("$directory/pid") + 0 : 0;
	s/@/$directory/g for my @options = @{ $sets{$set}{words} };
	my $child = fork // die "fork: $!";
	if (!$child) {
		open STDIN, "<", "/dev/null" or die;
		open STDOUT, ">", "$directory/out" or die;
		open STDERR, ">", "$directory/err" or die;
		%ENV = (PATH => "/usr/bin:/bin", A => "1", LC_ALL => "C");
		push @words, "free=$directory/place/report" if $sets{$set}{script} && !$sets{$set}{keeps};
		push @words, "loggers=$sets{$set}{loggers}" if $sets{$set}{loggers};
		# what a start has to put back; inject needs CHLD, and the others are sent
		$_ =~ /^(ZERO|CHLD|CLD|KILL|STOP|INT|TERM|HUP)$/ or $SIG{$_} = "IGNORE" for keys %signal;
		exec $inject, "$directory/events", "lock=$directory/pid", @words, "--", $daemonize, @options, @command or die;
	}
	waitpid $child, 0;
	$r{subject} = runs($subject);
	kill KILL => $subject if $r{subject};
	$r{status} = $? >> 8;
	$r{inject} = $?;
	$r{$_} = slurp("$directory/$_") for qw(out err pid events);
	$r{err} =~ s{\Q$command[0]\E}{COMMAND}g if @command;
	$r{err} =~ s/pid $subject\b/pid N/ if $subject;
	$r{err} =~ s/\Q$directory\E/@/g;
	$r{report} = slurp("$directory/place/report");
	$r{log} = slurp("$directory/log") // "";
	$r{log} =~ s{\Q$command[0]\E}{COMMAND}g if @command;
	$r{log} =~ s/\Q$directory\E/@/g;
	$r{log} =~ s/ after \d+\.\d+ s,/ after SECONDS,/g;
	$r{log} =~ s/ in [\d.]+ s$/ in SECONDS/mg;
	($r{keeper}) = $r{events} =~ /^end intermediate (-?\d+)$/m;
	$r{at} = $1 if $r{events} =~ /^at (.*)$/m;
	$r{late} = $r{events} =~ /^late/m;
	$r{end} = $r{events} =~ /^exec (daemon|launcher|other) .*^end \1 (-?\d+)$/ms ? $2 : undef;
	$r{runs} = $r{events} =~ /^exec (?!logger)/m;
	# what the logger found, as far as that is the same from run to run
	$r{logger} = slurp("$directory/place/seen") // "none";
	$r{logger} =~ s/^(pid|ppid|pgid|sid|stdin_read)=.*\n//mg;
	$r{logger} =~ s/^(fd\.\d+=.* )\d+:\d+( pipe:.*)?/$1/mg;
	# it was executed, but had ended when daemonize did; a keeper's is born behind
	# the process that makes its group
	my $command = $sets{$set}{keeps} ? "other" : "daemon";
	$r{ended} = $r{events} =~ /^exec $command .*^end $command -9$/ms && !defined $r{report} ||
		$r{events} =~ /^exec $command .*^end $command .*^end launcher/ms;
	$r{files} = join ", ", map { "$_ " . attributes("$directory/$_") } qw(log log2 pid);
	$r{state} = $r{report} // "";
	my %v = $r{state} =~ /^(pid|ppid|pgid|sid)=(\d+)$/mg;
	$v{pid} = $v{ppid} if %v && $sets{$set}{script}; # the shell is the daemon
	if (%v) {
		my ($daemon) = $r{events} =~ /^exec (?:daemon|launcher|other) (\d+)$/m;
		$r{place} = ($v{pid} == ($daemon // 0)) . ($v{pid} != $v{sid}) . ($v{pgid} == $v{sid});
		my $owner = $sets{$set}{keeps} ? $v{sid} : $v{pid};
		$r{number} = ($r{pid} // "") eq "$owner\n" ? "right" : $r{pid} // "none";
		$r{locks} = join " ", map { /(\d+) (\d+)/; "$1 " . ($2 == $owner ? "daemon" : $2) } $r{events} =~ /^lock (.*)$/mg;
	}
	$r{state} =~ s/^(pid|ppid|pgid|sid|argv\.1|env\.\d+=NOTIFY_SOCKET)=.*\n//mg;
	$r{state} =~ s/^(fd\.\d+=.* )\d+:\d+( pipe:.*)?/$1/mg;
	return \%r;
}

# Whether the command ran as in an undisturbed start; with what else is to be equal.
sub complete {
	my ($r, @also) = @_;
	return 0 if !defined $r->{report} || ($r->{end} // 1) ne $normal->{end};
	for (qw(state place number files logger), @also) { return 0 if ($r->{$_} // "") ne ($normal->{$_} // "") }
	return 1;
}

# Where the reason is not the error's: what says so, and at which calls; an
# interrupted call is made again, or told as such.
my @other_reasons = (
	[ qr/^(intermediate (read|write)|launcher read) /, "COMMAND: the intermediate process gave no verdict" ],
	[ qr/^(daemon|intermediate) fcntl (EAGAIN|EACCES)$/, "\@/pid: superseded by a concurrent start" ],
	[ qr/^launcher fcntl (EAGAIN|EACCES)$/, "\@/pid: superseded by a concurrent start" ], # with -f
	[ qr/^(intermediate|launcher) (pselect6|waitid) /, "COMMAND: lost track of it after SECONDS, see \@/log" ],
	[ qr/^launcher prctl /, "-u faulty: securebits would preserve root's capabilities" ],
	# libc does not tell that it could not read a database of groups
	[ qr/^launcher (openat|read) /, "-u faulty: its groups changed while they were read", "EINTR too" ],
	[ qr/^(launcher read|daemon write) /, "COMMAND: the daemon died before the exec" ],
);

my @stop_reasons = (
	[ qr/^pread64 4$/, "cannot tell: locked by pid N, which is not its daemon" ],
	# what /proc does not tell
	[ qr/^(openat|read|readlink|getdents64|newfstatat|fstat|fcntl) 4$/,
		"cannot tell: locked by pid N, which may be any process" ],
	[ qr/^getdents64 4$/, "cannot tell: locked by pid N, which is not its daemon" ],
	[ qr/^pidfd_open 4$/, "cannot tell: pid N is out of reach" ],
);

# Whether one line names an object and the reason.
sub told {
	my ($r, $call, $reason) = @_;
	my $objects = join "|", qw(pipe socketpair fork setpgid setsid signals /dev/null / COMMAND), "standard input", "standard output",
		"standard error", map { quotemeta } "-u faulty", "-r fd:3", "-r notify", "|cat", grep { /@/ } @{ $sets{$set}{words} };
	my ($line) = $r->{err} =~ /\Adaemonize: ([^\n]+)\n\z/;
	return "!message" if !defined $line;
	# a logger's failure has its words in front of what it would else be
	for my $logger (grep { /^\|/ } @{ $sets{$set}{words} }) {
		next if $call !~ /^(intermediate|logger)/ || $line !~ s/^\Q$logger\E: //;
		return "told $logger: $line" if $line eq "the logger died before the exec" && $call =~ /^logger2? .* KILL$/ ||
			$line eq "the intermediate process gave no verdict" && $call =~ /^intermediate read /;
		$objects = "pipe|fork|setpgid|signals|standard input|standard output|standard error";
		return $line =~ /^(($objects): )?\Q$reason\E$/ ? "told $logger" : "!message";
	}
	$line =~ s/ \d+\.\d+ s,/ SECONDS,/;
	for (@other_reasons) {
		return "told \"$line\"" if ($_->[2] || $call !~ / EINTR$/) && $line eq $_->[1] && $call =~ $_->[0];
	}
	return "told $1" if $call =~ /^launcher fchown / && $line =~ /^($objects): cannot be given to faulty: \Q$reason\E$/;
	return $line =~ /^($objects): \Q$reason\E( \([^:]*\))?$/ ? "told $1" : "!message";
}

# The same for --stop: 0 only if the daemon and its file are gone, or the file's stay is told.
sub judge_stop {
	my ($r, $process, $call, $how, $value, $name) = @_;
	my $quiet = $r->{err} eq "" && $r->{out} eq "";
	my $gone = !$r->{subject};
	my $reason = POSIX::strerror($value);
	# a lock that somebody has is one that is refused with these
	my $busy = $call eq "fcntl" && $name =~ /^(EACCES|EAGAIN)$/ ? POSIX::strerror(&Errno::EBUSY) : $reason;
	return "!the file of what runs" if !$gone && !defined $r->{pid};
	return $quiet && $gone && !defined $r->{pid} ? "same" : $gone && $r->{err} =~ /^daemonize: \@\/pid: cannot be removed: (\Q$reason\E|\Q$busy\E)\n\z/ ?
		"told \@/pid" : "!0" if $r->{status} == 0;
	return $quiet ? "ended" : "!message" if $how =~ /send|group/ && $r->{status} == 128 + $value;
	my ($told, $object) = $r->{err} =~ /\Adaemonize: ((\@\/pid|signals|\/dev\/null): [^\n]+)\n\z/ or return "!message";
	return "!status $r->{status}" if $how ne "fail";
	return "told $object" if $told =~ /: \Q$reason\E$/ && $r->{status} >= ($object eq "\@/pid" ? 4 : 125);
	for (@stop_reasons) { return "told \"$told\"" if "$call $r->{status}" =~ $_->[0] && $told eq "\@/pid: $_->[1]" }
	return "!status $r->{status}";
}

# The same for a keeper whose start has succeeded: all is as in an undisturbed
# start, or a line in the log tells the reason and what is done: another try, or
# an orderly end.  What is left over is late.
sub judge_keeper {
	my ($r, $process, $call, $how, $value, $name) = @_;
	return "!message" if $r->{err} ne "" || $r->{out} ne "";
	return "!no end of the keeper" if !defined $r->{keeper};
	my @lines = split /\n/, $r->{log};
	for my $line (split /\n/, $normal->{log}) {
		my ($i) = grep { $lines[$_] eq $line } 0 .. $#lines;
		splice @lines, $i, 1 if defined $i;
	}
	my $extra = join "|", @lines;
	my $complete = complete($r) && $r->{keeper} eq $normal->{keeper};
	return "same" if $complete && $r->{log} eq $normal->{log};
	# a line that cannot be written changes nothing else
	return "unwritten" if $complete && $extra eq "" && $call eq "write";
	# all of it has ended with its keeper, which has had no time to tell
	return $extra eq "" ? "ended" : "!log" if $how eq "send" && $process eq "intermediate" && $r->{keeper} eq "-9";
	my $reason = $how eq "send" ? quotemeta("ended by signal 9 (Killed)") . "|died before the exec" :
		quotemeta(POSIX::strerror($value)) . ($call eq "read" ? "|died before the exec" : "");
	return "!untold" if @lines != 1 || $lines[0] !~ /^daemonize: .*($reason)/;
	return "told, another run" if $complete;
	return "told, ended" if $r->{keeper} =~ /^\d+$/;
	return "!neither another run nor an end";
}

# What followed from an error, a death or a signal: a few words; a finding begins with "!".
sub judge {
	my ($r, $process, $call, $how, $value, $name) = @_;
	my $nothing = !$r->{runs} && !defined $r->{report};
	my $quiet = $r->{err} eq "" && $r->{out} eq "";
	my $gone = !defined $r->{pid};
	my $fails = $sets{$set}{fails};
	my $same = $fails ? $nothing && $gone && $r->{status} == $normal->{status} && $r->{err} eq $normal->{err} :
		$r->{status} == 0 && complete($r, "locks") && $quiet;
	my $reason = $how ne "send" ? POSIX::strerror($value) : $process eq "intermediate" ?
		"the intermediate process gave no verdict" : "the daemon died before the exec";

	return "!late" if $r->{late};
	# The launcher may end the intermediate process before its last calls.
	my $killed = $process eq "intermediate" && $r->{events} =~ /^end intermediate -9$/m;
	return $same && $killed ? "same" : "!point not reached" if !defined $r->{at};
	return "!inject failed" if $r->{inject} & 127 || $r->{status} == 98;
	return judge_stop(@_) if $sets{$set}{verb};
	return judge_keeper(@_) if $sets{$set}{keeps} && $r->{status} == 0;
	return "same" if $same;
	if ($r->{status} == 137 && ($how eq "group" && $value == $signal{KILL} || $how eq "send" && $process eq "launcher")) {
		return "!message" if !$quiet && !$fails;
		return "complete" if !$fails && complete($r);
		return $nothing ? "nothing" : "!neither complete nor nothing";
	}
	if ($how eq "group") {
		return "!status $r->{status}" if $r->{status} != 128 + $value;
		return "!message" if !$quiet;
		# with -f we are, or are about to be, the command: its file stays when it ends
		return "stale" if $set =~ /foreground$/ && !$gone && !defined $r->{report};
		return $gone && $r->{ended} ? "ended" : $nothing && $gone ? "nothing" : "!not nothing";
	}
	return "!status $r->{status}" if $r->{status} < 125 || $r->{status} > 127;
	return "!it runs" if !$nothing && !$r->{ended};
	return "!standard output" if $r->{out} ne "";
	# two failures: a message that cannot be written changes nothing else, and
	# what fails in the clean-up has a line of its own
	return "unwritten" if $fails && $gone && "$process $call" eq "launcher write" && $r->{err} eq "" &&
		$r->{status} == $normal->{status};
	return "told \@/pid too" if $fails && !$gone && $r->{status} == $normal->{status} &&
		$r->{err} eq "$normal->{err}daemonize: \@/pid: cannot be removed: $reason\n";
	return "!pid file" if !$gone && !($name =~ /^(EAGAIN|EACCES)$/ && $r->{err} =~ /: superseded by a concurrent start$/);
	my $told = told($r, "$process $call $name", $reason);
	return $r->{ended} ? "$told, ended" : $told;
}

sub prepare {
	($directory) = @_;
	mkdir "$directory/place";
	symlink ".", "$directory/way";
	chmod 0777, "$directory/place";
	open my $f, ">", "$directory/broken" or die;
	print $f "\177ELF broken";
	close $f;
	chmod 0755, "$directory/broken";
	system "cp", $probe, "$directory/seen" and die;
	start();
	$normal = start();
	my $again = start();
	for (qw(status out err state place number files locks logger end log keeper)) {
		next if ($normal->{$_} // "") eq ($again->{$_} // "");
		print "normal\t$_ is not the same from run to run: $normal->{$_} / $again->{$_}\n";
	}
}

# the points
prepare($directories[0]);
my %seen;
# What a busy machine changes is seldom the same twice: an interrupted read adds
# calls, and signals that come together leave some out.
my %times;
$times{ join "|", start("trace")->{events} =~ /^call (.*)$/mg }++ for 1 .. 8;
my ($usual) = sort { $times{$b} <=> $times{$a} || length $a <=> length $b } keys %times;
my @points = map { [ split ] } grep { !$seen{$_}++ } split /\|/, $usual;
print "undisturbed\tstatus $normal->{status}; $normal->{files}; locks ", $normal->{locks} // "", "\n";
my @tasks;
my $looks = 0;
my $few = ($ENV{FAULTS} // "") eq "few";
for my $i (0 .. $#points) {
	my $point = $points[$i];
	my ($process, $number, $call) = @$point;
	my %kinds;
	# two of its commands have that name; the first is that of the set keeper
	next if $set eq "restart" && $process eq "other";
	next if $few && $i > 1 && $i < $#points && 3 == grep { $points[$i + $_][2] eq $call } -2, -1, 1;
	$looks = $call ne "setgroups" if $set eq "user" && $process eq "launcher" && $call =~ /^(socket|setgroups)$/;
	my @names = grep { !$looks || /^\+/ || $lookup{$_} } @{ $errors{$call} // \@any };
	@names = grep { !$kinds{ /^(EINTR|EAGAIN|ENOSYS)$/ ? $_ : "" }++ } @names if $few;
	push @tasks, map { [ @$point, /^\+/ ? "done" : "fail", substr($_, /^\+/), $_ ] } @names;
	next if $few;
	push @tasks, [ @$point, "send", "KILL", "KILL" ];
	push @tasks, map { [ @$point, "group", $_, "$_*" ] } qw(KILL INT TERM HUP STOP);
}
# a part of them, the same each time: each STEPth, which is a prime so that it
# meets every kind
if (($ENV{FAULTS} // "") ne "all") {
	my $step = (grep { @tasks / $_ <= 600 } 1, 2, 3, 5, 7, 11, 13, 17, 19, 23)[0] // 29;
	print "part\t1 of $step of ", scalar @tasks, "\n";
	@tasks = @tasks[ grep { $_ % $step == 0 } 0 .. $#tasks ];
}
# shared out over the directories, results in order
my %result;
my @pipes;
for my $n (0 .. $#directories) {
	pipe my $r, my $w;
	push @pipes, $r;
	next if fork;
	select $w;
	system "taskset -cp " . ($n % 64) . " $$ >/dev/null 2>&1";
	prepare($directories[$n]);
	for (my $i = $n; $i < @tasks; $i += @directories) {
		my ($process, $number, $call, $how, $what, $name) = @{ $tasks[$i] };
		my $value = $how =~ /send|group/ ? $signal{$what} : do { no strict "refs"; &{"Errno::$what"}() };
		my ($r, $said);
		for (1 .. 5) { # a busy machine may be late once; what hangs is late each time
			$r = start("at=$process.$number", "$how=$value");
			$said = judge($r, $process, $call, $how, $value, $name);
			$said = "!other call $r->{at}" if defined $r->{at} && $r->{at} ne "$process $number $call";
			last if $said !~ /^!(late|other call|point not reached|inject failed)/;
			print "again\t$process $number $call $name: $said\n";
		}
		$said .= " {status $r->{status}; " . join("; ", map { s/\n(?=.)/|/gr =~ s/\n//r } $r->{err}, $r->{events},
			"pid " . ($r->{pid} // "none")) . "}" if $said =~ /^!/;
		print "$i\t$said\n";
	}
	close $w;
	exit 0;
}
for my $r (@pipes) {
	while (<$r>) {
		chomp;
		my ($i, $said) = split /\t/, $_, 2;
		if ($i =~ /^\d+$/) { $result{$i} = $said } else { print "$_\n" }
	}
}
1 while wait > 0;

# one line for each point, or for some in a row that are alike
my (%count, %said, @lines);
for my $i (0 .. $#tasks) {
	my ($process, $number, $call, $how, $what, $name) = @{ $tasks[$i] };
	my $said = $result{$i} // "!not run";
	my $kind = $how =~ /fail|done/ ? "errors" : $how eq "send" ? "deaths" : "signals";
	$count{$kind}{ $said =~ /^!/ ? "findings" : $said =~ /ended$/ ? "ended" : $said =~ s/ .*//r }++;
	print "finding\t$process $number $call $name: $said\n" if $said =~ s/^!//;
	push @{ $said{"$process $number $call"}{ $said =~ s/ \{.*//r } }, $name;
}
my %order = (launcher => 0, intermediate => 1, logger => 2, logger2 => 3, daemon => 4, other => 5);
for my $point (sort { $order{ $a->[0] } <=> $order{ $b->[0] } || $a->[1] <=> $b->[1] } @points) {
	my ($process, $number, $call) = @$point;
	my $s = $said{"@$point"};
	my $text = join "; ", map { "$_: @{ $s->{$_} }" } sort keys %$s;
	if (@lines && $lines[-1][0] eq $process && $lines[-1][3] eq "$call: $text") { $lines[-1][2] = $number }
	else { push @lines, [ $process, $number, $number, "$call: $text" ] }
}
print "point\t$_->[0] $_->[1]", $_->[1] == $_->[2] ? "" : "-$_->[2]", " $_->[3]\n" for @lines;
print "points\t", scalar @points, "\n";
for my $kind (sort keys %count) {
	print "$kind\t", join(", ", map { "$count{$kind}{$_} $_" } sort keys %{ $count{$kind} }), "\n";
}
