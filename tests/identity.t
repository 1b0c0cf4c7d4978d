#!/bin/sh
# -u USER[:GROUP] makes the command the user in all that the kernel knows and in the
# environment, without a way back.  The start uses the rights that it should.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -ne 0 ] || require setpriv unshare

# The programs lie where any user may run them.
cp "$DAEMONIZE" daemonize
cp "$probe" probe
chmod 755 daemonize probe
daemonize=$tmp/daemonize
probe=$tmp/probe
nobody='setpriv --reuid=nobody --regid=nogroup --clear-groups'
printf '\177ELF broken' >elf
chmod 755 elf

clean='env -i PATH=/usr/bin:/bin A=1 HOME=/caller'
# A start is 125, nothing runs, and what is said is one line like PATTERN.
refused() { # NAME PATTERN COMMAND LINE, but for the command of daemonize
	name=$1 pattern=$2
	shift 2
	run "$@" sh -c 'echo ran >"$1"' sh "$tmp/ran"
	case $(wc -l <"$tmp/.err"), in 1,) ;; *) status="$status and not one line" ;; esac
	is "$status$out" 125 "$name: the start is 125"
	like "$err" "$pattern" "$name: one line tells why"
	is "$(cat "$tmp/ran" 2>/dev/null)" '' "$name: nothing runs"
}

# An ordinary user may only become itself.
user=
[ "$(id -u)" -ne 0 ] || user=$nobody
# shellcheck disable=SC2086 # words
{
	chmod 777 .
	uid=$($user id -u) gid=$($user id -g)
	# Without an entry in /etc/passwd a number needs its group.
	if name=$($user id -un 2>/dev/null) && group=$($user id -gn 2>/dev/null); then
		self=$name
		set -- "$name" "$uid" "$name:$group" "$name:$gid"
	else
		name=$uid self=$uid:$gid
		set -- "$self"
	fi
	plain=$(observe $clean $user "$daemonize" @ | steady)
	for who; do
		is "$(observe $clean $user "$daemonize" -u "$who" @ | steady)" "$plain" \
			"an ordinary user's own identity ($who) changes nothing"
	done
	is "$(value "$plain" env.2)" HOME=/caller "an ordinary user's own identity leaves the environment as it is"
	is "$(observe $clean $user "$daemonize" -f -u "$self" @ | sed -n -e 's/^env\..*=//p' -e 's/^[es]*[ug]id=//p')" \
		"$(observe $clean $user "$daemonize" -f @ | sed -n -e 's/^env\..*=//p' -e 's/^[es]*[ug]id=//p')" "-f: an ordinary user's own identity changes nothing"
	for who in root 0 daemon root:root "$name:daemon" 4999:4999; do
		refused "an ordinary user, -u $who" "^daemonize: -u $who: Operation not permitted" \
			$user "$daemonize" -u "$who"
	done
	refused 'an ordinary user, -u root -f' '^daemonize: -u root: Operation not permitted' \
		$user "$daemonize" -f -u root
	refused 'an ordinary user, -u root -o' '^daemonize: -u root: ' $user "$daemonize" -u root -o \
		"$tmp/log"
	ok 'an ordinary user, -u root -o: no log is made' test ! -e log
	chmod 755 .
}

# These are no user and no group.
for who in nouser '' : :daemon 4999 4294967295 4294967296 99999999999999999999999 -1 -2 +1 0x1 1x ' 1' '1 '; do
	refused "-u '$who'" '^daemonize: .*-u.*: ' "$daemonize" -u "$who"
	case $who in '' | *:*) continue ;; esac
	is "$(printf '%s\n' "$err" | grep -c -F -e "$who")" 1 "-u '$who': the line names it"
done
for who in nobody:nogroupofthisname nobody:4294967295 nobody:4294967296 nobody:-1 nobody:+1 nobody:1x \
	nobody:daemon:daemon 4999:nogroupofthisname; do
	refused "-u '$who'" "^daemonize: .*${who#*:}.*: " "$daemonize" -u "$who"
done
refused "-u '4999:'" '^daemonize: .*-u 4999:: ' "$daemonize" -u 4999:

if ! need_root 'all that root does with -u'; then
	finish
fi
safe=$(mktemp -d /run/daemonize-test.XXXXXX) || exit 1
trap 'cd / && rm -rf "$tmp" "$safe"' EXIT
chmod 755 "$safe"

# The test has users and groups of its own, some with names that look like numbers.
cat >passwd <<'END'
root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin
alice:x:3000:4100:Alice:/home/alice:/bin/alicesh
4foo:x:4001:4101::/home/4foo:/bin/4sh
1000:x:4002:4102::/home/thousand:
many:x:4003:4103::/home/many:/bin/sh
homeless:x:5200:4100:::/bin/sh
END
cat >group <<'END'
root:x:0:
nogroup:x:65534:
alice:x:4100:
4foo:x:4101:
thousand:x:4102:
many:x:4103:
g1:x:4201:4foo,alice,root
g2:x:4202:4foo
4102:x:4203:
END
number=5000
while [ $number -lt 5099 ]; do
	number=$((number + 1))
	echo "n$number:x:$number:many"
done >>group
chmod 644 passwd group
private() {
	unshare -m sh -c 'mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/group" /etc/group &&
		shift && exec "$@"' sh "$tmp" "$@"
}
ids() {
	printf '%s\n' "$report" | sed -n -e 's/^[es]\{0,1\}[ug]id=//p' -e 's/^groups=//p' | tr '\n' ' '
}
becomes() { # UID GID GROUPS USER[:GROUP]
	report=$(observe private $clean "$daemonize" -u "$4" @)
	is "$(ids)" "$1 $1 $1 $2 $2 $2 $3 " "-u $4 sets all ids and the groups"
}
login() {
	printf '%s\n' "$report" | sed -n 's/^env\.[0-9]*=//p' | grep -e ^HOME= -e ^USER= -e ^LOGNAME= -e ^SHELL= |
		sort | tr '\n' ' '
}

if private true; then
	becomes 3000 4100 4100,4201 alice
	is "$(login)" 'HOME=/home/alice LOGNAME=alice SHELL=/bin/alicesh USER=alice ' '-u alice sets the login variables'
	becomes 3000 4100 4100,4201 3000
	is "$(login)" 'HOME=/home/alice LOGNAME=alice SHELL=/bin/alicesh USER=alice ' '-u 3000 sets the login variables'
	becomes 3000 4202 4201,4202 alice:g2
	becomes 3000 4202 4201,4202 alice:4202
	becomes 3000 4201 4201 alice:4201
	becomes 3000 4777 4201,4777 alice:4777
	becomes 3000 0 0,4201 alice:0
	# A name is looked up first, then a number.
	becomes 4001 4101 4101,4201,4202 4foo
	is "$(login)" 'HOME=/home/4foo LOGNAME=4foo SHELL=/bin/4sh USER=4foo ' '-u 4foo sets the login variables'
	becomes 4002 4102 4102 1000
	is "$(login)" 'HOME=/home/thousand LOGNAME=1000 SHELL=/bin/sh USER=1000 ' \
		'-u 1000 sets the login variables, and SHELL to /bin/sh for an entry without one'
	becomes 4002 4102 4102 4002
	becomes 3000 4203 4201,4203 alice:4102
	becomes 4002 4203 4203 1000:4102
	# A number may have no entry.
	becomes 4999 4102 4102 4999:thousand
	becomes 4999 4203 4203 4999:4102
	becomes 4999 4777 4777 4999:4777
	is "$(login)" 'HOME=/ LOGNAME=4999 SHELL=/bin/sh USER=4999 ' \
		"-u 4999:4777 leaves nothing of the caller's login"
	becomes 4294967294 4294967294 4294967294 4294967294:4294967294
	# Root may become root.
	becomes 0 0 0,4201 root
	becomes 0 0 0,4201 0
	becomes 4003 4103 "4103$(sed -n 's/^n\([0-9]*\):.*/,\1/p' group | tr -d '\n')" many
	# An empty group is the login group.
	becomes 3000 4100 4100,4201 alice:
	becomes 4002 4102 4102 4002:
	becomes 5200 4100 4100 homeless
	is "$(login)" 'HOME=/ LOGNAME=homeless SHELL=/bin/sh USER=homeless ' \
		'-u homeless sets HOME to / for an entry without a home'
	report=$(observe private $clean "$daemonize" -u nouser -u alice @)
	is "$(ids)" '3000 3000 3000 4100 4100 4100 4100,4201 ' 'the last -u counts'
	report=$(observe private $clean "$daemonize" -f -u alice:g2 @)
	is "$(ids)" '3000 3000 3000 4202 4202 4202 4201,4202 ' '-f -u alice:g2 sets all ids and the groups'
	is "$(login)" 'HOME=/home/alice LOGNAME=alice SHELL=/bin/alicesh USER=alice ' '-f -u alice:g2 sets the login variables'
	report=$(observe private setpriv --groups=4202,6000 "$daemonize" -u alice @)
	is "$(ids)" '3000 3000 3000 4100 4100 4100 4100,4201 ' "-u alice leaves none of the caller's groups"
	report=$(observe private setpriv --groups=4202,6000 "$daemonize" -u 4999:4777 @)
	is "$(ids)" '4999 4999 4999 4777 4777 4777 4777 ' "-u 4999:4777, which has no entry, leaves none of the caller's groups"
	report=$(observe private setpriv --regid=4202 --clear-groups "$daemonize" -u alice @)
	is "$(ids)" '3000 3000 3000 4100 4100 4100 4100,4201 ' "-u alice does not leave the caller's primary group"
	report=$(observe private setpriv --reuid=4999 --regid=4777 --clear-groups "$daemonize" -u 4999:4777 @)
	is "$(ids)" '4999 4999 4999 4777 4777 4777  ' \
		"an ordinary user's own numbers, which have no entry, change nothing"
	refused '-u 4999, which has no entry and no group' '^daemonize: .*-u 4999: ' private "$daemonize" -u 4999
	refused "-u 4100, which is only a group's number" '^daemonize: .*4100: ' private \
		"$daemonize" -u 4100

	# -u changes what it is for, and nothing else.
	observe private $clean "$daemonize" @ | steady >before
	observe private $clean "$daemonize" -u alice @ | steady | diff before - | sed -n 's/^> //p' >changed
	is "$(cat changed)" 'uid=3000
euid=3000
suid=3000
gid=4100
egid=4100
sgid=4100
groups=4100,4201
cap_eff=0000000000000000
cap_prm=0000000000000000
env.2=HOME=/home/alice
env.3=USER=alice
env.4=LOGNAME=alice
env.5=SHELL=/bin/alicesh' '-u changes the identity, capabilities and four variables, and nothing else'
	# -E wins over -u.
	report=$(observe private $clean "$daemonize" -E HOME=/mine -E SHELL=/mysh -u alice -E USER=me -E LOGNAME= @)
	is "$(login)" 'HOME=/mine LOGNAME= SHELL=/mysh USER=me ' '-E wins over the login variables of -u'
	is "$(ids)" '3000 3000 3000 4100 4100 4100 4100,4201 ' '-E of login variables changes no identity'
	run private "$daemonize" -n -u alice:g2 true
	like "$out" '3000.*4202' '-n -u says which user and group that is'
	ok '-n -u succeeds' test "$status" -eq 0
else
	skip '-u with users and groups of our own' 'no unshare -m'
fi

# No capability is left, or nothing runs.
caps() {
	printf '%s\n' "$1" | sed -n -e 's/^cap_eff=//p' -e 's/^cap_prm=//p' -e 's/^cap_amb=//p' | tr -d '\n' | tr -s 0
}
is "$(caps "$(observe "$daemonize" -u nobody @)")" 0 '-u leaves no capability'
is "$(caps "$(observe "$daemonize" -f -u nobody @)")" 0 '-f -u leaves no capability'
is "$(caps "$(observe setpriv --inh-caps=+chown,+setuid --ambient-caps=+chown,+setuid \
	"$daemonize" -u nobody @)")" 0 '-u leaves no ambient capability'
setpriv --securebits=+keep_caps true 2>/dev/null &&
	is "$(caps "$(observe setpriv --securebits=+keep_caps "$daemonize" -u nobody @)")" 0 \
		'-u leaves no capability under keep_caps'
refused '-u where capabilities outlive the ids (no_setuid_fixup)' '^daemonize: -u nobody: ' \
	setpriv --securebits=+no_setuid_fixup "$daemonize" -u nobody
refused '-f -u where capabilities outlive the ids (no_setuid_fixup)' '^daemonize: -u nobody: ' \
	setpriv --securebits=+no_setuid_fixup "$daemonize" -f -u nobody
refused '-u by an ordinary user that could change its ids back' '^daemonize: -u daemon: ' \
	$nobody --inh-caps=+setuid,+setgid --ambient-caps=+setuid,+setgid "$daemonize" -u daemon

# Every step is checked, and its result is verified.
for call in setgroups setgid setuid setresuid setresgid; do
	for how in '' -f; do
		# shellcheck disable=SC2086 # words
		refused "-u nobody${how:+ $how} where $call fails" '^daemonize: -u nobody: Operation not permitted$' \
			"$arrange" deny=$call:EPERM -- "$daemonize" $how -u nobody -p "$safe/pid" -c "$tmp"
		if [ -e "$safe/pid" ]; then
			is "$(ls "$safe")" '' "-u nobody${how:+ $how} where $call fails: no pid file is left"
			rm -f "$safe/pid"
		fi
	done
done
if need strace '-u where a call only seems to work'; then
	if strace -f -o /dev/null true 2>/dev/null; then
		for call in setuid setgid; do
			refused "-f -u nobody where $call only seems to work" '^daemonize: -u nobody: Operation not permitted$' \
				strace -f -o /dev/null -e "inject=$(of_any_width $call:retval=0:when=1)" "$daemonize" -f -u nobody
		done
	else
		skip '-u where a call only seems to work' 'no process may be traced'
	fi
fi

# The directory is entered, and the command looked for, with the user's rights.
mkdir root-only user-only open
chmod 700 root-only user-only
for directory in root-only user-only open; do
	cp "$probe" $directory/job
done
chown -R nobody:nogroup user-only
# This root has no right to go everywhere.
humble='setpriv --bounding-set=-dac_override,-dac_read_search'
for how in '' -f; do
	# shellcheck disable=SC2086 # words
	refused "${how:+$how }-u -c of a directory that the user may not enter" \
		"^daemonize: $tmp/root-only: Permission denied (as nobody)\$" "$daemonize" $how -u nobody -c root-only
done
is "$(value "$(observe "$daemonize" -u nobody -c user-only @)" cwd)" "$tmp/user-only" \
	'-u -c enters a directory of the user'
is "$(value "$(observe $humble "$daemonize" -u nobody -c user-only @)" cwd)" "$tmp/user-only" \
	'-u -c enters a directory that only the user may enter'
is "$(value "$(observe $humble "$daemonize" -f -u nobody -c user-only @)" cwd)" "$tmp/user-only" \
	'-f -u -c enters a directory that only the user may enter'
refused '-c without -u of a directory that only a user may enter' "^daemonize: $tmp/user-only: Permission denied" \
	$humble "$daemonize" -c user-only
for how in '' -f; do
	# shellcheck disable=SC2086 # words
	{
		run "$daemonize" $how -u nobody "$tmp/root-only/job" -
		is "$status $err" "126 daemonize: $tmp/root-only/job: Permission denied (as nobody)" \
			"${how:+$how }-u: a command that the user may not reach is told, and as whom it was tried"
	}
done
is "$(env PATH="$tmp/root-only:$tmp/open" "$daemonize" -n -u nobody job | sed -n 's/^would execute //p')" \
	"$tmp/open/job" "-u: PATH is searched with the user's rights"
run env PATH="$tmp/root-only" "$daemonize" -u nobody job
is "$status" 127 '-u: a command that is only where the user cannot look is not found'
is "$($humble "$daemonize" -f -u nobody user-only/job - | sed -n 's/^uid=//p')" "$(id -u nobody)" \
	'-f -u: a command that only the user may execute is executed'
is "$($humble env PATH="$tmp/user-only:$tmp/open" "$daemonize" -n -u nobody job |
	sed -n 's/^would execute //p')" "$tmp/user-only/job" '-n -u: a command that only the user may execute is found in PATH'
printf 'id -u\n' >user-only/script
chown nobody user-only/script
chmod 700 user-only/script
is "$($humble "$daemonize" -f -u nobody user-only/script)" "$(id -u nobody)" \
	'-f -u: a script without #! that only the user may read is run'
chmod 711 probe
is "$("$daemonize" -f -u nobody "$probe" - | sed -n 's/^uid=//p')" "$(id -u nobody)" \
	'-f -u: a program that the user may not read is executed'
chmod 755 probe

# With -f the process itself becomes the command.
run "$daemonize" -f -u nobody sh -c 'id -u; exit 7'
is "$status $out$err" "7 $(id -u nobody)" '-f -u: the status is the command'"'"'s'

# An exec that fails leaves no pid file.  But with -f the only process cannot
# remove it from root's directory by then (CAVEATS): it says so, and it is stale.
stays() { # NAME HOW FILE
	name=$1
	shift
	if [ "$1 $2" = "-f $safe/pid" ]; then
		is "$(printf '%s\n' "$err" | tail -n +2)" \
			"daemonize: $2: cannot be removed: Permission denied" "$name: the pid file that stays is told"
		ok "$name: the pid file that stays blocks nothing" "$daemonize" -p "$2" true
	else
		is "$(printf '%s\n' "$err" | tail -n +2)" '' "$name: one line is printed"
		ok "$name: no pid file is left" test ! -e "$2"
	fi
}
mkdir home
chown nobody home
printf '#!/no/such\n' >nointerpreter
chmod 755 nointerpreter
for pidfile in "$safe/pid" "$tmp/home/pid"; do
	[ "$pidfile" = "$safe/pid" ] && where="root's" || where="the user's"
	for how in '' -f; do
		# shellcheck disable=SC2086 # words
		{
			run "$daemonize" $how -u nobody -p "$pidfile" ./elf
			is "$status $(printf '%s\n' "$err" | head -n 1)" "126 daemonize: $tmp/elf: Exec format error" \
				"${how:+$how }-u -p in $where directory: an exec that fails is told"
			stays "${how:+$how }-u -p in $where directory: an exec that fails" "$how" "$pidfile"
			rm -f "$pidfile"
			run "$daemonize" $how -u nobody -p "$pidfile" ./nointerpreter
			is "$status $(printf '%s\n' "$err" | head -n 1)" \
				"126 daemonize: $tmp/nointerpreter: interpreter /no/such: No such file or directory" \
				"${how:+$how }-u -p in $where directory: a missing interpreter is told"
			stays "${how:+$how }-u -p in $where directory: a missing interpreter" "$how" "$pidfile"
			rm -f "$pidfile"
			run "$daemonize" $how -u nobody -p "$pidfile" ./nosuch
			is "$status $err" "127 daemonize: $tmp/nosuch: No such file or directory" \
				"${how:+$how }-u -p in $where directory: a missing command is told"
			ok "${how:+$how }-u -p in $where directory: a missing command: no pid file is left" test ! -e "$pidfile"
			rm -f "$pidfile"
			refused "${how:+$how }-u -p in $where directory, -c where the user may not enter" "^daemonize: $tmp/root-only: " \
				"$daemonize" $how -u nobody -p "$pidfile" -c root-only
			ok "${how:+$how }-u -p in $where directory, -c where the user may not enter: no pid file is left" test ! -e "$pidfile"
			rm -f "$pidfile"
		}
	done
done

# Some file systems let in only a process that is the user by all of its ids.
fused() { # COMMAND..., where nobody may mount them
	nsenter -m -t "$(cat fuse.pid)" sh -c 'cd "$1" && shift && exec "$@"' sh "$tmp" "$@"
}
if ! command -v bindfs >/dev/null || ! [ -e /dev/fuse ]; then
	note 'no bindfs, or no FUSE'
else
	mkdir fuse fuse/under fuse/mine
	cp "$probe" fuse/under/job
	chown -R nobody:nogroup fuse
	mknod -m 666 fuse.device c 10 229
	new_hold
	unshare -m sh -c 'mount --bind fuse.device /dev/fuse && echo $$ >fuse.pid && read x <"$1"' sh "$hold" &
	wait_for test -s fuse.pid
	if fused $nobody bindfs --no-allow-other "$tmp/fuse/under" "$tmp/fuse/mine" 2>/dev/null; then
		run fused "$daemonize" -f -c fuse/mine pwd
		is "$status $err" "125 daemonize: $tmp/fuse/mine: Permission denied" "the user's FUSE mount does not let root in"
		for how in '' -f '-t -o fuse/log'; do
			# shellcheck disable=SC2086 # words
			is "$(value "$(observe fused "$daemonize" $how -u nobody -c fuse/mine @)" cwd)" "$tmp/fuse/mine" \
				"-u -c enters the user's FUSE mount${how:+, with $how}"
			# shellcheck disable=SC2086 # words
			is "$(value "$(observe fused "$daemonize" $how -u nobody fuse/mine/job "$tmp/.fifo" @)" uid)" 65534 \
				"-u: a command in the user's FUSE mount is executed${how:+, with $how}"
		done
		mkfifo fuse/go
		run fused "$daemonize" -u nobody -c fuse/mine -o "|sh -c 'pwd >$tmp/fuse/logger; read -r go <$tmp/fuse/go'" pwd
		is "$status $err" '0 ' '-u nobody -c, its own FUSE mount, and a logger, which may not enter it'
		wait_for test -s fuse/logger
		is "$(cat fuse/logger)" / '-u nobody -c, its own FUSE mount: the logger stands in /'
		timeout 60 sh -c 'echo >fuse/go'
		run fused "$daemonize" --restart -u nobody -c fuse/mine -P sleep 1000
		is "$status $err" '0 ' '-u nobody -c, its own FUSE mount, and --restart'
		is "$(readlink "/proc/$out/cwd")" / '-u nobody -c, its own FUSE mount: the keeper stands in /'
		kill "$out"
		wait_for gone "$out"
		run fused "$daemonize" -n -u nobody -c fuse/mine fuse/mine/job
		is "$status$err" 0 "-n -u: a command in the user's FUSE mount is found"
		run fused env PATH="$tmp/fuse/mine" "$daemonize" -n -u nobody job
		like "$out" "^would execute $tmp/fuse/mine/job\$" "-n -u: the user's FUSE mount is searched as an entry of PATH"
		run fused "$daemonize" -u nobody fuse/mine/nosuch
		is "$status $err" "127 daemonize: $tmp/fuse/mine/nosuch: No such file or directory" \
			"-u: a command that is not in the user's FUSE mount is told"
		run fused "$daemonize" -u nobody -c fuse/mine/nosuch true
		is "$status $err" "125 daemonize: $tmp/fuse/mine/nosuch: No such file or directory" \
			"-u: a directory that is not in the user's FUSE mount is told"
		fused fusermount -u "$tmp/fuse/mine"
	else
		note 'bindfs cannot mount'
	fi
	release
	wait
fi

# The databases of users and groups may answer oddly.
if [ "${LIBC:-}" = musl ] || ! need strace '-u where databases cannot be read' || ! need cc '-u with an odd NSS module'; then
	:
elif cc -shared -fPIC -o libnss_odd.so.2 "$top/tests/programs/nss_odd.c"; then
	echo 'passwd: files odd
group: files odd' >nsswitch.conf
	chmod 644 nsswitch.conf
	odd() { # COMMAND...
		private unshare -m sh -c 'cd "$1" && mount --bind nsswitch.conf /etc/nsswitch.conf && shift && exec "$@"' sh "$tmp" \
			env LD_LIBRARY_PATH="$tmp" "$@"
	}
	report=$(observe odd "$daemonize" -u alice @)
	is "$(ids)" '3000 3000 3000 4100 4100 4100 4100,4201 ' '-u with an odd NSS module sets all ids and the groups'
	is "$(printf '%s\n' "$report" | grep '^fd.[3-9]')" '' '-u with an odd NSS module leaves the command no descriptor of it'
	report=$(observe odd env ODD_ERRNO=11 "$daemonize" -u alice @)
	is "$(ids)" '3000 3000 3000 4100 4100 4100 4100,4201 ' \
		'-u where an NSS module knows nobody and leaves EAGAIN sets all ids and the groups'
	# Each of the files is out of reach once, or from then on.
	for who in alice 3000 4foo:g2 alice:4102 1000; do
		report=$(odd "$daemonize" -f -u $who "$probe" -)
		wanted=$(ids)
		odd strace -o trace -e trace=openat,execve "$daemonize" -f -u $who "$probe" - >/dev/null
		sed -n -e '/^execve.*daemonize/,/^execve.*probe/p' trace | grep ^openat >opens
		for n in $(grep -n -e '"/etc/passwd"' -e '"/etc/group"' opens | sed 's/:.*//'); do
			for when in $n $n+; do
				report=$(odd strace -o /dev/null -e inject=openat:error=EMFILE:when=$when "$daemonize" -f -u $who "$probe" - 2>/dev/null)
				found=$(ids)
				is "${found:-$wanted}" "$wanted" \
					"-u $who sets the right groups or fails where open $when of a database fails"
			done
		done
	done
else
	skip '-u where databases cannot be read' 'no NSS module can be built'
fi

# Root of a user namespace is denied setgroups(2).
if unshare -r true 2>/dev/null; then
	for who in root 0 root:root; do
		is "$(unshare -r "$daemonize" -f -u $who id -u) $(unshare -r "$daemonize" -f -u $who sh -c 'echo $HOME')" "0 $HOME" \
			"-u $who by root of a user namespace changes nothing"
	done
	refused '-u nobody by root of a user namespace' '^daemonize: -u nobody: ' unshare -r "$daemonize" -u nobody
fi

for option in -n -v; do
	run "$DAEMONIZE" $option -u nobody true
	like "$out$err" " run as nobody (user $(id -u nobody), group $(id -g nobody))\$" "$option tells as whom the command runs"
done

# Copies that are set-user-ID or set-group-ID are refused.
copy() { # OWNER MODE FILE
	cp "$3" copy
	chown "$1" copy
	chmod "$2" copy
}
copy nobody 4755 "$probe"
if [ "$(value "$(./copy -)" euid)" = "$(id -u nobody)" ]; then
	copy root:root 4755 "$daemonize"
	refused 'a set-user-ID root copy, started by nobody' '^daemonize: .*set-user-ID' $nobody ./copy
	refused 'a set-user-ID root copy, started by nobody, -f' '^daemonize: .*set-user-ID' $nobody ./copy -f
	refused 'a set-user-ID root copy, started by nobody, -u root' '^daemonize: .*set-user-ID' $nobody ./copy -u root
	refused 'a set-user-ID root copy, started by nobody, -u nobody' '^daemonize: .*set-user-ID' $nobody ./copy -u nobody
	refused 'a set-user-ID root copy, started by nobody, -o' '^daemonize: .*set-user-ID' $nobody ./copy -o "$safe/log"
	ok 'a set-user-ID root copy, started by nobody, -o: no log is made' test ! -e "$safe/log"
	copy root:daemon 2755 "$daemonize"
	refused 'a set-group-ID copy, started by nobody' '^daemonize: .*set-group-ID' $nobody ./copy
	refused 'a set-group-ID copy, started by root' '^daemonize: .*set-group-ID' ./copy
	copy nobody:nogroup 4755 "$daemonize"
	refused 'a set-user-ID nobody copy, started by root' '^daemonize: .*set-user-ID' ./copy
	copy nobody:nogroup 6755 "$daemonize"
	refused 'a set-user-ID and set-group-ID copy, started by root, -u nobody' '^daemonize: .*set-user-ID' ./copy -u nobody
else
	skip 'set-user-ID and set-group-ID copies' 'the file system is mounted nosuid'
fi
finish
