/*-------------------------------------------------------------------------
 *
 * model_grassberger.c
 *		Entropy l-diversity by Grassberger's estimator: the entropy of the
 *		population that the values of a class are a sample of.
 *
 * Shannon's formula underestimates it, the more the smaller the class.
 * Grassberger (Entropy estimates from insufficient samplings, 2003,
 * arXiv:physics/0307138, equation 28) corrects this:
 *
 *		H = ln n - 1/n sum c G(c)
 *		G(c) = psi(c) + (-1)^c / 2 (psi((c + 1) / 2) - psi(c / 2))
 *
 * where psi is the digamma function.  G has the same value for 2m and 2m + 1,
 * which is psi(m + 1/2) + ln 2.
 *
 * The correction grows as classes get smaller: a single record counts as 3.56
 * values.  So the union of two classes may be less diverse than both, and
 * nothing about this model is monotone.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "privacy/privacy_internal.h"

#define LN_2			0.69314718055994530942
#define EULER_GAMMA		0.57721566490153286061

/* From here on the series below has the precision of a double. */
#define SERIES_FROM		32

/* G(count). */
static double
grassberger(int64 count)
{
	int64		m = count / 2;
	double		g;
	double		square;

	if (m < SERIES_FROM)
	{
		g = -EULER_GAMMA - LN_2;
		for (int64 i = 1; i <= m; i++)
			g += 2.0 / (double) (2 * i - 1);
		return g;
	}
	/* psi(m + 1/2), asymptotically */
	square = (double) m * (double) m;
	g = 31.0 / 8064.0 - 127.0 / 30720.0 / square;
	g = -7.0 / 960.0 + g / square;
	g = 1.0 / 24.0 + g / square;
	return log((double) m) + g / square + LN_2;
}

/* exp of the estimate; the terms are added in the order of their size. */
static double
measure_grassberger(const Requirement *r, const PrivacyClass *class)
{
	int64		few[FEW_VALUES];
	int64	   *counts = counts_descending(class, few, FEW_VALUES);
	double		sum = 0;

	for (int i = class->nvalues - 1; i >= 0; i--)
		sum += (double) counts[i] * grassberger(counts[i]);
	if (counts != few)
		pfree(counts);
	return exp(log((double) class->total) - sum / (double) class->total);
}

/* No n records are worth more than n different values are. */
static int64
least_size_grassberger(const Requirement *r)
{
	return whole_at_least(r->wanted / (2 * exp(EULER_GAMMA)));
}

const PrivacyModel model_grassberger = {
	.name = "grassberger",
	.needs_values = true,
	.large_is_safe = true,
	.least_size = least_size_grassberger,
	.measure = measure_grassberger,
};
