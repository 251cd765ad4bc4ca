/*-------------------------------------------------------------------------
 *
 * search.c
 *		The exact search for the best score, for any combination of models.
 *
 * The score of a node is at least that of its levels without suppression, or
 * what the quality model knows to be less, and that bound grows with every
 * level.  So the nodes can be listed in the order
 * of their bounds without ever holding the whole lattice: each is made from
 * one predecessor only, by raising a column not before the last one raised.
 *
 * The bounds get better while the search goes on.  Rows that a node h must
 * suppress for reasons that generalization only weakens (too small a class)
 * are suppressed in every node below h as well.  Each evaluated node therefore
 * is a cut: it adds the cost of those rows to the bound of all nodes below it,
 * or excludes them where the rows exceed the limit.  To find cuts that exclude
 * much, the search walks from a candidate upward by the cheapest steps and
 * looks on that chain, by bisection, for the highest node that still excludes
 * the candidate.
 *
 * Models that score classes have weak bounds before classes are seen.  For
 * them each evaluated node is a floor as well: no node above it is better than
 * its score without suppression.
 *
 * Nodes are evaluated in the order of the improved bounds; when the smallest
 * bound left exceeds the score of the last solution wanted, nothing better can
 * exist, whatever the models.  Nothing here relies on a model being monotone;
 * what is monotone only makes the cuts.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "kiaim.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "anonymize/quality.h"
#include "anonymize/queue.h"
#include "anonymize/search.h"

/* With so many nodes waiting, a descent comes first. */
#define MANY_NODES	20000

/* An evaluated node that adds to the bounds below it. */
typedef struct Cut
{
	LatticeNode		node;
	double		weight;			/* for the order: infinite if it excludes */
	int64		records;
	double		below;			/* see Evaluation */
	double		cost[FLEXIBLE_ARRAY_MEMBER];
} Cut;

/* So many floors are kept. */
#define MAX_FLOORS	4096

/* An evaluated node that no node above is better than. */
typedef struct Floor
{
	LatticeNode node;
	double		score;
} Floor;

/* What is known of an evaluated node: its cut, even if it is of no use as one. */
typedef struct KnownNode
{
	LatticeNode node;
	const Cut  *cut;
	char		status;
} KnownNode;

#define SH_PREFIX		known
#define SH_ELEMENT_TYPE	KnownNode
#define SH_KEY_TYPE		LatticeNode
#define SH_KEY			node
#define SH_HASH_KEY(tb, key)	hash_bytes(key.level, MAX_QUASI)
#define SH_EQUAL(tb, a, b)		(memcmp(a.level, b.level, MAX_QUASI) == 0)
#define SH_SCOPE		static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"

typedef struct Search
{
	MemoryContext context;		/* of what is known */
	Evaluator  *evaluator;
	const Quality *quality;
	const PathTable *table;
	const Policy *policy;
	int			n;				/* columns */
	int			words;			/* of a node */
	int		  **next;			/* next[column][level]: the next level worth a look, or -1 */
	Queue		frontier;		/* made, successors not made yet; by the plain bound */
	Queue		pending;		/* to be evaluated; by the improved bound */
	known_hash *known;			/* evaluated nodes */
	Cut		  **cuts;			/* the useful ones by weight, largest first */
	int			ncuts;
	int			cuts_size;
	Floor	   *floors;			/* highest score first; NULL if the quality has none */
	int			nfloors;
	int			wanted;
	int			nsolutions;
	Solution   *solutions;
	int64		evaluated;
	TimestampTz deadline;
	bool		late;
} Search;

/* ---- bounds ---- */

/* The bound that lower bounds of the columns' shares give; INFINITY if it excludes the node. */
static double
bound_of(const Search *s, const LatticeNode *node, const double *shares, double below)
{
	if (s->nsolutions == s->wanted &&
		quality_beaten(s->quality, shares, &s->solutions[s->nsolutions - 1].evaluation))
		return INFINITY;
	return quality_bound(s->quality, node, shares, below);
}

/* The bound of the levels, without suppression. */
static double
plain_bound(const Search *s, const LatticeNode *node)
{
	double		shares[MAX_QUASI];

	for (int j = 0; j < s->n; j++)
		shares[j] = quality_share(s->quality, j, node->level[j]);
	return bound_of(s, node, shares, -INFINITY);
}

/* The same with the rows that a cut above the node suppresses. */
static double
bound_with(const Search *s, const LatticeNode *node, const Cut *cut)
{
	double		shares[MAX_QUASI];
	double		share = (double) cut->records / (double) s->table->records;

	for (int j = 0; j < s->n; j++)
	{
		int			level = node->level[j];

		/* a lower level costs these rows no more than the cut's own level did */
		double		rest = Max(cut->cost[j], share * quality_rest(s->quality, j, level));

		shares[j] = Min(quality_whole(s->quality, j), quality_share(s->quality, j, level) + rest);
	}
	return bound_of(s, node, shares, cut->below);
}

/* No node with a bound above this is of interest. */
static double
threshold(const Search *s)
{
	return s->nsolutions < s->wanted ? INFINITY :
		quality_limit(s->quality, &s->solutions[s->nsolutions - 1].evaluation);
}

/* The best bound that the floors give, for the node and all above it. */
static double
floor_bound(const Search *s, const LatticeNode *node, double bound)
{
	for (int i = 0; i < s->nfloors && s->floors[i].score > bound; i++)
		if (node_below(&s->floors[i].node, node, s->words))
			return s->floors[i].score;
	return bound;
}

/* The best bound that floors and cuts give; INFINITY if one of the cuts excludes the node. */
static double
improved_bound(const Search *s, const LatticeNode *node, double bound)
{
	double		limit = threshold(s);

	bound = floor_bound(s, node, bound);
	for (int i = 0; i < s->ncuts; i++)
	{
		const Cut  *cut = s->cuts[i];

		if (!node_below(node, &cut->node, s->words))
			continue;
		if (isinf(cut->weight))
			return INFINITY;
		bound = Max(bound, bound_with(s, node, cut));
		if (bound > limit)
			break;
	}
	return bound;
}

/* Use an evaluated node as a cut, and drop the cuts that it makes useless. */
static void
add_cut(Search *s, Cut *cut)
{
	int			at;
	int			kept = 0;

	if (cut->weight == 0 && isinf(cut->below))
		return;
	for (int i = 0; i < s->ncuts; i++)
	{
		Cut		   *other = s->cuts[i];

		if (!node_below(&other->node, &cut->node, s->words) ||
			!(isinf(cut->weight) ||
			  (other->records <= cut->records / 2 && other->below <= cut->below)))
			s->cuts[kept++] = other;
	}
	s->ncuts = kept;
	if (s->ncuts == s->cuts_size)
	{
		s->cuts_size *= 2;
		s->cuts = repalloc_huge(s->cuts, sizeof(Cut *) * s->cuts_size);
	}
	for (at = s->ncuts; at > 0 && s->cuts[at - 1]->weight < cut->weight; at--)
		s->cuts[at] = s->cuts[at - 1];
	s->cuts[at] = cut;
	s->ncuts++;
}

/* Use an evaluated node as a floor, unless it tells no more than its levels. */
static void
add_floor(Search *s, const LatticeNode *node, double score)
{
	int			at;

	if (s->floors == NULL || isinf(score) || score <= floor_bound(s, node, plain_bound(s, node)))
		return;
	for (at = s->nfloors; at > 0 && s->floors[at - 1].score < score; at--)
		;
	if (at == MAX_FLOORS)
		return;
	if (s->nfloors < MAX_FLOORS)
		s->nfloors++;
	memmove(s->floors + at + 1, s->floors + at, sizeof(Floor) * (s->nfloors - at - 1));
	s->floors[at].node = *node;
	s->floors[at].score = score;
}

/* ---- solutions ---- */

/* The order of solutions: score, suppressed records, sum of levels, levels. */
static int
compare_solutions(const Search *s, const Solution *a, const Solution *b)
{
	int			order = quality_compare(s->quality, &a->evaluation, &b->evaluation);
	int			sum = 0;

	if (order != 0)
		return order;
	if (a->evaluation.suppressed != b->evaluation.suppressed)
		return a->evaluation.suppressed < b->evaluation.suppressed ? -1 : 1;
	for (int j = 0; j < s->n; j++)
		sum += a->node.level[j] - b->node.level[j];
	if (sum != 0)
		return sum;
	return memcmp(a->node.level, b->node.level, s->n);
}

/* Evaluate a node, once; a feasible one may become a solution. */
static const Cut *
consider(Search *s, const LatticeNode *node)
{
	Evaluation	evaluation;
	Solution	solution;
	KnownNode  *known;
	Cut		   *cut;
	bool		found;
	int			at;

	known = known_insert(s->known, *node, &found);
	if (found)
		return known->cut;

	evaluate_node(s->evaluator, node, &evaluation);
	s->evaluated++;
	if (s->deadline != 0 && GetCurrentTimestamp() >= s->deadline)
		s->late = true;

	cut = MemoryContextAlloc(s->context, offsetof(Cut, cost) + sizeof(double) * s->n);
	cut->node = *node;
	cut->records = evaluation.bound_records;
	cut->below = evaluation.below;
	memcpy(cut->cost, evaluation.bound_cost, sizeof(double) * s->n);
	cut->weight = evaluation.hopeless ? INFINITY : (double) cut->records;
	known->cut = cut;
	add_cut(s, cut);
	add_floor(s, node, evaluation.floor);
	if (!evaluation.feasible)
		return cut;

	solution.node = *node;
	solution.evaluation = evaluation;
	for (at = s->nsolutions; at > 0; at--)
		if (compare_solutions(s, &s->solutions[at - 1], &solution) <= 0)
			break;
	if (at >= s->wanted)
		return cut;
	if (s->nsolutions < s->wanted)
		s->nsolutions++;
	memmove(s->solutions + at + 1, s->solutions + at,
			sizeof(Solution) * (s->nsolutions - at - 1));
	s->solutions[at] = solution;
	return cut;
}

/* ---- chains ---- */

/* Does a cut above the node exclude it? */
static bool
excludes(const Search *s, const LatticeNode *node, const Cut *cut)
{
	if (isinf(cut->weight))
		return true;
	return (cut->weight > 0 || !isinf(cut->below)) && bound_with(s, node, cut) > threshold(s);
}

/*
 * Walk upward from a node by the cheapest steps, and bisect for the highest
 * node of that chain that excludes it.  Returns true if one does.
 */
static bool
probe_chain(Search *s, const LatticeNode *node)
{
	LatticeNode *chain = palloc(sizeof(LatticeNode) * (s->n * MAX_LEVEL + 1));
	LatticeNode at = *node;
	int			n = 0;
	int			inside = -1;	/* nodes of the chain within the bound */
	int			low = -1;
	int			high;
	double		limit = threshold(s);

	for (;;)
	{
		int			best = -1;
		double		best_bound = INFINITY;

		for (int j = 0; j < s->n; j++)
		{
			int			level = at.level[j];
			double		bound;

			if (s->next[j][level] < 0)
				continue;
			at.level[j] = s->next[j][level];
			bound = plain_bound(s, &at);
			at.level[j] = level;
			if (bound < best_bound)
			{
				best_bound = bound;
				best = j;
			}
		}
		if (inside < 0 && (best < 0 || best_bound > limit))
			inside = n;
		if (best < 0)
			break;
		at.level[best] = s->next[best][at.level[best]];
		chain[n++] = at;
	}

	/*
	 * First the last node that could be better than the best solution known:
	 * mostly it is none, either.  Then a node beyond the bound can be the
	 * stronger cut: it has fewer classes, and more nodes lie below it.  low
	 * excludes (-1: none known), high does not.
	 */
	high = n;
	if (inside > 0)
	{
		if (excludes(s, node, consider(s, &chain[inside - 1])))
			low = inside - 1;
		else
			high = inside - 1;
	}
	else
		high = 0;
	while (high - low > 1 && !s->late)
	{
		int			middle = (low + high) / 2;

		if (excludes(s, node, consider(s, &chain[middle])))
			low = middle;
		else
			high = middle;
	}
	pfree(chain);
	return low >= 0;
}

/* ---- descent ---- */

/* Evaluate a neighbour of a solution, unless it cannot be better. */
static void
try_neighbour(Search *s, const LatticeNode *node)
{
	double		bound = plain_bound(s, node);

	if (!s->late && bound <= threshold(s) && improved_bound(s, node, bound) <= threshold(s))
		consider(s, node);
}

/* The next lower level worth a look, or -1. */
static int
level_below(const Search *s, int column, int level)
{
	for (int l = level - 1; l >= s->policy->quasi[column].min_level; l--)
		if (s->next[column][l] == level)
			return l;
	return -1;
}

/*
 * Improve the best solution by its neighbours, a column lower or a column
 * lower and another higher, until none is better.  Proves nothing, but in a
 * lattice too large to be searched it is what finds something good.
 */
static void
descend(Search *s)
{
	LatticeNode best;

	if (s->nsolutions == 0)
		return;
	do
	{
		LatticeNode node;

		best = node = s->solutions[0].node;
		for (int j = 0; j < s->n && !s->late; j++)
		{
			int			lower = level_below(s, j, best.level[j]);

			if (lower < 0)
				continue;
			node.level[j] = lower;
			try_neighbour(s, &node);
			for (int k = 0; k < s->n; k++)
			{
				int			higher = s->next[k][best.level[k]];

				if (k == j || higher < 0)
					continue;
				node.level[k] = higher;
				try_neighbour(s, &node);
				node.level[k] = best.level[k];
			}
			node.level[j] = best.level[j];
		}
	} while (!s->late && memcmp(s->solutions[0].node.level, best.level, s->n) != 0);
}

/* ---- the search ---- */

/* The levels worth a look. */
static void
prepare_levels(Search *s)
{
	s->next = palloc(sizeof(int *) * Max(s->n, 1));
	for (int j = 0; j < s->n; j++)
	{
		const PathColumn *column = &s->table->quasi[j];

		s->next[j] = palloc(sizeof(int) * (column->height + 1));
		for (int l = 0; l <= column->height; l++)
			s->next[j][l] = evaluator_next_level(s->evaluator, j, l);
	}
}

/* Make the successors of a node: raise a column not before the last one raised. */
static void
expand(Search *s, const LatticeNode *node)
{
	int			last = 0;
	double		bound;
	LatticeNode next = *node;

	for (int j = 0; j < s->n; j++)
		if (node->level[j] > s->policy->quasi[j].min_level)
			last = j;
	for (int j = last; j < s->n; j++)
	{
		int			level = s->next[j][node->level[j]];

		if (level < 0)
			continue;
		next.level[j] = level;
		bound = plain_bound(s, &next);
		if (bound <= threshold(s) && !isinf(bound))
			queue_push(&s->frontier, bound, &next);
		next.level[j] = node->level[j];
	}
}

/* See search.h. */
void
lattice_search(Evaluator *e, PathTable *table, const Policy *policy, int n,
			   TimestampTz deadline, SearchResult *result)
{
	Search	   *s = palloc0(sizeof(Search));
	Size		queue_limit = KIAIM_MAX_MEMORY_BYTES / 4;
	LatticeNode node;
	double		bound = 0;
	bool		stopped = false;
	bool		descended = false;

	s->evaluator = e;
	s->quality = evaluator_quality(e);
	s->table = table;
	s->policy = policy;
	s->n = table->nquasi;
	s->words = Max((s->n + 7) / 8, 1);
	s->wanted = n;
	s->solutions = palloc0(sizeof(Solution) * (n + 1));
	s->deadline = deadline;
	s->context = AllocSetContextCreate(CurrentMemoryContext, "kiaim search",
									   ALLOCSET_DEFAULT_SIZES);
	s->known = known_create(s->context, 256, NULL);
	s->cuts_size = 64;
	s->cuts = palloc(sizeof(Cut *) * s->cuts_size);
	if (quality_has_floor(s->quality))
		s->floors = palloc(sizeof(Floor) * MAX_FLOORS);
	prepare_levels(s);
	queue_init(&s->frontier, s->words, &table->memory);
	queue_init(&s->pending, s->words, &table->memory);

	/* the top first: if it excludes everything below, there is no solution */
	memset(&node, 0, sizeof(node));
	for (int j = 0; j < s->n; j++)
	{
		node.level[j] = policy->quasi[j].min_level;
		while (s->next[j][node.level[j]] >= 0)
			node.level[j] = s->next[j][node.level[j]];
	}
	consider(s, &node);

	for (int j = 0; j < s->n; j++)
		node.level[j] = policy->quasi[j].min_level;
	queue_push(&s->frontier, plain_bound(s, &node), &node);

	while (!s->late)
	{
		double		made = queue_bound(&s->frontier);
		double		best = queue_bound(&s->pending);
		double		limit = threshold(s);

		bound = Min(made, best);
		if (bound > limit || isinf(bound))
			break;
		/* where evaluated nodes are floors, they come first */
		if (made < best || (made == best && s->floors == NULL))
		{
			made = queue_pop(&s->frontier, &node);
			if (floor_bound(s, &node, made) > limit)
				continue;
			expand(s, &node);
			best = improved_bound(s, &node, made);
			if (best <= limit && !isinf(best))
				queue_push(&s->pending, best, &node);
			if (!descended && s->frontier.n + s->pending.n > MANY_NODES)
			{
				/* a good solution soon keeps the queues short */
				descend(s);
				descended = true;
			}
			if ((s->frontier.size + s->pending.size) * s->frontier.item +
				MemoryContextMemAllocated(s->context, false) > queue_limit)
			{
				descend(s);
				stopped = true;
				break;
			}
			if ((s->frontier.n & 0xFFF) == 0)
			{
				CHECK_FOR_INTERRUPTS();
				if (deadline != 0 && GetCurrentTimestamp() >= deadline)
					s->late = true;
			}
			continue;
		}

		best = queue_pop(&s->pending, &node);
		bound = improved_bound(s, &node, best);
		if (bound > limit || isinf(bound))
			continue;
		if (bound > best && bound > Min(queue_bound(&s->pending), queue_bound(&s->frontier)))
		{
			queue_push(&s->pending, bound, &node);
			continue;
		}
		if (known_lookup(s->known, node) != NULL)
			continue;
		if (!probe_chain(s, &node) && !s->late)
			consider(s, &node);
	}

	/* if it stopped early, the candidate at hand may not be settled either */
	stopped = stopped || s->late;
	result->n = s->nsolutions;
	result->solutions = s->solutions;
	result->bound = Min(queue_bound(&s->frontier), queue_bound(&s->pending));
	if (stopped)
		result->bound = Min(result->bound, bound);
	result->evaluated = s->evaluated;
	result->complete = !stopped || result->bound > threshold(s);
}
