/*-------------------------------------------------------------------------
 *
 * individual.c
 *		The risk of one record of a sample, by Benedetti and Franconi.
 *
 * r = p^f / f * 2F1(f, f; f + 1; 1 - p) overflows for large f.  Euler's
 * transformation leaves r = p / f * 2F1(1, 1; f + 1; 1 - p), whose terms are
 * positive and at most (1 - p)^j: they end soon unless both f and p are small.
 * There r is the integral of p u^(f - 1) / (p + (1 - p) u) over 0 .. 1, and
 * hence r(f + 1) = p / (1 - p) * (1 / f - r(f)), whose factor is so small that
 * it damps rounding errors.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"

#include "risk/individual.h"

PG_FUNCTION_INFO_V1(kiaim_individual_risk);

/* Below these, the recurrence; the series has at most 86 terms elsewhere. */
#define SERIES_F	20
#define SERIES_P	0.3

/* See individual.h. */
double
individual_risk(double f, double p)
{
	double		q = 1 - p;
	double		term = 1;
	double		sum = 1;

	if (p >= 1)
		return 1 / f;
	if (!(p > 0))
		return 0;
	if (f == 1 || (f < SERIES_F && p < SERIES_P))
	{
		double		risk = -log(p) * p / q;

		for (int i = 1; i < f; i++)
			risk = p / q * (1.0 / i - risk);
		return risk;
	}
	for (double j = 1; term > sum * 1e-17; j++)
	{
		term *= q * j / (f + j);
		sum += term;
	}
	return p * sum / f;
}

/* kiaim.individual_risk(f bigint, p float8) → float8 */
Datum
kiaim_individual_risk(PG_FUNCTION_ARGS)
{
	int64		f = PG_GETARG_INT64(0);
	double		p = PG_GETARG_FLOAT8(1);

	if (f < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("f must be at least 1, but is " INT64_FORMAT, f),
				 errdetail("It is the number of records of the sample that share the values.")));
	if (!(p > 0 && p <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("p must be above 0 and at most 1, but is %g", p),
				 errdetail("It is the share of the population that got into the sample.")));
	PG_RETURN_FLOAT8(individual_risk((double) f, p));
}
