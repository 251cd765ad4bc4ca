/*-------------------------------------------------------------------------
 *
 * aggregates_population.c
 *		Final function of the check that estimates population uniqueness.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "frame/frame.h"
#include "privacy/population.h"

PG_FUNCTION_INFO_V1(kiaim_population_uniqueness);

/* Sorts sizes. */
#define ST_SORT				sort_sizes
#define ST_ELEMENT_TYPE		int64
#define ST_COMPARE(a, b)	(*(a) < *(b) ? -1 : *(a) > *(b))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* The one value of a column that is a parameter. */
static Datum
one_value(TupleCounter *state, int column, const char *name)
{
	const Dictionary *values = counter_dictionary(state, column);
	bool		isnull = true;
	Datum		value = 0;

	if (dictionary_size(values) == 1)
		value = dictionary_value(values, 0, &isnull);
	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s of population uniqueness must be the same for all rows, and not NULL", name)));
	return value;
}

/*
 * kiaim_population_uniqueness(internal) → float8: columns (model, population, quasi…)
 */
Datum
kiaim_population_uniqueness(PG_FUNCTION_ARGS)
{
	TupleCounter *state = (TupleCounter *) PG_GETARG_POINTER(0);
	char	   *name = TextDatumGetCString(one_value(state, 0, "the model"));
	int64		population = DatumGetInt64(one_value(state, 1, "the population"));
	int64		nclasses = counter_ntuples(state);
	int64	   *sizes = counter_scratch(state, nclasses, sizeof(int64));
	int64	   *classes = counter_scratch(state, nclasses, sizeof(int64));
	SizeHistogram histogram = {.size = sizes, .classes = classes};
	PopulationEstimate estimate;
	CounterScan scan;
	int64		weight;
	int64		n = 0;
	int			model = 0;

	while (model < POPULATION_NMODELS && strcmp(population_model_names[model], name) != 0)
		model++;
	if (model == POPULATION_NMODELS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown model of population uniqueness: \"%s\"", name),
				 errhint("Models are dankar, pitman, zayatz and snb.")));
	if (population < counter_total(state))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a population of %lld is smaller than its sample", (long long) population),
				 errdetail("The sample has %lld.", (long long) counter_total(state))));

	counter_scan_start(state, &scan);
	while (counter_scan_next(&scan, NULL, &weight))
		sizes[n++] = weight;
	sort_sizes(sizes, n);
	for (int64 i = 0; i < n; i++)
	{
		if (histogram.n > 0 && sizes[histogram.n - 1] == sizes[i])
			classes[histogram.n - 1]++;
		else
		{
			sizes[histogram.n] = sizes[i];
			classes[histogram.n++] = 1;
		}
	}
	estimate = population_uniques((PopulationModel) model, &histogram, population);
	pfree(sizes);
	pfree(classes);
	if (!estimate.valid)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(estimate.uniques / (float8) population);
}
