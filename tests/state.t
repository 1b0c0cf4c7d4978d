#!/bin/sh
# What the command finds: the whole state, compared; from a clean caller as the
# contract says, from every hostile one the same, with each option one change.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

clean() {
	env -i PATH=/usr/bin:/bin A=1 "B=a b" "$@"
}
report=$(observe clean "$DAEMONIZE" @)
clean=$(printf '%s\n' "$report" | steady)
user=$(id -u) group=$(id -g)

# the contract, word for word; the rest of the report is the caller's
is "$(printf '%s\n' "$clean" | sed -n '/^session_leader=/,/^egid=/p' | grep -v -e '^s[ug]id=')" "session_leader=no
group_leader=no
tty=no
acquires_tty=no
cwd=/
umask=0000
uid=$user
euid=$user
gid=$group
egid=$group" 'processes, terminal, directory, umask, ids'
mkfifo gate
pid=$("$DAEMONIZE" -P sh -c 'read x <"$1"' sh "$tmp/gate")
is "$(parent_of "$pid")" "$adopter" 'when daemonize has returned the parent is init or the subreaper'
: >gate
is "$(value "$report" pgid)" "$(value "$report" sid)" 'session and group are the intermediate process'"'"'s'
ok 'and not its own' test "$(value "$report" pid)" -ne "$(value "$report" sid)"
is "$(value "$report" blocked)/$(value "$report" ignored)/$(value "$report" pending)/$(value "$report" alarm)" \
	///0 'no signal blocked, ignored or pending, no alarm'
is "$(value "$report" itimer_virtual)$(value "$report" itimer_prof)" 00 'and no timer'
is "$(printf '%s\n' "$report" | grep -c '^fd\.')" 3 'three descriptors'
is "$(printf '%s\n' "$clean" | grep '^env\.')" 'env.0=PATH=/usr/bin:/bin
env.1=A=1
env.2=B=a b' 'the environment'
own=$(clean "$probe" - | sed -n -e '/^rlimit/p' -e '/^nice/p' -e '/^cap_/p' -e '/^groups/p' -e '/^no_new/p')
is "$(printf '%s\n' "$clean" | sed -n -e '/^rlimit/p' -e '/^nice/p' -e '/^cap_/p' -e '/^groups/p' -e '/^no_new/p')" \
	"$own" 'limits, niceness, groups and capabilities are the caller'"'"'s'

# hostile starts
hostile() { # WORD...
	is "$(observe clean "$arrange" "$@" -- "$DAEMONIZE" @ | steady)" "$clean" "started with $*"
}
hostile_callers hostile
hostile open=3
hostile block=TERM,HUP
hostile ignore=PIPE
hostile umask=0777
hostile pipe=1
hostile pipe=2
hostile sleeper
hostile child sleeper ignore=CHLD
hostile close=0,1,2 open=3-19 block=TERM,HUP,CHLD ignore=PIPE,INT alarm=50 umask=0777 cwd=deleted child
is "$(observe clean "$arrange" open=3-19000 -- "$DAEMONIZE" @ | grep -v '^rlimit.nofile' | steady)" \
	"$(printf '%s\n' "$clean" | grep -v '^rlimit.nofile')" 'started with 19000 descriptors open'

# platform fallbacks
# (a filter of system calls is an unprivileged user's only with no_new_privs)
clean=$(printf '%s\n' "$clean" | sed 's/^no_new_privs=.*/no_new_privs=1/')
for denied in close_range faccessat2; do
	is "$(observe clean "$arrange" open=3-19 deny=$denied -- "$DAEMONIZE" @ | steady |
		sed 's/^no_new_privs=.*/no_new_privs=1/')" "$clean" "without $denied"
done
clean=$(printf '%s\n' "$report" | steady)
is "$(observe "$DAEMONIZE" -k 9 -k 3 -k 9 -k 5 @ 3</dev/null 4</dev/null 5</dev/null 8</dev/null 9</dev/null |
	grep -o '^fd\.[0-9]*' | tr '\n' ' ')" 'fd.0 fd.1 fd.2 fd.3 fd.5 fd.9 ' '-k in any order'

if need_root 'without close_range and /proc' && need_namespaces 'without close_range and /proc'; then
	report=$(observe without_proc "$arrange" open=3-19 deny=close_range -- "$DAEMONIZE" -k 7 -k 9 @)
	is "$(printf '%s\n' "$report" | grep -o '^fd\.[0-9]*' | tr '\n' ' ')" 'fd.0 fd.1 fd.2 fd.7 fd.9 ' \
		'without close_range and /proc'
fi

# one option, one change: an option may change what it is for and nothing else
differs() { # NAME WANTED OPTION...
	name=$1 wanted=$2
	shift 2
	observe clean "$DAEMONIZE" "$@" @ | steady >changed
	printf '%s\n' "$clean" | diff - changed | sed -n 's/^> //p' | sed 's/ [0-9a-f:]* /  /' >difference
	is "$(cat difference)" "$wanted" "$name"
}
mkdir dir
: >log
differs '-c' "cwd=$tmp/dir" -c dir
differs '-m' 'umask=0027' -m 027
differs '-E adds' 'env.3=C=3' -E C=3
differs '-E replaces' 'env.1=B=a b
env.2=A=2' -E A=2
differs '-E: the last of a name counts' 'env.1=B=a b
env.2=A=3' -E A=2 -E A=3
differs '-E of nothing' 'env.1=B=a b
env.2=A=' -E A=
# two variables of one name, which only execve(2) itself can make
case $(uname -m) in
x86_64) execve=59 ;;
aarch64) execve=221 ;;
*) execve= ;;
esac
if [ "$execve" ] && need perl 'two variables of one name'; then
	report=$(observe perl -e '@e = ("A=1", "B=2", "A=2"); $n = shift;
		syscall $n, $ARGV[0], pack("p*x8", @ARGV), pack("p*x8", @e)' $execve "$DAEMONIZE" -E A=3 @)
	is "$(printf '%s\n' "$report" | grep '^env\.')" 'env.0=B=2
env.1=A=3' '-E replaces each of a name'
fi
differs '-A' 'argv.0=name' -A name
differs '-v' '' -v 2>/dev/null
differs '-a' '' -a
differs '-t' '' -t
differs '--detach' '' --detach
finish
