# Starts an sshd for root on a port of 127.0.0.1.  A test sources this file
# after lib.sh, and ends $sshd.
#
#	start_sshd	starts it: $sshd is its process and $port its port;
#			its log is sshd.log
#	ssh -F ssh_config -p $port host ...	reaches it; $HOME is $tmp there
#
# shellcheck shell=sh

# Makes the files of both sides, which read none of the user's or the machine's.
make_ssh_files() {
	ssh-keygen -q -t ed25519 -N '' -f host_key
	ssh-keygen -q -t ed25519 -N '' -f user_key
	# lest the shell that sshd starts reads a file of the user's home
	# directory
	printf 'environment="HOME=%s" ' "$tmp" | cat - user_key.pub >authorized_keys
	# StrictModes would refuse /tmp, and the default of MaxStartups a test
	cat >sshd_config <<-end
		ListenAddress 127.0.0.1
		HostKey $tmp/host_key
		AuthorizedKeysFile $tmp/authorized_keys
		PidFile none
		PermitUserEnvironment yes
		UsePAM no
		PermitRootLogin yes
		StrictModes no
		MaxStartups 100
		Subsystem sftp internal-sftp
	end
	cat >ssh_config <<-end
		Host host
			HostName 127.0.0.1
			User root
			IdentityFile $tmp/user_key
			IdentitiesOnly yes
			IdentityAgent none
			UserKnownHostsFile $tmp/known_hosts
			GlobalKnownHostsFile none
			StrictHostKeyChecking yes
			BatchMode yes
			LogLevel ERROR
	end
	mkdir var_log
}

# Starts sshd in a mount namespace: it wants /run/sshd, and writes logins to
# utmp, wtmp and lastlog, where those of a test do not belong.
try_sshd() {
	port=$(perl "$top/tests/programs/ports.pl" 1)
	unshare -m sh -c 'mount -t tmpfs run /run && mkdir -m 755 /run/sshd && mount --bind var_log /var/log &&
		exec "$@"' sh "$(command -v sshd)" -D -f "$tmp/sshd_config" -E "$tmp/sshd.log" -p "$port" &
	sshd=$!
	wait_for sh -c 'grep -q "Server listening" sshd.log || ! kill -0 "$1"' sh $sshd
	kill -0 $sshd
}

start_sshd() {
	make_ssh_files
	# another process may have taken the port meanwhile
	try_sshd || try_sshd || try_sshd || return
	printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d ' ' -f 1,2 host_key.pub)" >known_hosts
}
