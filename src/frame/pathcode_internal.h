/*-------------------------------------------------------------------------
 *
 * pathcode_internal.h
 *		What the files of path coding share among themselves.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_PATHCODE_INTERNAL_H
#define KIAIM_PATHCODE_INTERNAL_H

#include "postgres.h"

#include "frame/frame.h"
#include "frame/pathcode.h"

/*
 * Fill a column (all but word, shift and total) from the values of its
 * dictionary; masks are relative to the column.  Returns the path code of each
 * dictionary code.  The first nown values are those of the table: only they
 * count as leaves.  labels: keep the labels, too.
 */
extern uint64 *pathcode_column(PathColumn *column, const Hierarchy *hierarchy,
							   Dictionary *values, uint32 nown, const char *name, bool labels);

/* ---- pathpopulation.c ---- */

/* A population on its way into the codes of a table. */
typedef struct Population
{
	TupleCounter *counter;
	uint32	  **codes;			/* by column and code in the population: that in the table's dictionary */
} Population;

/*
 * Read a population, and make its values known to the dictionaries of the
 * table's columns, of which it has nothing to count; relid is the table.
 */
extern void population_read(Population *p, Oid population, Oid relid, int nquasi,
							const char *const *quasi, TupleCounter *table, bool pushdown);

/* Its distinct tuples as the next population of the table; leaf: by column and dictionary code. */
extern void population_code(Population *p, Oid population, PathTable *table,
							uint64 *const *leaf);

#endif							/* KIAIM_PATHCODE_INTERNAL_H */
