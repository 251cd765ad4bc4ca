/*-------------------------------------------------------------------------
 *
 * population_internal.h
 *		The estimators of population uniques among themselves.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_POPULATION_INTERNAL_H
#define KIAIM_POPULATION_INTERNAL_H

#include "privacy/population.h"

/* A sample as the estimators see it: it has uniques, and N > n. */
typedef struct PopulationSample
{
	const SizeHistogram *sizes;
	double		n;				/* records */
	double		u;				/* classes */
	double		s1;				/* of one record */
	double		s2;				/* of two */
	double		population;		/* N */
	double		pi;				/* n / N */
} PopulationSample;

/*
 * Each sets uniques and parameters of the estimate and returns NULL, or says
 * why it has none: a constant string.
 */
extern const char *population_pitman(const PopulationSample *s, PopulationEstimate *e);
extern const char *population_zayatz(const PopulationSample *s, PopulationEstimate *e);
extern const char *population_snb(const PopulationSample *s, PopulationEstimate *e);

/* Note a parameter. */
static inline void
population_parameter(PopulationEstimate *e, const char *name, double value)
{
	Assert(e->nparameters < POPULATION_MAX_PARAMETERS);
	e->parameters[e->nparameters].name = name;
	e->parameters[e->nparameters++].value = value;
}

/*
 * A zero of a continuous function between two arguments where it has
 * different signs; to the last bits.
 */
typedef double (*PopulationFunction) (void *state, double x);
extern double population_root(PopulationFunction f, void *state, double low, double high,
							  double at_low, double at_high);

#endif							/* KIAIM_POPULATION_INTERNAL_H */
