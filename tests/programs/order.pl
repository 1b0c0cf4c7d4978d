#!/usr/bin/perl
# order.pl [NAME]: a job, which writes that it starts and ends to
# /var/log/order.
my ($name) = @ARGV;
$name //= "job";
open my $order, ">>", "/var/log/order" or die;
$| = 1;
$order->autoflush;
$SIG{HUP} = sub { print "reloaded\n" };
$SIG{TERM} = sub { print $order "$name ended\n"; exit };
print "started $$\n";
print $order "$name started\n";
sleep 1 while 1;
