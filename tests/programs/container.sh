# container.sh DAEMONIZE PIDFILE: run as process 1 of a container, becomes a
# command under -f -p.  Writes to the file told what is in PIDFILE, and what
# another start and the verbs say.
mount -t proc none /proc
(
	until "$1" --status -p "$2" >status; do sleep 0.05; done
	cat status
	for verb in '-p' '--oknodo -p' '--signal=KILL -p' '--stop -p'; do
		"$1" $verb "$2" $([ "${verb#--s}" != "$verb" ] || echo false)
		echo $?
	done
	: >end
) >told 2>&1 &
exec "$1" -f -c "$PWD" -p "$2" sh -c 'until [ -e end ]; do sleep 0.05; done'
