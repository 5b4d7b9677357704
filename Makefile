# SPDX-License-Identifier: GPL-2.0-or-later
#
# Works without configure; configure only writes settings.mk.

-include settings.mk
O ?= build

TAPSET = $(patsubst tapset/%,%,$(wildcard tapset/linux/*.stp))
RUNTIME = $(wildcard runtime/*.h)

all: tapset

tapset: $(addprefix $(O)/,$(TAPSET))

# A tapset file has to hold its C code itself: stap has no include path for it.
$(O)/%.stp: tapset/%.stp $(RUNTIME) runtime/include.awk
	@mkdir -p $(@D)
	awk -f runtime/include.awk $< >$@.new
	mv $@.new $@

.PHONY: all tapset
