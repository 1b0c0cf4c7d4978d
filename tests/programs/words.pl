# words.pl WORDS COUNT SEED SHELL...: makes random texts, and prints those which
# tests/words splits into other words than the shell.
use strict;
use warnings;
my ($program, $count, $seed, @shell) = @ARGV;
my %seen = (same => 0, refused => 0);
srand $seed;

sub any { $_[ rand @_ ] }
sub several { my ($least, $most) = @_; $least + int rand($most - $least + 1) }

# Characters that are not special outside of quotes; and those that are.
my @plain = ("a" .. "e", 0 .. 2, split //, "%,-./:=@^_+");
my @special = split //, "\"'\\\$`*?[]~#&|;<>(){}! \t\n";

sub segment {
	my $kind = int rand 10;
	return join "", map { any(@plain) } 1 .. several(1, 3) if $kind < 4;
	return "\\" . any(@plain, @special) if $kind < 6;
	return "'" . join("", map { any(@plain, grep { $_ ne "'" } @special) } 1 .. several(0, 4)) . "'" if $kind < 8;
	return '"' . join("", map {
		rand() < 0.4 ? "\\" . any(@plain, @special) : any(@plain, grep { !/["\\\$`]/ } @special)
	} 1 .. several(0, 4)) . '"';
}

sub text {
	# of few characters in any order, so that most quotes are not closed
	return join "", map { any(qw(a b ' " \\), " ", "\t") } 1 .. several(1, 12) if rand() < 0.3;
	my $text = any("", " ") . join any(" ", "\t", "  "), map { join "", map { segment() } 1 .. several(1, 4) } 1 .. several(1, 5);
	return rand() < 0.2 ? substr $text, 0, rand length $text : $text;
}

# Shells differ about a backslash at the very end.
sub definite { $_[0] =~ /(?<!\\)(\\\\)*\\\z/ ? "$_[0]a" : $_[0] }

my @texts = map { definite(text()) } 1 .. $count;
sub slurp { open my $f, "<", $_[0] or die "$_[0]: $!"; local $/; <$f> }

# one shell for all, which goes on after a syntax error; a text is at the end
# of what it evaluates, for a newline behind it could belong to it
open my $script, ">", "script" or die;
print $script 'show() { for w do printf "%s\0" "$w"; done; }', "\n",
	'try() { if (eval "show $1") 2>/dev/null; then echo "', "\1", '0"; else echo "', "\1", '1"; fi; }', "\n";
print $script "try '", s/'/'\\''/gr, "'\n" for @texts;
close $script;
system "@shell script >theirs" and die "@shell: $?";
my $child = fork // die "fork: $!";
if (!$child) {
	open STDOUT, ">", "ours" or die;
	exec $program, @texts or die;
}
waitpid $child, 0;
die "$program: $?" if $?;

my @ours = split /(?<=\001.\n)/, slurp("ours");
my @theirs = split /(?<=\001.\n)/, slurp("theirs");
die @texts . " texts, " . @ours . " and " . @theirs . " results" if @ours != @texts || @theirs != @texts;
for my $n (0 .. $#texts) {
	my ($text, $ours, $theirs) = ($texts[$n], $ours[$n], $theirs[$n]);
	if ($ours eq $theirs) { $seen{ $ours =~ /\0011\n\z/ ? "refused" : "same" }++; next }
	s/\0/|/g, s/\n(?=.)/\\n/g, s/\001(.)\n\z/ $1/ for $text, $ours, $theirs;
	print "text <$text>: <$ours>, the shell <$theirs>\n";
}
print STDERR "#   of $count texts $seen{same} have the same words, $seen{refused} a quote that is not closed\n";
