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

#include "anonymize/quality.h"
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

/* Say which members of the policy have no effect on its quality. */
static void
warn_of_no_effect(const Policy *policy)
{
	bool		weights = false;

	if (quality_by_column(policy->quality))
		return;
	for (int j = 0; j < policy->nquasi; j++)
		weights = weights || policy->quasi[j].weight != 1;
	if (weights || policy->aggregate_named)
		ereport(WARNING,
				(errmsg("%s no effect on quality \"%s\"",
						!weights ? "aggregate has" : policy->aggregate_named ?
						"weights of columns and aggregate have" : "weights of columns have",
						policy_quality_word(policy->quality)),
				 errdetail("It scores the classes of rows, not column by column.")));
}

/* Read the source, with the labels of the quasi-identifiers or without. */
static PathTable *
read_source(Oid relid, const Policy *policy, bool labels)
{
	const char **quasi = palloc(sizeof(char *) * Max(policy->nquasi, 1));
	Hierarchy **hierarchies = palloc(sizeof(Hierarchy *) * Max(policy->nquasi, 1));
	const char **sensitive = palloc(sizeof(char *) * (policy->nsensitive + 1));
	int			nsensitive = policy->nsensitive;
	Oid		   *populations = palloc(sizeof(Oid) * Max(policy->npopulations, 1));
	PathExtras	extras = {0};
	PathTable  *table;

	for (int j = 0; j < policy->nquasi; j++)
	{
		quasi[j] = policy->quasi[j].column;
		hierarchies[j] = policy->quasi[j].hierarchy;
	}
	for (int j = 0; j < policy->nsensitive; j++)
		sensitive[j] = policy->sensitive[j].column;
	if (policy->target != NULL && policy->target_sensitive == nsensitive)
		sensitive[nsensitive++] = policy->target;
	/* for the sake of the whole table classes of equal size are suppressed in the order of their labels */
	extras.labels = labels || policy->ntable > 0;
	extras.npopulations = policy->npopulations;
	extras.populations = populations;
	for (int i = 0; i < policy->npopulations; i++)
		populations[i] = policy->populations[i].relid;
	table = path_read_with(relid, policy_rows(relid, policy), policy->nquasi, quasi, hierarchies,
						   nsensitive, sensitive, policy->person, &extras);
	warn_of_misfits(table, policy);
	warn_of_no_effect(policy);
	for (int i = 0; i < policy->ntable; i++)
		if (policy->table[i].model->risk == NULL && policy->table[i].population < table->persons)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the population of policy member %s is smaller than its sample",
							policy->table[i].label),
					 errdetail("It has " INT64_FORMAT " persons, the source has " INT64_FORMAT ".",
							   policy->table[i].population, table->persons)));
	return table;
}

/* See source.h. */
PathTable *
source_read(Oid relid, const Policy *policy)
{
	return read_source(relid, policy, false);
}

/* See source.h. */
PathTable *
source_read_with_labels(Oid relid, const Policy *policy)
{
	return read_source(relid, policy, true);
}
