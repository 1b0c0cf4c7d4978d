#!/bin/sh
# make install puts the files where it is told; uninstall leaves nothing.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# This is done in a copy, so that the build under test is left alone.
copy=$tmp/copy
mkdir "$copy"
(cd "$top" && tar cf - Makefile src man tests README COPYING) | (cd "$copy" && tar xf -)
cd "$copy" || exit 1
for make in make bmake; do
	need $make "a build with $make" || continue
	# The second build is about make, not about cc, and need not be optimised.
	[ $make = make ] && flags='' || flags=CFLAGS=-O0
	ok "$make all succeeds" sh -c "$make -s clean && $make $flags all >'$tmp/log' 2>&1"
	is "$(grep -i warning "$tmp/log")" '' "$make all gives no warning"
	ok "$make install succeeds" $make -s install "DESTDIR=$tmp/d" PREFIX=/usr
	is "$(cd "$tmp/d" && find . -type f -exec stat -c '%a %n' {} + | sort -k 2)" '755 ./usr/bin/daemonize
644 ./usr/share/bash-completion/completions/daemonize
644 ./usr/share/fish/vendor_completions.d/daemonize.fish
644 ./usr/share/man/man1/daemonize.1
644 ./usr/share/man/zh_CN/man1/daemonize.1
644 ./usr/share/zsh/site-functions/_daemonize' "$make install makes these files with these modes"
	is "$(cd "$tmp/d/usr/share" && cat bash-completion/*/daemonize fish/*/daemonize.fish zsh/*/_daemonize)" \
		"$(cd src/completions && cat daemonize.bash daemonize.fish _daemonize)" "$make install gives each shell its completion"
	is "$("$tmp/d/usr/bin/daemonize" -V)" "$("$DAEMONIZE" -V)" "$make install: the program runs"
	ok "$make uninstall succeeds" $make -s uninstall "DESTDIR=$tmp/d" PREFIX=/usr
	is "$(find "$tmp/d" -type f)" '' "$make uninstall leaves no file"
	set -- "DESTDIR=$tmp/a b" BINDIR=/sbin MANDIR=/man BASHCOMPDIR=/bash ZSHCOMPDIR=/zsh FISHCOMPDIR=/fish
	$make -s install "$@"
	is "$(cd "$tmp/a b" && find . -type f | sort)" './bash/daemonize
./fish/daemonize.fish
./man/man1/daemonize.1
./man/zh_CN/man1/daemonize.1
./sbin/daemonize
./zsh/_daemonize' "$make install uses each directory that is given, and a DESTDIR with a space"
	$make -s uninstall "$@"
	is "$(find "$tmp/a b" -type f)" '' "$make uninstall leaves no file in directories that are given"
	find . -exec touch -d '2 hours ago' {} +
	touch src/exit.h
	is "$($make -n | grep -c -e '-c -o')" "$(set -- src/*.c && echo $#)" "$make compiles every file again when a header has changed"
	is "$(CFLAGS=-DA $make -n -B 2>/dev/null | grep -c -e ' -DA')" \
		"$($make -n CFLAGS=-DB -B 2>/dev/null | grep -c -e ' -DB')" "$make honours CFLAGS of the environment"
	ok "$make clean succeeds" $make -s clean
	is "$(ls src/*.o daemonize tests/probe 2>/dev/null)" '' "$make clean leaves nothing that was built"
done
finish
