/*-------------------------------------------------------------------------
 *
 * query_recoded.c
 *		Recoded tuples in the query of a release.
 *
 * The recoding is read once, by its id, and applied once a row, for which
 * OFFSET 0 keeps the subquery apart.  A tuple that the recoding does not know is
 * recoded to NULL as a whole; such rows are a class of their own and never
 * released.  Original values are in the recoding only, not in the text.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "anonymize/query_internal.h"
#include "anonymize/rows.h"

/* The type of a recoded column as a cast knows it. */
static const char *
cast_type(const char *type)
{
	/* by their SQL names, these two have a length of 1 */
	if (strcmp(type, "character") == 0)
		return "pg_catalog.bpchar";
	if (strcmp(type, "bit") == 0)
		return "pg_catalog.\"bit\"";
	return type;
}

/* The collation that the labels of a column are written with. */
static Oid
label_collation(Oid relid, const char *column)
{
	Oid			type;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(relid, get_attnum(relid, column), &type, &typmod, &collation);
	if (!OidIsValid(collation))
		return DEFAULT_COLLATION_OID;
	/* classes are made of labels that read the same */
	return get_collation_isdeterministic(collation) ? collation : C_COLLATION_OID;
}

/*
 * COLLATE and the collation of a column, or nothing where no column of the
 * recoding has another one than the database: a recoded tuple has the
 * collation that all its columns agree on.
 */
static const char *
collate_clause(const Recoding *recoding, Oid relid, const char *column)
{
	bool		needed = false;
	Oid			collation = label_collation(relid, column);
	HeapTuple	tuple;
	Form_pg_collation form;
	char	   *name;

	for (int j = 0; j < recoding->ncolumns; j++)
		needed = needed || label_collation(relid, recoding->columns[j].name) != DEFAULT_COLLATION_OID;
	if (!needed)
		return "";
	tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for collation %u", collation);
	form = (Form_pg_collation) GETSTRUCT(tuple);
	name = quote_qualified_identifier(get_namespace_name(form->collnamespace),
									  NameStr(form->collname));
	ReleaseSysCache(tuple);
	return psprintf(" COLLATE %s", name);
}

/* See query_internal.h. */
void
query_recode_columns(RecodedSource *source, Oid relid, int n, ReleasedColumn *columns)
{
	const Recoding *recoding = source->recoding;

	source->tuple = query_own_name("kiaim_tuple", n, columns);
	source->known = query_own_name("kiaim_known", n, columns);
	for (int j = 0; j < recoding->ncolumns; j++)
	{
		const RecodingColumn *from = &recoding->columns[j];
		ReleasedColumn *column = NULL;

		for (int i = 0; i < n; i++)
			if (strcmp(columns[i].name, quote_identifier(from->name)) == 0)
				column = &columns[i];
		if (column == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("recoding %s was fitted to column \"%s\", which the policy does not release",
							source->id, from->name)));
		if (strcmp(from->output, recoding_type_name(TEXTOID)) == 0)
			column->recoded = psprintf("(%s)[%d]%s", source->tuple, j + 1,
									   collate_clause(recoding, relid, from->name));
		else
			column->recoded = psprintf("(%s)[%d]::%s", source->tuple, j + 1, cast_type(from->output));
	}
	for (int i = 0; i < n; i++)
		if (columns[i].role == COLUMN_QUASI && columns[i].recoded == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("recoding %s was not fitted to column \"%s\"",
							source->id, columns[i].quasi->column)));
}

/* The recoded tuple of a row. */
static void
append_recode(StringInfo sql, const RecodedSource *source)
{
	appendStringInfo(sql, "kiaim.recode((SELECT r.recoding FROM kiaim.fitted_recoding AS r WHERE r.id = %s LIMIT 1)",
					 quote_literal_cstr(source->id));
	for (int j = 0; j < source->recoding->ncolumns; j++)
		appendStringInfo(sql, ", %s", quote_identifier(source->recoding->columns[j].name));
	appendStringInfoChar(sql, ')');
}

/* See query_internal.h. */
void
query_append_recoded(StringInfo sql, const RecodedSource *source, Oid relid,
					 const Policy *policy, const char *person,
					 int n, const ReleasedColumn *columns)
{
	appendStringInfoString(sql, "(\n      SELECT");
	for (int i = 0, shown = 0; i < n; i++)
		if (columns[i].role != COLUMN_SUPPRESSED)
			appendStringInfo(sql, "%s %s", shown++ > 0 ? "," : "", columns[i].name);
	if (person != NULL)
		appendStringInfo(sql, ", %s AS %s", quote_identifier(policy->person), person);
	appendStringInfoString(sql, ",\n        ");
	append_recode(sql, source);
	appendStringInfo(sql, " AS %s\n      FROM %s OFFSET 0\n    ) AS recoded",
					 source->tuple, policy_rows(relid, policy));
}

/* See query_internal.h. */
void
query_append_recoded_population(StringInfo sql, const RecodedSource *source, const char *relation)
{
	appendStringInfoString(sql, "(\n      SELECT ");
	append_recode(sql, source);
	appendStringInfo(sql, " AS %s\n      FROM %s OFFSET 0\n    ) AS recoded",
					 source->tuple, relation);
}
