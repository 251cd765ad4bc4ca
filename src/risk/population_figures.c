/*-------------------------------------------------------------------------
 *
 * population_figures.c
 *		The uniques of a population by every model, from the sizes of classes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "risk/population_figures.h"

/* See population_figures.h. */
int64
population_figures(const RiskSizes *sizes, int64 population,
				   PopulationEstimate figures[POPULATION_NMODELS])
{
	SizeHistogram histogram = {sizes->nsizes, sizes->size, sizes->classes};
	double		members = 0;

	if (population < sizes->npersons)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a population of %lld is smaller than its sample", (long long) population),
				 errdetail("The sample has %lld.", (long long) sizes->npersons),
				 errhint("Give the number of persons among whom somebody would have to look.")));
	for (int64 i = 0; i < sizes->nsizes; i++)
		members += (double) sizes->size[i] * (double) sizes->classes[i];
	if (sizes->npersons > 0 && members > (double) sizes->npersons)
	{
		members *= (double) population / (double) sizes->npersons;
		population = members < 9e18 ? (int64) rint(members) : PG_INT64_MAX;
	}
	for (int model = 0; model < POPULATION_NMODELS; model++)
		figures[model] = population_uniques((PopulationModel) model, &histogram, population);
	return population;
}
