/*-------------------------------------------------------------------------
 *
 * model_entropy_l.c
 *		Entropy l-diversity: the entropy of the sensitive values of a class is
 *		at least that of l equally frequent ones.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "privacy/privacy_internal.h"

/*
 * exp of Shannon's entropy, which is ln n - sum(c ln c) / n; the terms are
 * added in the order of their size, the same on every run.
 */
static double
measure_entropy_l(const Requirement *r, const PrivacyClass *class)
{
	int64		few[FEW_VALUES];
	int64	   *counts = counts_descending(class, few, FEW_VALUES);
	double		measure;

	/* equal counts: no rounding shall stand between the entropy and ln l */
	if (counts[0] == counts[class->nvalues - 1])
		measure = (double) class->nvalues;
	else
	{
		double		sum = 0;

		for (int i = class->nvalues - 1; i >= 0; i--)
			sum += (double) counts[i] * log((double) counts[i]);
		measure = exp(log((double) class->total) - sum / (double) class->total);
	}
	if (counts != few)
		pfree(counts);
	return measure;
}

/* l values need l records. */
static int64
least_size_entropy_l(const Requirement *r)
{
	return whole_at_least(r->wanted);
}

const PrivacyModel model_entropy_l = {
	.name = "entropy_l",
	.needs_values = true,
	.monotone = true,
	.large_is_safe = true,
	.least_size = least_size_entropy_l,
	.measure = measure_entropy_l,
};
