#!/bin/sh
# A job where there is no perl: reports its start, HUP and TERM on standard
# output.
trap 'echo reloaded' HUP
trap 'echo ended; kill $!; exit' TERM
echo "started $$"
while :; do
	sleep 1000000 &
	wait $!
	kill $!
done
