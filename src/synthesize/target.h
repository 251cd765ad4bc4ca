/*-------------------------------------------------------------------------
 *
 * target.h
 *		The rows that are asked for: a row type, its columns found in a model by name.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_TARGET_H
#define KIAIM_SYNTHESIZE_TARGET_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "executor/executor.h"

#include "synthesize/model.h"

/* A column of the row type. */
typedef struct TargetColumn
{
	int			source;			/* the column of the model, or -1: NULL unless generated */
	ExprState  *conversion;		/* from its type, or NULL */
	ExprState  *back;			/* to its type, or NULL: of kept columns only */
} TargetColumn;

typedef struct Target
{
	TupleDesc	desc;			/* with the constraints of its table */
	TargetColumn *columns;		/* of each attribute */
	bool	   *made;			/* of each attribute: it has a source or is generated */
	ExprContext *econtext;		/* of the conversions */
	int			ngenerated;		/* columns that the table computes from others */
	int		   *generated;
	ExprState **generation;
	TupleTableSlot *slot;
} Target;

/*
 * Match a row type with a model of this name, in the current memory context.
 * Errors: 42809 if it is no named row type, 22023 if no column is in the model,
 * 42804 for a column of a type that the model's values cannot be assigned to.
 */
extern Target *target_begin(const Model *model, const char *name, Oid rowtype);

/* The value of an attribute from the value of its source, in the current memory context. */
extern Datum target_value(const Target *target, int attribute, Datum value, bool *isnull);

/* Compute the generated columns of a row from the others, in the current memory context. */
extern void target_generate(const Target *target, Datum *values, bool *isnull);

/* The value of the source of a kept column from the value of an attribute. */
extern Datum target_source_value(const Target *target, int attribute, Datum value, bool *isnull);

#endif							/* KIAIM_SYNTHESIZE_TARGET_H */
