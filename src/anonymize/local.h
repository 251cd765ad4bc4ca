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
 * Where classes are compared with a population, its tuples are recoded by the
 * same function: labels of different classes overlap, so "all that fit a
 * label" would count people in several classes.
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
	const uint32 *records;		/* of each tuple; 0 if only a population has it */
	int32	   *class_of;		/* of each tuple, or LOCAL_SUPPRESSED */
	int64		nclasses;
	uint8	   *levels;			/* of tuple i: levels[i * nquasi ..], of its label in each column */
	double		loss;			/* as kiaim.plan reports it: the score of the policy's quality */
	int64		smallest;		/* records or persons of the smallest class; 0 if there is none */
	int64		suppressed;		/* records */
	bool		holds;			/* what is required of all classes together; of each class it always does */
	bool		spared;			/* and no class was suppressed for its sake */
} LocalPartition;

/*
 * Recode a table as the policy says: by the algorithm of its member "recoding",
 * suppressing at most limit records.  Every class satisfies every requirement,
 * counted on the released labels.  The result is in the current memory context.
 * Error P0002 if no such classes are found.
 */
extern LocalPartition *local_recode(PathTable *table, Policy *policy, int64 limit);

#endif							/* KIAIM_LOCAL_H */
