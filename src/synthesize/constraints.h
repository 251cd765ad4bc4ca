/*-------------------------------------------------------------------------
 *
 * constraints.h
 *		Conditions that every synthetic row satisfies.
 *
 * They are those of the table that a row is of (CHECK, NOT NULL, the domains of
 * its columns) and those declared with the model, SQL texts over the columns of
 * its source.  As in a table, a condition that is NULL is satisfied.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_CONSTRAINTS_H
#define KIAIM_SYNTHESIZE_CONSTRAINTS_H

#include "postgres.h"

#include "access/tupdesc.h"

#include "synthesize/raw.h"

typedef struct RowConstraint
{
	char	   *name;			/* for messages: constraint "x", column "y" is not null, ... */
	int64		failed;			/* rows that failed it, first of all constraints */
} RowConstraint;

typedef struct ConstraintSet ConstraintSet;

/*
 * The constraints of a named row type, in the current memory context; made says
 * which columns have values (NOT NULL of the others is not asked for).
 */
extern ConstraintSet *constraints_of_rowtype(TupleDesc desc, const bool *made);

/*
 * Conditions as SQL texts over the columns of desc.  Functions and operators are
 * those of pg_catalog unless their schema is named, and belong to the caller or
 * a superuser, since the caller runs them.  Errors: 0A000 for subqueries,
 * aggregates, sets and volatile functions, 42703 for a column that is not there,
 * 42501 for a function of somebody else.
 */
extern ConstraintSet *constraints_parse(TupleDesc desc, int ntexts, char *const *texts);

/* Error 42501 for an expression that runs code of somebody else than the caller and superusers. */
extern void constraints_check_functions(Node *expression);

/* The constraints, their number given back. */
extern RowConstraint *const *constraints_list(const ConstraintSet *set, int *n);

/* Whether a column (from 0) is read by one of them. */
extern bool constraints_read(const ConstraintSet *set, int column);

/* True if a row satisfies all; otherwise the first that it fails is counted. */
extern bool constraints_hold(ConstraintSet *set, const Datum *values, const bool *isnull);

/* The rows of a table that fail each of some conditions. */
extern int64 *constraints_count(const RawTable *table, int ntexts, char *const *texts);

#endif							/* KIAIM_SYNTHESIZE_CONSTRAINTS_H */
