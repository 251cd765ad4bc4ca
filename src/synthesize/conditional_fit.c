/*-------------------------------------------------------------------------
 *
 * conditional_fit.c
 *		Learning how one variable depends on those before it.
 *
 * The shape of each tree is learned from some of the persons, and the counts of
 * its leaves from all: trees that differ smooth each other's steps, and a leaf
 * that few persons shaped does not repeat just them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "synthesize/conditional.h"

/* The share of the persons that shape a tree, in 2^-32, where there are several trees. */
#define TREE_SHARE		UINT64CONST(2705829397)	/* 0.63 */

/* Rows that shape a tree at most. */
#define TREE_ROWS		150000

/*
 * What a split must gain (see tree.h), in 1/64 of a bit: the choice among cuts is worth what it
 * takes to write it down.  What a class is worth is measured, on a census of 24 thousand
 * persons and a cohort of 3 thousand: of less, leaves are of single persons' values, and
 * columns seem to depend on each other that do not.
 */
#define GAIN_BIT		64
#define GAIN_CLASS		90
#define GAIN_CHOICE		GAIN_BIT

/* Some of the rows, those of whole persons; returns how many. */
static int64
choose_rows(const CodedTable *table, const int32 *rows, int64 nrows, uint64 share, uint64 seed,
			int32 *chosen)
{
	int64		n = 0;

	for (int64 i = 0; i < nrows; i++)
	{
		int32		person = table->persons != NULL ? table->persons[rows[i]] : rows[i];

		if (random_mix(seed ^ random_mix(person)) >> 32 < share)
			chosen[n++] = rows[i];
	}
	return n;
}

/* Count the codes of the leaves. */
static void
count_leaves(const CodedTable *table, int variable, const int32 *rows, int64 nrows,
			 CountedTree *tree, FrameMemory *memory)
{
	uint32	   *leaf_of = frame_alloc(memory, nrows, sizeof(uint32), false);
	uint8	   *codes = frame_alloc(memory, nrows, sizeof(uint8), false);

	for (int64 i = 0; i < nrows; i++)
	{
		leaf_of[i] = code_tree_leaf(tree->tree, table->codes, rows[i]);
		codes[i] = table->codes[variable][rows[i]];
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
	}
	leaf_codes_count(&tree->leaves, tree->tree->nleaves, leaf_of, codes, nrows, -1, memory);
	frame_release(memory, leaf_of, nrows, sizeof(uint32));
	frame_release(memory, codes, nrows, sizeof(uint8));
}

/* See conditional.h. */
Conditional *
conditional_fit(const CodedTable *table, int variable, int nfeatures, const int *features,
				const int32 *rows, int64 nrows,
				const ConditionalSettings *settings, FrameMemory *memory)
{
	Conditional *conditional = frame_alloc(memory, 1, sizeof(Conditional), true);
	const Variable *target = &table->variables[variable];
	TreeData	data = {0};
	TreeSettings growth = {0};
	uint64		share = settings->ntrees > 1 ? TREE_SHARE : UINT64CONST(1) << 32;
	int32	   *chosen = frame_alloc(memory, nrows, sizeof(int32), false);
	TreeGrower *grower;
	bool		trivial = true;

	Assert(nrows > 0);
	if (share * (nrows >> 10) / (TREE_ROWS >> 10) > UINT64CONST(1) << 32)
		share = (UINT64CONST(1) << 32) * TREE_ROWS / nrows;
	data.variables = table->variables;
	data.codes = table->codes;
	data.persons = table->persons;
	data.classes = table->codes[variable];
	data.nclasses = target->ncodes;
	data.ordered = target->ordered;
	data.missing = target->missing;
	data.person_class = -1;
	growth.nfeatures = nfeatures;
	growth.features = features;
	growth.min_leaf = settings->min_leaf;
	growth.gain_class = settings->min_gain > 0 ? (int) rint(settings->min_gain * GAIN_BIT) : GAIN_CLASS;
	growth.gain_choice = GAIN_CHOICE;
	grower = tree_grower_create(&data, nrows, memory);
	conditional->ntrees = settings->ntrees;
	conditional->trees = frame_alloc(memory, settings->ntrees, sizeof(CountedTree), true);
	for (int t = 0; t < settings->ntrees; t++)
	{
		int64		n = choose_rows(table, rows, nrows, share,
									random_mix(settings->seed + t), chosen);

		conditional->trees[t].tree = tree_grow(grower, &growth, chosen, n, NULL);
		trivial &= conditional->trees[t].tree->nleaves == 1;
	}
	/* trees without a split are all the same */
	if (trivial)
	{
		for (int t = 1; t < conditional->ntrees; t++)
			code_tree_free(conditional->trees[t].tree, memory);
		conditional->ntrees = 1;
	}
	tree_grower_free(grower);
	frame_release(memory, chosen, nrows, sizeof(int32));
	for (int t = 0; t < conditional->ntrees; t++)
		count_leaves(table, variable, rows, nrows, &conditional->trees[t], memory);
	return conditional;
}
