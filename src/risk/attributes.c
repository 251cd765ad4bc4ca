/*-------------------------------------------------------------------------
 *
 * attributes.c
 *		kiaim.attribute_risk and kiaim.attribute_risk_classes: what a class
 *		says of a sensitive value although nobody in it is found.
 *
 * One reading of the quasi-identifiers with the sensitive column gives tuples,
 * of which the classes, and the values, are projections.  Where persons are
 * named, a value's share of a class is that of its persons who have it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"

#include "generalize/generalize.h"
#include "privacy/wildcard.h"
#include "risk/arguments.h"
#include "risk/tuples.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_attribute_risk);
PG_FUNCTION_INFO_V1(kiaim_attribute_risk_classes);

/* What an attacker concludes about one class. */
typedef struct Conclusion
{
	int64		size;			/* records, or persons, that it may be one of */
	int64		most;			/* of them with the most probable value */
	uint32		value;			/* its code */
	uint32		nvalues;		/* values there are in the class */
} Conclusion;

/* A table by class and by value. */
typedef struct Attributes
{
	RiskColumns *columns;
	RiskTuples *tuples;			/* of the quasi-identifiers and, last, the sensitive column */
	RiskTuples *classes;
	int64	   *frequency;		/* by value: records, or persons */
	uint32	   *rank;			/* by value, to choose among those that say the same */
	uint32		nvalues;
	Conclusion *conclusions;	/* by class */
} Attributes;

/* Does a value make the better guess, and at the same number the one that says more? */
static inline bool
is_better(const Attributes *a, int64 count, uint32 value, const Conclusion *than)
{
	if (than->nvalues == 0 || count != than->most)
		return than->nvalues == 0 || count > than->most;
	if (a->frequency[value] != a->frequency[than->value])
		return a->frequency[value] < a->frequency[than->value];
	return a->rank[value] < a->rank[than->value];
}

/* One more value of a class. */
static inline void
add_value(const Attributes *a, Conclusion *conclusion, int64 count, uint32 value)
{
	if (is_better(a, count, value, conclusion))
	{
		conclusion->most = count;
		conclusion->value = value;
	}
	conclusion->nvalues++;
}

/* Each class by itself; map: the class of a tuple. */
static void
conclude(Attributes *a, const uint32 *map)
{
	const RiskTuples *t = a->tuples;

	for (uint32 i = 0; i < t->n; i++)
	{
		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		add_value(a, &a->conclusions[map[i]], t->persons[i], t->codes[t->ncolumns - 1][i]);
	}
	for (uint32 i = 0; i < a->classes->n; i++)
		a->conclusions[i].size = a->classes->persons[i];
}

/*
 * Each class with all that it matches, where NULL matches everything.  Every
 * class is joined with every value, which weighs nothing where it does not
 * occur, so that the matches of each pair are those of a tuple.
 */
static void
conclude_wildcard(Attributes *a)
{
	RiskTuples *t = a->tuples;
	FrameMemory *memory = &t->memory;
	int			m = t->ncolumns;
	uint64		npairs = (uint64) a->classes->n * a->nvalues;
	uint32	   *codes;
	uint32	   *own = palloc(m * sizeof(uint32));
	uint32	   *nulls = palloc(m * sizeof(uint32));
	int64	   *weights;
	int64	   *counts;
	int64	   *sizes = risk_tuples_matches(a->classes, true);

	if (npairs > PG_UINT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%u classes with %u sensitive values are too many for wildcards", a->classes->n, a->nvalues)));
	codes = frame_alloc(memory, Max(npairs, 1) * m, sizeof(uint32), false);
	weights = frame_alloc(memory, Max(npairs, 1), sizeof(int64), true);
	for (int c = 0; c < m; c++)
		nulls[c] = c == m - 1 ? RISK_NO_NULL : t->nulls[c];
	for (uint64 pair = 0; pair < npairs; pair++)
	{
		uint32		class = (uint32) (pair / a->nvalues);
		int64		tuple;

		if ((pair & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < m - 1; c++)
			own[c] = a->classes->codes[c][class];
		own[m - 1] = (uint32) (pair % a->nvalues);
		memcpy(codes + pair * m, own, m * sizeof(uint32));
		tuple = risk_tuples_find(t, own);
		weights[pair] = tuple < 0 ? 0 : t->persons[tuple];
	}
	counts = wildcard_counts(m, (uint32) npairs, codes, nulls, weights, memory);
	for (uint64 pair = 0; pair < npairs; pair++)
	{
		Conclusion *conclusion = &a->conclusions[pair / a->nvalues];

		conclusion->size = sizes[pair / a->nvalues];
		/* who has several records is counted in several tuples */
		if (counts[pair] > 0)
			add_value(a, conclusion, Min(counts[pair], conclusion->size), (uint32) (pair % a->nvalues));
	}
}

/* Read what the arguments (source, quasi, sensitive, person) name; the caller has connected to SPI. */
static Attributes *
read_attributes(FunctionCallInfo fcinfo, bool wildcard)
{
	Attributes *a = palloc0(sizeof(Attributes));
	Oid			source = risk_relation(fcinfo, 0, "source");
	RiskColumns *columns = risk_columns(fcinfo, source, 1, 3);
	const char *sensitive;
	const char **names = palloc((columns->ncolumns + 1) * sizeof(char *));
	int		   *of_class = palloc(columns->nquasi * sizeof(int));
	int			of_value = columns->nquasi;
	uint32	   *map;
	RiskTuples *values;

	risk_not_null(fcinfo, 2, "sensitive");
	sensitive = risk_column(fcinfo, 2, source, "sensitive");
	risk_not_among(columns, sensitive, "sensitive");
	if (wildcard)
		risk_check_wildcard(columns);
	a->columns = columns;
	memcpy(names, columns->columns, columns->ncolumns * sizeof(char *));
	names[columns->ncolumns] = sensitive;
	a->tuples = risk_tuples(frame_read(source, columns->ncolumns + 1, names, FRAME_EQUAL_SQL, 0),
							columns->person != NULL);

	for (int i = 0; i < columns->nquasi; i++)
		of_class[i] = i;
	map = frame_alloc(&a->tuples->memory, Max(a->tuples->n, 1), sizeof(uint32), false);
	a->classes = risk_tuples_project(a->tuples, columns->nquasi, of_class, map);
	values = risk_tuples_project(a->tuples, 1, &of_value, NULL);
	a->nvalues = a->tuples->domain[of_value];
	a->rank = dictionary_ranks(risk_tuples_dictionary(a->tuples, of_value));
	a->frequency = frame_alloc(&a->tuples->memory, Max(a->nvalues, 1), sizeof(int64), true);
	for (uint32 i = 0; i < values->n; i++)
		a->frequency[values->codes[0][i]] = values->persons[i];
	a->conclusions = frame_alloc(&a->tuples->memory, Max(a->classes->n, 1), sizeof(Conclusion), true);
	if (wildcard)
		conclude_wildcard(a);
	else
		conclude(a, map);
	return a;
}

/* The share of the table that has a value. */
static double
baseline_of(const Attributes *a, uint32 value)
{
	return (double) a->frequency[value] / (double) a->tuples->npersons;
}

/* Return a metric; NaN is a metric that has no value. */
static void
put_metric(ReturnSetInfo *result, const char *metric, double value)
{
	Datum		values[2] = {CStringGetTextDatum(metric), Float8GetDatum(value)};
	bool		nulls[2] = {false, isnan(value)};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* What the classes say together. */
typedef struct AttributeTotals
{
	int64		all;			/* records, or persons by class */
	int64		certain;
	int64		above;
	int64		whole;			/* expected hits, of classes by themselves: a whole number */
	double		hits;			/* and of those that match others */
	double		ratio;
	double		fewest;
} AttributeTotals;

/* Sorts hits, so that their sum does not depend on the order of rows. */
#define ST_SORT				sort_hits
#define ST_ELEMENT_TYPE		double
#define ST_COMPARE(a, b)	(*(a) < *(b) ? -1 : *(a) > *(b))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Sum up the conclusions. */
static AttributeTotals
attribute_totals(Attributes *a, double threshold)
{
	AttributeTotals totals = {.ratio = NAN, .fewest = NAN};
	double	   *hits = frame_alloc(&a->tuples->memory, Max(a->classes->n, 1), sizeof(double), false);
	uint32		nhits = 0;

	for (uint32 i = 0; i < a->classes->n; i++)
	{
		const Conclusion *c = &a->conclusions[i];
		int64		own = a->classes->persons[i];
		double		share = (double) c->most / (double) c->size;
		double		ratio = share / baseline_of(a, c->value);

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		totals.all += own;
		totals.certain += c->most == c->size ? own : 0;
		totals.above += share > threshold ? own : 0;
		totals.ratio = isnan(totals.ratio) ? ratio : Max(totals.ratio, ratio);
		totals.fewest = isnan(totals.fewest) ? c->nvalues : Min(totals.fewest, c->nvalues);
		if (own == c->size)
			totals.whole += c->most;
		else
			hits[nhits++] = own * share;
	}
	sort_hits(hits, nhits);
	for (uint32 i = 0; i < nhits; i++)
		totals.hits += hits[i];
	return totals;
}

/*
 * kiaim.attribute_risk(source regclass, quasi text[], sensitive text, person
 * text, threshold float8, wildcard boolean) → (metric text, value float8)
 */
Datum
kiaim_attribute_risk(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = srf_begin(fcinfo);
	double		threshold = risk_share(fcinfo, 4, "threshold");
	bool		wildcard = risk_flag(fcinfo, 5, "wildcard");
	Attributes *a;
	AttributeTotals totals;
	int64		most = 0;
	double		baseline;
	double		success;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	a = read_attributes(fcinfo, wildcard);
	totals = attribute_totals(a, threshold);
	for (uint32 v = 0; v < a->nvalues; v++)
		most = Max(most, a->frequency[v]);
	/* of nothing, every share is NaN */
	baseline = (double) most / (double) a->tuples->npersons;
	success = (totals.hits + (double) totals.whole) / (double) totals.all;

	put_metric(result, "records", (double) a->tuples->nrecords);
	if (a->columns->person != NULL)
		put_metric(result, "persons", (double) a->tuples->npersons);
	put_metric(result, "classes", (double) a->classes->n);
	put_metric(result, "values", (double) a->nvalues);
	put_metric(result, "baseline", baseline);
	put_metric(result, "success", success);
	put_metric(result, "gain", success - baseline);
	put_metric(result, "certain", (double) totals.certain);
	put_metric(result, "share_certain", (double) totals.certain / (double) totals.all);
	put_metric(result, "above_threshold", (double) totals.above);
	put_metric(result, "share_above_threshold", (double) totals.above / (double) totals.all);
	put_metric(result, "highest_ratio", totals.ratio);
	put_metric(result, "fewest_values", totals.fewest);
	SPI_finish();
	return (Datum) 0;
}

/* The text of a code of a dictionary, or NULL. */
static const char *
code_text(const Dictionary *values, ValueReader *reader, uint32 code, int *length)
{
	bool		isnull;
	Datum		value = dictionary_value(values, code, &isnull);

	return isnull ? NULL : value_read_text(reader, value, length);
}

/* The labels of a class as a JSON object. */
static Datum
class_labels(const Attributes *a, ValueReader **readers, uint32 class)
{
	StringInfoData json;

	initStringInfo(&json);
	for (int c = 0; c < a->columns->nquasi; c++)
	{
		int			length = 0;
		const char *text = code_text(risk_tuples_dictionary(a->tuples, c), readers[c],
									 a->classes->codes[c][class], &length);

		appendStringInfoString(&json, c == 0 ? "{" : ", ");
		escape_json(&json, a->columns->quasi[c]);
		appendStringInfoString(&json, ": ");
		if (text == NULL)
			appendStringInfoString(&json, "null");
		else
			escape_json(&json, pnstrdup(text, length));
	}
	appendStringInfoChar(&json, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}

/*
 * kiaim.attribute_risk_classes(source regclass, quasi text[], sensitive text,
 * person text, wildcard boolean) → (class jsonb, size bigint, most_probable text,
 * share float8, baseline float8, ratio float8, distinct_values bigint)
 */
Datum
kiaim_attribute_risk_classes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = srf_begin(fcinfo);
	bool		wildcard = risk_flag(fcinfo, 4, "wildcard");
	Attributes *a;
	int			nquasi;
	ValueReader **readers;
	MemoryContext scratch;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	a = read_attributes(fcinfo, wildcard);
	nquasi = a->columns->nquasi;
	readers = palloc((nquasi + 1) * sizeof(ValueReader *));
	for (int c = 0; c <= nquasi; c++)
		readers[c] = value_reader_create(dictionary_type(risk_tuples_dictionary(a->tuples, c)));
	scratch = AllocSetContextCreate(CurrentMemoryContext, "kiaim class", ALLOCSET_DEFAULT_SIZES);
	for (uint32 i = 0; i < a->classes->n; i++)
	{
		const Conclusion *c = &a->conclusions[i];
		MemoryContext old = MemoryContextSwitchTo(scratch);
		int			length = 0;
		const char *value = code_text(risk_tuples_dictionary(a->tuples, nquasi), readers[nquasi], c->value, &length);
		double		share = (double) c->most / (double) c->size;
		double		baseline = baseline_of(a, c->value);
		Datum		values[7];
		bool		nulls[7] = {false, false, value == NULL};

		CHECK_FOR_INTERRUPTS();
		values[2] = value == NULL ? (Datum) 0 : PointerGetDatum(cstring_to_text_with_len(value, length));
		values[0] = class_labels(a, readers, i);
		values[1] = Int64GetDatum(c->size);
		values[3] = Float8GetDatum(share);
		values[4] = Float8GetDatum(baseline);
		values[5] = Float8GetDatum(share / baseline);
		values[6] = Int64GetDatum((int64) c->nvalues);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		MemoryContextSwitchTo(old);
		MemoryContextReset(scratch);
	}
	SPI_finish();
	return (Datum) 0;
}
