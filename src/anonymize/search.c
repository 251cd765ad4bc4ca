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

#include "kiaim.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "anonymize/search_internal.h"

/* With so many nodes waiting, the lattice is searched by boxes. */
#define MANY_NODES	5000

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

/* See search_internal.h. */
const KnownNode *
search_consider(Search *s, const LatticeNode *node)
{
	Evaluation	evaluation;
	Solution	solution;
	Solution   *last;
	KnownNode  *known;
	Cut		   *cut;
	bool		found;
	int			at;

	known = known_insert(s->known, *node, &found);
	if (found)
		return known;

	evaluate_node(s->evaluator, node, &evaluation);
	s->evaluated++;
	(void) search_is_late(s);

	cut = MemoryContextAlloc(s->context, offsetof(Cut, cost) + sizeof(double) * s->n);
	cut->node = *node;
	cut->records = evaluation.bound_records;
	cut->below = evaluation.below;
	memcpy(cut->cost, evaluation.bound_cost, sizeof(double) * s->n);
	cut->weight = evaluation.hopeless ? INFINITY : (double) cut->records;
	known->cut = cut;
	known->loss = evaluation.feasible ? evaluation.loss : INFINITY;
	search_add_cut(s, cut);
	search_add_floor(s, node, evaluation.floor);
	if (!evaluation.feasible)
		return known;

	solution.node = *node;
	solution.evaluation = evaluation;
	for (at = s->nsolutions; at > 0; at--)
		if (compare_solutions(s, s->solutions[at - 1], &solution) <= 0)
			break;
	if (at >= s->wanted)
		return known;
	/* the one that falls out, if there is one, makes room */
	if (s->nsolutions < s->wanted)
		s->solutions[s->nsolutions++] = MemoryContextAlloc(s->context, sizeof(Solution));
	last = s->solutions[s->nsolutions - 1];
	memmove(s->solutions + at + 1, s->solutions + at,
			sizeof(Solution *) * (s->nsolutions - at - 1));
	*last = solution;
	s->solutions[at] = last;
	return known;
}

/* ---- chains ---- */

/* Does a cut above the node exclude it? */
static bool
excludes(const Search *s, const LatticeNode *node, const Cut *cut)
{
	if (isinf(cut->weight))
		return true;
	return (cut->weight > 0 || !isinf(cut->below)) && search_bound_with(s, node, cut) > search_threshold(s);
}

/* See search_internal.h. */
bool
search_probe(Search *s, const LatticeNode *node, const LatticeNode *within)
{
	LatticeNode *chain = palloc(sizeof(LatticeNode) * (s->n * MAX_LEVEL + 1));
	LatticeNode at = *node;
	int			n = 0;
	int			inside = -1;	/* nodes of the chain within the bound */
	int			low = -1;
	int			high;
	double		limit = search_threshold(s);

	for (;;)
	{
		int			best = -1;
		double		best_bound = INFINITY;
		bool		best_beyond = true;

		for (int j = 0; j < s->n; j++)
		{
			int			level = at.level[j];
			bool		beyond = within != NULL && s->next[j][level] > within->level[j];
			double		bound;

			if (s->next[j][level] < 0)
				continue;
			at.level[j] = s->next[j][level];
			bound = search_plain_bound(s, &at);
			at.level[j] = level;
			if (best < 0 || beyond < best_beyond || (beyond == best_beyond && bound < best_bound))
			{
				best_bound = bound;
				best_beyond = beyond;
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
		if (excludes(s, node, search_consider(s, &chain[inside - 1])->cut))
			low = inside - 1;
		else
			high = inside - 1;
	}
	else
		high = 0;
	while (high - low > 1 && !s->late)
	{
		int			middle = (low + high) / 2;

		if (excludes(s, node, search_consider(s, &chain[middle])->cut))
			low = middle;
		else
			high = middle;
	}
	pfree(chain);
	return low >= 0;
}

/* ---- the search ---- */

/* See search_internal.h. */
bool
search_is_late(Search *s)
{
	CHECK_FOR_INTERRUPTS();
	if (s->deadline != 0 && !s->late && GetCurrentTimestamp() >= s->deadline)
		s->late = true;
	return s->late;
}

/* See search_internal.h. */
int
search_level_below(const Search *s, int column, int level)
{
	/* upward: of levels that change nothing only the lowest is used */
	for (int l = s->policy->quasi[column].min_level; l < level; l++)
		if (s->next[column][l] == level)
			return l;
	return -1;
}

/* Queue a node. */
static void
push_node(Search *s, Queue *queue, double bound, const LatticeNode *node)
{
	int			sum = 0;

	for (int j = 0; j < s->n; j++)
		sum += node->level[j];
	queue_push(queue, bound, sum, node);
}

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
		bound = search_plain_bound(s, &next);
		if (bound <= search_threshold(s) && !isinf(bound))
			push_node(s, &s->frontier, bound, &next);
		next.level[j] = node->level[j];
	}
}

/* See search.h. */
void
lattice_search(Evaluator *e, PathTable *table, const Policy *policy, int n,
			   TimestampTz deadline, int64 work, SearchResult *result)
{
	Search	   *s = palloc0(sizeof(Search));
	LatticeNode node;
	double		bound = 0;
	bool		boxes = false;
	bool		complete = false;

	s->evaluator = e;
	s->quality = evaluator_quality(e);
	s->columns = quality_columns(s->quality);
	s->ranked = quality_is_ranked(s->quality);
	s->table = table;
	s->memory = &table->memory;
	s->random = 1;
	s->policy = policy;
	s->n = table->nquasi;
	s->words = Max((s->n + 7) / 8, 1);
	s->wanted = n;
	s->solutions = palloc0(sizeof(Solution *) * (n + 1));
	s->deadline = deadline;
	s->work = evaluator_scanned(e) + work;
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
	search_consider(s, &node);

	for (int j = 0; j < s->n; j++)
		node.level[j] = policy->quasi[j].min_level;
	push_node(s, &s->frontier, search_plain_bound(s, &node), &node);

	while (!s->late)
	{
		double		made = queue_bound(&s->frontier);
		double		best = queue_bound(&s->pending);
		double		limit = search_threshold(s);

		bound = Min(made, best);
		if (bound > limit || isinf(bound))
			break;
		/* where evaluated nodes are floors, they come first */
		if (made < best || (made == best && s->floors == NULL))
		{
			made = queue_pop(&s->frontier, &node);
			if (search_floor_bound(s, &node, made) > limit)
				continue;
			expand(s, &node);
			best = search_improved_bound(s, &node, made);
			if (best <= limit && !isinf(best))
				push_node(s, &s->pending, best, &node);
			if (s->frontier.n + s->pending.n > MANY_NODES)
			{
				double		found = search_boxes(s, &complete);

				bound = Max(bound, found);
				boxes = true;
				break;
			}
			if ((s->frontier.n & 0xFFF) == 0)
				(void) search_is_late(s);
			continue;
		}

		best = queue_pop(&s->pending, &node);
		bound = search_improved_bound(s, &node, best);
		if (bound > limit || isinf(bound))
			continue;
		if (bound > best && bound > Min(queue_bound(&s->pending), queue_bound(&s->frontier)))
		{
			push_node(s, &s->pending, bound, &node);
			continue;
		}
		if (known_lookup(s->known, node) != NULL)
			continue;
		if (!search_probe(s, &node, NULL) && !s->late)
			search_consider(s, &node);
	}

	/* if it stopped early, the candidate at hand may not be settled either */
	if (!boxes)
	{
		complete = !s->late;
		if (complete)
			bound = INFINITY;
		bound = Min(bound, Min(queue_bound(&s->frontier), queue_bound(&s->pending)));
	}
	queue_free(&s->frontier);
	queue_free(&s->pending);
	result->n = s->nsolutions;
	result->solutions = s->solutions;
	result->bound = bound;
	result->evaluated = s->evaluated;
	result->complete = complete || bound > search_threshold(s);
}
