/*-------------------------------------------------------------------------
 *
 * forest_internal.h
 *		What the files forest*.c share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_FOREST_INTERNAL_H
#define KIAIM_FOREST_INTERNAL_H

#include "postgres.h"

#include "synthesize/generator.h"
#include "synthesize/leaf_codes.h"
#include "synthesize/tree.h"
#include "synthesize/zeros.h"

/* Trees that a forest may have. */
#define FOREST_MOST_TREES	1000

/* A tree whose leaves are groups of persons in which the variables do not depend on each other. */
typedef struct ForestTree
{
	CodeTree   *tree;
	uint32	   *coverage;		/* rows of each leaf and those before it */
	LeafCodes  *codes;			/* of each coarse variable; starts is NULL for the others */
} ForestTree;

typedef struct ForestGenerator
{
	Generator	base;
	int			ntrees;
	ForestTree *trees;
	LeafCodes  *fine;			/* of each fine variable: its codes given the coarse one, as leaves */
	Zeros	   *zeros;			/* codes that exclude each other */
} ForestGenerator;

/* The leaf that a number of 0 .. rows - 1 falls on. */
static inline uint32
forest_leaf_at(const ForestTree *tree, uint32 at)
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

/* Rows that are to be told apart from those of a table. */
typedef struct ForestSettings
{
	int			ntrees;
	int			min_leaf;		/* persons of the table in each leaf */
	int64		rows;			/* that shape a tree at most, of the table */
	uint64		seed;
} ForestSettings;

/*
 * Grow trees that tell the rows of a table from as many others, whose codes are
 * others[variable] (coarse variables; the same array as the table's for kept
 * ones).  trees, if not NULL, gets them; returns the share of rows that trees
 * which have not seen them tell right, the two kinds weighing the same.
 */
extern double forest_tell_apart(const CodedTable *table, uint8 *const *others,
								const ForestSettings *settings, CodeTree **trees,
								FrameMemory *memory);

extern Sampler *forest_prepare(const Generator *generator, CodeSet *const *allowed);
extern void forest_draw(Sampler *sampler, SampleBatch *batch);

extern void forest_write(StringInfo to, const Generator *generator);
extern Generator *forest_read(ByteReader *r, int nvariables, const Variable *variables);

#endif							/* KIAIM_FOREST_INTERNAL_H */
