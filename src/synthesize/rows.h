/*-------------------------------------------------------------------------
 *
 * rows.h
 *		The way back: from a model to rows of a row type, one after the other.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_ROWS_H
#define KIAIM_SYNTHESIZE_ROWS_H

#include "postgres.h"

#include "access/htup.h"
#include "access/tupdesc.h"
#include "utils/jsonb.h"

#include "synthesize/model.h"

typedef struct RowMaker RowMaker;

/*
 * Prepare to make rows of a row type from a model of this name, in the current
 * memory context, which also holds all that is made later.  Row i is made from
 * random_stream(seed, i) and nothing else.  complete: the values of the kept
 * columns come with each row, and nothing is given.
 */
extern RowMaker *rows_begin(const Model *model, const char *name, Oid rowtype, uint64 seed,
							const Jsonb *given, bool complete);

/* The description of the rows. */
extern TupleDesc rows_desc(const RowMaker *maker);

/*
 * Make the next row, of at most limit that will be asked for; it is good until
 * the next call.  Error 23514 if a constraint cannot be satisfied, P0002 if
 * what is given cannot.
 */
extern HeapTuple rows_next(RowMaker *maker, int64 limit);

/* Make the next row around the values that kept columns have in a row of the same type. */
extern HeapTuple rows_complete(RowMaker *maker, HeapTupleHeader row);

/* Tell the user by a NOTICE how many rows were drawn again, if any. */
extern void rows_report(const RowMaker *maker);

#endif							/* KIAIM_SYNTHESIZE_ROWS_H */
