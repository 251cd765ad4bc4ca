/*-------------------------------------------------------------------------
 *
 * forest_draw.c
 *		Rows from a forest.
 *
 * A row is drawn by a tree, a leaf of it by its share of the rows, and each
 * variable by the counts of the leaf, but for codes that those before it
 * exclude.  Fine variables are drawn given their coarse one alone.  Under a
 * condition, and where the row gives some variables, leaves have weights of
 * their own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "synthesize/forest_internal.h"

/* A forest under a condition, or for rows with kept variables. */
typedef struct ForestSampler
{
	Sampler		base;
	bool		conditional;	/* leaves have weights of their own */
	double	  **weights;		/* of each tree and leaf, conditional */
	uint32	 ***sums;			/* of each tree and variable: allowed codes alone, or NULL */
	uint32	  **fine;			/* of each fine variable, or NULL */
	double	   *shares;			/* room for what the weights of the leaves become for one row: */
	int		   *powers;			/* shares * 2^powers */
	uint64	   *running;		/* and for their sums, as whole numbers */
	uint32		nleaves;		/* of all trees */
	bool		kept;			/* a variable is given by the row */
} ForestSampler;

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
Sampler *
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
	s->shares = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(double) * s->nleaves);
	s->powers = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int) * s->nleaves);
	s->running = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(uint64) * s->nleaves);
	return &s->base;
}

/*
 * The weight of a leaf, times the share of its rows that have the codes that
 * are given by the row, as a number of 0.5 .. 1 and a power of two: of many
 * variables, it may be far below what a double holds.  Codes that a leaf lacks count as
 * one row in a thousand unless strict.
 */
static void
weigh_leaf(const ForestSampler *s, const ForestGenerator *g, int t, uint32 leaf, const SampleBatch *batch,
		   int row, bool strict, double *share, int *power)
{
	int			shift;

	*share = frexp(s->weights[t][leaf], power);
	for (int v = 0; s->kept && *share > 0 && v < g->base.nvariables; v++)
	{
		const LeafCodes *codes = &g->trees[t].codes[v];
		double		weight;

		if (!g->base.variables[v].kept || g->base.variables[v].coarse >= 0)
			continue;
		weight = leaf_codes_weight(codes, leaf, batch->codes[v][row]);
		if (!strict)
			weight = Max(weight, 0.001);
		*share = frexp(*share * weight / leaf_codes_total(codes, codes->sums, leaf), &shift);
		*power += shift;
	}
}

/*
 * Choose among all leaves by weights of their own: those of the condition,
 * times the share of the codes that are given by the row.  Weights are rounded
 * to whole numbers, which add up alike everywhere.  Where no leaf has all the
 * codes that are given, the leaves that have most of them are likely.
 */
static void
choose_leaf(ForestSampler *s, const ForestGenerator *g, SampleBatch *batch, int row, int *t, uint32 *leaf)
{
	uint64		total = 0;
	uint64		at;
	uint32		low = 0;
	uint32		high = s->nleaves - 1;
	int			most = PG_INT32_MIN;

	for (int strict = 1; most == PG_INT32_MIN && strict >= 0; strict--)
	{
		uint32		i = 0;

		for (int u = 0; u < g->ntrees; u++)
			for (uint32 l = 0; l < g->trees[u].tree->nleaves; l++, i++)
			{
				weigh_leaf(s, g, u, l, batch, row, strict, &s->shares[i], &s->powers[i]);
				if (s->shares[i] > 0)
					most = Max(most, s->powers[i]);
			}
	}
	/* the heaviest leaf becomes 2^35 .. 2^36; fewer than 2^27 leaves stay below 2^63 */
	for (uint32 i = 0; i < s->nleaves; i++)
	{
		if (s->shares[i] > 0 && s->powers[i] > most - 64)
			total += (uint64) ldexp(s->shares[i], 36 + s->powers[i] - most);
		s->running[i] = total;
	}
	at = random_below64(&batch->streams[row], total);
	while (low < high)
	{
		uint32		middle = low + (high - low) / 2;

		if (s->running[middle] > at)
			high = middle;
		else
			low = middle + 1;
	}
	for (*t = 0; low >= g->trees[*t].tree->nleaves; (*t)++)
		low -= g->trees[*t].tree->nleaves;
	*leaf = low;
}

/*
 * Draw the code of a variable anew if others exclude it, among those of the
 * leaf that none excludes.  If there are none, or under a condition, whose
 * distribution is that of rows that are drawn anew, returns false; but what is
 * excluded by kept variables alone would be so for ever, and stays.
 */
static bool
draw_excluded(const ForestSampler *s, const ForestGenerator *g, const LeafCodes *codes, uint32 leaf, int v,
			  SampleBatch *batch, int row)
{
	uint8	   *code = &batch->codes[v][row];
	CodeSet		allowed;
	CodeSet		by_drawn;

	memset(&by_drawn, 0xff, sizeof(CodeSet));
	zeros_take(g->zeros, v, batch->codes, row, false, &by_drawn);
	allowed = by_drawn;
	zeros_take(g->zeros, v, batch->codes, row, true, &allowed);
	if (codeset_has(&allowed, *code))
		return true;
	if (s->conditional && !codeset_has(&by_drawn, *code))
		return false;
	if (!s->conditional && leaf_codes_draw_of(codes, leaf, &allowed, &batch->streams[row], code))
		return true;
	return codeset_has(&by_drawn, *code);
}

/* Draw one row; false if a condition or codes that exclude each other ruled it out. */
static bool
draw_row(ForestSampler *s, const ForestGenerator *g, SampleBatch *batch, int row)
{
	RandomStream *stream = &batch->streams[row];
	uint32		leaf;
	int			t;

	if (s->conditional || s->kept)
		choose_leaf(s, g, batch, row, &t, &leaf);
	else
	{
		const ForestTree *tree;

		t = random_below(stream, g->ntrees);
		tree = &g->trees[t];
		leaf = forest_leaf_at(tree, random_below(stream, tree->coverage[tree->tree->nleaves - 1]));
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
		if (variable->coarse < 0 && !draw_excluded(s, g, codes, from, v, batch, row))
			return false;
	}
	return true;
}

/* See generator.h. */
void
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
