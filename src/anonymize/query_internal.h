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

#include "anonymize/recoding_internal.h"
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
	const char *recoded;		/* expression that takes it from a recoded tuple, or NULL */
} ReleasedColumn;

/* A name for a column of our own that none of the n released columns bears. */
extern char *query_own_name(const char *wanted, int n, const ReleasedColumn *columns);

/* Does the collation of a column call different texts equal? */
extern bool query_merges_labels(Oid relid, const char *column);

/* ---- recoded tuples ---- */

/* A recoding as a query applies it. */
typedef struct RecodedSource
{
	const char *id;
	const Recoding *recoding;
	char	   *tuple;			/* column of the recoded tuple */
	char	   *known;			/* column that says whether the recoding knew the tuple */
} RecodedSource;

/*
 * Let those of the n released columns that the recoding has come from it;
 * error 22023 unless it has all quasi-identifiers of the policy.
 */
extern void query_recode_columns(RecodedSource *source, Oid relid, int n,
								 ReleasedColumn *columns);

/* The source with its recoded tuples; person: the name of the person column, or NULL. */
extern void query_append_recoded(StringInfo sql, const RecodedSource *source, Oid relid,
								 const Policy *policy, const char *person,
								 int n, const ReleasedColumn *columns);

/* A population with its tuples recoded in the same way. */
extern void query_append_recoded_population(StringInfo sql, const RecodedSource *source,
											const char *relation);

/* ---- requirements ---- */

/*
 * What a requirement measures over the window of the class; person: the column
 * of the person, or NULL; first: by sensitive column, the column that is 1 once
 * for each person and value of a class, or NULL where records count; known: in a
 * recoded source, the column that says which rows the recoding knew.
 */
extern void query_append_measure(StringInfo sql, Oid relid, const Policy *policy,
								 const Requirement *r, const char *person,
								 char *const *first, const char *known);

/* Does it make a difference to a requirement how often a person has a value? */
extern bool query_counts_values(const Requirement *r);

/* The verdict on what was measured, an expression of the type boolean. */
extern void query_append_verdict(StringInfo sql, const Requirement *r, const char *measure);

/* The size of the class over its window, in records or persons. */
extern char *query_class_size(const char *person);

/* ---- populations ---- */

/*
 * In the place of the source: what counts each class in the populations, and
 * stands before the source; a column of the source; the populations, recoded as
 * the source if that is not NULL, and what stands after.
 */
extern void query_append_both_sides(StringInfo sql, const Policy *policy, int n,
									const ReleasedColumn *columns, const char *quasi);
extern void query_append_from_source(StringInfo sql, int n, const ReleasedColumn *columns);
extern void query_append_populations(StringInfo sql, const Policy *policy,
									 const RecodedSource *source, int n,
									 const ReleasedColumn *columns, bool person);

/* What a requirement measures beside a population; size: of the class, see above. */
extern void query_append_population_measure(StringInfo sql, const Requirement *r, int n,
											const ReleasedColumn *columns, const char *size);

/* ---- requirements on all classes together ---- */

typedef struct Ranking Ranking;

/*
 * The order in which classes are released, or NULL if the policy has no such
 * requirement; classes: how many are released, or -1; verdict: on the class,
 * "" if there is none; person: its column, or NULL.
 */
extern Ranking *ranking_create(const Policy *policy, const LatticeNode *node, int64 classes, int n,
							   const ReleasedColumn *columns, const char *verdict,
							   const char *person);

/* The column of the size among those of the class: ",\n size AS name". */
extern void ranking_append_size(StringInfo sql, const Ranking *r);

/* What stands around the classes: before them, up to their FROM; and after. */
extern void ranking_append_measures(StringInfo sql, const Ranking *r, const char *quasi);
extern void ranking_append_window(StringInfo sql, const Ranking *r);

/* The verdict on a row, with that on its class where suppressed rows are kept. */
extern char *ranking_verdict(const Ranking *r);

#endif							/* KIAIM_QUERY_INTERNAL_H */
