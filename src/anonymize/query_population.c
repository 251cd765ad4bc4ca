/*-------------------------------------------------------------------------
 *
 * query_population.c
 *		Populations in the query of a release.
 *
 * Source and population are generalized alike and laid one upon the other, so
 * that the window of a class counts both; then the population is taken away
 * again, and what stands around sees the source with the sizes of its classes
 * in the population.  A join would have to compare NULLs, which no hash can.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "anonymize/query_internal.h"
#include "frame/frame.h"

/* The column that is 0 in rows of the source, i + 1 in those of population i. */
static char *
from_name(int n, const ReleasedColumn *columns)
{
	return query_own_name("kiaim_from", n, columns);
}

/* The column of the size of the class in a population. */
static char *
size_name(int population, int n, const ReleasedColumn *columns)
{
	return query_own_name(psprintf("kiaim_population_%d", population + 1), n, columns);
}

/* See query_internal.h. */
void
query_append_both_sides(StringInfo sql, const Policy *policy, int n, const ReleasedColumn *columns,
						const char *quasi)
{
	char	   *from = from_name(n, columns);

	appendStringInfoString(sql, "\n  FROM (\n    SELECT *\n    FROM (\n      SELECT *");
	for (int i = 0; i < policy->npopulations; i++)
		appendStringInfo(sql, ",\n        pg_catalog.count(*) FILTER (WHERE %s = %d) OVER (PARTITION BY %s) AS %s",
						 from, i + 1, quasi, size_name(i, n, columns));
}

/* See query_internal.h. */
void
query_append_populations(StringInfo sql, const Policy *policy, const RecodedSource *source,
						 int n, const ReleasedColumn *columns, bool person)
{
	char	   *from = from_name(n, columns);

	for (int i = 0; i < policy->npopulations; i++)
	{
		const char *relation = frame_relation_name(policy->populations[i].relid);

		appendStringInfoString(sql, "\n    UNION ALL\n    SELECT");
		for (int j = 0; j < n; j++)
		{
			const ReleasedColumn *column = &columns[j];

			appendStringInfoString(sql, j > 0 ? ",\n      " : "\n      ");
			if (column->recoded != NULL)
				appendStringInfoString(sql, column->recoded);
			else if (column->role == COLUMN_QUASI)
				appendStringInfo(sql, "kiaim.generalize(%s, %s::kiaim.hierarchy, %d) COLLATE pg_catalog.\"C\"",
								 column->name,
								 quote_literal_cstr(hierarchy_definition(column->quasi->hierarchy)),
								 column->level);
			else
				appendStringInfoString(sql, "NULL");
		}
		for (int j = 0; j < n; j++)
			if (columns[j].value != NULL)
				appendStringInfoString(sql, ", NULL");
		if (source != NULL)
			appendStringInfo(sql, ",\n      %s IS NOT NULL", source->tuple);
		if (person)
			appendStringInfoString(sql, ", NULL");
		appendStringInfo(sql, ",\n      %d\n    FROM ", i + 1);
		if (source != NULL)
			query_append_recoded_population(sql, source, relation);
		else
			appendStringInfoString(sql, relation);
	}
	appendStringInfo(sql, "\n      ) AS both_sides\n    ) AS beside\n    WHERE %s = 0", from);
}

/* See query_internal.h. */
void
query_append_from_source(StringInfo sql, int n, const ReleasedColumn *columns)
{
	appendStringInfo(sql, ",\n      0 AS %s", from_name(n, columns));
}

/* See query_internal.h. */
void
query_append_population_measure(StringInfo sql, const Requirement *r, int n,
								const ReleasedColumn *columns, const char *size)
{
	char	   *population = size_name(r->population, n, columns);

	if (strcmp(r->model->name, "k_map") == 0)
		appendStringInfo(sql, "%s::double precision", population);
	else
		appendStringInfo(sql, "CASE WHEN %1$s > 0 THEN (%2$s)::double precision / %1$s::double precision"
						 " ELSE %3$s::double precision END", population, size,
						 r->model->large_is_safe ? "0" : "'infinity'");
}
