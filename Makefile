# daemonize: for GNU make and bmake.  There is no configure step: set CC,
# CFLAGS, CPPFLAGS, LDFLAGS, PREFIX, BINDIR, MANDIR, DESTDIR as you like.

VERSION = 0.1.0

CC ?= cc
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man

ALL_CPPFLAGS = -D_GNU_SOURCE -DVERSION='"$(VERSION)"' $(CPPFLAGS)
ALL_CFLAGS = -std=c11 -Wall -Wextra $(CFLAGS)

HDR = src/become.h src/command.h src/compat.h src/detach.h \
	src/exit.h src/options.h src/path.h src/plan.h src/report.h \
	src/say.h src/signals.h src/streams.h
OBJ = src/become.o src/command.o src/compat.o src/detach.o \
	src/main.o src/options.o src/path.o src/plan.o src/report.o \
	src/say.o src/signals.o src/streams.o
HELPERS = tests/arrange tests/probe tests/warden

all: daemonize

daemonize: $(OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(OBJ) $(LDLIBS)

.SUFFIXES: .c .o
.c.o:
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(OBJ): $(HDR) Makefile
