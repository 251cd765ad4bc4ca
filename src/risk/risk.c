/*-------------------------------------------------------------------------
 *
 * risk.c
 *		kiaim.risk: how risky a relation is as it stands.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "risk/arguments.h"
#include "risk/risk.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_risk);

/* Return a metric; NaN is a metric that has no value. */
static void
put_metric(ReturnSetInfo *result, const char *metric, double value)
{
	Datum		values[2] = {CStringGetTextDatum(metric), Float8GetDatum(value)};
	bool		nulls[2] = {false, isnan(value)};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * kiaim.risk(source regclass, quasi text[], person text, threshold float8,
 * population bigint, population_table regclass) → (metric text, value float8)
 */
Datum
kiaim_risk(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = srf_begin(fcinfo);
	Oid			source = risk_relation(fcinfo, 0, "source");
	RiskColumns *columns = risk_columns(fcinfo, source, 1, 2);
	double		threshold = risk_share(fcinfo, 3, "threshold");
	bool		person = columns->person != NULL;
	TupleCounter *counter;
	RiskSizes  *sizes;

	if (!PG_ARGISNULL(4) || !PG_ARGISNULL(5))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("risks against a population are not available yet"),
				 errhint("Leave out population and population_table: the risks then assume that the attacker knows who is in the data.")));

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	counter = frame_read(source, columns->ncolumns, columns->columns, FRAME_EQUAL_SQL, 0);
	sizes = risk_sizes(counter, person);

	put_metric(result, "records", (double) sizes->nrecords);
	if (person)
		put_metric(result, "persons", (double) sizes->npersons);
	put_metric(result, "classes", (double) sizes->nclasses);
	put_metric(result, "smallest_class", sizes->nsizes == 0 ? NAN : (double) sizes->size[0]);
	put_metric(result, "sample_uniques",
			   sizes->nsizes > 0 && sizes->size[0] == 1 ? (double) sizes->classes[0] : 0);
	put_metric(result, "prosecutor_highest", risk_highest(sizes));
	put_metric(result, "prosecutor_average", risk_average(sizes));
	put_metric(result, "share_above_threshold", risk_share_above(sizes, threshold));
	/* without a population the data are the population */
	put_metric(result, "marketer", risk_average(sizes));
	SPI_finish();
	return (Datum) 0;
}
