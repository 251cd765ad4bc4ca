/*-------------------------------------------------------------------------
 *
 * population_figures.h
 *		The room "risk", population: how much of a population is unique in it,
 *		from the class sizes of a sample.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_POPULATION_FIGURES_H
#define KIAIM_RISK_POPULATION_FIGURES_H

#include "postgres.h"

#include "privacy/population.h"
#include "risk/risk.h"
#include "risk/tuples.h"

/*
 * population is a number of persons throughout.  A person may be in several
 * classes; then sizes add up to more than the persons there are, and the
 * population is taken to have as many more members of classes than persons.
 * This is their number; for the figures, it is the population.  Error 22023
 * "a population of %lld is smaller than its sample".
 */
extern int64 population_members(const RiskTuples *t, int64 population);

/*
 * The uniques of a population by every model, figures[model]; valid, or with a
 * reason.  Cheap: all depends on the sizes alone.  Sizes that count matches of
 * NULL as a wildcard are no partition and must not come here.  Returns the
 * members of its classes; errors as above.
 */
extern int64 population_figures(const RiskSizes *sizes, int64 population,
								PopulationEstimate figures[POPULATION_NMODELS]);

/*
 * The uniques by the Poisson log-linear model with the terms that it needs: a
 * few passes over the tuples.  NaN of no records, and where most values of a column
 * occur once.  Errors as above.
 */
extern double population_poisson(RiskTuples *t, int64 population);

#endif							/* KIAIM_RISK_POPULATION_FIGURES_H */
