/*-------------------------------------------------------------------------
 *
 * distribution.c
 *		kiaim.class_sizes and kiaim.risk_distribution: sizes and risks as rows
 *		ready to plot.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"

#include "risk/arguments.h"
#include "risk/risk.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_class_sizes);
PG_FUNCTION_INFO_V1(kiaim_risk_distribution);

/* The upper ends of the intervals of risk; those above 0.1 are the thirds, quarters ... rounded up. */
static const double upper[] = {
	1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 0.001, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1,
	0.125, 0.143, 0.167, 0.2, 0.25, 0.334, 0.5, 1
};

/* The sizes that the arguments (source, quasi, person, wildcard) ask for; connects to SPI. */
static RiskSizes *
requested_sizes(FunctionCallInfo fcinfo, bool *wildcard)
{
	Oid			source = risk_relation(fcinfo, 0, "source");
	RiskColumns *columns = risk_columns(fcinfo, source, 1, 2);
	RiskTuples *t;

	*wildcard = risk_flag(fcinfo, 3, "wildcard");
	if (*wildcard)
		risk_check_wildcard(columns);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	t = risk_tuples(frame_read(source, columns->ncolumns, columns->columns, FRAME_EQUAL_SQL, 0),
					columns->person != NULL);
	return risk_tuple_sizes(t, *wildcard ? risk_tuples_matches(t, true) : t->persons);
}

/*
 * kiaim.class_sizes(source regclass, quasi text[], person text, wildcard boolean)
 * → (size bigint, classes bigint, records bigint, share float8, cumulative float8)
 */
Datum
kiaim_class_sizes(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = srf_begin(fcinfo);
	bool		wildcard;
	RiskSizes  *sizes = requested_sizes(fcinfo, &wildcard);
	int64		records = 0;

	for (int64 i = 0; i < sizes->nsizes; i++)
	{
		Datum		values[5];
		bool		nulls[5] = {false, wildcard};

		records += sizes->records[i];
		values[0] = Int64GetDatum(sizes->size[i]);
		values[1] = Int64GetDatum(sizes->classes[i]);
		values[2] = Int64GetDatum(sizes->records[i]);
		values[3] = Float8GetDatum((double) sizes->records[i] / (double) sizes->nrecords);
		values[4] = Float8GetDatum((double) records / (double) sizes->nrecords);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}

/*
 * kiaim.risk_distribution(source regclass, quasi text[], person text, wildcard
 * boolean) → (lower float8, upper float8, records bigint, share float8,
 * cumulative float8): the records whose risk is above lower and at most upper.
 */
Datum
kiaim_risk_distribution(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = srf_begin(fcinfo);
	bool		wildcard;
	RiskSizes  *sizes = requested_sizes(fcinfo, &wildcard);
	int64		size = sizes->nsizes;
	int64		records = 0;

	for (int i = 0; i < lengthof(upper); i++)
	{
		int64		here = 0;
		Datum		values[5];
		bool		nulls[5] = {false, false, false, sizes->nrecords == 0, sizes->nrecords == 0};

		/* the largest classes have the smallest risk */
		for (; size > 0 && 1.0 / (double) sizes->size[size - 1] <= upper[i]; size--)
			here += sizes->records[size - 1];
		records += here;
		values[0] = Float8GetDatum(i == 0 ? 0 : upper[i - 1]);
		values[1] = Float8GetDatum(upper[i]);
		values[2] = Int64GetDatum(here);
		values[3] = Float8GetDatum((double) here / (double) sizes->nrecords);
		values[4] = Float8GetDatum((double) records / (double) sizes->nrecords);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}
