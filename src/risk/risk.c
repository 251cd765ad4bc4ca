/*-------------------------------------------------------------------------
 *
 * risk.c
 *		kiaim.risk and kiaim.risk_without: how risky a relation is as it stands,
 *		and without one of its columns.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "risk/figures.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_risk);
PG_FUNCTION_INFO_V1(kiaim_risk_without);

/* Where metrics go. */
typedef struct Output
{
	ReturnSetInfo *result;
	const char *dropped;
} Output;

/* A row (metric, value); NaN is a metric that has no value. */
static void
put_metric(void *state, const char *metric, double value)
{
	Output	   *out = state;
	Datum		values[2] = {CStringGetTextDatum(metric), Float8GetDatum(value)};
	bool		nulls[2] = {false, isnan(value)};

	tuplestore_putvalues(out->result->setResult, out->result->setDesc, values, nulls);
}

/* The same with the column that is dropped. */
static void
put_dropped_metric(void *state, const char *metric, double value)
{
	Output	   *out = state;
	Datum		values[3] = {0, CStringGetTextDatum(metric), Float8GetDatum(value)};
	bool		nulls[3] = {out->dropped == NULL, false, isnan(value)};

	if (out->dropped != NULL)
		values[0] = CStringGetTextDatum(out->dropped);
	tuplestore_putvalues(out->result->setResult, out->result->setDesc, values, nulls);
}

/* The numbers of all quasi-identifiers but one, or of all if that is none of them. */
static int *
numbers_without(int nquasi, int dropped)
{
	int		   *numbers = palloc(nquasi * sizeof(int));
	int			n = 0;

	for (int i = 0; i < nquasi; i++)
		if (i != dropped)
			numbers[n++] = i;
	return numbers;
}

/*
 * kiaim.risk(source regclass, quasi text[], person text, threshold float8,
 * population bigint, population_table regclass, population_margins regclass[],
 * population_count text, wildcard boolean) → (metric text, value float8)
 */
Datum
kiaim_risk(PG_FUNCTION_ARGS)
{
	Output		out = {.result = srf_begin(fcinfo)};
	RiskRequest *request = risk_request(fcinfo);
	RiskTuples *t;
	RiskPopulation *population;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	t = risk_request_tuples(request);
	population = risk_request_population(request, t);
	risk_figures(request, t, numbers_without(t->ncolumns, -1), population, put_metric, &out);
	SPI_finish();
	return (Datum) 0;
}

/*
 * kiaim.risk_without(the same) → (dropped text, metric text, value float8):
 * nothing is read again, the tuples are rolled up.
 */
Datum
kiaim_risk_without(PG_FUNCTION_ARGS)
{
	Output		out = {.result = srf_begin(fcinfo)};
	RiskRequest *request = risk_request(fcinfo);
	RiskTuples *t;
	RiskPopulation *population;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	t = risk_request_tuples(request);
	population = risk_request_population(request, t);
	for (int dropped = -1; dropped < t->ncolumns; dropped++)
	{
		MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "kiaim without a column",
													  ALLOCSET_DEFAULT_SIZES);
		MemoryContext old = MemoryContextSwitchTo(context);
		int		   *quasi = numbers_without(t->ncolumns, dropped);
		RiskTuples *fewer = dropped < 0 ? t : risk_tuples_project(t, t->ncolumns - 1, quasi, NULL);
		Size		held = t->memory.used;

		out.dropped = dropped < 0 ? NULL : request->columns->quasi[dropped];
		risk_figures(request, fewer, quasi, population, put_dropped_metric, &out);
		if (dropped >= 0)
			t->memory.used = held;
		MemoryContextSwitchTo(old);
		MemoryContextDelete(context);
	}
	SPI_finish();
	return (Datum) 0;
}
