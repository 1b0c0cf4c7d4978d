# third.sh FIFO HOLD: opens FIFO, reads HOLD again and again, and ends by the
# third TERM.
n=0
trap 'n=$((n + 1)); [ $n -lt 3 ] || exit 0' TERM
: >"$1"
while read -r line; do :; done <"$2"
while :; do read -r line <"$2"; done
