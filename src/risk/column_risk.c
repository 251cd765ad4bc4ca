/*-------------------------------------------------------------------------
 *
 * column_risk.c
 *		The SQL functions that show how well sets of columns tell records
 *		apart: kiaim.column_risk and kiaim.smallest_subsets.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "executor/spi.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "risk/arguments.h"
#include "risk/subsets.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_column_risk);
PG_FUNCTION_INFO_V1(kiaim_smallest_subsets);

/* A set of columns and its figures. */
typedef struct ColumnSet
{
	uint64		columns;
	SubsetFigures figures;
} ColumnSet;

/* The sets to be returned. */
typedef struct ColumnSets
{
	const RiskTuples *tuples;
	FrameMemory memory;
	Size		n;
	Size		capacity;
	ColumnSet  *sets;
	double		uniqueness;		/* of the records, that a set must reach to be kept */
} ColumnSets;

/* Is a set before another of the same size, by the positions of the columns? */
static int
compare_columns(uint64 a, uint64 b)
{
	uint64		differ = a ^ b;

	if (differ == 0)
		return 0;
	return (a & (differ & -differ)) != 0 ? -1 : 1;
}

/* Sorts sets by size, and by the columns in the order of quasi. */
#define ST_SORT				sort_by_columns
#define ST_ELEMENT_TYPE		ColumnSet
#define ST_COMPARE(a, b) \
	(pg_popcount64((a)->columns) != pg_popcount64((b)->columns) ? \
	 pg_popcount64((a)->columns) - pg_popcount64((b)->columns) : \
	 compare_columns((a)->columns, (b)->columns))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Sorts sets by size, and within by how many records they make unique. */
#define ST_SORT				sort_by_records
#define ST_ELEMENT_TYPE		ColumnSet
#define ST_COMPARE(a, b) \
	(pg_popcount64((a)->columns) != pg_popcount64((b)->columns) ? \
	 pg_popcount64((a)->columns) - pg_popcount64((b)->columns) : \
	 (a)->figures.records != (b)->figures.records ? \
	 ((a)->figures.records > (b)->figures.records ? -1 : 1) : \
	 compare_columns((a)->columns, (b)->columns))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Keep a set. */
static void
keep_set(void *state, uint64 columns, const SubsetFigures *figures)
{
	ColumnSets *s = state;

	if (s->n == s->capacity)
	{
		s->sets = frame_grow(&s->memory, s->sets, s->capacity, 2 * s->capacity, sizeof(ColumnSet));
		s->capacity *= 2;
	}
	s->sets[s->n++] = (ColumnSet) {columns, *figures};
}

/* Keep a set that makes enough records unique. */
static void
keep_if_unique(void *state, uint64 columns, const SubsetFigures *figures)
{
	ColumnSets *s = state;

	if (figures->records > 0 &&
		(double) figures->records >= s->uniqueness * (double) s->tuples->nrecords)
		keep_set(state, columns, figures);
}

/* Does a set contain none that is kept already? */
static bool
is_minimal(void *state, uint64 columns)
{
	ColumnSets *s = state;

	for (Size i = 0; i < s->n; i++)
		if ((s->sets[i].columns & ~columns) == 0)
			return false;
	return true;
}

/* Read a relation for a collection of sets. */
static RiskTuples *
begin_sets(ColumnSets *s, Oid source, const RiskColumns *columns)
{
	RiskTuples *tuples;

	subsets_check(columns->nquasi);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	tuples = risk_tuples(frame_read(source, columns->ncolumns, columns->columns, FRAME_EQUAL_SQL, 0),
						 columns->person != NULL);
	s->tuples = tuples;
	s->memory = (FrameMemory) {CurrentMemoryContext, tuples->memory.used};
	s->n = 0;
	s->capacity = 256;
	s->sets = frame_alloc(&s->memory, s->capacity, sizeof(ColumnSet), false);
	return tuples;
}

/*
 * kiaim.column_risk(source regclass, quasi text[], max_columns int, person text,
 * wildcard boolean) → (columns text[], distinction float8, separation float8, uniques bigint)
 */
Datum
kiaim_column_risk(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = srf_begin(fcinfo);
	Oid			source = risk_relation(fcinfo, 0, "source");
	RiskColumns *columns = risk_columns(fcinfo, source, 1, 3);
	int			max_columns = risk_integer(fcinfo, 2, "max_columns", 1, SUBSETS_MAX_COLUMNS);
	bool		wildcard = risk_flag(fcinfo, 4, "wildcard");
	ColumnSets	s;
	RiskTuples *tuples = begin_sets(&s, source, columns);

	subsets_count(tuples, max_columns, wildcard, NULL, keep_set, &s);
	sort_by_columns(s.sets, s.n);
	for (Size i = 0; i < s.n; i++)
	{
		const SubsetFigures *figures = &s.sets[i].figures;
		Datum		values[4] = {
			subsets_names(s.sets[i].columns, columns->quasi, columns->nquasi),
			Float8GetDatum(figures->distinction),
			Float8GetDatum(figures->separation),
			Int64GetDatum(figures->uniques)
		};
		bool		nulls[4] = {false, isnan(figures->distinction), isnan(figures->separation), false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}

/*
 * kiaim.smallest_subsets(source regclass, quasi text[], max_columns int, person text,
 * uniqueness float8, wildcard boolean) → (columns text[], uniques bigint, share float8)
 */
Datum
kiaim_smallest_subsets(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = srf_begin(fcinfo);
	Oid			source = risk_relation(fcinfo, 0, "source");
	RiskColumns *columns = risk_columns(fcinfo, source, 1, 3);
	int			max_columns = risk_integer(fcinfo, 2, "max_columns", 1, SUBSETS_MAX_COLUMNS);
	double		uniqueness = risk_share(fcinfo, 4, "uniqueness");
	bool		wildcard = risk_flag(fcinfo, 5, "wildcard");
	ColumnSets	s = {.uniqueness = uniqueness};
	RiskTuples *tuples = begin_sets(&s, source, columns);

	subsets_count(tuples, max_columns, wildcard, is_minimal, keep_if_unique, &s);
	sort_by_records(s.sets, s.n);
	for (Size i = 0; i < s.n; i++)
	{
		const SubsetFigures *figures = &s.sets[i].figures;
		Datum		values[3] = {
			subsets_names(s.sets[i].columns, columns->quasi, columns->nquasi),
			Int64GetDatum(figures->uniques),
			Float8GetDatum((double) figures->records / (double) tuples->nrecords)
		};
		bool		nulls[3] = {false, false, false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}
