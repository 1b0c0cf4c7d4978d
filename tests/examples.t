#!/bin/sh
# The EXAMPLES of the manual run as they stand there.
. "$(dirname "$0")/lib.sh"

# each example is a display, .Dl or .Bd; in mdoc \e is a backslash
examples=$(sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAGNOSTICS/p' "$top/man/daemonize.1" |
	sed -n -e 's/^\.Dl //p' -e '/^\.Bd/,/^\.Ed/{/^\./d;p;}')
mkdir bin
ln -s "$DAEMONIZE" bin/daemonize
# over ssh: the far side is a shell of its own, whose output the caller reads
cat >bin/ssh <<'end'
#!/bin/sh
shift
sh -c "$*" | cat
end
cat >job <<'end'
#!/bin/sh
echo "job $*" >>ran
while ! [ -e stop ]; do sleep 0.05; done
end
sed -i "s|ran|$tmp/ran|; s|stop|$tmp/stop|" job
chmod +x bin/ssh job
PATH=$tmp/bin:$PATH
count=0
example() { # TEXT
	count=$((count + 1))
	rm -f ran stop
	printf '%s\n' "$1" >example
	case $1 in
	*-f\ ./job*) : >stop ;; # would go on for ever
	*cat*) (wait_for test -e ran && : >stop) & ;;
	esac
	run timeout 20 sh -e example
	is "$status$err" 0 "$(printf '%s\n' "$1" | head -n 1)"
	case $1 in
	*-n\ -o*) like "$out" "^would execute $tmp/job" 'tells' ;;
	*)
		wait_for test -e ran
		like "$(cat ran)" '^job' 'and the job runs'
		;;
	esac
	: >stop
	wait
}
example 'daemonize -o job.log ./job --with its options'
example 'pid=$(daemonize -P -o job.log ./job)
kill -0 "$pid"'
example 'daemonize -k 1 ./job | cat >job.out'
example 'daemonize -m 022 -c /tmp -o /tmp/job.log ./job || exit 1'
example 'ssh host daemonize -o job.log ./job'
example 'daemonize -o job.log nice -n 5 env -u BUILD_ID ./job'
example 'daemonize -n -o job.log ./job'
example 'daemonize -f ./job'
is "$examples" "$(sed -n "/^example '/,/[^ ]'\$/p" "$top/tests/examples.t" | sed -e "s/^example '//" -e "s/'\$//")" \
	'these are all the examples of the manual'
is "$count" 8 'and all were run'
rm -f /tmp/job.log
finish
