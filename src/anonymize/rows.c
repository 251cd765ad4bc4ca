/*-------------------------------------------------------------------------
 *
 * rows.c
 *		The records of the source that a release is made from: all, those in
 *		a sample, or those that differential privacy draws.
 *
 * A sample is the same in every query, so that the plan, the release and its
 * verification read the same rows.  The draw of differential privacy falls anew
 * in every query.  Where it has a person column, a person is one record: of
 * several rows one is drawn first, for the guarantee is about records that
 * are drawn independently of each other.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "anonymize/rows.h"
#include "frame/frame.h"

/* A number as SQL: exact, whatever extra_float_digits is. */
static char *
number(double value)
{
	return value_text(FLOAT8OID, Float8GetDatum(value));
}

/* A name that no column of the relation bears. */
static char *
free_name(Oid relid, const char *wanted)
{
	const char **names;
	int			n = frame_column_names(relid, &names);
	char	   *name = pstrdup(wanted);

	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
		{
			name = psprintf("%s_", name);
			i = -1;
		}
	return name;
}

/* One row of each person, drawn at random; only the columns that are needed. */
static char *
person_rows(Oid relid, const Policy *policy)
{
	StringInfoData sql;
	char	   *drawn = free_name(relid, "kiaim_drawn");

	initStringInfo(&sql);
	appendStringInfoString(&sql, "(\n      SELECT ");
	for (int i = 0; i < policy->nquasi; i++)
		appendStringInfo(&sql, "%s, ", quote_identifier(policy->quasi[i].column));
	for (int i = 0; i < policy->nsuppress; i++)
		appendStringInfo(&sql, "%s, ", quote_identifier(policy->suppress[i]));
	appendStringInfo(&sql, "%1$s,\n        pg_catalog.row_number() OVER (PARTITION BY %1$s ORDER BY kiaim.strong_random()) AS %2$s"
					 "\n      FROM %3$s\n    ) AS person\n    WHERE %2$s = 1 AND kiaim.safepub_draw(%4$s::double precision)",
					 quote_identifier(policy->person), drawn, frame_relation_name(relid),
					 number(policy->epsilon));
	return sql.data;
}

/* See rows.h. */
char *
policy_rows(Oid relid, const Policy *policy)
{
	char	   *relation = frame_relation_name(relid);

	if (policy->epsilon > 0 && policy->person != NULL)
		return person_rows(relid, policy);
	if (policy->epsilon > 0)
		return psprintf("%s\n    WHERE kiaim.safepub_draw(%s::double precision)",
						relation, number(policy->epsilon));
	if (policy->sample.by != NULL)
		return psprintf("%s\n    WHERE kiaim.in_sample(%s, %s::double precision, '" INT64_FORMAT "'::bigint)",
						relation, quote_identifier(policy->sample.by), number(policy->sample.share),
						policy->sample.seed);
	return relation;
}
