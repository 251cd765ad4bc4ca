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

#include "access/htup_details.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "anonymize/query_internal.h"
#include "anonymize/rows.h"

/* The namespace of an operator. */
static Oid
get_opnamespace(Oid operator)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));
	Oid			namespace;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", operator);
	namespace = ((Form_pg_operator) GETSTRUCT(tuple))->oprnamespace;
	ReleaseSysCache(tuple);
	return namespace;
}

/* A number as SQL: exact, whatever extra_float_digits is. */
static char *
number(double value)
{
	return value_text(FLOAT8OID, Float8GetDatum(value));
}

/*
 * The distribution that classes are compared with: that of the whole source,
 * of which a person's value is counted once.  A subquery that runs once.
 */
static void
append_distribution(StringInfo sql, Oid relid, const Policy *policy, const char *column)
{
	if (policy->person == NULL)
		appendStringInfo(sql, "(SELECT kiaim.distribution_of(%s) FROM %s)", column,
						 policy_rows(relid, policy));
	else
		appendStringInfo(sql, "(SELECT kiaim.distribution_of(s.%s) FROM (SELECT DISTINCT %s, %s FROM %s) AS s)",
						 column, quote_identifier(policy->person), column,
						 policy_rows(relid, policy));
}

/* A value of a type as a constant that reads the same whatever the settings. */
static char *
constant(Oid type, Datum value)
{
	return psprintf("%s::%s", quote_literal_cstr(value_text(type, value)),
					format_type_extended(type, -1, FORMAT_TYPE_FORCE_QUALIFY));
}

/* The share of the most frequent of the named values; and: a condition on rows, or "". */
static void
append_named_share(StringInfo sql, Oid relid, const char *column, const char *name,
				   const Requirement *r, const char *condition)
{
	Oid			type = getBaseType(get_atttype(relid, get_attnum(relid, name)));
	Oid			equal = lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
	char	   *operator = psprintf("OPERATOR(%s.%s)",
									quote_identifier(get_namespace_name(get_opnamespace(equal))),
									get_opname(equal));

	appendStringInfoString(sql, r->nnames > 1 ? "GREATEST(" : "");
	for (int i = 0; i < r->nnames; i++)
		appendStringInfo(sql, "%spg_catalog.count(*) FILTER (WHERE %s %s %s%s%s) OVER class",
						 i > 0 ? ", " : "", column, operator, constant(type, r->names[i]),
						 condition[0] != '\0' ? " AND " : "", condition);
	appendStringInfo(sql, "%s::double precision / pg_catalog.count(*)%s OVER class::double precision",
					 r->nnames > 1 ? ")" : "",
					 condition[0] != '\0' ? psprintf(" FILTER (WHERE %s)", condition) : "");
}

/*
 * Have the sensitive columns different collations?  A window knows no more than
 * one for all arguments; their bytes do as well, unless one of them calls
 * different texts equal.
 */
static bool
collations_differ(Oid relid, const Policy *policy)
{
	Oid			first = InvalidOid;
	const char *first_column = NULL;
	const char *other = NULL;	/* whose collation is another one */
	bool		bytes = true;

	for (int i = 0; i < policy->nsensitive; i++)
	{
		const char *column = policy->sensitive[i].column;
		Oid			type;
		int32		typmod;
		Oid			collation;

		get_atttypetypmodcoll(relid, get_attnum(relid, column), &type, &typmod, &collation);
		if (!OidIsValid(collation))
			continue;
		bytes = bytes && get_collation_isdeterministic(collation);
		if (!OidIsValid(first))
		{
			first = collation;
			first_column = column;
		}
		else if (collation != first)
			other = column;
	}
	if (other != NULL && !bytes)
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_COLLATION),
				 errmsg("multi_attribute_l cannot combine columns \"%s\" and \"%s\" of different collations",
						first_column, other),
				 errdetail("One of the sensitive columns has a nondeterministic collation, which calls different texts equal."),
				 errhint("Take a view that gives them the same collation for the source.")));
	return other != NULL;
}

/* The poorest diversity of a sensitive column where the others split the class. */
static void
append_combinations(StringInfo sql, Oid relid, const Policy *policy)
{
	const char **columns = palloc(sizeof(char *) * policy->nsensitive);
	bool		bytes = collations_differ(relid, policy);

	for (int i = 0; i < policy->nsensitive; i++)
	{
		const char *name = policy->sensitive[i].column;

		columns[i] = quote_identifier(name);
		if (bytes && type_is_collatable(get_atttype(relid, get_attnum(relid, name))))
			columns[i] = psprintf("%s COLLATE pg_catalog.\"C\"", columns[i]);
	}
	appendStringInfoString(sql, "LEAST(");
	for (int i = 0; i < policy->nsensitive; i++)
	{
		appendStringInfo(sql, "%skiaim.l_diversity(%s", i > 0 ? ",\n      " : "", columns[i]);
		for (int j = 0; j < policy->nsensitive; j++)
			if (j != i)
				appendStringInfo(sql, ", %s", columns[j]);
		appendStringInfoString(sql, ") OVER class");
	}
	appendStringInfoChar(sql, ')');
}

/* See query_internal.h. */
bool
query_counts_values(const Requirement *r)
{
	return r->model->needs_values && strcmp(r->model->name, "l") != 0 &&
		strcmp(r->model->name, "p_sensitive") != 0;
}

/* Requirements that one aggregate measures, and how it is called. */
static const struct
{
	const char *model;
	const char *aggregate;
	bool		compares;		/* its first argument is a distribution */
}			measures[] =
{
	{"l", "l_diversity", false},
	{"p_sensitive", "l_diversity", false},
	{"entropy_l", "entropy_l_diversity", false},
	{"grassberger", "grassberger_l_diversity", false},
	{"recursive", "recursive_diversity", false},
	{"alpha", "alpha_anonymity", false},
	{"t", "t_closeness_to", true},
	{"ordered_t", "ordered_t_closeness_to", true},
	{"hierarchical_t", "hierarchical_t_closeness_to", true},
	{"beta", "beta_likeness_to", true},
	{"enhanced_beta", "enhanced_beta_likeness_to", true},
	{"delta_disclosure", "delta_disclosure_to", true},
};

/* See query_internal.h. */
char *
query_class_size(const char *person)
{
	return person == NULL ? "pg_catalog.count(*) OVER class"
		: psprintf("kiaim.persons_k_anonymity(%s, 1) OVER class", person);
}

/*
 * k where NULL matches everything: rows match across classes, so it is that
 * of the whole release; known: the column that says which rows are released.
 */
static void
append_wildcard(StringInfo sql, const Policy *policy, const char *known)
{
	appendStringInfoString(sql, "kiaim.wildcard_k_anonymity(");
	for (int j = 0; j < policy->nquasi; j++)
		appendStringInfo(sql, "%s%s", j > 0 ? ", " : "", quote_identifier(policy->quasi[j].column));
	appendStringInfo(sql, ") FILTER (WHERE %s) OVER ()", known);
}

/* See query_internal.h. */
void
query_append_measure(StringInfo sql, Oid relid, const Policy *policy, const Requirement *r,
					 const char *person, char *const *first, const char *known)
{
	const char *name = r->sensitive >= 0 ? policy->sensitive[r->sensitive].column : NULL;
	const char *column = name != NULL ? quote_identifier(name) : NULL;
	const char *condition = "";

	if (first != NULL && query_counts_values(r))
		condition = psprintf("%s = 1", first[r->sensitive]);
	if (strcmp(r->model->name, "k") == 0)
	{
		if (policy->recoding.wildcard)
			append_wildcard(sql, policy, known);
		else
			appendStringInfoString(sql, query_class_size(person));
		return;
	}
	if (strcmp(r->model->name, "highest_risk") == 0)
	{
		appendStringInfo(sql, "1::double precision / (%s)::double precision", query_class_size(person));
		return;
	}
	if (r->model->needs_tuples)
	{
		append_combinations(sql, relid, policy);
		return;
	}
	if (r->model->needs_named)
	{
		append_named_share(sql, relid, column, name, r, condition);
		return;
	}
	for (int i = 0; i < lengthof(measures); i++)
	{
		if (strcmp(measures[i].model, r->model->name) != 0)
			continue;
		appendStringInfo(sql, "kiaim.%s(", measures[i].aggregate);
		if (measures[i].compares)
		{
			append_distribution(sql, relid, policy, column);
			appendStringInfoString(sql, ", ");
		}
		if (r->model->needs_tree)
			appendStringInfo(sql, "%s::kiaim.hierarchy, ",
							 quote_literal_cstr(hierarchy_definition(policy->sensitive[r->sensitive].hierarchy)));
		if (strcmp(r->model->name, "recursive") == 0)
			appendStringInfo(sql, "%d, ", r->l);
		appendStringInfo(sql, "%s%s)", column, measures[i].compares ? "" : ", 1");
		if (condition[0] != '\0')
			appendStringInfo(sql, " FILTER (WHERE %s)", condition);
		appendStringInfoString(sql, " OVER class");
		return;
	}
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
	bool		whole = strcmp(r->model->name, "k") == 0 || strcmp(r->model->name, "l") == 0 ||
		strcmp(r->model->name, "p_sensitive") == 0 || r->model->needs_tuples;

	if (whole)
		appendStringInfo(sql, "%s >= %s", measure, number(r->wanted));
	else if (r->model->large_is_safe)
		appendStringInfo(sql, "%s >= %s::double precision * 0.999999999999::double precision",
						 measure, number(r->wanted));
	else if (r->model->strict)
		appendStringInfo(sql, "%s < %s::double precision * 0.999999999999::double precision",
						 measure, number(r->wanted));
	else
		appendStringInfo(sql, "%s <= %s::double precision * 1.000000000001::double precision",
						 measure, number(r->wanted));
}
