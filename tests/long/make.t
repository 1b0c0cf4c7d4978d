#!/bin/sh
# daemonize in a parallel make: the build ends while the daemons live, which
# have no descriptor of the jobserver, and no token is lost.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

# where make is another one GNU make is called gmake
make=$(command -v gmake || command -v make)
if ! "$make" --version 2>/dev/null | grep -q '^GNU Make'; then
	skip 'make -j2 ends while the daemons live' 'no GNU make here'
	finish
fi
# the variables of a make that runs the tests
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES MAKEFILES

# meet.sh a|b NAME: neither of the two ends before the other has begun, or after
# ten seconds.
cat >meet.sh <<'end'
case $1 in
a) timeout 10 sh -c "echo a >$2.1; read line <$2.2" ;;
b) timeout 10 sh -c "read line <$2.1; echo b >$2.2" ;;
esac
end
cat >Makefile <<'end'
START = '$(DAEMONIZE)' $(OPTIONS) '$(PROBE)'

all: one two three four pair
one:
	@$(START) /dev/null hold=$(HOLD)
two:
	@+$(START) $(TMP)/report.two hold=$(HOLD)
three: one two
	@+$(MAKE) -s MAKING=three inner
# a make in a make in a make; not beside the other, whose pair needs both tokens
four: three
	@+$(MAKE) -s outer
outer:
	@$(MAKE) -s MAKING=four inner
inner: inner-start inner-a inner-b
inner-start:
	@+$(START) $(TMP)/report.$(MAKING) hold=$(HOLD)
inner-a inner-b:
	@+sh meet.sh $(@:inner-%=%) meet.$(MAKING)
pair: pair-a pair-b
pair-a pair-b: four
	@sh meet.sh $(@:pair-%=%) meet.pair
kept:
	@+$(START) $(TMP)/report.kept hold=$(HOLD)
bare:
	@+'$(PROBE)' $(TMP)/report.bare
end
mkfifo meet.three.1 meet.three.2 meet.four.1 meet.four.2 meet.pair.1 meet.pair.2
# Prints the output of make, and its status, once nobody has the output open.
build() { # MAKE-ARGUMENT...
	timeout 20 sh -c '{ "$@" 2>&1; echo "status $?"; } | cat' sh \
		"$make" DAEMONIZE="$DAEMONIZE" PROBE="$probe" HOLD="$hold" TMP="$tmp" "$@"
}
# Prints the descriptors in a report, each with its file.
descriptors() { # REPORT-FILE
	wait_for test -s "$1"
	sed -n 's/^fd\.\([0-9]*\)=.* /\1 /p' "$1" | tr '\n' ' '
}
null='0 /dev/null 1 /dev/null 2 /dev/null '

# what a daemon could inherit
new_hold
is "$(build -j2 bare)" 'status 0' 'make -j2 without a daemon succeeds'
auth=$(sed -n 's/^env\.[0-9]*=MAKEFLAGS=.*--jobserver-auth=\([^ ]*\).*/\1/p' report.bare)
case $auth in
fifo:*) wanted= ;;
*) wanted="${auth%,*} ${auth#*,}" ;;
esac
ok 'a job finds the jobserver in MAKEFLAGS' test -n "$auth"
for n in $wanted; do
	like "$(cat report.bare)" "^fd\.$n=fifo " "a job has descriptor $n of the jobserver"
done

for how in '' -Onone -Oline -Otarget -Orecurse; do
	rm -f report.*
	new_hold
	# shellcheck disable=SC2086 # words
	out=$(build -j2 $how)
	# lest a daemon that opens it late waits for a writer
	exec 8>"$hold"
	is "$out" 'status 0' "make -j2${how:+ $how} ends, and prints nothing, while the daemons live"
	for name in two three four; do
		is "$(descriptors report.$name)" "$null" \
			"make -j2${how:+ $how}: daemon $name has no descriptor of the jobserver"
		ok "make -j2${how:+ $how}: daemon $name is running" kill -0 "$(sed -n 's/^pid=//p' report.$name)"
	done
	exec 8>&-
done

# Fifty starts in one build lose no token: make would report that at its end,
# and the last two jobs could not run at once.
{
	echo 'all: pair-a pair-b'
	echo 'pair-a pair-b: $(addprefix start-,$(shell seq 50))'
	echo '	@sh meet.sh $(@:pair-%=%) meet.pair'
	echo 'start-%:'
	echo "	@+'\$(DAEMONIZE)' -l lock.\$* sh -c 'read line <\$(HOLD)'"
} >many.mk
new_hold
out=$(build -j2 -f many.mk)
is "$out" 'status 0' 'a build with fifty daemons ends'
is "$(for n in $(seq 50); do "$DAEMONIZE" -l "lock.$n" true 2>/dev/null; echo $?; done | sort | uniq -c | tr -s ' ')" \
	' 50 75' 'all fifty daemons are running'
out=$(build -j2 pair-a pair-b -o one -o two -o three -o four)
is "$out" 'status 0' 'another build runs two jobs at once beside fifty daemons'
release

out=$(build -j2 OPTIONS="-o $tmp/no/log" kept)
is "$(printf '%s\n' "$out" | sed '/make: /d')" "daemonize: $tmp/no/log: No such file or directory
status 2" \
	'a start that fails fails the build'

# This is why it matters: make reads its tokens back until the end of the pipe,
# so that a daemon which has it, here by -k, keeps make waiting.
if [ -n "$wanted" ]; then
	new_hold
	build -j2 OPTIONS="-k ${auth%,*} -k ${auth#*,}" kept >out &
	maker=$!
	wait_for test -s report.kept
	is "$(sed -n 's/^fd\.\([0-9]*\)=fifo .*/\1/p' report.kept | tr '\n' ' ')" "$wanted " 'with -k the daemon has the jobserver'
	ok 'with -k the daemon is running' kill -0 "$(sed -n 's/^pid=//p' report.kept)"
	release
	wait $maker
	is "$(cat out)" 'status 0' 'with -k the build ends when the daemon ends'
fi
finish
