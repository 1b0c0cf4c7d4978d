#!/bin/sh
# Other compilers, languages, libcs and checkers build the program without a
# warning.  It passes the tests of what each of them could change.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

copy() { # DIRECTORY
	mkdir -p "$1"
	(cd "$top" && tar cf - Makefile src man tests README COPYING) | (cd "$1" && tar xf -)
}
# The helpers are built once, so that all programs are observed in the same way.
copy copy
cd copy || exit 1
rm -f daemonize src/*.o
make -s -j2 helpers >log 2>&1
is "$(cat log)" '' 'the helpers are built without a warning'
warnings='-Wpedantic -Wconversion -Wshadow -Werror'

# Runs tests with a program, all of them at once.
passes() { # NAME PROGRAM TEST...
	name=$1 program=$2
	shift 2
	for t; do
		{
			# LeakSanitizer works neither under strace nor in a new
			# pid namespace
			case $t in lock | foreground | verbs | ready | options) ASAN_OPTIONS=detect_leaks=0 ;; *) ASAN_OPTIONS= ;; esac
			export ASAN_OPTIONS
			DAEMONIZE=$program sh "tests/$t.t" >"$t.log" 2>&1
			echo $? >"$t.status"
		} &
	done
	wait
	for t; do
		is "$(cat "$t.status")" 0 "$name: $t.t passes"
		[ "$(cat "$t.status")" = 0 ] || explain "$(grep -v '^ok' "$t.log")"
	done
}
# Builds the program with arguments of make, and runs the tests named.  A
# warning is a failure, but for that of glibc's linker about any static program.
builds() { # NAME TESTS MAKE-ARGUMENT...
	name=$1 names=$2
	shift 2
	rm -f daemonize src/*.o
	make -s -j2 "$@" daemonize >log 2>&1
	is "$(grep -v -e ': in function ' -e 'in statically linked applications' log)" '' \
		"$name: the program is built without a warning"
	# shellcheck disable=SC2086 # words
	if [ -x daemonize ]; then
		passes "$name" "$PWD/daemonize" $names
	else
		result 'not ok' "$name: make leaves a program"
	fi
}

# the Makefile without any argument
builds 'the default' ''
copy 'another place/copy'
(cd 'another place/copy' && rm -f daemonize src/*.o && bmake CFLAGS='-Os -g' daemonize >/dev/null)
ok 'the program has the same bytes in any directory, and with both makes' cmp daemonize 'another place/copy/daemonize'
if need readelf 'the program is hardened by default'; then
	{
		readelf -hW daemonize | sed -n 's/^ *Type: *\([A-Z]*\).*/\1/p'
		readelf -lW daemonize | sed -n 's/^ *\(GNU_RELRO\|GNU_STACK\) .* \(R[WE]*\) .*/\1 \2/p'
		readelf -dW daemonize | grep -o BIND_NOW
		readelf -W --dyn-syms daemonize | grep -o -e __stack_chk_fail -e __snprintf_chk
	} | sort -u >hardened
	is "$(tr '\n' ' ' <hardened)" \
		'BIND_NOW DYN GNU_RELRO R GNU_STACK RW __snprintf_chk __stack_chk_fail ' \
			'the program is hardened by default'
	strip daemonize
	ok 'the stripped program is smaller than 128 KiB' test "$(wc -c <daemonize)" -lt 131072
	builds "the user's flags" '' CPPFLAGS=-U_FORTIFY_SOURCE 'CFLAGS=-Os -fno-pie -no-pie'
	is "$(readelf -hW daemonize | sed -n 's/^ *Type: *\([A-Z]*\).*/\1/p')" EXEC \
		"the user's flags win: -no-pie makes no PIE"
	is "$(readelf -W --dyn-syms daemonize | grep -c __snprintf_chk)" 0 \
		"the user's flags win: -U_FORTIFY_SOURCE leaves no checked function"
fi
take oldcc.sh
builds 'an old compiler, with HARDEN=' '' CC="$tmp/oldcc.sh" CFLAGS=-O0 HARDEN=
make -n CC='touch compiled;' clean >/dev/null
ok 'make clean runs no compiler' test ! -e compiled

builds 'gcc, C11, -O2' '' CC=gcc "CFLAGS=-O2 -g $warnings"
builds 'gcc, C23, -O3, LTO' 'exec state verdict' CC=gcc "CFLAGS=-std=c2x -O3 -flto=auto $warnings"
if need clang 'clang builds the program without a warning'; then
	builds 'clang, C11' '' CC=clang "CFLAGS=-O2 -g $warnings"
	builds 'clang, C23, -O3, LTO' 'exec state streams' CC=clang \
		"CFLAGS=-std=c2x -O3 -flto $warnings" LDFLAGS=-fuse-ld=lld
	builds 'clang, address and undefined behaviour' 'options exec paths streams tell verbs ready' CC=clang \
		'CFLAGS=-g -O1 -U_FORTIFY_SOURCE -fsanitize=address,undefined -fno-sanitize-recover=all'
fi
# Warnings of tcc are not looked at: it does not know that die() does not
# return.
if need tcc 'tcc builds a program that passes exec.t'; then
	rm -f daemonize src/*.o
	make -s CC=tcc HARDEN= daemonize >log 2>&1
	passes tcc "$PWD/daemonize" exec
fi
# What other systems get: each branch for one of them is executed here, with the
# calls that differ made by nolinux.h.  exec.t is not run, for it has a call
# refused that only Linux has, nor trust.t, which asks what only Linux tells.
mkdir -p nolinux/sys
: >nolinux/sys/procctl.h
: >nolinux/sys/_types.h
like_system() { # SYSTEM TESTS
	builds "as on $1" "$2" "CFLAGS=-O2 -g $warnings -Wno-sign-conversion" \
		"CPPFLAGS=-U__linux__ -U_GNU_SOURCE -D_DEFAULT_SOURCE -DAS_$1 -include $PWD/tests/programs/nolinux.h -I$PWD/nolinux"
	run ./daemonize -r notify true
	is "$status $err" '125 daemonize: -r notify: Operation not supported' "as on $1: -r notify is refused, since it needs an abstract name"
	# glibc keeps 32 and 33 from us, which the caller of the tests may ignore.
	report=$(observe "$arrange" open=3-9,70-79,2000 ignore=PIPE,USR1,34,64 -- "$PWD/daemonize" -o log -k 5 @)
	is "$(printf '%s\n' "$report" | grep -o '^fd\.[0-9]*' | tr '\n' ' ')$(value "$report" ignored | sed 's/^32 33$//')" \
		'fd.0 fd.1 fd.2 fd.5 ' "as on $1: the command has no other descriptor, and ignores no signal"
	if need_root "as on $1: a log on a path through links is written"; then
		trusted=$(mktemp -d /run/daemonize.XXXXXX)
		ln -s . "$trusted/here"
		run ./daemonize -f -o "$trusted/here/here/log" echo told
		is "$status $err$(cat "$trusted/log")" '0 told' "as on $1: a log on a path through links is written"
		rm -r "$trusted"
	fi
	ln -sf log link
	run ./daemonize -p link true
	like "$err" 'link: a symbolic link, which is not followed' "as on $1: -p refuses a symbolic link, and says so"
	for id in 4294967295:0 4294967296:0 0:4294967295; do
		run ./daemonize -f -u $id true
		is "$status" 125 "as on $1: -u $id is refused"
	done
}
like_system FREEBSD 'paths'
# This is FreeBSD's procctl(2).
keeper=$(./daemonize -P -p kept --restart sh -c 'echo $$ >"$1"; exec sleep 1000' sh "$PWD/command")
wait_for test -s command
kill -KILL "$keeper"
wait_for gone "$(cat command)"
is_gone 'as on FREEBSD: the command ends with its keeper' command
like_system NETBSD 'paths streams'
like_system OPENBSD 'streams'
like_system MACOS 'tell identity'

# BSD_HEADERS=DIRECTORY has the headers of those systems, as lib/libc/include of
# Zig 0.16 and later.  No registry that CI reaches has them.
for system in ${BSD_HEADERS:+freebsd netbsd openbsd}; do
	for file in src/*.c; do
		clang -target "x86_64-unknown-$system" -nostdlibinc -isystem "$BSD_HEADERS/x86_64-$system-none" \
			-isystem "$BSD_HEADERS/generic-$system" -std=c11 -D_GNU_SOURCE '-DVERSION="0"' -Wall -Wextra \
			-Wpedantic -Wconversion -Wshadow -c -o "$system.o" "$file"
	done >log 2>&1
	is "$(cat log)" '' "the headers of $system: the program is compiled without a warning"
done

if need musl-gcc 'musl: the program is built without a warning'; then
	export LIBC=musl
	builds 'musl' 'exec state' CC=musl-gcc "CFLAGS=-O2 -g $warnings"
	make -s static >log 2>&1
	is "$(cat log)" '' 'musl, static: the program is built without a warning'
	mv daemonize.static daemonize
	passes 'musl, static' "$PWD/daemonize" exec state verdict identity ready
	need readelf 'musl, static: the program has two segments, and no relro' &&
		is "$(readelf -lW daemonize | sed -n 's/^ *\(LOAD\|GNU_RELRO\) .*/\1/p' | tr '\n' ' ')" 'LOAD LOAD ' \
			'musl, static: the program has two segments, and no relro'
	strip daemonize
	ok 'musl, static: the stripped program is smaller than 160 KiB' test "$(wc -c <daemonize)" -lt 163840
	unset LIBC
fi

if need valgrind 'valgrind finds no error and no leak'; then
	builds 'for valgrind' '' 'CFLAGS=-g -O1'
	for arguments in 'true' '-o log -e err -c . -m 022 -E A=1 -A x -P -v true' '-t -o log ./README' \
		'-n -o log true' './nosuch' '-q' '-f -o log true' '-p pid -l lock true' '-f -p pid true' \
		'-w 0.1 -o log true' '-r notify -T 0.1 -p pid sleep 9' '--status -p pid' '--stop=TERM/5 -p pid'; do
		# a verb that has succeeded does not free the name of its file
		case $arguments in --*) leaks=no ;; *) leaks=full ;; esac
		# shellcheck disable=SC2086 # words
		valgrind -q --trace-children=no --leak-check=$leaks --errors-for-leak-kinds=definite \
			--error-exitcode=77 --log-file=valgrind.%p ./daemonize $arguments >/dev/null 2>&1 </dev/null
		ok "valgrind finds no error in daemonize $arguments" test $? -ne 77
		# valgrind does not know pidfd_open(2), and says so in five
		# lines
		is "$(sed '/unhandled amd64-linux syscall: 434/,/bug_reports/d' valgrind.*)" '' \
			"valgrind reports nothing in any process of daemonize $arguments"
		rm -f valgrind.*
	done
fi
finish
