/*-------------------------------------------------------------------------
 *
 * cells_internal.h
 *		What the files of cell suppression share.
 *
 * A cell of the cube, or "group" here so that it is not taken for a cell of
 * the table, is what tuples become if certain columns are suppressed: the
 * columns as a set of bits, its pattern, and the values of all others.  A
 * tuple can join one of many groups; a solution says which.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_CELLS_INTERNAL_H
#define KIAIM_CELLS_INTERNAL_H

#include "port/pg_bitutils.h"

#include "anonymize/cells.h"

/* The tuple stays as it is. */
#define GROUP_NONE	PG_UINT32_MAX

/* The group in which everything is suppressed; every tuple can join it. */
#define GROUP_ALL	0

/*
 * The groups that are worth joining.  Tuples have a number here: first the
 * nfailing ones below k, then others that may be suppressed to help them.
 */
typedef struct CellGraph
{
	uint32		nfailing;
	uint32		ntuples;
	uint32	   *tuple;			/* in the problem */
	int64	   *weight;
	uint64	   *nulls;			/* columns that are NULL already: their suppression is free */
	uint32		ngroups;
	uint64	   *pattern;		/* by group */
	double	   *price;			/* of one row in the group */
	uint32	   *member_start;	/* ngroups + 1; those of GROUP_ALL are not listed */
	uint32	   *members;
	uint32	   *choice_start;	/* ntuples + 1 */
	uint32	   *choices;		/* groups without GROUP_ALL, cheapest first */
	bool		complete;		/* all patterns that could be the cheapest of a tuple were tried */
	double	   *bound;			/* by failing tuple: price of a row in the cheapest group with k tuples of any kind */
	FrameMemory *memory;
} CellGraph;

/*
 * cells_graph.c; counts: of each tuple of the problem, what it counts if
 * nothing is suppressed.
 */
extern CellGraph *cell_graph_build(const CellProblem *problem, const int64 *counts,
								   FrameMemory *memory);

/* The price of suppressing a set of columns. */
static inline double
cell_price(const CellProblem *problem, uint64 columns)
{
	double		price = 0;

	for (; columns != 0; columns &= columns - 1)
		price += problem->prices[pg_rightmost_one_pos64(columns)];
	return price;
}

/* The price of a tuple in a group. */
static inline double
cell_price_in(const CellProblem *problem, const CellGraph *graph, uint32 tuple, uint32 group)
{
	uint64		given = graph->pattern[group] & graph->nulls[tuple];
	double		price = graph->price[group];

	if (given != 0)
		price -= cell_price(problem, given);
	return price * graph->weight[tuple];
}

/* cells_value.c: NULL is a value of its own.  The group of each tuple of the graph. */
extern uint32 *cell_search_value(const CellProblem *problem, const CellGraph *graph);

/* A reproducible sequence of random numbers. */
static inline uint64
cell_random(uint64 *state)
{
	uint64		z = (*state += UINT64CONST(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64CONST(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64CONST(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* One from 0 .. n - 1. */
static inline uint32
cell_random_below(uint64 *state, uint32 n)
{
	return (uint32) (((cell_random(state) >> 32) * n) >> 32);
}

/* A number from 0 up to 1. */
static inline double
cell_random_share(uint64 *state)
{
	return (double) (cell_random(state) >> 11) / (double) (UINT64CONST(1) << 53);
}

#endif							/* KIAIM_CELLS_INTERNAL_H */
