/*-------------------------------------------------------------------------
 *
 * table_model.c
 *		The models of a table as a whole.
 *
 * The risk of a record is that somebody who knows that the person is in the
 * table finds the record: 1 / size of its class.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "privacy/privacy_internal.h"
#include "privacy/table_model.h"

/* Average risk: exact where sizes count records, and a class of n adds n / n. */
static double
risk_average(const TableRequirement *r, int64 size, int64 records)
{
	return (double) records / (double) size;
}

/* Sample uniqueness: the records that are alone. */
static double
risk_unique(const TableRequirement *r, int64 size, int64 records)
{
	return size == 1 ? (double) records : 0;
}

/* Share at risk: the records whose risk is above the threshold. */
static double
risk_above(const TableRequirement *r, int64 size, int64 records)
{
	return 1.0 / (double) size > r->threshold ? (double) records : 0;
}

/* The share of the population that is unique in it, estimated. */
static double
measure_population(const TableRequirement *r, const SizeHistogram *sizes)
{
	PopulationEstimate estimate = population_uniques(r->estimator, sizes, r->population);

	return estimate.valid ? estimate.uniques / (double) r->population : NAN;
}

static const TableModel models[] = {
	{.name = "average_risk", .risk = risk_average},
	{.name = "sample_uniqueness", .risk = risk_unique},
	{.name = "share_at_risk", .risk = risk_above},
	{.name = "population_uniqueness", .measure = measure_population},
};

/* See table_model.h. */
const TableModel *
table_model(const char *name)
{
	for (int i = 0; i < lengthof(models); i++)
		if (strcmp(models[i].name, name) == 0)
			return &models[i];
	return NULL;
}

/* See table_model.h. */
double
table_requirement_measure(const TableRequirement *r, const SizeHistogram *sizes,
						  const int64 *records)
{
	double		sum = 0;
	double		all = 0;

	if (sizes->n == 0)
		return NAN;
	if (r->model->risk == NULL)
		return r->model->measure(r, sizes);
	for (int64 i = sizes->n - 1; i >= 0; i--)
	{
		sum += r->model->risk(r, sizes->size[i], records[i]);
		all += (double) records[i];
	}
	return sum / all;
}

/* See table_model.h. */
bool
table_requirement_holds(const TableRequirement *r, double measure)
{
	return measure <= r->wanted + fabs(r->wanted) * MEASURE_TOLERANCE;
}
