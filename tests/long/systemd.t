#!/bin/sh
# A real systemd as process 1: each type of service, with the verbs of daemonize
# in its unit, sockets, a sandbox, and a logout.
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
# the unit of the manual
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
# Prints the values of properties, in one line.
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
# Stops a unit, and prints its state and result, and its warnings in the
# journal.
stop() { # UNIT
	systemctl stop "$1"
	show "$1" ActiveState Result
	journal "$1" -p warning
}

ok 'systemd is process 1, and says that it runs' wait_for systemctl is-system-running

# Type=forking
pid=$(number forking.pid)
is "$(show forking ActiveState SubState MainPID)" "active running $pid" \
	'forking: a service started with the machine has the process of the pid file'
is "$(sed -n 's/^PPid:[^0-9]*//p' "$inside/proc/$pid/status")" 1 'forking: the parent of the command is process 1'
ok 'forking: the command is at work' said "started $pid" forking.log
systemctl reload forking
ok 'forking: reload sends HUP' said reloaded forking.log
is "$(show forking MainPID ActiveState)" "$pid active" 'forking: after a reload the main process is the same'
systemctl restart forking
again=$(number forking.pid)
is "$(show forking MainPID ActiveState) $(lives_there "$pid")" "$again active no" \
	'forking: restart ends the command, and the main process is the new one'
ok 'forking: after a restart the pid file names another process' test "$again" != "$pid"
ok 'forking: after a restart the command is at work' said "started $again" forking.log
run there daemonize -p /run/forking.pid true
is "$status $err" "75 daemonize: /run/forking.pid: already running (pid $again)" \
	'forking: another start exits 75, and names the main process'
is "$(stop forking)" 'inactive success' 'forking: stop succeeds, and the journal has no warning'
ok 'forking: after a stop there is no pid file' test ! -e "$inside/run/forking.pid"
is "$(tr -d ' 0-9' <"$disk/var/log/forking.log")" 'started
reloaded
ended
started
ended' 'forking: each process ran once, and ended by TERM'
systemctl start forking
pid=$(number forking.pid)
signal_there KILL "$pid"
ok 'forking: after a crash systemd starts the command again' wait_for shows '1 active' forking NRestarts ActiveState
again=$(number forking.pid)
is "$(show forking MainPID) $(lives_there "$again")" "$again yes" \
	'forking: after a crash the main process is that of the new pid file'

# with another user, and in a sandbox
systemctl start drops
pid=$(number drops.pid)
is "$(show drops MainPID ActiveState) $(stat -c %u "$inside/run/drops.pid" "$inside/proc/$pid" | tr '\n' ' ')" \
	"$pid active 0 4999 " '-u: the pid file belongs to root, and the main process runs as the user'
ok '-u: the command is at work' said "started $pid" drops.log
systemctl reload drops
ok '-u: reload sends HUP' said reloaded drops.log
is "$(stop drops)" 'inactive success' '-u: stop succeeds, and the journal has no warning'
systemctl start sandbox
pid=$(number sandbox/pid)
is "$(show sandbox MainPID ActiveState)" "$pid active" 'a sandbox: the main process is that of the pid file'
is "$(sed -n 's/^Seccomp:[^0-9]*//p; s/^NoNewPrivs:[^0-9]*//p' "$inside/proc/$pid/status" | tr '\n' ' ')" '1 2 ' \
	'a sandbox: the command cannot gain privileges, and its calls are filtered'
ok 'a sandbox: the command is at work' said "started $pid" private/sandbox/log
systemctl reload sandbox
ok 'a sandbox: reload sends HUP' said reloaded private/sandbox/log
systemctl restart sandbox
ok 'a sandbox: after a restart the pid file names another process' test "$(number sandbox/pid)" != "$pid"
is "$(stop sandbox)" 'inactive success' 'a sandbox: stop succeeds, and the journal has no warning'

# Type=notify
mkfifo "$inside/run/go"
systemctl start --no-block notify
ok 'notify: the command is at work' said 'started [0-9]*' notify.log
is "$(show notify ActiveState)" activating 'notify: the unit is activating until the command says that it is ready'
timeout 60 sh -c ': >"$1"' sh "$inside/run/go"
ok 'notify: the unit is active once the command has said so' wait_for shows active notify ActiveState
pid=$(number notify.pid)
is "$(show notify MainPID StatusText)" "$pid at work" \
	'notify: systemd accepts the word of the command, which is the main process'
ok 'notify: WATCHDOG_PID is that of the command' said 'watchdog ours' notify.log
systemctl reload notify
ok 'notify: reload sends HUP' said reloaded notify.log
is "$(stop notify)" 'inactive success' 'notify: stop succeeds, and the journal has no warning'

# Type=exec
systemctl start exec
pid=$(number exec.pid)
is "$(show exec MainPID ActiveState)" "$pid active" 'exec: the main process is the command'
ok 'exec: the output of the command is in the journal' wait_for in_journal exec "started $pid"
is "$(there readlink "/proc/$pid/cwd") $(sed -n 's/^Umask:[^0-9]*//p' "$inside/proc/$pid/status")" '/var 0022' \
	'exec: directory and umask are those of the options'
systemctl reload exec
ok 'exec: reload sends HUP' wait_for in_journal exec reloaded
systemctl restart exec
ok 'exec: after a restart the pid file names another process' test "$(number exec.pid)" != "$pid"
is "$(stop exec)" 'inactive success' 'exec: stop succeeds, and the journal has no warning'
systemctl start missing 2>/dev/null
ok 'exec: a unit whose command is missing fails with 127' wait_for shows 'failed 127' missing ActiveState ExecMainStatus
ok 'exec: the journal says that the command is missing' \
	wait_for in_journal missing 'daemonize: /nonexistent/job: No such file or directory'

# starts that fail during the watch
run systemctl start early
is "$status $(show early ActiveState Result)" '1 failed exit-code' '-w: a command that fails early fails the unit'
ok '-w: the journal has the message about the early end' \
	wait_for in_journal early 'daemonize: .* ended with status 3 after .* s, see /var/log/early.log'
like "$(journal early)" 'Control process exited, code=exited, status=3' "-w: systemd sees the command's status"
run systemctl start late
is "$status $(show late ActiveState Result)" '1 failed exit-code' '-r: a command that is never ready fails the unit'
like "$(journal late)" 'Control process exited, code=exited, status=124' '-r: systemd sees the status 124'
is "$(lives_there "$(number child)")" no '-r: the child of the command has ended'
ok 'a unit that has failed leaves no pid file' test ! -e "$inside/run/early.pid" -a ! -e "$inside/run/late.pid"

# KillMode=
systemctl start whole process
ok 'KillMode=control-group: a command with a child is at work' said 'started [0-9]*' whole.log
ok 'KillMode=process: a command with a child is at work' said 'started [0-9]*' process.log
pid=$(number process.pid)
child=$(number "child.$pid")
whole=$(number "child.$(number whole.pid)")
systemctl stop whole process
is "$(lives_there "$whole")" no 'KillMode=control-group: stop ends the child of the command, too'
is "$(lives_there "$pid") $(lives_there "$child") $(show process Result)" 'no yes success' \
	'KillMode=process: stop ends the command, but not its child'
signal_there TERM "$child"
systemctl start once stays
is "$(show once ActiveState) $(show stays ActiveState)" 'inactive inactive' \
	'oneshot: a unit is inactive once its start has returned'
run there daemonize --status -p /run/once.pid
is "$status" 1 'oneshot, KillMode=control-group: the daemon ends with its unit'
run there daemonize --status -p /run/stays.pid
is "$status" 0 'oneshot, KillMode=process: the daemon survives its unit'
run there daemonize --stop -p /run/stays.pid
is "$status" 0 'oneshot, KillMode=process: --stop ends the daemon'

# sockets
systemctl start sockets.socket inet.socket
is "$(show sockets.service ActiveState)" inactive 'sockets: the service is inactive until a client comes'
first=$(there client /run/sockets)
pid=$(number sockets.pid)
is "$first" "$pid 2 ours" '-f -k 3 -k 4: the command has two sockets, and LISTEN_PID is its own'
is "$(there client 127.0.0.1:7001)" "$first" '-f -k 3 -k 4: the second socket is served by the same process'
is "$(show sockets.service MainPID)" "$pid" '-f -k 3 -k 4: the command is the main process'
is "$(there client 127.0.0.1:7002 hello)" hello 'Accept=yes: the command talks to the client, as under inetd'

# a logout, with the two lines of the manual
is "$(grep -A 1 '^loginctl enable-linger$' "$top/man/daemonize.1" | cut -d ' ' -f 1-4)" 'loginctl enable-linger
systemd-run --user --scope daemonize' 'the manual has two lines for KillUserProcesses=yes'
no_sessions() {
	[ ! "$(there loginctl --no-legend list-sessions)" ]
}
# Prints which of two daemons survive the logout of the user who has started
# them.
left() {
	there systemd-run -q --wait --pipe su -l job -c session
	wait_for no_sessions
	[ -e "$inside/var/lib/systemd/linger/job" ] || wait_for test ! -e "$inside/run/user/4999"
	for name in plain scope; do
		there daemonize --status -u job -p "/home/job/$name.pid" | sed "s/^/$name: /; s/ .pid.*//"
	done
}
is "$(left)" 'plain: not running
scope: not running' 'KillUserProcesses=yes: a logout ends both daemons, even that in a scope'
there loginctl enable-linger job
is "$(left)" 'plain: not running
scope: running' 'KillUserProcesses=yes: with linger the daemon in a scope survives a logout'

# the shutdown
systemctl start drops
ok 'a service is at work before the shutdown' said "started $(number drops.pid)" drops.log
systemctl halt
ok 'the machine halts' halted
is "$machine_status $(tail -n 1 "$disk/var/log/drops.log")" '0 ended' 'halt ends the service by --stop'
finish
