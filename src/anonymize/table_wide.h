/*-------------------------------------------------------------------------
 *
 * table_wide.h
 *		What a policy requires of a node's classes together, which is kept by
 *		suppressing the smallest of them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_TABLE_WIDE_H
#define KIAIM_TABLE_WIDE_H

#include "anonymize/classes.h"
#include "anonymize/search.h"

typedef struct TableWide TableWide;

/* What judges the table-wide requirements of a policy, in the current memory context; NULL if it has none. */
extern TableWide *table_wide_create(const PathTable *table, const Policy *policy,
									FrameMemory *memory);

/*
 * So many records every node below must suppress at least because of these
 * requirements, those of the classes whose verdict is CLASS_LASTING among them.
 */
extern int64 table_wide_least(TableWide *w, const ClassCounter *classes);

/*
 * Suppress the smallest of the classes that hold until all requirements do:
 * their verdict becomes CLASS_FAILS.  Returns their records, or -1 if that
 * needs more than a number of records; then no verdict has changed.
 */
extern int64 table_wide_suppress(TableWide *w, ClassCounter *classes, const LatticeNode *node,
								 int64 most);

#endif							/* KIAIM_TABLE_WIDE_H */
