/*-------------------------------------------------------------------------
 *
 * population_interval.c
 *		Standard errors of population uniques, and intervals.
 *
 * An interval says how much another sample of the same population would have
 * changed the estimate.  It does not say how wrong the model is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "risk/population_interval.h"

#define REPLICATES	100

/* So many replicates must have an estimate. */
#define LEAST_REPLICATES	80

/* From here on a Poisson distribution is as good as normal. */
#define NORMAL_MEAN		50.0

/* See population_interval.h: by halving, as it is needed once. */
double
normal_quantile(double p)
{
	double		low = 0;
	double		high = 40;

	for (int i = 0; i < 100; i++)
	{
		double		z = (low + high) / 2;

		if (erfc(z * M_SQRT1_2) > 1 - p)
			low = z;
		else
			high = z;
	}
	return low;
}

/* See population_interval.h. */
PopulationInterval
population_interval(double uniques, double error, double z, double population)
{
	double		factor = exp(z * error / uniques);
	PopulationInterval none = {NAN, NAN};
	PopulationInterval interval = {uniques / factor, Min(uniques * factor, population)};

	return uniques > 0 && !isnan(error) ? interval : none;
}

/* The next number of a generator (splitmix64), from 0 to 1, without 0. */
static double
next_uniform(uint64 *state)
{
	uint64		x = *state += UINT64CONST(0x9E3779B97F4A7C15);

	x = (x ^ (x >> 30)) * UINT64CONST(0xBF58476D1CE4E5B9);
	x = (x ^ (x >> 27)) * UINT64CONST(0x94D049BB133111EB);
	x ^= x >> 31;
	return ((double) (x >> 11) + 1) / 9007199254740992.0;
}

/* A number with a Poisson distribution. */
static int64
next_poisson(uint64 *state, double mean)
{
	double		product = 1;
	int64		n = -1;

	if (mean > NORMAL_MEAN)
	{
		double		radius = sqrt(-2 * log(next_uniform(state)));

		return Max((int64) rint(mean + sqrt(mean) * radius * cos(2 * M_PI * next_uniform(state))), 0);
	}
	do
	{
		product *= next_uniform(state);
		n++;
	} while (product > exp(-mean));
	return n;
}

/* See population_interval.h. */
void
population_errors(const SizeHistogram *sample, int64 population, double errors[POPULATION_NMODELS])
{
	int64	   *sizes = palloc_extended(Max(sample->n, 1) * sizeof(int64), MCXT_ALLOC_HUGE);
	int64	   *classes = palloc_extended(Max(sample->n, 1) * sizeof(int64), MCXT_ALLOC_HUGE);
	double		n[POPULATION_NMODELS] = {0};
	double		sum[POPULATION_NMODELS] = {0};
	double		squares[POPULATION_NMODELS] = {0};
	double		members = 0;
	uint64		state = 20240613;

	for (int64 i = 0; i < sample->n; i++)
		members += (double) sample->size[i] * (double) sample->classes[i];
	for (int r = 0; r < REPLICATES; r++)
	{
		SizeHistogram drawn = {.size = sizes,.classes = classes};

		for (int64 i = 0; i < sample->n; i++)
		{
			sizes[drawn.n] = sample->size[i];
			classes[drawn.n] = next_poisson(&state, (double) sample->classes[i]);
			if (classes[drawn.n] > 0)
				drawn.n++;
		}
		for (int model = 0; model < POPULATION_NMODELS; model++)
		{
			PopulationEstimate estimate;

			CHECK_FOR_INTERRUPTS();
			if (model == POPULATION_DANKAR)
				continue;
			estimate = population_uniques((PopulationModel) model, &drawn, population);
			if (!estimate.valid)
				continue;
			n[model]++;
			sum[model] += estimate.uniques;
			squares[model] += estimate.uniques * estimate.uniques;
		}
	}
	/* a sample that is much of the population varies less than one drawn from an infinite one */
	for (int model = 0; model < POPULATION_NMODELS; model++)
		errors[model] = n[model] < LEAST_REPLICATES ? NAN :
			sqrt(Max(squares[model] - sum[model] * sum[model] / n[model], 0) / (n[model] - 1) *
				 Max(1 - members / (double) population, 0));
	pfree(sizes);
	pfree(classes);
}
