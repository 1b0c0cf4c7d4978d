#!/bin/sh
# A compiler that knows no -z, as on macOS, and has glibc's warning, which
# Debian's has not.
case " $* " in
*,-z,*) exit 1 ;;
*-D_FORTIFY_SOURCE*' -O0 '*) echo 'warning: _FORTIFY_SOURCE requires compiling with optimization' >&2 ;;
esac
exec cc "$@"
