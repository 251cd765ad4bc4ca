/*-------------------------------------------------------------------------
 *
 * generator.c
 *		The methods by name, and the best of them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "synthesize/generator.h"

static const GeneratorMethod *const METHODS[] = {&sequential_method, &forest_method, &marginals_method};

/* See generator.h. */
const GeneratorMethod *
generator_method(const char *name)
{
	for (int i = 0; i < lengthof(METHODS); i++)
		if (METHODS[i]->name != NULL && strcmp(METHODS[i]->name, name) == 0)
			return METHODS[i];
	return NULL;
}

/* See generator.h. */
Generator *
generator_fit_best(const CodedTable *table, const GeneratorSettings *settings, double *densities)
{
	if (densities != NULL)
		memset(densities, 0, lengthof(METHODS) * sizeof(double));
	return sequential_method.fit(table, settings);
}
