/*-------------------------------------------------------------------------
 *
 * model_t.c
 *		t-closeness: the sensitive values of a class are distributed nearly as
 *		in the whole table.
 *
 * The distance is the least work that turns one distribution into the other,
 * where moving a share from one value to another costs: 1 (equal distance),
 * the steps between them in their order (ordered), or the height of their
 * lowest common ancestor (hierarchical), the latter two scaled to 0 .. 1.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "privacy/privacy_internal.h"

/* Half the sum of |p - q|: the sum where p > q, which only values of the class can add to. */
static double
measure_t(const Requirement *r, const PrivacyClass *class)
{
	const SensitiveTable *t = r->table;
	ExactShare	sum = 0;

	for (int i = 0; i < class->nvalues; i++)
	{
		ExactShare	difference = share_difference(class->counts[i], class->total,
												  t->counts[class->values[i]], t->total);

		if (difference > 0)
			sum += difference;
	}
	return (double) sum / ((double) class->total * (double) t->total);
}

/*
 * What is carried from value to value in their order, over the steps between
 * the first and the last.
 */
static double
measure_ordered_t(const Requirement *r, const PrivacyClass *class)
{
	const SensitiveTable *t = r->table;
	ExactShare *difference;
	ExactShare	carried = 0;
	ExactShare	sum = 0;

	if (t->nvalues < 2)
		return 0;
	difference = MemoryContextAllocHuge(CurrentMemoryContext, t->nvalues * sizeof(ExactShare));
	for (int v = 0; v < t->nvalues; v++)
		difference[t->rank[v]] = share_difference(0, class->total, t->counts[v], t->total);
	for (int i = 0; i < class->nvalues; i++)
		difference[t->rank[class->values[i]]] += (ExactShare) class->counts[i] * t->total;
	for (int i = 0; i < t->nvalues - 1; i++)
	{
		carried += difference[i];
		sum += carried < 0 ? -carried : carried;
	}
	pfree(difference);
	return (double) sum / ((double) class->total * (double) t->total) / (t->nvalues - 1);
}

/*
 * From the leaves up, what the children of a node cannot settle among
 * themselves is handed to the node; what they settle costs the node's height.
 */
static double
measure_hierarchical_t(const Requirement *r, const PrivacyClass *class)
{
	const SensitiveTable *t = r->table;
	int			widest = 1;
	ExactShare *extra;
	ExactShare *more;
	ExactShare *less;
	bool	   *seen;
	ExactShare	sum = 0;

	if (t->height < 1)
		return 0;
	for (int level = 0; level <= t->height; level++)
		widest = Max(widest, t->nnodes[level]);
	extra = MemoryContextAllocExtended(CurrentMemoryContext, widest * sizeof(ExactShare),
									   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	more = MemoryContextAllocHuge(CurrentMemoryContext, widest * sizeof(ExactShare));
	less = MemoryContextAllocHuge(CurrentMemoryContext, widest * sizeof(ExactShare));
	seen = MemoryContextAllocHuge(CurrentMemoryContext, widest * sizeof(bool));

	for (int v = 0; v < t->nvalues; v++)
		extra[t->node[0][v]] += share_difference(0, class->total, t->counts[v], t->total);
	for (int i = 0; i < class->nvalues; i++)
		extra[t->node[0][class->values[i]]] += (ExactShare) class->counts[i] * t->total;

	for (int level = 1; level <= t->height; level++)
	{
		memset(more, 0, t->nnodes[level] * sizeof(ExactShare));
		memset(less, 0, t->nnodes[level] * sizeof(ExactShare));
		memset(seen, 0, t->nnodes[level - 1] * sizeof(bool));
		for (int v = 0; v < t->nvalues; v++)
		{
			uint32		child = t->node[level - 1][v];
			uint32		parent = t->node[level][v];

			if (seen[child])
				continue;
			seen[child] = true;
			if (extra[child] > 0)
				more[parent] += extra[child];
			else
				less[parent] -= extra[child];
		}
		for (int i = 0; i < t->nnodes[level]; i++)
		{
			sum += level * Min(more[i], less[i]);
			extra[i] = more[i] - less[i];
		}
	}
	pfree(seen);
	pfree(less);
	pfree(more);
	pfree(extra);
	return (double) sum / ((double) class->total * (double) t->total) / t->height;
}

/*
 * Of so many records that are kept, those that exceed the share of their value
 * are in the wrong place, however the others are chosen.
 */
static bool
keeps_t(const Requirement *r, const PrivacyClass *class, const void *extra, double kept)
{
	const SensitiveTable *t = r->table;
	double		right = 0;

	for (int i = 0; i < class->nvalues; i++)
		right += Min((double) class->counts[i],
					 kept * (double) t->counts[class->values[i]] / (double) t->total);
	return kept - right * BOUND_SLACK <= r->wanted * kept * BOUND_SLACK;
}

static int64
most_kept_t(const Requirement *r, const PrivacyClass *class)
{
	return most_kept_within(r, class, keeps_t, NULL);
}

/*
 * In order: of the records kept, those up to a value are no more than the
 * class has of them, and neither are those above it.  extra: the counts of the
 * table by rank, and behind them those of the class.
 */
static bool
keeps_ordered_t(const Requirement *r, const PrivacyClass *class, const void *extra, double kept)
{
	const SensitiveTable *t = r->table;
	const int64 *by_rank = extra;
	double		sum = 0;
	int64		in_table = 0;
	int64		in_class = 0;

	for (int i = 0; i < t->nvalues - 1; i++)
	{
		double		wanted;

		in_table += by_rank[i];
		in_class += by_rank[t->nvalues + i];
		wanted = kept * (double) in_table / (double) t->total;
		sum += Max(0, Max(wanted - (double) in_class,
						  kept - wanted - (double) (class->total - in_class)));
	}
	return sum <= r->wanted * kept * (t->nvalues - 1) * BOUND_SLACK;
}

static int64
most_kept_ordered_t(const Requirement *r, const PrivacyClass *class)
{
	const SensitiveTable *t = r->table;
	int64	   *by_rank = MemoryContextAllocExtended(CurrentMemoryContext,
													 t->nvalues * 2 * sizeof(int64),
													 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	int64		kept;

	for (int v = 0; v < t->nvalues; v++)
		by_rank[t->rank[v]] = t->counts[v];
	for (int i = 0; i < class->nvalues; i++)
		by_rank[t->nvalues + t->rank[class->values[i]]] = class->counts[i];
	kept = most_kept_within(r, class, keeps_ordered_t, by_rank);
	pfree(by_rank);
	return kept;
}

/* The table and a class on one level of the hierarchy, by node. */
typedef struct LevelCounts
{
	int64	   *in_table;
	int64	   *in_class;
} LevelCounts;

/* In a hierarchy: the mean over all levels but the highest of what keeps_t() asks. */
static bool
keeps_hierarchical_t(const Requirement *r, const PrivacyClass *class, const void *extra,
					 double kept)
{
	const SensitiveTable *t = r->table;
	const LevelCounts *level = extra;
	double		wrong = 0;

	for (int l = 0; l < t->height; l++)
	{
		double		right = 0;

		for (int i = 0; i < t->nnodes[l]; i++)
			right += Min((double) level[l].in_class[i],
						 kept * (double) level[l].in_table[i] / (double) t->total);
		wrong += Max(0, kept - right * BOUND_SLACK);
	}
	return wrong <= r->wanted * kept * t->height * BOUND_SLACK;
}

static int64
most_kept_hierarchical_t(const Requirement *r, const PrivacyClass *class)
{
	const SensitiveTable *t = r->table;
	LevelCounts *level = palloc(sizeof(LevelCounts) * t->height);
	int64		kept;

	for (int l = 0; l < t->height; l++)
	{
		level[l].in_table = MemoryContextAllocExtended(CurrentMemoryContext,
													   t->nnodes[l] * 2 * sizeof(int64),
													   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		level[l].in_class = level[l].in_table + t->nnodes[l];
		for (int v = 0; v < t->nvalues; v++)
			level[l].in_table[t->node[l][v]] += t->counts[v];
		for (int i = 0; i < class->nvalues; i++)
			level[l].in_class[t->node[l][class->values[i]]] += class->counts[i];
	}
	kept = most_kept_within(r, class, keeps_hierarchical_t, level);
	for (int l = 0; l < t->height; l++)
		pfree(level[l].in_table);
	pfree(level);
	return kept;
}

/* So many values are looked at to find the least size of a class. */
#define LEAST_SIZE_STEPS	10000000

/* A distance beyond this is beyond t, whatever the verdict's tolerance. */
#define BEYOND_T(r)		((r)->wanted * (1 + 1e-9))

/*
 * The least equal distance that n records can have: of each value they have as
 * many as fit under its share, and what is left goes where least is too much.
 * part is room for a double a value.
 */
static double
least_distance(int64 n, int nvalues, const int64 *counts, int64 total, double *part)
{
	int64		left = n;
	double		distance = 0;

	for (int v = 0; v < nvalues; v++)
	{
		double		share = (double) n * (double) counts[v] / (double) total;

		part[v] = share - floor(share);
		left -= (int64) floor(share);
	}
	/* each of these takes the largest part that is left */
	for (; left > 0; left--)
	{
		int			largest = 0;

		for (int v = 1; v < nvalues; v++)
			if (part[v] > part[largest])
				largest = v;
		distance += 1 - part[largest];
		part[largest] = 0;
	}
	return distance / (double) n;
}

/*
 * The least number of records that the distance allows: a class of three
 * cannot be near to a table of many values.
 */
static int64
least_size_t(const Requirement *r)
{
	const SensitiveTable *t = r->table;
	double	   *part = palloc(sizeof(double) * Max(t->nvalues, 1));
	int64		steps = 0;
	int64		n;

	for (n = 1; n < t->total; n++)
	{
		CHECK_FOR_INTERRUPTS();
		/* in the worst case, a value at a time takes what is left */
		steps += (int64) t->nvalues * Min(n, t->nvalues);
		if (steps > LEAST_SIZE_STEPS ||
			least_distance(n, t->nvalues, t->counts, t->total, part) <= BEYOND_T(r))
			break;
	}
	pfree(part);
	return n;
}

/*
 * In order, what is carried past a value is at least what separates the share
 * of all values up to it from a whole number of records.
 */
static int64
least_size_ordered_t(const Requirement *r)
{
	const SensitiveTable *t = r->table;
	int64	   *by_rank = palloc0(sizeof(int64) * Max(t->nvalues, 1));
	int64		steps = LEAST_SIZE_STEPS / Max(t->nvalues, 1);
	int64		n;

	for (int v = 0; v < t->nvalues; v++)
		by_rank[t->rank[v]] = t->counts[v];
	for (n = 1; n < t->total && n <= steps; n++)
	{
		int64		below = 0;
		double		sum = 0;

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < t->nvalues - 1; i++)
		{
			double		share;

			below += by_rank[i];
			share = (double) n * (double) below / (double) t->total;
			sum += fabs(share - rint(share));
		}
		if (sum / (double) n / Max(t->nvalues - 1, 1) <= BEYOND_T(r))
			break;
	}
	pfree(by_rank);
	return n;
}

/* A class of one record may be near enough, as far as is known at little cost. */
static int64
least_size_hierarchical_t(const Requirement *r)
{
	return 1;
}

const PrivacyModel model_t = {
	.name = "t",
	.needs_values = true,
	.needs_table = true,
	.monotone = true,
	.least_size = least_size_t,
	.most_kept = most_kept_t,
	.measure = measure_t,
};

const PrivacyModel model_ordered_t = {
	.name = "ordered_t",
	.needs_values = true,
	.needs_table = true,
	.needs_rank = true,
	.monotone = true,
	.least_size = least_size_ordered_t,
	.most_kept = most_kept_ordered_t,
	.measure = measure_ordered_t,
};

const PrivacyModel model_hierarchical_t = {
	.name = "hierarchical_t",
	.needs_values = true,
	.needs_table = true,
	.needs_tree = true,
	.monotone = true,
	.least_size = least_size_hierarchical_t,
	.most_kept = most_kept_hierarchical_t,
	.measure = measure_hierarchical_t,
};
