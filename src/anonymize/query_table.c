/*-------------------------------------------------------------------------
 *
 * query_table.c
 *		Requirements on all classes together in the query of a release.
 *
 * A window over all rows, largest classes first, sees with each class those
 * that are released if it is the last one: the order of suppression read
 * backwards.  Where the requirement is a mean it holds up to some class, and
 * not from there on; so the query finds the classes to suppress by itself,
 * whatever the source has become.  How many classes an estimate of the
 * population allows is beyond a query: the plan says it, the estimate is made
 * over these classes, and if it does not hold nothing is released.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "anonymize/query_internal.h"

struct Ranking
{
	const Policy *policy;
	const LatticeNode *node;
	int			n;
	const ReleasedColumn *columns;
	const char *verdict;		/* on the class, or "" */
	const char *person;			/* column, or NULL */
	int64		classes;		/* released ones */
	const TableRequirement *estimated;	/* the one that is no mean, or NULL */
	char	   *size;
	char	   *rank;
	char	   *first;			/* column that is 1 once for each person of a class */
	char	  **measure;		/* by requirement */
};

/* A number as SQL: exact, whatever extra_float_digits is. */
static char *
number(double value)
{
	return psprintf("%s::double precision", value_text(FLOAT8OID, Float8GetDatum(value)));
}

/* See query_internal.h. */
Ranking *
ranking_create(const Policy *policy, const LatticeNode *node, int64 classes, int n,
			   const ReleasedColumn *columns, const char *verdict, const char *person)
{
	Ranking    *r;

	if (policy->ntable == 0)
		return NULL;
	r = palloc0(sizeof(Ranking));
	r->policy = policy;
	r->node = node;
	r->n = n;
	r->columns = columns;
	r->verdict = verdict;
	r->person = person;
	r->classes = classes;
	r->size = query_own_name("kiaim_size", n, columns);
	r->rank = query_own_name("kiaim_rank", n, columns);
	r->first = query_own_name("kiaim_first", n, columns);
	r->measure = palloc(sizeof(char *) * policy->ntable);
	for (int i = 0; i < policy->ntable; i++)
	{
		const TableRequirement *t = &policy->table[i];

		r->measure[i] = query_own_name(psprintf("kiaim_%s_%d", t->model->name, i + 1), n, columns);
		if (t->model->risk == NULL)
			r->estimated = t;
	}
	if (r->estimated != NULL && classes < 0)
		elog(ERROR, "the number of classes of a release with population uniqueness is not known");
	return r;
}

/* See query_internal.h. */
void
ranking_append_size(StringInfo sql, const Ranking *r)
{
	if (r->person == NULL)
		appendStringInfo(sql, ",\n    pg_catalog.count(*) OVER class AS %s", r->size);
	else
		appendStringInfo(sql, ",\n    kiaim.persons_k_anonymity(%s, 1) OVER class AS %s",
						 r->person, r->size);
}

/* A mean of the risks of the records in the window. */
static void
append_mean(StringInfo sql, const Ranking *r, const TableRequirement *t)
{
	const char *name = t->model->name;
	char	   *of_record = psprintf("1::double precision / %s::double precision", r->size);

	if (strcmp(name, "average_risk") == 0)
	{
		/* without persons it is the number of classes by that of records */
		if (r->person != NULL)
		{
			appendStringInfo(sql, "pg_catalog.avg(%s) OVER released", of_record);
			return;
		}
		appendStringInfoString(sql, "(pg_catalog.dense_rank() OVER released)");
	}
	else if (strcmp(name, "sample_uniqueness") == 0)
		appendStringInfo(sql, "(pg_catalog.count(*) FILTER (WHERE %s = 1) OVER released)", r->size);
	else if (strcmp(name, "share_at_risk") == 0)
		appendStringInfo(sql, "(pg_catalog.count(*) FILTER (WHERE %s > %s) OVER released)",
						 of_record, number(t->threshold));
	else
		elog(ERROR, "no query for requirement \"%s\"", t->label);
	appendStringInfoString(sql, "::double precision / (pg_catalog.count(*) OVER released)::double precision");
}

/* The verdict on what was measured; the tolerance is that of the models. */
static char *
measured_verdict(const Ranking *r, int i)
{
	return psprintf("%s <= %s * 1.000000000001::double precision", r->measure[i],
					number(r->policy->table[i].wanted));
}

/* All verdicts, without that on the estimate if it is to be made. */
static char *
verdicts(const Ranking *r, bool estimate)
{
	StringInfoData all;

	initStringInfo(&all);
	if (r->policy->star && r->verdict[0] != '\0')
		appendStringInfoString(&all, r->verdict);
	if (r->estimated != NULL)
		appendStringInfo(&all, "%s%s <= " INT64_FORMAT, all.len > 0 ? " AND " : "", r->rank,
						 r->classes);
	for (int i = 0; i < r->policy->ntable; i++)
		if (estimate || r->policy->table[i].model->risk != NULL)
			appendStringInfo(&all, "%s%s", all.len > 0 ? " AND " : "", measured_verdict(r, i));
	return all.data;
}

/* See query_internal.h. */
char *
ranking_verdict(const Ranking *r)
{
	return verdicts(r, true);
}

/* See query_internal.h. */
void
ranking_append_measures(StringInfo sql, const Ranking *r, const char *quasi)
{
	for (int i = 0; i < r->policy->ntable && r->estimated != NULL; i++)
	{
		const TableRequirement *t = &r->policy->table[i];

		if (t == r->estimated)
			appendStringInfo(sql, "\nFROM (\n  SELECT *,\n    kiaim.population_uniqueness(%s, " INT64_FORMAT "::bigint, %s)"
							 " FILTER (WHERE %s%s) OVER () AS %s",
							 quote_literal_cstr(population_model_names[t->estimator]), t->population,
							 r->rank, verdicts(r, false),
							 r->person != NULL ? psprintf(" AND %s = 1", r->first) : "", r->measure[i]);
	}
	appendStringInfoString(sql, "\nFROM (\n  SELECT *");
	for (int i = 0; i < r->policy->ntable; i++)
		if (r->policy->table[i].model->risk != NULL)
		{
			appendStringInfoString(sql, ",\n    ");
			append_mean(sql, r, &r->policy->table[i]);
			appendStringInfo(sql, " AS %s", r->measure[i]);
		}
	if (r->estimated != NULL)
		appendStringInfo(sql, ",\n    pg_catalog.dense_rank() OVER released AS %s", r->rank);
	if (r->estimated != NULL && r->person != NULL)
		appendStringInfo(sql, ",\n    pg_catalog.row_number() OVER (PARTITION BY %s, %s) AS %s",
						 quasi, r->person, r->first);
}

/* See query_internal.h. */
void
ranking_append_window(StringInfo sql, const Ranking *r)
{
	StringInfoData loss;
	bool		failing = r->verdict[0] != '\0';

	initStringInfo(&loss);
	for (int i = 0; i < r->n; i++)
	{
		const ReleasedColumn *column = &r->columns[i];

		if (column->role == COLUMN_QUASI && hierarchy_leaves(column->quasi->hierarchy) > 0 &&
			column->level > 0 && column->level < hierarchy_height(column->quasi->hierarchy))
			appendStringInfo(&loss, "%skiaim.label_loss(%s, %s::kiaim.hierarchy, %d)",
							 loss.len > 0 ? "\n      + " : "", column->name,
							 quote_literal_cstr(hierarchy_definition(column->quasi->hierarchy)),
							 column->level);
	}
	if (failing && !r->policy->star)
		appendStringInfo(sql, "\n  WHERE %s", r->verdict);
	appendStringInfoString(sql, "\n  WINDOW released AS (");
	if (failing && r->policy->star)
		appendStringInfo(sql, "PARTITION BY (%s) ", r->verdict);
	appendStringInfo(sql, "ORDER BY %s DESC", r->size);
	if (loss.len > 0)
		appendStringInfo(sql, ",\n      %s DESC", loss.data);
	for (int i = 0; i < r->n; i++)
		if (r->columns[i].role == COLUMN_QUASI &&
			r->columns[i].level < hierarchy_height(r->columns[i].quasi->hierarchy))
			appendStringInfo(sql, ",\n      %s COLLATE pg_catalog.\"C\" DESC", r->columns[i].name);
	appendStringInfoString(sql, ")\n) AS ranked");
	if (r->estimated != NULL)
		appendStringInfoString(sql, "\n) AS estimated");
}
