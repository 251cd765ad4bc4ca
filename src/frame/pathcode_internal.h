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
 * dictionary code.  labels: keep the labels, too.
 */
extern uint64 *pathcode_column(PathColumn *column, const Hierarchy *hierarchy,
							   Dictionary *values, const char *name, bool labels);

#endif							/* KIAIM_PATHCODE_INTERNAL_H */
