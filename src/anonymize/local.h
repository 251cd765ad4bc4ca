/*-------------------------------------------------------------------------
 *
 * local.h
 *		Local recoding: classes of tuples that are generalized each as little as
 *		it takes, so that levels differ from class to class.
 *
 * A recoding is a function of the tuple of quasi-identifying values: rows with
 * equal tuples stay together.  The released label of a class in a column is
 * the lowest that covers all its tuples, within the levels that the policy
 * allows.  The same table and policy always give the same classes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_LOCAL_H
#define KIAIM_LOCAL_H

#include "anonymize/anonymize.h"
#include "frame/pathcode.h"

/* The class of a tuple that is suppressed. */
#define LOCAL_SUPPRESSED	(-1)

typedef struct LocalPartition
{
	int64		ntuples;		/* distinct tuples of quasi-identifying values */
	int			words;			/* of a key */
	uint64	   *keys;			/* of tuple i: keys[i * words ..], without sensitive bits */
	int64	   *records;		/* of each tuple */
	int32	   *class_of;		/* of each tuple, or LOCAL_SUPPRESSED */
	int64		nclasses;
	uint8	   *levels;			/* of class c: levels[c * nquasi ..], of its label in each column */
	double		loss;			/* as kiaim.plan reports it: suppressed records cost 1 */
	int64		smallest;		/* records or persons of the smallest class; 0 if there is none */
	int64		suppressed;		/* records */
} LocalPartition;

/*
 * Recode a table as the policy says: by the algorithm of its member "recoding",
 * suppressing at most limit records.  Every class satisfies every requirement,
 * counted on the released labels.  The result is in the current memory context.
 * Error P0002 if no such classes are found.
 */
extern LocalPartition *local_recode(PathTable *table, Policy *policy, int64 limit);

#endif							/* KIAIM_LOCAL_H */
