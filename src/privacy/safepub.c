/*-------------------------------------------------------------------------
 *
 * safepub.c
 *		Differential privacy by drawing, generalizing and suppressing.
 *
 * R. Bild, K. A. Kuhn, F. Prasser: SafePub: A truthful data anonymization
 * algorithm with strong privacy guarantees, PoPETs 2018; N. Li, W. Qardaji, D.
 * Su: On sampling, anonymization, and differential privacy, ASIACCS 2012.
 *
 * Every record is drawn with probability b = 1 - exp(-epsilon).  Of a class
 * of n records, j are drawn; with one record less, the same j has at most
 * exp(epsilon) times another probability, but where j > g n with g = 1 - (1 -
 * b) exp(-epsilon).  Let tail(n) be the probability of that, P(Bin(n,b) > g
 * n).  Classes smaller than k are not released, so for n <= g k nothing can go
 * wrong, and delta(k) is the largest tail(n) of all n >= n_m = ceil(k/g - 1).
 * Then k is right if delta(k) <= delta: if N is the smallest number from which
 * on no tail exceeds delta, the smallest such k is floor(g N) + 1.
 *
 * N is found from above: from a number on, Chernoff's bound exp(-n D) says that
 * no tail exceeds delta; from there down, each tail is the sum of its terms, and
 * the first term follows from the one before by two or four multiplications.
 * What could make k too small is rounded away from it: b is an exact binary
 * fraction not above its formula; g has two values, one not above and one not
 * below its own; every floating-point operation on a term is counted, and each
 * may have made it too small by 2^-52 of it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "fmgr.h"
#include "miscadmin.h"

#include "privacy/safepub.h"

PG_FUNCTION_INFO_V1(kiaim_safepub_k);
PG_FUNCTION_INFO_V1(kiaim_safepub_share);

/* More than the relative error of some operations and of one function of the C library. */
#define SLACK	ldexp(1.0, -48)

/* A draw of records, and the share of a class from which on it tells too much. */
typedef struct Draw
{
	double		b;				/* exact, as is 1 - b */
	double		g_low;
	double		g_high;
} Draw;

/* A term P(Bin(n,b) = j), with the number of operations that made it. */
typedef struct Term
{
	int64		n;
	int64		j;
	double		p;
	double		operations;
} Term;

/* See safepub.h. */
double
safepub_share(double epsilon)
{
	return ldexp(floor(ldexp(-expm1(-epsilon) * (1 - SLACK), 53)), -53);
}

/* The draw of an epsilon. */
static Draw
draw_create(double epsilon)
{
	Draw		draw;
	double		g;

	draw.b = safepub_share(epsilon);
	g = draw.b - (1 - draw.b) * expm1(-epsilon);
	draw.g_low = g * (1 - SLACK);
	draw.g_high = g * (1 + SLACK);
	return draw;
}

/* The smallest j above g n; rounded down where that is in doubt, which makes the tail longer. */
static int64
tail_start(const Draw *draw, int64 n)
{
	return (int64) floor(draw->g_low * (double) n) + 1;
}

/* The first term of the tail of n, from nothing. */
static Term
term_create(const Draw *draw, int64 n)
{
	Term		term = {n, tail_start(draw, n), 1, 0};
	int64		out = n - term.j;
	int64		i = 1;
	int64		powers = term.j;
	int			exponent;
	int64		scale = 0;

	/* binomial coefficient and powers in turns; the exponent is kept apart, lest it run out */
	while (i <= out || powers > 0)
	{
		if ((i & 1023) == 0 || (powers & 1023) == 0)
			CHECK_FOR_INTERRUPTS();
		if (i <= out)
		{
			term.p *= (double) (term.j + i) / (double) i * (1 - draw->b);
			i++;
		}
		if (powers > 0)
		{
			term.p *= draw->b;
			powers--;
		}
		term.p = frexp(term.p, &exponent);
		scale += exponent;
	}
	term.p = ldexp(term.p, (int) Max(scale, -100000));
	term.operations = 4.0 * (double) n;
	return term;
}

/* From the first term of the tail of n to that of n - 1. */
static void
term_step(const Draw *draw, Term *term)
{
	int64		start = tail_start(draw, term->n - 1);

	/* in this order, since for j = n there is no term of n - 1 */
	for (; term->j > start; term->j--)
	{
		term->p *= (double) term->j * (1 - draw->b) / ((double) (term->n - term->j + 1) * draw->b);
		term->operations += 4;
	}
	term->p *= (double) (term->n - term->j) / ((double) term->n * (1 - draw->b));
	term->operations += 3;
	term->n--;
}

/* Not less than the tail that begins with a term. */
static double
tail_above(const Draw *draw, const Term *first)
{
	double		p = first->p;
	double		sum = p;
	double		operations = first->operations;

	for (int64 j = first->j; j < first->n; j++)
	{
		double		ratio = (double) (first->n - j) * draw->b / ((double) (j + 1) * (1 - draw->b));

		p *= ratio;
		sum += p;
		operations += 5;
		if (p < sum * 1e-18 && ratio < 0.99)
		{
			/* ratios only fall, so the rest is less than a geometric series */
			sum += p * ratio / (1 - ratio);
			break;
		}
	}
	return sum * (1 + (operations + 64) * DBL_EPSILON);
}

/* See safepub.h. */
int64
safepub_k(double epsilon, double delta)
{
	Draw		draw = draw_create(epsilon);
	double		divergence = draw.g_low * log(draw.g_low / draw.b) - (1 - draw.g_low) * epsilon;
	double		enough = ceil(-log(delta) / (divergence * (1 - 1e-6))) + 1;
	Term		term = term_create(&draw, (int64) enough);

	while (term.n > 0 && tail_above(&draw, &term) <= delta * (1 - SLACK))
	{
		if ((term.n & 1023) == 0)
			CHECK_FOR_INTERRUPTS();
		if (term.n == 1)
			return (int64) floor(draw.g_high) + 1;
		term_step(&draw, &term);
	}
	return (int64) floor(draw.g_high * (double) (term.n + 1)) + 1;
}

/* Refuse what no draw can be made of. */
static void
check_epsilon(double epsilon)
{
	if (!(epsilon >= SAFEPUB_EPSILON_MIN && epsilon <= SAFEPUB_EPSILON_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("epsilon must be from %g to %g, not %g",
						SAFEPUB_EPSILON_MIN, SAFEPUB_EPSILON_MAX, epsilon)));
}

/* kiaim.safepub_k(epsilon, delta) */
Datum
kiaim_safepub_k(PG_FUNCTION_ARGS)
{
	double		delta = PG_GETARG_FLOAT8(1);

	check_epsilon(PG_GETARG_FLOAT8(0));
	if (!(delta >= SAFEPUB_DELTA_MIN && delta <= SAFEPUB_DELTA_MAX))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("delta must be from %g to %g, not %g",
						SAFEPUB_DELTA_MIN, SAFEPUB_DELTA_MAX, delta)));
	PG_RETURN_INT64(safepub_k(PG_GETARG_FLOAT8(0), delta));
}

/* kiaim.safepub_share(epsilon) */
Datum
kiaim_safepub_share(PG_FUNCTION_ARGS)
{
	check_epsilon(PG_GETARG_FLOAT8(0));
	PG_RETURN_FLOAT8(safepub_share(PG_GETARG_FLOAT8(0)));
}
