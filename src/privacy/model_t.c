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

/* A class of one record may be near enough. */
static int64
least_size_t(const Requirement *r)
{
	return 1;
}

const PrivacyModel model_t = {
	.name = "t",
	.needs_values = true,
	.needs_table = true,
	.monotone = true,
	.least_size = least_size_t,
	.measure = measure_t,
};

const PrivacyModel model_ordered_t = {
	.name = "ordered_t",
	.needs_values = true,
	.needs_table = true,
	.needs_rank = true,
	.monotone = true,
	.least_size = least_size_t,
	.measure = measure_ordered_t,
};

const PrivacyModel model_hierarchical_t = {
	.name = "hierarchical_t",
	.needs_values = true,
	.needs_table = true,
	.needs_tree = true,
	.monotone = true,
	.least_size = least_size_t,
	.measure = measure_hierarchical_t,
};
