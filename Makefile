# kiaim: anonymization in PostgreSQL.
#
#   make            builds the extension           make install       installs it
#   make demo       the demonstration              make installcheck  the tutorial on a running server
#   make check      all tests                      make bench         the benchmarks
#   make check-valgrind                            all SQL tests under a memory checker
#
# demo, check, check-valgrind and bench install what they need from Debian,
# start a throwaway server of their own and leave the machine's servers alone:
# see test/run. The other goals are PGXS as usual; PG_CONFIG chooses the server.

PG_CONFIG ?= pg_config

OWN_GOALS = demo check check-valgrind bench
ifneq ($(filter $(OWN_GOALS),$(MAKECMDGOALS)),)

# These goals must work before there is any pg_config, and PGXS has a check of
# its own that does nothing: so PGXS stays out, and other goals get their own make.
.NOTPARALLEL:
.PHONY: $(MAKECMDGOALS)
$(OWN_GOALS):
	@exec env MAKEFLAGS='$(if $(MAKEOVERRIDES),-- $(MAKEOVERRIDES))' MAKELEVEL= bash test/run $@
$(filter-out $(OWN_GOALS),$(MAKECMDGOALS)):
	+@$(MAKE) --no-print-directory $@

else

EXTENSION = kiaim
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" kiaim.control)
MODULE_big = kiaim

ROOMS = numeric generalize frame privacy anonymize risk synthesize release
# Pages of the room "risk", none of which needs another.
SQL_RISK = $(patsubst sql/%.sql,%,$(sort $(wildcard sql/risk_*.sql)))
# Pages of the room "synthesize", in this order.
SQL_SYNTHESIZE = synthesize synthesize_sample synthesize_related
SQL_ROOMS = generalize generalize_typed privacy anonymize microaggregation steps risk $(SQL_RISK) $(SQL_SYNTHESIZE) release release_steps recoding release_recoding release_publish release_synthesize release_verify release_verify_table release_ledger release_composition

OBJS = $(patsubst %.c,%.o,$(wildcard src/*.c $(foreach r,$(ROOMS),src/$(r)/*.c)))
ROOM_HEADERS = $(wildcard src/*.h $(foreach r,$(ROOMS),src/$(r)/*.h))

DATA_built = $(EXTENSION)--$(EXTVERSION).sql
EXTRA_CLEAN = $(DATA_built) build

PG_CPPFLAGS = -I$(srcdir)/src
WARNINGS = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers -Wno-declaration-after-statement
PG_CFLAGS = -std=gnu11 $(WARNINGS)
SHLIB_LINK = -lm

REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test --outputdir=build/regress --load-extension=kiaim

PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifeq ($(wildcard $(PGXS)),)
$(error no PostgreSQL to build against: install postgresql-server-dev-15 (or another version) or set PG_CONFIG; "make demo" and "make check" do that themselves)
endif
include $(PGXS)

# Objects of another server version, compiler or set of flags are stale: this
# file is rewritten when any of them changes.
BUILT_FOR = build/built-for
BUILDING_FOR = $(VERSION) $(includedir_server) $(CC) $(COPT)
$(shell mkdir -p build; echo '$(BUILDING_FOR)' | cmp -s - $(BUILT_FOR) || echo '$(BUILDING_FOR)' >$(BUILT_FOR))

$(OBJS) $(OBJS:.o=.bc): $(ROOM_HEADERS) $(BUILT_FOR)

$(DATA_built): $(foreach r,$(SQL_ROOMS),$(wildcard sql/$(r).sql)) kiaim.control Makefile
	{ printf '%s\n' '\echo Use "CREATE EXTENSION kiaim" to load this file. \quit'; cat $(filter sql/%,$^); } > $@

installcheck: | build/regress
build/regress:
	mkdir -p $@

# Every C file compiled once more by $(LINT_CC), for its warnings alone; they are errors.
LINT_CC = $(CC)
LINT_OBJS = $(patsubst src/%.c,build/lint/$(notdir $(firstword $(LINT_CC)))/%.o,$(OBJS:.o=.c))
LINT_FLAGS = -O2 -Wpointer-arith -Wmissing-prototypes -Wformat-security -fno-strict-aliasing -fwrapv -Werror -isystem $(includedir_server)

.PHONY: lint
lint: $(LINT_OBJS)
$(LINT_OBJS): build/lint/$(notdir $(firstword $(LINT_CC)))/%.o: src/%.c $(ROOM_HEADERS) $(BUILT_FOR)
	@mkdir -p $(@D)
	$(LINT_CC) $(LINT_FLAGS) $(PG_CFLAGS) $(CPPFLAGS) -c -o $@ $<

endif
