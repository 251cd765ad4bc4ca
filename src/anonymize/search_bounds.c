/*-------------------------------------------------------------------------
 *
 * search_bounds.c
 *		What evaluated nodes tell of those that are not: see search.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "anonymize/search_internal.h"

/* See search_internal.h. */
double
search_bound_of(const Search *s, const LatticeNode *node, const double *shares, double below)
{
	if (s->ranked && s->nsolutions == s->wanted &&
		quality_beaten(s->quality, shares, &s->solutions[s->nsolutions - 1]->evaluation))
		return INFINITY;
	return quality_bound(s->quality, node, shares, below);
}

/* See search_internal.h. */
double
search_plain_bound(const Search *s, const LatticeNode *node)
{
	double		shares[MAX_QUASI];

	for (int j = 0; j < s->n; j++)
		shares[j] = s->columns[j].share[node->level[j]];
	return search_bound_of(s, node, shares, -INFINITY);
}

/* See search_internal.h. */
double
search_bound_with(const Search *s, const LatticeNode *node, const Cut *cut)
{
	double		shares[MAX_QUASI];
	double		share = (double) cut->records / (double) s->table->records;

	for (int j = 0; j < s->n; j++)
	{
		int			level = node->level[j];

		/* a lower level costs these rows no more than the cut's own level did */
		double		rest = Max(cut->cost[j], share * s->columns[j].rest[level]);

		shares[j] = Min(s->columns[j].whole, s->columns[j].share[level] + rest);
	}
	return search_bound_of(s, node, shares, cut->below);
}

/* See search_internal.h. */
double
search_threshold(const Search *s)
{
	return s->nsolutions < s->wanted ? INFINITY :
		quality_limit(s->quality, &s->solutions[s->nsolutions - 1]->evaluation);
}

/* See search_internal.h. */
double
search_floor_bound(const Search *s, const LatticeNode *node, double bound)
{
	for (int i = 0; i < s->nfloors && s->floors[i].score > bound; i++)
		if (node_below(&s->floors[i].node, node, s->words))
			return s->floors[i].score;
	return bound;
}

/* See search_internal.h. */
double
search_improved_bound(const Search *s, const LatticeNode *node, double bound)
{
	double		limit = search_threshold(s);

	bound = search_floor_bound(s, node, bound);
	for (int i = 0; i < s->ncuts; i++)
	{
		const Cut  *cut = s->cuts[i];

		if (!node_below(node, &cut->node, s->words))
			continue;
		if (isinf(cut->weight))
			return INFINITY;
		bound = Max(bound, search_bound_with(s, node, cut));
		if (bound > limit)
			break;
	}
	return bound;
}

/* See search_internal.h. */
void
search_add_cut(Search *s, Cut *cut)
{
	int			at;
	int			kept = 0;

	if (cut->weight == 0 && isinf(cut->below))
		return;
	s->looked += (int64) s->ncuts * s->words / 4;
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

/* See search_internal.h. */
void
search_add_floor(Search *s, const LatticeNode *node, double score)
{
	int			at;

	if (s->floors == NULL || isinf(score) || score <= search_floor_bound(s, node, search_plain_bound(s, node)))
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
