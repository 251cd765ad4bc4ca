/*-------------------------------------------------------------------------
 *
 * conditional.c
 *		Drawing from the distribution of one variable given those before it.
 *
 * Integers only: the same stream gives the same code on every machine.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "synthesize/conditional.h"

/* A tree of the ensemble, any with the same probability. */
static inline int
draw_tree(const Conditional *conditional, RandomStream *stream)
{
	return conditional->ntrees > 1 ? (int) random_below(stream, conditional->ntrees) : 0;
}

/* See conditional.h. */
uint8
conditional_draw(const Conditional *conditional, uint8 *const *codes, int64 row, RandomStream *stream)
{
	const CountedTree *tree = &conditional->trees[draw_tree(conditional, stream)];
	const LeafCodes *leaves = &tree->leaves;
	uint32		leaf = code_tree_leaf(tree->tree, codes, row);

	return leaf_codes_at(leaves, leaves->sums, leaf,
				   random_below(stream, leaf_codes_total(leaves, leaves->sums, leaf)));
}

/* See conditional.h. */
bool
conditional_draw_of(const Conditional *conditional, const CodeSet *allowed, uint8 *const *codes,
					int64 row, RandomStream *stream, uint8 *code)
{
	int			first = draw_tree(conditional, stream);

	for (int i = 0; i < conditional->ntrees; i++)
	{
		const CountedTree *tree = &conditional->trees[(first + i) % conditional->ntrees];

		if (leaf_codes_draw_of(&tree->leaves, code_tree_leaf(tree->tree, codes, row), allowed, stream, code))
			return true;
	}
	return false;
}

/* See conditional.h. */
Restriction *
conditional_restrict(const Conditional *conditional, const CodeSet *allowed, AllowedShare *most)
{
	Restriction *restriction = palloc(sizeof(Restriction));

	restriction->sums = palloc(conditional->ntrees * sizeof(uint32 *));
	for (int t = 0; t < conditional->ntrees; t++)
	{
		const CodeTree *tree = conditional->trees[t].tree;
		const LeafCodes *leaves = &conditional->trees[t].leaves;
		uint32	   *sums = leaf_codes_restrict(leaves, tree->nleaves, allowed);

		for (uint32 leaf = 0; leaf < tree->nleaves; leaf++)
		{
			uint64		a = leaf_codes_total(leaves, sums, leaf);
			uint64		n = leaf_codes_total(leaves, leaves->sums, leaf);

			if (a * most->n > most->a * n)
			{
				most->a = a;
				most->n = n;
			}
		}
		restriction->sums[t] = sums;
	}
	return restriction;
}

/* See conditional.h. */
bool
conditional_draw_restricted(const Conditional *conditional, const Restriction *restriction,
							const AllowedShare *most, uint8 *const *codes, int64 row,
							RandomStream *stream, uint8 *code)
{
	int			t = draw_tree(conditional, stream);
	const CountedTree *tree = &conditional->trees[t];
	const LeafCodes *leaves = &tree->leaves;
	const uint32 *sums = restriction->sums[t];
	uint32		leaf = code_tree_leaf(tree->tree, codes, row);
	uint64		a = leaf_codes_total(leaves, sums, leaf);
	uint64		n = leaf_codes_total(leaves, leaves->sums, leaf);

	if (a * most->n < n * most->a && random_below64(stream, n * most->a) >= a * most->n)
		return false;
	*code = leaf_codes_at(leaves, sums, leaf, random_below(stream, (uint32) a));
	return true;
}

/* See conditional.h. */
void
conditional_leaves(const Conditional *conditional, int variable, LeafTold tell, void *state)
{
	for (int t = 0; t < conditional->ntrees; t++)
	{
		const LeafCodes *leaves = &conditional->trees[t].leaves;

		CHECK_FOR_INTERRUPTS();
		for (uint32 leaf = 0; leaf < conditional->trees[t].tree->nleaves; leaf++)
			tell(state, variable, leaves->sums[leaves->starts[leaf + 1] - 1]);
	}
}
