/*-------------------------------------------------------------------------
 *
 * population_interval.h
 *		The room "risk", population: how far an estimate of population uniques
 *		varies from sample to sample.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_POPULATION_INTERVAL_H
#define KIAIM_RISK_POPULATION_INTERVAL_H

#include "postgres.h"

#include "privacy/population.h"

/* The interval around a positive estimate, symmetric on the scale of ratios. */
typedef struct PopulationInterval
{
	double		low;
	double		high;
} PopulationInterval;

/* So that a standard normal variable is within -z .. z with this probability, 0 < p < 1. */
extern double normal_quantile(double p);

/* From a standard error; of an estimate of 0, NaN. */
extern PopulationInterval population_interval(double uniques, double error, double z,
											  double population);

/*
 * The standard errors of the estimates by each model, by a parametric
 * bootstrap: the numbers of classes of each size have Poisson distributions.
 * With a fixed seed, so that the same table always has the same.  NaN where too
 * few replicates have an estimate, and for Dankar's rule, whose error is that of
 * the model that it chooses.
 */
extern void population_errors(const SizeHistogram *sample, int64 population,
							  double errors[POPULATION_NMODELS]);

#endif							/* KIAIM_RISK_POPULATION_INTERVAL_H */
