/*-------------------------------------------------------------------------
 *
 * synthesize.h
 *		The room "synthesize": rows that could have been in a table.
 *
 * kiaim.fit() learns a model of a relation; kiaim.sample() draws rows from it.
 * The way of the data, a header each:
 *
 *		relation --raw.h--> numbers of 64 bits, one a value, rows in a canonical order
 *				 --structure.h--> which column follows from which others, and in
 *								  which order they are made
 *				 --column.h--> codes 0 .. 255, none for fewer than min_leaf persons
 *				 --generator.h--> a generator: the joint distribution of the codes
 *				 --model.h--> bytes in the table kiaim.model
 *
 * and back: the generator draws codes, the columns turn them into values, the
 * constraints are evaluated on the whole row, and rows that fail are drawn anew.
 *
 * What a model holds of persons: counts of groups of at least min_leaf of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_H
#define KIAIM_SYNTHESIZE_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

/* The methods that a user can ask for; AUTO is measured on a part held out. */
typedef enum FitMethod
{
	FIT_AUTO,
	FIT_SEQUENTIAL,
	FIT_FOREST,
	FIT_MARGINALS
} FitMethod;

/* What a user says of one column: "columns": {"icd10": {"hierarchy": "icd10"}}. */
typedef struct ColumnOptions
{
	char	   *name;
	char	   *hierarchy;		/* definition or name; NULL: recognised by its values, or none */
	char	   *as;				/* "number", "category" or NULL: by its type */
	bool		extremes;		/* the lowest and highest values may be released as they are */
	bool		no_formula;		/* "formula": false: drawn by itself, whatever it seems to follow from */
	bool		keep;			/* given at sampling, never drawn */
} ColumnOptions;

/* The options of kiaim.fit, all checked. */
typedef struct FitOptions
{
	FitMethod	method;
	char	   *person;			/* column, or NULL: each row is a person */
	int			min_leaf;		/* persons in a leaf, and of a value of its own */
	double		min_gain;		/* bits for each value but one, to split a leaf; 0: the default */
	int			trees;			/* of each column or of the forest; 0: the method's default */
	int64		rows;			/* at most so many are used, of persons drawn at random; 0: all */
	bool		has_seed;
	uint64		seed;
	int			ncolumns;		/* as listed; 0: all columns of the relation */
	ColumnOptions *columns;
	int			nsaid;			/* columns of which anything is said: by "columns" or "keep" */
	ColumnOptions *said;		/* see fit_options_column() */
	int			norder;			/* columns to be made first, in this order */
	char	  **order;
	int			nconstraints;	/* SQL conditions on a row, beside the table's own */
	char	  **constraints;
} FitOptions;

/*
 * Read options; error 22023 for a key, a type or a value that is wrong, with
 * the nearest spelling.  That columns exist is checked against the relation.
 */
extern FitOptions *fit_options_read(Jsonb *options);

/* What was said of this column, or NULL. */
extern const ColumnOptions *fit_options_column(const FitOptions *options, const char *name);

#endif							/* KIAIM_SYNTHESIZE_H */
