/*-------------------------------------------------------------------------
 *
 * subsets.h
 *		All small sets of columns of the distinct tuples: who is unique in
 *		them, and how well they tell records apart.
 *
 * A set of columns is a word of bits, bit c being column c of the tuples.
 * There are sum over i <= max_columns of (ncolumns choose i) sets; every walk
 * can be cancelled.  max_columns is at least 1 and is cut to ncolumns.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_SUBSETS_H
#define KIAIM_RISK_SUBSETS_H

#include "postgres.h"

#include "risk/tuples.h"

/* The most columns. */
#define SUBSETS_MAX_COLUMNS	64

/* Error 54000 if there are more columns than SUBSETS_MAX_COLUMNS. */
extern void subsets_check(int ncolumns);

/* The names of a set, as an array of text. */
extern Datum subsets_names(uint64 columns, const char *const *names, int ncolumns);

/*
 * Tuples that are unique in a set of columns and in no proper subset of it,
 * in no particular order; a set without any is not visited.
 */
typedef void (*SubsetUniques) (void *state, uint64 columns, const uint32 *tuples, uint32 n);

/*
 * Visit all sets of at most max_columns columns that are minimal for a tuple.
 * A tuple is unique if all that it matches, itself included, is of one person
 * (or one record).  A set is visited after its subsets.
 */
extern void subsets_uniques(RiskTuples *tuples, int max_columns, bool wildcard,
							SubsetUniques visit, void *state);

/*
 * How well a set of columns tells apart.  The unit is the record, or where a
 * person is named each different combination of person and values.
 */
typedef struct SubsetFigures
{
	double		distinction;	/* mean of 1 / (persons or records that a unit matches): without
								 * wildcards the classes by the units.  NaN without records. */
	double		separation;		/* share of the pairs of units that do not match; NaN without a pair */
	int64		uniques;		/* classes of one person, or record */
	int64		records;		/* records in them */
} SubsetFigures;

/* Is a set, and with it all that contain it, worth being looked at? */
typedef bool (*SubsetWanted) (void *state, uint64 columns);
typedef void (*SubsetCounted) (void *state, uint64 columns, const SubsetFigures *figures);

/* Visit every wanted set of at most max_columns columns, after its subsets.  wanted may be NULL. */
extern void subsets_count(RiskTuples *tuples, int max_columns, bool wildcard, SubsetWanted wanted,
						  SubsetCounted visit, void *state);

#endif							/* KIAIM_RISK_SUBSETS_H */
