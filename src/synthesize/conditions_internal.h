/*-------------------------------------------------------------------------
 *
 * conditions_internal.h
 *		What is given of a column, between the files that read and use it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_CONDITIONS_INTERNAL_H
#define KIAIM_SYNTHESIZE_CONDITIONS_INTERNAL_H

#include "postgres.h"

#include "synthesize/conditions.h"

/* Raw values from the lowest to the highest, both included. */
typedef struct RawRange
{
	int64		lowest;
	int64		highest;
} RawRange;

#define RAW_LOWEST	(PG_INT64_MIN + 1)
#define RAW_HIGHEST	PG_INT64_MAX

/* What is given of a column. */
typedef struct Condition
{
	bool		given;
	bool		null;			/* NULL is allowed */
	int			nranges;
	RawRange   *ranges;
	bool	   *labels;			/* categories: of each label, whether it is allowed */
	CodeSet		codes;			/* categories: of the coarse variable */
	Datum		value;			/* kept columns */
	bool		isnull;
} Condition;

struct Conditions
{
	const Model *model;
	const char *name;
	Condition  *columns;		/* of each column of the model */
	CodeSet   **codes;			/* of each variable */
	bool		any;			/* some variable has codes */
};

/* Whether a raw value is as given. */
extern bool condition_allows(const Condition *condition, int64 raw);

/* Add the codes that a label of a category or what is under it has. */
extern void conditions_add_label_codes(const CategoryCoder *coder, const char *label, CodeSet *set);

/*
 * Find the codes that what is given of a column leaves for its variables and
 * those of columns that it is computed from; false if it leaves none.
 */
extern bool conditions_restrict(Conditions *conditions, int column);

#endif							/* KIAIM_SYNTHESIZE_CONDITIONS_INTERNAL_H */
