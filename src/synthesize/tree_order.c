/*-------------------------------------------------------------------------
 *
 * tree_order.c
 *		Codes without an order are put into one.
 *
 * By the share of the second of two classes, or the mean of classes in order,
 * the best cut of that order is the best of all sets (Fisher 1958, Breiman et al.
 * 1984).  With more classes the order is that of the first principal component
 * of the codes' class shares (Coppersmith, Hong, Hosking 1999).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "synthesize/tree_internal.h"

/* Fraction bits of a weight. */
#define WEIGHT_BITS		12
#define POWER_STEPS		4

typedef struct ScoredCode
{
	int64		score;
	uint8		code;
} ScoredCode;

/* By score, then by code. */
static int
compare_scored(const void *a, const void *b)
{
	const ScoredCode *x = a;
	const ScoredCode *y = b;

	if (x->score != y->score)
		return x->score < y->score ? -1 : 1;
	return (int) x->code - (int) y->code;
}

/* The mean weight of the classes of a code, with as many more fraction bits. */
static int64
mean_weight(const uint32 *counts, const int64 *weights, int nclasses)
{
	int64		sum = 0;
	int64		n = 0;

	for (int k = 0; k < nclasses; k++)
	{
		sum += counts[k] * weights[k];
		n += counts[k];
	}
	return (sum << WEIGHT_BITS) / n;
}

/* Weights of the classes such that the codes' means differ most. */
static void
principal_weights(const NodeClasses *classes, const uint32 *histogram, int m, int64 *weights)
{
	int			nclasses = classes->n;

	for (int k = 0; k < nclasses; k++)
		weights[k] = (int64) (k + 1) << WEIGHT_BITS;
	for (int step = 0; step < POWER_STEPS; step++)
	{
		int64		next[NODE_CLASSES] = {0};
		int64		mean = mean_weight(classes->counts, weights, nclasses);
		int64		largest = 0;

		for (int i = 0; i < m; i++)
		{
			const uint32 *counts = histogram + i * nclasses;
			int64		score = (mean_weight(counts, weights, nclasses) - mean) >> WEIGHT_BITS;

			for (int k = 0; k < nclasses; k++)
				next[k] += score * counts[k];
		}
		for (int k = 0; k < nclasses; k++)
			largest = Max(largest, next[k] < 0 ? -next[k] : next[k]);
		if (largest == 0)
			return;
		for (int k = 0; k < nclasses; k++)
			weights[k] = next[k] / (largest / (1 << (WEIGHT_BITS + 4)) + 1);
	}
}

/* See tree_internal.h. */
void
split_order(const NodeClasses *classes, const uint32 *histogram, uint8 *order, int m)
{
	int64		weights[NODE_CLASSES];
	ScoredCode	scored[MAX_CODES];

	if (classes->linear)
	{
		for (int k = 0; k < classes->n; k++)
			weights[k] = (int64) k << WEIGHT_BITS;
	}
	else
		principal_weights(classes, histogram, m, weights);
	for (int i = 0; i < m; i++)
	{
		scored[i].score = mean_weight(histogram + i * classes->n, weights, classes->n);
		scored[i].code = order[i];
	}
	if (m <= 16)
	{
		for (int i = 1; i < m; i++)
		{
			ScoredCode	moved = scored[i];
			int			j = i;

			for (; j > 0 && compare_scored(&moved, &scored[j - 1]) < 0; j--)
				scored[j] = scored[j - 1];
			scored[j] = moved;
		}
	}
	else
		qsort(scored, m, sizeof(ScoredCode), compare_scored);
	for (int i = 0; i < m; i++)
		order[i] = scored[i].code;
}
