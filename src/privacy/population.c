/*-------------------------------------------------------------------------
 *
 * population.c
 *		Estimates of population uniques: the choice among the estimators, and
 *		what they share.
 *
 * Dankar's rule (Dankar, El Emam, Neisa and Roffey 2012): up to a sampling
 * fraction of 0.1 Pitman's model, or Zayatz's where it does not converge;
 * above it the smaller of the slide negative binomial model and Zayatz's, or
 * Zayatz's alone where the former does not converge.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "privacy/population_internal.h"

/* The sampling fraction up to which Pitman's model is the better one. */
#define DANKAR_FRACTION		0.1

/* Halvings after which no bit is left to gain. */
#define MAX_STEPS	200

const char *const population_model_names[POPULATION_NMODELS] = {"dankar", "pitman", "zayatz", "snb"};

/* See population_internal.h: the method of false position in the Illinois variant, kept honest by halving. */
double
population_root(PopulationFunction f, void *state, double low, double high,
				double at_low, double at_high)
{
	int			side = 0;

	for (int i = 0; i < MAX_STEPS; i++)
	{
		double		x = (low * at_high - high * at_low) / (at_high - at_low);
		double		at_x;

		if (i % 3 == 2 || !(x > low && x < high))
			x = low + (high - low) / 2;
		if (high - low <= 4e-16 * fabs(x) || x == low || x == high)
			return x;
		at_x = f(state, x);
		if (at_x == 0)
			return x;
		if ((at_x > 0) == (at_low > 0))
		{
			low = x;
			at_low = at_x;
			if (side == -1)
				at_high /= 2;
			side = -1;
		}
		else
		{
			high = x;
			at_high = at_x;
			if (side == 1)
				at_low /= 2;
			side = 1;
		}
	}
	return low + (high - low) / 2;
}

/* An estimate by one estimator; one outside of 0 .. N is none. */
static PopulationEstimate
estimate(PopulationModel model, const PopulationSample *s)
{
	PopulationEstimate result = {.model = model};

	switch (model)
	{
		case POPULATION_PITMAN:
			result.reason = population_pitman(s, &result);
			break;
		case POPULATION_ZAYATZ:
			result.reason = population_zayatz(s, &result);
			break;
		case POPULATION_SNB:
			result.reason = population_snb(s, &result);
			break;
		case POPULATION_DANKAR:
			break;
	}
	if (result.reason == NULL && !(result.uniques >= 0 && result.uniques <= s->population * (1 + 1e-9)))
		result.reason = "more would be unique than the population has";
	result.valid = result.reason == NULL;
	result.uniques = result.valid ? Min(result.uniques, s->population) : 0;
	return result;
}

/* See population.h. */
PopulationEstimate
population_uniques(PopulationModel model, const SizeHistogram *sample, int64 population)
{
	PopulationSample s = {.sizes = sample, .population = (double) population};
	PopulationEstimate result = {.model = model};
	PopulationEstimate other;

	for (int64 i = 0; i < sample->n; i++)
	{
		s.u += (double) sample->classes[i];
		s.n += (double) sample->size[i] * (double) sample->classes[i];
		if (sample->size[i] == 1)
			s.s1 = (double) sample->classes[i];
		if (sample->size[i] == 2)
			s.s2 = (double) sample->classes[i];
	}
	s.pi = s.n / s.population;
	if (s.n == 0)
	{
		result.reason = "there are no records";
		return result;
	}
	if (s.s1 == 0 || s.n >= s.population)
	{
		result.valid = true;
		result.uniques = s.s1;
		return result;
	}
	if (model != POPULATION_DANKAR)
		return estimate(model, &s);

	result = estimate(s.pi <= DANKAR_FRACTION ? POPULATION_PITMAN : POPULATION_SNB, &s);
	if (result.valid && s.pi <= DANKAR_FRACTION)
		return result;
	other = estimate(POPULATION_ZAYATZ, &s);
	return result.valid && (!other.valid || result.uniques < other.uniques) ? result : other;
}
