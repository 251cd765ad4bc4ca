/*-------------------------------------------------------------------------
 *
 * model_multi_attribute_l.c
 *		Multi-attribute l-diversity: who knows all sensitive values of a person
 *		but one is left with at least l values of that one.
 *
 * For each sensitive column the others join the quasi-identifiers: they split
 * every class further, and each part must have l different values.  Counting
 * different values, it is all the same whether records or persons count.
 *
 * A union of two classes that hold has parts that are unions of theirs.  The
 * parts of a class that fails may stay as they are in a union: with
 * suppression the model is not monotone.
 *
 * Machanavajjhala, Kifer, Gehrke and Venkitasubramaniam, l-diversity: privacy
 * beyond k-anonymity, ACM TKDD 1(1), 2007, section 6.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "privacy/privacy_internal.h"

/* What comparing two tuples needs: a column to leave out. */
typedef struct TupleOrder
{
	int			ncolumns;
	int			without;
} TupleOrder;

/* qsort_arg comparator of tuples by all columns but one. */
static int
compare_tuples(const void *a, const void *b, void *arg)
{
	const TupleOrder *order = arg;
	const uint32 *x = *(const uint32 *const *) a;
	const uint32 *y = *(const uint32 *const *) b;

	for (int i = 0; i < order->ncolumns; i++)
		if (i != order->without && x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

/*
 * The fewest values of a column in a part of the class: as tuples differ, those
 * that are alike in all other columns differ in this one.
 */
static double
measure_multi_attribute_l(const Requirement *r, const PrivacyClass *class)
{
	TupleOrder	order = {.ncolumns = class->ncolumns};
	const uint32 **tuples = MemoryContextAllocHuge(CurrentMemoryContext,
												   class->ntuples * sizeof(uint32 *));
	int64		fewest = class->ntuples;

	for (int64 i = 0; i < class->ntuples; i++)
		tuples[i] = class->tuples + i * class->ncolumns;
	for (order.without = 0; order.without < class->ncolumns; order.without++)
	{
		int64		start = 0;

		CHECK_FOR_INTERRUPTS();
		qsort_arg(tuples, class->ntuples, sizeof(uint32 *), compare_tuples, &order);
		for (int64 i = 1; i <= class->ntuples; i++)
		{
			if (i < class->ntuples && compare_tuples(&tuples[start], &tuples[i], &order) == 0)
				continue;
			fewest = Min(fewest, i - start);
			start = i;
		}
	}
	pfree(tuples);
	return (double) fewest;
}

/*
 * l values of the first column, each with l of the second, and so on.  With
 * one column it is l, as in distinct l-diversity.
 */
static int64
least_size_multi_attribute_l(const Requirement *r)
{
	return whole_at_least(pow(r->wanted, Max(r->ncolumns, 1)));
}

const PrivacyModel model_multi_attribute_l = {
	.name = "multi_attribute_l",
	.needs_tuples = true,
	.monotone = true,
	.large_is_safe = true,
	.least_size = least_size_multi_attribute_l,
	.measure = measure_multi_attribute_l,
};
