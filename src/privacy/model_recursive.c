/*-------------------------------------------------------------------------
 *
 * model_recursive.c
 *		Recursive (c,l)-diversity: the most frequent sensitive value of a class
 *		is rarer than c times the l-th most frequent and all rarer ones.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "privacy/privacy_internal.h"

/* r_1 / (r_l + ... + r_m); infinite if there are fewer than l values. */
static double
measure_recursive(const Requirement *r, const PrivacyClass *class)
{
	int64		few[FEW_VALUES];
	int64	   *counts;
	int64		tail = 0;
	double		measure;

	if (class->nvalues < r->l)
		return INFINITY;
	counts = counts_descending(class, few, FEW_VALUES);
	for (int i = r->l - 1; i < class->nvalues; i++)
		tail += counts[i];
	measure = (double) counts[0] / (double) tail;
	if (counts != few)
		pfree(counts);
	return measure;
}

/*
 * The l-th value and the rarer ones do not become more when records are left
 * out: every value that is kept is rarer than c times what they are now.
 */
static int64
most_kept_recursive(const Requirement *r, const PrivacyClass *class)
{
	int64		few[FEW_VALUES];
	int64	   *counts;
	int64		tail = 0;
	int64		kept = 0;

	if (class->nvalues < r->l)
		return 0;
	counts = counts_descending(class, few, FEW_VALUES);
	for (int i = r->l - 1; i < class->nvalues; i++)
		tail += counts[i];
	for (int i = 0; i < class->nvalues; i++)
	{
		double		most = floor(r->wanted * (double) tail * BOUND_SLACK);

		kept += most < (double) counts[i] ? (int64) most : counts[i];
	}
	if (counts != few)
		pfree(counts);
	return kept;
}

/* l values need l records. */
static int64
least_size_recursive(const Requirement *r)
{
	return r->l;
}

const PrivacyModel model_recursive = {
	.name = "recursive",
	.needs_values = true,
	.monotone = true,
	.strict = true,
	.least_size = least_size_recursive,
	.most_kept = most_kept_recursive,
	.measure = measure_recursive,
};
