/*-------------------------------------------------------------------------
 *
 * quality.c
 *		Scores of nodes under the policy's quality model: see quality.h.
 *
 * The search needs three things of a model: scores, an order of scores in
 * which rounding decides nothing, and bounds.  What the models have in common
 * is here; the formulas are in quality_columns.c, quality_classes.c and
 * quality_areas.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "anonymize/loss.h"
#include "anonymize/quality_internal.h"

/* Scores this close, relative to the worst one, are the same: what rounding makes of equal sums. */
#define SCORE_UNIT		1e-12

/* Digits that scores of very different size must differ in. */
#define SCORE_PLACES	12

/* The models in the order of PolicyQuality. */
static const QualityModel *const models[] = {
	&quality_loss, &quality_precision, &quality_entropy, &quality_normalized_entropy,
	&quality_discernibility, &quality_average_class_size, &quality_ambiguity,
	&quality_kl_divergence, &quality_classification
};

/* See quality.h. */
bool
quality_by_column(PolicyQuality quality)
{
	return models[quality]->by_column;
}

/* See quality.h. */
Quality *
quality_create(const PathTable *table, FrameMemory *memory, const Policy *policy)
{
	Quality    *q = palloc0(sizeof(Quality));
	double		whole[MAX_QUASI];

	q->table = table;
	q->policy = policy;
	q->memory = memory;
	q->model = models[policy->quality];
	q->records = (double) table->records;
	for (int j = 0; j < table->nquasi; j++)
	{
		QualityColumn *column = &q->columns[j];

		column->share = palloc0(sizeof(double) * (table->quasi[j].height + 1));
		column->rest = palloc0(sizeof(double) * (table->quasi[j].height + 1));
		q->weight_sum += policy->quasi[j].weight;
	}
	if (table->records > 0)
		q->model->prepare(q);
	for (int j = 0; j < table->nquasi; j++)
	{
		/* rounding must not make a bound decrease from level to level */
		for (int l = table->quasi[j].height - 1; l >= 0; l--)
			q->columns[j].share[l] = Min(q->columns[j].share[l], q->columns[j].share[l + 1]);
		whole[j] = q->columns[j].whole;
	}
	if (q->model->by_column)
		q->worst = loss_aggregate(policy, q->weight_sum, whole);
	if (!(q->worst > 0))
		q->worst = 1;
	return q;
}

/* ---- bounds ---- */

/* See quality.h. */
const QualityColumn *
quality_columns(const Quality *q)
{
	return q->columns;
}

/* See quality.h. */
bool
quality_is_ranked(const Quality *q)
{
	return q->model->by_column && q->policy->aggregate == AGGREGATE_RANK;
}

/* Largest first. */
static int
compare_descending(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return x > y ? -1 : x < y;
}

/* The weighted shares, largest first. */
static void
sort_shares(const Quality *q, const double *shares, double *sorted)
{
	int			n = q->table->nquasi;

	for (int j = 0; j < n; j++)
		sorted[j] = q->policy->quasi[j].weight * shares[j];
	qsort(sorted, n, sizeof(double), compare_descending);
}

/*
 * A number that orders sorted shares nearly as their comparison does, and is
 * less than the largest of them: their leading bits, one share after the other.
 * Each of them has 4096 steps; the first gives way by two for all the others.
 */
static double
rank_number(const Quality *q, const double *sorted)
{
	double		number = -2;
	double		step = 4096;

	for (int i = 0; i < q->table->nquasi && i < 4; i++)
	{
		number += floor(sorted[i] / q->worst * 4096) / step * 4096;
		step *= 4096;
	}
	return number / 4096 * q->worst;
}

/* See quality.h. */
double
quality_bound(const Quality *q, const LatticeNode *node, const double *shares, double below)
{
	if (q->table->records == 0)
		return 0;
	if (!q->model->by_column)
		return q->model->bound(q, node, shares, below);
	if (q->policy->aggregate == AGGREGATE_RANK)
	{
		double		sorted[MAX_QUASI];

		sort_shares(q, shares, sorted);
		return rank_number(q, sorted);
	}
	return loss_aggregate(q->policy, q->weight_sum, shares);
}

/* See quality.h. */
bool
quality_has_prices(const Quality *q)
{
	return q->model->by_column && q->weight_sum > 0 &&
		(q->policy->aggregate == AGGREGATE_ARITHMETIC ||
		 q->policy->aggregate == AGGREGATE_GEOMETRIC ||
		 q->policy->aggregate == AGGREGATE_SUM);
}

/* See quality.h. */
double
quality_price(const Quality *q, int column, int level)
{
	double		weight = q->policy->quasi[column].weight;
	double		share = q->columns[column].share[level];

	if (q->policy->aggregate == AGGREGATE_SUM)
		return weight * share;
	if (q->policy->aggregate == AGGREGATE_GEOMETRIC)
		share = log1p(share);
	return weight / q->weight_sum * share;
}

/* See quality.h. */
double
quality_of_prices(const Quality *q, double sum)
{
	return q->policy->aggregate == AGGREGATE_GEOMETRIC ? expm1(sum) : sum;
}

/* See quality.h. */
bool
quality_beaten(const Quality *q, const double *shares, const Evaluation *than)
{
	double		unit = SCORE_UNIT * q->worst;
	double		sorted[MAX_QUASI];

	sort_shares(q, shares, sorted);
	for (int i = 0; i < q->table->nquasi; i++)
	{
		if (sorted[i] > than->ranked[i] + 2 * unit)
			return true;
		if (fabs(sorted[i] - than->ranked[i]) > unit / 1000)
			return false;
	}
	return false;
}

/* See quality.h. */
bool
quality_has_floor(const Quality *q)
{
	return !q->model->by_column;
}

/* ---- scores ---- */

/* See quality.h. */
void
quality_of_sizes(Quality *q, const LatticeNode *node, const ClassCounter *c, Evaluation *result)
{
	result->floor = -INFINITY;
	result->below = -INFINITY;
	result->loss = 0;
	memset(result->bound_cost, 0, sizeof(double) * q->table->nquasi);
	if (q->model->sizes != NULL && q->table->records > 0)
		q->model->sizes(q, node, c, result);
}

/* See quality.h. */
void
quality_of_classes(Quality *q, const LatticeNode *node, ClassCounter *c, Evaluation *result)
{
	int			n = q->table->nquasi;
	double		shares[MAX_QUASI] = {0};

	if (q->table->records == 0)
		return;
	if (q->model->cost != NULL)
		q->model->cost(q, node, &c->classes, c->verdict, CLASS_LASTING, result->bound_cost);
	if (!result->feasible && q->model->by_column)
		return;

	if (q->model->cost == NULL || memchr(c->verdict, CLASS_FAILS, c->classes.n) == NULL)
		memcpy(shares, result->bound_cost, sizeof(double) * n);
	else
		q->model->cost(q, node, &c->classes, c->verdict, CLASS_FAILS, shares);
	for (int j = 0; j < n; j++)
		shares[j] += q->columns[j].share[node->level[j]];
	if (!q->model->by_column)
		q->model->score(q, node, c, shares, result);
	else if (q->policy->aggregate == AGGREGATE_RANK)
	{
		sort_shares(q, shares, result->ranked);
		result->loss = n > 0 ? result->ranked[0] : 0;
	}
	else
		result->loss = loss_aggregate(q->policy, q->weight_sum, shares);
}

/* The distance of scores about as large as this that are the same. */
static double
unit_of(const Quality *q, double score)
{
	switch (q->model->precision)
	{
		case SCORE_SUM:
			return SCORE_UNIT * q->worst;
		case SCORE_DIGITS:
			return score > 0 ? pow(10, floor(log10(score)) - SCORE_PLACES + 1) : 0;
		case SCORE_EXACT:
			break;
	}
	return 0;
}

/* The order of two numbers that are scores or shares. */
static int
compare_numbers(const Quality *q, double x, double y)
{
	double		unit = unit_of(q, Max(x, y));

	if (unit > 0)
	{
		x = rint(x / unit);
		y = rint(y / unit);
	}
	return x < y ? -1 : x > y;
}

/* See quality.h. */
int
quality_compare(const Quality *q, const Evaluation *a, const Evaluation *b)
{
	int			order;

	if (!quality_is_ranked(q))
		return compare_numbers(q, a->loss, b->loss);
	for (int i = 0; i < q->table->nquasi; i++)
		if ((order = compare_numbers(q, a->ranked[i], b->ranked[i])) != 0)
			return order;
	return 0;
}

/* See quality.h. */
double
quality_limit(const Quality *q, const Evaluation *than)
{
	return than->loss + 2 * unit_of(q, than->loss);
}
