/*-------------------------------------------------------------------------
 *
 * search_descent.c
 *		Good solutions soon, where a lattice is too large to be searched.
 *
 * A descent goes from a solution to better neighbours until there is none.  A
 * restart goes back up at random and descends again; where it ends is kept if
 * it is better.  Random numbers come from a fixed seed.  Neighbours that a
 * bound or a cut excludes are not evaluated: the longer the search, the more
 * of them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "anonymize/search_internal.h"

/* A pseudo-random number below n: splitmix64. */
static int
random_below(Search *s, int n)
{
	uint64		z = (s->random += UINT64CONST(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64CONST(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64CONST(0x94D049BB133111EB);
	return (int) ((z ^ (z >> 31)) % (uint64) n);
}

/* The loss of a node if it is feasible and below a limit, else INFINITY. */
static double
loss_below(Search *s, const LatticeNode *node, double limit)
{
	const KnownNode *known = known_lookup(s->known, *node);
	double		bound;

	if (known != NULL)
		return known->loss;
	bound = search_plain_bound(s, node);
	s->looked += (int64) s->ncuts * s->words / 4;
	if (s->late || bound >= limit || search_improved_bound(s, node, bound) >= limit)
		return INFINITY;
	return search_consider(s, node)->loss;
}

/* Go to a neighbour if it is better: false if it is not. */
static bool
step(Search *s, LatticeNode *at, double *loss, const LatticeNode *to)
{
	double		there = loss_below(s, to, *loss - LOSS_UNIT);

	if (there >= *loss - LOSS_UNIT)
		return false;
	*at = *to;
	*loss = there;
	return true;
}

/*
 * From a node to better neighbours until there is none: a column lower, or a
 * column lower and another higher.  Columns take turns in random order.
 */
static void
descend_from(Search *s, LatticeNode *at, double *loss)
{
	int			order[MAX_QUASI];
	int			failed = 0;		/* columns in a row */
	int			turn = 0;

	for (int j = 0; j < s->n; j++)
	{
		int			k = random_below(s, j + 1);

		order[j] = order[k];
		order[k] = j;
	}
	while (failed < s->n && !s->late)
	{
		int			j = order[turn];
		int			lower = search_level_below(s, j, at->level[j]);
		LatticeNode to = *at;
		bool		moved = false;

		turn = (turn + 1) % s->n;
		failed++;
		if (lower < 0)
			continue;
		to.level[j] = lower;
		moved = step(s, at, loss, &to);
		for (int i = 0; i < s->n && !moved; i++)
		{
			int			k = order[i];
			int			higher = s->next[k][at->level[k]];

			if (k == j || higher < 0)
				continue;
			to.level[k] = higher;
			moved = step(s, at, loss, &to);
			to.level[k] = at->level[k];
		}
		if (moved)
			failed = 0;
	}
}

/* See search_internal.h. */
void
search_descend(Search *s)
{
	LatticeNode at;
	double		loss;

	if (s->nsolutions == 0)
		return;
	at = s->solutions[0]->node;
	loss = s->solutions[0]->evaluation.loss;
	descend_from(s, &at, &loss);
}

/* See search_internal.h. */
void
search_restart(Search *s, int64 work)
{
	int64		end = evaluator_scanned(s->evaluator) + s->evaluated + work;
	int			idle = 0;

	while (s->nsolutions > 0 && s->n > 0 && idle < 100 && !search_is_late(s) &&
		   evaluator_scanned(s->evaluator) + s->evaluated < end)
	{
		int64		before = s->evaluated;
		LatticeNode at = s->solutions[0]->node;
		int			raised = 1 + random_below(s, Min(s->n, 6));
		double		loss;

		for (int i = 0; i < raised; i++)
		{
			int			j = random_below(s, s->n);
			int			steps = 1 + random_below(s, 4);

			while (steps-- > 0 && s->next[j][at.level[j]] >= 0)
				at.level[j] = s->next[j][at.level[j]];
		}
		loss = loss_below(s, &at, INFINITY);
		if (!isinf(loss))
			descend_from(s, &at, &loss);
		idle = s->evaluated == before ? idle + 1 : 0;
	}
}
