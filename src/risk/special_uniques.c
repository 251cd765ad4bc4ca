/*-------------------------------------------------------------------------
 *
 * special_uniques.c
 *		The SQL functions that show minimal sample uniques: those of each
 *		record, and what each column has to do with them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"

#include "risk/arguments.h"
#include "risk/subsets.h"
#include "risk/suda.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_special_uniques);
PG_FUNCTION_INFO_V1(kiaim_suda_columns);

/* A minimal sample unique of a tuple. */
typedef struct TupleSet
{
	uint32		tuple;
	uint32		set;			/* which set of columns */
} TupleSet;

/* The minimal sample uniques of all tuples, to be found by tuple. */
typedef struct SpecialUniques
{
	RiskTuples *tuples;
	const RiskColumns *columns;
	ReturnSetInfo *result;
	uint32		nsets;
	uint32		sets_capacity;
	Datum	   *sets;			/* names of columns, as arrays */
	uint32		n;
	uint32		capacity;
	TupleSet   *found;
	uint32	   *start;			/* by tuple, of by_tuple; n + 1 */
	uint32	   *by_tuple;		/* sets */
	uint32	   *codes;			/* of a row */
} SpecialUniques;

/* What a column has to do with minimal sample uniques. */
typedef struct ColumnScores
{
	const RiskTuples *tuples;
	int64	   *of_column;		/* records by column and size; column ncolumns stands for all */
	int			nsizes;			/* max_columns + 1 */
} ColumnScores;

/* Return one minimal sample unique; id is NULL where records have no names. */
static void
put_unique(ReturnSetInfo *result, Datum id, bool nameless, Datum columns)
{
	Datum		values[2] = {id, columns};
	bool		nulls[2] = {nameless, false};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Without names of records: return the minimal sample uniques that are one set of columns. */
static void
put_set(void *state, uint64 columns, const uint32 *tuples, uint32 n)
{
	SpecialUniques *s = state;
	Datum		names = subsets_names(columns, s->columns->quasi, s->columns->nquasi);

	for (uint32 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int64 k = 0; k < s->tuples->records[tuples[i]]; k++)
			put_unique(s->result, (Datum) 0, true, names);
	}
	pfree(DatumGetPointer(names));
}

/* With names of records: keep them until the records are read again. */
static void
keep_set(void *state, uint64 columns, const uint32 *tuples, uint32 n)
{
	SpecialUniques *s = state;
	FrameMemory *memory = &s->tuples->memory;

	if (s->nsets == s->sets_capacity)
	{
		s->sets = frame_grow(memory, s->sets, s->sets_capacity, 2 * (Size) s->sets_capacity, sizeof(Datum));
		s->sets_capacity *= 2;
	}
	while (n > s->capacity - s->n)
	{
		s->found = frame_grow(memory, s->found, s->capacity, 2 * (Size) s->capacity, sizeof(TupleSet));
		s->capacity *= 2;
	}
	for (uint32 i = 0; i < n; i++)
		s->found[s->n++] = (TupleSet) {tuples[i], s->nsets};
	s->sets[s->nsets++] = subsets_names(columns, s->columns->quasi, s->columns->nquasi);
}

/* Order what was kept by tuple. */
static void
index_sets(SpecialUniques *s)
{
	FrameMemory *memory = &s->tuples->memory;
	uint32		n = s->tuples->n;

	s->start = frame_alloc(memory, (Size) n + 2, sizeof(uint32), true);
	s->by_tuple = frame_alloc(memory, Max(s->n, 1), sizeof(uint32), false);
	for (uint32 i = 0; i < s->n; i++)
		s->start[s->found[i].tuple + 2]++;
	for (uint32 i = 2; i <= n; i++)
		s->start[i] += s->start[i - 1];
	/* start[t + 1] is where tuple t goes on; filled, it is where tuple t ends */
	for (uint32 i = 0; i < s->n; i++)
		s->by_tuple[s->start[s->found[i].tuple + 1]++] = s->found[i].set;
}

/* Return the minimal sample uniques of a row whose first column is its name. */
static void
put_row(void *state, TupleTableSlot *slot)
{
	SpecialUniques *s = state;
	int64		tuple;

	for (int c = 0; c < s->tuples->ncolumns; c++)
		s->codes[c] = dictionary_encode(risk_tuples_dictionary(s->tuples, c),
										slot->tts_values[c + 1], slot->tts_isnull[c + 1]);
	tuple = risk_tuples_find(s->tuples, s->codes);
	if (tuple < 0)
		return;
	for (uint32 i = s->start[tuple]; i < s->start[tuple + 1]; i++)
		put_unique(s->result, slot->tts_values[0], slot->tts_isnull[0], s->sets[s->by_tuple[i]]);
}

/* The records with their names as text. */
static char *
records_query(Oid source, const char *id, const RiskColumns *columns)
{
	StringInfoData query;

	initStringInfo(&query);
	appendStringInfo(&query, "SELECT %s::pg_catalog.text", quote_identifier(id));
	for (int c = 0; c < columns->nquasi; c++)
		appendStringInfo(&query, ", %s", quote_identifier(columns->quasi[c]));
	appendStringInfo(&query, " FROM %s", frame_relation_name(source));
	return query.data;
}

/*
 * kiaim.special_uniques(source regclass, quasi text[], id text, person text,
 * max_columns int, wildcard boolean) → (id text, columns text[])
 */
Datum
kiaim_special_uniques(PG_FUNCTION_ARGS)
{
	SpecialUniques s = {.result = srf_begin(fcinfo)};
	Oid			source = risk_relation(fcinfo, 0, "source");
	RiskColumns *columns = risk_columns(fcinfo, source, 1, 3);
	const char *id = risk_column(fcinfo, 2, source, "id");
	int			max_columns = risk_integer(fcinfo, 4, "max_columns", 1, SUBSETS_MAX_COLUMNS);
	bool		wildcard = risk_flag(fcinfo, 5, "wildcard");

	subsets_check(columns->nquasi);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	s.columns = columns;
	s.tuples = risk_tuples(frame_read(source, columns->ncolumns, columns->columns, FRAME_EQUAL_SQL, 0),
						   columns->person != NULL);
	if (id == NULL)
		subsets_uniques(s.tuples, max_columns, wildcard, put_set, &s);
	else
	{
		s.sets_capacity = 64;
		s.sets = frame_alloc(&s.tuples->memory, s.sets_capacity, sizeof(Datum), false);
		s.capacity = 1024;
		s.found = frame_alloc(&s.tuples->memory, s.capacity, sizeof(TupleSet), false);
		s.codes = palloc(columns->nquasi * sizeof(uint32));
		subsets_uniques(s.tuples, max_columns, wildcard, keep_set, &s);
		index_sets(&s);
		frame_stream(records_query(source, id, columns), NULL, put_row, &s);
	}
	SPI_finish();
	return (Datum) 0;
}

/* Count the minimal sample uniques that are one set of columns. */
static void
count_set(void *state, uint64 columns, const uint32 *tuples, uint32 n)
{
	ColumnScores *s = state;
	int			size = pg_popcount64(columns);
	int64		records = 0;

	for (uint32 i = 0; i < n; i++)
		records += s->tuples->records[tuples[i]];
	s->of_column[s->tuples->ncolumns * s->nsizes + size] += records;
	for (int c = 0; c < s->tuples->ncolumns; c++)
		if (columns & (UINT64CONST(1) << c))
			s->of_column[c * s->nsizes + size] += records;
}

/* The score that minimal sample uniques with a column add up to. */
static double
column_score(const ColumnScores *s, int column, SudaWeighting weighting)
{
	double		score = 0;

	for (int size = 1; size < s->nsizes; size++)
		score += (double) s->of_column[column * s->nsizes + size] *
			suda_weight(weighting, size, s->nsizes - 1, s->tuples->ncolumns);
	return score;
}

/*
 * kiaim.suda_columns(source regclass, quasi text[], person text, max_columns int,
 * weighting text, wildcard boolean) → (column_name text, special_uniques bigint, contribution float8)
 */
Datum
kiaim_suda_columns(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = srf_begin(fcinfo);
	Oid			source = risk_relation(fcinfo, 0, "source");
	RiskColumns *columns = risk_columns(fcinfo, source, 1, 2);
	int			max_columns = risk_integer(fcinfo, 3, "max_columns", 1, SUBSETS_MAX_COLUMNS);
	bool		wildcard = risk_flag(fcinfo, 5, "wildcard");
	int			n = columns->nquasi;
	SudaWeighting weighting;
	RiskTuples *tuples;
	ColumnScores scores;
	double		total;

	risk_not_null(fcinfo, 4, "weighting");
	weighting = suda_weighting(risk_text(fcinfo, 4));
	subsets_check(n);
	max_columns = Min(max_columns, n);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	tuples = risk_tuples(frame_read(source, columns->ncolumns, columns->columns, FRAME_EQUAL_SQL, 0),
						 columns->person != NULL);
	scores.tuples = tuples;
	scores.nsizes = max_columns + 1;
	scores.of_column = palloc0((n + 1) * scores.nsizes * sizeof(int64));
	subsets_uniques(tuples, max_columns, wildcard, count_set, &scores);

	total = column_score(&scores, n, weighting);
	for (int c = 0; c < n; c++)
	{
		int64		uniques = 0;
		Datum		values[3] = {CStringGetTextDatum(columns->quasi[c])};
		bool		nulls[3] = {false, false, !(total > 0)};

		for (int size = 1; size <= max_columns; size++)
			uniques += scores.of_column[c * scores.nsizes + size];
		values[1] = Int64GetDatum(uniques);
		values[2] = Float8GetDatum(column_score(&scores, c, weighting) / total);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}
