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

#include "utils/memutils.h"

#include "synthesize/conditional.h"

/* A tree of the ensemble, any with the same probability. */
static inline int
draw_tree(const Conditional *conditional, RandomStream *stream)
{
	return conditional->ntrees > 1 ? (int) random_below(stream, conditional->ntrees) : 0;
}

/* Rows of a leaf. */
static inline uint32
leaf_total(const LeafCodes *leaves, const uint32 *sums, uint32 leaf)
{
	return sums[leaves->starts[leaf + 1] - 1];
}

/* The code of a leaf that a row of 0 .. total - 1 falls on. */
static inline uint8
code_at(const LeafCodes *leaves, const uint32 *sums, uint32 leaf, uint32 at)
{
	uint32		low = leaves->starts[leaf];
	uint32		high = leaves->starts[leaf + 1] - 1;

	while (high - low > 8)
	{
		uint32		middle = low + (high - low) / 2;

		if (sums[middle] > at)
			high = middle;
		else
			low = middle + 1;
	}
	while (sums[low] <= at)
		low++;
	return leaves->codes[low];
}

/* See conditional.h. */
uint8
conditional_draw(const Conditional *conditional, uint8 *const *codes, int64 row, RandomStream *stream)
{
	const CountedTree *tree = &conditional->trees[draw_tree(conditional, stream)];
	const LeafCodes *leaves = &tree->leaves;
	uint32		leaf = code_tree_leaf(tree->tree, codes, row);

	return code_at(leaves, leaves->sums, leaf,
				   random_below(stream, leaf_total(leaves, leaves->sums, leaf)));
}

/* See conditional.h. */
double
conditional_probability(const Conditional *conditional, uint8 *const *codes, int64 row, uint8 code)
{
	double		sum = 0;

	for (int t = 0; t < conditional->ntrees; t++)
	{
		const LeafCodes *leaves = &conditional->trees[t].leaves;
		uint32		leaf = code_tree_leaf(conditional->trees[t].tree, codes, row);
		uint32		first = leaves->starts[leaf];
		uint32		i = first;

		while (i < leaves->starts[leaf + 1] && leaves->codes[i] < code)
			i++;
		if (i < leaves->starts[leaf + 1] && leaves->codes[i] == code)
			sum += (double) (leaves->sums[i] - (i > first ? leaves->sums[i - 1] : 0)) /
				leaf_total(leaves, leaves->sums, leaf);
	}
	return sum / conditional->ntrees;
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
		uint32	   *sums = MemoryContextAllocHuge(CurrentMemoryContext,
												  (Size) leaves->starts[tree->nleaves] * sizeof(uint32));

		for (uint32 leaf = 0; leaf < tree->nleaves; leaf++)
		{
			uint32		sum = 0;
			uint32		before = 0;

			for (uint32 i = leaves->starts[leaf]; i < leaves->starts[leaf + 1]; i++)
			{
				if (codeset_has(allowed, leaves->codes[i]))
					sum += leaves->sums[i] - before;
				before = leaves->sums[i];
				sums[i] = sum;
			}
			if (sum * most->n > most->a * before)
			{
				most->a = sum;
				most->n = before;
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
	uint64		a = leaf_total(leaves, sums, leaf);
	uint64		n = leaf_total(leaves, leaves->sums, leaf);

	if (a * most->n < n * most->a && random_below64(stream, n * most->a) >= a * most->n)
		return false;
	*code = code_at(leaves, sums, leaf, random_below(stream, (uint32) a));
	return true;
}
