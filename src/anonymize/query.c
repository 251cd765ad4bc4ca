/*-------------------------------------------------------------------------
 *
 * query.c
 *		The query of a release: one SQL text that a steward can read, review
 *		and run again.
 *
 * From the inside out: the source's columns, quasi-identifiers generalized;
 * for every row what its class has of each requirement, by the same
 * aggregates that the user can call, over the window of the class; and the
 * rows of the classes in which all requirements hold.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "anonymize/query_internal.h"
#include "anonymize/rows.h"
#include "anonymize/typed.h"

static bool
is_one_of(const char *name, int n, char *const *names)
{
	for (int i = 0; i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* See query_internal.h. */
bool
query_merges_labels(Oid relid, const char *column)
{
	Oid			type;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(relid, get_attnum(relid, column), &type, &typmod, &collation);
	return OidIsValid(collation) && !get_collation_isdeterministic(collation);
}

/* What is released of a column that is no quasi-identifier, and as what; NULL if nothing. */
static const char *
released_expression(Oid relid, const Policy *policy, const char *name, ColumnRole *role)
{
	*role = COLUMN_AS_IT_IS;
	for (int i = 0; i < policy->nkeep; i++)
		if (strcmp(name, policy->keep[i]) == 0)
			return typed_limited(relid, name, &policy->limits[i]);
	for (int i = 0; i < policy->nsensitive; i++)
		if (strcmp(name, policy->sensitive[i].column) == 0)
			return quote_identifier(name);
	if (is_one_of(name, policy->nidentifier, policy->identifier))
		return quote_identifier(name);
	*role = COLUMN_SUPPRESSED;
	if (is_one_of(name, policy->nsuppress, policy->suppress))
		return typed_nothing(relid, name);
	*role = COLUMN_NOT_RELEASED;
	return NULL;
}

/* The released columns in the order of the source; node: their levels, or NULL. */
static int
released_columns(Oid relid, const Policy *policy, const LatticeNode *node,
				 ReleasedColumn **columns)
{
	const char **names;
	int			nnames = frame_column_names(relid, &names);
	int			n = 0;

	*columns = palloc0(sizeof(ReleasedColumn) * Max(nnames, 1));
	for (int i = 0; i < nnames; i++)
	{
		ReleasedColumn *column = &(*columns)[n];
		const char *name = names[i];

		for (int j = 0; j < policy->nquasi; j++)
			if (strcmp(name, policy->quasi[j].column) == 0)
			{
				column->role = COLUMN_QUASI;
				column->quasi = &policy->quasi[j];
				column->level = node != NULL ? node->level[j] : 0;
				column->merges = query_merges_labels(relid, name) || policy->npopulations > 0;
			}
		if (column->role == COLUMN_NOT_RELEASED)
		{
			column->expression = released_expression(relid, policy, name, &column->role);
			if (column->role == COLUMN_NOT_RELEASED)
				continue;
		}
		column->name = quote_identifier(name);
		n++;
	}
	for (int i = 0; i < n; i++)
		if ((*columns)[i].role == COLUMN_QUASI &&
			typed_needs_value(relid, (*columns)[i].quasi))
			(*columns)[i].value = query_own_name(psprintf("kiaim_value_%d", i + 1), n, *columns);
	return n;
}

/* See query_internal.h. */
char *
query_own_name(const char *wanted, int n, const ReleasedColumn *columns)
{
	char	   *name = pstrdup(wanted);

	for (int i = 0; i < n; i++)
		if (strcmp(columns[i].name, quote_identifier(name)) == 0)
		{
			name = psprintf("%s_", name);
			i = -1;
		}
	return name;
}

/* The generalized columns and those as they are, of one SELECT list. */
static void
append_source_columns(StringInfo sql, int n, const ReleasedColumn *columns, const char *indent)
{
	for (int i = 0; i < n; i++)
	{
		const ReleasedColumn *column = &columns[i];

		appendStringInfo(sql, "%s\n%s", i > 0 ? "," : "", indent);
		if (column->recoded != NULL)
			appendStringInfo(sql, "%s AS %s", column->recoded, column->name);
		else if (column->role == COLUMN_QUASI)
			appendStringInfo(sql, "kiaim.generalize(%s, %s::kiaim.hierarchy, %d)%s AS %s",
							 column->name,
							 quote_literal_cstr(hierarchy_definition(column->quasi->hierarchy)),
							 column->level,
							 /* classes are made of labels that read the same */
							 column->merges ? " COLLATE pg_catalog.\"C\"" : "",
							 column->name);
		else if (strcmp(column->expression, column->name) == 0)
			appendStringInfoString(sql, column->name);
		else
			appendStringInfo(sql, "%s AS %s", column->expression, column->name);
	}
	for (int i = 0; i < n; i++)
		if (columns[i].value != NULL)
			appendStringInfo(sql, ",\n%s%s AS %s", indent, columns[i].name, columns[i].value);
}

/* A column of the release; verdict: what holds of rows that are not suppressed, or NULL if they are dropped. */
static void
append_released(StringInfo sql, Oid relid, const ReleasedColumn *column, const char *verdict)
{
	const char *released = column->name;

	if (column->role == COLUMN_QUASI)
		released = typed_released(relid, column->quasi, column->name, column->value);
	if (column->role == COLUMN_QUASI && verdict != NULL)
		appendStringInfo(sql, "CASE WHEN %s THEN %s ELSE %s END AS %s", verdict, released,
						 typed_star(relid, column->quasi), column->name);
	else if (strcmp(released, column->name) != 0)
		appendStringInfo(sql, "%s AS %s", released, column->name);
	else
		appendStringInfoString(sql, released);
}

/* The query at the levels of a node, or with the tuples of a recoded source. */
static char *
write_query(Oid relid, const Policy *policy, const LatticeNode *node, RecodedSource *source,
			int64 classes, bool with_person)
{
	ReleasedColumn *columns;
	int			n = released_columns(relid, policy, node, &columns);
	StringInfoData quasi;
	StringInfoData verdict;
	StringInfoData sql;
	char	   *person = NULL;
	char	  **first = NULL;	/* by sensitive column, NULL where none is needed */
	char	  **measure = palloc(sizeof(char *) * Max(policy->nrequirements, 1));
	Ranking    *ranking;
	const char *released;		/* which rows are */

	if (policy->person != NULL)
		person = query_own_name("kiaim_person", n, columns);
	initStringInfo(&quasi);
	initStringInfo(&verdict);
	if (source != NULL)
	{
		query_recode_columns(source, relid, n, columns);
		appendStringInfoString(&quasi, source->known);
		appendStringInfoString(&verdict, source->known);
	}
	for (int i = 0; i < n; i++)
		if (columns[i].role == COLUMN_QUASI)
			appendStringInfo(&quasi, "%s%s", quasi.len > 0 ? ", " : "", columns[i].name);
	for (int i = 0; i < policy->nrequirements; i++)
	{
		const Requirement *r = &policy->requirements[i];

		measure[i] = query_own_name(r->sensitive < 0 ? psprintf("kiaim_%s", r->model->name)
									: psprintf("kiaim_%s_%d", r->model->name, r->sensitive + 1),
									n, columns);
		if (verdict.len > 0)
			appendStringInfoString(&verdict, " AND ");
		query_append_verdict(&verdict, r, measure[i]);
		/* a person's value counts once, however many rows say it */
		if (policy->person != NULL && query_counts_values(r))
		{
			if (first == NULL)
				first = palloc0(sizeof(char *) * policy->nsensitive);
			first[r->sensitive] = query_own_name(psprintf("kiaim_first_%d", r->sensitive + 1),
												 n, columns);
		}
	}

	ranking = ranking_create(policy, node, classes, n, columns, verdict.data, person);
	released = ranking != NULL ? ranking_verdict(ranking) : verdict.data;

	/* the released rows */
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT");
	for (int i = 0; i < n; i++)
	{
		appendStringInfo(&sql, "%s ", i > 0 ? "," : "");
		append_released(&sql, relid, &columns[i], policy->star ? released : NULL);
	}
	if (with_person && person != NULL)
		appendStringInfo(&sql, ", %s", person);

	if (ranking != NULL)
		ranking_append_measures(&sql, ranking, quasi.data);

	/* the requirements in each class */
	appendStringInfoString(&sql, "\nFROM (\n  SELECT *");
	for (int i = 0; i < policy->nrequirements; i++)
	{
		appendStringInfoString(&sql, ",\n    ");
		if (policy->requirements[i].model->needs_population)
			query_append_population_measure(&sql, &policy->requirements[i], n, columns,
											query_class_size(person));
		else
			query_append_measure(&sql, relid, policy, &policy->requirements[i], person, first,
								 source != NULL ? source->known : NULL);
		appendStringInfo(&sql, " AS %s", measure[i]);
	}
	if (ranking != NULL)
		ranking_append_size(&sql, ranking);
	if (first != NULL)
	{
		appendStringInfoString(&sql, "\n  FROM (\n  SELECT *");
		for (int s = 0; s < policy->nsensitive; s++)
			if (first[s] != NULL)
				appendStringInfo(&sql, ",\n    pg_catalog.row_number() OVER (PARTITION BY %s, %s, %s) AS %s",
								 quasi.data, person, quote_identifier(policy->sensitive[s].column),
								 first[s]);
	}

	/* the source, generalized */
	if (policy->npopulations > 0)
		query_append_both_sides(&sql, policy, n, columns, quasi.data);
	appendStringInfoString(&sql, "\n  FROM (\n    SELECT");
	append_source_columns(&sql, n, columns, "      ");
	if (source != NULL)
		appendStringInfo(&sql, ",\n      %s IS NOT NULL AS %s", source->tuple, source->known);
	if (person != NULL && source != NULL)
		appendStringInfo(&sql, ",\n      %s", person);
	else if (person != NULL)
		appendStringInfo(&sql, ",\n      %s AS %s", quote_identifier(policy->person), person);
	if (policy->npopulations > 0)
		query_append_from_source(&sql, n, columns);
	appendStringInfoString(&sql, "\n    FROM ");
	if (source != NULL)
		query_append_recoded(&sql, source, relid, policy, person, n, columns);
	else
		appendStringInfoString(&sql, policy_rows(relid, policy));
	if (policy->npopulations > 0)
		query_append_populations(&sql, policy, source, n, columns, person != NULL);
	appendStringInfoString(&sql, "\n  ) AS generalized");
	if (first != NULL)
		appendStringInfoString(&sql, "\n  ) AS persons");
	appendStringInfo(&sql, "\n  WINDOW class AS (PARTITION BY %s)\n) AS classes", quasi.data);
	if (ranking != NULL)
		ranking_append_window(&sql, ranking);
	if (!policy->star)
		appendStringInfo(&sql, "\nWHERE %s", released);
	return sql.data;
}

/* See search.h. */
char *
release_query(Oid relid, const Policy *policy, const LatticeNode *node, int64 classes,
			  bool with_person)
{
	return write_query(relid, policy, node, NULL, classes, with_person);
}

/* See recoding_internal.h. */
char *
release_query_recoded(Oid relid, const Policy *policy, const char *id, const Recoding *recoding,
					  bool with_person)
{
	RecodedSource source = {id, recoding};
	int64		classes = -1;

	for (int i = 0; i < recoding->nfigures; i++)
		if (strcmp(recoding->figures[i].name, RECODING_FIGURE_CLASSES) == 0)
			classes = (int64) recoding->figures[i].value;
	for (int i = 0; i < policy->ntable; i++)
		if (policy->table[i].model->risk == NULL && !(classes >= 0))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("recoding %s does not say how many classes it releases", id),
					 errdetail("Policy member %s needs that.", policy->table[i].label)));
	return write_query(relid, policy, NULL, &source, classes, with_person);
}
