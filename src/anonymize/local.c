/*-------------------------------------------------------------------------
 *
 * local.c
 *		Local recoding from a table and a policy to classes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "anonymize/local_internal.h"

/* So many near tuples of each are looked at, if they are no more than that in all. */
#define NEAR_TUPLES			64
#define MOST_NEAR			(64 * 100000)
#define LEAST_NEAR_TUPLES	16

/*
 * Classes are rebuilt so many times for each tuple, and so many times at most;
 * tuples are moved in between.
 */
#define STEPS			7
#define MOST_STEPS		INT64CONST(250000)
#define ROUNDS			4

/* Move tuples and rebuild classes for as long as it is worth it. */
static void
improve(LocalProblem *p)
{
	local_refine(p);
	for (int round = 0; round < ROUNDS; round++)
	{
		local_rebuild(p, Min((int64) p->ntuples * STEPS, MOST_STEPS) / ROUNDS);
		local_refine(p);
	}
}

/* So many near tuples of each: fewer where there are many, for the memory they take. */
static int
near_tuples(const LocalProblem *p)
{
	return Max(LEAST_NEAR_TUPLES, Min(NEAR_TUPLES, MOST_NEAR / Max(p->ntuples, 1)));
}

/* Records of classes that do not hold. */
static int64
failing_records(const LocalProblem *p)
{
	int64		records = 0;

	for (int32 c = 0; c < p->ntuples; c++)
		if (p->classes[c].ntuples > 0 && !p->classes[c].holds)
			records += p->classes[c].records;
	return records;
}

/* See local.h. */
LocalPartition *
local_recode(PathTable *table, Policy *policy, int64 limit)
{
	LocalProblem *p = local_problem_create(table, policy, limit);
	LocalPartition *result;
	const Solution *best;

	local_singletons(p);
	switch (policy->recoding.algorithm)
	{
		case LOCAL_MONDRIAN:
			local_mondrian(p);
			break;
		case LOCAL_ITERATED:
			local_iterate(p);
			local_agglomerate(p);
			break;
		case LOCAL_CLUSTER:
			local_iterate(p);
			local_find_nearest(p, near_tuples(p));
			local_agglomerate(p);
			if (failing_records(p) <= limit)
				improve(p);
			break;
	}
	result = local_result(p);

	/*
	 * Where merging what is near leads nowhere, a full-domain recoding may
	 * exist; and where it loses less, as models that few classes satisfy can
	 * make it do, it is the better one to begin with.
	 */
	if ((result->suppressed > limit || policy->recoding.algorithm == LOCAL_CLUSTER) &&
		local_best_node(p, &best) &&
		(result->suppressed > limit || best->evaluation.loss < result->loss))
	{
		local_singletons(p);
		local_take_node(p, &best->node);
		if (policy->recoding.algorithm == LOCAL_CLUSTER)
			improve(p);
		result = local_result(p);
	}
	if (result->suppressed > limit)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("no local recoding that satisfies the policy was found"),
				 errdetail(INT64_FORMAT " of " INT64_FORMAT
						   " records would have to be suppressed; the policy allows " INT64_FORMAT ".",
						   result->suppressed, table->records, limit),
				 errhint("Ask for less, allow more suppression, or raise \"max\" of a column.")));
	return result;
}
