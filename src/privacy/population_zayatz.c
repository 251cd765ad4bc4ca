/*-------------------------------------------------------------------------
 *
 * population_zayatz.c
 *		Zayatz's estimator: the sizes of the classes of the population are
 *		taken to be distributed as those of the sample.
 *
 * Then Bayes' rule says how likely a class is that has one record in the
 * sample to have one in the population, too:
 *
 *		P(1 | 1) = p_1 pi / sum over j of p_j H(1; N, j, n),
 *
 * with p_j = s_j / u, and H the hypergeometric probability that one of j
 * records is in a sample of n of N.  The estimate is s_1 P(1 | 1) / pi.
 * Zayatz 1991, Bureau of the Census, Statistical Research Division 91/08.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "numeric/special.h"
#include "privacy/population_internal.h"

/*
 * The probability that exactly one of j records is in the sample, over that
 * of a single record: j times that of the others not to be in it.
 */
static double
one_of(const PopulationSample *s, double j)
{
	double		outside = s->population - s->n;

	if (j == 1)
		return 1;
	/* there are not as many records outside of the sample */
	if (outside < j - 1)
		return 0;
	return j * exp(log_gamma_ratio(s->population, 1 - j) - log_gamma_ratio(outside + 1, 1 - j));
}

/* See population_internal.h. */
const char *
population_zayatz(const PopulationSample *s, PopulationEstimate *e)
{
	double		sum = 0;

	for (int64 i = s->sizes->n - 1; i >= 0; i--)
		sum += (double) s->sizes->classes[i] * one_of(s, (double) s->sizes->size[i]);
	population_parameter(e, "unique_if_alone", s->s1 / sum);
	e->uniques = s->s1 * (s->s1 / sum) / s->pi;
	return NULL;
}
