/*-------------------------------------------------------------------------
 *
 * forest.c
 *		The method "forest": an adversarial random forest with leaf densities.
 *
 * Trees learn to tell the rows from rows whose variables do not depend on each
 * other; new rows are drawn from their leaves, where they depend on each other
 * less, and trees learn to tell these, until they cannot (Watson et al. 2023,
 * "Adversarial random forests for density estimation and generative modeling").
 * Here they are grown and counted; forest_draw.c draws from them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "synthesize/forest_internal.h"

/* Trees unless the user says otherwise, and rounds at most. */
#define DEFAULT_TREES	10
#define MOST_ROUNDS		10

/* Rows that shape a tree at most. */
#define TREE_ROWS		100000

/* Drop all rows into the leaves of a tree and count them. */
static void
count_tree(const CodedTable *table, ForestTree *tree, FrameMemory *memory)
{
	uint32		nleaves = tree->tree->nleaves;
	uint32	   *leaf_of = frame_alloc(memory, table->nrows, sizeof(uint32), false);

	tree->coverage = frame_alloc(memory, nleaves, sizeof(uint32), true);
	tree->codes = palloc0(sizeof(LeafCodes) * Max(table->nvariables, 1));
	code_tree_leaves(tree->tree, table->codes, 0, table->nrows, leaf_of);
	for (int64 row = 0; row < table->nrows; row++)
		tree->coverage[leaf_of[row]]++;
	for (uint32 leaf = 1; leaf < nleaves; leaf++)
		tree->coverage[leaf] += tree->coverage[leaf - 1];
	for (int v = 0; v < table->nvariables; v++)
		if (table->variables[v].coarse < 0)
			leaf_codes_count(&tree->codes[v], nleaves, leaf_of, table->codes[v], table->nrows,
							 table->variables[v].rare, memory);
	frame_release(memory, leaf_of, table->nrows, sizeof(uint32));
}

/* Forget the counts of a tree and itself. */
static void
free_tree(const CodedTable *table, ForestTree *tree, FrameMemory *memory)
{
	uint32		nleaves = tree->tree->nleaves;

	for (int v = 0; v < table->nvariables; v++)
	{
		LeafCodes  *codes = &tree->codes[v];
		Size		n = codes->starts != NULL ? codes->starts[nleaves] : 0;

		if (codes->starts == NULL)
			continue;
		frame_release(memory, codes->codes, n, sizeof(uint8));
		frame_release(memory, codes->sums, n, sizeof(uint32));
		frame_release(memory, codes->starts, (Size) nleaves + 1, sizeof(uint32));
	}
	pfree(tree->codes);
	frame_release(memory, tree->coverage, nleaves, sizeof(uint32));
	code_tree_free(tree->tree, memory);
}

/* Draw the coarse variables of as many rows as the table has from the leaves of trees. */
static void
draw_others(const CodedTable *table, const ForestTree *trees, int ntrees, uint64 seed, uint8 **others)
{
	for (int64 row = 0; row < table->nrows; row++)
	{
		RandomStream stream = random_stream(seed, row);
		const ForestTree *tree = &trees[random_below(&stream, ntrees)];
		uint32		leaf = forest_leaf_at(tree, random_below(&stream, (uint32) table->nrows));

		if (row % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		for (int v = 0; v < table->nvariables; v++)
			if (table->variables[v].coarse < 0)
				others[v][row] = leaf_codes_at(&tree->codes[v], tree->codes[v].sums, leaf,
											   random_below(&stream, leaf_codes_total(&tree->codes[v], tree->codes[v].sums, leaf)));
	}
}

/* The codes of fine variables given their coarse ones; a code without rows is given that of the first. */
static LeafCodes *
count_fine(const CodedTable *table, FrameMemory *memory)
{
	LeafCodes  *fine = palloc0(sizeof(LeafCodes) * Max(table->nvariables, 1));
	uint32	   *given = frame_alloc(memory, table->nrows + MAX_CODES, sizeof(uint32), false);
	uint8	   *codes = frame_alloc(memory, table->nrows + MAX_CODES, sizeof(uint8), false);

	for (int v = 0; v < table->nvariables; v++)
	{
		const Variable *variable = &table->variables[v];
		int64		n = 0;
		bool		seen[MAX_CODES] = {false};

		if (variable->coarse < 0)
			continue;
		for (int64 row = 0; row < table->nrows; row++)
		{
			given[n] = table->codes[variable->coarse][row];
			seen[given[n]] = true;
			codes[n++] = table->codes[v][row];
		}
		/* every leaf must have a row; this one is never drawn */
		for (int c = 0; c < table->variables[variable->coarse].ncodes; c++)
			if (!seen[c])
			{
				given[n] = c;
				codes[n++] = 0;
			}
		leaf_codes_count(&fine[v], table->variables[variable->coarse].ncodes, given, codes, n,
						 variable->rare, memory);
	}
	frame_release(memory, given, table->nrows + MAX_CODES, sizeof(uint32));
	frame_release(memory, codes, table->nrows + MAX_CODES, sizeof(uint8));
	return fine;
}

/* Rows whose variables do not depend on each other: each code that of a row drawn anew. */
static uint8 **
draw_independent(const CodedTable *table, uint64 seed, FrameMemory *memory)
{
	uint8	  **others = palloc0(sizeof(uint8 *) * Max(table->nvariables, 1));

	for (int v = 0; v < table->nvariables; v++)
	{
		if (table->variables[v].coarse >= 0)
			continue;
		others[v] = frame_alloc(memory, table->nrows, 1, false);
		for (int64 row = 0; row < table->nrows; row++)
		{
			RandomStream stream = random_stream(seed + v, row);

			others[v][row] = table->codes[v][random_below(&stream, (uint32) table->nrows)];
		}
	}
	return others;
}

/* See generator.h. */
static Generator *
forest_fit(const CodedTable *table, const GeneratorSettings *settings)
{
	ForestGenerator *g = palloc0(sizeof(ForestGenerator));
	FrameMemory memory = {CurrentMemoryContext, 0};
	ForestSettings growth = {settings->trees > 0 ? settings->trees : DEFAULT_TREES, settings->min_leaf, TREE_ROWS};
	uint8	  **others = draw_independent(table, settings->seed ^ UINT64CONST(0x696e646570), &memory);
	double		right = 1;

	g->base.method = &forest_method;
	g->base.nvariables = table->nvariables;
	g->base.variables = table->variables;
	g->ntrees = growth.ntrees;
	for (int round = 0; round < MOST_ROUNDS; round++)
	{
		CodeTree  **trees = palloc0(sizeof(CodeTree *) * g->ntrees);
		double		told;

		growth.seed = random_stream(settings->seed, round).state;
		told = forest_tell_apart(table, others, &growth, trees, &memory);
		if (g->trees != NULL && told >= right)
		{
			/* no nearer: what there is stays */
			for (int t = 0; t < g->ntrees; t++)
				code_tree_free(trees[t], &memory);
			break;
		}
		right = told;
		for (int t = 0; g->trees != NULL && t < g->ntrees; t++)
			free_tree(table, &g->trees[t], &memory);
		if (g->trees == NULL)
			g->trees = palloc0(sizeof(ForestTree) * g->ntrees);
		for (int t = 0; t < g->ntrees; t++)
		{
			g->trees[t].tree = trees[t];
			count_tree(table, &g->trees[t], &memory);
		}
		pfree(trees);
		if (right <= 0.5)
			break;
		draw_others(table, g->trees, g->ntrees, settings->seed ^ ((uint64) (round + 1) << 32), others);
	}
	for (int v = 0; v < table->nvariables; v++)
		frame_release(&memory, others[v], table->nrows, 1);
	g->fine = count_fine(table, &memory);
	g->zeros = zeros_find(table, &memory);
	return &g->base;
}

/* See generator.h. */
static void
forest_leaves(const Generator *generator, LeafTold tell, void *state)
{
	const ForestGenerator *g = (const ForestGenerator *) generator;

	for (int t = 0; t < g->ntrees; t++)
	{
		const uint32 *coverage = g->trees[t].coverage;

		CHECK_FOR_INTERRUPTS();
		for (uint32 leaf = 0; leaf < g->trees[t].tree->nleaves; leaf++)
			tell(state, -1, coverage[leaf] - (leaf > 0 ? coverage[leaf - 1] : 0));
	}
}

const GeneratorMethod forest_method = {
	.name = "forest",
	.fit = forest_fit,
	.prepare = forest_prepare,
	.draw = forest_draw,
	.leaves = forest_leaves,
	.write = forest_write,
	.read = forest_read,
};
