/*-------------------------------------------------------------------------
 *
 * population_pitman.c
 *		Pitman's model of random partitions (Hoshino 2001), fitted by maximum
 *		likelihood; with alpha = 0 it is Ewens's.
 *
 * The logarithm of the likelihood of theta > -alpha and 0 <= alpha < 1 is
 *
 *		sum over i = 1 .. u - 1 of ln(theta + i alpha)
 *		- sum over i = 1 .. n - 1 of ln(theta + i)
 *		+ sum over j of s_j (ln gamma(j - alpha) - ln gamma(1 - alpha)).
 *
 * For each alpha the best theta is the one zero of the derivative by theta;
 * along these the derivative by alpha falls from its value at 0, where the
 * model is Ewens's if that is not positive, to minus infinity at 1.
 *
 * The population then has gamma(theta + 1) / gamma(theta + alpha) N^alpha
 * uniques to expect, as Hoshino gives it for a large population; for Ewens's
 * model that is theta.  Where theta is not small beside N that is too many:
 * the exact expectation is a parameter of the estimate.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "numeric/special.h"
#include "privacy/population_internal.h"

/* An alpha below this is Ewens's model. */
#define LEAST_ALPHA		1e-6

/* ln(theta + alpha) lies between these. */
#define LEAST_LOG	(-40.0)
#define MOST_LOG	60.0

/* The fit on its way. */
typedef struct Fit
{
	const PopulationSample *s;
	double		alpha;
	double		log;			/* ln(theta + alpha) of the best theta so far: where to look next */
} Fit;

/* The sum over i = 1 .. u - 1 of 1 / (theta + i alpha). */
static double
sum_of_classes(const Fit *f, double theta)
{
	double		z = theta / f->alpha;

	if (f->alpha < LEAST_ALPHA)
		return (f->s->u - 1) / theta;
	return (digamma(z + f->s->u) - digamma(z + 1)) / f->alpha;
}

/* The derivative by theta, where theta + alpha = exp(x). */
static double
by_theta(void *state, double x)
{
	const Fit  *f = state;
	double		theta = exp(x) - f->alpha;

	/* times exp(x), so that it is finite at both ends */
	return exp(x) * (sum_of_classes(f, theta) -
					 (digamma(theta + f->s->n) - digamma(theta + 1)));
}

/* The best theta for the fit's alpha. */
static double
best_theta(Fit *f)
{
	double		low = f->log - 0.5;
	double		high = f->log + 0.5;
	double		at_low = by_theta(f, low);
	double		at_high = by_theta(f, high);

	/* positive below the zero, negative above it */
	for (double step = 1; at_low < 0 && low > LEAST_LOG; step *= 2)
	{
		high = low;
		at_high = at_low;
		low = Max(low - step, LEAST_LOG);
		at_low = by_theta(f, low);
	}
	for (double step = 1; at_high > 0 && high < MOST_LOG; step *= 2)
	{
		low = high;
		at_low = at_high;
		high = Min(high + step, MOST_LOG);
		at_high = by_theta(f, high);
	}
	f->log = (at_low >= 0) == (at_high >= 0) ? (at_low < 0 ? LEAST_LOG : MOST_LOG)
		: population_root(by_theta, f, low, high, at_low, at_high);
	return exp(f->log) - f->alpha;
}

/* The derivative by alpha at the best theta for it. */
static double
by_alpha(void *state, double alpha)
{
	Fit		   *f = state;
	const SizeHistogram *sizes = f->s->sizes;
	double		sum = 0;
	double		theta;
	double		at_one;

	f->alpha = alpha;
	theta = best_theta(f);
	at_one = digamma(1 - alpha);
	for (int64 i = 0; i < sizes->n; i++)
		if (sizes->size[i] > 1)
			sum += (double) sizes->classes[i] * (digamma((double) sizes->size[i] - alpha) - at_one);
	/* of the first sum: i / (theta + i alpha) */
	if (alpha < LEAST_ALPHA)
		return f->s->u * (f->s->u - 1) / 2 / theta - sum;
	return (f->s->u - 1 - theta * sum_of_classes(f, theta)) / alpha - sum;
}

/*
 * The uniques to expect in a population that is not large beside theta:
 *		N gamma(theta + 1) gamma(N + theta + alpha - 1) / (gamma(theta + alpha) gamma(N + theta)).
 */
static double
finite_population(const PopulationSample *s, double theta, double alpha)
{
	return s->population * exp(log_gamma_ratio(theta + alpha, 1 - alpha) -
							   log_gamma_ratio(s->population + theta + alpha - 1, 1 - alpha));
}

/* See population_internal.h. */
const char *
population_pitman(const PopulationSample *s, PopulationEstimate *e)
{
	Fit			fit = {.s = s};
	double		most = 1 - 1e-9;
	double		at_zero;
	double		at_most;
	double		theta;

	if (s->u >= s->n)
		return "every record is alone in its class: the likelihood has no maximum";
	if (s->u < 2)
		return "there is one class only: the likelihood has no maximum";
	fit.log = log(s->u);
	at_zero = by_alpha(&fit, 0);
	if (at_zero <= 0)
		fit.alpha = 0;
	else
	{
		at_most = by_alpha(&fit, most);
		if (at_most >= 0)
			return "the likelihood has no maximum below alpha = 1: nearly every record is alone in its class";
		fit.alpha = population_root(by_alpha, &fit, 0, most, at_zero, at_most);
	}
	theta = best_theta(&fit);
	if (fit.log <= LEAST_LOG || fit.log >= MOST_LOG)
		return "the likelihood has no maximum: it grows with theta without end";
	population_parameter(e, "theta", theta);
	population_parameter(e, "alpha", fit.alpha);
	population_parameter(e, "finite_population", finite_population(s, theta, fit.alpha));
	e->uniques = exp(fit.alpha * log(s->population) +
					 log_gamma_ratio(theta + fit.alpha, 1 - fit.alpha));
	return NULL;
}
