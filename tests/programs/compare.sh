# Compares daemonize --restart with other programs that restart their command:
# prints lines of TOOL|CASE|RESULT for those named in $tools.  Run in namespaces
# of mounts and of pids, in the directory of keeper.t, which has the command live.
# What is left ends with the namespace.
mount -t tmpfs -o mode=755 none /run || exit
mkdir -p /run/openrc/options /run/openrc/daemons /run/compare
cp live /run/compare
# raf's daemon executes nothing below a directory that others can write
cd /run/compare || exit
supervise=$(command -v supervise-daemon || echo /opt/openrc/sbin/supervise-daemon)
libraries=$(echo "${supervise%/sbin/*}"/lib/*-linux-gnu)

# Starts a command with the tool, and prints the status: with a delay of 5 s
# before each other run, or with the defaults of the tool.
begin() { # delayed|default NAME COMMAND...
	delayed=
	[ "$1" = default ] || delayed=yes
	name=$2
	shift 2
	case $tool in
	daemonize) "$DAEMONIZE" "--restart${delayed:+=5}" -p "$name.pid" "$@" ;;
	raf) daemon -r ${delayed:+-A 1 -L 10 -a 10} -F "/run/compare/$name.pid" -- "$@" ;;
	supervise)
		file=$1
		shift
		RC_SVCNAME=$name LD_LIBRARY_PATH=$libraries "$supervise" "$name" -p "/run/compare/$name.pid" \
			${delayed:+-m 0 -D 5} --start "$file" -- "$@"
		;;
	esac >/dev/null 2>&1 </dev/null
	echo $?
}
until_lines() { # FILE COUNT
	tries=0
	until [ "$(cat "$1" 2>/dev/null | wc -l)" -ge "$2" ] || [ $tries -ge 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
}
# Prints how many of the processes in a file have not ended.
alive() { # FILE
	count=0
	for pid in $(cat "$1"); do
		grep -q '^State:.[^ZX]' "/proc/$pid/status" 2>/dev/null && count=$((count + 1))
	done
	echo $count
}
# Waits at most two seconds until that many are alive, and prints how many are.
until_alive() { # FILE COUNT
	tries=0
	until [ "$(alive "$1")" -eq "$2" ] || [ $tries -ge 40 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	alive "$1"
}
row() { # WHAT VALUE
	echo "$tool|$1|$2"
}
for tool in $tools; do
	# supervise-daemon takes any process of the same file for its command
	shell=/run/compare/sh.$tool
	cp "$(command -v sh)" "$shell"

	begin delayed $tool.1 "$shell" "/run/compare/live" "/run/compare/$tool.1" >/dev/null
	until_lines $tool.1.runs 1
	until_lines $tool.1.pid 1
	read -r keeper <$tool.1.pid
	read -r command <$tool.1.runs
	row 'private memory resident' "$(awk '/^Anonymous:/ { own = $2 } /^Private_/ { sum += $2 }
		END { print own " KiB, " sum " KiB with pages of files that nobody else has mapped" }' /proc/$keeper/smaps_rollup)"
	second=$(begin delayed $tool.1 "$shell" "/run/compare/live" "/run/compare/$tool.1")
	sleep 0.5
	row 'a second start while it runs' "status $second, $(alive $tool.1.runs) run"
	kill -TERM "$command"
	until_alive $tool.1.runs 0 >/dev/null
	second=$(begin delayed $tool.1 "$shell" /run/compare/live /run/compare/$tool.1)
	sleep 0.5
	row 'a second start between two runs' "status $second, $(alive $tool.1.runs) run"
	until_lines $tool.1.runs 2
	read -r keeper <$tool.1.pid
	kill -TERM "$keeper"
	row 'TERM to the process of the pid file' "$(until_alive $tool.1.runs 0) of the command live, its child $(
		tail -n 1 $tool.1.children >last
		[ "$(until_alive last 0)" -eq 0 ] && echo ends || echo lives
	)"
	for pid in $(cat $tool.1.runs $tool.1.children); do
		kill -KILL "$pid" 2>/dev/null
	done

	begin delayed $tool.2 "$shell" "/run/compare/live" "/run/compare/$tool.2" >/dev/null
	until_lines $tool.2.runs 1
	until_lines $tool.2.pid 1
	read -r keeper <$tool.2.pid
	kill -KILL "$keeper"
	row 'KILL to the process of the pid file' "$(until_alive $tool.2.runs 0) of the command live"
	second=$(begin delayed $tool.2 "$shell" "/run/compare/live" "/run/compare/$tool.2")
	sleep 0.5
	row 'the next start after KILL' "status $second, $(alive $tool.2.runs) run"
	read -r keeper <$tool.2.pid
	kill -KILL "$keeper" $(cat $tool.2.runs $tool.2.children) 2>/dev/null

	begin default $tool.3 "$shell" -c 'echo >>"$1"; exit 1' "$shell" "/run/compare/$tool.3.runs" >/dev/null
	sleep 2.5
	keeper=$(cat $tool.3.pid 2>/dev/null)
	running='gave up'
	[ -z "$keeper" ] || ! kill -0 "$keeper" 2>/dev/null || running='goes on'
	row 'a command that fails at once, for 2.5 s' "$(wc -l <$tool.3.runs) starts, $running"
	row 'the start of a command that is not there' "status $(begin delayed $tool.4 "/run/compare/nosuch")"
done
