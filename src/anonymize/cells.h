/*-------------------------------------------------------------------------
 *
 * cells.h
 *		Cell suppression: the fewest values made NULL until k holds.
 *
 * Works on distinct tuples with weights, and treats equal tuples equally.
 * Where NULL is a value of its own, the suppressed tuples that read the same
 * must count at least k together.  Where it is a wildcard, a suppressed tuple
 * must match so many rows of the source: those that differ from it in no
 * column in which neither is NULL.  That others match a tuple because of what
 * is suppressed in them does not count for it: k - 1 rows with NULL in all
 * columns would then protect any table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_CELLS_H
#define KIAIM_CELLS_H

#include "postgres.h"

#include "frame/frame.h"

/* Columns that a pattern of suppressed cells can name. */
#define CELLS_MAX_COLUMNS	64

typedef struct CellProblem
{
	int			ncolumns;		/* 1 .. CELLS_MAX_COLUMNS */
	uint32		n;				/* distinct tuples */
	const uint32 *codes;		/* n * ncolumns; tuples in an order that the data alone decides */
	const uint32 *nulls;		/* by column, the code of NULL, or PG_UINT32_MAX if it does not occur */
	const int64 *weights;		/* rows, which is what is paid for */
	const int64 *sizes;			/* what counts for k where tuples are together: more than 0 */
	const int64 *counts;		/* the same of a tuple that stays as it is */
	const double *prices;		/* by column, of one suppressed cell: > 0 */
	int64		k;
	bool		wildcard;		/* then weights are what counts */
} CellProblem;

/* What is suppressed, and what it costs. */
typedef struct CellSolution
{
	uint64	   *suppressed;		/* by tuple, columns as a set of bits; of those that were not NULL before */
	double		price;			/* of all rows together */
	bool		bounded;		/* no solution can be cheaper than bound */
	double		bound;
} CellSolution;

/*
 * Suppress as little as it takes; false if all tuples together weigh less than
 * k.  Its working memory is counted in the account.
 */
extern bool cells_suppress(const CellProblem *problem, FrameMemory *memory,
						   CellSolution *solution);

#endif							/* KIAIM_CELLS_H */
