/*-------------------------------------------------------------------------
 *
 * quality_columns.c
 *		Quality models that are sums over columns: loss, precision, and the
 *		non-uniform entropy, plain and normalized.
 *
 * Without suppression the share of a column depends on its own level only.  A
 * suppressed record has its own price: 1 for loss and precision.  Suppressed
 * records of entropy keep the information that is in their labels from being
 * told, so they cost the entropy of these labels among them; that grows with
 * every record and with every finer label, as the bounds need it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "anonymize/loss.h"
#include "anonymize/quality_internal.h"

/* ---- loss ---- */

/* See QualityModel. */
static void
loss_prepare(Quality *q)
{
	for (int j = 0; j < q->table->nquasi; j++)
	{
		const PathColumn *column = &q->table->quasi[j];

		q->columns[j].whole = 1;
		for (int l = 0; l <= column->height; l++)
		{
			int64		dearest = 0;
			int64		n = label_slots(column, l);

			for (int64 i = 0; i < n; i++)
				dearest = Max(dearest, column->cost[l][i]);
			q->columns[j].share[l] = loss_of_level(q->table, j, l);
			q->columns[j].rest[l] = 1.0 - (double) dearest / (double) column->denominator;
		}
	}
}

/* See QualityModel. */
static void
loss_cost(Quality *q, const LatticeNode *node, const PathTuples *classes, const uint8 *verdict,
		  uint8 least, double *cost)
{
	loss_of_classes(q->table, node, classes, verdict, least, cost);
}

const QualityModel quality_loss = {
	.by_column = true,
	.precision = SCORE_SUM,
	.prepare = loss_prepare,
	.cost = loss_cost
};

/* ---- precision ---- */

/* See QualityModel. */
static void
precision_prepare(Quality *q)
{
	for (int j = 0; j < q->table->nquasi; j++)
	{
		int			height = Max(q->table->quasi[j].height, 1);

		q->columns[j].whole = 1;
		for (int l = 0; l <= q->table->quasi[j].height; l++)
		{
			q->columns[j].share[l] = (double) l / height;
			q->columns[j].rest[l] = 1 - (double) l / height;
		}
	}
}

/* Records of the classes whose verdict is at least that. */
static int64
failing_records(const PathTuples *classes, const uint8 *verdict, uint8 least)
{
	int64		records = 0;

	for (int64 c = 0; c < classes->n; c++)
		if (verdict[c] >= least)
			records += WEIGHT_RECORDS(classes->weights[c]);
	return records;
}

/* See QualityModel. */
static void
precision_cost(Quality *q, const LatticeNode *node, const PathTuples *classes,
			   const uint8 *verdict, uint8 least, double *cost)
{
	double		share = (double) failing_records(classes, verdict, least) / q->records;

	for (int j = 0; j < q->table->nquasi; j++)
		cost[j] = share * q->columns[j].rest[node->level[j]];
}

const QualityModel quality_precision = {
	.by_column = true,
	.precision = SCORE_SUM,
	.prepare = precision_prepare,
	.cost = precision_cost
};

/* ---- entropy ---- */

/* Bits that the levels of each column lose, and room to count the labels of suppressed records. */
static void
entropy_prepare(Quality *q)
{
	int64		most = 1;

	for (int j = 0; j < q->table->nquasi; j++)
	{
		const PathColumn *column = &q->table->quasi[j];

		q->columns[j].whole = q->records * column->entropy[0];
		for (int l = 0; l <= column->height; l++)
		{
			q->columns[j].share[l] = q->records * Max(column->entropy[0] - column->entropy[l], 0);
			if (column->nlabels[l] > 1)
				most = Max(most, label_slots(column, l));
		}
	}
	q->counts = frame_alloc(q->memory, most, sizeof(int64), true);
}

/* The slot of the label of a masked code, as path_cost() finds it. */
static inline int64
label_slot(const PathColumn *column, int level, uint64 code)
{
	const uint64 *codes = column->codes[level];
	int64		low = 0;
	int64		high;

	if (codes == NULL)
		return code >> column->low[level];
	high = column->ncodes[level] - 1;
	while (low < high)
	{
		int64		middle = (low + high) / 2;

		if (codes[middle] < code)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* See QualityModel. */
static void
entropy_cost(Quality *q, const LatticeNode *node, const PathTuples *classes, const uint8 *verdict,
			 uint8 least, double *cost)
{
	const PathTable *t = q->table;
	double		records = (double) failing_records(classes, verdict, least);

	for (int j = 0; j < t->nquasi; j++)
	{
		const PathColumn *column = &t->quasi[j];
		int			level = node->level[j];
		double		bits = 0;

		cost[j] = 0;
		if (column->nlabels[level] <= 1 || records == 0)
			continue;
		for (int64 c = 0; c < classes->n; c++)
			if (verdict[c] >= least)
				q->counts[label_slot(column, level, path_code(column, classes->keys + c * t->words))]
					+= WEIGHT_RECORDS(classes->weights[c]);
		for (int64 c = 0; c < classes->n; c++)
		{
			int64	   *count;

			if (verdict[c] < least)
				continue;
			count = &q->counts[label_slot(column, level, path_code(column, classes->keys + c * t->words))];
			if (*count > 0)
				bits += (double) *count * log2(records / (double) *count);
			*count = 0;
		}
		cost[j] = bits;
	}
}

const QualityModel quality_entropy = {
	.by_column = true,
	.precision = SCORE_SUM,
	.prepare = entropy_prepare,
	.cost = entropy_cost
};

/* ---- normalized entropy ---- */

/* See QualityModel: a column of one value has nothing to lose. */
static void
normalized_prepare(Quality *q)
{
	entropy_prepare(q);
	for (int j = 0; j < q->table->nquasi; j++)
	{
		QualityColumn *column = &q->columns[j];

		for (int l = 0; l <= q->table->quasi[j].height; l++)
			column->share[l] = column->whole > 0 ? column->share[l] / column->whole : 0;
		column->whole = column->whole > 0 ? 1 : 0;
	}
}

/* See QualityModel. */
static void
normalized_cost(Quality *q, const LatticeNode *node, const PathTuples *classes,
				const uint8 *verdict, uint8 least, double *cost)
{
	entropy_cost(q, node, classes, verdict, least, cost);
	for (int j = 0; j < q->table->nquasi; j++)
		if (cost[j] > 0)
			cost[j] /= q->records * q->table->quasi[j].entropy[0];
}

const QualityModel quality_normalized_entropy = {
	.by_column = true,
	.precision = SCORE_SUM,
	.prepare = normalized_prepare,
	.cost = normalized_cost
};
