/*-------------------------------------------------------------------------
 *
 * special.c
 *		Special functions, from their asymptotic series: small arguments are
 *		raised by the recurrence until the series is precise.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "numeric/special.h"

/* From here on the series are precise to the last bits. */
#define LARGE	16.0

/* See special.h. */
double
digamma(double x)
{
	double		sum = 0;
	double		y;

	for (; x < LARGE; x++)
		sum -= 1 / x;
	y = 1 / (x * x);
	return sum + log(x) - 0.5 / x -
		y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y / 132))));
}

/* What Stirling's formula leaves over. */
static double
stirling_rest(double x)
{
	double		y = 1 / (x * x);

	return (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y / 1680))) / x;
}

/* See special.h. */
double
log_gamma_ratio(double x, double a)
{
	double		z = x + a;

	if (x < LARGE || z < LARGE)
		return lgamma(z) - lgamma(x);
	return (x - 0.5) * log1p(a / x) + a * (log(z) - 1) + stirling_rest(z) - stirling_rest(x);
}
