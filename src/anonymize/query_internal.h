/*-------------------------------------------------------------------------
 *
 * query_internal.h
 *		What the files that write the query of a release share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_QUERY_INTERNAL_H
#define KIAIM_QUERY_INTERNAL_H

#include "postgres.h"

#include "anonymize/search.h"
#include "lib/stringinfo.h"

/* What a released column is. */
typedef enum ColumnRole
{
	COLUMN_NOT_RELEASED,
	COLUMN_QUASI,
	COLUMN_AS_IT_IS,
	COLUMN_SUPPRESSED			/* released as NULL */
} ColumnRole;

/* A column of the source in the release. */
typedef struct ReleasedColumn
{
	const char *name;
	ColumnRole	role;
	const PolicyQuasi *quasi;
	int			level;
	const char *expression;		/* what is read of the source, unless it is a quasi-identifier */
	const char *value;			/* the name under which its own value is read as well, or NULL */
	bool		merges;			/* its collation calls different labels equal */
} ReleasedColumn;

/* A name for a column of our own that none of the n released columns bears. */
extern char *query_own_name(const char *wanted, int n, const ReleasedColumn *columns);

/* Does the collation of a column call different texts equal? */
extern bool query_merges_labels(Oid relid, const char *column);

/* ---- requirements ---- */

/*
 * What a requirement measures over the window of the class; person: the column
 * of the person, or NULL; first: by sensitive column, the column that is 1 once
 * for each person and value of a class, or NULL where records count.
 */
extern void query_append_measure(StringInfo sql, Oid relid, const Policy *policy,
								 const Requirement *r, const char *person,
								 char *const *first);

/* Does it make a difference to a requirement how often a person has a value? */
extern bool query_counts_values(const Requirement *r);

/* The verdict on what was measured, an expression of the type boolean. */
extern void query_append_verdict(StringInfo sql, const Requirement *r, const char *measure);

#endif							/* KIAIM_QUERY_INTERNAL_H */
