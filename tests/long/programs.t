#!/bin/sh
# Real programs, over loopback: each is started and watched, answers, and is
# ended.  Where one cannot start the caller reads its own message.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

PATH=$PATH:/usr/sbin:/sbin
export tmp

take ports.pl
read -r nginx_port redis_port memcached_port python_port <<end
$(perl ports.pl 4)
end
take ask.pl
ask() {
	perl "$tmp/ask.pl" "$@"
}
# Checks the start that has just been run.
is_up() { # NAME
	is "$status $out$err" '0 ' "$1: the start succeeds"
	ok "$1: the pid file names a process that is running" kill -0 "$(cat "$1.pid")"
}
# Ends a program by a signal to its pid, and checks that the lock is free then.
ends() { # NAME [SIGNAL]
	pid=$(cat "$1.pid")
	run "$DAEMONIZE" -p "$1.pid" true
	is "$status ${err##*: }" "75 already running (pid $pid)" "$1: a second start exits 75, and names the process"
	kill "-${2:-TERM}" "$pid"
	wait_for sh -c '! kill -0 "$1"' sh "$pid"
	is $? 0 "$1: ${2:-TERM} ends the process"
	run "$DAEMONIZE" -f -p "$1.pid" true
	is "$status $err" '0 ' "$1: after its end another start succeeds"
}

if need nginx 'nginx is started, answers, and is ended'; then
	mkdir html
	echo 'hello from nginx' >html/index.html
	cat >nginx.conf <<end
pid $tmp/nginx.own.pid;
error_log stderr;
events {}
http {
	access_log off;
	client_body_temp_path $tmp/t1;
	proxy_temp_path $tmp/t2;
	fastcgi_temp_path $tmp/t3;
	uwsgi_temp_path $tmp/t4;
	scgi_temp_path $tmp/t5;
	server {
		listen 127.0.0.1:$nginx_port;
		root $tmp/html;
	}
}
end
	sed 's/listen /lisden /' nginx.conf >broken.conf
	start_nginx() { # CONFIGURATION OPTION...
		configuration=$1
		shift
		run "$DAEMONIZE" -p nginx.pid -o nginx.log "$@" nginx -e stderr -c "$tmp/$configuration" -g 'daemon off;'
	}
	start_nginx broken.conf -w 20
	is "$status $(printf '%s\n' "$err" | sed -n '1s/ after [0-9.]* s//p')" \
		"1 daemonize: $(command -v nginx): ended with status 1, see $tmp/nginx.log" \
			"nginx, broken configuration: -w exits with nginx's status"
	like "$err" "^    .*\[emerg\].* unknown directive \"lisden\" in $tmp/broken.conf:" \
		"nginx, broken configuration: nginx's error is shown"
	ok 'nginx, broken configuration: no pid file is left' test ! -e nginx.pid
	start_nginx nginx.conf -w 1
	is_up nginx
	wait_for ask "$nginx_port" 'GET / HTTP/1.0\r\n\r\n'
	is "$(ask "$nginx_port" 'GET / HTTP/1.0\r\n\r\n')" 'HTTP/1.1 200 OK' 'nginx answers'
	# a second nginx on the port: with two pid directives, then with one
	run "$DAEMONIZE" -w 20 -o taken.log nginx -e stderr -c "$tmp/nginx.conf" -g "daemon off; pid $tmp/other.pid;"
	is "$status" 1 "nginx, duplicate directive: -w exits with nginx's status"
	sed "s/nginx.own.pid/other.pid/" nginx.conf >taken.conf
	run "$DAEMONIZE" -w 20 -o taken.log nginx -e stderr -c "$tmp/taken.conf" -g 'daemon off;'
	is "$status" 1 "nginx, port taken: -w exits with nginx's status"
	like "$err" "^    .*bind() to 127.0.0.1:$nginx_port failed" "nginx, port taken: nginx's error is shown"
	ends nginx QUIT
	# nginx puts itself into the background, unless it is told not to
	run "$DAEMONIZE" -w 20 -p nginx.pid nginx -e stderr -c "$tmp/nginx.conf"
	is "$status $(printf '%s\n' "$err" | sed 's/ after [0-9.]* s//')" \
		"0 daemonize: $(command -v nginx): ended with status 0; it may have put itself into the background" \
		'nginx puts itself into the background: -w exits 0, and says so'
	ok 'nginx puts itself into the background: no pid file is left' test ! -e nginx.pid
	wait_for test -s nginx.own.pid
	pid=$(cat nginx.own.pid)
	kill -QUIT "$pid"
	wait_for sh -c '! kill -0 "$1"' sh "$pid"
fi

if need redis-server 'redis is started, answers, and is ended'; then
	cat >redis.conf <<end
bind 127.0.0.1
port $redis_port
dir $tmp
save ""
end
	{
		cat redis.conf
		echo 'prot 7'
	} >broken.conf
	run "$DAEMONIZE" -w 20 -p redis.pid -o redis.log redis-server "$tmp/broken.conf"
	is "$status $(printf '%s\n' "$err" | sed -n '1s/ after [0-9.]* s//p')" \
		"1 daemonize: $(command -v redis-server): ended with status 1, see $tmp/redis.log" \
		"redis, broken configuration: -w exits with redis's status"
	like "$err" '^    \*\*\* FATAL CONFIG FILE ERROR' "redis, broken configuration: redis's error is shown"
	like "$err" "^    >>> 'prot 7'" 'redis, broken configuration: the line at fault is shown'
	ok 'redis, broken configuration: no pid file is left' test ! -e redis.pid
	run "$DAEMONIZE" -w 1 -p redis.pid -o redis.log redis-server "$tmp/redis.conf"
	is_up redis
	wait_for ask "$redis_port" 'PING\r\n'
	is "$(ask "$redis_port" 'PING\r\n')" +PONG 'redis answers'
	ends redis
	# redis can be built with sd_notify's protocol
	if ldd "$(command -v redis-server)" 2>/dev/null | grep -q libsystemd; then
		run "$DAEMONIZE" -v -r notify -T 20 -p redis-ready.pid \
			redis-server "$tmp/redis.conf" --supervised systemd
		is "$status $(printf '%s\n' "$err" | grep -c 'redis-server: ready after')" '0 1' \
			'-r notify: redis says that it is ready'
		is "$(ask "$redis_port" 'PING\r\n')" +PONG '-r notify: redis answers once it is ready'
		ends redis-ready
	fi
fi

if need memcached 'memcached is started, stores, and is ended'; then
	user=
	if [ "$(id -u)" -eq 0 ]; then
		# memcached changes its user: in a directory where others may
		# write it would not be taken for the daemon
		user='-u nobody'
		safe=$(mktemp -d /run/daemonize-test.XXXXXX) || exit 1
		trap 'cd / && rm -rf "$tmp" "$safe"' EXIT
		cd "$safe" || exit 1
	fi
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" -w 1 -p memcached.pid memcached -l 127.0.0.1 -p "$memcached_port" $user
	is_up memcached
	wait_for ask "$memcached_port" 'version\r\n'
	is "$(ask "$memcached_port" 'set a 0 0 1\r\nx\r\n')" STORED 'memcached stores a value'
	# shellcheck disable=SC2086 # words
	run "$DAEMONIZE" -w 20 -o memcached.log memcached -l 127.0.0.1 -p "$memcached_port" $user
	is "$status" 71 "memcached, port taken: -w exits with memcached's status"
	like "$err" '^    .*Address already in use' "memcached, port taken: memcached's error is shown"
	ends memcached
	cd "$tmp" || exit 1
fi

if need python3 'http.server is started, answers, and is ended'; then
	run "$DAEMONIZE" -w 1 -c "$tmp" -p python.pid -o python.log python3 -m http.server -b 127.0.0.1 "$python_port"
	is_up python
	wait_for ask "$python_port" 'GET / HTTP/1.0\r\n\r\n'
	is "$(ask "$python_port" 'GET / HTTP/1.0\r\n\r\n')" 'HTTP/1.0 200 OK' 'http.server answers'
	run "$DAEMONIZE" -w 20 -p taken.pid -o taken.log python3 -m http.server -b 127.0.0.1 "$python_port"
	is "$status $(printf '%s\n' "$err" | sed -n '1s/ after [0-9.]* s//p')" \
		"1 daemonize: $(command -v python3): ended with status 1, see $tmp/taken.log" \
			"http.server, port taken: -w exits with Python's status"
	is "$(printf '%s\n' "$err" | tail -n 1)" '    OSError: [Errno 98] Address already in use' \
		"http.server, port taken: Python's error is shown"
	is "$(printf '%s\n' "$err" | wc -l | tr -d ' ')" 11 'http.server, port taken: ten lines of the log are shown'
	ok 'http.server, port taken: no pid file is left' test ! -e taken.pid
	ends python
fi

# programs that say that they are ready
if need s6-svscan '-r fd: programs of s6 say that they are ready'; then
	mkdir -p scan
	run "$DAEMONIZE" -r fd:4 -T 20 -p s6-svscan.pid s6-svscan -d 4 "$tmp/scan"
	is_up s6-svscan
	ok 's6-svscan is ready for commands after the start' s6-svscanctl -a "$tmp/scan"
	ends s6-svscan
	run "$DAEMONIZE" -r fd:4 -T 20 -p s6-svscan.pid -o s6.log s6-svscan -d 4 "$tmp/nowhere"
	is "$status" 111 "s6-svscan without its directory: -r exits with s6-svscan's status"
	like "$err" '^    s6-svscan: fatal: unable to chdir: No such file or directory$' \
		"s6-svscan without its directory: s6-svscan's error is shown"
	mkfifo input
	run "$DAEMONIZE" -r fd:100 -T 20 -p s6-log.pid -i input s6-log -d 100 -- "$tmp/s6-log"
	is_up s6-log
	echo line >input
	wait_for grep -q line s6-log/current
	is "$(cat s6-log/current)" line 's6-log writes down what comes on its standard input'
	ends s6-log KILL
	# a server that says that it is ready once it listens
	run "$DAEMONIZE" -r fd:3 -T 20 -w 0.1 -p s6-ipcserver.pid sh -c 'exec "$@" >&3' sh \
		s6-ipcserver -1 "$tmp/socket" echo hello
	is_up s6-ipcserver
	is "$(perl -MIO::Socket::UNIX -e 'print readline(IO::Socket::UNIX->new($ARGV[0]) // die "$!\n")' socket)" hello \
		's6-ipcserver listens after the start'
	ends s6-ipcserver
fi

if need systemd-notify '-r notify: systemd-notify makes the start succeed'; then
	run "$DAEMONIZE" -v -r notify -T 20 -p notify.pid sh -c 'systemd-notify --status="half done"
		systemd-notify --ready --status=done; exec sleep 1000'
	is "$status" 0 '-r notify: systemd-notify makes the start succeed'
	like "$err" "^daemonize: $(command -v sh): half done\$" '-v: the status that systemd-notify sends is printed'
	ends notify
	run "$DAEMONIZE" -r notify -w 20 sh -c 'systemd-notify --ready; systemd-notify --status=x; exit 4'
	is "$status" 4 '-r notify -w: systemd-notify does not wait for an answer during the watch'
fi
finish
