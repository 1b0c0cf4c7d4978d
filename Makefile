# daemonize.  For GNU make and bmake; there is nothing to configure.
# Yours to set: CC CFLAGS CPPFLAGS LDFLAGS LDLIBS PREFIX BINDIR MANDIR DESTDIR,
# BASHCOMPDIR ZSHCOMPDIR FISHCOMPDIR for the completions.

VERSION = 1.0.0

CC ?= cc
# small: most of what a start costs is pages
CFLAGS ?= -Os -g
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d

# what is installed besides the program
DATA = '$(DESTDIR)$(MANDIR)/man1/daemonize.1' '$(DESTDIR)$(MANDIR)/zh_CN/man1/daemonize.1' \
	'$(DESTDIR)$(BASHCOMPDIR)/daemonize' '$(DESTDIR)$(ZSHCOMPDIR)/_daemonize' \
	'$(DESTDIR)$(FISHCOMPDIR)/daemonize.fish'

# what hardens, as far as CC takes it without a warning beside the user's flags: all of it at once,
# else each that it takes alone (-O0 has no _FORTIFY_SOURCE, and not every linker knows -z)
TRY = o=$$(mktemp); for w in "$$*" "$$@"; do \
	if echo 'int main(void) { return 0; }' | $(CC) -Werror $$w $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) \
		-include stdio.h -x c -o "$$o" - 2>/dev/null; \
	then echo "$$w"; [ "$$w" = "$$*" ] && break; fi; done; rm -f "$$o"
HARDEN_LD = -Wl,-z,relro,-z,now,-z,noexecstack
HARDEN != set -- -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE -pie $(HARDEN_LD); $(TRY)
# without what is only for the linker
HARDEN_CC = $(HARDEN:-pie=)
HARDEN_C = $(HARDEN_CC:$(HARDEN_LD)=)

# the user's flags come last, so that they win; the debug information does not name the directory;
# where it is a choice, as with 32 bits, files may be large and years may come after 2038
ALL_CPPFLAGS = $(HARDEN_C) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 \
	-DVERSION='"$(VERSION)"' $(CPPFLAGS)
ALL_CFLAGS = -std=c11 -Wall -Wextra -fno-asynchronous-unwind-tables \
	-fdebug-prefix-map="$$PWD"=. $(CFLAGS)

HDR = src/child.h src/claim.h src/clock.h src/command.h src/compat.h src/control.h src/detach.h src/diag.h \
	src/exit.h src/group.h src/identity.h src/lock.h src/logtail.h src/message.h src/monitor.h \
	src/notify.h src/open.h src/options.h src/path.h src/pidfile.h src/plan.h src/prepare.h src/process.h src/ready.h \
	src/schedule.h src/signals.h src/signame.h src/streams.h src/value.h
OBJ = src/child.o src/claim.o src/clock.o src/command.o src/compat.o src/control.o src/detach.o src/diag.o \
	src/group.o src/identity.o src/lock.o src/logtail.o src/main.o src/message.o src/monitor.o \
	src/notify.o src/open.o src/options.o src/path.o src/pidfile.o src/prepare.o src/process.o src/ready.o src/schedule.o \
	src/signals.o src/signame.o src/streams.o src/value.o
HELPERS = tests/arrange tests/holder tests/inject tests/probe tests/warden
# of the bench
STATIC_CC = musl-gcc
STATIC = daemonize.static tests/floor.static tests/yardstick.static tests/nothing

all: daemonize

daemonize: $(OBJ)
	$(CC) $(HARDEN) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(OBJ) $(LDLIBS)

$(OBJ): $(HDR) Makefile

$(HELPERS): Makefile

# one small file that needs nothing: make static, or STATIC_CC='gcc -flto' with another libc
static: daemonize.static

daemonize.static: $(HDR) $(OBJ:.o=.c) Makefile
	$(STATIC_CC) $(HARDEN) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -static -o $@ $(OBJ:.o=.c) $(LDLIBS)

tests/floor.static tests/yardstick.static: Makefile

tests/nothing: tests/nothing.c Makefile
	$(STATIC_CC) $(HARDEN) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -static -o $@ tests/nothing.c $(LDLIBS)

tests/bench: tests/bench.c Makefile
	$(CC) $(HARDEN) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -o $@ tests/bench.c $(LDLIBS) -lm

.SUFFIXES: .c .o .static
.c.static:
	$(STATIC_CC) $(HARDEN) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -static -o $@ $< $(LDLIBS)
.c.o:
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<
.c:
	$(CC) $(HARDEN) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(LDLIBS)

helpers: $(HELPERS)

# every test; a single one: tests/run tests/NAME.t
check: all helpers
	tests/run

# and the long ones: other compilers and libcs, sanitizers, many rounds
check-all: all helpers
	WARDEN_SECONDS=2400 tests/run tests/*.t tests/long/*.t

# how long a caller waits, beside other tools: no pass or fail; needs musl-gcc
bench: all $(STATIC) tests/yardstick tests/bench
	tests/bench

lint:
	clang-format --dry-run -Werror src/*.[ch] tests/*.c
	shellcheck -x -S warning tests/run tests/*.t tests/long/*.t .ci/run
	! mandoc -T lint -W style man/daemonize.1 man/zh_CN/daemonize.1 2>/dev/null | grep -v 'referenced manual not found'

install: all
	mkdir -p '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(MANDIR)/man1' '$(DESTDIR)$(MANDIR)/zh_CN/man1' \
		'$(DESTDIR)$(BASHCOMPDIR)' '$(DESTDIR)$(ZSHCOMPDIR)' '$(DESTDIR)$(FISHCOMPDIR)'
	cp -f daemonize '$(DESTDIR)$(BINDIR)/daemonize'
	chmod 755 '$(DESTDIR)$(BINDIR)/daemonize'
	cp -f man/daemonize.1 '$(DESTDIR)$(MANDIR)/man1/daemonize.1'
	cp -f man/zh_CN/daemonize.1 '$(DESTDIR)$(MANDIR)/zh_CN/man1/daemonize.1'
	cp -f src/completions/daemonize.bash '$(DESTDIR)$(BASHCOMPDIR)/daemonize'
	cp -f src/completions/_daemonize '$(DESTDIR)$(ZSHCOMPDIR)/_daemonize'
	cp -f src/completions/daemonize.fish '$(DESTDIR)$(FISHCOMPDIR)/daemonize.fish'
	chmod 644 $(DATA)

uninstall:
	rm -f '$(DESTDIR)$(BINDIR)/daemonize' $(DATA)

clean:
	rm -f daemonize $(OBJ) $(HELPERS) $(STATIC) tests/yardstick tests/bench daemonize-*.tar*

# the release that a commit makes, and always the same: only in a checkout, and of what is committed
DIST = daemonize-$(VERSION)
dist:
	test -e .git
	git -c tar.umask=0022 archive --prefix=$(DIST)/ -o $(DIST).tar HEAD
	gzip -9nf $(DIST).tar
	sha256sum $(DIST).tar.gz >$(DIST).tar.gz.sha256

# the release as others meet it: built, tested, installed and removed again; nothing is left
distcheck: dist
	set -e; d=$$(mktemp -d); trap 'rm -rf "$$d"' EXIT; trap 'exit 1' HUP INT TERM; \
	chmod 755 "$$d"; gzip -dc $(DIST).tar.gz >"$$d/tar"; cd "$$d"; \
	tar xf tar; mv $(DIST) unpacked; tar xf tar; cd $(DIST); \
	$(MAKE) all; $(MAKE) check; \
	$(MAKE) install DESTDIR="$$d/root"; $(MAKE) uninstall DESTDIR="$$d/root"; \
	$(MAKE) clean; find ../root ! -type d >left; test ! -s left; rm left; diff -r ../unpacked .

.PHONY: all static helpers check check-all bench lint install uninstall clean dist distcheck
.DELETE_ON_ERROR:
