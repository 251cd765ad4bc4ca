/*-------------------------------------------------------------------------
 *
 * source.c
 *		What every command over a lattice does first: can there be one, how
 *		long may it take, and the relation as path-coded tuples.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/builtins.h"

#include "anonymize/search.h"
#include "anonymize/rows.h"
#include "anonymize/source.h"

/* See source.h. */
TimestampTz
source_deadline(Interval *limit)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz deadline = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval,
																   TimestampTzGetDatum(now),
																   IntervalPGetDatum(limit)));

	if (deadline <= now)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time_limit must be positive")));
	return deadline;
}

/* See source.h. */
void
source_check_lattice(const Policy *policy)
{
	if (policy->nquasi > MAX_QUASI)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the policy has too many quasi-identifiers"),
				 errdetail("It has %d, at most %d are possible.", policy->nquasi, MAX_QUASI)));
	for (int j = 0; j < policy->nquasi; j++)
		if (hierarchy_height(policy->quasi[j].hierarchy) > MAX_LEVEL)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("the hierarchy of column \"%s\" is too high", policy->quasi[j].column),
					 errdetail("It has %d levels, at most %d are possible.",
							   hierarchy_height(policy->quasi[j].hierarchy), MAX_LEVEL)));
}

/*
 * See source.h.  The share was written as a decimal; the little added undoes
 * what the nearest binary fraction takes away (0.29 of 100 is 29).
 */
int64
source_suppression_limit(const Policy *policy, int64 records)
{
	return (int64) floor(policy->suppression * (double) records * (1 + 1e-14) + 1e-9);
}

/* Say which hierarchies fit no value: most likely the wrong ones, and nobody sees it among the stars. */
static void
warn_of_misfits(const PathTable *table, const Policy *policy)
{
	for (int j = 0; j < policy->nquasi; j++)
		if (table->quasi[j].outside)
			ereport(WARNING,
					(errmsg("no value of column \"%s\" is in its hierarchy", policy->quasi[j].column),
					 errdetail("All of them are \"*\" from level 1 on."),
					 errhint("Look at kiaim.path of some values; convert the column or choose another hierarchy.")));
}

/* See source.h. */
PathTable *
source_read(Oid relid, const Policy *policy)
{
	const char **quasi = palloc(sizeof(char *) * Max(policy->nquasi, 1));
	Hierarchy **hierarchies = palloc(sizeof(Hierarchy *) * Max(policy->nquasi, 1));
	const char **sensitive = palloc(sizeof(char *) * Max(policy->nsensitive, 1));
	PathTable  *table;

	for (int j = 0; j < policy->nquasi; j++)
	{
		quasi[j] = policy->quasi[j].column;
		hierarchies[j] = policy->quasi[j].hierarchy;
	}
	for (int j = 0; j < policy->nsensitive; j++)
		sensitive[j] = policy->sensitive[j].column;
	table = path_read(relid, policy_rows(relid, policy), policy->nquasi, quasi, hierarchies,
					  policy->nsensitive, sensitive, policy->person);
	warn_of_misfits(table, policy);
	return table;
}
