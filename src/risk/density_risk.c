/*-------------------------------------------------------------------------
 *
 * density_risk.c
 *		What the probability of a tuple says of those who have it.
 *
 * Skinner and Holmes (1998), Skinner and Shlomo (2008): a class of the
 * population has a Poisson number of members with the mean lambda = N p, of
 * which a sample of the fraction pi has taken f; the rest is Poisson again,
 * with the mean (1 - pi) lambda, whatever f is.
 *
 * Rocher, Hendrickx and de Montjoye (2019): of the N - 1 others each has the
 * tuple with the probability p.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "risk/density.h"

/* The discount of rare values may raise an estimate from this share of it, not from less. */
#define LEAST_RATIO		0.8

/* See density.h. */
double
density_uniqueness(double log_p, double population)
{
	double		p = exp(log_p);

	return p >= 1 ? (population <= 1 ? 1 : 0) : exp((population - 1) * log1p(-p));
}

/* See density.h. */
double
density_correctness(double log_p, double population)
{
	double		p = exp(log_p);

	if (p >= 1)
		return 1 / population;
	return -expm1(population * log1p(-p)) / (population * p);
}

/*
 * See density.h.  That is the integral of t^(f - 1) exp(-v (1 - t)) over 0 .. 1.
 * Integrated by parts it is (1 - v I(f + 1)) / f, a series that falls fast where
 * v is below f; read backwards, from f = 1 on, that is stable where v is above.
 */
double
density_match(int64 size, double rest)
{
	double		f = (double) size;
	double		match;

	if (rest <= f)
	{
		double		term = 1 / f;

		match = term;
		for (double i = f + 1; fabs(term) > 1e-17 * match; i++)
		{
			term *= -rest / i;
			match += term;
		}
		return match;
	}
	match = -expm1(-rest) / rest;
	for (double i = 1; i < f; i++)
		match = (1 - i * match) / rest;
	return match;
}

/* See density.h. */
bool
loglinear_reliable(const LoglinearRisk *risk)
{
	return risk->both_undiscounted >= LEAST_RATIO * risk->both;
}

/* See density.h. */
void
loglinear_risk(const RiskTuples *t, const RiskDensity *density, double population,
			   LoglinearRisk *risk)
{
	double		outside = (population - density->members) / population;

	memset(risk, 0, sizeof(LoglinearRisk));
	for (uint32 i = 0; i < t->n; i++)
	{
		double		members = (double) t->persons[i];
		double		rest = outside * population * exp(density->log_p[i]);
		double		match = density_match(t->persons[i], rest);
		double		unique = density_uniqueness(density->log_p[i], population);

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		if (t->persons[i] == 1)
		{
			risk->both += exp(-rest);
			risk->both_undiscounted += exp(-rest * exp(-density->discount[i]));
			risk->squares += exp(-2 * rest);
			risk->matches += match;
		}
		risk->all_matches += members * match;
		risk->uniqueness += members * unique;
		risk->uniqueness_squares += members * unique * unique;
		risk->correctness += members * density_correctness(density->log_p[i], population);
	}
	risk->uniqueness /= density->members;
	risk->uniqueness_squares /= density->members;
	risk->correctness /= density->members;
}
