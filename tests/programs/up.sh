# up.sh NAME: writes the ids of itself, its parent and its child to NAME.up, and
# exits 7 once NAME.go is there.  At TERM writes NAME.undoing, and exits 9 once
# NAME.go is there.
name=$1
trap 'echo >"$name.undoing"; until test -e "$name.go"; do sleep 0.1; done; exit 9' TERM
sleep 1000 &
echo $$ $PPID $! >"$name.tmp"
mv "$name.tmp" "$name.up"
while ! test -e "$name.go"; do sleep 0.1; done
exit 7
