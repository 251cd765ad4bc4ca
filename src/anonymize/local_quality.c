/*-------------------------------------------------------------------------
 *
 * local_quality.c
 *		The quality models of a policy, of the labels that a local recoding
 *		releases.
 *
 * The formulas are those of quality_columns.c, quality_classes.c and
 * quality_areas.c with the label of each record in place of that of a level.
 * Suppressed records have no labels; where the formula needs one it is "*".
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "miscadmin.h"

#include "anonymize/local_internal.h"
#include "anonymize/loss.h"
#include "anonymize/quality_internal.h"

/* The result at hand. */
typedef struct Scoring
{
	LocalProblem *p;
	const PathTable *table;
	const LocalPartition *result;
	const int32 *label_of;
	double		records;		/* of the source */
} Scoring;

/* What the label of a tuple costs of the denominator of the column, or all of it. */
static int64
label_cost(const Scoring *s, int32 tuple, int column)
{
	const PathColumn *c = &s->table->quasi[column];
	int			level = s->result->levels[(Size) tuple * s->table->nquasi + column];

	if (s->result->class_of[tuple] == LOCAL_SUPPRESSED)
		return c->denominator;
	return path_cost(c, level,
					 local_code(c, level, path_code(c, s->result->keys + (Size) tuple * s->result->words)));
}

/* Does a tuple read "*" in a column, or nothing, where it is suppressed? */
static bool
is_star(const Scoring *s, int32 tuple, int column)
{
	const PathColumn *c = &s->table->quasi[column];
	int			level = s->result->levels[(Size) tuple * s->table->nquasi + column];
	const char *label;

	if (s->result->class_of[tuple] == LOCAL_SUPPRESSED || level == c->height)
		return true;
	label = path_label(c, level, local_code(c, level, path_code(c, s->result->keys +
																(Size) tuple * s->result->words)));
	return label != NULL && strcmp(label, KIAIM_STAR) == 0;
}

/* Loss: leaves under the label. */
static double
column_loss(const Scoring *s, int column)
{
	double		sum = 0;

	for (int32 i = 0; i < s->result->ntuples; i++)
		if (s->result->records[i] > 0)
			sum += (double) label_cost(s, i, column) * s->result->records[i];
	return sum / (s->records * (double) s->table->quasi[column].denominator);
}

/* Precision: the lowest level of the label; that of "*" is the highest one. */
static double
column_precision(const Scoring *s, int column)
{
	int			height = Max(s->table->quasi[column].height, 1);
	double		sum = 0;

	for (int32 i = 0; i < s->result->ntuples; i++)
		if (s->result->records[i] > 0)
			sum += (double) s->result->records[i] * (is_star(s, i, column) ? height :
													 s->result->levels[(Size) i * s->table->nquasi + column]);
	return sum / (s->records * height);
}

/*
 * Entropy: the bits that it takes to name the value of each record again among
 * the records of the source whose values are under its label.
 */
static double
column_entropy(const Scoring *s, int number)
{
	LocalProblem *p = s->p;
	const LocalColumn *c = &p->columns[number];
	double	   *under = frame_alloc(p->memory, Max(c->nnodes, 1), sizeof(double), true);
	double		bits = s->records * s->table->quasi[c->quasi].entropy[0];

	for (int32 i = 0; i < p->ntuples; i++)
		under[local_tuple(p, i)[number]] += p->records[i];
	/* children come before their parents */
	for (uint32 node = 0; node + 1 < c->nnodes; node++)
		under[c->parent[node]] += under[node];
	for (int32 i = 0; i < p->ntuples; i++)
		if (p->records[i] > 0 && !is_star(s, i, c->quasi))
			bits -= p->records[i] * log2(s->records / under[local_label(p, s->label_of[i])[number]]);
	frame_release(p->memory, under, Max(c->nnodes, 1), sizeof(double));
	return Max(bits, 0);
}

/* The score of a model that has a share of each column. */
static double
score_by_column(const Scoring *s)
{
	const Policy *policy = s->p->policy;
	double		shares[MAX_QUASI] = {0};
	double		weights = 0;

	for (int number = 0; number < s->table->nquasi; number++)
	{
		int			column = s->p->columns[number].quasi;
		double		entropy = s->table->quasi[column].entropy[0];

		CHECK_FOR_INTERRUPTS();
		weights += policy->quasi[column].weight;
		switch (policy->quality)
		{
			case QUALITY_PRECISION:
				shares[column] = column_precision(s, column);
				break;
			case QUALITY_ENTROPY:
				shares[column] = column_entropy(s, number);
				break;
			case QUALITY_NORMALIZED_ENTROPY:
				shares[column] = entropy > 0 ? column_entropy(s, number) / (s->records * entropy) : 0;
				break;
			default:
				shares[column] = column_loss(s, column);
				break;
		}
	}
	return loss_aggregate(policy, weights, shares);
}

/* Records of each class. */
static int64 *
class_records(const Scoring *s)
{
	int64	   *records = frame_alloc(s->p->memory, Max(s->result->nclasses, 1), sizeof(int64), true);

	for (int32 i = 0; i < s->result->ntuples; i++)
		if (s->result->class_of[i] != LOCAL_SUPPRESSED)
			records[s->result->class_of[i]] += s->result->records[i];
	return records;
}

/* Discernibility: with how many records each one is confused. */
static double
score_discernibility(const Scoring *s)
{
	int64	   *records = class_records(s);
	uint64		sum = (uint64) s->result->suppressed * s->table->records;

	for (int64 c = 0; c < s->result->nclasses; c++)
		sum += (uint64) records[c] * records[c];
	frame_release(s->p->memory, records, Max(s->result->nclasses, 1), sizeof(int64));
	return (double) sum;
}

/* Combinations of leaves that the row of a tuple stands for. */
static double
tuple_area(const Scoring *s, int32 tuple)
{
	double		area = 1;

	for (int j = 0; j < s->table->nquasi; j++)
		area *= (double) Max(Min(label_cost(s, tuple, j) + 1, s->table->quasi[j].leaves), 1);
	return area;
}

/* Ambiguity: the mean of these combinations. */
static double
score_ambiguity(const Scoring *s)
{
	double		sum = 0;

	for (int32 i = 0; i < s->result->ntuples; i++)
		if (s->result->records[i] > 0)
			sum += s->result->records[i] * tuple_area(s, i);
	return sum / s->records;
}

/*
 * Kullback-Leibler divergence, each tuple told by its own class only: the bits
 * that name the class and then the combination, less those of the source.
 */
static double
score_divergence(const Scoring *s)
{
	int64	   *records = class_records(s);
	double		bits = 0;

	for (int32 i = 0; i < s->result->ntuples; i++)
	{
		double		n = s->result->records[i];
		int32		class = s->result->class_of[i];

		if (n == 0)
			continue;
		bits += n * (log2(n) + log2(tuple_area(s, i)) -
					 log2((double) (class == LOCAL_SUPPRESSED ? s->result->suppressed : records[class])));
	}
	frame_release(s->p->memory, records, Max(s->result->nclasses, 1), sizeof(int64));
	return bits / s->records;
}

/* Records with the same labels and the same target. */
typedef struct TargetCount
{
	uint64		group;
	uint32		value;
	int64		records;
} TargetCount;

/* Sorts them by labels, then by target. */
#define ST_SORT				sort_targets
#define ST_ELEMENT_TYPE		TargetCount
#define ST_COMPARE(a, b) \
	((a)->group != (b)->group ? ((a)->group < (b)->group ? -1 : 1) : \
	 (a)->value != (b)->value ? ((a)->value < (b)->value ? -1 : 1) : 0)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/*
 * The class of each tuple; or where a column must not tell, a number of what
 * the labels of the others read.
 */
static uint64 *
groups_without(const Scoring *s, int without)
{
	const LocalProblem *p = s->p;
	uint64	   *group = frame_alloc(p->memory, Max(p->ntuples, 1), sizeof(uint64), true);
	uint32		texts[MAX_QUASI] = {0};

	for (int32 i = 0; i < p->ntuples; i++)
	{
		const uint32 *label = local_label(p, s->label_of[i]);

		if (without < 0)
		{
			group[i] = s->result->class_of[i];
			continue;
		}
		for (int j = 0; j < p->ncolumns; j++)
			texts[j] = p->columns[j].quasi == without ? 0 : p->columns[j].text[label[j]];
		/* in 64 bits, two of as many as a table can have are never the same */
		group[i] = hash_bytes_extended((const unsigned char *) texts,
									   (int) sizeof(uint32) * p->ncolumns, 0);
	}
	return group;
}

/* Classification: records whose target is not the most frequent one of their labels. */
static double
score_classification(const Scoring *s)
{
	LocalProblem *p = s->p;
	const PathTuples *all = &s->table->tuples;
	const PathSensitive *target = &s->table->sensitive[p->policy->target_sensitive];
	uint64	   *group = groups_without(s, p->policy->target_quasi);
	TargetCount *counts = frame_alloc(p->memory, Max(all->n, 1), sizeof(TargetCount), false);
	int64		n = 0;
	int64		errors = s->table->records;

	for (int32 i = 0; i < p->ntuples; i++)
	{
		const int64 *at;
		int64		nfull;

		if (s->result->class_of[i] == LOCAL_SUPPRESSED)
			continue;
		nfull = local_check_full(p->checker, i, &at);
		for (int64 f = 0; f < nfull; f++)
			counts[n++] = (TargetCount) {group[i],
				local_sensitive_code(target, all->keys + at[f] * all->words),
			WEIGHT_RECORDS(all->weights[at[f]])};
	}
	sort_targets(counts, n);
	for (int64 i = 0; i < n;)
	{
		uint64		of = counts[i].group;
		int64		most = 0;

		while (i < n && counts[i].group == of)
		{
			uint32		value = counts[i].value;
			int64		records = 0;

			for (; i < n && counts[i].group == of && counts[i].value == value; i++)
				records += counts[i].records;
			most = Max(most, records);
		}
		errors -= most;
	}
	frame_release(p->memory, counts, Max(all->n, 1), sizeof(TargetCount));
	frame_release(p->memory, group, Max(p->ntuples, 1), sizeof(uint64));
	return (double) errors / s->records;
}

/* See local_internal.h. */
double
local_quality(LocalProblem *p, const LocalPartition *result, const int32 *label_of)
{
	Scoring		s = {p, p->table, result, label_of, (double) p->table->records};

	if (p->table->records == 0)
		return 0;
	switch (p->policy->quality)
	{
		case QUALITY_DISCERNIBILITY:
			return score_discernibility(&s);
		case QUALITY_AVERAGE_CLASS_SIZE:
			return s.records / (double) (result->nclasses + (result->suppressed > 0));
		case QUALITY_AMBIGUITY:
			return score_ambiguity(&s);
		case QUALITY_KL_DIVERGENCE:
			return score_divergence(&s);
		case QUALITY_CLASSIFICATION:
			return score_classification(&s);
		default:
			return score_by_column(&s);
	}
}
