/*-------------------------------------------------------------------------
 *
 * frontier_walk.c
 *		Every node of a lattice, each grouped from its neighbour below.
 *
 * The columns are nested like loops, those with the most labels outside.  The
 * tuples are generalized column by column on the way in, and level by level in
 * each loop; so a node is made of hardly more tuples than it has itself, and
 * no more than one result a column is kept.
 *
 * Before a loop begins, the node with all columns inside it at their highest
 * level is looked at: where even that suppresses too much, so does every node
 * of the loop.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "kiaim.h"
#include "miscadmin.h"

#include "anonymize/frontier.h"

/* The loops. */
typedef struct Walk
{
	Frontier   *frontier;
	int			ncolumns;
	int			order[MAX_QUASI];	/* columns, outermost first */
	int			lowest[MAX_QUASI];	/* level of each column */
	int			highest[MAX_QUASI];
	PathTuples	kept[MAX_QUASI];	/* by depth: tuples of the level at hand, the columns inside at their lowest */
	int64		capacity[MAX_QUASI];
} Walk;

/* Keep tuples at a depth; false if there is no room for them. */
static bool
keep_tuples(Walk *w, int depth, const PathTuples *tuples)
{
	PathTable  *table = w->frontier->table;
	PathTuples *kept = &w->kept[depth];
	Size		key = sizeof(uint64) * tuples->words;

	if (tuples->n > w->capacity[depth])
	{
		Size		bytes = (key + sizeof(uint64)) * tuples->n;

		frame_release(&table->memory, kept->keys, w->capacity[depth], key);
		frame_release(&table->memory, kept->weights, w->capacity[depth], sizeof(uint64));
		kept->keys = kept->weights = NULL;
		w->capacity[depth] = 0;
		/* a quarter of the memory stays for what cannot do without */
		if (table->memory.used + bytes > KIAIM_MAX_MEMORY_BYTES / 4 * 3)
			return false;
		kept->keys = frame_alloc(&table->memory, tuples->n, key, false);
		kept->weights = frame_alloc(&table->memory, tuples->n, sizeof(uint64), false);
		w->capacity[depth] = tuples->n;
	}
	kept->words = tuples->words;
	kept->n = tuples->n;
	if (tuples->n > 0)
	{
		memcpy(kept->keys, tuples->keys, key * tuples->n);
		memcpy(kept->weights, tuples->weights, sizeof(uint64) * tuples->n);
	}
	return true;
}

/* Can any node with the columns from a depth on at any level be of interest? */
static bool
worth_walking(Walk *w, const LatticeNode *node, int depth, const PathTuples *source,
			  bool *ruled_out)
{
	Frontier   *f = w->frontier;
	LatticeNode top = *node;

	if (f->limit >= f->table->records)
		return true;
	for (int d = depth; d < w->ncolumns; d++)
		top.level[w->order[d]] = w->highest[w->order[d]];
	evaluator_group(f->evaluator, &top, source);
	return frontier_judge(f, &top, ruled_out);
}

/* The loop over the levels of the column of a depth; source: tuples of a node below. */
static void
walk(Walk *w, LatticeNode *node, int depth, const PathTuples *source, const bool *ruled_out)
{
	Frontier   *f = w->frontier;
	int			column = w->order[depth];
	bool		innermost = depth == w->ncolumns - 1;
	bool	   *out = palloc(sizeof(bool) * f->nk);

	for (int level = w->lowest[column]; level >= 0 && !f->late;
		 level = evaluator_next_level(f->evaluator, column, level))
	{
		const PathTuples *tuples;

		node->level[column] = level;
		memcpy(out, ruled_out, sizeof(bool) * f->nk);
		if (innermost)
		{
			tuples = evaluator_group(f->evaluator, node, source);
			frontier_judge(f, node, out);
			if (tuples->n < source->n && keep_tuples(w, depth, tuples))
				source = &w->kept[depth];
			continue;
		}
		if (level > w->lowest[column] || depth == 0)
		{
			tuples = evaluator_group(f->evaluator, node, source);
			if (tuples->n < source->n && keep_tuples(w, depth, tuples))
				source = &w->kept[depth];
		}
		if (worth_walking(w, node, depth + 1, source, out))
			walk(w, node, depth + 1, source, out);
		for (int d = depth + 1; d < w->ncolumns; d++)
			node->level[w->order[d]] = w->lowest[w->order[d]];
	}
	pfree(out);
}

/* See frontier.h. */
void
frontier_walk(Frontier *f)
{
	Walk	   *w = palloc0(sizeof(Walk));
	bool	   *ruled_out = palloc0(sizeof(bool) * f->nk);
	LatticeNode node;

	w->frontier = f;
	w->ncolumns = f->policy->nquasi;
	memset(&node, 0, sizeof(node));
	for (int j = 0; j < w->ncolumns; j++)
	{
		int64		labels = f->table->quasi[j].nlabels[f->policy->quasi[j].min_level];
		int			at = j;

		while (at > 0 && f->table->quasi[w->order[at - 1]].nlabels[w->lowest[w->order[at - 1]]] < labels)
		{
			w->order[at] = w->order[at - 1];
			at--;
		}
		w->order[at] = j;
		w->lowest[j] = f->policy->quasi[j].min_level;
		for (int level = w->lowest[j]; level >= 0; level = evaluator_next_level(f->evaluator, j, level))
			w->highest[j] = level;
		node.level[j] = w->lowest[j];
	}
	if (w->ncolumns == 0)
	{
		evaluator_group(f->evaluator, &node, &f->table->tuples);
		frontier_judge(f, &node, ruled_out);
	}
	else if (worth_walking(w, &node, 0, &f->table->tuples, ruled_out))
		walk(w, &node, 0, &f->table->tuples, ruled_out);
}
