/*-------------------------------------------------------------------------
 *
 * frontier_explore.c
 *		The best releases of a lattice too large to be walked.
 *
 * It begins with the plan for each k.  From each release found the search looks
 * at its neighbours: one column one level lower or higher.  What none at hand is as good as is looked around in
 * turn.  The releases of the least loss for each k take turns with others
 * chosen at random, from a fixed seed: the same data gives the same answer as
 * long as the time does not end it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "anonymize/frontier.h"

/* Work that ends it: tuples read, and what a node costs besides; half of it for the plans. */
#define WORK_LIMIT		INT64CONST(2000000000)
#define WORK_OF_NODE	10000

#define SH_PREFIX		seen
#define SH_ELEMENT_TYPE	SeenNode
#define SH_KEY_TYPE		LatticeNode
#define SH_KEY			node
#define SH_HASH_KEY(tb, key)	hash_bytes(key.level, MAX_QUASI)
#define SH_EQUAL(tb, a, b)		(memcmp(a.level, b.level, MAX_QUASI) == 0)
#define SH_SCOPE		static inline
#define SH_DEFINE
#define SH_DECLARE

typedef struct SeenNode
{
	LatticeNode node;
	char		status;
} SeenNode;

#include "lib/simplehash.h"

typedef struct Explorer
{
	Frontier   *frontier;
	seen_hash  *seen;
	uint64		random;
} Explorer;

/* A pseudo-random number below n: splitmix64. */
static int64
random_below(Explorer *x, int64 n)
{
	uint64		z = (x->random += UINT64CONST(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64CONST(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64CONST(0x94D049BB133111EB);
	return (int64) ((z ^ (z >> 31)) % (uint64) n);
}

/* Has the work or the time ended? */
static bool
ended(const Frontier *f)
{
	return f->late || evaluator_scanned(f->evaluator) + f->evaluated * WORK_OF_NODE > WORK_LIMIT;
}

/* Evaluate a node, once. */
static void
look_at(Explorer *x, const LatticeNode *node)
{
	Frontier   *f = x->frontier;
	bool		found;

	if (ended(f))
		return;
	seen_insert(x->seen, *node, &found);
	if (found)
		return;
	evaluator_group(f->evaluator, node, NULL);
	frontier_judge(f, node, NULL);
}

/* Look at the neighbours of a node. */
static void
look_around(Explorer *x, LatticeNode node)
{
	Frontier   *f = x->frontier;

	for (int j = 0; j < f->policy->nquasi; j++)
	{
		int			level = node.level[j];
		int			next = evaluator_next_level(f->evaluator, j, level);

		/* down first: coarse nodes are cheap sources, but fine ones are what is wanted */
		for (int l = f->policy->quasi[j].min_level; l < level; l++)
			if (evaluator_next_level(f->evaluator, j, l) == level)
			{
				node.level[j] = l;
				look_at(x, &node);
				break;
			}
		if (next >= 0)
		{
			node.level[j] = next;
			look_at(x, &node);
		}
		node.level[j] = level;
	}
}

/* Begin with the best plan for each k that a share of the work or the time finds. */
static void
look_at_plans(Explorer *x)
{
	Frontier   *f = x->frontier;
	MemoryContext plans = AllocSetContextCreate(CurrentMemoryContext, "kiaim plans",
												ALLOCSET_DEFAULT_SIZES);

	for (int i = 0; i < f->nk && !f->late; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(plans);
		TimestampTz now = GetCurrentTimestamp();
		SearchResult found;
		LatticeNode node;

		evaluator_require_k(f->evaluator, f->k[i]);
		lattice_search(f->evaluator, f->table, f->policy, 1,
					   f->deadline == 0 ? 0 : now + Max((f->deadline - now) / 2 / (f->nk - i), 1),
					   WORK_LIMIT / 2 / f->nk, &found);
		if (found.n > 0)
			node = found.solutions[0]->node;
		MemoryContextSwitchTo(old);
		MemoryContextReset(plans);
		if (found.n > 0)
			look_at(x, &node);
	}
	MemoryContextDelete(plans);
}

/* The release of the least loss with that k not yet looked around, or -1. */
static int64
least_loss(const Frontier *f, int k)
{
	for (int64 i = 0; i < f->pareto.n; i++)
		if (f->pareto.points[i].smallest >= k && !f->pareto.points[i].explored)
			return i;
	return -1;
}

/* One not yet looked around, at random, or -1. */
static int64
any_other(Explorer *x)
{
	const Pareto *p = &x->frontier->pareto;
	int64		from = p->n > 0 ? random_below(x, p->n) : 0;

	for (int64 i = 0; i < p->n; i++)
		if (!p->points[(from + i) % p->n].explored)
			return (from + i) % p->n;
	return -1;
}

/* See frontier.h. */
void
frontier_explore(Frontier *f)
{
	Explorer	x = {f};
	LatticeNode node;
	int			turn = 0;
	int			misses = 0;

	x.seen = seen_create(CurrentMemoryContext, 1024, NULL);
	x.random = 1;
	memset(&node, 0, sizeof(node));
	for (int j = 0; j < f->policy->nquasi; j++)
	{
		int			level = f->policy->quasi[j].min_level;

		for (; level >= 0; level = evaluator_next_level(f->evaluator, j, level))
			node.level[j] = level;
	}
	/* the top even if there is no time: it is the one that most likely may be released */
	seen_insert(x.seen, node, &(bool) {false});
	evaluator_group(f->evaluator, &node, NULL);
	frontier_judge(f, &node, NULL);
	look_at_plans(&x);

	while (misses <= f->nk && !ended(f))
	{
		int64		at = turn < f->nk ? least_loss(f, f->k[turn]) : any_other(&x);

		turn = (turn + 1) % (f->nk + 1);
		if (at < 0)
		{
			misses++;
			continue;
		}
		misses = 0;
		f->pareto.points[at].explored = true;
		look_around(&x, f->pareto.points[at].node);
	}
}
