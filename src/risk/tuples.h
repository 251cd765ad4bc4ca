/*-------------------------------------------------------------------------
 *
 * tuples.h
 *		The distinct tuples of the quasi-identifiers, as columns of codes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_TUPLES_H
#define KIAIM_RISK_TUPLES_H

#include "postgres.h"

#include "frame/frame.h"

/* The code of NULL in a column without NULL. */
#define RISK_NO_NULL	PG_UINT32_MAX

typedef struct RiskIndex RiskIndex;

/*
 * Tuples are numbered 0 .. n - 1 in no particular order.  A code of a column
 * is below its domain and means what the counter's dictionary of the column
 * says (dictionary i, or i + 1 where column 0 of the counter is the person).
 */
typedef struct RiskTuples
{
	int			ncolumns;		/* quasi-identifiers */
	uint32		n;				/* distinct tuples */
	uint32	  **codes;			/* codes[column][tuple] */
	uint32	   *domain;			/* codes there are, by column */
	uint32	   *nulls;			/* the code of NULL by column, or RISK_NO_NULL */
	int64	   *records;		/* by tuple */
	int64	   *persons;		/* by tuple, the size of its class: distinct persons; records
								 * (the same array) where no person is named */
	int64		nrecords;
	int64		npersons;		/* distinct persons, or records */

	/* where a person is named; else NULL: members start[t] .. start[t + 1] - 1 of tuple t */
	int64	   *start;
	uint32	   *members;		/* codes of persons, each once a tuple */
	int64	   *member_records;

	TupleCounter *counter;
	FrameMemory memory;			/* what all this holds, the counter included */
	RiskIndex  *index;			/* of risk_tuples_find() */
} RiskTuples;

/*
 * The tuples of a counter of the quasi-identifiers, of which column 0 is the
 * person where there is one.  Everything, what later calls add included, is
 * allocated in the current memory context and freed with it; the counter must
 * outlive it.  Error 53400 beyond kiaim.max_memory, 54000 beyond 2^31 tuples.
 */
extern RiskTuples *risk_tuples(TupleCounter *counter, bool person);

/* The dictionary of a quasi-identifier. */
extern Dictionary *risk_tuples_dictionary(const RiskTuples *t, int column);

/*
 * The number of the tuple with these codes, or -1; codes beyond the domain are
 * allowed and found nowhere.  The first call builds an index.
 */
extern int64 risk_tuples_find(RiskTuples *t, const uint32 *codes);

/*
 * The number of the tuple with these codes, all within the domain, given on
 * first sight: for who builds tuples of their own.  The columns have room for
 * capacity tuples, which is the same in all calls.
 */
extern uint32 risk_tuples_intern(RiskTuples *t, uint32 capacity, const uint32 *codes);

/*
 * The tuples of some of the columns, in this order, with the records, persons
 * and members of all that fall together; none is possible.  They have no
 * dictionaries: those of the columns of t go on holding.  map, if not NULL,
 * gets the tuple there by tuple of t.  In the current memory context.
 */
extern RiskTuples *risk_tuples_project(RiskTuples *t, int ncolumns, const int *columns, uint32 *map);

/*
 * By tuple, the records (or distinct persons, where persons is true and a
 * person is named) of all tuples that it matches where NULL matches
 * everything, itself included.  The caller may pfree() it.  At most 64 columns: error 54000.
 */
extern int64 *risk_tuples_matches(RiskTuples *t, bool persons);

#endif							/* KIAIM_RISK_TUPLES_H */
