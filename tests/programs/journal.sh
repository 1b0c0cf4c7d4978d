# journal.sh DAEMONIZE JOURNALD: run in a mount namespace.  Prints what is in
# the journal after a start with systemd-cat as its loggers.
mount -t tmpfs none /run || exit 1
mkdir -p /run/systemd/journal /run/log/journal
"$2" >/dev/null 2>&1 &
journald=$!
until [ -S /run/systemd/journal/stdout ]; do sleep 0.05; done
"$1" -o '|systemd-cat -t job' -e '|systemd-cat -t job -p err' sh -c 'echo out; echo err >&2'
echo $?
show() { journalctl -q -D /run/log/journal -t job -o json --output-fields=PRIORITY,MESSAGE |
	sed 's/.*"\(PRIORITY\|MESSAGE\)":"\([^"]*\)".*"\(PRIORITY\|MESSAGE\)":"\([^"]*\)".*/\2 \4/'; }
tries=0
until [ "$(show | wc -l)" -eq 2 ] || [ $tries -gt 400 ]; do tries=$((tries + 1)); sleep 0.05; done
show | tr ' ' '\n' | sort
kill $journald
wait $journald
