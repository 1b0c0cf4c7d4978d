# again.sh CALL DAEMONIZE PROBE VERB: run in a pid namespace.  Delays a system
# call of the verb; meanwhile the daemon ends, and another process gets its id.
# Prints the status of the verb, and "alive" if it has spared that process.
cd "$(dirname "$0")" || exit
rm -f file held strace.out
mkfifo held
pid=$("$2" -P -p file "$3" /dev/null "hold=$PWD/held")
touch -d '1 hour ago' file
strace -o strace.out -e trace=pidfd_open,pidfd_send_signal -e inject="$1:delay_enter=700000" "$2" $4 -p file 2>err &
verb=$!
until grep -q "$1" strace.out 2>/dev/null; do :; done
: >held
while kill -0 "$pid" 2>/dev/null; do :; done
echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid
sleep 30 &
stranger=$!
wait $verb
echo "status $?"
cat err
[ $stranger = "$pid" ] || echo "missed: $stranger is not $pid"
kill -0 $stranger && echo alive
kill -9 $stranger
