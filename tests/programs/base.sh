#!/bin/sh
# The service that the job of sysvinit.t needs.
### BEGIN INIT INFO
# Provides:          base
# Required-Start:    $remote_fs
# Required-Stop:     $remote_fs
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: what the job needs
### END INIT INFO
PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
case $1 in
start) daemonize --oknodo -p /run/base.pid job base ;;
stop) daemonize --stop -p /run/base.pid ;;
esac
