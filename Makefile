# SPDX-License-Identifier: GPL-2.0-or-later
#
# Works without configure, which only writes settings.mk.  That file can set
# prefix and the other directories of `make install`.
#
#   make               the tapset, ready to use from build/tapset; manual pages
#   make demo          runs top, life, latency on live traffic (NATIVE=1: here)
#   make check         the most important tests (some: T="exact" ROWS="6.12 7.2")
#   make check-all     the same on more rows of the lab
#   make check-quick   the quick tests, which need no lab
#   make check-host    all tests that need no lab
#   make lint          checks all files: linters, licenses, wording
#   make debug-kernels builds debug kernels for the lab; half an hour
#   make check-debug   all tests on debug kernels; make check runs two of them
#   make check-slow    stap inside guests, and a row added: slow if emulated
#   make check-builds  compiles everything for all kernels in the archive: hours
#                      (ARCHES="s390x", KERNELS="7.*", SCRIPTS="module top")
#   make check-stock   the distributed tapset on the traffic of the tests
#   make check-packages  installs, upgrades and removes the packages, as root, in
#                      scratch roots of Debian (ROOTS="sid")
#   make stress        storms of traffic (ROWS="6.12 5.10", STORMS="load end")
#   make bench         the cost of a probe, in instructions (ROWS="6.12 7.2")
#   make bench-compare BASE=REV   compares it with that in another commit
#   make bench-rivals  installs other tracers in the lab, for make bench
#   make samples       captures examples/*.txt and the samples in the scripts
#                      (ROW=6.12, SAMPLES="top life"; all by default)
#   make fuzz          fuzzes parsers for FUZZ_TIME seconds each (600)
#   make survey        builds build/survey, which compares a kernel with the tables
#   make install       installs in prefix (/usr/local), below DESTDIR; replaces no
#                      file but its own, recorded in share/socket-tapset/installed
#   make uninstall     removes what is recorded there
#   make install-override    installs, also in the place of systemtap's tapset;
#                      to be repeated when systemtap was upgraded
#   make uninstall-override  restores systemtap's tapset
#   make dist          makes build/socket-tapset-VERSION.tar.gz, the same everywhere
#   make distcheck     builds, tests and installs from that, without git
#   make deb           builds Debian's packages from that, in build/deb
#   make rpm           builds RPM packages from that, in build/rpm
#   make upstream PREFIX=DIR   writes the tapset as files of systemtap's source tree
#   make check-upstream    applies that to systemtap's source package and tests it
#   make clean         removes build
#   make distclean     also removes what configure made
#   make help          prints this list; V=1 with any target shows its commands

-include settings.mk

prefix ?= /usr/local
bindir ?= $(prefix)/bin
libexecdir ?= $(prefix)/libexec
datadir ?= $(prefix)/share
docdir ?= $(datadir)/doc/socket-tapset
pkgdatadir ?= $(datadir)/socket-tapset
mandir ?= $(datadir)/man
completionsdir ?= $(datadir)/bash-completion/completions
zshdir ?= $(datadir)/zsh/site-functions
fishdir ?= $(datadir)/fish/vendor_completions.d
CC ?= cc
CFLAGS ?= -O2 -g
INSTALL ?= install
O ?= build
# make itself loses the ./ in some places and not in others.
override O := $(patsubst ./%,%,$(O))

# A word for the shell.
quoted = '$(subst ','\'',$(1))'

# Each step prints one short line; V=1 shows the commands.
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = @printf '  %-8s %s\n' $(1) $(2)

TAPSET := $(patsubst tapset/%,%,$(wildcard tapset/linux/*.stp))
# The functions and macros of the tools, which are not part of the tapset.
LIB := $(patsubst examples/%,%,$(wildcard examples/lib/*))
DERIVED := $(O)/runtime/socket_derived.h
# Files made from the table of kernel functions, and from that of a socket's values.
FUNCTIONS := $(patsubst %,$(O)/runtime/socket_%,scopes_derived.h handlers_derived.h \
	gates_derived.h \
	probes_derived.stp)
VALUES := $(patsubst %,$(O)/runtime/socket_%_derived.stp,values functions readers)
RUNTIME := $(wildcard runtime/*.h) runtime/include.awk $(DERIVED) $(FUNCTIONS) $(VALUES)
EXAMPLES := $(wildcard examples/*.stp examples/*.meta examples/*.txt)
# A script with a line @socket_tool is a tool of stap-socket.
TOOLS := $(patsubst examples/%.stp,%,$(shell grep -l '@socket_tool' examples/*.stp))
# What stap-socket check --probes runs: its program, its script.
SELF_TEST := $(O)/self-test $(O)/doc/self-test.stp
PAGES := $(O)/man/stap-socket.8 $(O)/man/stap-socket-run.8
MAN := $(PAGES) $(TOOLS:%=$(O)/man/stap-socket-%.8)
# The pages of section 3stap.  Their names have colons, which a make target cannot have:
# the target is a list of them.
MAN3 := $(O)/man/man3.list
WARN := -Wall -Wextra -Werror

all: tapset $(O)/doc/socket-names.txt $(O)/doc/version $(O)/stap-socket $(SELF_TEST) manual

manual: $(MAN) $(MAN3)

tapset: $(addprefix $(O)/tapset/,$(TAPSET)) $(addprefix $(O)/,$(LIB))
	@# stap reads every file there is, also one of an earlier version.
	$(Q)rm -f $(filter-out $^ %.new,$(wildcard $(O)/tapset/linux/* $(O)/lib/*))

# Made from the lists of names: checks, and an index for lookups.
$(DERIVED): runtime/socket_tables.h runtime/tables.awk
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)awk -f runtime/tables.awk $< >$@.new
	$(Q)mv $@.new $@

$(FUNCTIONS): runtime/functions.tbl runtime/table.awk runtime/functions.awk
$(VALUES): runtime/values.tbl runtime/table.awk runtime/values.awk
$(FUNCTIONS) $(VALUES): $(O)/runtime/socket_%:
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)awk -v make=$(firstword $(subst _, ,$*)) $(addprefix -f ,$(filter %.awk,$^)) \
		$(filter %.tbl,$^) >$@.new
	$(Q)mv $@.new $@

# stap has no include path for tapsets: each tapset file includes its C code literally.
$(O)/tapset/%.stp: tapset/%.stp $(RUNTIME)
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)awk -v made=$(O) -f runtime/include.awk $< >$@.new
	$(Q)mv $@.new $@

$(O)/lib/%: examples/lib/%
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)cp $< $@

# The command.  Beside it are links to what make does not make, so that it finds all of its
# files in the same places below $(O).
COMMAND := $(filter-out src/self-test.c,$(wildcard src/*.c))

$(O)/examples $(O)/bin:
	$(Q)mkdir -p $(@D)
	$(Q)ln -sfnrT $(@F) $@

# The same bytes in any directory.
MAPPED = -ffile-prefix-map=$(call quoted,$(CURDIR)=.)

LIBS := -lmd -lncurses -ltinfo
# Their headers and that of liburing, and the packages that have them.
HEADERS := /usr/include/sha2.h=libmd-dev /usr/include/curses.h=libncurses-dev \
	/usr/include/liburing.h=liburing-dev
# Debian's packages are built with these, and dpkg-dev only recommends the last one.
DEB_NEEDS := dh=debhelper dpkg-buildpackage=dpkg-dev $(HEADERS) \
	/usr/share/build-essential=build-essential

# The way from bindir to libexecdir.
LIBEXEC := $(shell realpath -ms --relative-to=$(call quoted,$(bindir)) $(call quoted,$(libexecdir)))
$(O)/libexec: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(LIBEXEC)' | cmp -s - $@ || echo '$(LIBEXEC)' >$@

# One that needs no library draws the records of tools in guests, whose C libraries are older.
static := $(O)/stap-socket-static
$(static): static_flags := -static -Wl,--no-warnings

$(O)/stap-socket $(static): $(COMMAND) src/stap-socket.h runtime/socket_tables.h $(O)/libexec \
		| $(O)/examples $(O)/bin
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(MAPPED) -Wall -Wextra -DLIBEXEC='"$(LIBEXEC)"' $(LDFLAGS) \
		$(static_flags) -o $@.new $(COMMAND) $(LIBS)
	$(Q)mv $@.new $@

# With the calls of io_uring where there is liburing.
URING = $(shell echo '\#include <liburing.h>' | $(CC) -E - >/dev/null 2>&1 && \
	echo -DHAVE_LIBURING -luring)

$(O)/self-test: src/self-test.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(MAPPED) -Wall -Wextra $(LDFLAGS) -o $@.new $< $(URING)
	$(Q)mv $@.new $@

$(O)/doc/self-test.stp: src/self-test.stp
	$(Q)mkdir -p $(@D)
	$(Q)cp $< $@

# Every name and number, for readers.
$(O)/doc/socket-names.txt: runtime/socket_tables.h runtime/tables.awk
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)awk -v doc=1 -f runtime/tables.awk $< >$@.new
	$(Q)mv $@.new $@

$(O)/doc/version: configure.ac
	$(Q)mkdir -p $(@D)
	$(Q)sed -n 's/^AC_INIT(\[[^]]*\], \[\([^]]*\)\]).*/\1/p' $< >$@

$(PAGES): $(O)/man/%: man/% $(O)/doc/version
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)sed "s/@VERSION@/$$(cat $(O)/doc/version)/" $< >$@

# The manual page of a tool is made from the comment at the head of its script.
$(O)/man/stap-socket-%.8: examples/%.stp man/roff.awk man/tool.awk src/records.c $(O)/doc/version
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)awk -v tool=$* -v version="$$(cat $(O)/doc/version)" \
		-f man/roff.awk -f man/tool.awk src/records.c $< >$@.new
	$(Q)mv $@.new $@

# The manual of the tapset: a page for each probe and each function, and an overview.
DOCUMENTED := runtime/functions.tbl runtime/values.tbl $(addprefix $(O)/tapset/linux/, \
	socket_points.stp socket.stp socket_tcp.stp socket_filters.stp socket_accounts.stp \
	socket_accounts_timed.stp socket_names.stp socket_values.stp) man/tapset-socket.3stap

$(MAN3): man/roff.awk man/pages.awk $(DOCUMENTED) $(O)/doc/version
	$(call say,GEN,$(@D)/man3)
	$(Q)rm -rf $(@D)/man3
	$(Q)mkdir -p $(@D)/man3
	$(Q)awk -v out=$(@D)/man3 -v version="$$(cat $(O)/doc/version)" \
		-v table=$(O)/doc/interface.tbl -f man/roff.awk -f man/pages.awk $(DOCUMENTED)
	$(Q)ls $(@D)/man3 >$@

# ---------------------------------------------------------------- tests

traffic := $(O)/traffic
unit := $(O)/unit-names

$(traffic): $(wildcard testsuite/workload/*.c testsuite/workload/*.h)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(WARN) -static -pthread -o $@ $(filter %.c,$^) -luring

$(unit): testsuite/unit/names.c testsuite/unit/host.h $(wildcard runtime/socket_*.h) $(DERIVED)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(WARN) -fsanitize=address,undefined \
		-I. -I$(O) -o $@ $< -lcmocka

classes := $(O)/unit-classes

$(classes): testsuite/unit/classes.c runtime/socket_classes.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(WARN) -fsanitize=address,undefined -I. -o $@ $<

nbd := $(O)/nbd

$(nbd): testsuite/kernel-callers/nbd.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(WARN) -static -o $@ $<

races := $(O)/races

$(races): testsuite/races/races.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(WARN) -static -pthread -o $@ $<

storm := $(O)/storm

$(storm): testsuite/storms/storm.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(WARN) -static -pthread -o $@ $<

guards := $(O)/guards

$(guards): testsuite/guards/guards.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(WARN) -static -pthread -o $@ $<

# Fuzzes the name parsers; the dictionary has all names.
fuzz := $(O)/fuzz-names
FUZZ_TIME ?= 600

$(fuzz): testsuite/fuzz/names.c testsuite/unit/host.h \
		$(wildcard runtime/socket_*.h) $(DERIVED)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)clang -g -O1 -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -I. -I$(O) -o $@ $<
	$(Q)grep -o '"[^"]*"' runtime/socket_tables.h | grep -v '[ :]' | \
		sort -u >$@.dict

# Compares a kernel with the tables of runtime/: all functions and members that are needed.
survey := $(O)/survey
# All that draws records.
fuzz_records := $(O)/fuzz-records
$(fuzz_records): testsuite/fuzz/records.c $(COMMAND) src/stap-socket.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		-Dmain=stap_socket_main -DLIBEXEC='"$(LIBEXEC)"' -o $@ $< $(COMMAND) $(LIBS)

fuzz_survey := $(O)/fuzz-survey
SURVEY := $(wildcard testsuite/survey/*.c)
SURVEY_FLAGS := -D_GNU_SOURCE -DSURVEY_RUNTIME='"$(abspath runtime)"'
SURVEY_LIBS := -lbpf -ldw -lelf

survey: survey-needs $(survey)

survey-needs:
	$(Q)testsuite/lab/need $(CC)=gcc /usr/include/gelf.h=libelf-dev \
		/usr/include/elfutils/libdw.h=libdw-dev /usr/include/bpf/btf.h=libbpf-dev \
		zstd=zstd lz4=lz4 xz=xz-utils bzip2=bzip2

$(survey): $(SURVEY) testsuite/survey/survey.h | survey-needs
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(WARN) $(SURVEY_FLAGS) -o $@ $(SURVEY) $(SURVEY_LIBS)

$(fuzz_survey): testsuite/fuzz/survey.c $(SURVEY) testsuite/survey/survey.h | survey-needs
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -O1 -g $(WARN) $(SURVEY_FLAGS) -Dmain=survey_main -Dexit=survey_exit \
		-Datexit=survey_atexit -c -o $@.o \
		-fsanitize=address,undefined -fno-sanitize-recover=all testsuite/survey/survey.c
	$(Q)$(CC) -O1 -g $(WARN) $(SURVEY_FLAGS) -o $@ \
		-fsanitize=address,undefined -fno-sanitize-recover=all $@.o $< \
		$(filter-out %/survey.c,$(SURVEY)) $(SURVEY_LIBS)

fuzz: check-needs $(fuzz) $(fuzz_records)
	$(Q)O=$(abspath $(O)) testsuite/fuzz/run $(FUZZ_TIME)
	$(Q)O=$(abspath $(O)) testsuite/fuzz/run $(FUZZ_TIME) records

check-needs: survey-needs
	$(Q)testsuite/lab/need gcc=gcc $(CC)=gcc prove=perl \
		/usr/include/cmocka.h=libcmocka-dev $(HEADERS) \
		/etc/protocols=netbase \
		/usr/lib/python3/dist-packages/pyte=python3-pyte \
		autoconf=autoconf clang=clang man=man-db script=bsdutils \
		valgrind=valgrind zsh=zsh fish=fish apparmor_parser=apparmor bpftool=bpftool pahole=dwarves objcopy=binutils
	$(Q)echo 'int LLVMFuzzerTestOneInput() { return 0; }' | clang -x c \
		-fsanitize=fuzzer,address -o /dev/null - 2>/dev/null || \
		testsuite/lab/need 'no libFuzzer'=libclang-rt-dev

# ROWS as given by the user, without the default below.
ASKED_ROWS = $(if $(filter command line environment,$(origin ROWS)),$(ROWS))

# clang-format of one version: others format differently.
LINTERS := git=git shellcheck=shellcheck clang-format-19=clang-format-19 cppcheck=cppcheck \
	mandoc=mandoc codespell=codespell reuse=reuse

lint: tapset manual
	$(Q)testsuite/lab/need $(LINTERS)
	$(Q)O=$(abspath $(O)) testsuite/t/quick-lint.t

# The groups of testsuite/run.
QUICK := quick
CHECK := quick host lab debug

check-quick: check-needs
	$(Q)testsuite/lab/need $(LINTERS)
	$(Q)+$(MAKE) --no-print-directory all $(traffic) $(unit) $(classes) $(fuzz) $(fuzz_records) $(nbd) \
		$(races) $(guards) $(static) $(survey) $(fuzz_survey)
	$(Q)O=$(abspath $(O)) testsuite/run $(QUICK)

check-host:
	$(Q)+$(MAKE) --no-print-directory check-quick QUICK='quick host'

check-slow: check-needs
	$(Q)testsuite/lab/need $(DEB_NEEDS)
	$(Q)testsuite/lab/lab up 6.12 >/dev/null
	$(Q)O=$(abspath $(O)) testsuite/run slow

check: check-needs
	$(Q)testsuite/lab/need $(LINTERS)
	$(Q)testsuite/run --list $(CHECK) >/dev/null
	$(Q)testsuite/lab/lab up $(ASKED_ROWS)
	$(Q)+$(MAKE) --no-print-directory all $(traffic) $(unit) $(classes) $(fuzz) $(fuzz_records) $(nbd) \
		$(races) $(guards) $(static) $(storm) $(loop) $(survey) $(fuzz_survey)
	$(Q)O=$(abspath $(O)) testsuite/run $(CHECK)

check-all:
	$(Q)testsuite/lab/need $(DEB_NEEDS)
	$(Q)+$(MAKE) --no-print-directory check CHECK='$(CHECK) all'

# Rows with debug kernels, which report wrong locking, use of freed memory and sleeping in a
# handler.  Only some machines have them.
DEBUG_ROWS := 6.12-debug 6.1-debug 6.12-rt

debug-kernels:
	$(Q)testsuite/lab/lab up $(DEBUG_ROWS)

check-debug: check-needs
	$(Q)+$(MAKE) --no-print-directory tapset $(static) $(traffic) $(races)
	$(Q)O=$(abspath $(O)) DEMAND_DEBUG=1 testsuite/run debug deep

loop := $(O)/loop

$(loop): testsuite/bench/loop.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(WARN) -static -o $@ $<

# The cost of a probe; PARTS are those of testsuite/bench/run.  (`lab up` prints all rows,
# also those that are not measured.)
ROWS ?= 5.10 6.1 6.12 7.2
PARTS ?= events,scale,start,memory
bench: check-needs tapset $(loop)
	$(Q)testsuite/lab/lab up $(ROWS) >/dev/null
	$(Q)O=$(abspath $(O)) LOOP=$(abspath $(loop)) testsuite/bench/run \
		--parts $(PARTS) $(ROWS)

# The instructions of events in the commit BASE, and now.  (exec: when make gets a signal, it
# passes it to its child, and a shell would not pass it on.)
bench-compare: check-needs $(loop)
	$(Q)testsuite/lab/lab up $(ROWS) >/dev/null
	$(Q)exec env O=$(abspath $(O)) LOOP=$(abspath $(loop)) testsuite/bench/compare \
		'$(BASE)' $(ROWS)

# Installs bpftrace, libbpf-tools, and the debuginfo for the distributed tapset in the lab.
bench-rivals: check-needs
	$(Q)testsuite/lab/lab up $(ROWS) >/dev/null
	$(Q)testsuite/lab/lab rivals $(ROWS)

# Everything compiled for all kernels in the archive; continues an interrupted run.
check-builds: check-needs tapset
	$(Q)testsuite/lab/lab up 6.12 >/dev/null
	$(Q)exec env O=$(abspath $(O)) ARCHES="$(ARCHES)" KERNELS="$(KERNELS)" \
		SCRIPTS="$(SCRIPTS)" testsuite/builds/run

# The distributed tapset on the same traffic, on rows with kernel debuginfo.
check-stock: check-needs
	$(Q)+$(MAKE) --no-print-directory $(traffic)
	$(Q)for row in 5.10 6.1 6.1-old 6.12 7.2; do \
		O=$(abspath $(O)) testsuite/exact/stock $$row; \
	done

# On all rows that are built, or on ROWS; continues an interrupted run.
STORMS ?=
stress: check-needs
	$(Q)testsuite/lab/lab up $(ASKED_ROWS) \
		>/dev/null
	$(Q)exec env O=$(abspath $(O)) testsuite/storms/run --storms "$(STORMS)" \
		--rows "$(ASKED_ROWS)"

# The packages, installed and removed in scratch roots.
check-packages:
	$(Q)testsuite/lab/need $(DEB_NEEDS) \
		piuparts=piuparts mmdebstrap=mmdebstrap rpmbuild=rpm rpmlint=rpmlint
	$(Q)exec testsuite/packages/run $(O)/packages $(ROOTS)

demo:
	$(Q)testsuite/demo/demo

# The output of the tools on a row of the lab, with their explanation.
ROW ?= 6.12
SAMPLES ?=
samples:
	$(Q)testsuite/lab/lab up $(ROW)
	$(Q)O=$(abspath $(O)) testsuite/samples/run --row $(ROW) $(SAMPLES)

# ---------------------------------------------------------------- installation

# The tapset and its pages are in pkgdatadir: stap-socket-run puts the tapset in front of
# systemtap's, whose files stay as they are.  Only install-override takes their place.
# environment NAME...: the variables, for a script
environment = $(foreach name,$(1),$(name)=$(call quoted,$($(name))))

# Where the installed stap looks for a tapset, and man for its pages.
stap_prefix = $(or $(shell s=$$(command -v stap) && s=$$(readlink -f "$$s") && \
	case $$s in (*/bin/stap) echo "$${s%/bin/stap}" ;; esac),$(prefix))
tapsetdir ?= $(stap_prefix)/share/systemtap/tapset
man3dir ?= $(stap_prefix)/share/man/man3
run_override = $(call environment,DESTDIR pkgdatadir tapsetdir man3dir) packaging/override
run_install = $(call environment,DESTDIR bindir libexecdir pkgdatadir docdir mandir \
	completionsdir zshdir fishdir O INSTALL MAN EXAMPLES) LIB='$(addprefix $(O)/,$(LIB))' \
	TAPSET='$(addprefix $(O)/tapset/,$(TAPSET))' packaging/install

install: all
	$(call say,INSTALL,$(call quoted,$(DESTDIR)$(pkgdatadir)))
	$(Q)$(run_install) put

install-override: install
	$(call say,OVERRIDE,$(call quoted,$(DESTDIR)$(tapsetdir)/linux/socket.stp))
	$(Q)$(run_override) install

uninstall-override:
	$(Q)$(run_override) remove

uninstall: uninstall-override
	$(call say,REMOVE,$(call quoted,$(DESTDIR)$(pkgdatadir)))
	$(Q)$(run_install) remove

# ---------------------------------------------------------------- releases

# Below $(O), which is not in the way of git.
dist:
	$(Q)packaging/dist $(O)

distcheck:
	$(Q)packaging/distcheck "$$(packaging/dist $(O))"

# Debian's packages, with what `debhelper` and others need.
deb:
	$(Q)testsuite/lab/need $(DEB_NEEDS)
	$(Q)packaging/deb "$$(packaging/dist $(O))" $(O)/deb

rpm:
	$(Q)testsuite/lab/need rpmbuild=rpm $(HEADERS)
	$(Q)packaging/rpm "$$(packaging/dist $(O))" $(O)/rpm

# The tapset in the form of systemtap's source tree.
upstream: tapset manual
	$(Q)[ -n "$(PREFIX)" ] || { echo 'usage: make upstream PREFIX=DIRECTORY' >&2; exit 2; }
	$(Q)O=$(abspath $(O)) packaging/upstream/write "$(PREFIX)"

check-upstream: check-needs tapset manual
	$(Q)testsuite/lab/need git=git runtest=dejagnu expect=expect xsltproc=xsltproc xmlto=xmlto \
		dbilogstrip=libdbi-perl /usr/share/doc/libdbd-sqlite3-perl=libdbd-sqlite3-perl \
		/usr/share/doc/libhtml-parser-perl=libhtml-parser-perl \
		/usr/lib/python3/dist-packages/lxml=python3-lxml
	$(Q)testsuite/lab/lab up $(ROW) >/dev/null
	$(Q)exec env O=$(abspath $(O)) testsuite/upstream/run $(O)/upstream $(ROW) $(call quoted,$(CHECKOUT))

clean:
	$(Q)rm -rf $(O)

distclean: clean
	$(Q)rm -rf settings.mk configure config.log config.status autom4te.cache

# The list at the head of this file.
help:
	@sed -n 's/^#   //p' $(firstword $(MAKEFILE_LIST))

# Unknown targets.  make itself asks for the two files below.
.DEFAULT:
	@echo "make: nothing makes '$@'; 'make help' lists the targets" >&2; exit 2
Makefile settings.mk: ;

FORCE:
.PHONY: all tapset manual fuzz survey survey-needs lint check-needs check-quick check-host check-slow check debug-kernels \
	check-all check-builds check-debug stress bench bench-compare bench-rivals check-stock check-packages demo samples \
	install uninstall install-override uninstall-override dist distcheck deb rpm upstream check-upstream \
	clean distclean help
