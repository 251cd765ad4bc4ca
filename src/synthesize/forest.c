/*-------------------------------------------------------------------------
 *
 * forest.c
 *		The method "forest": an adversarial random forest with leaf densities.
 *
 * Trees learn to tell the rows from rows whose variables do not depend on each
 * other; new rows are drawn from their leaves, where they depend on each other
 * less, and trees learn to tell these, until they cannot (Watson et al. 2023,
 * "Adversarial random forests for density estimation and generative modeling").
 * Then a row is drawn by a tree, a leaf of it by its share of the rows, and each
 * variable by the counts of the leaf.  Fine variables are drawn given their
 * coarse one alone.
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

/* A forest under a condition, or for rows with kept variables. */
typedef struct ForestSampler
{
	Sampler		base;
	bool		conditional;	/* leaves have weights of their own */
	double	  **weights;		/* of each tree and leaf, conditional */
	uint32	 ***sums;			/* of each tree and variable: allowed codes alone, or NULL */
	uint32	  **fine;			/* of each fine variable, or NULL */
	uint64	   *running;		/* room for the weights of the leaves for one row */
	uint32		nleaves;		/* of all trees */
	bool		kept;			/* a variable is given by the row */
} ForestSampler;

/* The leaf that a number falls on. */
static uint32
leaf_at(const ForestTree *tree, uint32 at)
{
	uint32		low = 0;
	uint32		high = tree->tree->nleaves - 1;

	while (low < high)
	{
		uint32		middle = low + (high - low) / 2;

		if (tree->coverage[middle] > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

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
		uint32		leaf = leaf_at(tree, random_below(&stream, (uint32) table->nrows));

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
	return &g->base;
}

/* The share of a leaf that is allowed, over all variables under a condition. */
static double
leaf_weight(const ForestSampler *s, const ForestGenerator *g, int t, uint32 leaf)
{
	const ForestTree *tree = &g->trees[t];
	double		weight = tree->coverage[leaf] - (leaf > 0 ? tree->coverage[leaf - 1] : 0);

	for (int v = 0; v < g->base.nvariables; v++)
		if (s->sums[t][v] != NULL)
		{
			weight *= leaf_codes_total(&tree->codes[v], s->sums[t][v], leaf);
			weight /= leaf_codes_total(&tree->codes[v], tree->codes[v].sums, leaf);
		}
	return weight;
}

/* See generator.h. */
static Sampler *
forest_prepare(const Generator *generator, CodeSet *const *allowed)
{
	const ForestGenerator *g = (const ForestGenerator *) generator;
	ForestSampler *s = palloc0(sizeof(ForestSampler));
	double		most = 0;

	s->base.generator = generator;
	s->sums = palloc(sizeof(uint32 **) * g->ntrees);
	s->weights = palloc(sizeof(double *) * g->ntrees);
	s->fine = palloc0(sizeof(uint32 *) * Max(generator->nvariables, 1));
	for (int v = 0; v < generator->nvariables; v++)
	{
		s->kept |= generator->variables[v].kept;
		s->conditional |= allowed != NULL && allowed[v] != NULL;
		if (allowed != NULL && allowed[v] != NULL && generator->variables[v].coarse >= 0)
			s->fine[v] = leaf_codes_restrict(&g->fine[v], generator->variables[generator->variables[v].coarse].ncodes,
											 allowed[v]);
	}
	for (int t = 0; t < g->ntrees; t++)
	{
		uint32		nleaves = g->trees[t].tree->nleaves;

		CHECK_FOR_INTERRUPTS();
		s->nleaves += nleaves;
		s->sums[t] = palloc0(sizeof(uint32 *) * Max(generator->nvariables, 1));
		for (int v = 0; v < generator->nvariables; v++)
			if (allowed != NULL && allowed[v] != NULL && generator->variables[v].coarse < 0 && !generator->variables[v].kept)
				s->sums[t][v] = leaf_codes_restrict(&g->trees[t].codes[v], nleaves, allowed[v]);
		s->weights[t] = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(double) * nleaves);
		for (uint32 leaf = 0; leaf < nleaves; leaf++)
		{
			s->weights[t][leaf] = leaf_weight(s, g, t, leaf);
			most = Max(most, s->weights[t][leaf]);
		}
	}
	if (most == 0)
		return NULL;
	s->running = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(uint64) * s->nleaves);
	return &s->base;
}

/*
 * Choose among all leaves by weights of their own: those of the condition,
 * times the share of the codes that are given by the row.  Weights are rounded
 * to whole numbers, which add up alike everywhere.  Where no leaf has all the
 * codes that are given, those that it lacks count as one row in a thousand.
 */
static bool
choose_leaf(ForestSampler *s, const ForestGenerator *g, SampleBatch *batch, int row, int *t, uint32 *leaf)
{
	uint64		total = 0;
	uint64		at;
	uint32		i = 0;

	for (int strict = 1; total == 0 && strict >= 0; strict--)
	{
		i = 0;
		for (int u = 0; u < g->ntrees; u++)
			for (uint32 l = 0; l < g->trees[u].tree->nleaves; l++)
			{
				double		weight = s->weights[u][l];

				for (int v = 0; s->kept && weight > 0 && v < g->base.nvariables; v++)
				{
					const LeafCodes *codes = &g->trees[u].codes[v];

					if (!g->base.variables[v].kept || g->base.variables[v].coarse >= 0)
						continue;
					weight *= strict ? leaf_codes_weight(codes, l, batch->codes[v][row]) :
						Max(leaf_codes_weight(codes, l, batch->codes[v][row]) * 1000.0, 1.0);
					weight /= leaf_codes_total(codes, codes->sums, l) * (strict ? 1.0 : 1000.0);
				}
				/* 2^20 parts of a row; all rows of all trees stay below 2^63 */
				total += (uint64) (weight * 1048576.0);
				s->running[i++] = total;
			}
	}
	if (total == 0)
		return false;
	at = random_below64(&batch->streams[row], total);
	{
		uint32		low = 0;
		uint32		high = i - 1;

		while (low < high)
		{
			uint32		middle = low + (high - low) / 2;

			if (s->running[middle] > at)
				high = middle;
			else
				low = middle + 1;
		}
		*leaf = low;
	}
	for (*t = 0; *leaf >= g->trees[*t].tree->nleaves; (*t)++)
		*leaf -= g->trees[*t].tree->nleaves;
	return true;
}

/* Draw one row; false if the condition ruled it out. */
static bool
draw_row(ForestSampler *s, const ForestGenerator *g, SampleBatch *batch, int row)
{
	RandomStream *stream = &batch->streams[row];
	uint32		leaf;
	int			t;

	if (s->conditional || s->kept)
	{
		if (!choose_leaf(s, g, batch, row, &t, &leaf))
			return false;
	}
	else
	{
		const ForestTree *tree;

		t = random_below(stream, g->ntrees);
		tree = &g->trees[t];
		leaf = leaf_at(tree, random_below(stream, tree->coverage[tree->tree->nleaves - 1]));
	}
	for (int v = 0; v < g->base.nvariables; v++)
	{
		const Variable *variable = &g->base.variables[v];
		const LeafCodes *codes = variable->coarse >= 0 ? &g->fine[v] : &g->trees[t].codes[v];
		uint32		from = variable->coarse >= 0 ? batch->codes[variable->coarse][row] : leaf;
		const uint32 *own = variable->coarse >= 0 ? s->fine[v] : s->sums[t][v];
		const uint32 *sums = own != NULL ? own : codes->sums;
		uint32		total;

		if (variable->kept)
			continue;
		total = leaf_codes_total(codes, sums, from);
		if (total == 0)
			return false;
		batch->codes[v][row] = leaf_codes_at(codes, sums, from, random_below(stream, total));
	}
	return true;
}

/* See generator.h. */
static void
forest_draw(Sampler *sampler, SampleBatch *batch)
{
	for (int row = 0; row < batch->nrows; row++)
	{
		if (((ForestSampler *) sampler)->kept)
			CHECK_FOR_INTERRUPTS();
		batch->drawn[row] = draw_row((ForestSampler *) sampler, (const ForestGenerator *) sampler->generator,
									 batch, row);
	}
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
