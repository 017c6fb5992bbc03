# dawd: one Makefile, not recursive. `make` builds the release programs, `make VARIANT=asan` another object tree.
#
#   make              build/release/dawd and dawctl          make VARIANT=debug|asan|tsan|mutant …   the same, otherwise
#   make check        all unit tests of the variant          make system-check   tests of the real daemon on a real JACK
#   make VARIANT=fuzz fuzz-check    ten million packets, mutated ones, through the whole language; needs clang
#   make install      programs, manual, service; PREFIX=/usr/local, DESTDIR in front        make uninstall     removes them
#   make rows         docs/testing.md, with what the last scripts/test has measured
#   make soak         everything for hours: HOURS=8
#   make docs         the reference pages and manual pages, from the tables
#   make bench        docs/bench.md, every row beside the peer; ROWS=sine500,flood: those, printed only; ROUNDS=1: quickly
#   make lint         what the house rules can check         make format         clang-format over the tree

VARIANT ?= release
BUILD   := build/$(VARIANT)
VERSION := 0.1.0

CC       ?= gcc
PACKAGES := jack sndfile samplerate libebur128
TEST_PACKAGES := check liblo
CPPFLAGS += -I. -D_GNU_SOURCE -DDAWD_VERSION='"$(VERSION)"'
CFLAGS   += -std=c17 -g -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            -Wno-missing-field-initializers -fno-math-errno -ffp-contract=off $(shell pkg-config --cflags $(PACKAGES))
# All functions are found when a program starts, none at its first call, which may be the audio thread's.
LDFLAGS  += -Wl,--as-needed,-z,relro,-z,now
LDLIBS   += $(shell pkg-config --libs $(PACKAGES)) -lm -lpthread

# Code of the audio thread is optimised in every variant: a debug build must still make its deadlines. Where every access is
# looked at, more than the least is no quicker to run, and takes four times as long to compile.
RT_CFLAGS := $(if $(filter asan tsan,$(VARIANT)),-O1,-O3 -Wstack-usage=16384) -fno-trapping-math

VARIANT_CFLAGS_release := -O2
VARIANT_CFLAGS_debug   := -Og
VARIANT_CFLAGS_asan    := -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
VARIANT_CFLAGS_tsan    := -O1 -g1 -fsanitize=thread -fno-omit-frame-pointer
VARIANT_CFLAGS_mutant  := -O2 -DDAWD_MUTANTS
# For tests/fuzz: clang's, since libFuzzer is; with the mutants, for the fuzzer has to find one.
COVERED := -fsanitize-coverage=inline-8bit-counters,pc-table
VARIANT_CFLAGS_fuzz    := -O2 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer $(COVERED) \
                          -D__SANITIZE_ADDRESS__ -DDAWD_MUTANTS -Wno-unknown-warning-option -Wno-unknown-pragmas \
                          -Wno-bitwise-conditional-parentheses -Wno-bitwise-instead-of-logical
ifeq ($(VARIANT),fuzz)
CC := clang
endif
ifeq ($(origin VARIANT_CFLAGS_$(VARIANT)),undefined)
$(error VARIANT=$(VARIANT) is unknown: release, debug, asan, tsan, mutant or fuzz)
endif
VARIANT_CFLAGS := $(VARIANT_CFLAGS_$(VARIANT))
VARIANT_LDFLAGS := $(filter -fsanitize=%,$(VARIANT_CFLAGS))

# A node is one file in effects/ or synth/; whatever else lives there says so in its name.
NODE_SOURCES := $(sort $(filter-out %_load.c %_disk.c %_rt.c,$(wildcard effects/*.c synth/*.c)))
NODE_NAMES   := $(sort $(notdir $(basename $(NODE_SOURCES))))
FAMILY_NAMES := $(sort $(patsubst osc/family_%.c,%,$(wildcard osc/family_*.c)))
DAWCTL_NAMES := $(sort $(patsubst osc/dawctl_%.c,%,$(wildcard osc/dawctl_*.c)))
MAINS        := daemon/main.c osc/dawctl.c
SOURCES      := $(filter-out $(MAINS),$(wildcard graph/*.c graph/dsp/*.c effects/*.c synth/*.c osc/*.c daemon/*.c))
OBJECTS      := $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/registry.o $(BUILD)/families.o $(BUILD)/subcommands.o
ifneq ($(filter mutant fuzz,$(VARIANT)),)
OBJECTS      += $(BUILD)/tests/mutants.o
endif
RT_OBJECTS   := $(patsubst %.c,$(BUILD)/%.o,$(filter %_rt.c,$(SOURCES)) $(NODE_SOURCES))
TESTS        := $(patsubst %.c,$(BUILD)/%,$(filter-out tests/system/%,$(wildcard tests/*/test_*.c)))
# The sets of instructions that nodes are compared for (test_instruction_sets): of the release build, where there are several.
NODE_SETS    := $(if $(filter release,$(VARIANT)),$(if $(filter x86_64,$(shell uname -m)),x86-64 x86-64-v3))
ifeq ($(NODE_SETS),)
TESTS        := $(filter-out %/test_instruction_sets,$(TESTS))
endif
SYSTEM_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/system/test_*.c))
SYSTEM_RIG   := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/system/test_% tests/system/preload_%,$(wildcard tests/system/*.c)))
UNIT_RIG     := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/mutants.c,$(wildcard tests/*.c)))
FUZZ_RIG     := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/fuzz/test_% tests/fuzz/fuzz.c,$(wildcard tests/fuzz/*.c)))
SOAK_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/soak/*.c))
PRELOADS     := $(patsubst %.c,$(BUILD)/%.so,$(wildcard tests/system/preload_*.c))

# Tests that the mutant build runs too: with a flaw in the program they must fail (tests/system/test_flaws*.c name them).
FLAWED_TESTS := $(addprefix $(BUILD)/,$(sort $(shell grep -ohE '"tests/[a-z0-9_/]+"' tests/system/test_flaws*.c | tr -d '"')))

.PHONY: all bench check fuzz fuzz-check system-check tests rows soak docs install uninstall lint format clean
.SECONDARY:
all: $(BUILD)/dawd $(BUILD)/dawctl $(if $(filter mutant,$(VARIANT)),$(FLAWED_TESTS) $(PRELOADS))

# Everything but the programs' own mains; a program takes from it what it needs, so dawctl links no JACK.
LIBRARY := $(BUILD)/libdawd.a
$(LIBRARY): $(OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^
$(BUILD)/dawd: $(BUILD)/daemon/main.o $(LIBRARY)
	$(CC) $(VARIANT_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/dawctl: $(BUILD)/osc/dawctl.o $(LIBRARY)
	$(CC) $(VARIANT_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# The tables of what the build holds: nodes, families of commands, and what dawctl can do, by the names of their files.
# usage: $(call table,TYPE,SUFFIX,ARRAY,COUNT,HEADER,NAMES)
define table
	@mkdir -p $(@D)
	@{ echo '#include "$(5)"'; \
	   for n in $(6); do echo "extern const struct $(1) $${n}_$(2);"; done; \
	   echo 'const struct $(1) *const $(3)[] = {'; for n in $(6); do echo "    &$${n}_$(2),"; done; \
	   echo '};'; echo 'const unsigned $(4) = $(words $(6));'; } > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
endef
$(BUILD)/registry.c: $(NODE_SOURCES) Makefile
	$(call table,node_class,node,node_registry,n_node_registry,graph/node.h,$(NODE_NAMES))
$(BUILD)/families.c: $(wildcard osc/family_*.c) Makefile
	$(call table,command_family,family,command_families,n_command_families,osc/command.h,$(FAMILY_NAMES))
$(BUILD)/subcommands.c: $(wildcard osc/dawctl_*.c) Makefile
	$(call table,subcommand,subcommand,subcommands,n_subcommands,osc/dawctl.h,$(DAWCTL_NAMES))

$(RT_OBJECTS): EXTRA_CFLAGS := $(RT_CFLAGS) $(if $(filter fuzz,$(VARIANT)),$(COVERED:-f%=-fno-%))
$(BUILD)/tests/%: EXTRA_CPPFLAGS := $(shell pkg-config --cflags $(TEST_PACKAGES) 2>/dev/null)
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(EXTRA_CPPFLAGS) $(CFLAGS) $(VARIANT_CFLAGS) $(EXTRA_CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/%.o: $(BUILD)/%.c
	$(CC) $(CPPFLAGS) $(CFLAGS) $(VARIANT_CFLAGS) -MMD -MP -c -o $@ $<

# A test takes what it needs of what tests share.
RIG := $(BUILD)/tests/librig.a
$(RIG): $(UNIT_RIG) $(SYSTEM_RIG)
	@rm -f $@
	$(AR) rcs $@ $^
$(BUILD)/tests/%: $(BUILD)/tests/%.o $(RIG) $(LIBRARY)
	$(CC) $(VARIANT_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(shell pkg-config --libs $(TEST_PACKAGES))
$(BUILD)/tests/fuzz/test_%: $(BUILD)/tests/fuzz/test_%.o $(FUZZ_RIG) $(UNIT_RIG) $(LIBRARY)
	$(CC) $(VARIANT_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(shell pkg-config --libs $(TEST_PACKAGES))
$(BUILD)/tests/fuzz/fuzz: $(BUILD)/tests/fuzz/fuzz.o $(FUZZ_RIG) $(UNIT_RIG) $(LIBRARY)
	$(CC) -fsanitize=fuzzer,address,undefined $(LDFLAGS) -o $@ $^ $(LDLIBS) $(shell pkg-config --libs $(TEST_PACKAGES))
$(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(LIBRARY)
	$(CC) $(VARIANT_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/tests/system/preload_%.so: tests/system/preload_%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -O2 -fPIC -shared -o $@ $< -ldl

# All nodes for one instruction set in place of the best that the processor has: what a test compares with.
NODES_ALONE := $(NODE_SOURCES) $(wildcard effects/*_rt.c synth/*_rt.c graph/*.c graph/dsp/*.c) $(BUILD)/registry.c
$(BUILD)/tests/nodes_%.so: $(NODES_ALONE) $(wildcard graph/*.h graph/dsp/*.h)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(RT_CFLAGS) -DDAWD_ONE_SET -march=$* -fPIC -shared -o $@ $(NODES_ALONE) -lm

JOBS ?= $(shell nproc)
tests: $(TESTS) $(SYSTEM_TESTS) $(SOAK_PROGRAMS) $(PRELOADS) $(NODE_SETS:%=$(BUILD)/tests/nodes_%.so) all
check: $(TESTS) $(NODE_SETS:%=$(BUILD)/tests/nodes_%.so) all
	@DAWCTL=$(BUILD)/dawctl scripts/run-tests -j $(JOBS) $(TESTS)
# `make VARIANT=fuzz fuzz` builds the fuzzer, fuzz-check is row O1 with it.
fuzz: $(BUILD)/tests/fuzz/fuzz
fuzz-check: fuzz
	@scripts/run-tests tests/fuzz/run

# The lane of a system test is said in its source. "Lane: alone": it measures, and has the machine for itself. "Lane: busy":
# it keeps a processor at work. "Lane: quiet": it waits, but for something that has to come in time, and runs beside its like
# only. Most say nothing: they wait more than they work, and run beside whatever else runs.
LANES ?= waiting busy quiet alone
in_lane       = $(patsubst %.c,$(BUILD)/%,$(shell grep -lE 'Lane: ($(1))' $(wildcard tests/system/test_*.c)))
lane_alone    = $(call in_lane,alone)
lane_busy     = -j $(JOBS) $(call in_lane,busy)
lane_quiet    = -j 3 $(call in_lane,quiet)
lane_waiting  = -j 3 $(filter-out $(call in_lane,alone|busy|quiet),$(SYSTEM_TESTS))
system-check: all $(SYSTEM_TESTS) $(PRELOADS)
	@failed=0; $(foreach lane,$(LANES),scripts/run-tests $(lane_$(lane)) || failed=1;) exit $$failed

rows:
	@scripts/rows write

# Hours of everything at once; W1 to W4 of docs/testing.md.
HOURS ?= 8
soak: all $(SOAK_PROGRAMS) $(PRELOADS)
	@scripts/soak $(HOURS)

# The reference: what docs/source holds, with the tables of the build in it.
REFERENCE := $(BUILD)/scripts/reference/reference
PAGES     := $(patsubst docs/source/%,docs/%,$(wildcard docs/source/*.md)) \
             $(patsubst docs/source/%,docs/man/%,$(wildcard docs/source/*.[1-8]))
$(REFERENCE): $(patsubst %.c,$(BUILD)/%.o,$(wildcard scripts/reference/*.c)) $(LIBRARY)
	$(CC) $(VARIANT_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
docs: $(REFERENCE)
	@for page in $(PAGES); do $(REFERENCE) docs/source/$${page##*/} >$(BUILD)/page && cp $(BUILD)/page $$page || exit 1; done

# What draws the pictures of the reference (scripts/pictures).
PLOT := $(BUILD)/scripts/plot/plot
$(BUILD)/scripts/plot/%: EXTRA_CPPFLAGS := $(shell pkg-config --cflags $(TEST_PACKAGES) 2>/dev/null)
$(PLOT): $(patsubst %.c,$(BUILD)/%.o,$(wildcard scripts/plot/*.c)) $(UNIT_RIG) $(LIBRARY)
	$(CC) $(VARIANT_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(shell pkg-config --libs $(TEST_PACKAGES))

PREFIX    ?= /usr/local
BINDIR    := $(PREFIX)/bin
MANDIR    := $(PREFIX)/share/man
DOCDIR    := $(PREFIX)/share/doc/dawd
COMPLETIONS := $(PREFIX)/share/bash-completion/completions
# Where systemd looks for units; PREFIX must be one of its places: /usr/local, /usr, or ~/.local with those of a user alone.
UNIT_FILES := $(if $(filter %/.local,$(PREFIX)),systemd/user/dawd.service,\
              $(patsubst scripts/systemd/%,systemd/%,$(wildcard scripts/systemd/user/* scripts/systemd/system/*)) sysusers.d/dawd.conf)
UNIT_TREE  := $(PREFIX)/$(if $(filter %/.local,$(PREFIX)),share,lib)
MAN_PAGES := $(foreach page,$(wildcard docs/man/*),$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))
install: all
	install -d $(addprefix $(DESTDIR),$(BINDIR) $(sort $(dir $(MAN_PAGES) $(addprefix $(UNIT_TREE)/,$(UNIT_FILES)))) $(COMPLETIONS) $(addprefix $(DOCDIR)/,pictures sound chains))
	install $(BUILD)/dawd $(BUILD)/dawctl $(DESTDIR)$(BINDIR)
	for page in $(MAN_PAGES); do install -m 644 docs/man/$${page##*/} $(DESTDIR)$$page || exit 1; done
	for unit in $(UNIT_FILES); do sed 's|@bindir@|$(BINDIR)|' scripts/systemd/$${unit#systemd/} >$(BUILD)/unit && \
	    install -m 644 $(BUILD)/unit $(DESTDIR)$(UNIT_TREE)/$$unit || exit 1; done
	install -m 644 scripts/bash-completion/dawctl $(DESTDIR)$(COMPLETIONS)
	install -m 644 LICENSE README.md $(wildcard docs/*.md) $(DESTDIR)$(DOCDIR)
	install -m 644 $(wildcard docs/pictures/*.png) $(DESTDIR)$(DOCDIR)/pictures
	install -m 644 $(wildcard docs/sound/*) $(DESTDIR)$(DOCDIR)/sound
	install -m 644 $(wildcard scripts/chains/*) $(DESTDIR)$(DOCDIR)/chains
uninstall:
	rm -f $(addprefix $(DESTDIR),$(BINDIR)/dawd $(BINDIR)/dawctl $(MAN_PAGES) $(addprefix $(UNIT_TREE)/,$(UNIT_FILES)) $(COMPLETIONS)/dawctl)
	rm -rf $(DESTDIR)$(DOCDIR)

BENCH_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
comma := ,
bench: all $(BENCH_PROGRAMS)
	@tests/bench/run $(BUILD) $(subst $(comma), ,$(ROWS))
lint:
	@scripts/lint
format:
	clang-format -i $$(git ls-files '*.c' '*.h')
clean:
	rm -rf build

-include $(shell find build/$(VARIANT) -name '*.d' 2>/dev/null)
