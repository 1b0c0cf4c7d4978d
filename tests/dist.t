#!/bin/sh
# make dist: a commit has one release, whoever makes it and wherever; distcheck
# does with it what its user would.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

# A release, which is no checkout, has nothing to make one from.
mkdir plain
(cd "$top" && tar cf - Makefile src) | (cd plain && tar xf -)
run make -s -C plain dist
ok 'make dist fails without a checkout' test "$status" -ne 0
is "$(ls plain)" 'Makefile
src' 'make dist makes nothing without a checkout'

if [ -e "$top/.git" ] && need git 'make dist in a checkout'; then
	is "$(git -c safe.directory='*' -C "$top" ls-files | cut -d / -f 1 | sort -u | tr '\n' ' ')" \
		'.ci .clang-format .editorconfig .gitignore COPYING Makefile README man src tests ' \
		'the top level holds what it should and nothing else'
	for copy in a 'b c/d'; do
		git -c safe.directory='*' clone -q "$top" "$copy"
	done
	ok 'make dist succeeds' make -s -C a dist
	umask 077
	(cd 'b c/d' && echo change >>README && bmake tar.umask=0 dist >/dev/null 2>&1)
	umask 022
	tarball=$(cd a && echo daemonize-*.tar.gz)
	ok 'the same commit gives the same bytes' cmp "a/$tarball" "b c/d/$tarball"
	ok 'the checksum is that of the release' sh -c 'cd a && sha256sum -c --status "$1.sha256"' sh "$tarball"
	is "$(tar tzf "a/$tarball" | sed -e '/\/$/d' -e "s|^${tarball%.tar.gz}/||" | sort)" "$(git -C a ls-files | sort)" \
		'the release has what is committed, in a directory of its own'
	is "${tarball%.tar.gz}" "$("$DAEMONIZE" -V | tr ' ' -)" 'the release has the version in its name'
	make -s -C a clean
	is "$(git -C a status --short --ignored)" '' 'make clean removes the release'
fi
finish
