# kiaim: anonymization in PostgreSQL.
#
#   make            builds the extension           make install   installs it
#   make demo       the five-minute demonstration  make check     all tests
#
# demo and check install what they need, start a throwaway server of their own
# and leave the machine's own servers alone; see test/server.

EXTENSION = kiaim
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" kiaim.control)
MODULE_big = kiaim

ROOMS = generalize frame privacy anonymize risk
SQL_ROOMS = generalize privacy anonymize risk release

OBJS = $(patsubst %.c,%.o,$(wildcard src/*.c $(foreach r,$(ROOMS),src/$(r)/*.c)))
ROOM_HEADERS = $(wildcard src/*.h $(foreach r,$(ROOMS),src/$(r)/*.h))

DATA_built = $(EXTENSION)--$(EXTVERSION).sql
EXTRA_CLEAN = $(DATA_built) build tmp_check results regression.diffs regression.out

PG_CPPFLAGS = -I$(srcdir)/src
PG_CFLAGS = -std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers -Wno-declaration-after-statement
SHLIB_LINK = -lm

REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test --outputdir=build/regress --load-extension=kiaim

PG_CONFIG ?= $(firstword $(wildcard /usr/lib/postgresql/*/bin/pg_config) pg_config)
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifneq ($(PGXS),)
include $(PGXS)
endif

$(OBJS): $(ROOM_HEADERS)

$(DATA_built): $(foreach r,$(SQL_ROOMS),$(wildcard sql/$(r).sql)) kiaim.control
	{ printf '%s\n' '\echo Use "CREATE EXTENSION kiaim" to load this file. \quit'; cat $(filter sql/%,$^); } > $@
