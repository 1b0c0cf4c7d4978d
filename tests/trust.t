#!/bin/sh
# Some directories are trusted.  On others nothing that another user plants makes
# us read, write, create or change anything there.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -ne 0 ] || require setpriv unshare

# The program lies where any user may run it.
cp "$DAEMONIZE" daemonize
chmod 755 daemonize
daemonize=$tmp/daemonize
nobody='setpriv --reuid=nobody --regid=nogroup --clear-groups'
marks=$tmp/marks
mkdir -m 777 marks
chmod 777 marks

# Looks at what is about to be attacked: $before has its files, $bytes their sums.
# $before changes with every change, also that of a single byte, since it has the times.
fields=%p,%y,%i,%n,%u,%g,%m,%s,%T@,%C@,%l
watch() { # DIRECTORY...
	seen="find $* -printf $fields\\n"
	sums="find $* -type f -exec cksum {} +"
	before=$($seen)
	bytes=$($sums)
}
unharmed() { # NAME
	is "$($seen; $sums)" "$before
$bytes" "$1 is unharmed"
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
	is "$verdict" 125 "$name is refused"
	[ "$verdict" = 125 ] || explain "$out"
	if [ "$before" != "$after" ]; then
		printf '%s\n' "$before" >"$tmp/.before"
		printf '%s\n' "$after" | diff "$tmp/.before" - | sed 's/^/#   /'
		before=$after
	fi
}

# A start is 0, and nothing is said.
works() { # NAME COMMAND LINE, but for the command of daemonize
	name=$1
	shift
	run "$@" true
	is "$status$out$err" 0 "$name succeeds"
}
state() { # FILE
	stat -c '%U:%G %a' "$1" 2>&1
}
contents() { # FILE
	cat "$1" 2>&1
}
# A start is 0, and the command's words are in FILE.
logs() { # FILE NAME COMMAND LINE
	log=$1 name=$2
	shift 2
	run "$@" echo "a line of it"
	is "$status$out$err" 0 "$name succeeds"
	ok "$name: the log is written to" wait_for grep -q 'a line of it' "$log"
}

# An ordinary user has its own directory below /tmp.
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
		refused $mine/dir 'Is a directory' "a user's $option of a directory" \
			$user $daemonize $option $mine/dir
		for file in link hard; do
			refused "$mine/$file" '(*, because * is *)' "a user's $option of mine/$file" \
				$user $daemonize $option $mine/$file
		done
		refused "$mine/nowhere/file" 'No such file or directory' "a user's $option in a missing directory" \
			$user $daemonize $option $mine/nowhere/file
	done
	for option in -o -e '-t -e' -p -l; do
		refused $mine/dangling 'a symbolic link, which is not followed' "a user's $option of mine/dangling" \
			$user $daemonize $option $mine/dangling
		refused $mine/fifo '' "a user's $option of mine/fifo" $user $daemonize $option $mine/fifo
	done
	for option in -p -l; do
		refused /dev/full 'not a regular file' "a user's $option of /dev/full" \
			$user $daemonize $option /dev/full
	done
	works "a user's -i of a FIFO" $user $daemonize -i $mine/fifo
	unharmed 'what a user has'
	logs $mine/dir/log "a user's -o through its own link to a directory, where only it can write," \
		$user $daemonize -o $mine/dirlink/log
	works "a user's start with -p and -l through its own link to a directory" $user $daemonize -p \
		$mine/dirlink/pid -l $mine/dirlink/lock
	logs mine/own "a user's -o of its own file" $user $daemonize -o $mine/own
	works "a user's -i of its own file" $user $daemonize -i $mine/own
	logs mine/new "a user's -o of a new file" $user $daemonize -o $mine/new
	works "a user's start with -p and -l" $user $daemonize -p $mine/pid -l $mine/lock

	# New files have these modes under each umask and -m: umask, -m, the log's mode.
	while read -r mask option wanted; do
		for how in '' -f; do
			rm -f mine/log mine/pid mine/lock
			(
				umask $mask
				run $user $daemonize $how ${option#none} -p $mine/pid -l $mine/lock -o $mine/log true
				echo "$status$err" >$marks/status
			)
			is "$(contents marks/status) $(stat -c %a mine/pid mine/lock mine/log 2>&1 | tr '\n' ' ')" \
				"0 644 600 $wanted " "the modes of a user's pid file, lock file and log are right: umask $mask, -m ${option#-m}${how:+, $how}"
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
		077 -m0777 600
		0177 none 600
		0277 none 600
		0777 none 600
		0777 -m0 644
	END
}

if ! need_root 'attacks on root'; then
	finish
fi
safe=$(mktemp -d /run/daemonize-test.XXXXXX) || exit 1
# The settings are the machine's: one test at a time changes them.  They are kept in a
# file, too: the next run restores what one that was killed has left.
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
is "$(stat -c '%u %a' / /run "$safe" | sort -u)" '0 755' "the directory for trusted files is root's, and nobody else can write there"

# The kernel should help as little as possible.
printf '%s\n' "$saved" | sed 's/ .*/ 0/' | protect 2>/dev/null
if protection | grep -q -v ' 0$'; then
	skip 'attacks without the protection of the kernel' '/proc/sys/fs is not writable'
fi

# Others would like to reach these files, and not only by a link.
mkdir "$safe/victims" "$safe/victims/dir" "$tmp/victims"
for victim in "$safe/victims/file" "$safe/victims/dir/file" "$tmp/victims/file" "$tmp/victims/open"; do
	echo "this is root's" >"$victim"
	chmod 600 "$victim"
done
chmod 666 "$tmp/victims/open"
mkdir "$tmp/sticky" "$tmp/own" "$safe/own"
chmod 1777 "$tmp/sticky"
chown nobody:nogroup "$tmp/own" "$safe/own"

# The user nobody plants these.
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
# Root plants what fs.protected_hardlinks may forbid to nobody.
for place in "$tmp/sticky" "$tmp/own"; do
	ln "$tmp/victims/file" "$place/hard"
	ln "$tmp/victims/open" "$place/hardopen"
done
echo "this is root's" >"$safe/victims/file2"
chmod 666 "$safe/victims/file2"
ln "$safe/victims/file" "$safe/own/hard"
ln "$safe/victims/file2" "$safe/own/hardopen"
watch "$safe" "$tmp/sticky" "$tmp/own" "$tmp/victims"

# The names of checks call a place so.
call_place() { # PLACE: sets $where
	case $1 in "$safe"/*) where=run/${1##*/} ;; *) where=tmp/${1##*/} ;; esac
}

# shellcheck disable=SC2086 # words
for place in "$tmp/sticky" "$tmp/own" "$safe/own"; do
	call_place "$place"
	for how in '' '-u nobody'; do
		[ "$place" = "$tmp/own" ] && how="-f${how:+ $how}"
		case $how in *-u*) who='opened as nobody' ;; *) who='not trusted' ;; esac
		for option in -o '-t -e' -i -p -l; do
			# Of two places that are alike one is enough.
			[ "$place $option" != "$tmp/own -i" ] && [ "$place $option" != "$tmp/own -l" ] || continue
			for file in link dirlink/file hard hardopen daemons; do
				refused "$place/$file" "($who, because * is *)" "${how:+$how }$option $where/$file" \
					$daemonize $how $option $place/$file
			done
			case $how in
			*-u*) ;;
			*)
				refused $place/theirs "owned by another user ($who" "$how $option $place/theirs" \
					$daemonize $how $option $place/theirs
				;;
			esac
			refused $place/directory 'Is a directory' "${how:+$how }$option $where/directory" \
				$daemonize $how $option $place/directory
			[ "$option" != -i ] || continue
			refused $place/dangling 'a symbolic link, which is not followed' \
				"${how:+$how }$option $where/dangling" $daemonize $how $option $place/dangling
			refused $place/dirlink/new "($who" "${how:+$how }$option $where/dirlink/new" \
				$daemonize $how $option $place/dirlink/new
			refused $place/fifo '' "${how:+$how }$option $where/fifo" $daemonize $how $option $place/fifo
		done
		for option in -p -l; do
			refused $place/null 'not a regular file' "${how:+$how }$option $where/null" \
				$daemonize $how $option $place/null
		done
	done
done

# A later failure takes nothing away that was there.
for place in "$tmp/sticky" "$tmp/own" "$safe/own"; do
	call_place "$place"
	refused "$safe/nowhere" 'No such file or directory' "-t -o $where/null with -c of a missing directory" \
		"$daemonize" -t -o "$place/null" -c "$safe/nowhere"
	refused "$safe/nowhere" 'No such file or directory' \
		"-u nobody -t -o $where/theirs with -c of a missing directory" \
		"$daemonize" -u nobody -t -o "$place/theirs" -c "$safe/nowhere"
done

unharmed "all that is root's"

# These are accepted there.
# shellcheck disable=SC2086 # words
for place in "$tmp/sticky" "$tmp/own" "$safe/own"; do
	call_place "$place"
	for how in '' '-u nobody'; do
		for option in -o -e -i; do
			works "${how:+$how }$option $where/null (a device)" $daemonize $how $option $place/null
		done
	done
	works "-u nobody -i $where/fifo (its own)" $daemonize -u nobody -i $place/fifo
	timeout 20 cat "$place/fifo" >"$tmp/through" &
	wait_for sh -c 'exec 3>"$1"' sh "$place/fifo"
	wait
	timeout 20 cat "$place/fifo" >"$tmp/through" &
	wait_for $daemonize -u nobody -o "$place/fifo" echo through
	wait
	is "$(cat through)" through "-u nobody -o $where/fifo (its own) reaches the reader"
	logs "$place/theirs" "-u nobody -o $where/theirs" $daemonize -u nobody -o "$place/theirs"
	works "-u nobody -i $where/theirs" $daemonize -u nobody -i "$place/theirs"
	is "$(state "$place/theirs")" 'nobody:nogroup 666' "-u nobody -o $where/theirs: the file stays its owner's"
	logs "$place/new1" "-o $where/new1 (a new file)" $daemonize -o "$place/new1"
	is "$(state "$place/new1")" 'root:root 644' "-o $where/new1: the new file is root's"
	logs "$place/new1" "-o $where/new1 (root's own)" $daemonize -o "$place/new1"
	logs "$place/new2" "-u nobody -o $where/new2 (a new file)" $daemonize -u nobody -o "$place/new2"
	is "$(state "$place/new2")" 'nobody:nogroup 644' "-u nobody -o $where/new2: the new file is the user's"
	works "a start with -p and -l in $where" $daemonize -p "$place/pid1" -l "$place/lock1"
	is "$(state "$place/pid1") $(state "$place/lock1")" 'root:root 644 root:root 600' "-p and -l in $where: the new files are root's"
	works "a start with -u nobody, -p and -l in $where" $daemonize -u nobody -p "$place/pid2" -l "$place/lock2"
	is "$(state "$place/pid2") $(state "$place/lock2")" 'nobody:nogroup 644 nobody:nogroup 600' \
		"-u nobody, -p and -l in $where: the new files are the user's"
	# The user's own stale file names process 1.
	works "-u nobody -p $where/theirs (stale)" $daemonize -u nobody -p "$place/theirs"
	like "$(contents "$place/theirs")" '^[1-9][0-9][0-9]*$' "-u nobody -p $where/theirs: it names the daemon, no longer process 1"
done
for option in -o -p -l; do
	run timeout -s KILL 20 "$daemonize" -f $option "$tmp/sticky/$option (deleted)" true
	is "$status$out$err" 0 "$option of a name like that of a file that has gone succeeds"
done
# A file is mounted over a name, and its own name has gone; it may have another.
# shellcheck disable=SC2016 # for the inner shell
mounted() { # FILE OTHER-NAME COMMAND...
	unshare -m sh -c 'file=$1 other=$2; shift 2; : >"$file"; : >"$file.new"
		mount --bind "$file.new" "$file"; [ -z "$other" ] || ln -f "$file.new" "$other"
		rm "$file.new"; exec timeout -s KILL 20 "$@"' sh "$@"
}
mkdir -m 1777 "$safe/sticky"
for option in -o -i -p -l; do
	run mounted "$safe/mounted" '' "$daemonize" -f $option "$safe/mounted" true
	is "$status$out$err" 0 "$option of a file that is mounted on a trusted path succeeds"
	for other in '' "$safe/sticky/other"; do
		run mounted "$safe/sticky/mounted" "$other" "$daemonize" -f $option "$safe/sticky/mounted" true
		is "$status $out$err" "125 daemonize: $safe/sticky/mounted: not the file's only name (not trusted, because $safe/sticky is writable by everyone)" \
			"$option of a file that is mounted in a sticky directory${other:+, with another name,} is refused"
	done
done
logs "$tmp/sticky/new3" '-o in a sticky directory without /proc' without_proc "$daemonize" -o "$tmp/sticky/new3"
for how in '' '-u nobody'; do
	# shellcheck disable=SC2086 # words
	is "$("$daemonize" $how -o /dev/stdout echo through | cat)" through "${how:+$how }-o /dev/stdout succeeds"
done

# In trusted directories links are followed, owners and names are not asked for.
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
			logs "$safe/logs/$file" "${how:+$how }-o of the trusted $file" $daemonize $how -o "$safe/logs/$file"
			works "${how:+$how }-i of the trusted $file" $daemonize $how -i "$safe/logs/$file"
		done
		is "$(state "$safe/logs/target"), $(state "$safe/logs/foreign"), $(state "$safe/logs/hard")" \
			'root:root 600, daemon:daemon 644, root:root 644' "${how:+$how }-o: existing trusted files keep their owners and modes"
		rm -f "$safe/logs/new" "$safe/logs/new2"
		logs "$safe/logs/new" "${how:+$how }-o -e of new trusted files" $daemonize $how -o "$safe/dirlink/new" -e \
			"$safe/dirlink/new2"
		case $how in *-u*) wanted='nobody:nogroup 644' ;; *) wanted='root:root 644' ;; esac
		is "$(state "$safe/logs/new"), $(state "$safe/logs/new2")" "$wanted, $wanted" "${how:+$how }-o -e: the new trusted files are $wanted"
		rm -f "$safe/logs/pid" "$safe/logs/lock"
		works "${how:+$how }-p -l of new trusted files" $daemonize $how -p "$safe/dirlink/pid" -l "$safe/dirlink/lock"
		is "$(state "$safe/logs/pid"), $(state "$safe/logs/lock")" 'root:root 644, root:root 600' \
			"${how:+$how }-p -l: the new trusted files are root's"
		idle -p "$safe/logs/pid"
		echo 1 >"$safe/logs/pid"
		works "${how:+$how }-p of a trusted file that names process 1" $daemonize $how -p "$safe/logs/pid"
		like "$(contents "$safe/logs/pid")" '^[1-9][0-9][0-9]*$' "${how:+$how }-p of a trusted file that named process 1: it names the daemon"
		rm -f "$safe/logs/pid"
		watch "$safe" "$tmp/victims"
		for option in -o -e -i; do
			refused "$safe/logs/planted" "because $safe/logs/planted is owned by nobody)" \
				"${how:+$how }$option through a link of nobody's in a trusted directory" $daemonize $how $option "$safe/logs/planted"
			refused "$safe/logs/away/link" "because $safe/own is owned by nobody)" \
				"${how:+$how }$option through a link out of the trusted directories" $daemonize $how $option "$safe/logs/away/link"
		done
		for option in -p -l; do
			for file in link planted chain; do
				refused "$safe/logs/$file" 'a symbolic link, which is not followed' \
					"${how:+$how }$option through the trusted link $file" \
					$daemonize $how $option "$safe/logs/$file"
			done
		done
	}
done
: >"$safe/logs/userlog"
chown nobody:nogroup "$safe/logs/userlog"
logs "$safe/logs/userlog" "-o of a user's file in a trusted directory" "$daemonize" -o "$safe/logs/userlog"
is "$(state "$safe/logs/userlog")" 'nobody:nogroup 644' "-o of a user's file in a trusted directory: it stays the user's"

# The command cannot alter the number through what it inherits.
works '-u nobody -p of a command that writes to descriptor 3' "$daemonize" -u nobody -p \
	"$safe/logs/pid" \
	sh -c '(echo 1 >&3) 2>/dev/null; (echo 1 >/proc/self/fd/3) 2>/dev/null; echo $$ >"$1/writer"' sh "$marks"
wait_for test -s marks/writer
is "$(contents "$safe/logs/pid")" "$(contents marks/writer)" '-u nobody -p: a command that writes to descriptor 3 does not change the pid file'
rm -f "$safe/logs/pid"

# (1) The group of a directory may be the owner's alone.
cat >passwd <<'END'
root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin
alice:x:3000:3000::/:/bin/sh
bob:x:3001:3001::/:/bin/sh
END
cat >group <<'END'
root:x:0:
alice:x:3000:
bob:x:3001:
team:x:3100:
END
sed 's/^alice:x:3000:/&alice,bob/' group >group.two
sed 's/^bob:x:3001:3001/bob:x:3001:3000/' passwd >passwd.two
chmod 644 passwd passwd.two group group.two
users() { # PASSWD GROUP COMMAND...
	unshare -m sh -c 'mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/group && shift 2 && exec "$@"' \
		sh "$@"
}
alice='setpriv --reuid=3000 --regid=3000 --clear-groups'
bob='setpriv --reuid=3001 --regid=3000 --clear-groups'
if users passwd group true; then
	mkdir "$safe/proj" "$safe/proj/target" "$safe/proj/private"
	echo "this is alice's" >"$safe/proj/private/file"
	chown -R 3000:3000 "$safe/proj"
	chmod 2775 "$safe/proj"
	chmod 700 "$safe/proj/private"
	$alice ln -s target "$safe/proj/logs"
	$alice ln -s target/real "$safe/proj/link"
	$bob ln -s private/file "$safe/proj/planted"
	for option in -o -e; do
		logs "$safe/proj/target/x" "alice's $option through her link in her own group's directory" \
			users passwd group $alice "$daemonize" $option "$safe/proj/logs/x"
		logs "$safe/proj/target/real" "alice's $option of her link in her own group's directory" \
			users passwd group $alice "$daemonize" $option "$safe/proj/link"
	done
	works "alice's start with -p and -l in her own group's directory" users passwd group $alice "$daemonize" \
		-p "$safe/proj/logs/pid" -l "$safe/proj/logs/lock"
	watch "$safe/proj"
	for option in -o -i -p -l; do
		for names in 'passwd group.two' 'passwd.two group' 'passwd.two group.two'; do
			# shellcheck disable=SC2086 # words
			refused "$safe/proj/planted" 'a symbolic link, which is not followed' \
				"alice's $option of a link planted by the other member of her group ($names)" \
				users $names $alice "$daemonize" $option "$safe/proj/planted"
		done
		refused "$safe/proj/planted" 'a symbolic link, which is not followed' \
			"alice's $option of a link in her own group's directory that is not hers" \
			users passwd group $alice "$daemonize" $option "$safe/proj/planted"
	done
	refused "$safe/proj/link" "because $safe/proj is writable by group alice)" \
		"alice's -o of her link in the directory of her group with another member" users passwd group.two $alice "$daemonize" -o "$safe/proj/link"
	chgrp 3100 "$safe/proj"
	watch "$safe/proj"
	refused "$safe/proj/link" "because $safe/proj is writable by group team)" \
		"alice's -o of her link in the directory of another group" \
		users passwd group $alice "$daemonize" -o "$safe/proj/link"
	chgrp 3000 "$safe/proj"
	chmod 2775 "$safe/proj"
	watch "$safe/proj"
	refused "$safe/proj/link" "because $safe/proj is writable by group *)" \
		"alice's -o of her link in the directory of a group whose owner is not listed" \
		users group group $alice "$daemonize" -o "$safe/proj/link"
	if need setfacl "alice's -o of her link in a directory whose access list has bob" && setfacl -m u:3001:rwx "$safe/proj" 2>/dev/null; then
		watch "$safe/proj"
		refused "$safe/proj/link" "because $safe/proj is writable by its group or its access list)" \
			"alice's -o of her link in a directory whose access list has bob" \
			users passwd group $alice "$daemonize" -o "$safe/proj/link"
	fi
	rm -r "$safe/proj"
else
	skip 'links in the directory of a private group' 'no unshare -m'
fi

# (1) In a user namespace an owner that it does not map is root.
mapping_all() { # COMMAND..., on a new hold
	rm -f "$marks/ns"
	unshare -U sh -c 'echo $$ >"$1"; read x <"$2"; shift 2; exec "$@"' sh "$marks/ns" "$hold" "$@" &
	wait_for test -s "$marks/ns"
	echo 0 0 65536 >"/proc/$(cat "$marks/ns")/uid_map"
	echo 0 0 65536 >"/proc/$(cat "$marks/ns")/gid_map"
	release
	wait $!
}
# The number of this user is not the one for those that are not mapped.
mapped='setpriv --reuid=daemon --regid=daemon --clear-groups unshare --map-current-user'
if $mapped true 2>/dev/null; then
	mkdir "$safe/ns" "$safe/ns/home" "$safe/ns/open"
	chown daemon:daemon "$safe/ns/home"
	chmod 777 "$safe/ns/open"
	ln -s home/log "$safe/ns/link"
	setpriv --reuid=bin --regid=bin --clear-groups ln -s ../home/log "$safe/ns/open/link"
	logs "$safe/ns/home/log" 'in a user namespace, -o through a link of an owner that is not mapped there' \
		$mapped "$daemonize" -o "$safe/ns/link"
	watch "$safe/ns"
	refused "$safe/ns/open/link" "because $safe/ns/open is writable by everyone)" \
		'in a user namespace, -o in a directory of such an owner, where others can write,' \
		$mapped "$daemonize" -o "$safe/ns/open/link"
	# The number means somebody where it is mapped.
	new_hold
	refused "$safe/logs/away/link" "because $safe/own is owned by nobody)" \
		"in a user namespace that maps nobody, -o through nobody's directory" \
		mapping_all "$daemonize" -o "$safe/logs/away/link"
	rm -r "$safe/ns"
else
	skip '-o in a user namespace' 'none for an ordinary user'
fi

# (2) A new log that cannot be given to the user does not stay.
for round in first second; do
	for how in '' -f; do
		# shellcheck disable=SC2086 # words
		run "$arrange" deny=fchown:EPERM -- "$daemonize" $how -u nobody -o "$safe/logs/ungiven" true
		is "$status $err" "125 daemonize: $safe/logs/ungiven: cannot be given to nobody: Operation not permitted" \
			"-u nobody${how:+ $how}: a new log that cannot be given to it is refused the $round time"
		ok "-u nobody${how:+ $how}: a new log that cannot be given to it is removed the $round time" test ! -e "$safe/logs/ungiven"
	done
done
: >"$safe/logs/given"
works '-u nobody -o of an old log that cannot be given to it' "$arrange" deny=fchown:EPERM -- \
	"$daemonize" -u nobody -o "$safe/logs/given"
rm "$safe/logs/given"

# (2) On a trusted path root keeps its own groups.
mkdir "$safe/groups"
chgrp daemon "$safe/groups"
chmod 750 "$safe/groups"
: >"$safe/groups/log"
chgrp daemon "$safe/groups/log"
chmod 660 "$safe/groups/log"
chown bin "$safe/groups/log"
logs "$safe/groups/log" "-u nobody -o of a log that root may write to by its own groups alone" \
	setpriv --groups=daemon --bounding-set=-dac_override,-dac_read_search "$daemonize" -u nobody -o \
	"$safe/groups/log"
rm -r "$safe/groups"

# (3) An ordinary caller, and the user, follow what protected_symlinks lets them.
mkdir "$safe/team" "$safe/team/real" "$safe/team/others"
chown nobody:nogroup "$safe/team/real"
chmod 777 "$safe/team" "$safe/team/others"
other='setpriv --reuid=daemon --regid=daemon --clear-groups'
$other ln -s real "$safe/team/theirs"
$nobody ln -s real "$safe/team/mine"
mkdir "$safe/team/sticky"
chown bin "$safe/team/sticky"
chmod 1777 "$safe/team/sticky"
for who in nobody daemon bin; do
	setpriv --reuid=$who --regid=nogroup --clear-groups ln -s ../real "$safe/team/sticky/$who"
done
for who in "$nobody $daemonize" "$daemonize -u nobody"; do
	case $who in *-u*) as='-u nobody' ;; *) as='an ordinary caller' ;; esac
	for way in theirs mine sticky/nobody sticky/bin; do
		# shellcheck disable=SC2086 # words
		logs "$safe/team/real/x" "(3) $as: -o through the link $way" $who -o "$safe/team/$way/x"
	done
	watch "$safe/team"
	# shellcheck disable=SC2086 # words
	for option in -o -i -p -l; do
		refused "$safe/team/sticky/daemon/x" 'a symbolic link, which is not followed' \
			"(3) $as: $option through a stranger's link in a sticky directory" \
			$who $option "$safe/team/sticky/daemon/x"
	done
done
watch "$safe/team"
for way in theirs mine sticky/nobody sticky/bin sticky/daemon; do
	refused "$safe/team/$way/x" 'a symbolic link, which is not followed (not trusted' \
		"(3) root without -u: -o through the link $way" "$daemonize" -o "$safe/team/$way/x"
done
rm -r "$safe/team"

# (4) What feeds a command is ours or the user's.
mkdir "$safe/feed"
chmod 777 "$safe/feed"
$nobody mkfifo -m 666 "$safe/feed/fifo"
$nobody mkfifo -m 666 "$safe/feed/twice"
$nobody ln "$safe/feed/twice" "$safe/feed/again"
$nobody sh -c 'echo "touch $1" >"$2"' sh "$marks/fed" "$safe/feed/file"
mkfifo "$safe/feed/root"
watch "$safe/feed"
for option in -i -o -e; do
	refused "$safe/feed/fifo" 'owned by another user (not trusted' "(4) root's $option of a stranger's FIFO" \
		"$daemonize" $option "$safe/feed/fifo"
	for who in '' '-u nobody'; do
		# shellcheck disable=SC2086 # words
		refused "$safe/feed/twice" "not the file's only name (*" \
			"(4) ${who:+$who }$option of a FIFO with two names" "$daemonize" $who $option "$safe/feed/twice"
	done
done
for file in fifo file; do
	refused "$safe/feed/$file" 'owned by another user (not trusted' \
		"(4) an ordinary caller's -i of a stranger's $file" $other "$daemonize" -i "$safe/feed/$file"
	works "(4) -u nobody -i of its own $file" "$daemonize" -u nobody -i "$safe/feed/$file"
	works "(4) an ordinary caller's -i of its own $file" $nobody "$daemonize" -i "$safe/feed/$file"
done
works "(4) root's -i of its own FIFO" "$daemonize" -i "$safe/feed/root"
run timeout 20 "$daemonize" -i "$safe/feed/fifo" -o "$safe/logs/fed" sh
is "$status$(ls "$marks/fed" 2>/dev/null)" 125 "(4) root's sh does not read a stranger's FIFO"
rm -r "$safe/feed"
watch "$safe"

# (5), (6) and (7) A preview says what the start says.
ln -s target "$safe/logs/preview"
mkfifo "$safe/logs/pipe"
for option in -p -l; do
	for file in "$safe/logs/preview" "$safe/logs/pipe" /dev/null; do
		run "$daemonize" $option "$file" true
		like "$status $err" "^125 daemonize: $file: " "(5) $option ${file##*/} is refused"
		said=$err
		run "$daemonize" -n $option "$file" true
		is "$status $err" "125 $said" "(5) -n $option ${file##*/} says what the start says"
	done
done

# (6) A link of procfs leads to an object.
mkdir "$safe/mount" "$safe/strangers"
new_hold
unshare -m sh -c 'mount -t tmpfs none "$1" && : >"$1/gone" && exec 5>"$1/gone" && rm "$1/gone" &&
	cd "$1" && echo $$ >"$2" && read x <"$3"' sh "$safe/mount" "$marks/mounted" "$hold" &
wait_for test -s marks/mounted
there=/proc/$(cat marks/mounted)
works '(6) a start with -o, -p and -l through /proc/PID/root' "$daemonize" -o "$there/root$safe/mount/log" \
	-p "$there/root$safe/mount/pid" -l "$there/root$safe/mount/lock"
is "$(ls "$safe/mount") $(ls "$there/root$safe/mount" | tr '\n' ' ')" ' lock log pid ' \
	'(6) files through /proc/PID/root are where the link leads, not where its text does'
works '(6) -o through /proc/PID/cwd' "$daemonize" -o "$there/cwd/log2"
ok '(6) a log through /proc/PID/cwd is where that process is' test -e "$there/root$safe/mount/log2"
logs "$there/fd/5" '(6) -o of /proc/PID/fd/N, a file that has no name any more,' "$daemonize" -o "$there/fd/5"
is "$(ls "$safe/mount")" '' '(6) no file is made that has the name which /proc/PID/fd/N had'
ln -s "$there/fd/5" "$safe/logs/object"
logs "$there/fd/5" '(6) -e of a trusted link to /proc/PID/fd/N' "$daemonize" -e "$safe/logs/object"
watch "$safe"
refused "$there/fd/5" 'a symbolic link, which is not followed' '(6) -p of /proc/PID/fd/N' \
	"$daemonize" -p "$there/fd/5"
run "$daemonize" -n -o "$there/fd/5" true
is "$status $err" '0 ' '(6) -n -o /proc/PID/fd/N says what the start says'
run "$daemonize" -n -o "$there/fd/99" true
is "$status $err" "125 daemonize: $there/fd/99: No such file or directory" '(6) -n -o /proc/PID/fd/N says that N is not open'
chown nobody "$safe/strangers"
$nobody ln -s "$there/fd/5" "$safe/strangers/object"
$nobody ln -s "$there/root" "$safe/strangers/root"
$nobody ln -s /dev/stdout "$safe/strangers/stdout"
watch "$safe"
for who in '' '-u nobody'; do
	for option in -o -i; do
		for link in object root$safe/victims/file stdout; do
			# shellcheck disable=SC2086 # words
			refused "$safe/strangers/$link" "because $safe/strangers is owned by nobody)" \
				"(6) ${who:+$who }$option through a stranger's link to ${link%%/*}" \
				"$daemonize" $who $option "$safe/strangers/$link"
		done
	done
done
release
wait
# The directory of a stranger's process is not trusted.
new_hold
chmod 666 "$hold"
$nobody sh -c 'cd "$1" && exec 5<"$1" && echo $$ >"$2" && read x <"$3"' sh "$safe/own" "$marks/stranger" "$hold" &
wait_for test -s marks/stranger
there=/proc/$(cat marks/stranger)
for link in fd/0 cwd/new root$safe/victims/file; do
	refused "$there/$link" "because $there is owned by nobody)" \
		"(6) root's -o through /proc/PID/${link%%/*} of a stranger" "$daemonize" -o "$there/$link"
done
release
wait
rm -r "$safe/mount" "$safe/strangers" "$safe/logs/object"

# New files of root have these modes.
for mask in 0 077 0277 0777; do
	for how in '' '-u nobody'; do
		for place in "$safe/logs" "$tmp/sticky" "$tmp/own"; do
			call_place "$place"
			rm -f "$place/m1" "$place/m2" "$place/m3"
			# shellcheck disable=SC2086 # words
			(
				umask $mask
				run "$daemonize" $how -p "$place/m1" -l "$place/m2" -m 0 -o "$place/m3" true
				echo "$status$err" >"$marks/status"
			)
			is "$(contents marks/status) $(stat -c %a "$place/m1" "$place/m2" "$place/m3" 2>&1 | tr '\n' ' ')" \
				'0 644 600 644 ' "the modes of pid file, lock file and log in $where are right: umask $mask${how:+, $how}"
		done
	done
done

# A refusal explains itself.
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
	is "$status $err" "125 daemonize: $wanted" "$1 $2 $3 ${4#"$safe/"} is refused, and told why"
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
				"${who:+$who }$option of a link in a group's directory is told why"
			run "$daemonize" $who $option "$safe/own/deep/link" true
			like "$err" "$safe/own/deep/link: a symbolic link, which.*because $safe/own is owned by nobody)$" \
				"${who:+$who }$option of a link in a user's directory is told why"
			run "$daemonize" $who $option "$safe/sticky/link" true
			like "$err" "$safe/sticky/link: a symbolic link, which.*because $safe/sticky is writable by everyone)$" \
				"${who:+$who }$option of a link in a sticky directory is told why"
		}
	done
done
for option in -o -p -l; do
	explained "$safe/group/new: Permission denied (opened as nobody, because $safe/group is writable by group daemon)" \
		-u nobody $option "$safe/group/new"
done
mkdir "$safe/nobodys" "$safe/nogroups"
chown $uid "$safe/nobodys"
chown :$uid "$safe/nogroups"
chmod 775 "$safe/nogroups"
explained "$safe/nobodys/log: Permission denied (opened as nobody, because $safe/nobodys is owned by an unknown user)" \
	-u nobody -o "$safe/nobodys/log"
explained "$safe/nogroups/log: Permission denied (opened as nobody, because $safe/nogroups is writable by group of an unknown name)" \
	-u nobody -o "$safe/nogroups/log"
explained "$safe/nowhere/x.log: No such file or directory" -u nobody -o "$safe/nowhere/x.log"
explained "$safe/logs/sub: Is a directory" -u nobody -o "$safe/logs/sub"
logs "$safe/group/x.log" "-o of root's own log in a group's directory" "$daemonize" -o \
	"$safe/group/x.log"

# An ordinary user has its own directory on a trusted path, and shares another.
mkdir "$safe/home" "$safe/shared"
chown nobody:nogroup "$safe/home"
chmod 1777 "$safe/shared"
for file in "$safe/shared/log" "$safe/logs/shared"; do
	: >"$file"
	chown daemon:daemon "$file"
	chmod 666 "$file"
	logs "$file" "a user's -o of ${file#"$safe/"}, owned by another user," $nobody "$daemonize" -o "$file"
	is "$(state "$file")" 'daemon:daemon 666' "a user's -o of ${file#"$safe/"}: its owner and mode stay"
done
logs "$tmp/sticky/daemons" "a user's -o -e of one shared file below /tmp" \
	$nobody "$daemonize" -e "$tmp/sticky/daemons" -o "$tmp/sticky/daemons"
logs "$safe/home/x" "a user's -o of a new log on a trusted path" $nobody "$daemonize" -o "$safe/home/x"
$nobody ln -s x "$safe/home/link"
$nobody ln "$safe/home/x" "$safe/home/hard"
logs "$safe/home/link" "a user's -o of its own link on a trusted path" $nobody "$daemonize" -o "$safe/home/link"
logs "$safe/home/hard" "a user's -o of its own hard link on a trusted path" $nobody "$daemonize" -o "$safe/home/hard"
chown daemon "$safe/shared/log"
ln -s "$safe/home/x" "$safe/shared/link"
ln -s "$safe/home" "$safe/shared/dirlink"
ln "$safe/home/x" "$safe/shared/hard"
chown -h daemon "$safe/shared/link" "$safe/shared/dirlink"
watch "$safe"
for option in -o -e -p -l; do
	for file in link hard dirlink/x dirlink/new; do
		refused "$safe/shared/$file" "because $safe/shared is writable by everyone)" \
			"a user's $option of a stranger's $file" \
			$nobody "$daemonize" $option "$safe/shared/$file"
	done
	refused "$safe/victims/file" 'Permission denied' "a user's $option of root's file" \
		$nobody "$daemonize" $option "$safe/victims/file"
	refused "$safe/victims/new" 'Permission denied' "a user's $option in root's directory" \
		$nobody "$daemonize" $option "$safe/victims/new"
done
for option in -p -l; do
	refused "$safe/shared/log" 'owned by another user' "a user's $option of somebody else's file" \
		$nobody "$daemonize" $option "$safe/shared/log"
	refused "$safe/home/link" 'a symbolic link, which is not followed' \
		"a user's $option of its own link on a trusted path" \
		$nobody "$daemonize" $option "$safe/home/link"
done

# If the ids of root say nobody, but its capabilities do not, nothing is created.
refused "-u nobody" '' '-u nobody -o where capabilities outlive the ids' setpriv --securebits=+no_setuid_fixup \
	"$daemonize" -u nobody -o "$safe/own/dirlink/new"
refused "-u nobody" '' '-u nobody -p where capabilities outlive the ids' setpriv --securebits=+no_setuid_fixup \
	"$daemonize" -u nobody -p "$safe/own/dirlink/new"

# Root's rights may end at a user's directory, as on NFS with root_squash.
squashed='setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search'
mkdir -m 700 "$safe/private"
chown nobody "$safe/private"
if ! $squashed ls "$safe/private" >/dev/null 2>&1; then
	for how in '' -f; do
		for option in -p -l '-p lock -l'; do
			# shellcheck disable=SC2086 # words
			run sh -c 'cd "$1" && shift && exec "$@"' sh "$safe/private" \
				$squashed "$daemonize" -u nobody $how $option "$safe/private/lock" true
			is "$status $err" '0 ' "-u nobody $how $option in a directory of the user's that root may not enter succeeds"
			idle -l "$safe/private/lock"
			rm -f "$safe/private/lock"
		done
	done
	run $squashed "$daemonize" -u nobody -p "$safe/private/pid" -o "$safe/private/no/log" true
	is "$status $(ls "$safe/private")" '125 ' "-u nobody -p in a directory of the user's that root may not enter: a start that fails leaves no pid file"
fi

# Others can put a log there, or take it away, when it has been opened or found missing.
log=$safe/sticky/fleeting
injected() { # WORD...: a start under inject, without /proc
	without_proc "$inject" events "$@" -- "$daemonize" -f -o "$log" echo text
}
if can_inject 'a log that goes, or is made, meanwhile'; then
	injected trace
	made=$(call_number launcher openat unlinkat) looked=$(call_number launcher unlinkat readlink)
	rm "$log"
	run injected "at=launcher.$looked" "run=mv $log $safe/moved"
	is "$status $err$(cat "$safe/moved")/$(cat "$log")" '0 /text' 'a log that goes away when it has been opened is made again'
	rm "$log"
	run injected "at=launcher.$made" "run=echo first >$log"
	is "$status $err$(cat "$log")" '0 first
text' 'a log that somebody makes meanwhile is appended to'
fi

# Another link takes the place of one that is being read.
if can_inject 'a link is judged by its own owner'; then
	place=$safe/sticky/place
	mkdir -m 755 "$safe/target" "$safe/victim"
	chown nobody "$safe/target" "$safe/victim"
	ln -s "$safe/victim" "$safe/strangers"
	chown -h "$uid" "$safe/strangers"
	ln -s "$safe/target" "$safe/followers"
	chown -h nobody "$safe/followers"
	exchanged() { # WORD...: a start of nobody's through a stranger's link, under inject
		rm -f "$place" "$safe/target/log"
		cp -P --preserve=ownership "$safe/strangers" "$place"
		cp -P --preserve=ownership "$safe/followers" "$safe/follower"
		run "$inject" events "$@" -- "$daemonize" -u nobody -f -o "$place/log" echo text
	}
	exchanged trace
	is "$status $err" "125 daemonize: $place/log: a symbolic link, which is not followed (opened as nobody, because $safe/sticky is writable by everyone)" \
		"a link of a stranger's is not followed"
	calls=$(awk '$1 == "call" && $2 == "launcher" && ($4 ~ /^(readlinkat|fstat|newfstatat|openat)$/) { print $3 }' events)
	followed=0
	for call in $calls; do
		exchanged "at=launcher.$call" "run=mv -T $safe/follower $place"
		[ "$status" != 0 ] || followed=$((followed + 1))
	done
	is "$(ls "$safe/victim")" '' "a link of a stranger's is not followed when the follower's own takes its place meanwhile"
	ok "a link that takes the place of a stranger's meanwhile is followed" test "$followed" -gt 0
fi

# The lock of an attacker is never 75.
echo 4194304 >"$safe/logs/locked"
echo 4194304 >"$safe/own/locked"
chown nobody "$safe/own/locked"
for case in "read $safe/logs/locked" "read $safe/own/locked" "write $safe/own/locked"; do
	file=${case#* }
	case $file in */own/*) how='-u nobody' ;; *) how= ;; esac
	hold_lock -u "$(id -u nobody)" "$file" "${case%% *}" 1 1
	watch "$safe"
	for oknodo in '' --oknodo; do
		# shellcheck disable=SC2086 # words
		refused "$file" "locked by pid $holder, which is not its daemon" \
			"${how:+$how }${oknodo:+$oknodo }-p of ${file#"$safe/"}, locked (${case%% *}) by nobody," "$daemonize" $how $oknodo -p "$file"
	done
	release_holder
	# shellcheck disable=SC2086 # words
	works "${how:+$how }-p of ${file#"$safe/"} when the lock (${case%% *}) is gone" "$daemonize" $how -p "$file"
	idle -p "$file"
done

if ! need perl 'races of an attacker'; then
	finish
fi

# In a race a directory is swapped for a link and back, and a file likewise.
mkdir "$safe/race" "$safe/race/d" "$safe/race/f" "$safe/race/h" "$safe/prize"
chown -R nobody:nogroup "$safe/race"
for file in log pid lock; do
	echo "this is root's" >"$safe/prize/$file"
	chmod 644 "$safe/prize/$file"
done
$nobody ln -s "$safe/prize" "$safe/race/l"
# The attacker's hard links change the number of names, and so the ctime.
fields=%p,%y,%i,%u,%g,%m,%s,%T@
watch "$safe/prize"
take swap.pl
$nobody perl "$tmp/swap.pl" "$safe/race" "$safe/prize" &
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
ok 'races: the attacker who swaps directories was there to the end' kill "$racer"
wait "$racer" 2>/dev/null
# A hard link is there when the file is opened, and gone when its names are counted.
$nobody perl -e 'alarm 600; my ($victim, $link) = @ARGV; while (1) { link $victim, $link; unlink $link; }' \
	"$safe/prize/log" "$safe/race/h/log" &
racer=$!
# This happens also where there is no /proc to ask for the very name.
for how in '' without_proc; do
	round=0
	while [ $round -lt $((20 * times)) ]; do
		round=$((round + 1))
		$how "$daemonize" -t -o "$safe/race/h/log" true
		echo $? >>marks/statuses
		rm -f "$safe/race/h/log"
	done
done 2>>marks/messages
ok 'races: the attacker with the hard link was there to the end' kill "$racer"
wait "$racer" 2>/dev/null
racer=
is "$(sort -u marks/statuses | grep -v -e '^0$' -e '^75$' -e '^125$')" '' \
	'races: every start worked or was refused'
note "races: of $(grep -c . marks/statuses) starts $(grep -c 125 marks/statuses) were refused"
unharmed "races: every file of root's"
is "$(grep -v -e '^daemonize: ' marks/messages)" '' 'races: every line is one of ours'
finish
