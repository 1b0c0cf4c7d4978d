#!/bin/sh
# The whole state that the command finds is compared: from a clean caller it is as the
# contract says, from every hostile one the same, with each option there is one change.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

clean() {
	env -i PATH=/usr/bin:/bin A=1 "B=a b" "$@"
}
report=$(observe clean "$DAEMONIZE" @)
clean=$(printf '%s\n' "$report" | steady)
user=$(id -u) group=$(id -g)

# This is the contract, word for word; the rest of the report is the caller's.
is "$(printf '%s\n' "$clean" | sed -n '/^session_leader=/,/^egid=/p' | grep -v -e '^s[ug]id=')" "session_leader=no
group_leader=no
tty=no
acquires_tty=no
cwd=/
umask=0000
uid=$user
euid=$user
gid=$group
egid=$group" 'the command leads nothing, has no terminal, stands in /, with umask 0 and our ids'
mkfifo gate
pid=$("$DAEMONIZE" -P sh -c 'read x <"$1"' sh "$tmp/gate")
is "$(parent_of "$pid")" "$adopter" 'when daemonize has returned the parent is init or the subreaper'
: >gate
is "$(value "$report" pgid)" "$(value "$report" sid)" "the command's session and group are the intermediate process's"
ok "the command's session is not its own" test "$(value "$report" pid)" -ne "$(value "$report" sid)"
is "$(value "$report" blocked)/$(value "$report" ignored)/$(value "$report" pending)/$(value "$report" alarm)" \
	///0 'the command has no signal blocked, ignored or pending, and no alarm'
is "$(value "$report" itimer_virtual)$(value "$report" itimer_prof)" 00 'the command has no timer'
is "$(printf '%s\n' "$report" | grep -c '^fd\.')" 3 'the command has three descriptors'
is "$(printf '%s\n' "$clean" | grep '^env\.')" 'env.0=PATH=/usr/bin:/bin
env.1=A=1
env.2=B=a b' "the command has the caller's environment"
own=$(clean "$probe" - | sed -n -e '/^rlimit/p' -e '/^nice/p' -e '/^cap_/p' -e '/^groups/p' -e '/^no_new/p')
is "$(printf '%s\n' "$clean" | sed -n -e '/^rlimit/p' -e '/^nice/p' -e '/^cap_/p' -e '/^groups/p' -e '/^no_new/p')" \
	"$own" "the command's limits, niceness, groups and capabilities are the caller's"

# A hostile caller changes nothing.
hostile() { # WORD...
	is "$(observe clean "$arrange" "$@" -- "$DAEMONIZE" @ | steady)" "$clean" "a caller with $* changes nothing"
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
	"$(printf '%s\n' "$clean" | grep -v '^rlimit.nofile')" 'a caller with 19000 descriptors open changes nothing'

# A call that the platform does not have changes nothing.
# An unprivileged user has a filter of system calls only with no_new_privs.
clean=$(printf '%s\n' "$clean" | sed 's/^no_new_privs=.*/no_new_privs=1/')
for denied in close_range faccessat2; do
	is "$(observe clean "$arrange" open=3-19 deny=$denied -- "$DAEMONIZE" @ | steady |
		sed 's/^no_new_privs=.*/no_new_privs=1/')" "$clean" "a platform without $denied changes nothing"
done
clean=$(printf '%s\n' "$report" | steady)
is "$(observe "$DAEMONIZE" -k 9 -k 3 -k 9 -k 5 @ 3</dev/null 4</dev/null 5</dev/null 8</dev/null 9</dev/null |
	grep -o '^fd\.[0-9]*' | tr '\n' ' ')" 'fd.0 fd.1 fd.2 fd.3 fd.5 fd.9 ' '-k may be given in any order, and twice'

if need_root 'without close_range and /proc other descriptors are closed' && need_namespaces 'without close_range and /proc other descriptors are closed'; then
	report=$(observe without_proc "$arrange" open=3-19 deny=close_range -- "$DAEMONIZE" -k 7 -k 9 @)
	is "$(printf '%s\n' "$report" | grep -o '^fd\.[0-9]*' | tr '\n' ' ')" 'fd.0 fd.1 fd.2 fd.7 fd.9 ' \
		'without close_range and /proc other descriptors are closed'
fi

# An option changes what it is for and nothing else.
differs() { # NAME WANTED OPTION...
	name=$1 wanted=$2
	shift 2
	observe clean "$DAEMONIZE" "$@" @ | steady >changed
	printf '%s\n' "$clean" | diff - changed | sed -n 's/^> //p' | sed 's/ [0-9a-f:]* /  /' >difference
	is "$(cat difference)" "$wanted" "$name"
}
mkdir dir
: >log
differs '-c changes only the directory' "cwd=$tmp/dir" -c dir
differs '-m changes only the umask' 'umask=0027' -m 027
differs '-E of a new name only adds a variable' 'env.3=C=3' -E C=3
differs '-E of a name that is there only replaces the variable' 'env.1=B=a b
env.2=A=2' -E A=2
differs '-E twice of one name: the last counts' 'env.1=B=a b
env.2=A=3' -E A=2 -E A=3
differs '-E of an empty value only empties the variable' 'env.1=B=a b
env.2=A=' -E A=
# Only execve(2) itself can make two variables of one name.
case $(uname -m) in
x86_64) execve=59 ;;
aarch64) execve=221 ;;
*) execve= ;;
esac
if [ "$execve" ] && need perl '-E where two variables have one name'; then
	report=$(observe perl -e '@e = ("A=1", "B=2", "A=2"); $n = shift;
		syscall $n, $ARGV[0], pack("p*x8", @ARGV), pack("p*x8", @e)' $execve "$DAEMONIZE" -E A=3 @)
	is "$(printf '%s\n' "$report" | grep '^env\.')" 'env.0=B=2
env.1=A=3' '-E replaces each variable of a name'
fi
differs '-A changes only argv[0]' 'argv.0=name' -A name
differs '-v changes nothing' '' -v 2>/dev/null
differs '-a changes nothing' '' -a
differs '-t changes nothing' '' -t
differs '--detach changes nothing' '' --detach
finish
