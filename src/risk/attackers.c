/*-------------------------------------------------------------------------
 *
 * attackers.c
 *		Figures of all records, from the number of persons that an attacker
 *		cannot tell apart by each.
 *
 * Sums go by ascending size, or are kept exactly, so that no figure depends on
 * the order of rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "risk/attackers.h"

/* Sorts ranks by size. */
#define ST_SORT				sort_ranks
#define ST_ELEMENT_TYPE		RiskRank
#define ST_COMPARE(a, b)	((a)->size < (b)->size ? -1 : (a)->size > (b)->size)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* A sum of numbers from 0 to 1, each exact to 2^-60: it does not depend on their order. */
typedef struct ExactSum
{
	uint64		whole;
	uint64		fraction;		/* in units of 2^-60 */
} ExactSum;

#define FRACTION_BITS	60

/* Add a number from 0 to 1. */
static inline void
exact_add(ExactSum *sum, double x)
{
	sum->fraction += (uint64) llrint(ldexp(x, FRACTION_BITS));
	sum->whole += sum->fraction >> FRACTION_BITS;
	sum->fraction &= (UINT64CONST(1) << FRACTION_BITS) - 1;
}

/* The risk among so many persons, and whether it exceeds the threshold. */
static void
rank_by_size(RiskRank *rank, double threshold)
{
	rank->risk = 1.0 / rank->size;
	rank->above = rank->risk > threshold ? 1 : 0;
}

/* See attackers.h. */
RiskView *
risk_view_sample(RiskTuples *t, const RiskSizes *sizes, double threshold)
{
	RiskView   *v = palloc(sizeof(RiskView));

	v->n = sizes->nsizes;
	v->nrecords = sizes->nrecords;
	v->ranks = frame_alloc(&t->memory, Max(v->n, 1), sizeof(RiskRank), false);
	for (int64 i = 0; i < v->n; i++)
	{
		v->ranks[i].size = (double) sizes->size[i];
		v->ranks[i].records = sizes->records[i];
		rank_by_size(&v->ranks[i], threshold);
	}
	return v;
}

/* See attackers.h. */
RiskView *
risk_view_population(RiskTuples *t, const double *size, double threshold)
{
	RiskView   *v = palloc(sizeof(RiskView));
	int64		n = 0;

	v->nrecords = t->nrecords;
	v->ranks = frame_alloc(&t->memory, Max(t->n, 1), sizeof(RiskRank), false);
	for (uint32 i = 0; i < t->n; i++)
	{
		v->ranks[i].size = size[i];
		v->ranks[i].records = t->records[i];
	}
	sort_ranks(v->ranks, t->n);
	for (uint32 i = 0; i < t->n; i++)
	{
		if (n > 0 && v->ranks[n - 1].size == v->ranks[i].size)
			v->ranks[n - 1].records += v->ranks[i].records;
		else
			v->ranks[n++] = v->ranks[i];
	}
	v->n = n;
	for (int64 i = 0; i < n; i++)
		rank_by_size(&v->ranks[i], threshold);
	return v;
}

double
risk_view_highest(const RiskView *v)
{
	return v->n == 0 ? NAN : v->ranks[0].risk;
}

double
risk_view_lowest(const RiskView *v)
{
	return v->n == 0 ? NAN : v->ranks[v->n - 1].risk;
}

double
risk_view_average(const RiskView *v)
{
	double		whole = 0;
	double		sum = 0;

	for (int64 i = 0; i < v->n; i++)
	{
		const RiskRank *rank = &v->ranks[i];
		double		found = rank->risk == 1.0 / rank->size ? (double) rank->records / rank->size :
			(double) rank->records * rank->risk;

		/* where sizes are counted in records each class adds exactly one */
		if (found == floor(found))
			whole += found;
		else
			sum += found;
	}
	return v->nrecords == 0 ? NAN : (whole + sum) / (double) v->nrecords;
}

double
risk_view_share_above(const RiskView *v)
{
	int64		surely = 0;
	double		perhaps = 0;

	for (int64 i = 0; i < v->n; i++)
	{
		if (v->ranks[i].above == 1)
			surely += v->ranks[i].records;
		else
			perhaps += (double) v->ranks[i].records * v->ranks[i].above;
	}
	return v->nrecords == 0 ? NAN : ((double) surely + perhaps) / (double) v->nrecords;
}

/* The risk of a size that the view has. */
static double
risk_of_size(const RiskView *v, double size)
{
	int64		low = 0;
	int64		high = v->n - 1;

	while (low < high)
	{
		int64		middle = low + (high - low) / 2;

		if (v->ranks[middle].size < size)
			low = middle + 1;
		else
			high = middle;
	}
	return v->ranks[low].risk;
}

/* See attackers.h. */
double
risk_success_rate(const RiskTuples *t, const RiskView *v, const int64 *size,
				  const double *population_size)
{
	ExactSum	sum = {0};
	int64	   *records;

	if (t->start == NULL || t->npersons == 0)
		return risk_view_average(v);
	records = MemoryContextAllocExtended(CurrentMemoryContext, t->npersons * sizeof(int64),
										 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int64 m = 0; m < t->start[t->n]; m++)
		records[t->members[m]] += t->member_records[m];
	for (uint32 i = 0; i < t->n; i++)
	{
		double		risk = risk_of_size(v, population_size != NULL ? population_size[i] : (double) size[i]);

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int64 m = t->start[i]; m < t->start[i + 1]; m++)
			exact_add(&sum, risk * (double) t->member_records[m] / (double) records[t->members[m]]);
	}
	pfree(records);
	return ((double) sum.whole + ldexp((double) sum.fraction, -FRACTION_BITS)) / (double) t->npersons;
}
