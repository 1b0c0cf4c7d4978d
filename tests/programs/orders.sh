# orders.sh NAME: tells its process id and its parent's in NAME.runs, and obeys
# the lines that it reads from the FIFO NAME.do.
exec 9<>"$1.do"
echo "$$ $PPID" >>"$1.runs"
while read -r order <&9; do
	eval "$order"
done
