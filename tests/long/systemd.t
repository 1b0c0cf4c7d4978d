#!/bin/sh
# A real systemd, as process 1: each type of service, its verbs by ours, its
# sockets, its sandbox, a logout.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/boot.sh
. "$top/tests/boot.sh"
require_boot

disk_of login
put /usr/local/sbin/job 755 <"$top/tests/programs/job.pl"
put /usr/local/sbin/acceptor 755 <"$top/tests/programs/acceptor.pl"
put /usr/local/sbin/client 755 <"$top/tests/programs/client.pl"

d=/usr/bin/daemonize
job=/usr/local/sbin/job
unit() { # NAME LINE...
	unit=$1
	shift
	printf '%s\n' "$@" | put "/etc/systemd/system/$unit"
}
verbs() { # PIDFILE
	echo "ExecReload=$d --signal=HUP -p $1"
	echo "ExecStop=$d --stop=TERM/10/KILL/5 -p $1"
}
# that of the manual
unit forking.service "$(sed -n '/^\[Service\]$/,/^\.Ed/{/^\./d;p;}' "$top/man/daemonize.1" |
	sed "s|/usr/local/bin/daemonize|$d|;s|/run/job|/run/forking|;s|/log/job|/log/forking|;s| job\$| $job|")" \
	Restart=on-failure RestartSec=50ms "ExecStop=$d --stop=TERM/10/KILL/5 -p /run/forking.pid"
mkdir -p "$disk/etc/systemd/system/multi-user.target.wants"
ln -s ../forking.service "$disk/etc/systemd/system/multi-user.target.wants"
unit drops.service '[Service]' Type=forking PIDFile=/run/drops.pid \
	"ExecStart=$d -p /run/drops.pid -u job -m 022 -o /var/log/drops.log $job" "$(verbs /run/drops.pid)"
unit sandbox.service '[Service]' Type=forking PIDFile=/run/sandbox/pid DynamicUser=yes RuntimeDirectory=sandbox \
	LogsDirectory=sandbox NoNewPrivileges=yes ProtectSystem=strict ProtectHome=yes PrivateTmp=yes \
	ProtectProc=invisible RestrictNamespaces=yes RestrictAddressFamilies=AF_UNIX MemoryDenyWriteExecute=yes \
	CapabilityBoundingSet= LockPersonality=yes RestrictSUIDSGID=yes SystemCallFilter=@system-service \
	SystemCallFilter='~@privileged @resources' SystemCallErrorNumber=EPERM SystemCallArchitectures=native UMask=077 \
	"ExecStart=$d -p /run/sandbox/pid -o /var/log/sandbox/log $job" "$(verbs /run/sandbox/pid)"
unit notify.service '[Service]' Type=notify WatchdogSec=1h \
	"ExecStart=$d -f -p /run/notify.pid -o /var/log/notify.log $job notify" "$(verbs /run/notify.pid)"
unit exec.service '[Service]' Type=exec "ExecStart=$d -f -m 022 -c /var -p /run/exec.pid $job" "$(verbs /run/exec.pid)"
unit missing.service '[Service]' Type=exec "ExecStart=$d -f /nonexistent/job"
unit early.service '[Service]' Type=forking PIDFile=/run/early.pid "ExecStart=$d -w 20 -p /run/early.pid -o /var/log/early.log $job fail"
unit late.service '[Service]' Type=forking PIDFile=/run/late.pid "ExecStart=$d -r fd:3 -T 0.5 -p /run/late.pid $job child"
unit whole.service '[Service]' Type=forking PIDFile=/run/whole.pid "ExecStart=$d -p /run/whole.pid -o /var/log/whole.log $job child"
unit process.service '[Service]' Type=forking KillMode=process PIDFile=/run/process.pid \
	"ExecStart=$d -p /run/process.pid -o /var/log/process.log $job child"
unit once.service '[Service]' Type=oneshot "ExecStart=$d -p /run/once.pid $job"
unit stays.service '[Service]' Type=oneshot KillMode=process "ExecStart=$d -p /run/stays.pid $job"
unit sockets.socket '[Socket]' ListenStream=/run/sockets ListenStream=127.0.0.1:7001
unit sockets.service '[Service]' "ExecStart=$d -f -k 3 -k 4 -p /run/sockets.pid /usr/local/sbin/acceptor"
unit inet.socket '[Socket]' ListenStream=127.0.0.1:7002 Accept=yes
unit inet@.service '[Service]' StandardInput=socket "ExecStart=$d cat"
put /etc/systemd/logind.conf.d/kill.conf <<'end'
[Login]
KillUserProcesses=yes
UserStopDelaySec=0
end
{
	cat "$system/base/etc/pam.d/common-session"
	echo 'session required pam_systemd.so'
} | put /etc/pam.d/common-session
put /usr/local/bin/session 755 <<'end'
#!/bin/sh
daemonize -p plain.pid sleep 1000
systemd-run -q --user --scope daemonize -p scope.pid sleep 1000
end

boot -b
systemctl() {
	there systemctl --no-pager "$@"
}
# the values, in one line
show() { # UNIT PROPERTY...
	unit=$1
	shift
	systemctl show "$unit" -p "$(echo "$@" | tr ' ' ,)" >show
	for property in "$@"; do
		sed -n "s/^$property=//p" show
	done | tr '\n' ' ' | sed 's/ $//'
}
shows() { # VALUES UNIT PROPERTY...
	values=$1
	shift
	[ "$(show "$@")" = "$values" ]
}
journal() { # UNIT [OPTION...]
	unit=$1
	shift
	there journalctl --no-pager -q -o cat -u "$unit" "$@"
}
in_journal() { # UNIT LINE
	journal "$1" | grep -q -x -e "$2"
}
said() { # LINE LOG
	wait_for grep -q -x "$1" "$disk/var/log/$2"
}
number() { # FILE
	cat "$inside/run/$1"
}
# stops a unit, and prints how that went and what the journal has to complain of
stop() { # UNIT
	systemctl stop "$1"
	show "$1" ActiveState Result
	journal "$1" -p warning
}

ok 'systemd is process 1, and says that it runs' wait_for systemctl is-system-running

# Type=forking
pid=$(number forking.pid)
is "$(show forking ActiveState SubState MainPID)" "active running $pid" \
	'forking: started with the machine, the main process is that of the pid file'
is "$(sed -n 's/^PPid:[^0-9]*//p' "$inside/proc/$pid/status")" 1 'forking: its parent is process 1'
ok 'forking: it is at work' said "started $pid" forking.log
systemctl reload forking
ok 'forking: reload sends HUP' said reloaded forking.log
is "$(show forking MainPID ActiveState)" "$pid active" 'forking: after a reload it is the same process'
systemctl restart forking
again=$(number forking.pid)
is "$(show forking MainPID ActiveState) $(lives_there "$pid")" "$again active no" \
	'forking: restart ends the first, and the second is the main process'
ok 'forking: the second is another process' test "$again" != "$pid"
ok 'forking: the second is at work' said "started $again" forking.log
run there daemonize -p /run/forking.pid true
is "$status $err" "75 daemonize: /run/forking.pid: already running (pid $again)" 'forking: another start finds it'
is "$(stop forking)" 'inactive success' 'forking: stop is a success, and the journal has had no warning'
ok 'forking: after a stop there is no pid file' test ! -e "$inside/run/forking.pid"
is "$(tr -d ' 0-9' <"$disk/var/log/forking.log")" 'started
reloaded
ended
started
ended' 'forking: each ran once, and ended by TERM'
systemctl start forking
pid=$(number forking.pid)
signal_there KILL "$pid"
ok 'forking: after a crash systemd starts it again' wait_for shows '1 active' forking NRestarts ActiveState
again=$(number forking.pid)
is "$(show forking MainPID) $(lives_there "$again")" "$again yes" 'forking: the main process is then that of the new pid file'

# with another user, and in a sandbox
systemctl start drops
pid=$(number drops.pid)
is "$(show drops MainPID ActiveState) $(stat -c %u "$inside/run/drops.pid" "$inside/proc/$pid" | tr '\n' ' ')" \
	"$pid active 0 4999 " '-u: the file is of root, the main process of the user'
ok '-u: it is at work' said "started $pid" drops.log
systemctl reload drops
ok '-u: reload sends HUP' said reloaded drops.log
is "$(stop drops)" 'inactive success' '-u: stop is a success, with no warning'
systemctl start sandbox
pid=$(number sandbox/pid)
is "$(show sandbox MainPID ActiveState)" "$pid active" 'a sandbox: the main process is that of the pid file'
is "$(sed -n 's/^Seccomp:[^0-9]*//p; s/^NoNewPrivs:[^0-9]*//p' "$inside/proc/$pid/status" | tr '\n' ' ')" '1 2 ' \
	'a sandbox: there is one'
ok 'a sandbox: it is at work' said "started $pid" private/sandbox/log
systemctl reload sandbox
ok 'a sandbox: reload sends HUP' said reloaded private/sandbox/log
systemctl restart sandbox
ok 'a sandbox: after a restart it is another process' test "$(number sandbox/pid)" != "$pid"
is "$(stop sandbox)" 'inactive success' 'a sandbox: stop is a success, with no warning'

# Type=notify
mkfifo "$inside/run/go"
systemctl start --no-block notify
ok 'notify: it is at work' said 'started [0-9]*' notify.log
is "$(show notify ActiveState)" activating 'notify: until it says that it is ready it is not started'
timeout 60 sh -c ': >"$1"' sh "$inside/run/go"
ok 'notify: then it is' wait_for shows active notify ActiveState
pid=$(number notify.pid)
is "$(show notify MainPID StatusText)" "$pid at work" 'notify: systemd takes its word, for it is the main process'
ok 'notify: the watchdog is its own' said 'watchdog ours' notify.log
systemctl reload notify
ok 'notify: reload sends HUP' said reloaded notify.log
is "$(stop notify)" 'inactive success' 'notify: stop is a success, with no warning'

# Type=exec
systemctl start exec
pid=$(number exec.pid)
is "$(show exec MainPID ActiveState)" "$pid active" 'exec: the main process is the command'
ok 'exec: its output is in the journal' wait_for in_journal exec "started $pid"
is "$(there readlink "/proc/$pid/cwd") $(sed -n 's/^Umask:[^0-9]*//p' "$inside/proc/$pid/status")" '/var 0022' \
	'exec: directory and umask are as asked'
systemctl reload exec
ok 'exec: reload sends HUP' wait_for in_journal exec reloaded
systemctl restart exec
ok 'exec: after a restart it is another process' test "$(number exec.pid)" != "$pid"
is "$(stop exec)" 'inactive success' 'exec: stop is a success, with no warning'
systemctl start missing 2>/dev/null
ok 'exec: without a command it fails with 127' wait_for shows 'failed 127' missing ActiveState ExecMainStatus
ok 'exec: the journal says why' wait_for in_journal missing 'daemonize: /nonexistent/job: No such file or directory'

# what fails under our eyes
run systemctl start early
is "$status $(show early ActiveState Result)" '1 failed exit-code' '-w: a command that fails early fails the unit'
ok '-w: the journal says why' wait_for in_journal early 'daemonize: .* ended with status 3 after .* s, see /var/log/early.log'
like "$(journal early)" 'Control process exited, code=exited, status=3' '-w: systemd sees its status'
run systemctl start late
is "$status $(show late ActiveState Result)" '1 failed exit-code' '-r: a command that is never ready fails the unit'
like "$(journal late)" 'Control process exited, code=exited, status=124' '-r: systemd sees 124'
is "$(lives_there "$(number child)")" no '-r: nothing of the command is left'
ok 'a unit that has failed leaves no pid file' test ! -e "$inside/run/early.pid" -a ! -e "$inside/run/late.pid"

# KillMode=
systemctl start whole process
ok 'a command with a child is at work' said 'started [0-9]*' whole.log
ok 'another is' said 'started [0-9]*' process.log
pid=$(number process.pid)
child=$(number "child.$pid")
whole=$(number "child.$(number whole.pid)")
systemctl stop whole process
is "$(lives_there "$whole")" no 'KillMode=control-group: stop ends the child of a command, too'
is "$(lives_there "$pid") $(lives_there "$child") $(show process Result)" 'no yes success' \
	'KillMode=process: stop ends the command, not its child'
signal_there TERM "$child"
systemctl start once stays
is "$(show once ActiveState) $(show stays ActiveState)" 'inactive inactive' 'a unit of one start is over with it'
run there daemonize --status -p /run/once.pid
is "$status" 1 'KillMode=control-group: the daemon ends with its unit'
run there daemonize --status -p /run/stays.pid
is "$status" 0 'KillMode=process: the daemon stays'
run there daemonize --stop -p /run/stays.pid
is "$status" 0 'KillMode=process: --stop ends it'

# sockets
systemctl start sockets.socket inet.socket
is "$(show sockets.service ActiveState)" inactive 'sockets: nothing runs before a client comes'
first=$(there client /run/sockets)
pid=$(number sockets.pid)
is "$first" "$pid 2 ours" '-f -k 3 -k 4: the command has two sockets, and LISTEN_PID is its own'
is "$(there client 127.0.0.1:7001)" "$first" '-f -k 3 -k 4: the second is served, too'
is "$(show sockets.service MainPID)" "$pid" '-f -k 3 -k 4: it is the main process'
is "$(there client 127.0.0.1:7002 hello)" hello 'Accept=yes: the command talks to the client, as under inetd'

# logout, as the manual has it
is "$(grep -A 1 '^loginctl enable-linger$' "$top/man/daemonize.1" | cut -d ' ' -f 1-4)" 'loginctl enable-linger
systemd-run --user --scope daemonize' 'the manual has two lines for KillUserProcesses=yes'
no_sessions() {
	[ ! "$(there loginctl --no-legend list-sessions)" ]
}
# what lives when the user has started two and logged out
left() {
	there systemd-run -q --wait --pipe su -l job -c session
	wait_for no_sessions
	[ -e "$inside/var/lib/systemd/linger/job" ] || wait_for test ! -e "$inside/run/user/4999"
	for name in plain scope; do
		there daemonize --status -u job -p "/home/job/$name.pid" | sed "s/^/$name: /; s/ .pid.*//"
	done
}
is "$(left)" 'plain: not running
scope: not running' 'KillUserProcesses=yes: after a logout nothing is left, not even in a scope'
there loginctl enable-linger job
is "$(left)" 'plain: not running
scope: running' "KillUserProcesses=yes: with linger the user's scope is left"

# the end
systemctl start drops
ok 'before the end it is at work' said "started $(number drops.pid)" drops.log
systemctl halt
ok 'the machine halts' halted
is "$machine_status $(tail -n 1 "$disk/var/log/drops.log")" '0 ended' 'halt stops the services by our verb'
finish
