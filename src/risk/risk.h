/*-------------------------------------------------------------------------
 *
 * risk.h
 *		The room "risk": what an attacker who knows quasi-identifiers can find.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_H
#define KIAIM_RISK_H

#include "postgres.h"

#include "frame/frame.h"
#include "risk/tuples.h"

/*
 * How many classes there are of each size, ascending by size: all that
 * table-wide risks depend on.  The size of a class is its number of records,
 * or of distinct persons.
 */
typedef struct RiskSizes
{
	int64		nsizes;
	int64	   *size;
	int64	   *classes;		/* of that size */
	int64	   *records;		/* in classes of that size */
	int64		nclasses;
	int64		nrecords;
	int64		npersons;		/* distinct persons, or records */
} RiskSizes;

/*
 * The sizes of the classes that the columns of a counter form.  With a person,
 * column 0 names the person and does not form classes; NULL is one person.
 */
extern RiskSizes *risk_sizes(TupleCounter *c, bool person);

/*
 * The same of tuples; size: by tuple, its persons or what risk_tuples_matches()
 * says.  Where NULL matches everything there are no classes: each tuple counts
 * as one, and sizes do not add up to the records.
 */
extern RiskSizes *risk_tuple_sizes(RiskTuples *t, const int64 *size);

/*
 * Risks of being found by somebody who knows that the person is in the data:
 * that of a record is 1 / size of its class.  NaN for a table without records.
 */
extern double risk_highest(const RiskSizes *sizes);
extern double risk_average(const RiskSizes *sizes);

/* The share of records whose risk exceeds a threshold; NaN without records. */
extern double risk_share_above(const RiskSizes *sizes, double threshold);

#endif							/* KIAIM_RISK_H */
