/*-------------------------------------------------------------------------
 *
 * bounds.c
 *		Bounds that follow from a model before any class is measured: the least
 *		size of a class that holds, and the most records of a class that fails
 *		which can be kept.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "privacy/privacy_internal.h"

/* So many values are looked at to find a least size. */
#define LEAST_SIZE_STEPS	10000000

/* So often a bound is made tighter by itself. */
#define ROOM_STEPS			50

int64
least_size_within(const Requirement *r, double start, ClassBound least, ClassBound most)
{
	const SensitiveTable *t = r->table;
	int64		size = whole_at_least(start);
	int64		steps = LEAST_SIZE_STEPS / Max(t->nvalues, 1);

	if (size > t->total)
		return size;
	for (; steps > 0; steps--, size++)
	{
		double		fewest = 0;
		double		all = 0;
		bool		possible = true;

		CHECK_FOR_INTERRUPTS();
		for (int v = 0; v < t->nvalues && possible; v++)
		{
			double		share = (double) t->counts[v] / (double) t->total;
			double		from = least != NULL ? least(r, (double) size, share) : 0;
			double		to = Min((double) size, most(r, (double) size, share));

			possible = from <= to;
			fewest += from;
			all += to;
		}
		if (possible && fewest <= (double) size && (double) size <= all)
			break;
	}
	return size;
}

int64
most_kept_within(const Requirement *r, const PrivacyClass *class, KeepTest test,
				 const void *extra)
{
	int64		low = 0;
	int64		high = class->total + 1;

	while (high - low > 1)
	{
		int64		middle = low + (high - low) / 2;

		if (test(r, class, extra, (double) middle))
			low = middle;
		else
			high = middle;
	}
	return low;
}

int64
most_kept_in_room(const Requirement *r, const PrivacyClass *class, KeepRoom room)
{
	int64		kept = class->total;

	/* what has room among more records than can be kept is still too much */
	for (int i = 0; i < ROOM_STEPS; i++)
	{
		int64		less = room(r, class, kept);

		if (less >= kept)
			break;
		kept = less;
	}
	return kept;
}
