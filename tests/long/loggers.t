#!/bin/sh
# Real loggers get all that is written: under load, too, every line is in
# exactly one of the files that they make.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

PATH=$PATH:/usr/sbin:/sbin
require perl

# writer.pl LINES writes that many numbered lines, each by one write(2), the odd
# ones to standard output, the even ones to standard error.
cat >writer.pl <<'end'
for my $n (1 .. $ARGV[0]) {
	my $line = "$n\n";
	syswrite($n % 2 ? *STDOUT : *STDERR, $line) == length $line or die;
}
end
lines=1000000
# Prints the number of the last line, if the files, one behind the other, have
# all lines from 1 on in their order; else the first that is out of order.
in_sequence() { # FILE...
	cat "$@" | perl -ne 'die "line $.: $_" if $_ ne "$.\n"; END { print $. }' 2>&1
}
# Prints how many files end within a line.
torn() { # FILE...
	for file in "$@"; do
		tail -c 1 "$file" | grep -q .
		echo $?
	done | grep -c 0
}
# Runs the writer with a logger, and waits until the last line is in one of the
# files.  They may be patterns.
load() { # LOGGER FILE...
	logger=$1
	shift
	run "$DAEMONIZE" -p pid -o "|$logger" perl "$tmp/writer.pl" $lines
	is "$status$out$err" 0 "|$logger: the start succeeds"
	# shellcheck disable=SC2016 # for the inner shell
	ok "|$logger: the last line arrives" wait_for \
		sh -c 'last=$1; shift; cat $* 2>/dev/null | grep -qx "$last"' sh $lines "$@"
	idle -p pid
}
# Prints those of the files that exist: a pattern without a match does not.
matching() { # FILE...
	for file in "$@"; do
		[ ! -e "$file" ] || echo "$file"
	done
}

if need rotatelogs 'rotatelogs: every line is in exactly one file'; then
	mkdir rot
	load "rotatelogs -n 20 $tmp/rot/log 1M" 'rot/log*'
	# shellcheck disable=SC2046 # words
	is "$(in_sequence $(matching rot/log rot/log.?))" $lines 'rotatelogs: every line is in exactly one file'
	ok 'rotatelogs: there are at least six files' test "$(matching rot/log* | wc -l)" -ge 6
	# a rotation by time, and a name with a date in it
	run "$DAEMONIZE" -o "|rotatelogs '$tmp/rot/by day.%Y' 86400" echo line
	wait_for test -s "rot/by day.$(date +%Y)"
	is "$status $(cat "rot/by day.$(date +%Y)")" '0 line' 'rotatelogs: a quoted name with a blank is one word'
	# a logger that ends at once
	run "$DAEMONIZE" -w 30 -p pid -o '|rotatelogs' sleep 1000
	is "$status $(printf '%s\n' "$err" | sed 's/ after [0-9.]* s/ after T s/')" \
		'125 daemonize: |rotatelogs: ended with status 1 after T s' \
			'-w: the status of rotatelogs without arguments is reported'
	ok '-w: rotatelogs without arguments leaves no pid file' test ! -e pid
fi

if need s6-log 's6-log: every line is in exactly one file, whole'; then
	mkdir s6
	load "s6-log -b n20 s1000000 $tmp/s6" 's6/@*' s6/current
	# shellcheck disable=SC2046 # words
	is "$(in_sequence $(matching s6/@* s6/current)) $(torn $(matching s6/@* s6/current))" "$lines 0" \
		's6-log: every line is in exactly one file, whole'
	ok 's6-log: there are at least six files' test "$(matching s6/@* s6/current | wc -l)" -ge 6
	run "$DAEMONIZE" -o "|s6-log -b n20 s1000000 T $tmp/s6.T" echo line
	wait_for grep -q line s6.T/current
	is "$status $(sed 's/^[0-9-]* [0-9:.]*  *//' s6.T/current)" '0 line' \
		's6-log T: a line has a time stamp in front'
	run "$DAEMONIZE" -w 30 -p pid -o '|s6-log' sleep 1000
	is "$status $(printf '%s\n' "$err" | sed 's/ after [0-9.]* s/ after T s/')" \
		'125 daemonize: |s6-log: ended with status 100 after T s' \
			'-w: the status of s6-log without arguments is reported'
fi

if need svlogd 'svlogd: every line is in exactly one file, whole'; then
	mkdir sv
	printf 's1000000\nn20\n' >sv/config
	load "svlogd $tmp/sv" 'sv/@*' sv/current
	# shellcheck disable=SC2046 # words
	is "$(in_sequence $(matching sv/@* sv/current)) $(torn $(matching sv/@* sv/current))" "$lines 0" \
		'svlogd: every line is in exactly one file, whole'
	ok 'svlogd: there are at least six files' test "$(matching sv/@* sv/current | wc -l)" -ge 6
fi

if need multilog 'multilog: every line is in exactly one file, whole'; then
	mkdir mul
	load "multilog s1000000 n20 $tmp/mul" 'mul/@*' mul/current
	# shellcheck disable=SC2046 # words
	is "$(in_sequence $(matching mul/@* mul/current)) $(torn $(matching mul/@* mul/current))" "$lines 0" \
		'multilog: every line is in exactly one file, whole'
	ok 'multilog: there are at least six files' test "$(matching mul/@* mul/current | wc -l)" -ge 6
fi

if need cronolog 'cronolog, a file each second: every line is in exactly one file'; then
	mkdir cron
	load "cronolog $tmp/cron/%Y%m%d%H%M%S" 'cron/*'
	# shellcheck disable=SC2046 # words
	is "$(in_sequence $(matching cron/*))" $lines 'cronolog, a file each second: every line is in exactly one file'
fi

if need ts 'ts: every line arrives, with the time in front'; then
	run "$DAEMONIZE" -c "$tmp" -o '|sh -c "ts >>ts.log"' perl "$tmp/writer.pl" 10000
	wait_for grep -q ' 10000$' ts.log
	is "$status $(sed 's/^[A-Z][a-z][a-z] [0-9][0-9] [0-9:]* //' ts.log >ts.lines; in_sequence ts.lines)" '0 10000' \
		'ts: every line arrives, with the time in front'
fi

if need gzip 'gzip: every line arrives'; then
	run "$DAEMONIZE" -o "|sh -c 'gzip >$tmp/log.gz.new; mv $tmp/log.gz.new $tmp/log.gz'" perl "$tmp/writer.pl" $lines
	wait_for test -e log.gz
	is "$status $(gzip -dc log.gz >log; in_sequence log)" "0 $lines" 'gzip: every line arrives'
fi

# a daemon of the system's log, which reads from a socket of the test
all='logger: both streams are in the log of the system'
if need rsyslogd "$all" && need logger "$all"; then
	cat >rsyslog.conf <<end
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="$tmp/log.sock" CreatePath="off" RateLimit.Interval="0")
template(name="plain" type="string" string="%syslogseverity-text% %syslogfacility-text% %syslogtag%%msg%\n")
*.* action(type="omfile" file="$tmp/messages" template="plain")
end
	rsyslogd -n -f "$tmp/rsyslog.conf" -i "$tmp/rsyslog.pid" &
	rsyslogd=$!
	trap 'kill $rsyslogd; cd / && rm -rf "$tmp"' EXIT
	wait_for test -S log.sock
	run "$DAEMONIZE" -p job.pid -o "|logger -u $tmp/log.sock -t job" sh -c 'echo out; echo err >&2'
	wait_for grep -q err messages
	is "$status $(cat messages)" '0 notice user job: out
notice user job: err' 'logger: both streams are in the log of the system'
	: >before
	run "$DAEMONIZE" -o job.log -e "|logger -u $tmp/log.sock -t job -p daemon.err" sh -c 'echo out; echo worse >&2'
	wait_for grep -q worse messages
	is "$status $(cat job.log) $(tail -n 1 messages)" '0 out err daemon job: worse' \
		'-o FILE -e |logger: the log of the system has standard error, with its priority'
	run "$DAEMONIZE" -o "|logger -u $tmp/log.sock -t job" -e "|logger -u $tmp/log.sock -t job -p daemon.err" \
		sh -c 'echo one; echo two >&2'
	wait_for grep -q one messages
	wait_for grep -q two messages
	is "$status $(tail -n 2 messages | sort)" '0 err daemon job: two
notice user job: one' '-o |logger -e |logger: each stream has its priority'
	run "$DAEMONIZE" -o "|logger -u $tmp/log.sock -t load" perl "$tmp/writer.pl" 10000
	wait_for grep -q ' 10000$' messages
	is "$status $(sed -n 's/^notice user load: //p' messages >load; in_sequence load)" '0 10000' \
		'logger: ten thousand lines arrive in their order'
	run "$DAEMONIZE" -w 30 -p pid -o "|logger -u $tmp/log.sock -p no.such" sleep 1000
	is "$status $(printf '%s\n' "$err" | sed 's/ after [0-9.]* s/ after T s/')" \
		"125 daemonize: |logger -u $tmp/log.sock -p no.such: ended with status 1 after T s" \
		'-w: the status of logger with an unknown priority is reported'
	kill $rsyslogd
	wait $rsyslogd 2>/dev/null
	trap 'cd / && rm -rf "$tmp"' EXIT
fi

# a journal of the test's own
journald=/lib/systemd/systemd-journald
all='systemd-cat: both streams are in the journal, by priority'
if need_root "$all" && need systemd-cat "$all" && need_namespaces "$all" && [ -x $journald ]; then
	take journal.sh
	is "$(timeout 120 unshare -m sh journal.sh "$DAEMONIZE" $journald 2>&1)" '0
3
6
err
out' 'systemd-cat: both streams are in the journal, by priority'
fi
finish
