/*-------------------------------------------------------------------------
 *
 * journalist.c
 *		What the classes of a sample may be in its population: the risk from
 *		somebody who knows the population, of which only the number of persons
 *		is given.
 *
 * Under Pitman's model a class of f persons of the sample grows by those of the
 * rest of the population as balls are drawn from an urn in which it weighs
 * f - alpha; seen alone that is the negative binomial distribution.  As
 * 1 / (f + x) is the integral of t^(f + x - 1) over t from 0 to 1, the mean of
 * 1/F is that of t^(f - 1) (p / (1 - (1 - p) t))^(f - alpha).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "miscadmin.h"

#include "risk/attackers.h"

/* The integral is cut into panels of Gauss's rule with ten nodes. */
#define PANELS		12
#define HALF_NODES	5

static const double node[HALF_NODES] = {
	0.14887433898163122, 0.43339539412924719, 0.67940956829902441, 0.86506336668898451,
	0.97390652851717172
};
static const double node_weight[HALF_NODES] = {
	0.29552422471475287, 0.26926671930999636, 0.21908636251598204, 0.14945134915058059,
	0.06667134430868814
};

/* Beyond this many logarithms nothing is left of an exponential. */
#define NOTHING		45.0

/* The integrand at w = exp(s) = (1 - (1 - p) t) / p, which spreads it evenly. */
static double
integrand(const ClassGrowth *g, double f, double last, double s)
{
	double		t = -expm1(s - last) / (1 - g->p);

	return exp((f - 1) * log(t) + (1 - (f - g->alpha)) * s);
}

/* See attackers.h. */
double
class_growth_risk(const ClassGrowth *growth, double f)
{
	double		p = growth->p;
	double		last = -log(p);
	double		fall = Max(f - growth->alpha - 1, 0) + (f - 1) * p / Max(1 - p, DBL_MIN);
	double		width;
	double		sum = 0;

	/* a class cannot grow where the sample is the population */
	if (1 - p < 1e-12)
		return 1 / f;
	width = (fall > 0 ? Min(last, NOTHING / fall) : last) / PANELS;
	for (int i = 0; i < PANELS; i++)
		for (int j = 0; j < HALF_NODES; j++)
		{
			double		middle = (i + 0.5) * width;
			double		offset = node[j] * width / 2;

			sum += node_weight[j] * (integrand(growth, f, last, middle - offset) +
									 integrand(growth, f, last, middle + offset));
		}
	return Min(sum * width / 2 * p / (1 - p), 1 / f);
}

/*
 * The regularized incomplete beta function I_x(a, b), by its continued fraction
 * (Abramowitz and Stegun 26.5.8) in Lentz's order.
 */
static double
incomplete_beta(double a, double b, double x)
{
	double		front;
	double		c = 1;
	double		d;
	double		h;

	if (x <= 0)
		return 0;
	if (x >= 1)
		return 1;
	if (x > (a + 1) / (a + b + 2))
		return 1 - incomplete_beta(b, a, 1 - x);
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a;
	d = 1 / (1 - (a + b) * x / (a + 1));
	h = d;
	for (int m = 1; m <= 100000; m++)
	{
		double		even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double		odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		double		step;

		d = 1 / (1 + even * d);
		c = 1 + even / c;
		h *= d * c;
		d = 1 / (1 + odd * d);
		c = 1 + odd / c;
		step = d * c;
		h *= step;
		if (fabs(step - 1) < 1e-15)
			break;
	}
	return front * h;
}

/* See attackers.h. */
double
class_growth_above(const ClassGrowth *growth, double f, double threshold)
{
	double		most;

	if (1 / f <= threshold)
		return 0;
	if (threshold <= 0 || 1 - growth->p < 1e-12)
		return 1;
	/* the largest F whose risk exceeds the threshold */
	most = ceil(1 / threshold);
	while (1 / most <= threshold)
		most--;
	return incomplete_beta(f - growth->alpha, most - f + 1, growth->p);
}

/* See attackers.h. */
RiskView *
risk_view_estimate(const RiskView *sample, const ClassGrowth *growth, double threshold)
{
	RiskView   *v = palloc(sizeof(RiskView));

	v->n = sample->n;
	v->nrecords = sample->nrecords;
	v->ranks = MemoryContextAllocHuge(CurrentMemoryContext, Max(v->n, 1) * sizeof(RiskRank));
	for (int64 i = 0; i < v->n; i++)
	{
		RiskRank   *rank = &v->ranks[i];

		CHECK_FOR_INTERRUPTS();
		*rank = sample->ranks[i];
		rank->risk = growth->valid ? class_growth_risk(growth, rank->size) : NAN;
		rank->above = growth->valid ? class_growth_above(growth, rank->size, threshold) : NAN;
	}
	return v;
}
