/*-------------------------------------------------------------------------
 *
 * local_table.c
 *		Requirements on all classes of a local recoding together.
 *
 * They look at sizes only.  The smallest classes are suppressed until they
 * hold; of equal size those first whose labels cost most, for they lose least.
 * Means of the records' risks hold from some class on; an estimate of the
 * population need not, and there the number is one without whose last class the
 * requirement does not hold, found by halving.  The suppressed tuples are not in
 * the recoding, so the query of a release need not know this order.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "anonymize/local_internal.h"
#include "privacy/table_model.h"

/* Sorts classes into the order of suppression. */
#define ST_SORT				sort_released
#define ST_ELEMENT_TYPE		LocalReleased
#define ST_COMPARE(a, b) \
	((a)->size != (b)->size ? ((a)->size < (b)->size ? -1 : 1) : \
	 (a)->cost != (b)->cost ? ((a)->cost > (b)->cost ? -1 : 1) : \
	 (a)->class < (b)->class ? -1 : (a)->class > (b)->class)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* The sizes of classes, while they are counted. */
typedef struct Sizes
{
	int64	   *size;
	int64	   *classes;
	int64	   *records;
} Sizes;

/* Do all requirements hold of the classes from the first one on?  They are sorted by size. */
static bool
requirements_hold(const Policy *policy, const LocalReleased *classes, int32 first, int32 n,
				  Sizes *sizes)
{
	SizeHistogram histogram = {.size = sizes->size, .classes = sizes->classes};

	CHECK_FOR_INTERRUPTS();
	for (int32 i = first; i < n; i++)
	{
		if (i == first || classes[i].size != classes[i - 1].size)
		{
			sizes->size[histogram.n] = classes[i].size;
			sizes->classes[histogram.n] = sizes->records[histogram.n] = 0;
			histogram.n++;
		}
		sizes->classes[histogram.n - 1]++;
		sizes->records[histogram.n - 1] += classes[i].records;
	}
	/* of nothing everything holds */
	for (int i = 0; i < policy->ntable && histogram.n > 0; i++)
		if (!table_requirement_holds(&policy->table[i],
									 table_requirement_measure(&policy->table[i], &histogram,
															   sizes->records)))
			return false;
	return true;
}

/* See local_internal.h. */
int32
local_table_suppress(const Policy *policy, LocalReleased *classes, int32 n, int64 most)
{
	Sizes		sizes;
	int32		low = 0;		/* does not hold */
	int32		high = 0;

	sort_released(classes, n);
	sizes.size = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * Max(n, 1));
	sizes.classes = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * Max(n, 1));
	sizes.records = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * Max(n, 1));
	if (!requirements_hold(policy, classes, 0, n, &sizes))
	{
		for (int64 gone = 0; high < n && gone + classes[high].records <= most; high++)
			gone += classes[high].records;
		if (high == 0 || !requirements_hold(policy, classes, high, n, &sizes))
			high = -1;
		while (high - low > 1)
		{
			int32		middle = low + (high - low) / 2;

			if (requirements_hold(policy, classes, middle, n, &sizes))
				high = middle;
			else
				low = middle;
		}
	}
	pfree(sizes.size);
	pfree(sizes.classes);
	pfree(sizes.records);
	return high;
}

/* See local_internal.h: an estimate of the population grows with the records that are alone. */
double
local_risk(const TableRequirement *r, int64 size, int64 records)
{
	if (records == 0)
		return 0;
	if (r->model->risk == NULL)
		return size == 1 ? (double) records : 0;
	return r->model->risk(r, size, records);
}

/* See local_internal.h. */
bool
local_risks_kept(const Policy *policy, int nbefore, const LocalSize *before,
				 int nafter, const LocalSize *after)
{
	for (int i = 0; i < policy->ntable; i++)
	{
		double		sum = 1e-9;

		for (int c = 0; c < nbefore; c++)
			sum += local_risk(&policy->table[i], before[c].size, before[c].records);
		for (int c = 0; c < nafter; c++)
			sum -= local_risk(&policy->table[i], after[c].size, after[c].records);
		if (sum < 0)
			return false;
	}
	return true;
}

/* See local_internal.h. */
int64
local_table_safe_size(const Policy *policy)
{
	int64		safe = 1;

	for (int i = 0; i < policy->ntable; i++)
	{
		const TableRequirement *r = &policy->table[i];
		int64		low = 1;
		int64		high = PG_INT32_MAX;

		/* estimates find no uniques in a population where there are none in the sample */
		if (r->model->risk == NULL)
		{
			safe = Max(safe, 2);
			continue;
		}
		while (low < high)
		{
			int64		middle = low + (high - low) / 2;

			if (table_requirement_holds(r, r->model->risk(r, middle, 1)))
				high = middle;
			else
				low = middle + 1;
		}
		safe = Max(safe, low);
	}
	return safe;
}
