/*-------------------------------------------------------------------------
 *
 * quality_areas.c
 *		Quality models that look at what a released row could be: ambiguity
 *		and Kullback-Leibler divergence.
 *
 * The area of a class is the number of combinations of leaves that its labels
 * stand for; that of a suppressed row is the whole domain.  The share of a
 * column is the mean of the logarithm of its labels' leaves, in bits, so the
 * shares add up to the mean logarithm of the area.  That bounds the ambiguity
 * (the mean of powers is at least the power of the mean), and it is the
 * divergence but for the entropy of the classes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "anonymize/quality_internal.h"

/* Bits of an area at most, so that no sum of areas overflows. */
#define MOST_BITS		900

/* Takes more from a bound than rounding could have added. */
#define ROUNDED_DOWN	(1 - 1e-9)

/* ---- areas ---- */

/*
 * The shares of the columns.  Where labels_area is not NULL, it is the leaves
 * of all labels of a level together.
 */
static void
areas_prepare(Quality *q, double *labels_area[])
{
	const PathTable *t = q->table;
	Grouper    *groupers[2];

	/* one grouper reads what the other found */
	for (int i = 0; i < 2; i++)
		groupers[i] = grouper_create(t->words, q->memory);
	for (int j = 0; j < t->nquasi; j++)
	{
		const PathColumn *column = &t->quasi[j];
		QualityColumn *result = &q->columns[j];
		PathTuples	found = t->tuples;

		result->whole = log2((double) Max(column->leaves, 1));
		for (int l = 0; l <= column->height; l++)
		{
			uint64		mask[PATH_MAX_WORDS] = {0};
			PathTuples	source = found;
			double		bits = 0;
			double		largest = 0;

			mask[column->word] = column->mask[l];
			grouper_group(groupers[l % 2], &source, mask, false, &found);
			for (int64 i = 0; i < found.n; i++)
			{
				double		area = label_area(column, l, path_code(column, found.keys + i * t->words));

				bits += (double) WEIGHT_RECORDS(found.weights[i]) * log2(area);
				largest = Max(largest, area);
				if (labels_area != NULL)
					labels_area[j][l] += area;
			}
			result->share[l] = bits / q->records;
			result->rest[l] = Max(result->whole - log2(Max(largest, 1)), 0);
		}
	}
	for (int i = 0; i < 2; i++)
		grouper_trim(groupers[i]);
}

/* See QualityModel. */
static void
areas_cost(Quality *q, const LatticeNode *node, const PathTuples *classes, const uint8 *verdict,
		   uint8 least, double *cost)
{
	const PathTable *t = q->table;

	for (int j = 0; j < t->nquasi; j++)
	{
		const PathColumn *column = &t->quasi[j];
		double		bits = 0;

		if (node->level[j] < column->height)
			for (int64 c = 0; c < classes->n; c++)
				if (verdict[c] >= least)
					bits += (double) WEIGHT_RECORDS(classes->weights[c]) *
						(q->columns[j].whole -
						 log2(label_area(column, node->level[j],
										 path_code(column, classes->keys + c * t->words))));
		cost[j] = Max(bits, 0) / q->records;
	}
}

/* ---- ambiguity ---- */

/* See QualityModel. */
static void
ambiguity_prepare(Quality *q)
{
	double		bits = 0;

	areas_prepare(q, NULL);
	for (int j = 0; j < q->table->nquasi; j++)
		bits += q->columns[j].whole;
	if (bits > MOST_BITS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the ambiguity of the quasi-identifiers is too large"),
				 errdetail("A suppressed row stands for 2^%.0f combinations of values, at most 2^%d are possible.",
						   bits, MOST_BITS),
				 errhint("Choose another quality, such as \"kl_divergence\".")));
}

/* See QualityModel. */
static double
ambiguity_bound(const Quality *q, const LatticeNode *node, const double *shares, double below)
{
	double		bits = 0;

	for (int j = 0; j < q->table->nquasi; j++)
		bits += shares[j];
	return exp2(bits) * ROUNDED_DOWN;
}

/* See QualityModel: the area of a row only grows with its levels, and when it is suppressed. */
static void
ambiguity_score(Quality *q, const LatticeNode *node, ClassCounter *c, const double *shares,
				Evaluation *result)
{
	const PathTable *t = q->table;
	double		whole = 1;
	double		sum = 0;
	double		sum_below = 0;

	for (int j = 0; j < t->nquasi; j++)
		whole *= (double) Max(t->quasi[j].leaves, 1);
	for (int64 i = 0; i < c->classes.n; i++)
	{
		const uint64 *key = c->classes.keys + i * t->words;
		double		records = (double) WEIGHT_RECORDS(c->classes.weights[i]);
		double		area = 1;

		for (int j = 0; j < t->nquasi; j++)
			area *= label_area(&t->quasi[j], node->level[j], path_code(&t->quasi[j], key));
		sum += records * (c->verdict[i] == CLASS_HOLDS ? area : whole);
		sum_below += records * area;
	}
	result->loss = sum / q->records;
	result->floor = sum_below / q->records * ROUNDED_DOWN;
}

const QualityModel quality_ambiguity = {
	.precision = SCORE_DIGITS,
	.prepare = ambiguity_prepare,
	.cost = areas_cost,
	.bound = ambiguity_bound,
	.score = ambiguity_score
};

/* ---- Kullback-Leibler divergence ---- */

/*
 * The divergence is the mean logarithm of the area, plus the entropy of the
 * classes (all suppressed rows are one), less the entropy of the source.  The
 * entropy of the classes is at least that of the labels of any one column;
 * suppression can lower it, but where labels share no leaf, by no more than it
 * adds to the area of that column.  with_entropy[j][l] is the share of the
 * column plus the entropy of its labels on that level or above.
 */
static void
divergence_prepare(Quality *q)
{
	const PathTable *t = q->table;
	Grouper    *grouper = grouper_create(t->words, q->memory);
	PathTuples	found;
	double	   *labels_area[MAX_QUASI];

	for (int j = 0; j < t->nquasi; j++)
		labels_area[j] = palloc0(sizeof(double) * (t->quasi[j].height + 1));
	areas_prepare(q, labels_area);

	grouper_group(grouper, &t->tuples, t->full, false, &found);
	for (int64 i = 0; i < found.n; i++)
	{
		double		p = (double) WEIGHT_RECORDS(found.weights[i]) / q->records;

		q->source_entropy -= p * log2(p);
	}
	grouper_trim(grouper);

	q->disjoint = true;
	q->worst = -q->source_entropy;
	for (int j = 0; j < t->nquasi; j++)
	{
		const PathColumn *column = &t->quasi[j];
		double	   *sum = palloc(sizeof(double) * (column->height + 1));

		for (int l = column->height; l >= 0; l--)
		{
			bool		disjoint = labels_area[j][l] <= (double) column->leaves;

			sum[l] = q->columns[j].share[l] + (disjoint ? column->entropy[l] : 0);
			if (l < column->height)
				sum[l] = Min(sum[l], sum[l + 1]);
			q->disjoint = q->disjoint && disjoint;
		}
		q->with_entropy[j] = sum;
		q->worst += q->columns[j].whole;
	}
}

/* The entropy of the classes of a node, in bits: of those that hold and the rest, or of all. */
static double
class_entropy(const Quality *q, const ClassCounter *c, bool suppress)
{
	double		bits = 0;
	double		suppressed = 0;

	for (int64 i = 0; i < c->classes.n; i++)
	{
		double		p = (double) WEIGHT_RECORDS(c->classes.weights[i]) / q->records;

		if (suppress && c->verdict[i] != CLASS_HOLDS)
			suppressed += (double) WEIGHT_RECORDS(c->classes.weights[i]);
		else
			bits -= p * log2(p);
	}
	if (suppressed > 0)
		bits -= suppressed / q->records * log2(suppressed / q->records);
	return bits;
}

/* See QualityModel. */
static double
divergence_bound(const Quality *q, const LatticeNode *node, const double *shares, double below)
{
	double		sum = 0;
	double		levels = 0;
	double		entropy = 0;

	for (int j = 0; j < q->table->nquasi; j++)
	{
		sum += shares[j];
		levels += q->columns[j].share[node->level[j]];
		entropy = Max(entropy, q->with_entropy[j][node->level[j]] - shares[j]);
	}
	/* below is the entropy of classes that those of this node are parts of */
	sum = Max(sum + entropy, levels + below) - q->source_entropy;
	return q->disjoint ? Max(sum, 0) : sum;
}

/* See QualityModel: merging classes only adds to the divergence, where labels share no leaf. */
static void
divergence_sizes(Quality *q, const LatticeNode *node, const ClassCounter *c, Evaluation *result)
{
	double		sum;

	if (!q->disjoint)
		return;
	result->below = sum = class_entropy(q, c, false);
	for (int j = 0; j < q->table->nquasi; j++)
		sum += q->columns[j].share[node->level[j]];
	result->floor = sum - q->source_entropy;
}

/* See QualityModel. */
static void
divergence_score(Quality *q, const LatticeNode *node, ClassCounter *c, const double *shares,
				 Evaluation *result)
{
	double		sum = class_entropy(q, c, true);

	for (int j = 0; j < q->table->nquasi; j++)
		sum += shares[j];
	result->loss = sum - q->source_entropy;
}

const QualityModel quality_kl_divergence = {
	.precision = SCORE_SUM,
	.prepare = divergence_prepare,
	.cost = areas_cost,
	.bound = divergence_bound,
	.sizes = divergence_sizes,
	.score = divergence_score
};
