#!/bin/sh
# Static analysers have nothing to say of src/, but for what is named here.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

cd "$top" || exit 1
# In options.c they do not see that a row with an argument always comes with a value.
: >"$tmp/log"
for file in src/*.c; do
	case $file in
	*/options.c) quiet='-Wno-analyzer-null-argument -Wno-analyzer-null-dereference' ;;
	*) quiet= ;;
	esac
	# shellcheck disable=SC2086 # words
	gcc -std=c11 -D_GNU_SOURCE '-DVERSION="0"' -O2 -Wall -Wextra -fanalyzer $quiet -c -o "$tmp/o" "$file" >>"$tmp/log" 2>&1
done
is "$(cat "$tmp/log")" '' 'gcc -fanalyzer'

# Not asked for: the functions of Annex K, which no libc has; parameters of one type; order in a
# struct; no recursion (what print() says when it fails goes elsewhere); atoi() of what are digits.
# gcc's -Wconversion looks at conversions.  The Clang analyser is among the checks.
without='security.insecureAPI.DeprecatedOrUnsafeBufferHandling security.insecureAPI.strcpy optin.performance.Padding'
checks='-*,bugprone-*,cert-*,clang-analyzer-*,misc-*'
for check in bugprone-easily-swappable-parameters bugprone-narrowing-conversions cert-err34-c misc-no-recursion; do
	checks=$checks,-$check
done
for check in $without; do
	checks=$checks,-clang-analyzer-$check
done
null='-clang-analyzer-core.NonNullParamChecker,-clang-analyzer-core.NullDereference'
if need clang-tidy clang-tidy; then
	for file in src/*.c; do
		case $file in
		*/options.c) echo "$file $checks,$null" ;;
		*) echo "$file $checks" ;;
		esac
	done | xargs -n 2 -P 2 sh -c 'clang-tidy --quiet "--checks=$2" "$1" -- -std=c11 -D_GNU_SOURCE \
		"-DVERSION=\"0\"" 2>/dev/null' sh >"$tmp/log"
	is "$(cat "$tmp/log")" '' 'clang-tidy, with the Clang analyser'
fi

# It has to be told which functions do not return, and does not see that a pointer may point behind an array.
if need cppcheck cppcheck; then
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
	is "$(cat "$tmp/log")" '' 'cppcheck'
fi

# The headers and libraries of macOS, as Zig has them.
PATH=$PATH:/opt/zig
if need zig macOS; then
	ZIG_GLOBAL_CACHE_DIR=$tmp/cache ZIG_LOCAL_CACHE_DIR=$tmp/cache
	export ZIG_GLOBAL_CACHE_DIR ZIG_LOCAL_CACHE_DIR
	zig cc -target aarch64-macos -std=c11 -D_GNU_SOURCE '-DVERSION="0"' -Wall -Wextra -Werror -o "$tmp/daemonize" \
		src/*.c >"$tmp/log" 2>&1
	is "$(cat "$tmp/log")" '' 'macOS: no warning'
	is "$(od -An -tx1 -N4 "$tmp/daemonize" 2>&1)" ' cf fa ed fe' 'macOS: a program of that system'
fi
finish
