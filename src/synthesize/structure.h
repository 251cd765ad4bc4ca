/*-------------------------------------------------------------------------
 *
 * structure.h
 *		Which column follows from which others, and in which order they are made.
 *
 * What follows from other columns in the data (the year of a date, the days
 * between two dates, the state of a district, a repeated column) is computed and
 * not drawn, so that it holds in every synthetic row.  Errors in the data, one
 * row in a few hundred at most, do not hide it.
 * A date or number that goes with another one is drawn as the distance from it;
 * where it is never before (or behind) others, it is drawn within these bounds.
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
	FORMULA_DISTANCE,			/* drawn as the distance from a: x = a + drawn */
	FORMULA_COPY,				/* a (categories: the label of the same text) */
	FORMULA_YEAR,				/* the year of date a */
	FORMULA_MONTH,				/* the month of date a, 1 .. 12 */
	FORMULA_DAYS,				/* a - b, dates or numbers of one scale */
	FORMULA_YEARS,				/* whole years between date b and date a */
	FORMULA_STEPS,				/* to[i] for the greatest from[i] <= a; RAW_NULL below from[0] */
	FORMULA_DATE				/* the date of timestamp a */
} FormulaKind;

/* A column that is made before and is not passed, where neither is NULL. */
typedef struct FormulaBound
{
	int			column;
	bool		upper;			/* at most its value, not at least */
} FormulaBound;

/*
 * Every kind but NONE is RAW_NULL where one of its arguments is.  If sometimes is
 * set, the column is NULL in other rows too, and whether it is, is drawn; if
 * otherwise is set, it is drawn as if there were no formula, which then counts
 * where its arguments are not NULL.
 */
typedef struct Formula
{
	FormulaKind kind;
	bool		sometimes;
	bool		otherwise;
	int			a,
				b;				/* columns, made before; -1: none */
	int			nsteps;			/* FORMULA_STEPS; when columns are fitted, FORMULA_COPY of categories */
	int64	   *from;			/* ascending */
	int64	   *to;
	int			nbounds;		/* FORMULA_NONE, FORMULA_DISTANCE */
	FormulaBound *bounds;
} Formula;

typedef struct Structure
{
	int		   *order;			/* the columns in the order in which they are made */
	Formula    *formulas;		/* of each column */
} Structure;

/*
 * Add the sum of a date and a number of days as a column where it has an end that many
 * rows share, so that nobody is followed up beyond it.
 */
extern void structure_add_horizons(RawTable *table, const FitOptions *options);

/*
 * Find them in the data, in the current memory context.  Kept columns come
 * first, then those of options->order; a column after what it follows from.  No
 * entry of a formula stands for fewer than min_leaf persons.
 */
extern Structure *structure_find(const RawTable *table, const FitOptions *options);

/*
 * What a steward reads of a formula, with the names of all columns; NULL if the
 * column is drawn by itself.
 */
extern char *formula_text(const Formula *formula, char *const *names);

/* Narrow a range of values by the bounds of a formula in this row; if they contradict each other, the lower ones hold. */
extern void formula_limits(const Formula *formula, const int64 *row, int64 *lowest,
						   int64 *highest);

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
