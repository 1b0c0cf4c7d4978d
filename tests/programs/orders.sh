# orders.sh NAME: writes its process id and that of its parent to NAME.runs, and
# runs the lines that it reads from the FIFO NAME.do.
exec 9<>"$1.do"
echo "$$ $PPID" >>"$1.runs"
while read -r order <&9; do
	eval "$order"
done
