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
	int64	   *weight;			/* rows */
	int64	   *size;			/* what counts for k */
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
 * cells_graph.c; counts: of each tuple of the problem, what it counts if it
 * stays as it is.
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

/* ---- cells_moves.c, used by cells_value.c ---- */

/* A tuple that could come into a group that is opened. */
typedef struct Joiner
{
	uint32		tuple;
	double		added;			/* what it costs more there than where it would be */
} Joiner;

/* A group that could be opened. */
typedef struct Opening
{
	uint32		group;
	double		price;			/* of a row that it takes in, with what it takes to hold k */
} Opening;

/* Where a tuple was before the round. */
typedef struct Undo
{
	uint32		tuple;
	uint32		group;
} Undo;

/* The cheapest open group of a tuple, without GROUP_ALL. */
typedef struct OpenChoice
{
	uint32		group;			/* GROUP_NONE: none is open; NOT_KNOWN: look */
	double		price;
} OpenChoice;

#define NOT_KNOWN			(GROUP_NONE - 1)

typedef struct ValueSearch
{
	const CellProblem *problem;
	const CellGraph *graph;
	uint32	   *group_of;		/* by tuple */
	int64	   *load;			/* by group: size of its tuples; 0 if it is closed */
	OpenChoice *open;			/* by failing tuple */
	bool	   *apart;			/* by tuple: in no group until the round has ended */
	uint32	   *seen;			/* by group: the last round that looked at it */
	uint32		round;
	double		cost;
	bool		last_resort;	/* rather lend whatever it costs than suppress everything */
	uint32		napart;
	uint32	   *apart_list;
	uint32		nundo;
	Undo	   *undo;
	uint32		undo_space;
	Opening    *openings;
	uint32		opening_space;
	Joiner	   *joiners;
	uint32		joiner_space;
	uint64		work;			/* members of groups looked at */
	uint64		random;
} ValueSearch;

/* Move a tuple, and remember where it was. */
extern void cell_move(ValueSearch *s, uint32 tuple, uint32 group);

/* Put everything back to where it was before the round, when it cost so much. */
extern void cell_undo(ValueSearch *s, double cost);

/* Take a tuple out of its group, as long as there is room in the round. */
extern void cell_take_apart(ValueSearch *s, uint32 tuple);

/* Look for the cheapest open group of a tuple. */
extern void cell_find_open(ValueSearch *s, uint32 tuple);

/* What a tuple costs where it is. */
static inline double
cell_price_of(const ValueSearch *s, uint32 tuple)
{
	if (s->group_of[tuple] == GROUP_NONE)
		return 0;
	return cell_price_in(s->problem, s->graph, tuple, s->group_of[tuple]);
}

/* The cheapest open group of a tuple; GROUP_ALL if there is none. */
static inline uint32
cell_best_open(ValueSearch *s, uint32 tuple, double *price)
{
	const CellGraph *g = s->graph;
	const OpenChoice *open = &s->open[tuple];

	if (tuple >= g->nfailing)
	{
		*price = 0;
		return GROUP_NONE;
	}
	if (open->group == NOT_KNOWN)
		cell_find_open(s, tuple);
	*price = cell_price_in(s->problem, g, tuple, GROUP_ALL);
	/* others would have to come along */
	if (s->last_resort && s->load[GROUP_ALL] < s->problem->k)
		*price += g->price[GROUP_ALL] * s->problem->k;
	if (open->group == GROUP_NONE || open->price >= *price)
		return GROUP_ALL;
	*price = open->price;
	return open->group;
}

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
