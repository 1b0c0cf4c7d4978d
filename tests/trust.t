#!/bin/sh
# Files: which directories are trusted, and that on others nothing which
# another user plants makes us read, write, create or change anything there.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -ne 0 ] || require setpriv unshare

# where any user may run it
cp "$DAEMONIZE" daemonize
chmod 755 daemonize
daemonize=$tmp/daemonize
nobody='setpriv --reuid=nobody --regid=nogroup --clear-groups'
marks=$tmp/marks
mkdir -m 777 marks
chmod 777 marks

# What is about to be attacked, seen as $before, with $bytes in it.
# It changes with every change, also that of a single byte, since it has the times.
fields=%p,%y,%i,%n,%u,%g,%m,%s,%T@,%C@,%l
watch() { # DIRECTORY...
	seen="find $* -printf $fields\\n"
	sums="find $* -type f -exec cksum {} +"
	before=$($seen)
	bytes=$($sums)
}
unharmed() { # NAME
	is "$($seen; $sums)" "$before
$bytes" "unharmed: $1"
}

# A start fails: 125, one line that names PATH and has the shell's PATTERN in
# it; the area is as it was, nothing runs.
refused() { # PATH PATTERN NAME COMMAND LINE, but for the command of daemonize
	path=$1 pattern=$2 name=$3
	shift 3
	"$@" sh -c 'echo ran >>"$1"' sh "$marks/ran" >"$tmp/.out" 2>&1 </dev/null
	status=$?
	read_whole "$tmp/.out"
	out=$whole
	after=$($seen)
	verdict=$status
	case $out in
	*"
"*) verdict="$verdict, not one line" ;;
	"daemonize: $path: "*) ;;
	*) verdict="$verdict, another line" ;;
	esac
	# shellcheck disable=SC2254 # it is a pattern
	case $out in *$pattern*) ;; *) verdict="$verdict, not like $pattern" ;; esac
	[ "$before" = "$after" ] || verdict="$verdict, files changed"
	if [ -e "$marks/ran" ]; then
		verdict="$verdict, the command ran"
		rm "$marks/ran"
	fi
	is "$verdict" 125 "refused: $name"
	[ "$verdict" = 125 ] || explain "$out"
	if [ "$before" != "$after" ]; then
		printf '%s\n' "$before" >"$tmp/.before"
		printf '%s\n' "$after" | diff "$tmp/.before" - | sed 's/^/#   /'
		before=$after
	fi
}

# A start works: 0, nothing is said.
works() { # NAME COMMAND LINE, but for the command of daemonize
	name=$1
	shift
	run "$@" true
	is "$status$out$err" 0 "works: $name"
}
state() { # FILE
	stat -c '%U:%G %a' "$1" 2>&1
}
contents() { # FILE
	cat "$1" 2>&1
}
# works, and the command's words are in FILE
logs() { # FILE NAME COMMAND LINE
	log=$1 name=$2
	shift 2
	run "$@" echo "a line of it"
	is "$status$out$err" 0 "works: $name"
	ok 'and is written to' wait_for grep -q 'a line of it' "$log"
}

# an ordinary user, in its own directory below /tmp
if [ "$(id -u)" -eq 0 ]; then
	mkdir mine
	chown nobody:nogroup mine
	user=$nobody
else
	mkdir mine
	user=
fi
mine=$tmp/mine
# shellcheck disable=SC2086 # words
{
	echo own | $user tee mine/own mine/twice >/dev/null
	$user ln mine/twice mine/hard
	$user ln -s own mine/link
	$user ln -s new mine/dangling
	$user mkfifo mine/fifo
	$user mkdir mine/dir
	$user ln -s dir mine/dirlink
	watch "$mine"
	for option in -o -e '-t -o' -i -p -l; do
		refused $mine/dir 'Is a directory' "a user, $option directory" \
			$user $daemonize $option $mine/dir
		for file in link hard dirlink/own; do
			refused "$mine/$file" '(*, because * is *)' "a user, $option $file" \
				$user $daemonize $option $mine/$file
		done
		refused "$mine/nowhere/file" 'No such file or directory' "a user, $option in no directory" \
			$user $daemonize $option $mine/nowhere/file
	done
	for option in -o -e '-t -e' -p -l; do
		refused $mine/dangling 'a symbolic link, which is not followed' "a user, $option dangling" \
			$user $daemonize $option $mine/dangling
		refused $mine/fifo '' "a user, $option fifo" $user $daemonize $option $mine/fifo
	done
	for option in -p -l; do
		refused /dev/full 'not a regular file' "a user, $option /dev/full" \
			$user $daemonize $option /dev/full
	done
	works 'a user, -i FIFO' $user $daemonize -i $mine/fifo
	unharmed 'what a user has'
	logs mine/own 'a user, -o its own file' $user $daemonize -o $mine/own
	works 'a user, -i its own file' $user $daemonize -i $mine/own
	logs mine/new 'a user, -o a new file' $user $daemonize -o $mine/new
	works 'a user, -p and -l' $user $daemonize -p $mine/pid -l $mine/lock

	# modes of new files, whatever the umask and -m: umask, -m, the log's mode
	while read -r mask option wanted; do
		for how in '' -f; do
			rm -f mine/log mine/pid mine/lock
			(
				umask $mask
				run $user $daemonize $how ${option#none} -p $mine/pid -l $mine/lock -o $mine/log true
				echo "$status$err" >$marks/status
			)
			is "$(contents marks/status) $(stat -c %a mine/pid mine/lock mine/log 2>&1 | tr '\n' ' ')" \
				"0 644 600 $wanted " "modes of a user's pid file, lock file, log: umask $mask, $option $how"
		done
	done <<-'END'
		0 none 644
		002 none 644
		022 none 644
		0 -m0 644
		0 -m02 644
		0 -m027 640
		077 none 600
		077 -m0 644
		077 -m0777 0
		0177 none 600
		0277 none 400
		0777 none 0
		0777 -m0 644
	END
}

if ! need_root 'attacks on root'; then
	finish
fi
safe=$(mktemp -d /run/daemonize-test.XXXXXX) || exit 1
# kept in a file, too: the next run restores what one that was killed has left
# the settings are the machine's: one test at a time changes them
exec 8>/run/daemonize-test.lock
flock 8
settings=/run/daemonize-test.settings
protection() {
	for name in symlinks hardlinks fifos regular; do
		[ ! -e /proc/sys/fs/protected_$name ] || echo "$name $(cat /proc/sys/fs/protected_$name)"
	done
}
protect() { # NAME VALUE, on each line of the input
	while read -r name value; do
		echo "$value" >"/proc/sys/fs/protected_$name"
	done
}
[ -s "$settings" ] || protection >"$settings"
saved=$(cat "$settings")
racer=
clean_up() {
	[ -z "$racer" ] || kill "$racer" 2>/dev/null
	printf '%s\n' "$saved" | protect 2>/dev/null
	cd / && rm -rf "$tmp" "$safe" "$settings"
}
trap clean_up EXIT
chmod 755 "$safe"
is "$(stat -c '%u %a' / /run "$safe" | sort -u)" '0 755' 'the directory for trusted files is one'

# as little help from the kernel as possible
printf '%s\n' "$saved" | sed 's/ .*/ 0/' | protect 2>/dev/null
if protection | grep -q -v ' 0$'; then
	skip 'without the protection of the kernel' '/proc/sys/fs is not writable'
fi

# what others would like to reach, and not only by a link
mkdir "$safe/victims" "$safe/victims/dir" "$tmp/victims"
for victim in "$safe/victims/file" "$safe/victims/dir/file" "$tmp/victims/file" "$tmp/victims/open"; do
	echo "this is root's" >"$victim"
	chmod 600 "$victim"
done
chmod 666 "$tmp/victims/open"
mkdir "$tmp/sticky" "$tmp/own" "$safe/own"
chmod 1777 "$tmp/sticky"
chown nobody:nogroup "$tmp/own" "$safe/own"

# planted by nobody
for place in "$tmp/sticky" "$tmp/own" "$safe/own"; do
	$nobody ln -s "$safe/victims/file" "$place/link"
	$nobody ln -s "$safe/victims/dangling" "$place/dangling"
	$nobody ln -s "$safe/victims/dir" "$place/dirlink"
	$nobody mkfifo -m 666 "$place/fifo"
	$nobody mkdir "$place/directory"
	echo 1 | $nobody tee "$place/theirs" >/dev/null
	chmod 666 "$place/theirs"
	echo 1 >"$place/daemons"
	chmod 666 "$place/daemons"
	chown daemon "$place/daemons"
	mknod -m 666 "$place/null" c 1 3
done
# (by root, what fs.protected_hardlinks may forbid to nobody)
for place in "$tmp/sticky" "$tmp/own"; do
	ln "$tmp/victims/file" "$place/hard"
	ln "$tmp/victims/open" "$place/hardopen"
done
echo "this is root's" >"$safe/victims/file2"
chmod 666 "$safe/victims/file2"
ln "$safe/victims/file" "$safe/own/hard"
ln "$safe/victims/file2" "$safe/own/hardopen"
watch "$safe" "$tmp/sticky" "$tmp/own" "$tmp/victims"

# shellcheck disable=SC2086 # words
for place in "$tmp/sticky" "$tmp/own" "$safe/own"; do
	for how in '' '-u nobody'; do
		[ "$place" = "$tmp/own" ] && how="-f $how"
		case $how in *-u*) who='opened as nobody' ;; *) who='not trusted' ;; esac
		for option in -o '-t -e' -i -p -l; do
			# of two like places one is enough
			[ "$place $option" != "$tmp/own -i" ] && [ "$place $option" != "$tmp/own -l" ] || continue
			for file in link dirlink/file hard hardopen daemons; do
				refused "$place/$file" "($who, because * is *)" "$how $option $place/$file" \
					$daemonize $how $option $place/$file
			done
			case $how in
			*-u*) ;;
			*)
				refused $place/theirs "owned by somebody else ($who" "$how $option $place/theirs" \
					$daemonize $how $option $place/theirs
				;;
			esac
			refused $place/directory 'Is a directory' "$how $option $place/directory" \
				$daemonize $how $option $place/directory
			[ "$option" != -i ] || continue
			refused $place/dangling 'a symbolic link, which is not followed' \
				"$how $option $place/dangling" $daemonize $how $option $place/dangling
			refused $place/dirlink/new "($who" "$how $option $place/dirlink/new" \
				$daemonize $how $option $place/dirlink/new
			refused $place/fifo '' "$how $option $place/fifo" $daemonize $how $option $place/fifo
		done
		for option in -p -l; do
			refused $place/null 'not a regular file' "$how $option $place/null" \
				$daemonize $how $option $place/null
		done
	done
done

# a failure later takes nothing away that was there
for place in "$tmp/sticky" "$tmp/own" "$safe/own"; do
	refused "$safe/nowhere" 'No such file or directory' "-t -o $place/null, and no directory" \
		"$daemonize" -t -o "$place/null" -c "$safe/nowhere"
	refused "$safe/nowhere" 'No such file or directory' \
		"-u nobody -t -o $place/theirs, and no directory" \
		"$daemonize" -u nobody -t -o "$place/theirs" -c "$safe/nowhere"
done

unharmed "all that is root's"

# what is accepted there
# shellcheck disable=SC2086 # words
for place in "$tmp/sticky" "$tmp/own" "$safe/own"; do
	for how in '' '-u nobody'; do
		for option in -o -e -i; do
			works "$how $option $place/null, a device" $daemonize $how $option $place/null
		done
		works "$how -i $place/fifo" $daemonize $how -i $place/fifo
		timeout 20 cat "$place/fifo" >"$tmp/through" &
		wait_for sh -c 'exec 3>"$1"' sh "$place/fifo"
		wait
		timeout 20 cat "$place/fifo" >"$tmp/through" &
		wait_for $daemonize $how -o "$place/fifo" echo through
		wait
		is "$(cat through)" through "works: $how -o $place/fifo with a reader"
	done
	logs "$place/theirs" "-u nobody -o $place/theirs" $daemonize -u nobody -o "$place/theirs"
	works "-u nobody -i $place/theirs" $daemonize -u nobody -i "$place/theirs"
	is "$(state "$place/theirs")" 'nobody:nogroup 666' 'it stays its owner'"'"'s'
	logs "$place/new1" "-o $place/new1, a new file" $daemonize -o "$place/new1"
	is "$(state "$place/new1")" 'root:root 644' 'root'"'"'s'
	logs "$place/new1" "-o $place/new1, root's own" $daemonize -o "$place/new1"
	logs "$place/new2" "-u nobody -o $place/new2, a new file" $daemonize -u nobody -o "$place/new2"
	is "$(state "$place/new2")" 'nobody:nogroup 644' 'the user'"'"'s'
	works "-p, -l in $place" $daemonize -p "$place/pid1" -l "$place/lock1"
	is "$(state "$place/pid1") $(state "$place/lock1")" 'root:root 644 root:root 600' 'root'"'"'s'
	works "-u nobody -p, -l in $place" $daemonize -u nobody -p "$place/pid2" -l "$place/lock2"
	is "$(state "$place/pid2") $(state "$place/lock2")" 'nobody:nogroup 644 nobody:nogroup 600' \
		'the user'"'"'s'
	# a stale one of the user's own, naming process 1
	works "-u nobody -p $place/theirs" $daemonize -u nobody -p "$place/theirs"
	like "$(contents "$place/theirs")" '^[1-9][0-9][0-9]*$' 'it names the daemon, no longer process 1'
done
for option in -o -p -l; do
	run timeout -s KILL 20 "$daemonize" -f $option "$tmp/sticky/$option (deleted)" true
	is "$status$out$err" 0 "works: $option and a name like that of a file that has gone"
done
# a file that is mounted over a name, and whose own name has gone; it may have another
# shellcheck disable=SC2016 # for the inner shell
mounted() { # FILE OTHER-NAME COMMAND...
	unshare -m sh -c 'file=$1 other=$2; shift 2; : >"$file"; : >"$file.new"
		mount --bind "$file.new" "$file"; [ -z "$other" ] || ln -f "$file.new" "$other"
		rm "$file.new"; exec timeout -s KILL 20 "$@"' sh "$@"
}
mkdir -m 1777 "$safe/sticky"
for option in -o -i -p -l; do
	run mounted "$safe/mounted" '' "$daemonize" -f $option "$safe/mounted" true
	is "$status$out$err" 0 "works: $option and a file mounted there"
	for other in '' "$safe/sticky/other"; do
		run mounted "$safe/sticky/mounted" "$other" "$daemonize" -f $option "$safe/sticky/mounted" true
		is "$status $out$err" "125 daemonize: $safe/sticky/mounted: not the file's only name (not trusted, because $safe/sticky is writable by everyone)" \
			"refused: $option and one mounted in a sticky directory${other:+, with another name}"
	done
done
logs "$tmp/sticky/new3" '-o in a sticky directory, without /proc' without_proc "$daemonize" -o "$tmp/sticky/new3"
for how in '' '-u nobody'; do
	# shellcheck disable=SC2086 # words
	is "$("$daemonize" $how -o /dev/stdout echo through | cat)" through "works: $how -o /dev/stdout"
done

# trusted directories: links are followed, owners and names are not asked for
mkdir "$safe/logs" "$safe/logs/sub"
for file in target foreign twice; do
	: >"$safe/logs/$file"
done
chmod 600 "$safe/logs/target"
chown daemon:daemon "$safe/logs/foreign"
ln "$safe/logs/twice" "$safe/logs/hard"
ln -s target "$safe/logs/link"
ln -s logs "$safe/dirlink"
ln -s ../dirlink/./link "$safe/logs/chain"
ln -s "$safe/victims/file" "$safe/logs/planted"
chown -h nobody "$safe/logs/planted"
ln -s "$safe/own" "$safe/logs/away"
for how in '' '-u nobody' '-f -u nobody'; do
	# shellcheck disable=SC2086 # words
	{
		for file in target link chain ../dirlink/link foreign hard; do
			: >"$safe/logs/$file"
			logs "$safe/logs/$file" "$how -o trusted $file" $daemonize $how -o "$safe/logs/$file"
			works "$how -i trusted $file" $daemonize $how -i "$safe/logs/$file"
		done
		is "$(state "$safe/logs/target"), $(state "$safe/logs/foreign"), $(state "$safe/logs/hard")" \
			'root:root 600, daemon:daemon 644, root:root 644' 'existing files keep their owners'
		rm -f "$safe/logs/new" "$safe/logs/new2"
		logs "$safe/logs/new" "$how -o trusted new" $daemonize $how -o "$safe/dirlink/new" -e \
			"$safe/dirlink/new2"
		case $how in *-u*) wanted='nobody:nogroup 644' ;; *) wanted='root:root 644' ;; esac
		is "$(state "$safe/logs/new"), $(state "$safe/logs/new2")" "$wanted, $wanted" 'whose new logs are'
		rm -f "$safe/logs/pid" "$safe/logs/lock"
		works "$how, trusted -p and -l" $daemonize $how -p "$safe/dirlink/pid" -l "$safe/dirlink/lock"
		is "$(state "$safe/logs/pid"), $(state "$safe/logs/lock")" 'root:root 644, root:root 600' \
			'the pid file and the lock file are root'"'"'s'
		idle -p "$safe/logs/pid"
		echo 1 >"$safe/logs/pid"
		works "$how, trusted -p that names process 1" $daemonize $how -p "$safe/logs/pid"
		like "$(contents "$safe/logs/pid")" '^[1-9][0-9][0-9]*$' 'it names the daemon'
		rm -f "$safe/logs/pid"
		watch "$safe" "$tmp/victims"
		for option in -o -e -i; do
			refused "$safe/logs/planted" "because $safe/logs/planted is owned by nobody)" \
				"$how $option, a link that is nobody's" $daemonize $how $option "$safe/logs/planted"
			refused "$safe/logs/away/link" "because $safe/own is owned by nobody)" \
				"$how $option, a link out of the trusted ones" $daemonize $how $option "$safe/logs/away/link"
		done
		for option in -p -l; do
			for file in link planted chain; do
				refused "$safe/logs/$file" 'a symbolic link, which is not followed' \
					"$how $option is never opened through a link, $file" \
					$daemonize $how $option "$safe/logs/$file"
			done
		done
	}
done
: >"$safe/logs/userlog"
chown nobody:nogroup "$safe/logs/userlog"
logs "$safe/logs/userlog" "-o trusted, a user's file" "$daemonize" -o "$safe/logs/userlog"
is "$(state "$safe/logs/userlog")" 'nobody:nogroup 644' 'it stays the user'"'"'s'

# the daemon cannot alter the number through what it inherits
works '-u nobody, and a command that writes to descriptor 3' "$daemonize" -u nobody -p \
	"$safe/logs/pid" \
	sh -c '(echo 1 >&3) 2>/dev/null; (echo 1 >/proc/self/fd/3) 2>/dev/null; echo $$ >"$1/writer"' sh "$marks"
wait_for test -s marks/writer
is "$(contents "$safe/logs/pid")" "$(contents marks/writer)" 'does not change the pid file'
rm -f "$safe/logs/pid"

# modes, as root
for mask in 0 077 0277 0777; do
	for how in '' '-u nobody'; do
		for place in "$safe/logs" "$tmp/sticky" "$tmp/own"; do
			rm -f "$place/m1" "$place/m2" "$place/m3"
			# shellcheck disable=SC2086 # words
			(
				umask $mask
				run "$daemonize" $how -p "$place/m1" -l "$place/m2" -m 0 -o "$place/m3" true
				echo "$status$err" >"$marks/status"
			)
			is "$(contents marks/status) $(stat -c %a "$place/m1" "$place/m2" "$place/m3" 2>&1 | tr '\n' ' ')" \
				'0 644 600 644 ' "modes of pid file, lock file, log: $how, umask $mask, in $place"
		done
	done
done

# the explanations
mkdir "$safe/group" "$safe/own/deep"
chgrp daemon "$safe/group"
chmod 775 "$safe/group"
for directory in group sticky own/deep; do
	: >"$safe/$directory/x.log"
	chmod 600 "$safe/$directory/x.log"
	ln -s x.log "$safe/$directory/link"
done
explained() { # WANTED OPTION...
	wanted=$1
	shift
	run "$daemonize" "$@" true
	is "$status $err" "125 daemonize: $wanted" "told: $*"
}
for option in -o -e -i -p -l; do
	explained "$safe/group/x.log: Permission denied (opened as nobody, because $safe/group is writable by group daemon)" \
		-u nobody $option "$safe/group/x.log"
	explained "$safe/own/deep/x.log: Permission denied (opened as nobody, because $safe/own is owned by nobody)" \
		-u nobody $option "$safe/own/deep/x.log"
	explained "$safe/sticky/x.log: Permission denied (opened as nobody, because $safe/sticky is writable by everyone)" \
		-u nobody $option "$safe/sticky/x.log"
	for who in '' '-u nobody'; do
		# shellcheck disable=SC2086 # words
		{
			run "$daemonize" $who $option "$safe/group/link" true
			like "$err" "$safe/group/link: a symbolic link, which.*because $safe/group is writable by group daemon)$" \
				"told: $who $option, a link in a group's directory"
			run "$daemonize" $who $option "$safe/own/deep/link" true
			like "$err" "$safe/own/deep/link: a symbolic link, which.*because $safe/own is owned by nobody)$" \
				"told: $who $option, a link in a user's directory"
			run "$daemonize" $who $option "$safe/sticky/link" true
			like "$err" "$safe/sticky/link: a symbolic link, which.*because $safe/sticky is writable by everyone)$" \
				"told: $who $option, a link in a sticky directory"
		}
	done
done
for option in -o -p -l; do
	explained "$safe/group/new: Permission denied (opened as nobody, because $safe/group is writable by group daemon)" \
		-u nobody $option "$safe/group/new"
done
explained "$safe/nowhere/x.log: No such file or directory" -u nobody -o "$safe/nowhere/x.log"
explained "$safe/logs/sub: Is a directory" -u nobody -o "$safe/logs/sub"
logs "$safe/group/x.log" "-o, root's own log in a group's directory" "$daemonize" -o \
	"$safe/group/x.log"

# an ordinary user: its own directory on a trusted path, and what it shares
mkdir "$safe/home" "$safe/shared"
chown nobody:nogroup "$safe/home"
chmod 1777 "$safe/shared"
for file in "$safe/shared/log" "$safe/logs/shared"; do
	: >"$file"
	chown daemon:daemon "$file"
	chmod 666 "$file"
	logs "$file" "a user's -o, $file, owned by somebody else" $nobody "$daemonize" -o "$file"
	is "$(state "$file")" 'daemon:daemon 666' 'it stays so'
done
logs "$tmp/sticky/daemons" "a user's -e, shared below /tmp" \
	$nobody "$daemonize" -e "$tmp/sticky/daemons" -o "$tmp/sticky/daemons"
logs "$safe/home/x" 'a user'"'"'s new log' $nobody "$daemonize" -o "$safe/home/x"
$nobody ln -s x "$safe/home/link"
$nobody ln "$safe/home/x" "$safe/home/hard"
logs "$safe/home/link" 'a user'"'"'s own link' $nobody "$daemonize" -o "$safe/home/link"
logs "$safe/home/hard" 'a user'"'"'s own hard link' $nobody "$daemonize" -o "$safe/home/hard"
chown daemon "$safe/shared/log"
ln -s "$safe/home/x" "$safe/shared/link"
ln -s "$safe/home" "$safe/shared/dirlink"
ln "$safe/home/x" "$safe/shared/hard"
chown -h daemon "$safe/shared/link" "$safe/shared/dirlink"
watch "$safe"
for option in -o -e -p -l; do
	for file in link hard dirlink/x dirlink/new; do
		refused "$safe/shared/$file" "because $safe/shared is writable by everyone)" \
			"a user's $option $file" \
			$nobody "$daemonize" $option "$safe/shared/$file"
	done
	refused "$safe/victims/file" 'Permission denied' "a user's $option on root's file" \
		$nobody "$daemonize" $option "$safe/victims/file"
	refused "$safe/victims/new" 'Permission denied' "a user's $option in root's directory" \
		$nobody "$daemonize" $option "$safe/victims/new"
done
for option in -p -l; do
	refused "$safe/shared/log" 'owned by somebody else' "a user's $option on somebody else's file" \
		$nobody "$daemonize" $option "$safe/shared/log"
	refused "$safe/home/link" 'a symbolic link, which is not followed' \
		"a user's $option through its own link" \
		$nobody "$daemonize" $option "$safe/home/link"
done

# root whose ids say nobody but whose capabilities do not: nothing is created
refused "-u nobody" '' 'capabilities outlive the ids: -o' setpriv --securebits=+no_setuid_fixup \
	"$daemonize" -u nobody -o "$safe/own/dirlink/new"
refused "-u nobody" '' 'capabilities outlive the ids: -p' setpriv --securebits=+no_setuid_fixup \
	"$daemonize" -u nobody -p "$safe/own/dirlink/new"

if ! need perl 'races and locks of an attacker'; then
	finish
fi

# locks of an attacker: never 75
attacker='use Fcntl; my ($file, $ready, $hold, $type, $byte) = @ARGV; alarm 600;
	sysopen F, $file, $type eq "r" ? O_RDONLY : O_RDWR or die "$file: $!";
	my $lock = pack "ssx![l!]l!l!ix![l!]", $type eq "r" ? F_RDLCK : F_WRLCK, 0, $byte, 1, 0;
	fcntl F, F_SETLK, $lock or die "fcntl: $!";
	open R, ">", "$ready.new"; print R $$; close R; rename "$ready.new", $ready;
	open H, "<", $hold; <H>;'
echo 4194304 >"$safe/logs/locked"
echo 4194304 >"$safe/own/locked"
chown nobody "$safe/own/locked"
for case in "r $safe/logs/locked" "r $safe/own/locked" "w $safe/own/locked"; do
	file=${case#* }
	case $file in */own/*) how='-u nobody' ;; *) how= ;; esac
	new_hold
	chmod 666 "$hold"
	rm -f marks/ready
	$nobody perl -e "$attacker" "$file" "$marks/ready" "$hold" "${case%% *}" 1 &
	wait_for test -e marks/ready
	watch "$safe"
	for oknodo in '' --oknodo; do
		# shellcheck disable=SC2086 # words
		refused "$file" "locked by pid $(cat marks/ready), which is not its daemon" \
			"$how $oknodo -p, locked ($case) by nobody" "$daemonize" $how $oknodo -p "$file"
	done
	release
	wait
	# shellcheck disable=SC2086 # words
	works "$how -p when the lock is gone" "$daemonize" $how -p "$file"
	idle -p "$file"
done

# races: a directory that is swapped for a link and back, a file likewise
mkdir "$safe/race" "$safe/race/d" "$safe/race/f" "$safe/race/h" "$safe/prize"
chown -R nobody:nogroup "$safe/race"
for file in log pid lock; do
	echo "this is root's" >"$safe/prize/$file"
	chmod 644 "$safe/prize/$file"
done
$nobody ln -s "$safe/prize" "$safe/race/l"
# (the attacker's hard links change the number of names, and so the ctime)
fields=%p,%y,%i,%u,%g,%m,%s,%T@
watch "$safe/prize"
$nobody perl -e 'alarm 600; chdir shift; my $prize = shift; while (1) {
	rename "d", "x"; rename "l", "d"; rename "d", "l"; rename "x", "d";
	for my $name ("log", "pid", "lock") {
		symlink "$prize/$name", "f/$name"; unlink "f/$name";
	} }' "$safe/race" "$safe/prize" &
racer=$!
: >marks/statuses
round=0
while [ $round -lt $((2 * times)) ]; do
	round=$((round + 1))
	for how in '' '-u nobody'; do
		for directory in d f; do
			for option in '-t -o log' "-e new$round" '-p pid' "-p pid$round" "-l lock$round"; do
				# shellcheck disable=SC2086 # words
				"$daemonize" $how ${option% *} "$safe/race/$directory/${option##* }" true
				echo $? >>marks/statuses
			done
		done
	done 2>>marks/messages
done
ok 'the attacker was there to the end' kill "$racer"
wait "$racer" 2>/dev/null
# a hard link that is there when the file is opened, and gone when its names are counted
$nobody perl -e 'alarm 600; my ($victim, $link) = @ARGV; while (1) { link $victim, $link; unlink $link; }' \
	"$safe/prize/log" "$safe/race/h/log" &
racer=$!
# ... also where there is no /proc to ask for the very name
for how in '' without_proc; do
	round=0
	while [ $round -lt $((20 * times)) ]; do
		round=$((round + 1))
		$how "$daemonize" -t -o "$safe/race/h/log" true
		echo $? >>marks/statuses
		rm -f "$safe/race/h/log"
	done
done 2>>marks/messages
ok 'and so was the one with the hard link' kill "$racer"
wait "$racer" 2>/dev/null
racer=
is "$(sort -u marks/statuses | grep -v -e '^0$' -e '^75$' -e '^125$')" '' \
	'races: every start worked or was refused'
note "races: of $(grep -c . marks/statuses) starts $(grep -c 125 marks/statuses) were refused"
unharmed "races: none touched a file of root's"
is "$(grep -v -e '^daemonize: ' marks/messages)" '' 'races: every line is one of ours'
finish
