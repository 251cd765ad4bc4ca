/*-------------------------------------------------------------------------
 *
 * quality_classes.c
 *		Quality models that look at the sizes of the classes: discernibility and
 *		average class size.
 *
 * Their scores are whole numbers, or quotients of two, and so exact.  Bounds
 * that the levels alone give are made of logarithms; they are made a little
 * smaller than they are, so that no rounding of theirs excludes a node.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "anonymize/quality_internal.h"

/* Takes more from a bound than rounding could have added. */
#define ROUNDED_DOWN	(1 - 1e-9)

/* ---- discernibility ---- */

/*
 * The sum of squared sizes is at least records² / 2^H for the entropy H of the
 * classes, and that is at most the sum of the columns' entropies.
 */
static void
discernibility_prepare(Quality *q)
{
	for (int j = 0; j < q->table->nquasi; j++)
		for (int l = 0; l <= q->table->quasi[j].height; l++)
			q->columns[j].share[l] = -q->table->quasi[j].entropy[l];
}

/* See QualityModel. */
static double
discernibility_bound(const Quality *q, const LatticeNode *node, const double *shares, double below)
{
	double		bits = 0;

	for (int j = 0; j < q->table->nquasi; j++)
		bits += shares[j];
	return Max(Max(q->records * q->records * exp2(bits) * ROUNDED_DOWN, q->records), below);
}

/* Squares only add up when classes merge, and no record of a class costs more than a suppressed one. */
static void
discernibility_sizes(Quality *q, const LatticeNode *node, const ClassCounter *c, Evaluation *result)
{
	uint64		sum = 0;

	for (int64 i = 0; i < c->classes.n; i++)
	{
		uint64		size = WEIGHT_RECORDS(c->classes.weights[i]);

		sum += size * size;
	}
	result->floor = (double) sum;
}

/* See QualityModel. */
static void
discernibility_score(Quality *q, const LatticeNode *node, ClassCounter *c, const double *shares,
					 Evaluation *result)
{
	uint64		sum = 0;
	uint64		records = q->table->records;
	uint64		lasting = result->bound_records;

	for (int64 i = 0; i < c->classes.n; i++)
	{
		uint64		size = WEIGHT_RECORDS(c->classes.weights[i]);

		sum += size * (c->verdict[i] == CLASS_HOLDS ? size : records);
	}
	result->loss = (double) sum;
	/* the records that stay suppressed cost all records each, and all others at least 1 */
	result->below = (double) (lasting * records + (records - lasting));
}

const QualityModel quality_discernibility = {
	.precision = SCORE_EXACT,
	.prepare = discernibility_prepare,
	.bound = discernibility_bound,
	.sizes = discernibility_sizes,
	.score = discernibility_score
};

/* ---- average class size ---- */

/* There are at most as many classes as combinations of labels. */
static void
class_size_prepare(Quality *q)
{
	for (int j = 0; j < q->table->nquasi; j++)
		for (int l = 0; l <= q->table->quasi[j].height; l++)
			q->columns[j].share[l] = -log2((double) Max(q->table->quasi[j].nlabels[l], 1));
}

/* See QualityModel. */
static double
class_size_bound(const Quality *q, const LatticeNode *node, const double *shares, double below)
{
	double		bits = 0;

	for (int j = 0; j < q->table->nquasi; j++)
		bits += shares[j];
	/* and at most as many as records */
	return Max(q->records * exp2(bits) * ROUNDED_DOWN, 1);
}

/* Generalization only reduces the number of classes. */
static void
class_size_sizes(Quality *q, const LatticeNode *node, const ClassCounter *c, Evaluation *result)
{
	result->floor = q->records / (double) c->classes.n;
}

/* See QualityModel. */
static void
class_size_score(Quality *q, const LatticeNode *node, ClassCounter *c, const double *shares,
				 Evaluation *result)
{
	result->loss = q->records / (double) (result->classes + (result->suppressed > 0));
}

const QualityModel quality_average_class_size = {
	.precision = SCORE_EXACT,
	.prepare = class_size_prepare,
	.bound = class_size_bound,
	.sizes = class_size_sizes,
	.score = class_size_score
};
