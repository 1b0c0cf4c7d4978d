#!/bin/sh
# -p and -l keep a single instance: one runs, the others are told, the file is right.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# Starts something that lives until `release`.
start() {
	new_hold
	run "$DAEMONIZE" "$@" "$probe" /dev/null "hold=$hold"
}

# The command finds its number in the file, and one descriptor of it.
new_hold
report=$(observe "$DAEMONIZE" -p pid @)
is "$(cat pid)" "$(value "$report" pid)" 'the pid file holds the process id'
is "$(od -c pid | tail -n 2 | head -n 1 | awk '{ print $NF }')" '\n' 'the pid file ends with a newline'
is "$(value "$report" fd.3 | cut -d ' ' -f 1-4,6)" "reg r - - $tmp/pid" '-p: descriptor 3 of the command is the pid file, read-only'
is "$(printf '%s\n' "$report" | grep -c '^fd\.')" 4 '-p: the command has descriptors 0 to 3, and no other'
idle -p pid
# The stamp in its nanoseconds leaves the seconds as they are.
touch -d '1 hour ago' pid
began=$(date +%s)
"$DAEMONIZE" -p pid true
written=$(stat -c %Y pid)
ok 'the modification time of the pid file is when it was written' \
	test "$written" -ge $((began - 1)) -a "$written" -le "$(date +%s)"
idle -p pid
report=$(observe "$DAEMONIZE" -p pid -l lock -o log -k 3 -k 5 @ 3</dev/null 5</dev/null 7</dev/null)
is "$(printf '%s\n' "$report" | sed -n 's/^\(fd\.[0-9]*\)=.* /\1 /p')" "fd.0 /dev/null
fd.1 $tmp/log
fd.2 $tmp/log
fd.3 /dev/null
fd.4 $tmp/pid
fd.5 /dev/null
fd.6 $tmp/lock" '-k 3 -k 5: the locks of -p and -l have the lowest free numbers'
is "$(observe "$DAEMONIZE" -p one -l ./one @ | grep -c '^fd\.')" 4 '-l on the file of -p is one lock'
is "$(stat -c '%a %s' pid lock)" "644 $(wc -c <pid | tr -d ' ')
600 0" 'a pid file has mode 644, a lock file 600, and nothing is written into it'
for mask in 0 077 0777; do
	rm -f pid lock
	(umask $mask && "$DAEMONIZE" -p pid -l lock -m 0777 true)
	is "$(stat -c %a pid lock | tr '\n' ' ')" '644 600 ' "umask $mask changes neither the mode of the pid file nor that of the lock file"
done

# A second start is refused and harms nothing.
echo before >log
for how in '-p one' '-l one' '-p one -l two' '-p one -l one' '-f -p one' '-f -l one'; do
	case $how in
	-f*)
		new_hold
		"$DAEMONIZE" ${how#-f} -o log -E A=1 "$probe" "$tmp/r" "hold=$hold"
		;;
	*)
		# shellcheck disable=SC2086 # words
		start $how -o log
		is "$status$err" 0 "$how: the first start succeeds"
		;;
	esac
	cp -p one one.before
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" $how -t -o log -e new touch "$tmp/ran"
	is "$status$out ${err%% (*}" "75 daemonize: $tmp/one: already running" "$how: a second start is 75, and is told"
	pid=${err##*pid }
	ok "$how: the process that a second start names lives" kill -0 "${pid%)}"
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" $how --oknodo -t -o log touch "$tmp/ran"
	is "$status$out$err" 0 "$how: --oknodo makes a second start a silent success"
	is "$(cat log)" before "$how: a second start leaves its log as it is"
	ok "$how: a second start leaves the file as it is" cmp one one.before
	ok "$how: a second start runs nothing, and makes nothing" test ! -e ran -a ! -e new
	release
	wait_for gone "${pid%)}"
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" ${how#-f} true
	is "$status$err" 0 "$how: a start succeeds after the end of the first"
	rm -f one two
done
start -p pid
run "$DAEMONIZE" -p pid -l lock true
is "$status" 75 '-p: a second start exits 75, whatever its -l'
run "$DAEMONIZE" -l pid true
is "$status" 75 '-l on the file of -p: a second start exits 75'
release

# A stale file never blocks a start.
sleep 100 &
stranger=$!
for content in 99999999 "$stranger" $$ '' 0 -1 1 "$(printf '%0100d' 0)"; do
	printf '%s\n' "$content" >stale
	pid=$("$DAEMONIZE" -P -p stale true)
	is "$? $(cat stale)" "0 $pid" "a stale file with '$(printf '%.10s' "$content")' is replaced, and holds the new number"
	idle -p stale
done
printf '%s\n' "$stranger" >stale
ok 'a stranger whose number a stale file has lives on' kill "$stranger"
: >stale
chmod 666 stale
"$DAEMONIZE" -p stale true
is "$(stat -c %a stale)" 644 'a pid file that others could write is closed to them'

is "$(wrong_pid_files $((40 * times)))" 0 "the pid file is right after each of $((40 * times)) starts in a row"

# The lock ends with the command, not with its children.
new_hold
"$DAEMONIZE" -p pid -o child sh -c '"$1" /dev/null hold="$2" & echo $$; exit 0' sh "$probe" "$hold"
wait_for test -s child
wait_for "$DAEMONIZE" -f -p pid true
is "$?" 0 'a command that leaves a child behind does not block the next start'
release

# The command cannot write to the file by what it inherits.
"$DAEMONIZE" -p pid -o out sh -c 'echo 1 >&3; echo $?; cat <&3; echo $$'
wait_for sh -c '[ $(grep -c "^[0-9]*$" out) -eq 3 ]'
is "$(grep -v '^[0-9]*$' out | wc -l) $(sed -n '/^[1-9][0-9]*$/p' out | sort -u | wc -l)" '1 2' \
	"-p: the command cannot write to the lock's descriptor, but reads its number there"

# A descriptor of the file that is closed on the way does not cost the lock.
idle -p pid
start -p pid 9<>pid
run "$DAEMONIZE" -p pid true
is "$status" 75 'a caller that has the file open does not cost the lock'
release
idle -p pid
: >pid
new_hold
"$DAEMONIZE" -p pid "$probe" /dev/null "hold=$hold" >pid
run "$DAEMONIZE" -p pid true
is "$status" 75 "a caller whose standard output is the file does not cost the lock"
release
idle -p pid
for how in '-o pid' '-e pid' '-i pid' '-k 1' '-k 9' '-f' '-f -k 9'; do
	echo 12 >pid
	# shellcheck disable=SC2086 # words
	"$DAEMONIZE" $how -p pid touch "$tmp/ran" >>pid 2>err 9<pid
	is "$? $(sed 's/ also .*//' err)" "125 daemonize: $tmp/pid: is" "-p with $how of the same file is told"
	is "$(cat pid)" 12 "-p with $how of the same file: it stays as it was"
	ok "-p with $how of the same file: nothing runs" test ! -e ran
done
ln pid other
run "$DAEMONIZE" -p pid true
is "$status $err" "125 daemonize: $tmp/pid: not the file's only name (not trusted, because ${tmp%/*} is writable by everyone)" \
	'-p on a file with two names, where others may write, is told'
rm other

# Somebody else may hold a lock on the file.
for lock in 'read 1' 'write 1'; do
	echo 77 >pid
	# shellcheck disable=SC2086 # words
	hold_lock pid $lock 1
	for option in '' --oknodo; do
		# shellcheck disable=SC2086 # words
		run "$DAEMONIZE" $option -p pid touch "$tmp/ran"
		is "$status $err" "125 daemonize: $tmp/pid: locked by pid $holder, which is not its daemon" \
			"a stranger's ${lock% *} lock is told${option:+, with $option}"
	done
	is "$(cat pid)" 77 "a stranger's ${lock% *} lock: the file is as it was"
	release_holder
done

# Checks a start that fails: it is 125, and runs nothing.
refused() { # NAME MESSAGE OPTION...
	name=$1 message=$2
	shift 2
	run "$DAEMONIZE" "$@" touch "$tmp/ran"
	is "$status $err" "125 daemonize: $message" "$name is told"
	ok "$name: nothing runs" test ! -e ran
}
# What is not a pid file is told, and keeps its bytes, its mode and its name.
printf 'precious\n' >precious.text
printf '\177ELF broken' >precious.binary
printf '#!/bin/sh\necho 1\n' >precious.script
printf '12 34\n' >precious.two
printf '12x\n' >precious.letter
printf '12\0x' >precious.nul
head -c 8192 /dev/zero >precious.zeros
{
	echo 12
	head -c 8192 /dev/zero
} >precious.long
chmod 755 precious.script
for kind in text binary script two letter nul zeros long; do
	[ $kind = script ] || chmod 622 precious.$kind
	cp -p precious.$kind copy
	for how in true ./nosuch '-o nowhere/x true' '-f true' '-n true' '-w 0.1 false'; do
		# shellcheck disable=SC2086 # words
		run "$DAEMONIZE" -p precious.$kind $how
		is "$status $err" "125 daemonize: $tmp/precious.$kind: not a pid file" "-p on a file of $kind, $how: it is told"
		is "$(stat -c '%a %Y %h' precious.$kind)" "$(stat -c '%a %Y 1' copy)" "-p on a file of $kind, $how: its mode and time stay"
		ok "-p on a file of $kind, $how: its bytes stay" cmp -s precious.$kind copy
	done
done
run "$DAEMONIZE" -p precious.script ./precious.script
is "$status $err" "125 daemonize: $tmp/precious.script: not a pid file" '-p on the command itself is told'
ok '-p on the command itself: it stays' test -x precious.script
for how in '' -f -n; do
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" $how -l precious.script ./precious.script
	is "$status ${err%;*}" "125 daemonize: $tmp/precious.script: is also the command's file" "${how:+$how }-l on the command itself is told"
	ok "${how:+$how }-l on the command itself: it stays" test -x precious.script
done
# What other programs write, and what a power cut leaves, is a pid file.
for text in '12 \n' '12\r\n' '12\n/usr/sbin/x\n' '12' '\0\0\0\0\0' '12\0\0' '\n'; do
	# shellcheck disable=SC2059 # it is a format
	printf "$text" >other
	pid=$("$DAEMONIZE" -P -p other true)
	is "$? $(cat other)" "0 $pid" "a pid file of '$text' never blocks a start"
	idle -p other
	# shellcheck disable=SC2059 # it is a format
	printf "$text" >other
	run "$DAEMONIZE" -p other ./nosuch
	is "$status $(ls other 2>&1)" "127 ls: cannot access 'other': No such file or directory" \
		"a pid file of '$text' is removed after a failure"
done

# A file that is there keeps its mode, but nobody else may write it.
for modes in '600 600' '640 640' '666 644' '620 600' '400 400' '644 644'; do
	[ "${modes% *}" != 400 ] || [ "$(id -u)" -eq 0 ] || continue
	: >moded
	chmod "${modes% *}" moded
	"$DAEMONIZE" -p moded true
	is "$(stat -c %a moded)" "${modes#* }" "-p on a file of mode ${modes% *} leaves ${modes#* }"
	idle -p moded
	rm -f moded
done
if [ "$(uname)" = Linux ]; then
	refuse="$arrange deny=fchmod:EPERM,fchmodat:EPERM --"
	run $refuse "$DAEMONIZE" -p moded true
	is "$status $err" '0 ' 'a refused fchmod that is not needed, of a new file, does not matter'
	idle -p moded
	run $refuse "$DAEMONIZE" -p moded true
	is "$status $err" '0 ' 'a refused fchmod that is not needed, of an old file, does not matter'
	idle -p moded
	chmod 666 moded
	run $refuse "$DAEMONIZE" -p moded touch "$tmp/ran"
	is "$status $err" "125 daemonize: $tmp/moded: Operation not permitted" 'a refused fchmod that is needed is an error'
	ok 'a refused fchmod that is needed: nothing runs' test ! -e ran
fi

# A start that is 75 touches nothing.
new_hold
"$DAEMONIZE" -l shared "$probe" /dev/null "hold=$hold"
for text in '' 12; do
	printf %s "$text" >c
	chmod 666 c
	stat -c '%i %a %y %s' c >before
	run "$DAEMONIZE" -p c -l shared true
	is "$status $(stat -c '%i %a %y %s' c)" "75 $(cat before)" "-p of '$text' with -l of a running one: 75, and -p's file is as it was"
done
rm -f c
run "$DAEMONIZE" -p c -l shared true
is "$status $(ls c 2>/dev/null)" '75 ' "-p of a new file with -l of a running one: 75, and no file is left"
release
idle -l shared

# A file that -p has made goes when another option names it, too.
rm -f both
run "$DAEMONIZE" -p both -o both true
is "$status $err" "125 daemonize: $tmp/both: is also the command's standard output; see 'daemonize --help'" \
	'-p and -o on one new file are told'
ok '-p and -o on one new file: it is not left' test ! -e both

# A file system may have no locks.
if need strace 'a file system without locks'; then
	strace -o trace -e trace=fcntl,?fcntl64 "$DAEMONIZE" -p nolock true
	first=$(grep -n F_SETLK trace | head -n 1 | cut -d : -f 1)
	idle -p nolock
	for error in ENOLCK ENOSYS; do
		case $error in
		ENOLCK) reason='No locks available' ;;
		*) reason='Function not implemented' ;;
		esac
		rm -f nolock
		run strace -o /dev/null -e trace=fcntl,?fcntl64 -e inject=fcntl,?fcntl64:error=$error:when=$first+ \
			"$DAEMONIZE" -p nolock touch "$tmp/ran"
		is "$status $err" "125 daemonize: $tmp/nolock: $reason; use a local file system" "fcntl fails with $error: it is told"
		ok "fcntl fails with $error: no pid file is left" test ! -e nolock
		echo 12 >nolock
		run strace -o /dev/null -e trace=fcntl,?fcntl64 -e inject=fcntl,?fcntl64:error=$error:when=$first+ \
			"$DAEMONIZE" -p nolock touch "$tmp/ran"
		is "$status $(cat nolock)" '125 12' "fcntl fails with $error: a pid file that was there stays"
		ok "fcntl fails with $error: nothing runs" test ! -e ran
	done
fi

# The directory is renamed, and another may take its place, while a start waits.
for made in yes no; do
	mkdir moving
	echo 12 >moving/pid
	hold_lock moving/pid write 0 1
	"$DAEMONIZE" -p moving/pid true 2>err &
	starting=$!
	wait_for sh -c 'ls -l "/proc/$1/fd" | grep -q moving/pid' sh $starting
	mv moving moved
	[ $made = no ] || mkdir moving
	release_holder
	wait $starting
	status=$?
	if [ $made = yes ]; then
		is "$status $(cat moved/pid) $(ls moving)" '0 12 pid' 'a directory is replaced while a start waits: it locks in the new one'
		idle -p moving/pid
	else
		is "$status $(cat err moved/pid)" "125 daemonize: $tmp/moving/pid: No such file or directory
12" 'a directory is renamed while a start waits: the start fails, and the old file stays'
	fi
	rm -rf moving moved
done

rm -f pid lock
mkdir dir
mkfifo fifo
for option in -p -l; do
	refused "$option in no directory" "$tmp/nowhere/x: No such file or directory" $option nowhere/x
	refused "$option DIRECTORY" "$tmp/dir: Is a directory" $option dir
	refused "$option FIFO" "$tmp/fifo: not a regular file" $option fifo
	refused "$option /dev/full" '/dev/full: not a regular file' $option /dev/full
done
for how in '-o nowhere/x' '-c nowhere' '-i nowhere' '-k 1 -P -o dir'; do
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" -p pid -l lock $how true
	is "$status" 125 "a start that fails by $how is 125"
	ok "a start that fails by $how leaves no pid file" test ! -e pid
	ok "a start that fails by $how removes no lock file" test -e lock -o "$how" = '-k 1 -P -o dir'
done
printf '\177ELF broken' >elf
printf '#!/no/such\n' >script
chmod +x elf script
for command in ./nosuch ./elf ./script; do
	for how in '' -f; do
		echo 12 >pid
		# shellcheck disable=SC2086 # words
		run "$DAEMONIZE" $how -p pid -l lock $command
		ok "$command${how:+ with $how} is status 126 or 127" test "$status" -ge 126
		ok "$command${how:+ with $how}: no pid file stays" test ! -e pid
	done
done
(ulimit -f 0 && "$DAEMONIZE" -p pid touch "$tmp/ran" 2>&1; echo $?) | cat >limited
is "$(tr '\n' ' ' <limited)" "daemonize: $tmp/pid: File too large 125 " 'no room for the number, by a limit of the file size, is told'
ok 'no room for the number, by a limit of the file size: no pid file stays' test ! -e pid
if need_root 'a full disk' && need_namespaces 'a full disk'; then
	run unshare -m sh -c 'mount -t tmpfs -o size=4k none dir && dd if=/dev/zero of=dir/x bs=4k count=1 2>/dev/null
		"$1" -p dir/pid touch "$2/ran"; status=$?; ls dir; exit $status' sh "$DAEMONIZE" "$tmp"
	is "$status $out $err" "125 x daemonize: $tmp/dir/pid: No space left on device" 'a full disk is told, and no pid file stays'
fi
run "$arrange" block=TERM raise=TERM -- "$DAEMONIZE" -p pid touch "$tmp/ran"
is "$status" 143 'a pending signal ends daemonize'
ok 'a pending signal: no pid file stays' test ! -e pid
run "$arrange" block=TERM raise=TERM -- "$DAEMONIZE" -f -p pid touch "$tmp/ran"
is "$status" 143 '-f: a pending signal ends daemonize'
ok '-f: a pending signal: no pid file stays' test ! -e pid
run "$arrange" nofile=5 -- "$DAEMONIZE" -p pid true
is "$status $err" "125 daemonize: $tmp/pid: Too many open files" '-p where no descriptor is left for the lock is 125, and told'
# -p first opens its file to write, then to read.
if can_inject '-p of a file that is moved away while it is opened'; then
	trace_calls "$DAEMONIZE" -f -p racing true
	rm -f racing
	run "$inject" events "at=launcher.$(call_number launcher openat pread64)" 'run=mv racing moved' -- \
		"$DAEMONIZE" -f -p racing cp "$tmp/racing" "$tmp/seen"
	is "$status $err$(wc -l <seen)$(cat moved)" '0 1' '-p makes another file where its file goes away when it has been opened'
fi
# What is foreign may be about to end: it is looked at again and again, and counts
# if it has the lock when that is asked for the last time.
if can_inject 'a foreign holder that ends while it is looked at'; then
	echo 99999999 >leaving
	hold_lock leaving read 1 1
	trace_calls "$DAEMONIZE" -p leaving true 2>/dev/null
	release_holder
	# The last but one file that is read shows whether it is ending; the last,
	# after the lock was asked for, whether it has ended.
	wrong='' last=$(awk '/^call launcher .* openat$/ { before = last; last = $3 } / write$/ { exit } END { print before }' events)
	call=$((last - 8))
	while [ "$call" -le "$last" ]; do
		hold_lock leaving read 1 1
		run timeout 20 "$inject" events "at=launcher.$call" \
			"run=kill $holder; while kill -0 $holder 2>/dev/null; do sleep 0.01; done" -- "$DAEMONIZE" -p leaving true
		[ "$status$err" = 0 ] || wrong="$wrong$call of $last: $status $err$newline"
		echo 99999999 >leaving
		call=$((call + 1))
	done
	is "$wrong" '' 'a foreign holder that ends while it is looked at, at any call: the start succeeds'
	rm leaving
fi
# The kernel may not name the holder.
if [ "$(uname)" = Linux ]; then
	: >file
	hold_lock file write 1 1 file
	run "$DAEMONIZE" -p file true
	is "$status $err" "125 daemonize: $tmp/file: locked by an open file description, which is not its daemon" \
		'-p is 125 where an open file description has the run lock'
	run "$DAEMONIZE" --status -p file
	is "$status $out" '4 cannot tell: locked by an open file description' \
		'--status cannot tell where an open file description has the run lock'
	release_holder
	rm -f file
fi

# Our processes die on the way.
if need strace 'deaths of our processes'; then
	for injection in setsid:signal=KILL dup2,dup3:signal=KILL ftruncate:error=EIO \
		pwrite64:error=ENOSPC; do
		run strace -f -qq -o trace -e "inject=$(of_any_width $injection)" "$DAEMONIZE" -p pid -l lock "$probe" /dev/null
		is "$status" 125 "a start with $injection is 125"
		ok "a start with $injection: no pid file stays" test ! -e pid
		run "$DAEMONIZE" -p pid -l lock true
		is "$status$err" 0 "after a start with $injection the next succeeds"
		idle -p pid
	done
	# After the launcher was killed a second start finds a complete daemon, or none.
	has_decided() {
		awk -v probe="$probe" '{ seen[$1] } / \+\+\+ / { delete seen[$1] }
			/execve\(/ && index($0, probe "\", [") { executed = 1 }
			END { for (pid in seen) left = 1; exit !(executed || !left) }' trace
	}
	for injection in wait4:signal=KILL fcntl:signal=KILL:when=12 clone,clone3,fork,vfork:signal=KILL; do
		rm -f pid trace
		new_hold
		strace -f -qq -o trace -e "inject=$(of_any_width $injection)" \
			"$DAEMONIZE" -p pid "$probe" /dev/null "hold=$hold" 2>/dev/null &
		wait_for grep -q '+++ killed by SIGKILL' trace
		ok "the launcher is killed by $injection" test $? -eq 0
		# What is left decides soon whether it goes on: each process of the
		# start ends, or one executes the probe.
		wait_for has_decided
		wait_for sh -c '"$1" --oknodo -p pid "$2" /dev/null "hold=$3"' sh "$DAEMONIZE" "$probe" "$hold"
		run "$DAEMONIZE" -p pid true
		is "$status ${err##*pid }" "75 $(cat pid))" "the launcher killed by $injection: one command runs, and the file names it"
		release
		wait
	done
fi

# The launcher is killed while its daemon has not the run lock yet; then another starts.
if need strace 'a daemon that comes late'; then
	rm -f pid trace
	strace -f -qq -o trace -e inject=fcntl,?fcntl64:delay_enter=2000000:when=3 \
		"$DAEMONIZE" -p pid "$probe" "$tmp/late" 2>/dev/null &
	# The number is there: the daemon is about to take the lock.
	wait_for test -s pid
	kill -KILL "$(sed -n '1s/ .*//p' trace)"
	start -p pid
	is "$status$err" 0 'a daemon that comes late: the other start succeeds'
	wait
	ok 'a daemon that comes late does not run its command' test ! -e late
	run "$DAEMONIZE" -p pid true
	is "$status ${err##*pid }" "75 $(cat pid))" 'a daemon that comes late: the file names the other'
	release
	# A pid file that somebody puts in the place of ours is not removed.
	idle -p pid
	rm -f trace
	echo theirs >theirs
	strace -f -qq -o trace -e inject=wait4:delay_enter=500000 "$DAEMONIZE" -p pid ./elf 2>/dev/null &
	wait_for grep -q wait4 trace
	mv theirs pid
	wait
	is "$(cat pid)" theirs 'a failed start does not remove a file that somebody has put in the place of its own'
	rm pid
fi

# Fifty start at once.
require perl
take race.pl
race() { # NAME WANTED STARTS GOOD
	new_hold
	echo 99999999 >race
	is "$(perl race.pl race "$3" "$4" '' "$DAEMONIZE" "$probe" /dev/null "hold=$hold")" "$2" "$1: one succeeds"
	run "$DAEMONIZE" -p race true
	is "$status ${err##*pid }" "75 $(cat race))" "$1: the file names the survivor"
	release
	idle -p race
}
race 'fifty starts at once' '0:1 75:49' 50 50
# They start one after the other.  Twenty do so within the 10 s that they wait, also on a busy machine.
for round in 1 2 3; do
	new_hold
	seen=$(perl race.pl race 20 1 '' "$DAEMONIZE" "$probe" /dev/null "hold=$hold")
	like "$seen" '^0:1\( 75:[0-9]*\)\{0,1\}\( 126:[0-9]*\)\{0,1\}$' "nineteen starts that fail and one that can, at once: that one succeeds ($round)"
	run "$DAEMONIZE" -p race true
	is "$status ${err##*pid }" "75 $(cat race))" \
		"nineteen starts that fail and one that can, at once: the file names that one ($round)"
	release
	idle -p race
done

# A process id that is written in part is an error, and the file does not stay.
if need prlimit 'a process id that is written in part'; then
	out=$(prlimit --fsize=1 "$DAEMONIZE" -p part true 2>&1)
	is "$? $out" "125 daemonize: $tmp/part: No space left on device" 'a process id that is written in part is told'
	ok 'a process id that is written in part: no pid file stays' test ! -e part
fi
# A signal may come while the lock file is waited for.
: >awaited.lock
hold_lock awaited.lock write 0 1
"$DAEMONIZE" -p awaited.pid -l awaited.lock sleep 1000 &
caller=$!
wait_for test -e awaited.pid
kill $caller
wait $caller 2>/dev/null
is "$?" 143 'TERM ends a start that waits for its lock file'
ok 'TERM while a start waits for its lock file leaves no pid file' test ! -e awaited.pid
release_holder
finish
