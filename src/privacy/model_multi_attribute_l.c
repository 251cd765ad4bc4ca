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

/* What comparing two tuples needs: the column that comes last. */
typedef struct TupleOrder
{
	int			ncolumns;
	int			last;
} TupleOrder;

/* Are two tuples alike in all columns but the last? */
static int
compare_others(const uint32 *x, const uint32 *y, const TupleOrder *order)
{
	for (int i = 0; i < order->ncolumns; i++)
		if (i != order->last && x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

/* qsort_arg comparator of tuples by all other columns, then by the last. */
static int
compare_tuples(const void *a, const void *b, void *arg)
{
	const TupleOrder *order = arg;
	const uint32 *x = *(const uint32 *const *) a;
	const uint32 *y = *(const uint32 *const *) b;
	int			result = compare_others(x, y, order);

	if (result != 0)
		return result;
	return (x[order->last] > y[order->last]) - (x[order->last] < y[order->last]);
}

/*
 * The fewest values of a column in a part of the class.  What is counted of
 * the class may have columns behind those that are sensitive: then tuples are
 * alike in these.
 */
static double
measure_multi_attribute_l(const Requirement *r, const PrivacyClass *class)
{
	TupleOrder	order = {.ncolumns = r->ncolumns};
	const uint32 **tuples = MemoryContextAllocHuge(CurrentMemoryContext,
												   Max(class->ntuples, 1) * sizeof(uint32 *));
	int64		fewest = class->ntuples;

	for (int64 i = 0; i < class->ntuples; i++)
		tuples[i] = class->tuples + i * class->ncolumns;
	for (order.last = 0; order.last < order.ncolumns; order.last++)
	{
		int64		values = 0;

		CHECK_FOR_INTERRUPTS();
		qsort_arg(tuples, class->ntuples, sizeof(uint32 *), compare_tuples, &order);
		for (int64 i = 0; i < class->ntuples; i++)
		{
			if (i == 0 || compare_tuples(&tuples[i - 1], &tuples[i], &order) != 0)
				values++;
			if (i + 1 == class->ntuples || compare_others(tuples[i], tuples[i + 1], &order) != 0)
			{
				fewest = Min(fewest, values);
				values = 0;
			}
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
