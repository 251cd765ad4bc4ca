/*-------------------------------------------------------------------------
 *
 * quality_classification.c
 *		The quality model that keeps a target column predictable.
 *
 * Whoever predicts the target of a released record from its labels says the
 * most frequent value among the records with these labels.  The score is the
 * share of records that this gets wrong, where suppressed records are wrong
 * always.  Where the target is itself a quasi-identifier, its own label must
 * not tell it: only the labels of the others count.
 *
 * The score is a quotient of whole numbers, and so exact.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "anonymize/quality_internal.h"

/* Nothing is known before classes are looked at. */
static void
classification_prepare(Quality *q)
{
	q->by_value = grouper_create(q->table->words, q->memory);
	q->by_labels = grouper_create(q->table->words, q->memory);
}

/* See QualityModel. */
static double
classification_bound(const Quality *q, const LatticeNode *node, const double *shares, double below)
{
	return Max(below, 0);
}

/* A copy of the tuples in classes that are released. */
static const PathTuples *
released_tuples(Quality *q, const ClassCounter *c)
{
	PathTuples *released = &q->released;
	int			words = q->table->words;
	Size		key = sizeof(uint64) * words;

	if (c->tuples.n > q->released_capacity)
	{
		frame_release(q->memory, released->keys, q->released_capacity, key);
		frame_release(q->memory, released->weights, q->released_capacity, sizeof(uint64));
		q->released_capacity = 0;
		released->keys = frame_alloc(q->memory, c->tuples.n, key, false);
		released->weights = frame_alloc(q->memory, c->tuples.n, sizeof(uint64), false);
		q->released_capacity = c->tuples.n;
	}
	released->words = words;
	released->n = 0;
	for (int64 i = 0; i < c->tuples.n; i++)
	{
		const uint64 *from = c->tuples.keys + i * words;

		if (c->verdict[class_counter_find(c, from)] != CLASS_HOLDS)
			continue;
		memcpy(released->keys + released->n * words, from, key);
		released->weights[released->n++] = c->tuples.weights[i];
	}
	return released;
}

/* Records of tuples whose target is not the most frequent one of their labels. */
static int64
count_errors(Quality *q, const ClassCounter *c, const PathTuples *tuples)
{
	const PathTable *t = q->table;
	const PathSensitive *target = &t->sensitive[q->policy->target_sensitive];
	uint64		labels[PATH_MAX_WORDS];
	uint64		values[PATH_MAX_WORDS];
	PathTuples	by_value;
	PathTuples	by_labels;
	int64		errors = 0;

	memcpy(labels, c->class_mask, sizeof(uint64) * t->words);
	if (q->policy->target_quasi >= 0)
	{
		const PathColumn *column = &t->quasi[q->policy->target_quasi];

		labels[column->word] &= ~column->mask[0];
	}
	memcpy(values, labels, sizeof(uint64) * t->words);
	if (target->bits > 0)
		values[target->word] |= (~UINT64CONST(0) >> (64 - target->bits)) << target->shift;

	grouper_group(q->by_value, tuples, values, false, &by_value);
	grouper_group(q->by_labels, &by_value, labels, true, &by_labels);
	if (by_labels.n > q->most_capacity)
	{
		frame_release(q->memory, q->most, q->most_capacity, sizeof(int64));
		q->most_capacity = 0;
		q->most = frame_alloc(q->memory, by_labels.n, sizeof(int64), false);
		q->most_capacity = by_labels.n;
	}
	if (by_labels.n > 0)
		memset(q->most, 0, sizeof(int64) * by_labels.n);
	for (int64 i = 0; i < by_value.n; i++)
	{
		int64		records = WEIGHT_RECORDS(by_value.weights[i]);
		int64	   *most = &q->most[grouper_find(q->by_labels, by_value.keys + i * t->words)];

		errors += records;
		*most = Max(*most, records);
	}
	for (int64 i = 0; i < by_labels.n; i++)
		errors -= q->most[i];
	return errors;
}

/*
 * See QualityModel.  Of the records of two tuples of labels no more are
 * predicted when these become one, and a suppressed record is wrong even if
 * it was right.
 */
static void
classification_score(Quality *q, const LatticeNode *node, ClassCounter *c, const double *shares,
					 Evaluation *result)
{
	int64		all = count_errors(q, c, &c->tuples);
	int64		errors = all;

	if (result->suppressed > 0)
		errors = result->suppressed + count_errors(q, c, released_tuples(q, c));
	result->loss = (double) errors / q->records;
	result->floor = (double) all / q->records;
	result->below = (double) result->bound_records / q->records;
}

const QualityModel quality_classification = {
	.precision = SCORE_EXACT,
	.prepare = classification_prepare,
	.bound = classification_bound,
	.score = classification_score
};
