/*-------------------------------------------------------------------------
 *
 * readable.h
 *		The columns of a relation that a search without labels looks at.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_READABLE_H
#define KIAIM_RISK_READABLE_H

#include "postgres.h"
#include "fmgr.h"

typedef struct ReadableColumn
{
	const char *name;
	Oid			type;			/* the base type of a domain */
	bool		readable;		/* by the caller */
} ReadableColumn;

/*
 * The columns that an array argument names, or all of the relation where it is
 * NULL, in the order of the relation.  A column that is named must be readable;
 * of all, one at least must be (42501).  Errors of risk_column_list() apply.
 */
extern ReadableColumn *readable_columns(FunctionCallInfo fcinfo, Oid relid, int argument, int *ncolumns);

#endif							/* KIAIM_RISK_READABLE_H */
