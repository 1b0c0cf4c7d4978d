#!/bin/sh
# A compiler whose linker has no -z, as on macOS, and which warns of -O0 with
# _FORTIFY_SOURCE, as glibc does (but not Debian's).
case " $* " in
*,-z,*) exit 1 ;;
*-D_FORTIFY_SOURCE*' -O0 '*) echo 'warning: _FORTIFY_SOURCE requires compiling with optimization' >&2 ;;
esac
exec cc "$@"
