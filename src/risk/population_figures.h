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

/*
 * The uniques of a population by every model, figures[model]; valid, or with a
 * reason.  Cheap: all depends on the sizes alone.  Sizes that count matches of
 * NULL as a wildcard are no partition and must not come here.
 *
 * population is a number of persons.  A person may be in several classes; then
 * sizes add up to more than the persons there are, and the population is taken
 * to have as many more members of classes than persons: it is their number
 * that the figures are about, and that is returned.  Error 22023 "a population
 * of %lld is smaller than its sample".
 */
extern int64 population_figures(const RiskSizes *sizes, int64 population,
								PopulationEstimate figures[POPULATION_NMODELS]);

#endif							/* KIAIM_RISK_POPULATION_FIGURES_H */
