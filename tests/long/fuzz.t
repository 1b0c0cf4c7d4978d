#!/bin/sh
# libFuzzer finds nothing in what daemonize reads of others: each target of
# tests/fuzz.c in its turn, from the few inputs of tests/corpus.  To run for
# longer, with the seconds of all targets together:
#	FUZZ_SECONDS=600 WARDEN_SECONDS=900 tests/run tests/long/fuzz.t
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

need clang 'libFuzzer finds nothing' || finish
for call in exit write malloc calloc realloc strdup free getpwnam getpwuid getgrnam getuid setenv getgrouplist \
	setgroups setegid seteuid; do
	set -- "$@" "-Wl,--wrap=$call"
done
for source in "$top"/src/*.c; do
	case $source in
	*/main.c) ;;
	*) set -- "$@" "$source" ;;
	esac
done
run clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -Wall -Wextra -D_GNU_SOURCE \
	'-DVERSION="0"' -o fuzz "$top/tests/fuzz.c" "$@"
is "$status $err" '0 ' 'fuzz.c is built without a warning'

targets='options umask seconds schedule signal user notify pidfile script log logger'
seconds=$((${FUZZ_SECONDS:-22} / 11))
all=0
for target in $targets; do
	mkdir "$target"
	# the options print megabytes in some minutes, which nothing looks at
	FUZZ=$target ./fuzz -max_total_time=$seconds -max_len=4096 -timeout=10 -print_final_stats=1 \
		-dict="$top/tests/corpus/words" "$target" "$top/tests/corpus/$target" >/dev/null 2>err
	status=$? err=$(cat err)
	executions=$(printf '%s\n' "$err" | sed -n 's/^stat::number_of_executed_units: //p')
	is "$status $(printf '%s\n' "$err" | grep -e '^fuzz: ' -e ': runtime error: ' -e ERROR: -e '^Base64: ')" '0 ' \
		"$target: ${executions:=0} executions find nothing"
	all=$((all + executions))
done
echo "# $all executions"
finish
