/*-------------------------------------------------------------------------
 *
 * rollup.c
 *		Results of nodes of the lattice, to make more general ones of.
 *
 * Grouping costs what its source is large.  Every result is kept that is much
 * smaller than its own source, and the smallest one that lies under a node is
 * the node's source.  Where that is still large, steps on the way are made
 * that nobody asked for: one column at a time is raised to the level of the
 * node, the one first that merges the most.  Nodes of a search have many
 * levels in common, so these steps are made once and serve hundreds of nodes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "kiaim.h"
#include "utils/memutils.h"

#include "anonymize/search.h"

/* A smaller source needs no step on the way. */
#define SMALL_SOURCE	2048

/* A step must take away this much entropy of its column, in bits. */
#define WORTH_A_STEP	1.0

/* Columns with so much more entropy than their records, in bits, merge nothing. */
#define MERGING_ENTROPY	2.0

/* A kept result. */
typedef struct Snapshot
{
	LatticeNode node;
	PathTuples	tuples;
} Snapshot;

struct Rollup
{
	const PathTable *table;
	Grouper    *grouper;
	bool		values;
	int			node_words;
	FrameMemory *memory;
	Snapshot   *snapshots;		/* smallest first */
	int			n;
	int			size;
	Size		bytes;			/* of all kept tuples */
};

/* See search.h. */
Rollup *
rollup_create(const PathTable *table, FrameMemory *memory, Grouper *grouper, bool values)
{
	Rollup	   *r = palloc0(sizeof(Rollup));

	r->table = table;
	r->grouper = grouper;
	r->values = values;
	r->node_words = (table->nquasi + 7) / 8;
	r->memory = memory;
	return r;
}

/* See search.h. */
void
rollup_mask(const Rollup *r, const LatticeNode *node, uint64 *mask, uint64 *class_mask)
{
	const PathTable *t = r->table;

	for (int w = 0; w < t->words; w++)
		class_mask[w] = 0;
	for (int j = 0; j < t->nquasi; j++)
		class_mask[t->quasi[j].word] |= t->quasi[j].mask[node->level[j]];
	for (int w = 0; w < t->words; w++)
		mask[w] = class_mask[w] | (r->values ? t->kept[w] : 0);
}

/* The smallest result that lies under a node, or NULL for the table itself. */
static const Snapshot *
smallest_below(const Rollup *r, const LatticeNode *node)
{
	for (int i = 0; i < r->n; i++)
		if (node_below(&r->snapshots[i].node, node, r->node_words))
			return &r->snapshots[i];
	return NULL;
}

/* Keep a result. */
static void
keep(Rollup *r, const LatticeNode *node, const PathTuples *tuples)
{
	Snapshot   *s;
	int			at;

	if (r->n == r->size)
	{
		int			more = Max(64, r->size * 2);

		r->snapshots = frame_grow(r->memory, r->snapshots, r->size, more, sizeof(Snapshot));
		r->size = more;
	}
	for (at = r->n; at > 0 && r->snapshots[at - 1].tuples.n > tuples->n; at--)
		;
	memmove(r->snapshots + at + 1, r->snapshots + at, sizeof(Snapshot) * (r->n - at));
	r->n++;
	r->bytes += sizeof(uint64) * (tuples->words + 1) * tuples->n;
	s = &r->snapshots[at];
	s->node = *node;
	s->tuples = *tuples;
	s->tuples.keys = frame_alloc(r->memory, Max(tuples->n, 1), sizeof(uint64) * tuples->words, false);
	s->tuples.weights = frame_alloc(r->memory, Max(tuples->n, 1), sizeof(uint64), false);
	if (tuples->n > 0)
	{
		memcpy(s->tuples.keys, tuples->keys, sizeof(uint64) * tuples->n * tuples->words);
		memcpy(s->tuples.weights, tuples->weights, sizeof(uint64) * tuples->n);
	}
}

/*
 * Is there room for a result of so many tuples?  Kept results have a quarter of
 * the memory, and leave a quarter to what cannot do without.
 */
static bool
has_room(const Rollup *r, double n)
{
	double		bytes = sizeof(uint64) * (r->table->words + 1) * n;
	double		bound = (double) KIAIM_MAX_MEMORY_BYTES;

	return (double) r->bytes + bytes <= bound / 4 &&
		(double) r->memory->used + bytes <= bound * 3 / 4;
}

/* See search.h. */
void
rollup_remember(Rollup *r, const LatticeNode *node, const PathTuples *tuples, int64 source)
{
	if (tuples->n <= source / 2 && has_room(r, tuples->n))
		keep(r, node, tuples);
}

/*
 * A step from a node to one above: columns raised to their level there, those
 * that merge the most first, until tuples can be expected to merge.  False if
 * that is (almost) the node above itself.  *tuples is the number to expect at
 * most.
 */
static bool
make_step(const Rollup *r, const LatticeNode *to, LatticeNode *step, double *tuples)
{
	const PathColumn *quasi = r->table->quasi;
	double		entropy = 0;
	bool		raised = false;
	int			columns = 0;

	for (int j = 0; j < r->table->nquasi; j++)
	{
		entropy += quasi[j].entropy[step->level[j]];
		columns += step->level[j] < to->level[j];
	}
	/* tuples are distinct while their columns have more entropy than their number */
	while (!raised || entropy > log2((double) r->table->records) + MERGING_ENTROPY)
	{
		double		most = WORTH_A_STEP;
		int			best = -1;

		for (int j = 0; j < r->table->nquasi; j++)
		{
			double		less = quasi[j].entropy[step->level[j]] - quasi[j].entropy[to->level[j]];

			if (less > most)
			{
				most = less;
				best = j;
			}
		}
		if (best < 0 || --columns < 1)
			return false;
		step->level[best] = to->level[best];
		entropy -= most;
		raised = true;
	}
	*tuples = exp2(entropy);
	return true;
}

/* See search.h. */
const PathTuples *
rollup_source(Rollup *r, const LatticeNode *node)
{
	for (;;)
	{
		const Snapshot *found = smallest_below(r, node);
		const PathTuples *source = found ? &found->tuples : &r->table->tuples;
		LatticeNode step;
		double		expected;
		uint64		mask[PATH_MAX_WORDS];
		uint64		class_mask[PATH_MAX_WORDS];
		PathTuples	tuples;

		if (source->n <= SMALL_SOURCE)
			return source;
		if (found)
			step = found->node;
		else
			memset(&step, 0, sizeof(step));
		if (!make_step(r, node, &step, &expected) || !has_room(r, Min(expected, source->n)))
			return source;
		rollup_mask(r, &step, mask, class_mask);
		grouper_group(r->grouper, source, mask, false, &tuples);
		/* a step that merges nothing would be made again and again */
		if (tuples.n >= source->n || !has_room(r, tuples.n))
			return source;
		keep(r, &step, &tuples);
	}
}
