#!/bin/sh
# The EXAMPLES of the manual run as they stand there.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# each example is a display, .Dl or .Bd; the init script has its own test,
# tests/long/initscript.t
examples=$(sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAGNOSTICS/p' "$top/man/daemonize.1" |
	sed '/^A whole init script/,/^\.Ed/d' |
	sed -n -e 's/^\.Dl //p' -e '/^\.Bd/,/^\.Ed/{/^\./d;p;}')
mkdir bin
ln -s "$DAEMONIZE" bin/daemonize
# over ssh: the far side is a shell of its own, whose output the caller reads
cat >bin/ssh <<'end'
#!/bin/sh
shift
sh -c "$*" | cat
end
chmod +x bin/ssh
PATH=$tmp/bin:$PATH
HOME=$tmp
export HOME
count=0
example() { # TEXT
	count=$((count + 1))
	rm -f ran job
	new_hold
	printf '#!/bin/sh\necho "job $*" >>%s\n(echo >&4) 2>/dev/null\nread line <%s; exit 0\n' "$tmp/ran" "$hold" >job
	chmod +x job
	printf '%s\n' "$1" >example
	# those that wait for the job need it to end
	case $1 in
	*-f\ * | *\|\ cat*) release & ;;
	*--status*) daemonize -w 0.1 -p job.pid ./job ;;
	esac
	run timeout 20 sh -e example
	is "$status$err" 0 "$(printf '%s\n' "$1" | head -n 1)"
	case $1 in
	*-f\ * | *\|\ cat*) wait ;;
	*-n\ -o* | *--status*) ;;
	*) release ;;
	esac
	case $1 in
	*-n\ -o*) like "$out" "^would execute $tmp/job" 'tells' ;;
	*) like "$(cat ran)" '^job' 'and the job runs' ;;
	esac
}
example 'daemonize -o job.log ./job --with its options'
example 'pid=$(daemonize -P -o job.log ./job)
kill -0 "$pid"'
example 'daemonize -k 1 ./job | cat >job.out'
example 'daemonize -m 022 -o "$HOME/job.log" "$HOME/job" || exit 1'
example 'daemonize --oknodo -p "$HOME/job.pid" -o "$HOME/job.log" "$HOME/job"'
example 'daemonize --status -p "$HOME/job.pid"
daemonize --signal=HUP -p "$HOME/job.pid"
daemonize --stop=TERM/10/KILL/5 -p "$HOME/job.pid"'
example 'ssh host daemonize -o job.log ./job'
example 'daemonize -c . -o job.log nice -n 5 env -u BUILD_ID ./job'
example 'daemonize -w 0.5 -o job.log ./job || exit 1'
example 'daemonize -r fd:4 -T 10 -p job.pid ./job'
example 'daemonize -n -o job.log ./job'
example 'daemonize -f ./job'
is "$examples" "$(sed -n -e "/^example '.*'\$/p" -e "/^example '[^']*\$/,/'\$/p" "$top/tests/examples.t" | sed -e "s/^example '//" -e "s/'\$//")" \
	'these are all the examples of the manual'
is "$count" 12 'and all were run'
finish
