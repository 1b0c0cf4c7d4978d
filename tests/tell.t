#!/bin/sh
# We print only what -P, -n and -v ask for.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

run "$DAEMONIZE" true
is "$status$out$err" 0 'a start prints nothing'

report=$(observe sh -c '"$@" >pid' sh "$DAEMONIZE" -P @)
is "$(cat pid)" "$(value "$report" pid)" '-P prints the process id of the command'
report=$(observe sh -c '"$@" >pid' sh "$DAEMONIZE" --print-pid -f @)
is "$(cat pid)" "$(value "$report" pid)" '-P -f prints the process id of the command'
run sh -c '"$1" -P touch "$2/ran" >/dev/full' sh "$DAEMONIZE" "$tmp"
is "$status $err" '125 daemonize: standard output: No space left on device' '-P into a full device is told'
run "$arrange" close=1 -- "$DAEMONIZE" -P touch "$tmp/ran"
is "$status $err" '125 daemonize: standard output: Bad file descriptor' '-P without standard output is told'
run "$arrange" pipe=1 -- "$DAEMONIZE" -P touch "$tmp/ran"
is "$status $err" '125 daemonize: standard output: Broken pipe' '-P into a closed pipe is told'
run "$arrange" pipe=1 -- "$DAEMONIZE" -f -P touch "$tmp/ran"
is "$status $err" '125 daemonize: standard output: Broken pipe' '-P -f into a closed pipe is told'
is "$( (ulimit -f 0 && "$DAEMONIZE" -P touch "$tmp/ran" 2>&1 >limited; echo $?) | tr '\n' ' ')" 'daemonize: standard output: File too large 125 ' '-P beyond the file size limit is told'
truncate -s 510 full
run sh -c 'ulimit -f 1 && exec "$@" >>full' sh "$DAEMONIZE" -P touch "$tmp/ran"
is "$status $err" '125 daemonize: standard output: No space left on device' '-P with room for two bytes only is told'
ok 'a process id that cannot be printed: nothing runs' test ! -e ran
run "$DAEMONIZE" -P ./nosuch
is "$status$out" 127 '-P prints nothing for a command that is not found'

# -n says what would be done, and changes nothing.
mkdir dir
: >old
cp "$probe" job
run "$DAEMONIZE" -n -o new -e old -c dir -m 022 -E A=1 -E B=2 -P -k 0 ./job x
is "$status$err" 0 '-n of a start that would succeed is 0, and prints no error'
is "$out" "would keep descriptor 0
would close all other descriptors
would set A in the environment
would set B in the environment
would leave standard input as it is
would append standard output to $tmp/new
would append standard error to $tmp/old
would enter $tmp/dir
would set the umask to 022
would detach by fork, setsid and fork
would print the process id
would execute $tmp/job" '-n says what would be done'
ok '-n creates nothing' test ! -e new
is "$("$DAEMONIZE" -n -f -t -o old touch | tail -n 6)" "would send standard error there too
would enter /
would set the umask to 000
would stay in the foreground
would empty the logs
would execute $(command -v touch)" '-n -f -t says what would be done'
echo x >old
"$DAEMONIZE" -n -t -o old true >/dev/null
is "$(cat old)" x '-n -t empties nothing'
mkfifo fifo
run timeout 10 "$DAEMONIZE" -n -o fifo true
is "$status" 0 '-n does not wait for the reader of a FIFO'
if need perl '-n -o of a socket tells what would fail'; then
	perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Listen => 1, Local => "socket") or die'
	for how in -n -f; do
		for option in -i -o; do
			run "$DAEMONIZE" $how $option socket true
			is "$status $err" "125 daemonize: $tmp/socket: No such device or address" "$how $option of a socket tells that it fails"
		done
	done
fi
foresees() { # STATUS MESSAGE ARGUMENT...
	wanted="$1 daemonize: $2"
	shift 2
	run "$DAEMONIZE" -n "$@"
	is "$status $err" "$wanted" "-n $* tells what would fail"
}
foresees 127 "$tmp/nosuch: No such file or directory" ./nosuch
foresees 125 "$tmp/nowhere/log: No such file or directory" -o nowhere/log true
foresees 125 "$tmp/dir: Is a directory" -e dir true
foresees 125 "$tmp/nowhere: No such file or directory" -i nowhere true
foresees 125 "$tmp/nowhere: No such file or directory" -c nowhere true
ln -s old link
run "$DAEMONIZE" -n -p link true
is "$status ${err%% (*}" "125 daemonize: $tmp/link: a symbolic link, which is not followed" \
	'-n -p LINK tells that it would fail'
foresees 125 "/dev/null: not a regular file" -p /dev/null true
foresees 125 "$tmp/fifo: not a regular file" -l fifo true
foresees 125 "$tmp/nowhere/pid: No such file or directory" -p nowhere/pid true
# A file of two uses is there, or is to be made, and is named in two ways.
echo 1 >twice
for name in twice new; do
	foresees 125 "$tmp/$name: is also the command's standard output; see 'daemonize --help'" -p $name -o $name true
	foresees 125 "$tmp/$name: is also the command's standard error; see 'daemonize --help'" -l $name -e ./$name true
done
foresees 125 "$tmp/twice: is also the command's standard input; see 'daemonize --help'" -l twice -i "$tmp/./twice" true
run "$DAEMONIZE" -l twice -i "$tmp/./twice" true
is "$status $err" "125 daemonize: $tmp/twice: is also the command's standard input; see 'daemonize --help'" '-l and -i of one file is told'
ok '-n of a file of two uses makes nothing' test ! -e new
printf '#!/no/such\n' >script
chmod +x script
foresees 126 "$tmp/script: interpreter /no/such: No such file or directory" ./script
run sh -c '"$1" -n true >/dev/full' sh "$DAEMONIZE"
is "$status $err" '125 daemonize: standard output: No space left on device' '-n into a full device is told'
slashes=$(printf '%04000d' 0 | tr 0 /)
run sh -c 'exec "$@" >/dev/full' sh "$DAEMONIZE" -n -c "$slashes" -o "$slashes/dev/null" true
is "$status $err" '125 daemonize: standard output: No space left on device' '-n of more than one buffer into a full device is told'
run "$DAEMONIZE" -n -p pid -l lock true
is "$(printf '%s\n' "$out" | grep lock)" "would lock and write the process id to $tmp/pid
would lock $tmp/lock" '-n tells of the pid file and of the lock file'
if need_root '-n as another user' && need setpriv '-n as another user'; then
	cp "$DAEMONIZE" daemonize
	run setpriv --reuid=nobody --regid=nogroup --clear-groups ./daemonize -n -o "$tmp/theirs" true
	is "$status $err" "125 daemonize: $tmp/theirs: Permission denied" \
		'-n -o of a log that cannot be created tells what would fail'
	mkfifo -m 444 unwritable
	for how in -n -f; do
		run ./daemonize $how -u nobody -i unwritable true
		is "$status $err" "125 daemonize: $tmp/unwritable: Permission denied (opened as nobody, because ${tmp%/*} is writable by everyone)" \
			"$how -u nobody -i of a FIFO that the user cannot write to tells that it fails"
	done
	run setpriv --reuid=nobody --regid=nogroup --clear-groups ./daemonize -n -o "$tmp/old" true
	is "$status $err" "125 daemonize: $tmp/old: Permission denied" \
		'-n -o of a log that cannot be written tells what would fail'
fi

# -v tells the same as -n, and the process id at the end.
run "$DAEMONIZE" -v -P -o new -e old -c dir -m 022 -E A=1 -k 0 ./job "$tmp/r"
is "$status" 0 'a start with -v succeeds'
is "$err" "daemonize: keep descriptor 0
daemonize: close all other descriptors
daemonize: set A in the environment
daemonize: leave standard input as it is
daemonize: append standard output to $tmp/new
daemonize: append standard error to $tmp/old
daemonize: enter $tmp/dir
daemonize: set the umask to 022
daemonize: detach by fork, setsid and fork
daemonize: print the process id
daemonize: execute $tmp/job
daemonize: process $out runs $tmp/job, output in $tmp/new, errors in $tmp/old" '-v tells the start step by step'
is "$("$DAEMONIZE" -v true 2>&1 | sort | uniq -d)" '' '-v prints no line twice'
is "$("$DAEMONIZE" -v true 2>&1 >/dev/null | wc -l)" "$("$DAEMONIZE" -n true | wc -l | awk '{ print $1 + 1 }')" \
	'-v prints one line more than -n'
run "$DAEMONIZE" -v -t -o new -p pid -l lock true
like "$err" "^daemonize: lock and write the process id to $tmp/pid\$" '-v tells of the pid file'
like "$err" "^daemonize: lock $tmp/lock\$" '-v tells of the lock file'
like "$err" '^daemonize: empty the logs$' '-v tells that the logs are emptied'

# A message that cannot be written changes nothing.
for where in 'close=2' 'pipe=2' 'full=2'; do
	run "$arrange" $where -- "$DAEMONIZE" -v ./job "$tmp/r2"
	is "$status" 0 "with $where -v succeeds"
	run "$arrange" $where -- "$DAEMONIZE" -f -v "$probe" /dev/null
	is "$status" 0 "with $where -v -f succeeds"
	run "$arrange" $where -- "$DAEMONIZE" ./nosuch
	is "$status" 127 "with $where a command that is not found is 127"
	run "$arrange" $where -- "$DAEMONIZE" ./script
	is "$status" 126 "with $where a script without interpreter is 126"
	run "$arrange" $where -- "$DAEMONIZE" -f ./script
	is "$status" 126 "with $where -f a script without interpreter is 126"
	run "$arrange" $where -- "$DAEMONIZE" -q
	is "$status" 125 "with $where a misuse is 125"
done
(ulimit -f 0 && exec "$DAEMONIZE" -q 2>limited2)
is $? 125 'beyond the file size limit a misuse is 125'
(ulimit -f 0 && exec "$DAEMONIZE" -f -v true 2>limited2)
is $? 0 'beyond the file size limit -v -f succeeds'
finish
