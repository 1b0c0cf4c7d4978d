#!/bin/sh
# Every misuse is status 125 and one line with a hint, and changes nothing.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

hint="; see 'daemonize --help'"

misuse() { # MESSAGE ARGUMENT...
	message=$1
	shift
	run "$DAEMONIZE" "$@"
	is "$status $out$err" "125 daemonize: $message$hint" "daemonize $(printf '%.60s' "$*") is a usage error"
}

mkdir empty
cd empty || exit 1
long=$(printf '%05000d' 0)
misuse 'no command given'
misuse 'no command given' --
misuse 'no command given' -o x
misuse '-q: unknown option' -q true
misuse '-q: unknown option' -vq true
misuse '--nonsense: unknown option' --nonsense true
misuse '--nonsense=3: unknown option' --nonsense=3 true
misuse '--std=x: unknown option' --std=x true
misuse '---: unknown option' --- true
misuse '--detach: does not take an argument' --detach=1 true
misuse '-o: requires an argument' -o
misuse '-o: requires an argument' -vo
misuse '--stdout: requires an argument' --stdout
misuse '-m: requires an argument' -m
misuse '--env: requires an argument' --env
for mode in 8 99999 1000 -1 +1 0x1f 0o22 '' ' 22' '22 ' u=rwx 07777777777777777777777777; do
	misuse "-m $mode: not an octal mode from 0 to 0777" -m "$mode" true
done
misuse '--umask 9: not an octal mode from 0 to 0777' --umask=9 true
misuse '-E NAME: not NAME=VALUE' -E NAME true
misuse '-E =value: not NAME=VALUE' -E =value true
misuse '-E : not NAME=VALUE' -E '' true
misuse '-a cannot be combined with -t' -a -t true
misuse '-a cannot be combined with -t' -ta true
misuse '-f cannot be combined with --detach' -f --detach true
misuse '-f cannot be combined with --detach' --detach -f true
for n in x -1 '' 1x 99999999999999999999 2147483647; do
	misuse "-k $n: not a descriptor number" -k "$n" true
done
misuse '-k 77: not an open descriptor' -k 77 true
misuse '-k 77: not an open descriptor' -o x -k 77 true
misuse '-k 2147483646: not an open descriptor' -k 2147483646 true
misuse '/dev/fd/5 cannot be combined with -r' -o /dev/fd/5 -r fd:5 true 5>&1
misuse '-k 0 cannot be combined with -i' -k 0 -i /dev/null true
misuse '-k 1 cannot be combined with -o' -k 1 -o x true
misuse '-k 2 cannot be combined with -e' -e x -k 2 true
for n in 0 1 2; do
	run "$arrange" close=$n -- "$DAEMONIZE" -k $n true
	is "$status" 125 "-k $n of a closed descriptor is 125"
done
for option in -o -e -i -c; do
	misuse "$option: the path is empty" $option '' true
	misuse "$option 00000000000000000000000000000000...: the path is too long" $option "$long" true
done
misuse '--stdout: the path is empty' --stdout= true
run "$DAEMONIZE" ''
is "$status $out$err" '127 daemonize: command: the name is empty' 'an empty command is not found'
misuse 'command 00000000000000000000000000000000...: the path is too long' "$long"
misuse "--$(printf %062d 0): unknown option" "--$long" true
is "$(ls -A)" '' 'nothing was changed on disk'

run "$DAEMONIZE" -m "8
9" true
is "$err" "daemonize: -m 8?9: not an octal mode from 0 to 0777$hint" 'a message is one line'

# These are accepted.
for arguments in '-m 0' '-m 00000022' '-m777' '--umask 0' '--umask=0777' '-aa' '-tt' '-ff' '-am 022' \
	'-v' '--' '-o /dev/null -o /dev/null' '-k 0 -k 0 -k0' '-n' '--chdir=/'; do
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" $arguments true
	is "$status" 0 "daemonize $arguments true succeeds"
done
is "$(observe "$DAEMONIZE" -m 077 -m 022 @ | grep ^umask=)" umask=0022 'of two -m the last counts'

# A signal's name may be in any case, with and without SIG; 0 is as in kill -0.
for signal in hup HUP SigHup sighup rtmin RTMIN+1 sigrtmax-1 9 0 sig0; do
	run "$DAEMONIZE" "--signal=$signal" -p nosuch
	is "$status $err" "3 daemonize: $PWD/nosuch: not running" "--signal=$signal is a signal"
done
for schedule in term/5 sigterm/.5/-kill/1 -9/1 forever/cont/1 1.5; do
	run "$DAEMONIZE" "--stop=$schedule" -p nosuch
	is "$status $out$err" '0 ' "--stop=$schedule is a schedule"
done

# The command's own options are never looked at.
report=$(observe "$DAEMONIZE" @ -x --help -- -o y)
is "$(printf '%s\n' "$report" | sed -n 's/^argv\.//p' | tail -n +3)" "2=-x
3=--help
4=--
5=-o
6=y" 'options behind the command are the command'"'"'s'
mkdir bin
cp "$probe" ./bin/-weird
cp "$probe" ./bin/-
PATH=$PWD/bin:$PATH
mkfifo f
ok 'a start of a command that begins with a dash, behind --, succeeds' "$DAEMONIZE" -- -weird "$PWD/f"
is "$(sed -n 's/^argv\.0=//p' f)" -weird 'a command that begins with a dash, behind --, is executed'
ok 'a start of a command that is one dash succeeds' "$DAEMONIZE" - "$PWD/f"
is "$(sed -n 's/^argv\.0=//p' f)" - 'a command that is one dash is executed'
finish
