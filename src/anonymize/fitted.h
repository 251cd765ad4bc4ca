/*-------------------------------------------------------------------------
 *
 * fitted.h
 *		What fitting a recoding gives, whichever method fits it, and what
 *		kiaim.plan makes of it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_FITTED_H
#define KIAIM_FITTED_H

#include "anonymize/anonymize.h"
#include "utils/tuplestore.h"

/* A recoding of a relation, and its figures as they will be released. */
typedef struct Fitted
{
	struct varlena *recoding;	/* of recoding_builder_finish(), without the tuples to suppress */
	double		loss;
	int64		smallest;		/* records or persons of the smallest class */
	int64		suppressed;		/* records */
	int64		classes;		/* 0 if all records are suppressed */
	bool		bounded;		/* bound is known */
	double		bound;			/* no recoding of this method has a smaller loss */
} Fitted;

/*
 * Fit a recoding to a relation as the policy says, in the current memory
 * context.  The caller has connected to SPI.  Error P0002 if no recoding that
 * satisfies the policy is found.
 */
extern void fit_local(Oid relid, Policy *policy, Fitted *fitted);
extern void fit_cells(Oid relid, Policy *policy, Fitted *fitted);
extern void fit_microaggregation(Oid relid, Policy *policy, Fitted *fitted);

/* ---- plan_recoded.c ---- */

/*
 * One row of kiaim.plan for a policy with a fitted recoding; solutions, and a
 * limit of time, are what the user asked for.
 */
extern void plan_recoded(Oid relid, Policy *policy, int solutions, bool limited,
						 Tuplestorestate *rows, TupleDesc desc);

/* The query of a recoding that was fitted: levels is {"recoding": id}. */
extern char *plan_recoded_query(Oid relid, const Policy *policy, Jsonb *levels, bool with_person);

#endif							/* KIAIM_FITTED_H */
