/*-------------------------------------------------------------------------
 *
 * query_requirements.c
 *		Requirements in the query of a release: the measure of a class over
 *		its window, by the same aggregates that the user can call, and the
 *		verdict on it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "anonymize/query_internal.h"

/* A number as SQL: exact, whatever extra_float_digits is. */
static char *
number(double value)
{
	return value_text(FLOAT8OID, Float8GetDatum(value));
}

/* See query_internal.h. */
void
query_append_measure(StringInfo sql, const Policy *policy, const Requirement *r, const char *person,
			   char *const *first)
{
	const char *column = r->sensitive >= 0
		? quote_identifier(policy->sensitive[r->sensitive].column) : NULL;
	StringInfoData filter;

	initStringInfo(&filter);
	if (first != NULL && r->sensitive >= 0 && first[r->sensitive] != NULL)
		appendStringInfo(&filter, " FILTER (WHERE %s = 1)", first[r->sensitive]);

	if (strcmp(r->model->name, "k") == 0)
	{
		if (person == NULL)
			appendStringInfoString(sql, "pg_catalog.count(*) OVER class");
		else
			appendStringInfo(sql, "kiaim.persons_k_anonymity(%s, 1) OVER class", person);
	}
	else if (strcmp(r->model->name, "l") == 0)
		appendStringInfo(sql, "kiaim.l_diversity(%s, 1) OVER class", column);
	else if (strcmp(r->model->name, "entropy_l") == 0)
		appendStringInfo(sql, "kiaim.entropy_l_diversity(%s, 1)%s OVER class", column, filter.data);
	else if (strcmp(r->model->name, "recursive") == 0)
		appendStringInfo(sql, "kiaim.recursive_diversity(%d, %s, 1)%s OVER class",
						 r->l, column, filter.data);
	else
		elog(ERROR, "no query for requirement \"%s\"", r->label);
}

/*
 * See query_internal.h.  Both sides have the types of an operator
 * of pg_catalog, or one from elsewhere on the path of whoever runs the query
 * could fit better.  The tolerance is that of the privacy models.
 */
void
query_append_verdict(StringInfo sql, const Requirement *r, const char *measure)
{
	if (strcmp(r->model->name, "recursive") == 0)
		appendStringInfo(sql, "%s < %s::double precision * 0.999999999999::double precision",
						 measure, number(r->wanted));
	else if (strcmp(r->model->name, "entropy_l") == 0)
		appendStringInfo(sql, "%s >= %s::double precision * 0.999999999999::double precision",
						 measure, number(r->wanted));
	else if (!r->model->large_is_safe)
		appendStringInfo(sql, "%s <= %s::double precision * 1.000000000001::double precision",
						 measure, number(r->wanted));
	else
		appendStringInfo(sql, "%s >= %s", measure, number(r->wanted));
}
