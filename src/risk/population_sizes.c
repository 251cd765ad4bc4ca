/*-------------------------------------------------------------------------
 *
 * population_sizes.c
 *		The persons of a population who match the tuples of a table.
 *
 * A part of the population knows some columns: the tuples are projected to
 * them, and each cell is looked up among the projections.  Where NULL matches
 * everything, cells and projections are counted against each other.  The parts
 * are independent, so that their shares of the population multiply.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "privacy/wildcard.h"
#include "risk/population_table.h"

/* Fits are computed to so much of a person, lest rounding should split sizes that are equal. */
#define UNIT	(1.0 / 1073741824)

/* Cells that are equal to a projection, by projection. */
static void
count_equal(const PopulationPart *part, const int *cell_column, RiskTuples *projected, double *sizes)
{
	uint32	   *codes = palloc(Max(projected->ncolumns, 1) * sizeof(uint32));

	for (int64 i = 0; i < part->ncells; i++)
	{
		int64		at;

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < projected->ncolumns; c++)
			codes[c] = part->codes[cell_column[c]][i];
		at = risk_tuples_find(projected, codes);
		if (at >= 0)
			sizes[at] += part->counts[i];
	}
	pfree(codes);
}

/*
 * Cells that match a projection where NULL matches everything: projections
 * without weight and weighted cells, in one list.
 */
static void
count_matching(const PopulationPart *part, const int *cell_column, RiskTuples *projected,
			   const uint32 *nulls, double *sizes)
{
	FrameMemory memory = {CurrentMemoryContext, projected->memory.used};
	int			ncolumns = projected->ncolumns;
	int64		n = projected->n + part->ncells;
	uint32	   *codes;
	int64	   *weights;
	int64	   *counts;
	double		scale = 1;

	if (n > PG_UINT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too much to compare with NULL as a wildcard"),
				 errdetail("The population and the table have " INT64_FORMAT " distinct rows; at most %u are possible.",
						   n, PG_UINT32_MAX / 2)));
	codes = frame_alloc(&memory, Max(n * ncolumns, 1), sizeof(uint32), false);
	weights = frame_alloc(&memory, Max(n, 1), sizeof(int64), true);
	for (uint32 i = 0; i < projected->n; i++)
		for (int c = 0; c < ncolumns; c++)
			codes[(Size) i * ncolumns + c] = projected->codes[c][i];
	/* integers for whom counts integers, with all the bits that there are */
	while (scale * part->persons < 1e17)
		scale *= 2;
	for (int64 i = 0; i < part->ncells; i++)
	{
		Size		at = (Size) projected->n + i;

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < ncolumns; c++)
			codes[at * ncolumns + c] = part->codes[cell_column[c]][i];
		weights[at] = (int64) rint(part->counts[i] * scale);
	}
	counts = wildcard_counts(ncolumns, (uint32) n, codes, nulls, weights, &memory);
	for (uint32 i = 0; i < projected->n; i++)
		sizes[i] = (double) counts[i] / scale;
	pfree(counts);
	pfree(weights);
	pfree(codes);
}

/* Multiply the sizes of the tuples by what one part gives them; share: of its persons. */
static void
apply_part(const RiskPopulation *population, const PopulationPart *part, RiskTuples *t,
		   const int *quasi, bool wildcard, double share, double *sizes)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "kiaim population",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	FrameMemory memory = {context, t->memory.used};
	int			ncolumns = 0;
	int		   *tuple_column = palloc(Max(t->ncolumns, 1) * sizeof(int));
	int		   *cell_column = palloc(Max(t->ncolumns, 1) * sizeof(int));
	uint32	   *nulls = palloc(Max(t->ncolumns, 1) * sizeof(uint32));
	uint32	   *map = NULL;
	RiskTuples *projected = t;
	double	   *found;

	for (int c = 0; c < t->ncolumns; c++)
		for (int i = 0; i < part->ncolumns; i++)
			if (part->columns[i] == quasi[c])
			{
				nulls[ncolumns] = population->nulls[quasi[c]];
				tuple_column[ncolumns] = c;
				cell_column[ncolumns++] = i;
			}
	if (ncolumns < t->ncolumns)
	{
		map = frame_alloc(&memory, Max(t->n, 1), sizeof(uint32), false);
		projected = risk_tuples_project(t, ncolumns, tuple_column, map);
		memory.used = projected->memory.used;
	}
	found = frame_alloc(&memory, Max(projected->n, 1), sizeof(double), true);
	if (wildcard)
		count_matching(part, cell_column, projected, nulls, found);
	else
		count_equal(part, cell_column, projected, found);
	for (uint32 i = 0; i < t->n; i++)
		sizes[i] *= found[map != NULL ? map[i] : i] * share;
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* See population_table.h. */
double *
risk_population_sizes(const RiskPopulation *population, RiskTuples *t, const int *quasi, bool wildcard)
{
	double	   *sizes = frame_alloc(&t->memory, Max(t->n, 1), sizeof(double), false);

	for (uint32 i = 0; i < t->n; i++)
		sizes[i] = population->margins ? population->persons : 1;
	for (int p = 0; p < population->nparts; p++)
		apply_part(population, &population->parts[p], t, quasi, wildcard,
				   population->margins ? 1 / Max(population->parts[p].persons, UNIT) : 1, sizes);
	for (uint32 i = 0; i < t->n && population->margins; i++)
		sizes[i] = rint(sizes[i] / UNIT) * UNIT;
	return sizes;
}

/* Cells with the same codes in some columns of a part, counted together. */
static RiskTuples *
merge_cells(const PopulationPart *part, RiskTuples *t, int ncolumns, const int *column, double *counts)
{
	RiskTuples *merged = palloc0(sizeof(RiskTuples));
	uint32	   *codes = palloc(Max(ncolumns, 1) * sizeof(uint32));

	merged->memory.context = CurrentMemoryContext;
	merged->memory.used = t->memory.used;
	merged->ncolumns = ncolumns;
	merged->codes = palloc(Max(ncolumns, 1) * sizeof(uint32 *));
	merged->domain = palloc0(Max(ncolumns, 1) * sizeof(uint32));
	for (int c = 0; c < ncolumns; c++)
	{
		merged->codes[c] = frame_alloc(&merged->memory, Max(part->ncells, 1), sizeof(uint32), false);
		for (int64 i = 0; i < part->ncells; i++)
			merged->domain[c] = Max(merged->domain[c], part->codes[column[c]][i] + 1);
	}
	for (int64 i = 0; i < part->ncells; i++)
	{
		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < ncolumns; c++)
			codes[c] = part->codes[column[c]][i];
		counts[risk_tuples_intern(merged, (uint32) part->ncells, codes)] += part->counts[i];
	}
	return merged;
}

/* See population_table.h. */
double
risk_population_uniques(const RiskPopulation *population, RiskTuples *t, const int *quasi)
{
	const PopulationPart *part = &population->parts[0];
	MemoryContext context;
	MemoryContext old;
	FrameMemory memory;
	double	   *counts = part->counts;
	int64		n = part->ncells;
	int64		uniques = 0;

	if (population->margins || n > PG_UINT32_MAX / 2)
		return NAN;
	for (int64 i = 0; i < n; i++)
		if (counts[i] != rint(counts[i]))
			return NAN;
	context = AllocSetContextCreate(CurrentMemoryContext, "kiaim population", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	memory = (FrameMemory) {context, t->memory.used};
	if (part->folded || t->ncolumns < part->ncolumns)
	{
		/* the columns of a table with all quasi-identifiers are numbered as they are */
		counts = frame_alloc(&memory, Max(n, 1), sizeof(double), true);
		n = merge_cells(part, t, t->ncolumns, quasi, counts)->n;
	}
	for (int64 i = 0; i < n; i++)
		uniques += counts[i] == 1;
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (double) uniques;
}
