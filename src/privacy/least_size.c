/*-------------------------------------------------------------------------
 *
 * least_size.c
 *		The least size of a class, where a model limits how many records of
 *		each value a class may have.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "privacy/privacy_internal.h"

/* So many values are looked at to find it. */
#define LEAST_SIZE_STEPS	10000000

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
