#!/bin/sh
# Static analysers report nothing for src/.  What is turned off stands here,
# with its reason.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

cd "$top" || exit 1
# In options.c gcc does not see that a row with an argument always comes with a
# value; nor does the Clang analyser below.
: >"$tmp/log"
for file in src/*.c; do
	case $file in
	*/options.c) quiet='-Wno-analyzer-null-argument -Wno-analyzer-null-dereference' ;;
	*) quiet= ;;
	esac
	# shellcheck disable=SC2086 # words
	gcc -std=c11 -D_GNU_SOURCE '-DVERSION="0"' -O2 -Wall -Wextra -fanalyzer $quiet -c -o "$tmp/o" "$file" >>"$tmp/log" 2>&1
done
is "$(cat "$tmp/log")" '' 'gcc -fanalyzer reports nothing for src/'

# These checks are turned off: they want functions of Annex K, which no libc
# has; parameters that differ in type; another order of the members of a struct;
# no recursion, although that of print() ends; and no atoi(), although its
# argument is all digits.  Conversions are left to gcc's -Wconversion.
without='security.insecureAPI.DeprecatedOrUnsafeBufferHandling security.insecureAPI.strcpy optin.performance.Padding'
checks='-*,bugprone-*,cert-*,clang-analyzer-*,misc-*'
for check in bugprone-easily-swappable-parameters bugprone-narrowing-conversions cert-err34-c misc-no-recursion; do
	checks=$checks,-$check
done
for check in $without; do
	checks=$checks,-clang-analyzer-$check
done
null='-clang-analyzer-core.NonNullParamChecker,-clang-analyzer-core.NullDereference'
if need clang-tidy 'clang-tidy and the Clang analyser report nothing for src/'; then
	for file in src/*.c; do
		case $file in
		*/options.c) echo "$file $checks,$null" ;;
		*) echo "$file $checks" ;;
		esac
	done | xargs -n 2 -P 2 sh -c 'clang-tidy --quiet "--checks=$2" "$1" -- -std=c11 -D_GNU_SOURCE \
		"-DVERSION=\"0\"" 2>/dev/null' sh >"$tmp/log"
	is "$(cat "$tmp/log")" '' 'clang-tidy and the Clang analyser report nothing for src/'
fi

# cppcheck has to be told which functions do not return.  It does not see that a
# pointer may point behind an array.
if need cppcheck 'cppcheck reports nothing for src/'; then
	{
		echo '<def format="2">'
		for name in child_exec_in_place die die_errno die_no_memory exit_flushed open_die signals_end value_refuse; do
			echo "<function name=\"$name\"><noreturn>true</noreturn></function>"
		done
		echo '</def>'
	} >"$tmp/noreturn.cfg"
	cppcheck -q --std=c11 -D__linux__ '-DVERSION="0"' --library="$tmp/noreturn.cfg" \
		--enable=warning,portability,performance --suppress=ctunullpointer:src/value.c \
		--suppress=ctuPointerArith:src/diag.c src >"$tmp/log" 2>&1
	is "$(cat "$tmp/log")" '' 'cppcheck reports nothing for src/'
fi

# Zig has the headers and libraries of macOS.
PATH=$PATH:/opt/zig
if need zig 'macOS: src/ compiles without a warning'; then
	ZIG_GLOBAL_CACHE_DIR=$tmp/cache ZIG_LOCAL_CACHE_DIR=$tmp/cache
	export ZIG_GLOBAL_CACHE_DIR ZIG_LOCAL_CACHE_DIR
	zig cc -target aarch64-macos -std=c11 -D_GNU_SOURCE '-DVERSION="0"' -Wall -Wextra -Werror -o "$tmp/daemonize" \
		src/*.c >"$tmp/log" 2>&1
	is "$(cat "$tmp/log")" '' 'macOS: src/ compiles without a warning'
	is "$(od -An -tx1 -N4 "$tmp/daemonize" 2>&1)" ' cf fa ed fe' \
		'macOS: the compiler makes a program of that system'
fi
finish
