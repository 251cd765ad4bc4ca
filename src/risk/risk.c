/*-------------------------------------------------------------------------
 *
 * risk.c
 *		kiaim.risk: how risky a relation is as it stands.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "risk/risk.h"
#include "srf.h"

PG_FUNCTION_INFO_V1(kiaim_risk);

/* Refuse a parameter that is NULL. */
static void
refuse_null(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be NULL", name)));
}

/*
 * The columns to read: the person first, if there is one, then the
 * quasi-identifiers; all exist, and none is named twice.
 */
static const char **
risk_columns(Oid relid, ArrayType *quasi, char *person, int *ncolumns)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	int			first = person != NULL ? 1 : 0;
	const char **columns;

	deconstruct_array(quasi, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	if (n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("quasi names no column"),
				 errhint("Name the columns that somebody could know of a person.")));
	columns = palloc((n + 1) * sizeof(char *));
	columns[0] = person;
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("quasi must not contain NULL")));
		columns[first + i] = TextDatumGetCString(elements[i]);
	}
	if (person != NULL)
		frame_check_columns(relid, 1, columns, "person");
	frame_check_columns(relid, n, columns + first, "quasi");
	*ncolumns = first + n;
	for (int i = 0; i < *ncolumns; i++)
	{
		for (int j = first; j < i; j++)
		{
			if (strcmp(columns[i], columns[j]) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_DUPLICATE_COLUMN),
						 errmsg("column \"%s\" is named twice in quasi", columns[i])));
		}
		if (person != NULL && i > 0 && strcmp(columns[i], person) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" cannot be both person and quasi-identifier", person),
					 errhint("Leave it out of quasi: who knows the person's number has found the person.")));
	}
	return columns;
}

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
	char	   *person;
	double		threshold;
	const char **columns;
	int			ncolumns;
	TupleCounter *counter;
	RiskSizes  *sizes;

	refuse_null(fcinfo, 0, "source");
	refuse_null(fcinfo, 1, "quasi");
	refuse_null(fcinfo, 3, "threshold");
	person = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));
	threshold = PG_GETARG_FLOAT8(3);
	if (!(threshold >= 0 && threshold <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("threshold must be between 0 and 1, but is %g", threshold)));
	if (!PG_ARGISNULL(4) || !PG_ARGISNULL(5))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("risks against a population are not available yet"),
				 errhint("Leave out population and population_table: the risks then assume that the attacker knows who is in the data.")));

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	columns = risk_columns(PG_GETARG_OID(0), PG_GETARG_ARRAYTYPE_P(1), person, &ncolumns);
	counter = frame_read(PG_GETARG_OID(0), ncolumns, columns, FRAME_EQUAL_SQL, 0);
	sizes = risk_sizes(counter, person != NULL);

	put_metric(result, "records", (double) sizes->nrecords);
	if (person != NULL)
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
