/*-------------------------------------------------------------------------
 *
 * forest_bytes.c
 *		Forests as bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "synthesize/forest_internal.h"

/* See forest_internal.h. */
void
forest_write(StringInfo to, const Generator *generator)
{
	const ForestGenerator *g = (const ForestGenerator *) generator;

	bytes_put_uint32(to, g->ntrees);
	for (int t = 0; t < g->ntrees; t++)
	{
		const ForestTree *tree = &g->trees[t];
		uint32		before = 0;

		code_tree_write(to, tree->tree, generator->variables);
		for (uint32 leaf = 0; leaf < tree->tree->nleaves; leaf++)
		{
			bytes_put_uint32(to, tree->coverage[leaf] - before);
			before = tree->coverage[leaf];
		}
		for (int v = 0; v < generator->nvariables; v++)
			if (generator->variables[v].coarse < 0)
				leaf_codes_write(to, &tree->codes[v], tree->tree->nleaves);
	}
	for (int v = 0; v < generator->nvariables; v++)
		if (generator->variables[v].coarse >= 0)
			leaf_codes_write(to, &g->fine[v], generator->variables[generator->variables[v].coarse].ncodes);
	zeros_write(to, g->zeros);
}

/* Read one tree. */
static void
read_tree(ByteReader *r, int nvariables, const Variable *variables, const bool *explains, ForestTree *tree)
{
	uint32		sum = 0;

	CHECK_FOR_INTERRUPTS();
	tree->tree = code_tree_read(r, nvariables, variables, explains);
	if (tree->tree->nleaves > r->left / sizeof(uint32))
		bytes_invalid(r, "A tree has more leaves than bytes.");
	tree->coverage = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(uint32) * tree->tree->nleaves);
	for (uint32 leaf = 0; leaf < tree->tree->nleaves; leaf++)
		tree->coverage[leaf] = sum += bytes_count(r, 1, PG_INT32_MAX - sum);
	tree->codes = palloc0(sizeof(LeafCodes) * Max(nvariables, 1));
	for (int v = 0; v < nvariables; v++)
		if (variables[v].coarse < 0)
			leaf_codes_read(r, &tree->codes[v], tree->tree->nleaves, &variables[v]);
}

/* See forest_internal.h. */
Generator *
forest_read(ByteReader *r, int nvariables, const Variable *variables)
{
	ForestGenerator *g = palloc0(sizeof(ForestGenerator));
	bool	   *explains = palloc(Max(nvariables, 1));

	g->base.method = &forest_method;
	g->base.nvariables = nvariables;
	g->base.variables = variables;
	for (int v = 0; v < nvariables; v++)
		explains[v] = variables[v].coarse < 0;
	g->ntrees = bytes_count(r, 1, FOREST_MOST_TREES);
	g->trees = palloc0(sizeof(ForestTree) * g->ntrees);
	for (int t = 0; t < g->ntrees; t++)
		read_tree(r, nvariables, variables, explains, &g->trees[t]);
	g->fine = palloc0(sizeof(LeafCodes) * Max(nvariables, 1));
	for (int v = 0; v < nvariables; v++)
		if (variables[v].coarse >= 0)
			leaf_codes_read(r, &g->fine[v], variables[variables[v].coarse].ncodes, &variables[v]);
	g->zeros = zeros_read(r, nvariables, variables);
	return &g->base;
}
