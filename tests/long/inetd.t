#!/bin/sh
# A real inetd: the process that it starts becomes the program, which talks to
# the client, or has the listening socket.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

all='the program is the process that inetd has started'
if ! need_root "$all" || ! need inetd "$all"; then
	finish
fi

# as many free ports as there are services
take ports.pl client.pl talk.pl
perl ports.pl 8 | tr ' ' '\n' >ports
port() { # NUMBER
	sed -n "$1p" ports
}
# copies that any user can execute
cp "$DAEMONIZE" daemonize
cp "$probe" probe
mkdir dir
cat >accept.pl <<'end'
open my $listening, "+<&=", 0;
accept my $client, $listening or die;
print $client "$$ ", getppid, "\n";
end
cat >datagram.pl <<'end'
open my $socket, "+<&=", 0;
my $from = recv $socket, my $text, 100, 0;
send $socket, "$$ " . getppid . " $text", 0, $from;
end
perl=$(command -v perl)
cat >inetd.conf <<end
127.0.0.1:$(port 1) stream tcp nowait root $DAEMONIZE daemonize -m 022 -c $tmp/dir $probe -
127.0.0.1:$(port 2) stream tcp nowait root $DAEMONIZE daemonize cat
127.0.0.1:$(port 3) stream tcp nowait root $DAEMONIZE daemonize -p $tmp/pid cat
127.0.0.1:$(port 4) stream tcp nowait root $DAEMONIZE daemonize $tmp/nosuch
127.0.0.1:$(port 5) stream tcp wait root $DAEMONIZE daemonize $perl $tmp/accept.pl
127.0.0.1:$(port 6) dgram udp wait root $DAEMONIZE daemonize $perl $tmp/datagram.pl
127.0.0.1:$(port 7) stream tcp nowait nobody $tmp/daemonize daemonize -E A=1 $tmp/probe -
$(sed -n "/^8080 /s/^8080/127.0.0.1:$(port 8)/;s|/usr/local/bin/daemonize|$tmp/daemonize|;s|/srv /srv/job\$|$tmp/dir $tmp/probe -|p" "$top/man/daemonize.1")
end

# inetd runs in a mount namespace, for the path of its pid file is fixed
trap 'kill "$inetd" 2>/dev/null; cd / && rm -rf "$tmp"' EXIT
unshare -m sh -c 'mount -t tmpfs run /run && exec "$@"' sh "$(command -v inetd)" -i "$tmp/inetd.conf" &
inetd=$!

# Connects to a port, sends a line if there is one, and prints the answer.
client() { # PORT-NUMBER [LINE]
	timeout 20 perl client.pl "127.0.0.1:$(port "$1")" ${2+"$2"}
}
ok 'inetd listens on its ports' wait_for client 4

report=$(client 1)
is "$(value "$report" ppid)" "$inetd" 'the program is the process that inetd has started'
is "$(value "$report" umask) $(value "$report" cwd)" "0022 $tmp/dir" \
	'the program has the umask and the directory of the options'
is "$(printf '%s\n' "$report" | sed -n 's/^fd\.\([0-9]*\)=\([a-z]* [a-z]*\) .*/\1 \2/p')" '0 sock rw
1 sock rw
2 sock rw' 'the program has the socket as 0, 1 and 2, and no other descriptor'
is "$(value "$report" shared)" 0,1,2 'descriptors 0, 1 and 2 share one open file description'
is "$(value "$report" blocked)/$(value "$report" ignored)" / 'the program ignores no signal and blocks none'
is "$(client 2 'a line')" 'a line' 'the client talks to the program both ways'
report=$(client 7)
is "$(value "$report" ppid) $(value "$report" uid) $(printf '%s\n' "$report" | grep -c '^env\..*=A=1$')" \
	"$inetd $(id -u nobody) 1" 'a service of another user runs as that user, with the variable of -E'
report=$(client 8)
is "$(value "$report" ppid) $(value "$report" uid) $(value "$report" umask) $(value "$report" cwd)" \
	"$inetd $(id -u nobody) 0022 $tmp/dir" \
		"the manual's line starts the program as its user, with its umask and directory"
is "$(client 4)" "daemonize: $tmp/nosuch: No such file or directory" 'the client reads why a start has failed'

# ten times ten clients at once
lost=0
round=0
while [ $round -lt 10 ]; do
	round=$((round + 1))
	for n in 1 2 3 4 5 6 7 8 9 10; do
		client 2 "$round.$n" >"echo.$n" &
		eval "client$n=$!"
	done
	for n in 1 2 3 4 5 6 7 8 9 10; do
		eval "wait \$client$n"
		[ "$(cat "echo.$n")" = "$round.$n" ] || lost=$((lost + 1))
	done
done
is "$lost" 0 'a hundred connections, ten at once, are all answered'

# single instance: the pid file names the program while its client talks
mkfifo talk
timeout 20 perl talk.pl "$(port 3)" >talked &
talker=$!
wait_for test -s pid
is "$(client 3)" "daemonize: $tmp/pid: already running (pid $(cat pid))" \
	'-p: a second client reads that the program is already running'
is "$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$(cat pid)/status")" "$inetd" '-p: the file names a child of inetd'
timeout 20 sh -c ': >talk'
wait $talker
is "$(cat talked)" hello '-p: the first client is served to the end'
wait_for sh -c '! kill -0 "$(cat pid)"'
is "$(client 3 again)" again '-p: after the first client another is served'

# Services of type wait: the program accepts the connection, or reads the
# datagram, and inetd waits for its end.  If it detached, inetd would start it
# again and again.
accepted=$(client 5)
is "${accepted#* }" "$inetd" 'wait: the program has the listening socket, and is a child of inetd'
again=$(client 5)
is "${again#* }" "$inetd" 'wait: a second client is served by a child of inetd, too'
ok 'wait: a second client is served by another process' test "${again% *}" != "${accepted% *}"
datagram() { # TEXT
	timeout 20 perl -MIO::Socket::INET -e '
		my ($port, $text) = @ARGV;
		my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Proto => "udp") or die;
		send $s, $text, 0;
		recv $s, $text, 100, 0;
		print $text' "$(port 6)" "$1"
}
answer=$(datagram one)
is "${answer#* }" "$inetd one" 'datagrams: the program that answers is a child of inetd'
answer=$(datagram two)
is "${answer#* }" "$inetd two" 'datagrams: a second datagram is answered by a child of inetd, too'

kill "$inetd"
wait "$inetd"
finish
