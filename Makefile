# daemonize, for GNU make and BSD make.  There is nothing to configure.
#
# Set as you like: CC, CFLAGS, CPPFLAGS, LDFLAGS, LDLIBS, HARDEN, DESTDIR,
# PREFIX, BINDIR, MANDIR, BASHCOMPDIR, ZSHCOMPDIR, FISHCOMPDIR.

VERSION = 1.1.0

CC ?= cc
# -Os: most of what a start costs is the pages that it touches.
CFLAGS ?= -Os -g
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d

# For gcc and clang on ELF systems.  Where the compiler or the linker knows less,
# and with -O0: make HARDEN=
HARDEN_LINK = -Wl,-z,relro,-z,now
HARDEN = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE -pie $(HARDEN_LINK)
# The same without what only the linker takes: clang warns of that.
HARDEN_PIE = $(HARDEN:-pie=)
HARDEN_COMPILE = $(HARDEN_PIE:$(HARDEN_LINK)=)

# The user's flags come last, so that they win.  _FILE_OFFSET_BITS and _TIME_BITS
# matter to 32 bits: large files, and years after 2038.  The prefix map keeps
# the name of the build directory out of the program.
ALL_CPPFLAGS = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 \
	-DVERSION='"$(VERSION)"' $(CPPFLAGS)
ALL_CFLAGS = -std=c11 -Wall -Wextra -fno-asynchronous-unwind-tables \
	-fdebug-prefix-map="$$PWD"=. $(CFLAGS)
COMPILE = $(CC) $(HARDEN_COMPILE) $(ALL_CPPFLAGS) $(ALL_CFLAGS)
LINK = $(CC) $(HARDEN) $(ALL_CFLAGS) $(LDFLAGS)
BUILD = $(CC) $(HARDEN) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS)

SRC = \
	src/announce.c \
	src/child.c \
	src/claim.c \
	src/clock.c \
	src/command.c \
	src/compat.c \
	src/control.c \
	src/detach.c \
	src/diag.c \
	src/group.c \
	src/identity.c \
	src/keeper.c \
	src/lock.c \
	src/logger.c \
	src/logtail.c \
	src/main.c \
	src/message.c \
	src/monitor.c \
	src/notify.c \
	src/open.c \
	src/options.c \
	src/path.c \
	src/pidfile.c \
	src/prepare.c \
	src/process.c \
	src/ready.c \
	src/redirect.c \
	src/schedule.c \
	src/signals.c \
	src/signame.c \
	src/spawn.c \
	src/streams.c \
	src/trust.c \
	src/value.c \
	src/words.c
OBJ = $(SRC:.c=.o)

# Programs of the tests, and of the benchmark.
HELPERS = tests/arrange tests/holder tests/inject tests/probe tests/timed tests/warden \
	tests/words
STATIC_CC = musl-gcc
STATIC_OPTIONS = $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -static
BUILD_STATIC = $(STATIC_CC) $(HARDEN) $(STATIC_OPTIONS)
# For musl, which heeds no relro in a static program.  The fewer segments, the
# fewer pages are touched: a start takes 5 % less.  The constants can be executed.
STATIC_FLAGS = -fno-pie -Wl,-z,noseparate-code -Wl,-z,norelro
STATIC = daemonize.static tests/bench/floor.static \
	tests/bench/yardstick.static tests/bench/nothing

# What make install puts there besides the program.
DATA = \
	'$(DESTDIR)$(MANDIR)/man1/daemonize.1' \
	'$(DESTDIR)$(MANDIR)/zh_CN/man1/daemonize.1' \
	'$(DESTDIR)$(BASHCOMPDIR)/daemonize' \
	'$(DESTDIR)$(ZSHCOMPDIR)/_daemonize' \
	'$(DESTDIR)$(FISHCOMPDIR)/daemonize.fish'

DIST = daemonize-$(VERSION)

.SUFFIXES: .c .o .static
.DELETE_ON_ERROR:
.PHONY: all static helpers check check-all bench lint install uninstall \
	clean dist distcheck

all: daemonize

daemonize: $(OBJ)
	$(LINK) -o $@ $(OBJ) $(LDLIBS)

# A header changes all objects: it is a second's work.
$(OBJ): src/*.h Makefile

.c.o:
	$(COMPILE) -c -o $@ $<

# One file that needs no other.  With another libc than musl:
# make static STATIC_CC='gcc -flto' STATIC_FLAGS=
static: daemonize.static

daemonize.static: $(SRC) src/*.h Makefile
	$(STATIC_CC) $(HARDEN) $(STATIC_FLAGS) $(STATIC_OPTIONS) -o $@ $(SRC) $(LDLIBS)

helpers: $(HELPERS)

$(HELPERS) tests/bench/yardstick tests/bench/floor.static \
	tests/bench/yardstick.static: Makefile

tests/arrange tests/inject: tests/calls.h

.c:
	$(BUILD) -o $@ $< $(LDLIBS)

# Without STATIC_FLAGS: the benchmark measures by them, now as before.
.c.static:
	$(BUILD_STATIC) -o $@ $< $(LDLIBS)

# It is the one that tests a module alone.
tests/words: tests/words.c src/words.c src/diag.c src/*.h Makefile
	$(BUILD) -o $@ tests/words.c src/words.c src/diag.c $(LDLIBS)

tests/bench/nothing: tests/bench/nothing.c Makefile
	$(BUILD_STATIC) -o $@ tests/bench/nothing.c $(LDLIBS)

tests/bench/bench: tests/bench/bench.c Makefile
	$(BUILD) -o $@ tests/bench/bench.c $(LDLIBS) -lm

# For one test: tests/run tests/NAME.t
check: all helpers
	tests/run

# The long tests, too: other compilers, libcs and processors, sanitizers, many
# rounds.
check-all: all helpers
	WARDEN_SECONDS=2400 tests/run tests/*.t tests/long/*.t

# How long a caller waits, beside other tools.  Nothing passes or fails.
bench: all $(STATIC) tests/bench/yardstick tests/bench/bench
	tests/bench/bench

lint:
	clang-format --dry-run -Werror src/*.[ch] tests/*.c tests/bench/*.c \
		tests/programs/*.[ch]
	shellcheck -x -S warning tests/elsewhere tests/run tests/*.t tests/long/*.t .ci/run \
		.ci/minimal
	! mandoc -T lint -W style man/daemonize.1 man/zh_CN/daemonize.1 \
		2>/dev/null | grep -v 'referenced manual not found'
	tests/style src/*.[ch]

install: all
	mkdir -p '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(MANDIR)/man1' \
		'$(DESTDIR)$(MANDIR)/zh_CN/man1' '$(DESTDIR)$(BASHCOMPDIR)' \
		'$(DESTDIR)$(ZSHCOMPDIR)' '$(DESTDIR)$(FISHCOMPDIR)'
	cp -f daemonize '$(DESTDIR)$(BINDIR)/daemonize'
	chmod 755 '$(DESTDIR)$(BINDIR)/daemonize'
	cp -f man/daemonize.1 '$(DESTDIR)$(MANDIR)/man1/daemonize.1'
	cp -f man/zh_CN/daemonize.1 '$(DESTDIR)$(MANDIR)/zh_CN/man1/daemonize.1'
	cp -f src/completions/daemonize.bash '$(DESTDIR)$(BASHCOMPDIR)/daemonize'
	cp -f src/completions/_daemonize '$(DESTDIR)$(ZSHCOMPDIR)/_daemonize'
	cp -f src/completions/daemonize.fish \
		'$(DESTDIR)$(FISHCOMPDIR)/daemonize.fish'
	chmod 644 $(DATA)

uninstall:
	rm -f '$(DESTDIR)$(BINDIR)/daemonize' $(DATA)

clean:
	rm -f daemonize $(OBJ) $(HELPERS) $(STATIC) tests/bench/yardstick \
		tests/bench/bench daemonize-*.tar*

# The release of a commit, byte for byte the same whoever makes it: only in a
# checkout, and only what is committed.
dist:
	test -e .git
	git -c tar.umask=0022 archive --prefix=$(DIST)/ -o $(DIST).tar HEAD
	gzip -9nf $(DIST).tar
	sha256sum $(DIST).tar.gz >$(DIST).tar.gz.sha256

# The release as its users meet it: unpacked, built, tested, installed and
# uninstalled, after which nothing is left.
distcheck: dist
	set -e; \
	dir=$$(mktemp -d); \
	trap 'rm -rf "$$dir"' EXIT; \
	trap 'exit 1' HUP INT TERM; \
	chmod 755 "$$dir"; \
	gzip -dc $(DIST).tar.gz >"$$dir/tar"; \
	cd "$$dir"; \
	tar xf tar; \
	mv $(DIST) unpacked; \
	tar xf tar; \
	cd $(DIST); \
	$(MAKE) all; \
	$(MAKE) check; \
	$(MAKE) install DESTDIR="$$dir/root"; \
	$(MAKE) uninstall DESTDIR="$$dir/root"; \
	$(MAKE) clean; \
	find ../root ! -type d >left; \
	test ! -s left; \
	rm left; \
	diff -r ../unpacked .
