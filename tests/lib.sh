# What every test has: TAP, a directory of its own, and the state it starts
# from.  A test sources this file, makes checks and ends with `finish`.
#
#	is GOT WANTED NAME	they are equal
#	like TEXT PATTERN NAME	a line of TEXT matches the basic regular expression
#	ok NAME COMMAND...	it succeeds
#	run COMMAND...		sets $status, and $out and $err to what it printed
#	need TOOL NAME		succeeds if the tool is there, else skips NAME
#	require TOOL...		the same for the rest of the test
#	need_root NAME		the same, if root runs the test
#	need_namespaces NAME	the same, if unshare(1) can make namespaces
#	not_emulated NAME REASON	the same, if no emulator executes daemonize
#	take PROGRAM...		copies programs of tests/programs to $tmp
#	manual_display PATTERN	prints the manual's display with such a line
#
# NAME is a whole statement of what holds.  No two checks of a test have one name:
# finish fails where they do.
#
# KEEP=1 keeps the directory and says where it is; TRACE=1 shows each command as
# the shell executes it (what captures standard error captures that, too).
# TIMES=N makes N times as many rounds of what is tried again and again.
# LIBC=musl says that daemonize is built with musl, whose words for some errors
# differ.  EMULATED=PROCESSOR says that an emulator executes it.
#
# shellcheck shell=sh

top=$(cd "$(dirname "$0")" && while ! [ -e Makefile ]; do cd ..; done && pwd -P) || exit 1
DAEMONIZE=${DAEMONIZE:-$top/daemonize}
# who adopts a daemon: the warden, where a process can adopt orphans
adopter=${WARDEN:-1}
# one state to start from, whoever runs the tests
LC_ALL=C
TZ=UTC
export LC_ALL TZ
unset CDPATH ENV
umask 022
times=${TIMES:-1}
# a user who runs nothing else, whatever other tests do
uid=$((100000 + $$))
tests=0
failures=0
holders=0
holds=0
laters=0
newline='
'
status=

# Succeeds if a directory has room for what the tests write, and programs can be
# executed there: a /tmp may be small, or noexec.
is_usable() { # DIRECTORY
	[ "$(df -Pk "$1" | awk 'NR == 2 { print $4 }')" -ge 32768 ] || return 1
	printf '#!/bin/sh\n' >"$1/.try" && chmod 755 "$1/.try" && "$1/.try" 2>/dev/null && rm "$1/.try"
}

# Makes $tmp in the first place that can be used; skips the test if there is
# none.
make_tmp() {
	for place in "${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm; do
		# other characters would matter in patterns and lists of words
		case $place in *[!A-Za-z0-9/._-]*) continue ;; esac
		# users must be able to enter it, and it must not be trusted
		[ -k "$place" ] || continue
		tmp=$(mktemp -d "$place/daemonize.XXXXXX" 2>/dev/null) || continue
		is_usable "$tmp" && return
		rm -rf "$tmp"
	done
	reason='no temporary directory with 32 MiB where programs can be executed'
	echo "$0: $reason" >>"${SKIPPED:-/dev/null}"
	echo "1..0 # SKIP $reason"
	[ "${CI:-}" != true ]
	exit
}
make_tmp
tmp=$(cd "$tmp" && pwd -P)
chmod 755 "$tmp"
if [ "${KEEP:-}" ]; then
	trap 'echo "# kept: $tmp"' EXIT
else
	trap 'cd / && rm -rf "$tmp"' EXIT
fi
trap 'exit 1' HUP INT TERM

# The programs lie where every user may enter, whatever the mode of the checkout.
mkdir "$tmp/.bin"
for program in "$DAEMONIZE" "$top/tests/probe" "$top/tests/arrange" "$top/tests/holder" \
	"$top/tests/inject" "$top/tests/timed"; do
	cp "$program" "$tmp/.bin" || exit 1
	chmod 755 "$tmp/.bin/${program##*/}"
done
DAEMONIZE=$tmp/.bin/${DAEMONIZE##*/}
probe=$tmp/.bin/probe
arrange=$tmp/.bin/arrange
hold_program=$tmp/.bin/holder
inject=$tmp/.bin/inject
timed=$tmp/.bin/timed
cd "$tmp" || exit 1
[ -z "${TRACE:-}" ] || set -x

# Counts a check, and keeps its name for finish: of two that have one name nobody
# could tell which has failed.
count() { # NAME
	tests=$((tests + 1))
	printf '%s\n' "$1" >>"$tmp/.names"
}

result() { # WORD NAME
	count "$2"
	printf '%s %d - %s\n' "$1" "$tests" "$2"
	[ "$1" != ok ] || return
	failures=$((failures + 1))
	printf '%s: not ok %d - %s\n' "$0" "$tests" "$2" >>"${FAILED:-/dev/null}"
}

note() {
	printf '%s\n' "$*" | sed 's/^/#   /'
}

# Prints a note on a failure, which tests/run prints again in the end.
explain() {
	note "$@" | tee -a "${FAILED:-/dev/null}"
}

is() { # GOT WANTED NAME
	if [ "$1" = "$2" ]; then
		result ok "$3"
	else
		result 'not ok' "$3"
		explain "got:    $1"
		explain "wanted: $2"
	fi
}

like() { # TEXT PATTERN NAME
	if grep -q -e "$2" <<-end; then
		$1
	end
		result ok "$3"
	else
		result 'not ok' "$3"
		explain "got:    $1"
		explain "no line is like: $2"
	fi
}

ok() { # NAME COMMAND...
	name=$1
	shift
	if "$@"; then
		result ok "$name"
	else
		result 'not ok' "$name"
	fi
}

skip() { # NAME REASON
	if [ "${CI:-}" = true ]; then
		result 'not ok' "$1"
		explain "skipped in CI: $2"
	else
		count "$1"
		printf 'ok %d - %s # SKIP %s\n' "$tests" "$1" "$2"
		printf '%s: %s\n' "${0##*/}" "$2" >>"${SKIPPED:-/dev/null}"
	fi
}

need() { # TOOL NAME
	command -v "$1" >/dev/null 2>&1 && return
	skip "$2" "no $1 here"
	return 1
}

# Skips the rest of the test unless the tools are there.
require() { # TOOL...
	for tool in "$@"; do
		need "$tool" "all that takes $tool" || finish
	done
}

# In a container root may have no mount and pid namespaces.
need_namespaces() { # NAME
	unshare -m -p --fork true 2>/dev/null && return
	skip "$1" 'no unshare -m -p'
	return 1
}

need_root() { # NAME
	[ "$(id -u)" -eq 0 ] && return
	# only root can, and root runs the tests in CI too
	count "$1"
	printf 'ok %d - %s # SKIP not root\n' "$tests" "$1"
	return 1
}

# Copies programs of tests/programs to $tmp, where every user may read them.
take() { # PROGRAM...
	for taken; do
		cp "$top/tests/programs/$taken" "$tmp/$taken" || exit 1
		chmod 755 "$tmp/$taken"
	done
}

# Prints the display as man(1) shows it: in mdoc \e is a backslash, \& is
# nothing.
manual_display() { # PATTERN
	awk -v pattern="$1" '/^\.Bd/ { text = ""; has = 0 } /^[^.]/ { text = text $0 "\n" } $0 == "" { text = text "\n" }
		$0 ~ pattern { has = 1 } /^\.Ed/ && has { printf "%s", text; exit }' \
		"$top/man/daemonize.1" | sed -e 's/\\&//g' -e 's/\\e/\\/g'
}

# Prints a file, with glibc's words for the errors of musl.
in_glibc_words() {
	sed -e 's/Symbolic link loop/Too many levels of symbolic links/' \
		-e 's/Filename too long/File name too long/' -e 's/I\/O error/Input\/output error/' \
		-e 's/No file descriptors available/Too many open files/' \
		-e 's/Out of memory/Cannot allocate memory/' "$1"
}

# Sets $whole to what $(cat FILE) is, without a process: processes take most of
# the time of the tests.
read_whole() { # FILE
	whole=
	while IFS= read -r piece; do
		whole=$whole$piece$newline
	done <"$1"
	whole=$whole$piece
	while [ "$whole" != "${whole%"$newline"}" ]; do
		whole=${whole%"$newline"}
	done
	[ "${LIBC:-}" != musl ] || whole=$(in_glibc_words "$1")
}

run() {
	"$@" >"$tmp/.out" 2>"$tmp/.err" </dev/null
	status=$?
	read_whole "$tmp/.out"
	out=$whole
	read_whole "$tmp/.err"
	err=$whole
}

# Runs a command line in which the word @ stands for the probe, and prints the
# probe's report, or the status if that is not 0: observe daemonize -m 022 @
observe() {
	[ -p "$tmp/.fifo" ] || mkfifo -m 666 "$tmp/.fifo"
	timeout 60 cat "$tmp/.fifo" >"$tmp/.report" &
	for word in "$@"; do
		shift
		if [ "$word" = @ ]; then
			set -- "$@" "$probe" "$tmp/.fifo"
		else
			set -- "$@" "$word"
		fi
	done
	if "$@"; then
		wait $!
		cat "$tmp/.report"
	else
		echo "status=$?"
		kill $!
		wait $! 2>/dev/null
		rm -f "$tmp/.fifo"
	fi
}

# Starts that take their time run at once, and are checked together:
#
#	later NAME STATUS OUTPUT COMMAND...	runs it in the background
#	lives NAME OUTPUT OPTION...	a start of sleep, which survives: status 0
#	collect	waits for all, checks status and output, and ends what lives
#
# The output is that on both streams, with T for the time that passed.
later() {
	laters=$((laters + 1))
	eval "later_name_$laters=\$1 later_wanted_$laters=\$2\$newline\$3"
	shift 3
	{
		"$@" >"$tmp/.later.$laters.out" 2>"$tmp/.later.$laters.err" </dev/null
		echo $? >"$tmp/.later.$laters.status"
	} 2>/dev/null &
}

lives() {
	later_name=$1 later_output=$2
	shift 2
	later "$later_name" 0 "$later_output" "$DAEMONIZE" -p "$tmp/.lives.$((laters + 1))" "$@" sleep 1000
}

collect() {
	wait
	later=0
	while [ $later -lt $laters ]; do
		later=$((later + 1))
		eval "later_name=\$later_name_$later later_wanted=\$later_wanted_$later"
		is "$(sed -e 's/ after [0-9][0-9]*\.[0-9][0-9] s/ after T s/' \
			-e 's/ from pid [0-9][0-9]*,/ from pid N,/' "$tmp/.later.$later.status" \
			"$tmp/.later.$later.out" "$tmp/.later.$later.err" 2>&1)" "${later_wanted%"$newline"}" "$later_name"
		[ ! -s "$tmp/.lives.$later" ] || kill "$(cat "$tmp/.lives.$later")"
	done
	rm -f "$tmp"/.later.* "$tmp"/.lives.*
	laters=0
}

# Prints the lines of a report that are the same in each run.  The parent is
# not: it may still be the intermediate process.
steady() {
	sed -e '/^pid=/d' -e '/^ppid=/d' -e '/^pgid=/d' -e '/^sid=/d' -e '/^argv\.1=/d' -e '/^env\..*=_=/d'
}

# Prints the value of a key in a report.
value() { # REPORT KEY
	found=${newline}$1$newline
	case $found in *"$newline$2="*) found=${found#*"$newline$2="} ;; *) return ;; esac
	printf '%s\n' "${found%%"$newline"*}"
}

# Makes a FIFO, $hold, on which a command can wait until release.  It is a new
# one each time, for a writer could meet the reader of the last.
new_hold() {
	holds=$((holds + 1))
	hold=$tmp/.hold.$holds
	mkfifo "$hold"
}

release() {
	timeout 60 sh -c ': >"$1"' sh "$hold"
}

# Makes ROUNDS starts in a row, each as soon as the one before has ended, and
# prints how often the pid file was wrong at the moment daemonize returned.
wrong_pid_files() { # ROUNDS
	wrong=0
	round=0
	while [ $round -lt "$1" ]; do
		round=$((round + 1))
		until pid=$("$DAEMONIZE" -P -p right true 2>err); do
			grep -q 'already running' err || break
		done
		[ "$(cat right)" = "$pid" ] || wrong=$((wrong + 1))
	done
	echo $wrong
}

# Runs tests/holder, as another user with -u, and waits until it has the lock.
# $holder is the number that it prints, and $holder_output a FIFO of what comes
# later, a new one each time, as in new_hold.  release_holder ends it.
hold_lock() { # [-u UID] FILE read|write FIRST LENGTH [own|file|shared|ending|starting]
	holders=$((holders + 1))
	holder_output=$tmp/.holder.$holders holder_prefix=
	mkfifo "$holder_output"
	if [ "$1" = -u ]; then
		holder_prefix="setpriv --reuid=$2 --regid=$2 --clear-groups"
		shift 2
	fi
	# shellcheck disable=SC2086 # words
	$holder_prefix "$hold_program" "$@" >"$holder_output" &
	read -r holder <"$holder_output"
}

release_holder() {
	kill "$holder"
	wait "$holder" 2>/dev/null
}

# Runs a command under tests/inject, which writes its system calls to the file
# events.
trace_calls() { # COMMAND...
	"$inject" events trace -- "$@"
}

# Prints what strace is to inject, with the names that the calls have where a
# program is of 32 bits.
of_any_width() { # CALL,...:WHAT
	printf '%s\n' "$1" | sed -e 's/^\(fcntl\|ftruncate\):/\1,?\164:/' -e 's/^\(set[ug]id\):/\1,?\132:/'
}

# Prints the number, for inject at=PROCESS.NUMBER, of a process's last call NAME
# before its first NEXT.
call_number() { # PROCESS NAME NEXT
	awk -v process="$1" -v name="$2" -v next_name="$3" '$1 != "call" || $2 != process { next }
		$4 == next_name && n { exit } $4 == name { n = $3 } END { print n }' events
}

# Fails where an emulator executes daemonize, and tells why NAME is not checked
# there.  That is no skip: no machine could do more.
not_emulated() { # NAME REASON
	[ "${EMULATED:-}" ] || return 0
	echo "# not on $EMULATED: $1: $2"
	return 1
}

# Succeeds if inject sees the calls of daemonize alone: an emulator and a
# sanitizer make calls of their own.
can_inject() { # NAME
	[ "$(uname)" = Linux ] && [ -z "${ASAN_OPTIONS+set}" ] &&
		not_emulated "$1" 'the emulator makes system calls of its own'
}

# Runs a command that finds an empty /proc; only root can.
without_proc() { # COMMAND...
	unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' sh "$@"
}

# Prints the process id of a process's parent.
parent_of() { # PID
	sed -n 's/^PPid:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null || ps -o ppid= -p "$1" | tr -d ' '
}

# Prints the processes of a user.
of_user() { # UID
	find /proc -maxdepth 1 -name '[0-9]*' -user "$1" 2>/dev/null | sed 's/.*\///'
}

# Calls a function with what a caller can hand down, as words of arrange.
hostile_callers() { # FUNCTION
	for closed in 0 1 2 0,1 0,2 1,2 0,1,2; do
		"$1" close=$closed
	done
	"$1" open=3-19
	"$1" open=3-19 close=0,1,2
	"$1" open=3-9 close=3,5,7
	"$1" ignore=CHLD
	"$1" ignore=HUP,INT,QUIT,TERM,TSTP,TTIN,TTOU,USR1,USR2,CHLD,PIPE,ALRM,XFSZ
	"$1" block=INT,QUIT,USR1,USR2,CHLD,PIPE,ALRM,WINCH
	"$1" ignore=32,33,34,64
	"$1" block=32,33,34,64
	"$1" block=USR1,ALRM raise=USR1 raise=ALRM
	"$1" alarm=50
	"$1" itimer=virtual,50 itimer=prof,50
	"$1" cwd=deleted
	"$1" pipe=1 pipe=2
	"$1" full=1 full=2
	"$1" socketpair=0,1
	"$1" child
	"$1" leader
}

# Waits until a command succeeds, at most a minute: machines may be busy.  finish
# fails if that was in vain, for the check that follows may not look.
wait_for() {
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		if [ "$tries" -eq 1200 ]; then
			printf '%s\n' "$*" >>"$tmp/.vain"
			return 1
		fi
		sleep 0.05
	done
}

# Succeeds if a process has ended; a zombie has.
gone() { # PID
	! kill -0 "$1" 2>/dev/null || grep -q ') Z ' "/proc/$1/stat" 2>/dev/null || ! kill -0 "$1" 2>/dev/null
}

# Checks that the process which a file names has ended.
is_gone() { # NAME FILE
	if [ -s "$2" ] && gone "$(cut -d ' ' -f 1 "$2")"; then
		result ok "$1"
	else
		result 'not ok' "$1"
	fi
}

# Waits until nobody holds the run lock of -p FILE or -l FILE: what was started
# last may still be about to end.
idle() { # OPTION FILE
	wait_for sh -c '! "$1" --status "$2" "$3" | grep -q ^running' sh "$DAEMONIZE" "$1" "$2"
}

finish() {
	twice=$(sort "$tmp/.names" | uniq -d)
	if [ "$twice" ]; then
		result 'not ok' 'each check has a name of its own'
		explain "two checks or more have the name:$newline$twice"
	fi
	if [ -e "$tmp/.vain" ]; then
		result 'not ok' 'no wait is in vain'
		explain "$(cat "$tmp/.vain")"
	fi
	echo "1..$tests"
	[ "$failures" -eq 0 ]
	exit
}
