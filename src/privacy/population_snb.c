/*-------------------------------------------------------------------------
 *
 * population_snb.c
 *		The slide negative binomial model (Chen and Keller-McNulty 1998): the
 *		size of a class of the population, less 1, has a negative binomial
 *		distribution with the parameters alpha and beta.
 *
 * With theta = 1 - beta, q = 1 - pi and K classes in the population, a random
 * sample is expected to have
 *
 *		s_1 = K pi beta^alpha (1 - theta q)^-alpha (1 + alpha theta q / (1 - theta q)),
 *		s_2 = K pi^2 alpha theta beta^alpha (1 - theta q)^-(alpha + 2)
 *			  (2 - (1 - alpha) theta q) / 2
 *
 * classes of one and of two records.  K is estimated on its own, by the
 * estimator of Shlosser as modified by Haas and Stokes (1998).  s_2 / s_1 does
 * not depend on K, and for a given theta it is a quadratic equation in alpha
 * with one positive solution: that leaves one equation in theta.  The
 * population then has K beta^alpha uniques.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "privacy/population_internal.h"

/* The logit of theta is looked for between these, in such steps. */
#define MOST_LOGIT	30.0
#define LOGIT_STEP	0.5

typedef struct Moments
{
	const PopulationSample *s;
	double		classes;		/* K */
} Moments;

/* Classes of the population. */
static double
estimate_classes(const PopulationSample *s)
{
	double		pi = s->pi;
	double		q = 1 - pi;
	double		unseen = 0;
	double		seen_once = 0;
	double		first = 0;
	double		second = 0;

	for (int64 j = s->sizes->n - 1; j >= 0; j--)
	{
		double		i = (double) s->sizes->size[j];
		double		classes = (double) s->sizes->classes[j];

		first += i * pi * pi * pow(1 - pi * pi, i - 1) * classes;
		second += (pow(1 - pi * pi, i) - pow(q, i)) * classes;
		unseen += pow(q, i) * classes;
		seen_once += i * pi * pow(q, i - 1) * classes;
	}
	return s->u + s->s1 * (first / second) * (unseen / seen_once) * (unseen / seen_once);
}

/* The alpha that gives s_2 / s_1, for a theta. */
static double
alpha_of(const PopulationSample *s, double theta)
{
	double		x = theta * (1 - s->pi);
	double		ratio = s->s2 / s->s1;
	double		a = s->pi * theta * x;
	double		b = s->pi * theta * (2 - x) - 2 * ratio * x * (1 - x);
	double		c = -2 * ratio * (1 - x) * (1 - x);
	double		root = sqrt(b * b - 4 * a * c);

	/* without subtracting what is alike */
	return b > 0 ? -2 * c / (b + root) : (root - b) / (2 * a);
}

/* ln of the s_1 to expect over the s_1 at hand, by the logit of theta. */
static double
first_moment(void *state, double logit)
{
	const Moments *m = state;
	double		theta = 1 / (1 + exp(-logit));
	double		log_beta = -log1p(exp(logit));
	double		x = theta * (1 - m->s->pi);
	double		alpha = alpha_of(m->s, theta);

	return log(m->classes * m->s->pi / m->s->s1) + alpha * (log_beta - log1p(-x)) +
		log1p(alpha * x / (1 - x));
}

/* See population_internal.h. */
const char *
population_snb(const PopulationSample *s, PopulationEstimate *e)
{
	Moments		m = {.s = s};
	double		low = -MOST_LOGIT;
	double		at_low;

	if (s->s2 == 0)
		return "no class has two records: there is no second moment to fit";
	m.classes = estimate_classes(s);
	if (!(m.classes >= s->u))
		return "the number of classes in the population cannot be estimated from these sizes";
	if (m.classes > s->population)
		return "more classes would be in the population than it has persons";
	population_parameter(e, "classes", m.classes);
	at_low = first_moment(&m, low);
	for (double high = low + LOGIT_STEP; high <= MOST_LOGIT; high += LOGIT_STEP)
	{
		double		at_high = first_moment(&m, high);

		if ((at_high > 0) != (at_low > 0))
		{
			double		logit = population_root(first_moment, &m, low, high, at_low, at_high);

			double		alpha = alpha_of(s, 1 / (1 + exp(-logit)));

			population_parameter(e, "alpha", alpha);
			population_parameter(e, "beta", 1 / (1 + exp(logit)));
			e->uniques = m.classes * exp(alpha * -log1p(exp(logit)));
			return NULL;
		}
		low = high;
		at_low = at_high;
	}
	return "no negative binomial distribution has as many classes of one and of two records";
}
