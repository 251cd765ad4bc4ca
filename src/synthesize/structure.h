/*-------------------------------------------------------------------------
 *
 * structure.h
 *		Which column follows from which others, and in which order they are made.
 *
 * What holds in every row of the data and follows from other columns (the year
 * of a date, the days between two dates, the state of a district, a repeated
 * column) is computed and not drawn, so that it holds in every synthetic row.
 * A date or number that is never before another one is drawn as the distance
 * from it, so that their order holds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_STRUCTURE_H
#define KIAIM_SYNTHESIZE_STRUCTURE_H

#include "postgres.h"

#include "bytes.h"
#include "synthesize/raw.h"
#include "synthesize/synthesize.h"

typedef enum FormulaKind
{
	FORMULA_NONE,				/* drawn by itself */
	FORMULA_DISTANCE,			/* drawn as the distance from a: x = a + drawn, drawn >= 0 */
	FORMULA_COPY,				/* a (categories: the label of the same text) */
	FORMULA_YEAR,				/* the year of date a */
	FORMULA_MONTH,				/* the month of date a, 1 .. 12 */
	FORMULA_DAYS,				/* a - b, dates or numbers of one scale */
	FORMULA_YEARS,				/* whole years between date b and date a */
	FORMULA_STEPS				/* to[i] for the greatest from[i] <= a; RAW_NULL below from[0] */
} FormulaKind;

/*
 * Every kind but NONE is RAW_NULL where one of its arguments is.  If sometimes is
 * set, the column is NULL in other rows too, and whether it is, is drawn.
 */
typedef struct Formula
{
	FormulaKind kind;
	bool		sometimes;
	int			a,
				b;				/* columns, made before; -1: none */
	int			nsteps;			/* FORMULA_STEPS, FORMULA_COPY of categories */
	int64	   *from;			/* ascending */
	int64	   *to;
} Formula;

typedef struct Structure
{
	int		   *order;			/* the columns in the order in which they are made */
	Formula    *formulas;		/* of each column */
} Structure;

/*
 * Find them in the data, in the current memory context.  Kept columns come
 * first, then those of options->order; a column after what it follows from.  No
 * entry of a formula stands for fewer than min_leaf persons.
 */
extern Structure *structure_find(const RawTable *table, const FitOptions *options);

/*
 * The value that a formula gives: row holds the raw value of each column, of
 * which those that the formula needs are made; drawn is the distance.
 */
extern int64 formula_value(const Formula *formula, const RawType *types, const int64 *row,
						   int64 drawn);

extern void formula_write(StringInfo to, const Formula *formula);

/* column is the one whose formula it is; arguments are checked against ncolumns. */
extern void formula_read(ByteReader *r, Formula *formula, int ncolumns, int column);

#endif							/* KIAIM_SYNTHESIZE_STRUCTURE_H */
