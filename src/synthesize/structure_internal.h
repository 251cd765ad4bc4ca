/*-------------------------------------------------------------------------
 *
 * structure_internal.h
 *		What the files structure*.c share.
 *
 * Whatever is found must hold in all rows but for errors.  It is looked for in a
 * sample of persons: one row each, in no order, so that what does not hold shows
 * in the first few.  What holds there is proved on all rows, and believed only if
 * columns that have nothing to do with each other would hardly ever look so.
 * All figures are integers: logarithms to the base 2 in units of 2^-16.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_STRUCTURE_INTERNAL_H
#define KIAIM_STRUCTURE_INTERNAL_H

#include "postgres.h"

#include "synthesize/structure.h"

/* The most rows, and persons, of the sample. */
#define SAMPLE_ROWS		8192

/* One bit. */
#define BIT				65536

/*
 * What is found must be less likely among unrelated columns than 2^-40, and so
 * much less as there are more columns to compare.
 */
#define EVIDENCE		(40 * BIT)

/*
 * One row in so many may be an error in the data.  None is in a few hundred; in
 * the sample, which may have more of them by chance, there may be twice as many.
 */
#define ROWS_AN_ERROR	500

/* Errors that may have been seen in the first rows of the sample. */
static inline bool
structure_bearable(int errors, int rows)
{
	return errors <= 1 || (int64) errors * ROWS_AN_ERROR <= 2 * (int64) rows;
}

/* Tables of fewer rows show only arithmetic with this many results. */
#define SMALL_TABLE		50
#define SMALL_RESULTS	10

/* Rows between two looks at interrupts. */
#define ROWS_A_CHECK	65536

/* Where a column stands that is neither given nor in options->order. */
#define ANY_PLACE		PG_INT32_MAX

/* A column, as its structure is looked for. */
typedef struct StructureColumn
{
	const RawColumn *raw;
	const int64 *values;		/* of all rows */
	int64	   *sample;			/* of the rows of the sample */
	int32	   *rank;			/* of these, among the distinct ones; NULL: nvalues */
	int			nvalues;		/* distinct in the sample, NULL not counted */
	int			nknown;			/* rows of the sample that are not NULL */
	int64		bits;			/* of the choices among the ways to order the values of the sample */
	int64		bits_null;		/* the same where NULL is a value */
	int64		entropy;		/* of the values of the sample, NULL not counted */
	int64		nnull;			/* of all rows */
	int			place;			/* among those that are given or ordered first */
	bool		usable;			/* no key, and not always the same */
	bool		declined;		/* given, or to be drawn by itself */
	bool		computable;		/* usable and not declined: may get a formula */
	int32		mode;			/* the rank of the most frequent value; -1: not known yet */
	int			question;		/* the last that structure_may_follow() asked of it */
	int		   *known;			/* the rows of the sample that are not NULL, in no order */
	int		   *by_value;		/* the rows of the sample that are not NULL, by value; made when needed */
} StructureColumn;

/* A search under way. */
typedef struct StructureSearch
{
	const RawTable *table;
	const FitOptions *options;
	int			ncolumns;
	StructureColumn *columns;
	RawType    *types;
	int64	   *row;			/* for formula_value */
	int			nrows;			/* of the sample */
	int64	   *rows;			/* of the table, in the sample */
	int64	   *logs;			/* log2 i, i = 0 .. SAMPLE_ROWS */
	int64		evidence_column;	/* that each column adds which might have been another */
	int			question;
	Formula    *formulas;
	bool	   *precedes;		/* [low * ncolumns + high]: low <= high in all rows, and not by chance */
	int		   *order;
} StructureSearch;

/* log2 x, x > 0. */
extern int64 structure_log2(uint64 x);

/* The rows of the sample that are not NULL in a column, in the order of its values. */
extern const int *structure_by_value(StructureSearch *search, int column);

/*
 * True if the column may follow from the other: it comes later among those whose
 * place is given, and the other neither follows from it nor is drawn from it.
 */
extern bool structure_may_follow(StructureSearch *search, int column, int from);

/*
 * How much of a column a formula says: all of it, all but whether it is NULL, or
 * not even that where its arguments are NULL.
 */
typedef enum Coverage
{
	COVERS_ALL,
	COVERS_VALUES,
	COVERS_KNOWN
} Coverage;

/* How much a formula says, by what was found of it. */
static inline Coverage
structure_coverage(const Formula *formula)
{
	return formula->otherwise ? COVERS_KNOWN : formula->sometimes ? COVERS_VALUES : COVERS_ALL;
}

/* structure_formula.c: what is computed by arithmetic. */
extern void structure_find_formulas(StructureSearch *search, Coverage coverage);

/* structure_steps.c: what is a function of one column, looked up. */
extern void structure_find_steps(StructureSearch *search, Coverage coverage);

/* structure_distance.c: what is drawn as a distance. */
extern void structure_find_distances(StructureSearch *search);

/* and what columns may not pass, when the order is known. */
extern void structure_find_bounds(StructureSearch *search);

/* structure_order.c */
extern void structure_find_order(StructureSearch *search);

#endif							/* KIAIM_STRUCTURE_INTERNAL_H */
