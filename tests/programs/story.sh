# story.sh DAEMONIZE DIRECTORY SCRATCH REMOUNT: prints what happens in a
# directory, step by step.  REMOUNT is a command that mounts its file system
# again.
daemonize=$1 directory=$2 scratch=$3 remount=$4
cd "$directory" || exit
# Prints the status of a command, and its output.
step() { # NAME COMMAND...
	name=$1
	shift
	"$@" >"$scratch/said" 2>&1 </dev/null
	printf '%s: %s\n' "$name" "$? $(sed -e "s|$directory/||g" -e 's/pid [0-9][0-9]*/pid N/g' "$scratch/said")"
}
wait_for() {
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || return
		sleep 0.05
	done
}
rm -f "$scratch/go"
mkfifo "$scratch/go"

mkdir logs
step 'a start' "$daemonize" -p pid -l lock -o logs/log sh -c 'echo one
	read x <"$1"
	echo two
	exec sleep 1000' sh "$scratch/go"
read -r pid <pid
step 'a second' "$daemonize" -p pid true
step 'a second, -l' "$daemonize" -l lock true
step '--status' "$daemonize" --status -p pid
step '--status, -l' "$daemonize" --status -l lock
ticks=$(cut -d ' ' -f 22 "/proc/$pid/stat")
time=$(stat -c %y pid)
case $time in
*".$(printf %09d "$ticks") "*) echo 'stamp: its start time' ;;
*.000000000\ *) echo 'stamp: none' ;;
*) echo "stamp: $time is not $ticks" ;;
esac
wait_for test -s logs/log
mv logs renamed
: >"$scratch/go"
wait_for grep two renamed/log
echo "log: $(tr '\n' ' ' <renamed/log)"
echo "modes: $(stat -c %a pid lock renamed/log | tr '\n' ' ')"
step 'a log where the directory was' "$daemonize" -o logs/log true
step '--signal' "$daemonize" --signal=CONT -p pid
step '--stop' "$daemonize" --stop -p pid
! kill -0 "$pid" 2>/dev/null || grep -q ') Z ' "/proc/$pid/stat" && echo 'the command: gone'

echo 99999999 >pid
step 'a stale file' "$daemonize" -p pid -o renamed/log sleep 1000
step '--stop, -l' "$daemonize" --stop -l pid
step '--status after it' "$daemonize" --status -p pid

step 'a start that drops its lock' "$daemonize" -p pid sh -c 'exec 3<&-; : >"$1"; exec sleep 1000' sh "$scratch/go"
read -r x <"$scratch/go"
step 'its --status' "$daemonize" --status -p pid
if [ "$remount" ]; then
	cd /
	eval "$remount" || echo "$remount: failed"
	cd "$directory" || exit
fi
step 'its --status, mounted again' "$daemonize" --status -p pid
step 'its --stop' "$daemonize" --stop -p pid

for i in 1 2 3 4; do
	{
		"$daemonize" -p pid sleep 1000 2>/dev/null
		echo $? >"$scratch/$i"
	} &
done
wait
echo "four at once: $(cat "$scratch"/[1-4] | sort -n | tr '\n' ' ')"
step '--stop of the one' "$daemonize" --stop -p pid
step 'a failure' "$daemonize" -p pid -o renamed/log ./nosuch
echo "left: $(find . ! -name . -prune ! -name 'lost+found' | sort | tr '\n' ' ')"
