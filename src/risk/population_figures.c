/*-------------------------------------------------------------------------
 *
 * population_figures.c
 *		The uniques of a population by every model, from the sizes of classes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "risk/density.h"
#include "risk/population_figures.h"

/* The members of the classes of a population, from those of its sample. */
static int64
scale_members(double members, int64 persons, int64 population)
{
	if (population < persons)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a population of %lld is smaller than its sample", (long long) population),
				 errdetail("The sample has %lld.", (long long) persons),
				 errhint("Give the number of persons among whom somebody would have to look.")));
	if (persons == 0 || members == (double) persons)
		return population;
	members *= (double) population / (double) persons;
	return members < 9e18 ? (int64) rint(members) : PG_INT64_MAX;
}

/* See population_figures.h. */
int64
population_members(const RiskTuples *t, int64 population)
{
	double		members = 0;

	for (uint32 i = 0; i < t->n; i++)
		members += (double) t->persons[i];
	return scale_members(members, t->npersons, population);
}

/* See population_figures.h. */
int64
population_figures(const RiskSizes *sizes, int64 population,
				   PopulationEstimate figures[POPULATION_NMODELS])
{
	SizeHistogram histogram = {sizes->nsizes, sizes->size, sizes->classes};
	double		members = 0;

	for (int64 i = 0; i < sizes->nsizes; i++)
		members += (double) sizes->size[i] * (double) sizes->classes[i];
	population = scale_members(members, sizes->npersons, population);
	for (int model = 0; model < POPULATION_NMODELS; model++)
		figures[model] = population_uniques((PopulationModel) model, &histogram, population);
	return population;
}

/* See population_figures.h. */
double
population_poisson(RiskTuples *t, int64 population)
{
	int64		members = population_members(t, population);
	RiskDensity *density;
	LoglinearRisk risk;

	if (t->n == 0)
		return NAN;
	density = risk_density(t, true);
	loglinear_risk(t, density, (double) members, &risk);
	return !loglinear_reliable(&risk) ? NAN : risk.both / (density->members / (double) members);
}
