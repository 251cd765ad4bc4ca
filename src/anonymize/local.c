/*-------------------------------------------------------------------------
 *
 * local.c
 *		Local recoding from a table and a policy to classes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "anonymize/local_internal.h"

/* So many near tuples of each are looked at. */
#define NEAR_TUPLES		64

/*
 * Classes are rebuilt so many times for each tuple, and so many times at most;
 * tuples are moved in between.
 */
#define STEPS			7
#define MOST_STEPS		INT64CONST(1000000)
#define ROUNDS			4

/* See local.h. */
LocalPartition *
local_recode(PathTable *table, Policy *policy, int64 limit)
{
	LocalProblem *p = local_problem_create(table, policy, limit);
	LocalPartition *result;

	local_singletons(p);
	local_find_nearest(p, NEAR_TUPLES);
	local_agglomerate(p);
	local_refine(p);
	for (int round = 0; round < ROUNDS; round++)
	{
		local_rebuild(p, Min((int64) p->ntuples * STEPS, MOST_STEPS) / ROUNDS);
		local_refine(p);
	}
	result = local_result(p);
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
