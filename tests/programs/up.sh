# up.sh NAME: tells its process id, its parent's and its child's in NAME.up, and
# exits with 7 when NAME.go is there; TERM is told in NAME.undoing, and waits for
# NAME.go too.
name=$1
trap 'echo >"$name.undoing"; until test -e "$name.go"; do sleep 0.1; done; exit 9' TERM
sleep 1000 &
echo $$ $PPID $! >"$name.tmp"
mv "$name.tmp" "$name.up"
while ! test -e "$name.go"; do sleep 0.1; done
exit 7
