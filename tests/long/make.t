#!/bin/sh
# In a parallel make: the build ends while the daemons live, they have nothing of
# the jobserver, and it has all its tokens.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

# GNU make by its name where make is another one
make=$(command -v gmake || command -v make)
if ! "$make" --version 2>/dev/null | grep -q '^GNU Make'; then
	skip 'a parallel make' 'no GNU make here'
	finish
fi
# of the make that runs the tests
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES MAKEFILES

# two jobs that meet: neither ends before the other has begun
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
# what make says, and its status, when nobody has its output open any more
build() { # MAKE-ARGUMENT...
	timeout 20 sh -c '{ "$@" 2>&1; echo "status $?"; } | cat' sh \
		"$make" DAEMONIZE="$DAEMONIZE" PROBE="$probe" HOLD="$hold" TMP="$tmp" "$@"
}
# those of 0 to 2 are /dev/null, or there are more
descriptors() { # REPORT-FILE
	wait_for test -s "$1"
	sed -n 's/^fd\.\([0-9]*\)=.* /\1 /p' "$1" | tr '\n' ' '
}
null='0 /dev/null 1 /dev/null 2 /dev/null '

# what a daemon could inherit
new_hold
is "$(build -j2 bare)" 'status 0' 'a make by itself'
auth=$(sed -n 's/^env\.[0-9]*=MAKEFLAGS=.*--jobserver-auth=\([^ ]*\).*/\1/p' report.bare)
case $auth in
fifo:*) wanted= ;;
*) wanted="${auth%,*} ${auth#*,}" ;;
esac
ok 'a job knows of the jobserver' test -n "$auth"
for n in $wanted; do
	like "$(cat report.bare)" "^fd\.$n=fifo " "and has its descriptor $n"
done

for how in '' -Onone -Oline -Otarget -Orecurse; do
	rm -f report.*
	new_hold
	# shellcheck disable=SC2086 # words
	out=$(build -j2 $how)
	exec 8>"$hold" # so that one which comes to it late does not wait
	is "$out" 'status 0' "make -j2 $how ends, and says nothing, while the daemons live"
	for name in two three four; do
		is "$(descriptors report.$name)" "$null" "$name's daemon has nothing of it"
		ok 'and lives' kill -0 "$(sed -n 's/^pid=//p' report.$name)"
	done
	exec 8>&-
done

# fifty in a row in one build: no token is lost on the way, which make would tell
# at its end, and the last two still run at once
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
	' 50 75' 'all of which live'
out=$(build -j2 pair-a pair-b -o one -o two -o three -o four)
is "$out" 'status 0' 'another build runs two jobs at once beside them'
release

# a failure fails the build
out=$(build -j2 OPTIONS="-o $tmp/no/log" kept)
is "$(printf '%s\n' "$out" | sed '/make: /d')" "daemonize: $tmp/no/log: No such file or directory
status 2" \
	'a start that fails fails the build'

# why it matters: make reads its tokens back until the pipe ends, so that one who
# has it, as asked with -k here, keeps make waiting
if [ -n "$wanted" ]; then
	new_hold
	build -j2 OPTIONS="-k ${auth%,*} -k ${auth#*,}" kept >out &
	maker=$!
	wait_for test -s report.kept
	is "$(sed -n 's/^fd\.\([0-9]*\)=fifo .*/\1/p' report.kept | tr '\n' ' ')" "$wanted " 'with -k the daemon has the jobserver'
	ok 'and lives' kill -0 "$(sed -n 's/^pid=//p' report.kept)"
	release
	wait $maker
	is "$(cat out)" 'status 0' 'and the build ends when it ends'
fi
finish
