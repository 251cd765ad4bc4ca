/*-------------------------------------------------------------------------
 *
 * local.c
 *		Local recoding from a table and a policy to classes: which partitions
 *		are tried, and which of them is the best.
 *
 * The algorithms make classes that hold one by one, at little loss.  What is
 * required of all classes together depends on their sizes: the smallest ones
 * are suppressed for it, or all are asked to be larger than the policy says,
 * whichever costs less.  Every partition on the way is scored by the quality
 * that the policy asks for, and the best of them is taken.
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

/* How often the share of records that may be alone is halved. */
#define UNIQUES_STEPS	6

/* What was tried. */
typedef struct Trial
{
	LocalProblem *p;
	LocalPartition *best;
	bool		spared;			/* the last one needed no suppression for the sake of all classes */
} Trial;

/* Can a result be released? */
static bool
feasible(const LocalProblem *p, const LocalPartition *result)
{
	return result->holds && result->suppressed <= p->limit;
}

/* Is a result better than another? */
static bool
better(const LocalProblem *p, const LocalPartition *a, const LocalPartition *b)
{
	if (feasible(p, a) != feasible(p, b))
		return feasible(p, a);
	if (!feasible(p, a))
		return a->holds != b->holds ? a->holds : a->suppressed < b->suppressed;
	if (a->loss < b->loss - LOSS_UNIT || a->loss > b->loss + LOSS_UNIT)
		return a->loss < b->loss;
	return a->suppressed < b->suppressed;
}

/* Score the partition at hand, and keep its result if it is the best so far; false if it is not. */
static bool
consider(Trial *t)
{
	LocalProblem *p = t->p;
	int32	   *class_of = local_save(p);
	LocalPartition *result = local_result(p);
	bool		best = t->best == NULL || better(p, result, t->best);

	local_restore(p, class_of);
	frame_release(p->memory, class_of, Max(p->ntuples, 1), sizeof(int32));
	t->spared = result->spared && feasible(p, result);
	if (best && t->best != NULL)
		local_result_free(p, t->best);
	if (best)
		t->best = result;
	else
		local_result_free(p, result);
	return best;
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

/* Move tuples and rebuild classes for as long as it is worth it. */
static void
improve(Trial *t)
{
	LocalProblem *p = t->p;

	if (failing_records(p) <= p->limit)
	{
		local_refine(p);
		for (int round = 0; round < ROUNDS; round++)
		{
			local_rebuild(p, Min((int64) p->ntuples * STEPS, MOST_STEPS) / ROUNDS);
			local_refine(p);
		}
	}
	(void) consider(t);
}

/* So many near tuples of each: fewer where there are many, for the memory they take. */
static int
near_tuples(const LocalProblem *p)
{
	return Max(LEAST_NEAR_TUPLES, Min(NEAR_TUPLES, MOST_NEAR / Max(p->ntuples, 1)));
}

/* Try the classes of strict Mondrian. */
static bool
try_mondrian(Trial *t)
{
	local_singletons(t->p);
	local_mondrian(t->p);
	return consider(t);
}

/*
 * Try what one node after the other releases, the rest merged with what is
 * nearest of all.
 */
static bool
try_iterated(Trial *t)
{
	local_singletons(t->p);
	local_iterate(t->p);
	local_agglomerate(t->p);
	return consider(t);
}

/* Try the best full-domain recoding; false if it is not better than the others. */
static bool
try_node(Trial *t)
{
	const Solution *best;

	if (!local_best_node(t->p, &best))
		return false;
	local_singletons(t->p);
	local_take_node(t->p, &best->node);
	return consider(t);
}

/* Merge classes until the mean that a requirement limits is at most so much of the records that are released. */
static void
lower_risk(LocalProblem *p, const TableRequirement *r, double share)
{
	local_lower_risk(p, r, share * (double) (p->table->records - failing_records(p)));
}

/*
 * Merge classes of the partition at hand until the requirements on all of them
 * hold, as far as merges can do it.
 */
static void
merge_for_all(Trial *t)
{
	LocalProblem *p = t->p;

	for (int i = 0; i < p->policy->ntable; i++)
	{
		const TableRequirement *r = &p->policy->table[i];
		int32	   *class_of;
		double		low = 0;	/* does it */
		double		high = 1;

		if (r->model->risk != NULL)
		{
			lower_risk(p, r, r->wanted);
			continue;
		}
		/* how many records may be alone for the sake of an estimate is found by halving */
		class_of = local_save(p);
		for (int step = 0; step < UNIQUES_STEPS; step++)
		{
			double		middle = low + (high - low) / 2;

			lower_risk(p, r, middle);
			(void) consider(t);
			if (t->spared)
				low = middle;
			else
				high = middle;
			local_restore(p, class_of);
		}
		lower_risk(p, r, low);
		frame_release(p->memory, class_of, Max(p->ntuples, 1), sizeof(int32));
	}
}

/*
 * Try larger classes, until the requirements on all of them hold without
 * suppression: from the smallest size that does it, found by halving.  The
 * partition at hand is the last one then; true if one was the best so far.
 */
static bool
try_larger(Trial *t, bool (*try) (Trial *t))
{
	LocalProblem *p = t->p;
	int64		own = p->least_size;
	int64		low = own;		/* does not do it */
	int64		high = Max(local_table_safe_size(p->policy), own);
	bool		tried = false;
	bool		best = false;

	while (high - low > 1 || !tried)
	{
		p->least_size = high - low > 1 ? low + (high - low) / 2 : high;
		best = try(t) || best;
		if (p->least_size == high)
			break;
		if (t->spared)
		{
			high = p->least_size;
			tried = true;
		}
		else
			low = p->least_size;
	}
	p->least_size = high;
	(void) try(t);
	p->least_size = own;
	return best;
}

/*
 * Try everything: improve the classes of the iterated optima, and those of
 * whatever turns out to be better than the result, as models that few classes
 * satisfy can make it.
 */
static void
try_cluster(Trial *t)
{
	LocalProblem *p = t->p;
	int32	   *class_of;
	bool		table = p->policy->ntable > 0;
	bool		larger;
	bool		gains;

	local_singletons(p);
	local_iterate(p);
	class_of = local_save(p);
	local_agglomerate(p);
	(void) consider(t);
	larger = table && !t->spared && try_larger(t, try_iterated);
	local_find_nearest(p, near_tuples(p));
	if (larger)
		improve(t);
	local_restore(p, class_of);
	frame_release(p->memory, class_of, Max(p->ntuples, 1), sizeof(int32));
	local_agglomerate(p);
	(void) consider(t);
	if (table && !t->spared)
	{
		merge_for_all(t);
		(void) consider(t);
	}
	improve(t);
	gains = try_mondrian(t);
	if (table && !t->spared)
		gains = try_larger(t, try_mondrian) || gains;
	if (gains)
		improve(t);
	if (try_node(t))
		improve(t);
}

/* See local.h. */
LocalPartition *
local_recode(PathTable *table, Policy *policy, int64 limit)
{
	LocalProblem *p = local_problem_create(table, policy, limit);
	Trial		t = {.p = p};
	bool		(*try) (Trial *t) = policy->recoding.algorithm == LOCAL_MONDRIAN ? try_mondrian
		: try_iterated;

	p->guarded = policy->ntable > 0;
	if (policy->recoding.algorithm == LOCAL_CLUSTER)
		try_cluster(&t);
	else
	{
		(void) try(&t);
		if (policy->ntable > 0 && !t.spared)
			(void) try_larger(&t, try);
	}
	/* where merging what is near leads nowhere, a full-domain recoding may exist */
	if (!feasible(p, t.best))
		(void) try_node(&t);
	if (!feasible(p, t.best))
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("no local recoding that satisfies the policy was found"),
				 t.best->holds ?
				 errdetail(INT64_FORMAT " of " INT64_FORMAT
						   " records would have to be suppressed; the policy allows " INT64_FORMAT ".",
						   t.best->suppressed, table->records, limit) :
				 errdetail("What it requires of all classes together needs more suppression than the "
						   INT64_FORMAT " records that it allows.", limit),
				 errhint("Ask for less, allow more suppression, or raise \"max\" of a column.")));
	return t.best;
}
