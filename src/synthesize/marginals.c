/*-------------------------------------------------------------------------
 *
 * marginals.c
 *		The method "marginals": each column by itself.
 *
 * The floor that other methods are compared with.  It is the method sequential
 * with nothing to explain a variable, but for the coarse one of a fine one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "synthesize/sequential_internal.h"

/* See generator.h. */
static Generator *
marginals_fit(const CodedTable *table, const GeneratorSettings *settings)
{
	return sequential_learn(&marginals_method, table, settings, 1, false);
}

/* See generator.h. */
static Generator *
marginals_read(ByteReader *r, int nvariables, const Variable *variables)
{
	return sequential_read_as(&marginals_method, false, r, nvariables, variables);
}

const GeneratorMethod marginals_method = {
	.name = "marginals",
	.fit = marginals_fit,
	.prepare = sequential_prepare,
	.draw = sequential_draw,
	.leaves = sequential_leaves,
	.write = sequential_write,
	.read = marginals_read,
};
