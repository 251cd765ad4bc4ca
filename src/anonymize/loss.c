/*-------------------------------------------------------------------------
 *
 * loss.c
 *		The loss of a node.  Only failing classes are visited for it, because
 *		the loss without suppression is a sum over columns that is known
 *		before the search.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "anonymize/loss.h"

/* See loss.h. */
double
loss_of_level(const PathTable *table, int column, int level)
{
	const PathColumn *c = &table->quasi[column];

	if (table->records == 0)
		return 0;
	return c->total[level] / ((double) table->records * (double) c->denominator);
}

/* See loss.h. */
double
loss_aggregate(const Policy *policy, double weight_sum, const double *losses)
{
	const PolicyQuasi *quasi = policy->quasi;
	double		sum = 0;

	if (weight_sum == 0)
		return 0;
	if (policy->aggregate == AGGREGATE_MAXIMUM || policy->aggregate == AGGREGATE_RANK)
	{
		for (int j = 0; j < policy->nquasi; j++)
			sum = Max(sum, quasi[j].weight * losses[j]);
		return sum;
	}
	if (policy->aggregate == AGGREGATE_GEOMETRIC)
	{
		/* one logarithm for the columns of weight 1, as long as their product is no giant */
		double		product = 1;

		for (int j = 0; j < policy->nquasi; j++)
			if (quasi[j].weight == 1 && losses[j] <= 1)
				product *= 1 + losses[j];
			else
				sum += quasi[j].weight * log1p(losses[j]);
		return expm1((sum + log(product)) / weight_sum);
	}
	for (int j = 0; j < policy->nquasi; j++)
		sum += quasi[j].weight * losses[j];
	return policy->aggregate == AGGREGATE_SUM ? sum : sum / weight_sum;
}

/* See loss.h. */
void
loss_of_classes(const PathTable *t, const LatticeNode *node, const PathTuples *classes,
				const uint8 *verdict, uint8 least, double *cost)
{
	int			columns[MAX_QUASI];
	int64		sums[MAX_QUASI] = {0};
	int64		records = 0;
	int			n = 0;

	for (int j = 0; j < t->nquasi; j++)
		if (t->quasi[j].total[node->level[j]] > 0 && node->level[j] < t->quasi[j].height)
			columns[n++] = j;
	for (int64 c = 0; c < classes->n; c++)
	{
		const uint64 *key = classes->keys + c * t->words;
		int64		weight;

		if (verdict[c] < least)
			continue;
		weight = WEIGHT_RECORDS(classes->weights[c]);
		records += weight;
		for (int i = 0; i < n; i++)
		{
			const PathColumn *column = &t->quasi[columns[i]];

			sums[columns[i]] += weight * path_cost(column, node->level[columns[i]],
												   path_code(column, key));
		}
	}
	/* a suppressed record costs 1 instead of the share of its label */
	for (int j = 0; j < t->nquasi; j++)
	{
		const PathColumn *column = &t->quasi[j];
		double		whole = (double) records * (double) column->denominator;

		if (node->level[j] == column->height)
			sums[j] = records * column->denominator;
		cost[j] = (whole - (double) sums[j]) /
			((double) t->records * (double) column->denominator);
	}
}
