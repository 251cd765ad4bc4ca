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
	COLUMN_AS_IT_IS
} ColumnRole;

/* A column of the source in the release. */
typedef struct ReleasedColumn
{
	const char *name;
	ColumnRole	role;
	const PolicyQuasi *quasi;
	int			level;
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
extern void query_append_measure(StringInfo sql, const Policy *policy, const Requirement *r,
								 const char *person, char *const *first);

/* The verdict on what was measured, an expression of the type boolean. */
extern void query_append_verdict(StringInfo sql, const Requirement *r, const char *measure);

/* ---- t-closeness ---- */

typedef struct Closeness Closeness;

/*
 * The distance of a sensitive column that a requirement limits, or NULL if the
 * model is none or cannot be written as a query; quasi: the columns of the
 * class as a list.
 */
extern Closeness *closeness_create(Oid relid, const Policy *policy, const Requirement *r,
								   const char *quasi, int n, const ReleasedColumn *columns);

/* Its columns beside those of the source: ",\n label AS name" for each. */
extern void closeness_append_labels(StringInfo sql, const Closeness *c);

/*
 * Its columns where the classes are counted; first: the column that is 1 once
 * for each person and value of a class, once: and of the whole table, or NULL
 * where records count.
 */
extern void closeness_append_counts(StringInfo sql, const Closeness *c, const char *first,
									const char *once);

/* The distance, over the window of the class. */
extern void closeness_append_measure(StringInfo sql, const Closeness *c);

#endif							/* KIAIM_QUERY_INTERNAL_H */
