# often.sh NAME: counts its runs in NAME.count, and exits 1.  Runs 2 and 1002
# wait for a line from the FIFO NAME.do.
read -r count <"$1.count"
count=$((count + 1))
echo $count >"$1.count"
case $count in
2 | 1002) read -r line <"$1.do" ;;
esac
exit 1
