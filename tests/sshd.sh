# An sshd of the test's own, for root, on a port of 127.0.0.1: a test sources
# this file after lib.sh, and ends $sshd.
#
#	start_sshd	starts it: $sshd is its process and $port its port;
#			what it says is in sshd.log
#	ssh -F ssh_config -p $port host ...	reaches it; $HOME is $tmp there
#
# shellcheck shell=sh

# No file of the user's or the machine's has a say.
make_ssh_files() {
	ssh-keygen -q -t ed25519 -N '' -f host_key
	ssh-keygen -q -t ed25519 -N '' -f user_key
	# a shell that sshd starts reads a file in the home directory
	printf 'environment="HOME=%s" ' "$tmp" | cat - user_key.pub >authorized_keys
	# /tmp is writable by everyone (StrictModes), and the connections of a test
	# come faster than people's (MaxStartups)
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

# In a mount namespace: sshd wants /run/sshd, and tells utmp, wtmp and lastlog
# of logins, which are none of the machine's.
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
	# somebody may have taken the port meanwhile
	try_sshd || try_sshd || try_sshd || return
	printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d ' ' -f 1,2 host_key.pub)" >known_hosts
}
