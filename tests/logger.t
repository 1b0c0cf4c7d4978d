#!/bin/sh
# Loggers: -o '|LOGGER' and -e '|LOGGER' pipe a stream into a command.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

shell=$(command -v sh)
touch=$(command -v touch)
hint="; see 'daemonize --help'"
export tmp

# The logger keep FILE keeps in FILE what it gets, and makes FILE.end when that has
# ended; FILE.pids has a line of each such logger.
cat >keep <<'end'
#!/bin/sh
echo $$ >>"$1.pids"
cat >>"$1"
: >"$1.end"
end
# The logger say writes its arguments to the file words, which appears complete.
cat >say <<'end'
#!/bin/sh
printf '<%s>' "$@" >"$tmp/words.new"
mv "$tmp/words.new" "$tmp/words"
end
# The logger leave ends with a status when it has been told to.
cat >leave <<'end'
#!/bin/sh
echo $$ >>"$tmp/left.pids"
read -r go <"$tmp/leave.now"
exit "$1"
end
chmod 755 keep say leave
keep="|$tmp/keep $tmp/kept"
keep2="|$tmp/keep $tmp/kept2"

# Prints what a logger has kept when all has come.
kept() { # [FILE]
	set -- "${1:-kept}"
	wait_for test -e "$1.end" || echo 'the logger has not ended'
	cat "$1"
	rm -f "$1" "$1".*
}
# Waits until the process that the only line of a file names has ended.
ends_with_its_start() { # NAME FILE
	ok "$1" wait_for sh -c 'pid=$(cat "$1" 2>/dev/null) || exit 0
		! kill -0 "$pid" 2>/dev/null || grep -q ") Z " "/proc/$pid/stat"' sh "$2"
	rm -f "$2"
}
# Checks what is left after a start that has failed.
nothing_is_left() { # NAME
	found=
	for file in ran pid words; do
		[ ! -e $file ] || found="$found $file"
	done
	is "$found" '' "$1: nothing runs, and there is no pid file"
	rm -f ran pid words
}
fails() { # STATUS MESSAGE NAME ARGUMENT...: of daemonize; touch is the command
	fails_wanted="$1 daemonize: $2" fails_name=$3
	shift 3
	run timeout 20 "$DAEMONIZE" -p pid "$@" "$touch" "$tmp/ran"
	is "$status $out$err" "$fails_wanted" "$fails_name is told"
	nothing_is_left "$fails_name"
}

# Runs a command line, in which @ stands for a logger that is the probe, with
# `true` as the command, and prints the logger's report.
observe_logger() { # COMMAND...
	rm -f "$tmp/report"
	for word in "$@"; do
		shift
		case $word in
		*@*) set -- "$@" "${word%@*}|$probe $tmp/report${word#*@}" ;;
		*) set -- "$@" "$word" ;;
		esac
	done
	"$@" true
	if wait_for test -e "$tmp/report"; then
		cat "$tmp/report"
	else
		echo 'no logger'
	fi
}
# Prints the descriptors of a report as N:TYPE MODE PATH, without the number of a pipe.
descriptors() { # REPORT
	printf '%s\n' "$1" | sed -n -e 's/ pipe:\[[0-9]*\]$/ pipe/' \
		-e 's/^fd\.\([0-9]*\)=\([a-z]*\) \([rw]*\) \([a-z,-]*\) \([a-z-]*\) [^ ]* *\(.*\)/\1:\2 \3 \6/p'
}
group_of() { # PID
	sed 's/.*) [A-Z] //' "/proc/$1/stat" | cut -d ' ' -f 2
}

# --- the words of a logger ------------------------------------------------

splits() { # WORDS WANTED
	run timeout 20 "$DAEMONIZE" -E "tmp=$tmp" -o "|$tmp/say $1" true
	wait_for test -e words
	is "$status $err$(cat words)" "0 $2" "the words of |say $(printf %s "$1" | tr '\n\t' '??') are right"
	rm -f words
}
splits 'a' '<a>'
splits 'a b c' '<a><b><c>'
splits '  a 	 b  ' '<a><b>'
splits '	a	b	' '<a><b>'
splits "a${newline}b" '<a><b>'
splits "'a b' c" '<a b><c>'
splits '"a b" c' '<a b><c>'
splits 'a\ b c' '<a b><c>'
splits "a'b c'd\"e f\"g\\ h i" '<ab cde fg h><i>'
splits "'' \"\" a" '<><><a>'
splits "''''\"\" a''b" '<><ab>'
splits "'it'\\''s'" "<it's>"
splits "'\"' \"'\"" "<\"><'>"
splits "'a\\b' 'a\\'" '<a\b><a\>'
splits 'a\b \a \\ \"' '<ab><a><\><">'
splits "\\'a b\\'" "<'a><b'>"
splits '"a\"b" "a\\b" "\\"' '<a"b><a\b><\>'
splits '"a\b" "\a"' '<a\b><\a>'
splits '"\$a" "\`"' '<$a><`>'
# A shell would do more with these words.
splits '$tmp ${tmp} $(date) `date`' '<$tmp><${tmp}><$(date)><`date`>'
splits '"$tmp" "`date`"' '<$tmp><`date`>'
splits '* ? [a-z] ~ a{b,c}' '<*><?><[a-z]><~><a{b,c}>'
splits 'a | b & c ; d && e || f' '<a><|><b><&><c><;><d><&&><e><||><f>'
splits '>ran <keep 2>&1 (a)' '<>ran><<keep><2>&1><(a)>'
splits '#a b#c ! a=b' '<#a><b#c><!><a=b>'
ok 'a > in the words redirects nothing' test ! -e ran
run timeout 20 "$DAEMONIZE" -E "tmp=$tmp" -o "| 	$tmp/say a" true
wait_for test -e words
is "$status $err$(cat words)" '0 <a>' 'blanks may follow the bar'
rm -f words
cp say 'say it'
run timeout 20 "$DAEMONIZE" -E "tmp=$tmp" -o "|'$tmp/say it' a" true
wait_for test -e words
is "$status $err$(cat words)" '0 <a>' 'the name of the logger may be quoted'
rm -f words
ok "a start with a FILE that has a bar, but not at its beginning, succeeds" "$DAEMONIZE" -o './|cat' true
ok 'a FILE that has a bar, but not at its beginning, is a file' test -f '|cat'
rm -f '|cat'

# These are no loggers.
misuses() { # REASON ARGUMENT...
	reason=$1
	shift
	run timeout 20 "$DAEMONIZE" -p pid "$@" touch "$tmp/ran"
	is "$status $out$err" "125 daemonize: $reason$hint" "$* is a usage error"
	nothing_is_left "$*"
}
for option in -o -e; do
	for words in "'" '"' "a 'b" 'a "b' "a '\\" 'a "b\"' "a \"b'c" "'a' 'b"; do
		misuses "$option |$words: a quote is not closed" $option "|$words"
	done
	for words in '' ' ' ' 	 '; do
		misuses "$option |$(printf %s "$words" | tr '\t' '?'): no command after the bar" $option "|$words"
	done
done
misuses '-i |cat: a logger cannot be read from' -i '|cat'
misuses '-i |cat: a logger cannot be read from' --stdin='|cat'
misuses '-t: there is no log file to empty' -t -o '|cat'
misuses '-t: there is no log file to empty' -t -o '|cat' -e '|cat'
misuses '-t: there is no log file to empty' -o '|cat' -e '|cat 2' -t
misuses '-t: there is no log file to empty' -t -e '|cat'

# --- what cannot be executed is told, and nothing runs ----------------------

printf 'plain\n' >plain
printf '#!/no/such\n' >script
printf '\177ELF broken' >elf
chmod 755 script elf
mkdir dir
for how in '' -f '-w 1' '-r fd:3'; do
	# shellcheck disable=SC2086 # words
	fails 125 "|nosuch: not found in PATH ($PATH)" "${how:+$how: }a logger that is not in PATH" $how -o '|nosuch'
done
fails 125 "|nosuch: not found in PATH ($PATH)" '-e: a logger that is not in PATH' -o log -e '|nosuch'
fails 125 "|nosuch: not found in PATH ($PATH)" 'a second logger that is not in PATH' -o "|$tmp/say" -e '|nosuch'
fails 125 '|say: not found in PATH (/nowhere)' 'a logger that is not in the PATH of -E' -E PATH=/nowhere -o '|say'
fails 125 "|./nosuch: No such file or directory" 'a logger that is no file' -o '|./nosuch'
fails 125 "|$tmp/nosuch: No such file or directory" 'a logger of an absolute path that is no file' -o "|$tmp/nosuch"
fails 125 "|./plain: Permission denied" 'a logger that is not executable' -o '|./plain'
fails 125 "|./dir: Is a directory" 'a logger that is a directory' -o '|./dir'
fails 125 "|./script: interpreter /no/such: No such file or directory" 'a logger without its interpreter' \
	-o '|./script'
fails 125 "|./elf: Exec format error" 'a logger of no format' -o '|./elf'
fails 125 "|./elf: Exec format error" 'a second logger of no format' -o "$keep" -e '|./elf'
ends_with_its_start 'a second logger of no format: the first one ends' kept.pids
rm -f kept*
fails 125 "|./elf: Exec format error" '-f: a logger of no format' -f -o '|./elf'
fails 125 "|./elf: Exec format error" '-w: a logger of no format' -w 30 -o '|./elf'
run "$arrange" inet=0,1 -- "$DAEMONIZE" -p pid -e '|./elf' touch "$tmp/ran"
is "$status $(printf '%s\n' "$err" | tail -n 1)" "125 daemonize: |./elf: Exec format error" 'inetd: a logger of no format is told'
nothing_is_left 'inetd: a logger of no format'
for how in '' plain-fork; do
	run "$arrange" $how -- "$DAEMONIZE" -p pid -o '|./elf' touch "$tmp/ran"
	is "$status $err" "125 daemonize: |./elf: Exec format error" "by ${how:-vfork} a logger of no format is told"
	nothing_is_left "by ${how:-vfork} a logger of no format"
done
# A text without #! is the shell's, as for a command.
echo 'cat >"$tmp/kept"; : >"$tmp/kept.end"' >text
chmod 755 text
run timeout 20 "$DAEMONIZE" -o '|./text' echo line
is "$status $err$(kept)" '0 line' 'a logger that is a text without #! runs with /bin/sh'

# The command's own failures are told as ever; the logger ends with the start.
for how in '127 ./nosuch No such file or directory' '126 ./plain Permission denied' '126 ./elf Exec format error' \
	'126 ./script interpreter /no/such: No such file or directory'; do
	wanted=${how%% *} how=${how#* }
	command=${how%% *} reason=${how#* }
	run timeout 20 "$DAEMONIZE" -p pid -o "$keep" $command
	case $reason in interpreter*) wanted_err="$tmp/script: $reason" ;; *) wanted_err="$tmp/${command#./}: $reason" ;; esac
	is "$status $err" "$wanted daemonize: $wanted_err" "$command as the command, beside a logger, is told"
	ends_with_its_start "$command as the command: no logger is left" kept.pids
	is "$(cat kept 2>/dev/null)" '' "$command as the command: the logger got nothing"
	nothing_is_left "$command as the command, beside a logger"
	rm -f kept*
done

# There is no process left for the logger or the daemon.
if need_root 'a logger with no process left' && need setpriv 'a logger with no process left'; then
	cp "$DAEMONIZE" "$arrange" .
	mkdir -m 777 open
	said=
	for limit in 1 2 3 4 5 6; do
		run timeout 20 setpriv --reuid=$uid --regid=$uid --clear-groups ./arrange nproc=$limit -- \
			./daemonize -p open/pid -o '|cat' touch "$tmp/open/ran"
		[ "$status" -ne 0 ] || break
		said="$said$limit $status $err$newline"
		[ ! -e open/ran ] && [ ! -e open/pid ] || said="${said}something is left$newline"
		wait_for sh -c '! find /proc -maxdepth 1 -user "$1" | grep -q .' sh "$uid"
	done
	is "$said" "1 125 daemonize: fork: Resource temporarily unavailable
2 125 daemonize: |cat: fork: Resource temporarily unavailable
3 125 daemonize: fork: Resource temporarily unavailable
" 'a logger with no process left is told'
	wait_for sh -c '! find /proc -maxdepth 1 -user "$1" | grep -q .' sh "$uid"
	rm -rf open
fi

# A few descriptors are enough for loggers, or it is told that they are not.
enough=no
said=
for limit in 4 5 6 7 8 9 10 11 12 13 14 15 16 20; do
	run timeout 20 "$arrange" nofile=$limit -- "$DAEMONIZE" -p pid -o "$keep" -e "$keep2" touch "$tmp/ran"
	if [ "$status" -eq 0 ]; then
		enough=yes
		wait_for test -e ran
		wait_for test -e kept.end -a -e kept2.end
		rm -f pid ran kept*
	elif [ "$status" -eq 127 ]; then
		case $err in *'Too many open files'* | *'shared librar'*) ;; *) said="$said$limit: $err$newline" ;; esac
	else
		[ "$status${err##*:}$(printf '%s\n' "$err" | wc -l)" = '125 Too many open files1' ] ||
			said="$said$limit: $status $err$newline"
	fi
	[ ! -e ran ] && [ ! -e pid ] || said="$said$limit: something is left$newline"
	rm -f kept*
done
is "$said" '' 'few descriptors are enough for two loggers, or it is told that they are not'
is $enough yes 'twenty descriptors are enough for two loggers'

# A logger is killed before its exec, at some of the calls; long/faults.t has all.
calls_of() { # PROCESS DAEMONIZE-ARGUMENT...
	process=$1
	shift
	rm -f kept* ran pid
	"$inject" events loggers=1 trace -- "$DAEMONIZE" "$@" touch "$tmp/ran" >/dev/null 2>&1
	sed -n "s/^call $process \([0-9]*\) .*/\1/p" events | awk '
		NR < 5 || NR % 20 == 0 { print }
		{ last = $0 }
		END { if (NR >= 5 && NR % 20 != 0) print last }'
}
for how in '' '-w 0.1' '-u nobody' -f; do
	can_inject "a logger that is killed before its exec${how:+, with $how}" || continue
	if [ "$how" = '-u nobody' ] && ! need_root '-u: a logger that is killed before its exec'; then
		continue
	fi
	[ "$how" = '-u nobody' ] || how="-p pid $how"
	# shellcheck disable=SC2086 # words
	calls=$(calls_of logger $how -o "$keep")
	wrong=
	for call in $calls; do
		rm -f kept* ran pid
		# shellcheck disable=SC2086 # words
		run timeout 60 "$inject" events loggers=1 "at=logger.$call" send=9 -- "$DAEMONIZE" $how -o "$keep" \
			touch "$tmp/ran"
		[ "$status $out$err" = "125 daemonize: $keep: the logger died before the exec" ] || wrong="$wrong $call: $status $err"
		[ ! -e ran ] && [ ! -e pid ] && [ ! -e kept.pids ] || wrong="$wrong $call: something is left"
		! grep -q -e '^exec' -e '^late' events || wrong="$wrong $call: $(grep -e '^exec' -e '^late' events)"
	done
	is "$wrong" '' "${how% }: a logger that is killed at a call before its exec is told"
	ok "${how% }: a logger makes some calls before its exec" test "$(printf '%s\n' "$calls" | wc -l)" -gt 3
done
rm -f kept* ran pid

# With -f the logger is in the group of the caller until its exec; its signals are not for it.
wrong=
if can_inject '-f: TERM for the group of the caller while the logger starts'; then
	for call in $(calls_of logger -f -o "$keep"); do
		rm -f kept* ran
		run timeout 60 "$inject" events loggers=1 "at=logger.$call" group=15 -- "$DAEMONIZE" -f -o "$keep" "$touch" "$tmp/ran"
		[ "$status $out$err" = '143 ' ] || wrong="$wrong $call: $status $err"
		[ ! -e ran ] || wrong="$wrong $call: it ran"
	done
	is "$wrong" '' '-f: TERM for the group of the caller while the logger starts ends daemonize'
fi
rm -f kept* ran

# --- what the logger finds --------------------------------------------------

logger_has() { # NAME WANTED OPTION...
	name=$1 wanted=$2
	shift 2
	report=$(observe_logger "$DAEMONIZE" "$@")
	is "$(descriptors "$report")" "$wanted" "$name"
}
pipe0='0:fifo r pipe'
null1='1:chr w /dev/null'
null2='2:chr w /dev/null'
logger_has '-o |: the logger has the pipe and /dev/null' "$pipe0
$null1
$null2" -o @
place() { # REPORT
	printf '%s\n' "$1" | grep -e _leader= -e tty= -e '^cwd=' -e '^umask=' -e '^blocked=' -e '^ignored=' -e '^pending=' \
		-e '^alarm=' -e '^itimer'
}
normal='session_leader=no
group_leader=yes
tty=no
acquires_tty=no
cwd=/
umask=0022
blocked=
ignored=
pending=
alarm=0
itimer_virtual=0
itimer_prof=0'
is "$(place "$report")" "$normal" 'a logger leads a group and no session, and is clean like a command'
is "$(printf '%s\n' "$report" | grep -e '^argc=' -e '^argv')" "argc=2
argv.0=$probe
argv.1=$tmp/report" 'the arguments of a logger are its words'
cp "$probe" job
mkdir sub
for how in '' '-c sub' '-t -e log' '-c .'; do
	rm -f report
	# shellcheck disable=SC2086 # words
	"$DAEMONIZE" $how -o "|./job $tmp/report" true
	wait_for test -e report
	wanted=$tmp/job
	[ "$how" != '-c .' ] || wanted=./job
	is "$(value "$(cat report)" argv.0)" "$wanted" "argv[0] of a relative logger is what means it from its directory${how:+, $how}"
done
rm -f report log
own=$("$probe" - | sed -n -e '/^rlimit/p' -e '/^nice/p' -e '/^cap_/p' -e '/^groups/p' -e '/^no_new/p' -e '/^e*[ug]id/p')
is "$(printf '%s\n' "$report" | sed -n -e '/^rlimit/p' -e '/^nice/p' -e '/^cap_/p' -e '/^groups/p' -e '/^no_new/p' -e '/^e*[ug]id/p')" \
	"$own" 'ids, groups, capabilities and limits of a logger are the caller'"'"'s'
logger_has '-e |: the logger has the pipe and /dev/null' "$pipe0
$null1
$null2" -e @
file1="1:reg w $tmp/log"
file2="2:reg w $tmp/log"
logger_has '-o | -e FILE: the logger writes into FILE' "$pipe0
$file1
$file2" -o @ -e log
logger_has '-o FILE -e |: the logger writes into FILE' "$pipe0
$file1
$file2" -o log -e @
logger_has 'two loggers: the first has its pipe and /dev/null' "$pipe0
$null1
$null2" -o @ -e "$keep"
kept >/dev/null
logger_has 'two loggers: the second has its pipe and /dev/null' "$pipe0
$null1
$null2" -o "$keep" -e @
kept >/dev/null
logger_has 'a logger does not have the lock of -p' "$pipe0
$null1
$null2" -p pid -o @
logger_has 'a logger does not have the lock of -l' "$pipe0
$null1
$null2" -l lock -p pid -o @
rm -f pid lock
logger_has 'a logger does not have the input of -i' "$pipe0
$null1
$null2" -i keep -o @
: >log
report=$(observe_logger "$DAEMONIZE" -k 7 -k 9 -o @ 7</dev/null 9</dev/null)
is "$(descriptors "$report")" "$pipe0
$null1
$null2" 'a logger does not have the descriptors of -k'
report=$(observe_logger "$DAEMONIZE" -k 2 -o @ 2>>caller.err)
is "$(descriptors "$report")" "$pipe0
$null1
$null2" 'a logger does not have the stream of -k 2'
is "$(descriptors "$(observe_logger "$DAEMONIZE" -r fd:5 -o @ 2>/dev/null)")" "$pipe0
$null1
$null2" 'a logger does not have the descriptor of -r'

# The state is the same however the caller was started.
stable() {
	steady | sed -e '/^shared=/d' -e '/^stdin_read=/d' -e 's/^\(fd\.0=.*\) [0-9:]* pipe:.*/\1/' -e '/^fd\.[3-9]/p'
}
clean=$(observe_logger "$DAEMONIZE" -o @ | stable)
hostile() { # WORD...
	is "$(observe_logger "$arrange" "$@" -- "$DAEMONIZE" -o @ | stable)" "$clean" "the logger is the same in a start with $*"
}
hostile_callers hostile
hostile close=0,1,2 open=3-19 block=TERM,HUP,CHLD ignore=PIPE,INT alarm=50 cwd=deleted child
# An unprivileged user has a filter of system calls only with no_new_privs.
filtered() { # NAME WORD...
	name=$1
	shift
	is "$(observe_logger "$arrange" "$@" -- "$DAEMONIZE" -o @ | stable | grep -v '^no_new_privs=')" \
		"$(printf '%s\n' "$clean" | grep -v '^no_new_privs=')" "the logger is the same in a start $name"
}
filtered 'by plain fork' plain-fork
filtered 'without close_range' open=3-19 deny=close_range
is "$(observe_logger env LD_PRELOAD= "$DAEMONIZE" -o @ | grep -v 'LD_PRELOAD=$' | stable)" "$clean" \
	'the logger is the same in a start with LD_PRELOAD'
is "$(observe_logger "$arrange" open=3-19000 -- "$DAEMONIZE" -o @ | grep -v '^rlimit.nofile' | stable)" \
	"$(printf '%s\n' "$clean" | grep -v '^rlimit.nofile')" 'the logger is the same in a start with 19000 descriptors open'
if need_root 'the logger has no other descriptor in a start without close_range and /proc' &&
	need_namespaces 'the logger has no other descriptor in a start without close_range and /proc'; then
	report=$(observe_logger without_proc "$arrange" open=3-19 deny=close_range -- "$DAEMONIZE" -o @)
	is "$(printf '%s\n' "$report" | grep -o '^fd\.[0-9]*' | tr '\n' ' ')" 'fd.0 fd.1 fd.2 ' \
		'the logger has no other descriptor in a start without close_range and /proc'
fi

# Directory and environment are the command's; the umask is at least 022.
is "$(value "$(observe_logger "$DAEMONIZE" -c dir -o @)" cwd)" "$tmp/dir" 'the directory of a logger is the command'"'"'s'
is "$(observe_logger env -i PATH=/usr/bin:/bin A=1 "$DAEMONIZE" -E A=2 -E B=3 -o @ | grep '^env')" 'env.0=PATH=/usr/bin:/bin
env.1=A=2
env.2=B=3' 'the environment of a logger is the command'"'"'s'
cp keep "$tmp/dir/only-here"
run timeout 20 "$DAEMONIZE" -E "PATH=$PATH:$tmp/dir" -o "|only-here $tmp/kept" echo line
is "$status $err$(kept)" '0 line' 'a logger is found in the PATH of the command'
umask_is() { # WANTED UMASK OPTION...
	wanted=$1 mask=$2
	shift 2
	is "$(value "$(observe_logger "$arrange" "umask=$mask" -- "$DAEMONIZE" "$@" -o @)" umask)" "$wanted" \
		"the umask of a logger is $wanted after $mask $*"
}
umask_is 0022 0
umask_is 0022 022
umask_is 0022 002
umask_is 0077 077
umask_is 0023 001
umask_is 0777 0777
umask_is 0022 0 -m 0
umask_is 0022 077 -m 0
umask_is 0027 077 -m 007
umask_is 0027 0 -m 027
umask_is 0777 0 -m 0777

# What is relative is relative to where the caller stands.
mkdir other
run timeout 20 "$DAEMONIZE" -c other -o "|./keep $tmp/kept" echo line
is "$status $err$(kept)" '0 line' 'a logger with a slash is relative to where the caller stands'

# A logger lives beside the command, in the same session, with the same parent.
new_hold
"$DAEMONIZE" -p pid -o "$keep" -e "$keep2" sh -c 'read x <"$1"; echo out; echo err >&2' sh "$hold"
wait_for test -s kept.pids -a -s kept2.pids
one=$(cat kept.pids) two=$(cat kept2.pids) pid=$(cat pid)
is "$(parent_of "$one") $(parent_of "$two") $(parent_of "$pid")" "$adopter $adopter $adopter" \
	'when daemonize has returned the parent of the loggers and the command is init or the subreaper'
is "$(group_of "$one") $(group_of "$two")" "$one $two" 'each logger has a process group of its own'
session_of() { # PID
	sed 's/.*) [A-Z] //' "/proc/$1/stat" | cut -d ' ' -f 3
}
is "$(session_of "$one") $(session_of "$two")" "$(session_of "$pid") $(session_of "$pid")" \
	'the loggers are in the session of the command'
ok 'the loggers do not lead the session' test "$(session_of "$pid")" != "$one" -a "$(session_of "$pid")" != "$two"
is "$("$DAEMONIZE" --status -p pid)" "running (pid $pid)" '--status names the command, not the logger'
run "$DAEMONIZE" -p pid -o "|$tmp/say" true
is "$status ${err##*: }" "75 already running (pid $pid)" 'a second start with a logger is 75'
ok 'a second start that is 75 starts no logger' test ! -e words
release
is "$(kept) $(kept kept2)" 'out err' 'each logger gets its stream'
idle -p pid

# --- what the command finds -------------------------------------------------

# Only the streams of the command are others.
observe env -i PATH=/usr/bin:/bin A=1 "$DAEMONIZE" @ | steady >without
observe env -i PATH=/usr/bin:/bin A=1 "$DAEMONIZE" -o '|cat' @ >with
report=$(cat with)
steady <with | diff without - | sed -n -e 's/pipe:\[[0-9]*\]/pipe/' -e 's/ [0-9a-f:]* \([^ ]*\)$/ \1/' -e 's/^> //p' >difference
is "$(cat difference)" 'fd.1=fifo w - - pipe
fd.2=fifo w - - pipe' 'the command finds pipes as its streams, and all else as ever'
is "$(value "$report" shared)" 1,2 'the streams of the command are one pipe'
is "$(value "$report" session_leader)$(value "$report" group_leader)" nono 'the command leads neither session nor group'
is "$(value "$report" pgid)" "$(value "$report" sid)" "the command's group is the intermediate process's"
command_has() { # NAME WANTED WORD...
	name=$1 wanted=$2
	shift 2
	report=$(observe "$@")
	is "$(descriptors "$report")
shared $(value "$report" shared)" "$wanted" "$name"
}
command_has '-o | -e FILE: the command has a pipe and FILE' "0:chr r /dev/null
1:fifo w pipe
2:reg w $tmp/log
shared " "$DAEMONIZE" -o '|cat' -e log @
command_has '-o FILE -e |: the command has FILE and a pipe' "0:chr r /dev/null
1:reg w $tmp/log
2:fifo w pipe
shared " "$DAEMONIZE" -o log -e '|cat' @
command_has '-e |: the command has /dev/null and a pipe' "0:chr r /dev/null
1:chr w /dev/null
2:fifo w pipe
shared " "$DAEMONIZE" -e '|cat' @
command_has 'two loggers: the command has two pipes' "0:chr r /dev/null
1:fifo w pipe
2:fifo w pipe
shared " "$DAEMONIZE" -o '|cat' -e '|cat -' @
command_has 'the same text twice: the command has one pipe' "0:chr r /dev/null
1:fifo w pipe
2:fifo w pipe
shared 1,2" "$DAEMONIZE" -o '|cat' -e '|cat' @
command_has '-p: the command has the pipe and the lock' "0:chr r /dev/null
1:fifo w pipe
2:fifo w pipe
3:reg r $tmp/pid
shared 1,2" "$DAEMONIZE" -p pid -o '|cat' @
idle -p pid
for closed in 0 1 2 0,1,2; do
	command_has "started with close=$closed, two loggers: the command has two pipes" "0:chr r /dev/null
1:fifo w pipe
2:fifo w pipe
3:reg r $tmp/pid
shared " "$arrange" close=$closed open=5-7 -- "$DAEMONIZE" -p pid -o '|cat' -e '|cat -' @
	idle -p pid
done
command_has 'by plain fork: the command has two pipes' "0:chr r /dev/null
1:fifo w pipe
2:fifo w pipe
shared " "$arrange" plain-fork -- "$DAEMONIZE" -o '|cat' -e '|cat -' @
command_has 'started with 19000 descriptors: the command has two pipes' "0:chr r /dev/null
1:fifo w pipe
2:fifo w pipe
shared " "$arrange" open=3-19000 -- "$DAEMONIZE" -o '|cat' -e '|cat -' @
command_has '-k: the command has the pipe and its descriptor' "0:chr r /dev/null
1:fifo w pipe
2:fifo w pipe
7:chr r /dev/null
shared 1,2" "$DAEMONIZE" -k 7 -o '|cat' @ 7</dev/null
rm -f pid
is "$(value "$(observe "$DAEMONIZE" -o '|cat' @)" umask)" 0000 'the umask of the command is not its logger'"'"'s'

# The caller is not held up, whatever runs on.
new_hold
is "$(timeout 20 sh -c '"$1" -P -o "|sh -c '"'cat >/dev/null'"'" sh -c "read x <\"\$1\"" sh "$2"; echo $?' sh \
	"$DAEMONIZE" "$hold" | tail -n 1)" 0 '$(daemonize -o |LOGGER) returns at once'
release

# --- which stream goes where ------------------------------------------------

both='echo out; echo err >&2; echo end'
goes() { # NAME WANTED FILES OPTION...
	name=$1 wanted=$2 files=$3
	shift 3
	rm -f log kept kept.* kept2 kept2.*
	run timeout 20 "$DAEMONIZE" "$@" sh -c "$both"
	got=
	for file in $files; do
		case $file in
		kept*)
			wait_for test -e $file.end
			got="$got$file of $(wc -l <$file.pids): $(tr '\n' ' ' <$file)"
			;;
		*)
			wait_for grep -q . $file
			got="$got$file: $(tr '\n' ' ' <$file)"
			;;
		esac
	done
	is "$status $err$got" "0 $wanted" "$name"
	rm -f log kept kept.* kept2 kept2.*
}
goes '-o | takes both streams, in order' 'kept of 1: out err end ' kept -o "$keep"
goes '--stdout=| takes both streams' 'kept of 1: out err end ' kept "--stdout=$keep"
goes '-e | takes standard error only' 'kept of 1: err ' kept -e "$keep"
goes 'two loggers get a stream each' 'kept of 1: out end kept2 of 1: err ' 'kept kept2' -o "$keep" -e "$keep2"
goes 'the same text for both is one logger' 'kept of 1: out err end ' kept -o "$keep" -e "$keep"
goes '-o | -e FILE: the logger and the file get a stream each' 'kept of 1: out end log: err ' 'kept log' -o "$keep" -e log
goes '-o FILE -e |: the file and the logger get a stream each' 'kept of 1: err log: out end ' 'kept log' -o log -e "$keep"
goes '-o | -e /dev/null: the logger gets standard output only' 'kept of 1: out end ' kept -o "$keep" -e /dev/null
goes '-a changes nothing for a logger' 'kept of 1: out err end ' kept -a -o "$keep"
goes 'of two -o the last logger gets the streams' 'kept of 1: out err end ' kept -o "$keep2" -o "$keep"
ok 'of two -o the first logger is not started' test ! -e kept2.pids
goes 'by plain fork two loggers get a stream each' 'kept of 1: out end kept2 of 1: err ' 'kept kept2' -o "$keep" -e "$keep2"
echo before >log
run timeout 20 "$DAEMONIZE" -t -o "$keep" -e log sh -c "$both"
is "$status $err$(kept)" "0 out
end" '-t beside a logger: the logger gets all of its stream'
is "$(cat log)" err '-t beside a logger empties the file of the other stream'
rm -f log
# What the logger itself writes goes into the file of the other stream.
run timeout 20 "$DAEMONIZE" -o "|sh -c 'cat; echo noise >&2'" -e log sh -c "$both"
wait_for grep -q noise log
is "$status $(sort log | tr '\n' ' ')" '0 end err noise out ' 'a logger writes into the file of the other stream'
rm -f log
# This logger has a log of its own.
run timeout 20 "$DAEMONIZE" -c "$tmp" -o '|sh -c "cat >own.log; mv own.log whole.log"' sh -c "$both"
wait_for test -e whole.log
is "$status $(tr '\n' ' ' <whole.log) $(stat -c %a whole.log)" '0 out err end  644' 'a file that a logger makes has mode 0644'
rm -f whole.log

# --- nothing is lost --------------------------------------------------------

new_hold
cat >summed <<'end'
#!/bin/sh
[ ! "$1" ] || read -r go <"$1"
cksum >"$tmp/sum.new"
mv "$tmp/sum.new" "$tmp/sum"
end
chmod 755 summed
run timeout 60 "$DAEMONIZE" -o "|$tmp/summed" seq 13500000
wait_for test -e sum
is "$status $(cat sum)" "0 $(seq 13500000 | cksum)" 'of a command that ends all of 110 MB arrive'
rm -f sum
run timeout 20 "$DAEMONIZE" -o "|$tmp/summed $hold" sh -c 'seq 1000000; : >"$1"' sh "$tmp/written"
ok 'a slow logger holds the command up' test ! -e written
release
wait_for test -e sum
is "$status $(cat sum)" "0 $(seq 1000000 | cksum)" 'a slow logger loses nothing'
rm -f sum written
run timeout 20 "$DAEMONIZE" -o "|$tmp/summed" sh -c 'seq 100000; kill -9 $$'
wait_for test -e sum
is "$status $(cat sum)" "0 $(seq 100000 | cksum)" 'of a command that kills itself all that it wrote arrives'
rm -f sum
run timeout 20 "$DAEMONIZE" -p pid -o "|$tmp/summed" sh -c 'seq 100000; : >"$1"; exec sleep 1000' sh "$tmp/written"
wait_for test -e written
kill -9 "$(cat pid)"
wait_for test -e sum
is "$status $(cat sum)" "0 $(seq 100000 | cksum)" 'of a command that somebody kills all that it wrote arrives'
rm -f sum written
# The end comes when all that has the stream has ended, and not before.
new_hold
run timeout 20 "$DAEMONIZE" -o "$keep" sh -c '(read x <"$1"; echo late) & echo early' sh "$hold"
wait_for grep -q early kept
ok 'a logger waits for the children of the command' test ! -e kept.end
release
is "$(kept)" 'early
late' 'a logger gets what the children of the command write'
# No logger holds up the other.
new_hold
run timeout 20 "$DAEMONIZE" -o "$keep" -e "|sh -c 'cat >$tmp/other.log; read x <$hold; echo >$tmp/other.end'" sh -c "$both"
is "$status $(kept)" '0 out
end' 'the first logger sees the end while the second one lives'
ok 'the second logger lives on while the first one ends' test ! -e other.end
release
wait_for test -e other.end
is "$(cat other.log)" err 'the second logger, which lives on, has got its stream'
rm -f other.*
new_hold
run timeout 20 "$DAEMONIZE" -e "$keep" -o "|sh -c 'cat >$tmp/other.log; read x <$hold; echo >$tmp/other.end'" sh -c "$both"
is "$status $(kept)" '0 err' 'the second logger sees the end while the first one lives'
release
wait_for test -e other.end
rm -f other.*
# A logger goes, and the command hears of it.
run timeout 20 "$DAEMONIZE" -o '|true' sh -c 'trap "" PIPE; until ! echo x; do :; done 2>/dev/null; : >"$1"' sh "$tmp/broken"
ok 'a logger that has ended is EPIPE for the command' wait_for test -e broken
is "$status $err" '0 ' 'the end of a logger is no failure of a start without -w and -r'
rm -f broken

# --- signals ----------------------------------------------------------------

run timeout 20 "$DAEMONIZE" -o "$keep" sh -c 'trap "echo bye; exit" TERM; kill -TERM 0'
is "$status $(kept)" '0 bye' 'a signal for the group of the command does not reach the logger'
new_hold
run timeout 20 "$DAEMONIZE" -p pid -o "$keep" sh -c 'trap "echo bye; exit" TERM; echo hello; while :; do sleep 0.05; done'
wait_for grep -q hello kept
run timeout 20 "$DAEMONIZE" --stop -T 10 -p pid
is "$status$out$err$newline$(kept)" '0
hello
bye' '--stop: the logger gets all, to the last words'
ok '--stop beside a logger removes the pid file' test ! -e pid
new_hold
run timeout 20 "$DAEMONIZE" -p pid -o "|sh -c 'cat >/dev/null; read x <$hold; : >$tmp/late.end'" sleep 1000
run timeout 20 "$DAEMONIZE" --stop -T 10 -p pid
is "$status$out$err" 0 '--stop does not wait for the logger'
ok 'a logger lives on after --stop' test ! -e late.end
release
ok 'a logger that lives on after --stop ends when it wants to' wait_for test -e late.end
rm -f late.end
run timeout 20 "$DAEMONIZE" -p pid -o "$keep" sh -c 'trap "echo hup" HUP; echo hello; until [ -e "$1" ]; do sleep 0.05; done' \
	sh "$tmp/over"
wait_for grep -q hello kept
run timeout 20 "$DAEMONIZE" --signal=HUP -p pid
wait_for grep -q hup kept
: >over
is "$status$out$err$newline$(kept)" '0
hello
hup' '--signal reaches the command, and not the logger'
rm -f over pid

# --- -w and -r --------------------------------------------------------------

later '-w: a command that lives, beside a logger, is 0' 0 '' "$DAEMONIZE" -p lives.pid -w 0.2 -o '|cat' sleep 1000
later '-w: the line on a command that ended names the logger' 3 "daemonize: $shell: ended with status 3 after T s, see |$tmp/keep $tmp/w1" \
	"$DAEMONIZE" -p w1.pid -w 30 -o "|$tmp/keep $tmp/w1" sh -c 'echo text; echo error >&2; exit 3'
later '-w: the line names the logger of the errors, not the file of the output' 3 \
	"daemonize: $shell: ended with status 3 after T s, see |$tmp/keep $tmp/w2" \
	"$DAEMONIZE" -w 30 -o w2.log -e "|$tmp/keep $tmp/w2" sh -c 'echo error >&2; exit 3'
later '-w: the line names the file of the errors, not the logger of the output' 3 \
	"daemonize: $shell: ended with status 3 after T s, see $tmp/w3.log
    error" "$DAEMONIZE" -w 30 -o "|$tmp/keep $tmp/w3" -e w3.log sh -c 'echo text; echo error >&2; exit 3'
later '-w: the line on a command that was killed names the logger' 137 "daemonize: $shell: ended by signal 9 (Killed) after T s, see |$tmp/keep $tmp/w4" \
	"$DAEMONIZE" -w 30 -o "|$tmp/keep $tmp/w4" sh -c 'echo text; kill -9 $$'
later '-w: the line on a command that ended with 0 names the logger' 0 \
	"daemonize: $shell: ended with status 0 after T s; it may have put itself into the background, see |$tmp/keep $tmp/w5" \
	"$DAEMONIZE" -w 30 -o "|$tmp/keep $tmp/w5" sh -c 'echo text'
later '-r: the line on a command that is not ready names the logger' 124 "daemonize: $shell: not ready after T s, see |$tmp/keep $tmp/w6" \
	"$DAEMONIZE" -p w6.pid -r fd:3 -T 0.5 -o "|$tmp/keep $tmp/w6" sh -c 'echo text; exec sleep 1000'
later '-r: a command that is ready, beside a logger, is 0' 0 '' \
	"$DAEMONIZE" -p lives2.pid -r fd:3 -o '|cat' sh -c 'echo >&3; exec 3>&-; exec sleep 1000'
collect
for n in 1 2 3 4 5 6; do
	wanted='text'
	case $n in 1) wanted="text${newline}error" ;; 2) wanted=error ;; esac
	is "$(kept w$n)" "$wanted" "the logger of undone start $n gets what was written, and ends"
done
is "$(ls w1.pid w6.pid 2>/dev/null)" '' 'no pid file is left of an undone start with a logger'
for file in lives.pid lives2.pid; do
	kill "$(cat $file)"
done

# A logger ends while it is watched.
mkfifo leave.now
logger_ends() { # NAME WHAT LOGGER OPTION...
	ends_name=$1 ends_what=$2 ends_logger=$3 ends_see=
	shift 3
	case $ends_name in *'first of two'*) ends_see=", see |$tmp/keep $tmp/e5" ;; esac
	later "$ends_name" 125 "daemonize: $ends_logger: $ends_what after T s$ends_see" \
		"$DAEMONIZE" "$@" sh -c 'echo $$ >"$1"; exec sleep 1000' sh "$tmp/command.$laters"
}
logger_ends '-w: a logger that ends with a status is told' 'ended with status 7' "|sh -c 'exit 7'" \
	-p e1.pid -w 30 -o "|sh -c 'exit 7'"
logger_ends '-w: a logger that ends with 0 is told' 'ended with status 0' '|true' -p e2.pid -w 30 -o '|true'
logger_ends '-w: a logger that is killed is told' 'ended by signal 9 (Killed)' "|sh -c 'kill -9 \$\$'" \
	-p e3.pid -w 30 -o "|sh -c 'kill -9 \$\$'"
logger_ends '-w: a logger of errors that ends is told' 'ended with status 7' "|sh -c 'exit 7'" \
	-p e4.pid -w 30 -o e4.log -e "|sh -c 'exit 7'"
logger_ends '-w: the first of two loggers that ends is told' 'ended with status 7' "|sh -c 'exit 7'" \
	-p e5.pid -w 30 -o "|sh -c 'exit 7'" -e "|$tmp/keep $tmp/e5"
logger_ends '-w: the second of two loggers that ends is told' 'ended with status 7' "|sh -c 'exit 7'" \
	-p e6.pid -w 30 -e "|sh -c 'exit 7'" -o "|$tmp/keep $tmp/e6"
logger_ends '-r: a logger that ends is told' 'ended with status 7' "|sh -c 'exit 7'" \
	-p e7.pid -r fd:3 -T 30 -o "|sh -c 'exit 7'"
logger_ends '-r notify: a logger that ends is told' 'ended with status 7' "|sh -c 'exit 7'" \
	-p e8.pid -r notify -T 30 -o "|sh -c 'exit 7'"
for round in 1 2 3 4 5; do
	later "-w: a logger that ends, and the command by SIGPIPE, is told, start $round of 5" 125 \
		'daemonize: |head -n 1: ended with status 0 after T s' "$DAEMONIZE" -w 30 -o '|head -n 1' yes
done
collect
is "$(find . -name 'e[1-8].pid')" '' 'no pid file is left of a start that a logger undid'
left=
for file in command.*; do
	[ ! -s "$file" ] || gone "$(cat "$file")" || left="$left $file"
done
is "$left" '' 'no command is left of a start that a logger undid'
is "$(kept e5)$(kept e6)" '' 'the other logger ends when a logger has undone the start'

# --- not detached -----------------------------------------------------------

run timeout 20 "$DAEMONIZE" -f -o "$keep" sh -c "$both; exit 3"
is "$status $err$newline$(kept)" '3 
out
err
end' '-f: the logger gets both streams, the caller the status'
run timeout 20 "$DAEMONIZE" -f -e "$keep" sh -c "$both"
is "$status $out$newline$(kept)" '0 out
end
err' "-f -e |: standard output is the caller's"
run timeout 20 "$DAEMONIZE" -f -o "$keep" -e "$keep2" sh -c "$both"
is "$status $out$err$(kept) $(kept kept2)" '0 out
end err' '-f: two loggers get a stream each'
session=$("$probe" - | sed -n 's/^sid=//p')
report=$(observe_logger "$DAEMONIZE" -f -o @)
is "$(descriptors "$report")" "$pipe0
$null1
$null2" '-f: the logger has the pipe and /dev/null'
is "$(place "$report" | sed 's/^acquires_tty=.*/acquires_tty=no/')" "$normal" '-f: the logger leads a group, and is clean'
is "$(value "$report" sid)" "$session" '-f: the logger is in the session of the command'
is "$(descriptors "$(observe_logger "$DAEMONIZE" -f -e @)")" "$pipe0
$null1
$null2" '-f -e |: the logger does not have the caller'"'"'s streams'
is "$(descriptors "$(observe_logger "$DAEMONIZE" -f -p pid -k 7 -o @ 7</dev/null)")" "$pipe0
$null1
$null2" '-f: the logger has neither the lock nor what -k lets through'
report=$(observe sh -c 'echo $$ >pid; exec "$@"' sh "$DAEMONIZE" -f -o '|cat' @)
is "$(value "$report" pid)" "$(cat pid)" '-f: the process id stays, beside a logger'
is "$(descriptors "$report" | tail -n 2)" '1:fifo w pipe
2:fifo w pipe' '-f: the command has the pipe'
is "$(printf '%s\n' "$report" | grep -c '^fd\.')" 3 '-f: the command has no descriptor but its streams'
rm -f pid
new_hold
"$DAEMONIZE" -f -o "$keep" sh -c 'read x <"$1"; exit 3' sh "$hold" &
wait_for test -s kept.pids
is "$(parent_of "$(cat kept.pids)")" "$adopter" '-f: the parent of the logger is init or the subreaper'
release
wait $!
is $? 3 "-f: beside a logger the status is the command's"
kept >/dev/null
if need perl '-f: the children of the command'; then
	for how in -f '-f -e |true' '-f -o log -e |true'; do
		# shellcheck disable=SC2086 # words
		run timeout 20 "$DAEMONIZE" -o '|cat' $how -c "$tmp" perl -MPOSIX=:sys_wait_h -e '
			open my $f, ">", "children";
			select undef, undef, undef, 0.1;
			print $f waitpid(-1, WNOHANG), " ", $!{ECHILD} ? "none" : "some"'
		is "$status $(cat children)" '0 -1 none' "$how: the command has no child, dead or alive"
	done
fi
# inetd starts us.
report=$(observe_logger "$arrange" inet=0,1 open=5-6 -- "$DAEMONIZE" -e @ 2>told)
is "$(descriptors "$report")" "$pipe0
$null1
$null2" 'inetd: the logger has the pipe and /dev/null, neither the socket nor other descriptors'
is "$(place "$report" | sed 's/^acquires_tty=.*/acquires_tty=no/')" "$normal" 'inetd: the logger leads a group, and is clean'
report=$(observe "$arrange" inet=0,1 open=5-6 -- "$DAEMONIZE" -e "$keep" @ 2>told)
is "$(printf '%s\n' "$report" | sed -n 's/^fd\.2=\([a-z]* [a-z]*\) .*/\1/p') $(printf '%s\n' "$report" | grep -o '^fd\.[0-9]*')" \
	"fifo w $(observe "$arrange" inet=0,1 open=5-6 -- @ | grep -o '^fd\.[0-9]*')" 'inetd: the command has its socket, the pipe, and what it was given'
kept >/dev/null
run timeout 20 "$arrange" inet=0,1 -- "$DAEMONIZE" -e "$keep" sh -c 'echo err >&2; exit 4'
is "$status $(kept)" '4 err' 'inetd: the logger gets the stream'

# --- another user -----------------------------------------------------------

if need_root 'a logger beside -u'; then
	report=$(observe_logger "$DAEMONIZE" -u nobody -o @)
	is "$(printf '%s\n' "$report" | sed -n -e '/^cap_/p' -e '/^groups/p' -e '/^e*[ug]id/p' -e '/^s[ug]id/p')" \
		"$("$probe" - | sed -n -e '/^cap_/p' -e '/^groups/p' -e '/^e*[ug]id/p' -e '/^s[ug]id/p')" \
		'-u: the logger runs as who runs us'
	is "$(descriptors "$report")" "$pipe0
$null1
$null2" '-u: the logger has the pipe and /dev/null'
	is "$(printf '%s\n' "$report" | sed -n 's/^env\.[0-9]*=\(USER\|LOGNAME\)=/\1=/p' | sort)" 'LOGNAME=nobody
USER=nobody' '-u: the environment of the logger is the command'"'"'s'
	run timeout 20 "$DAEMONIZE" -u nobody -o "$keep" sh -c 'id -un; id -un >&2'
	is "$status $err$(kept)" '0 nobody
nobody' '-u: the logger gets the streams of the user'
	run timeout 20 "$DAEMONIZE" -u nobody -o "$keep" sh -c 'echo again >/dev/stdout && echo >/dev/stderr'
	is "$status $err$(kept)" '0 again' '-u: the command may open its streams again, by /dev/stdout'
	run timeout 20 "$DAEMONIZE" -u nobody -o '|setpriv --reuid=nobody --regid=nogroup --clear-groups id -un' true
	is "$status $err" '0 ' '-u: setpriv may stand in front of a logger'
	mkdir -m 700 theirs
	chown nobody theirs
	report=$(observe_logger "$DAEMONIZE" -u nobody -c theirs -o @)
	is "$(value "$report" cwd)" "$tmp/theirs" '-u -c: the directory of the logger is the command'"'"'s'
	# The caller is not root.
	cp "$DAEMONIZE" daemonize
	run timeout 20 setpriv --reuid=nobody --regid=nogroup --clear-groups ./daemonize -o '|sh -c "cat >/dev/null"' true
	is "$status $err" '0 ' 'an ordinary user may have a logger'
fi

# --- what is said -----------------------------------------------------------

rm -f log
run "$DAEMONIZE" -n -o "$keep" -e "|$tmp/say it" touch "$tmp/ran"
is "$status$err" 0 '-n with loggers succeeds'
is "$(printf '%s\n' "$out" | grep '|')" "would pipe standard output into $keep ($tmp/keep)
would pipe standard error into |$tmp/say it ($tmp/say)" '-n names the loggers'
ok '-n starts no logger' test ! -e kept.pids
is "$("$DAEMONIZE" -n -o "$keep" true | sed -n -e '/|/p' -e '/standard error/p')" "would pipe standard output into $keep ($tmp/keep)
would send standard error there too" '-n says that one logger gets both streams'
is "$("$DAEMONIZE" -n -o "$keep" -e "$keep" true | sed -n -e '/|/p' -e '/standard error/p')" "would pipe standard output into $keep ($tmp/keep)
would send standard error there too" '-n says that one logger gets both streams where -o and -e have the same text'
is "$("$DAEMONIZE" -n -o log -e '|cat' true | sed -n -e '/standard [oe]/p')" "would append standard output to $tmp/log
would pipe standard error into |cat ($(command -v cat))" '-n says that a file and a logger get a stream each'
ok '-n beside a logger makes no file' test ! -e log
for how in "|nosuch: not found in PATH ($PATH)" "|$tmp/plain: Permission denied" \
	"|$tmp/script: interpreter /no/such: No such file or directory"; do
	run "$DAEMONIZE" -n -o "${how%%: *}" touch "$tmp/ran"
	is "$status $err" "125 daemonize: $how" "-n tells of the logger that would fail with: $(printf %.25s "${how#*: }")"
done
run "$DAEMONIZE" -v -P -o "$keep" -e "|$tmp/keep $tmp/kept2" touch ran
is "$status" 0 'a start with -v and loggers succeeds'
is "$(printf '%s\n' "$err" | grep '|')" "daemonize: pipe standard output into $keep ($tmp/keep)
daemonize: pipe standard error into $keep2 ($tmp/keep)
daemonize: process $out runs $touch, output in $keep, errors in $keep2" '-v names the loggers'
kept >/dev/null
kept kept2 >/dev/null
is "$("$DAEMONIZE" -v -o '|cat' true 2>&1 >/dev/null | wc -l)" "$("$DAEMONIZE" -n -o '|cat' true | wc -l | awk '{ print $1 + 1 }')" \
	'beside a logger -v prints one line more than -n'
report=$(observe sh -c '"$@" >pid' sh "$DAEMONIZE" -P -o "$keep" @)
is "$(cat pid)" "$(value "$report" pid)" 'beside a logger -P prints the process id of the command'
kept >/dev/null
run "$DAEMONIZE" -o "$keep" true
is "$status$out$err" 0 'a start with a logger prints nothing'
kept >/dev/null
finish
