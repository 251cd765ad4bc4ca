/*-------------------------------------------------------------------------
 *
 * wildcard.h
 *		The room "privacy", second page: class sizes where NULL matches
 *		everything.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_WILDCARD_H
#define KIAIM_WILDCARD_H

#include "postgres.h"

#include "frame/frame.h"

/*
 * By tuple, the weight of all tuples that it matches, itself included: two
 * tuples match if they differ in no column in which neither has the code of
 * NULL, nulls[column].  There are at most 64 columns; codes has n * ncolumns.
 * Allocated, as is the working memory, in the account.
 */
extern int64 *wildcard_counts(int ncolumns, uint32 n, const uint32 *codes, const uint32 *nulls,
							  const int64 *weights, FrameMemory *memory);

/* The fewest rows that a tuple of a counter matches; it has at least one. */
extern int64 wildcard_least(TupleCounter *counter);

#endif							/* KIAIM_WILDCARD_H */
