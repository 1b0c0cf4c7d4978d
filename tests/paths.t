#!/bin/sh
# Paths mean what the caller means; PATH is searched by execvp's rules.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir work work/sub bin1 bin2 bin3
cd work || exit 1
cp "$probe" job
is "$(value "$(observe "$DAEMONIZE" @)" cwd)" / 'the working directory is / by default'
is "$(value "$(observe "$DAEMONIZE" -c sub @)" cwd)" "$tmp/work/sub" '-c is relative to the caller'
is "$(value "$(observe "$DAEMONIZE" -c .. @)" cwd)" "$tmp" '-c .. is the directory above'
is "$(value "$(observe "$DAEMONIZE" -f -c sub @)" cwd)" "$tmp/work/sub" '-f -c is relative to the caller'
run "$DAEMONIZE" -c nowhere true
is "$status $err" "125 daemonize: $tmp/work/nowhere: No such file or directory" '-c of a missing directory is told'
run "$DAEMONIZE" -c job true
is "$status $err" "125 daemonize: $tmp/work/job: Not a directory" '-c of a file is told'
ok 'a relative command is found where the caller stands, whatever -c says' "$DAEMONIZE" -c sub ./job "$tmp/r1"
ok 'a start with relative logs succeeds, whatever -c says' "$DAEMONIZE" -c sub -o out -e sub/err sh -c 'echo out; echo err >&2'
wait_for test -s sub/err
is "$(cat out sub/err)" 'out
err' 'relative logs are where the caller stands, whatever -c says'
ok 'a relative command with .. is found' "$DAEMONIZE" ../work/./job "$tmp/r2"
wait_for test -e "$tmp/r2"
is "$(sed -n 's/^argv.0=//p' "$tmp/r2")" "$tmp/work/../work/./job" \
	'argv[0] of a relative command is made absolute, since the command starts in /'
for how in '-c .' "-c $tmp/work" '-f -c ../work'; do
	# shellcheck disable=SC2086 # words
	is "$(value "$(PATH=.:$PATH observe "$DAEMONIZE" $how ./job "$tmp/.fifo" @)" argv.0)" ./job \
		"argv[0] is what was typed where that means the same: $how"
done
is "$(value "$(observe "$DAEMONIZE" -c sub ./job "$tmp/.fifo" @)" argv.0)" "$tmp/work/job" \
	'-c sub: argv[0] of a relative command is made absolute'
is "$(PATH=$tmp/work:$PATH "$DAEMONIZE" -f job - | sed -n 's/^argv.0=//p')" job \
	'argv[0] of a name without a slash is what was typed'
is "$("$DAEMONIZE" -f "$tmp/work/../work/job" - | sed -n 's/^argv.0=//p')" "$tmp/work/../work/job" \
	'argv[0] of an absolute name is what was typed'
is "$("$DAEMONIZE" -f -A ./other ./job - | sed -n 's/^argv.0=//p')" ./other '-A ./other: argv[0] is ./other'
is "$(value "$(observe "$DAEMONIZE" -A 'a name' @)" argv.0)" 'a name' "-A 'a name': argv[0] is what -A says"
is "$(value "$(observe "$DAEMONIZE" -A '' @)" argv.0)" '' "-A '': argv[0] is empty"

# PATH is searched in its order.
which_is_run() { # PATH...
	run env PATH="$1" "$DAEMONIZE" -n job
	printf '%s\n' "$out" | sed -n 's/^would execute //p'
}
cp "$probe" ../bin2/job
cp "$probe" ../bin3/job
is "$(which_is_run "$tmp/bin1:$tmp/bin2:$tmp/bin3")" "$tmp/bin2/job" 'the first hit in PATH is taken'
: >../bin1/job
is "$(which_is_run "$tmp/bin1:$tmp/bin2")" "$tmp/bin2/job" 'a file in PATH that is not executable hides nothing'
rm ../bin1/job
mkdir ../bin1/job
is "$(which_is_run "$tmp/bin1:$tmp/bin2")" "$tmp/bin2/job" 'a directory in PATH of that name hides nothing'
is "$(which_is_run "/nowhere:$tmp/work/job:$tmp/bin2")" "$tmp/bin2/job" 'an entry of PATH that is no directory hides nothing'
is "$(which_is_run "$(printf '%05000d' 0):$tmp/bin2")" "$tmp/bin2/job" 'an entry of PATH that is too long hides nothing'
is "$(which_is_run "$tmp/bin2/:$tmp/bin3")" "$tmp/bin2//job" 'an entry of PATH may end with a slash'
is "$(which_is_run '')" "$tmp/work/job" 'an empty PATH is the working directory'
is "$(which_is_run ":$tmp/bin2")" "$tmp/work/job" 'an empty entry at the beginning of PATH is the working directory'
is "$(which_is_run /nowhere:)" "$tmp/work/job" 'an empty entry at the end of PATH is the working directory'
is "$(which_is_run /nowhere::/nowhere)" "$tmp/work/job" 'an empty entry in the middle of PATH is the working directory'
is "$(which_is_run "../bin2:$tmp/bin3")" "$tmp/work/../bin2/job" 'a relative entry of PATH is relative to the caller'
run env PATH="$tmp/bin1" "$DAEMONIZE" job
is "$status $err" "126 daemonize: $tmp/bin1/job: Is a directory" 'a command whose only hit in PATH is a directory is told'
mkdir -p ../bin4/job
run env PATH="$tmp/bin1:$tmp/bin4" "$DAEMONIZE" job
is "$status $err" "126 daemonize: $tmp/bin1/job: Is a directory" 'of two hits in PATH that cannot be executed the first is told'
ok 'the PATH that -E gives is searched' "$DAEMONIZE" -E "PATH=$tmp/bin3" job "$tmp/r3"
run "$DAEMONIZE" -n -E "PATH=$tmp/bin3" job
like "$out" "^would execute $tmp/bin3/job\$" '-n: the PATH that -E gives is searched'
run env -u PATH "$DAEMONIZE" -n sh
like "$out" '^would execute /bin/sh$' "without PATH the system's default is searched"
ok 'env -i: a start succeeds' env -i "$DAEMONIZE" sh -c "env >'$tmp/env'; mv '$tmp/env' '$tmp/env.done'"
wait_for test -e "$tmp/env.done"
is "$(grep -v -e '^PWD=' -e '^_=' -e '^SHLVL=' -e '^OLDPWD=' "$tmp/env.done")" '' 'env -i: the command finds no variable of ours'
if need_root 'a directory in PATH that cannot be read hides nothing' &&
	need setpriv 'a directory in PATH that cannot be read hides nothing'; then
	chmod 700 ../bin1
	cp "$DAEMONIZE" ../daemonize
	run setpriv --reuid=nobody --regid=nogroup --clear-groups env PATH="$tmp/bin1:$tmp/bin2" ../daemonize -n job
	like "$out" "^would execute $tmp/bin2/job\$" 'a directory in PATH that cannot be read hides nothing'
	run setpriv --reuid=nobody --regid=nogroup --clear-groups env PATH="$tmp/bin1" ../daemonize -n job
	is "$status" 127 'a command that is only where it cannot be read is not found'
fi

# A working directory that is gone matters only if it is needed.
from_deleted() {
	run "$arrange" cwd=deleted -- "$DAEMONIZE" "$@"
}
from_deleted "$probe" "$tmp/r4"
is "$status$err" 0 'a deleted working directory does not matter for an absolute command'
from_deleted -c / -o "$tmp/log" sh -c true
is "$status$err" 0 'a deleted working directory does not matter for absolute paths and a name in PATH'
from_deleted ./job
is "$status $err" '125 daemonize: ./job: the working directory: No such file or directory' 'a deleted working directory: a relative command is told'
from_deleted -o log true
is "$status $err" '125 daemonize: log: the working directory: No such file or directory' 'a deleted working directory: a relative log is told'
from_deleted -c . true
is "$status $err" '125 daemonize: .: the working directory: No such file or directory' 'a deleted working directory: a relative -c is told'
is "$(PATH=.:$PATH observe "$arrange" cwd=deleted -- "$DAEMONIZE" @ | grep ^cwd=)" cwd=/ 'a deleted working directory: a relative entry of PATH does not matter'

# A path has the greatest length, or one byte more.
deep=$tmp
while [ ${#deep} -lt 3800 ]; do
	deep=$deep/$(printf '%0200d' 0)
done
mkdir -p "$deep"
rest=$(printf "%0$((4094 - ${#deep}))d" 0)
ok 'a start with a path of 4095 bytes succeeds' "$DAEMONIZE" -o "$deep/$rest" true
ok 'a path of 4095 bytes is opened' test -e "$deep/$rest"
run "$DAEMONIZE" -o "$deep/${rest}0" true
is "$status" 125 'a path of 4096 bytes is 125'
cd "$deep" || exit 1
run "$DAEMONIZE" -o "${rest}0" true
is "$status ${err##*: }" '125 File name too long' 'a relative path that comes to 4096 bytes is told'
cd "$tmp/work" || exit 1
long=$(printf '%0256d' 0)
run "$DAEMONIZE" -o "$long" true
is "$status $err" "125 daemonize: $tmp/work/$long: File name too long" 'a name of 256 bytes is told'
if need_root 'a link that is too long to be put into the path'; then
	trusted=$(mktemp -d /run/daemonize.XXXXXX)
	chmod 755 "$trusted"
	trap 'cd / && rm -rf "$tmp" "$trusted"' EXIT
	ln -s "$(printf '%04000d' 0 | tr 0 /)" "$trusted/link"
	rest=$(printf '%0200d' 0 | tr 0 /)x
	run "$DAEMONIZE" -o "$trusted/link$rest" true
	is "$status $err" "125 daemonize: $trusted/link$rest: File name too long" 'a link that is too long to be put into the path is told'
fi

# The caller stands in /.
out=$(cd / && "$DAEMONIZE" -n -c "${tmp#/}" true)
like "$out" "would enter $tmp" 'a relative path of a caller in / begins with one slash'

# What is no number is no descriptor.
for path in /dev/fd/x /dev/fd/99999999999; do
	run "$DAEMONIZE" -o $path true
	is "$status $err" "125 daemonize: $path: No such file or directory" "-o $path, which is no descriptor, is told"
done
finish
