/*-------------------------------------------------------------------------
 *
 * sums.h
 *		Sums that do not depend on the order of what is added, and a sum for
 *		each pair of numbers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_SUMS_H
#define KIAIM_RISK_SUMS_H

#include "postgres.h"

#include <math.h>

#include "frame/frame.h"

/* A sum with what rounding has lost of it so far (Neumaier's). */
typedef struct Sum
{
	double		sum;
	double		rest;
} Sum;

/* Add a number, which may be infinite. */
static inline void
sum_add(Sum *s, double x)
{
	double		sum = s->sum + x;

	if (isfinite(sum))
		s->rest += fabs(s->sum) >= fabs(x) ? s->sum - sum + x : x - sum + s->sum;
	s->sum = sum;
}

static inline double
sum_value(const Sum *s)
{
	return isfinite(s->sum) ? s->sum + s->rest : s->sum;
}

/* What has been added to a pair, and how often; its greatest. */
typedef struct PairSum
{
	uint32		one;
	uint32		two;
	Sum			sum;
	double		greatest;
	int64		n;				/* 0: no pair is here */
} PairSum;

/* The pairs: a hash table; those with n > 0 of the nslots slots are taken. */
typedef struct PairSums
{
	FrameMemory *memory;
	PairSum    *slots;
	uint64		nslots;			/* a power of two */
	uint64		nused;
} PairSums;

/* No pairs, in the account. */
extern PairSums *pair_sums(FrameMemory *memory);

/* Add to the sum of a pair. */
extern void pair_sums_add(PairSums *pairs, uint32 one, uint32 two, double x);

extern void pair_sums_free(PairSums *pairs);

#endif							/* KIAIM_RISK_SUMS_H */
