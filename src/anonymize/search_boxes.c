/*-------------------------------------------------------------------------
 *
 * search_boxes.c
 *		The exact search in lattices too large for their nodes to be listed.
 *
 * A box is all nodes between a lowest and a highest one.  An evaluated node
 * that excludes all below it (a cut) leaves of a box only what is above the
 * cut in some column: so a box is split along a cut into one box for each
 * column that can still rise above it, the columns before it held down.  Boxes
 * have no node in common, and none is looked at that a cut excludes; what an
 * enumeration finds node by node, level by level, is one jump here.
 *
 * The bound of a box is that of its lowest node, and more: each cut above that
 * node must be left by some column, at a price.  Prices are shared out among
 * the cuts so that no column is charged more than it costs (the dual of the
 * linear program that covers all cuts); what they add up to no node of the box
 * can avoid.  A cut that one column alone can leave raises that column.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "kiaim.h"
#include "utils/memutils.h"

#include "anonymize/search_internal.h"

/* One part in so many of the work is for better solutions. */
#define RESTART_SHARE		3

/* Cuts that are shared out in one bound at most, or compared where they cannot be. */
#define MAX_SHARED			256
#define MAX_DEAREST			16

/* All nodes from low to high. */
typedef struct Box
{
	LatticeNode low;
	LatticeNode high;
} Box;

typedef struct BoxSearch
{
	Search	   *search;
	int			n;
	Queue		queue;
	bool		priced;			/* prices of levels add up to the bound of a node */
	double		price[MAX_QUASI][MAX_LEVEL + 1];
	int64		work;			/* tuples, and cuts looked at */
	/* of the bound being made: cuts to be left, and the columns that can leave them */
	int			nshared;
	const Cut  *shared[MAX_SHARED];
	int			exits[MAX_SHARED];
	double		left[MAX_QUASI][MAX_LEVEL + 1]; /* of the price, not shared out yet */
} BoxSearch;

/* ---- bounds ---- */

/* Does no node of interest lie between the lowest node of a box and a cut above it? */
static bool
cut_excludes(const Search *s, const LatticeNode *low, const Cut *cut)
{
	double		shares[MAX_QUASI];

	if (isinf(cut->weight))
		return true;
	/* what else may be known of the lowest node need not be true of those above */
	if (s->nsolutions < s->wanted || quality_has_floor(s->quality))
		return false;
	for (int j = 0; j < s->n; j++)
		shares[j] = Min(s->columns[j].whole,
						s->columns[j].share[low->level[j]] + cut->cost[j]);
	return search_bound_of(s, low, shares, -INFINITY) > search_threshold(s);
}

/*
 * The cuts that exclude the lowest node of a box, by the number of columns
 * that can leave them; a column that must, does.  False if the box is empty.
 */
static bool
gather_cuts(BoxSearch *b, Box *box)
{
	Search	   *s = b->search;

again:
	b->nshared = 0;
	b->work += (int64) s->ncuts * s->words / 4;
	for (int i = 0; i < s->ncuts && b->nshared < MAX_SHARED; i++)
	{
		const Cut  *cut = s->cuts[i];
		int			exits = 0;
		int			exit = -1;

		if (!node_below(&box->low, &cut->node, s->words) ||
			!cut_excludes(s, &box->low, cut))
			continue;
		for (int j = 0; j < b->n; j++)
		{
			int			next = s->next[j][cut->node.level[j]];

			if (next >= 0 && next <= box->high.level[j])
			{
				exits++;
				exit = j;
			}
		}
		b->work += b->n;
		if (exits == 0)
			return false;
		if (exits == 1)
		{
			box->low.level[exit] = s->next[exit][cut->node.level[exit]];
			goto again;
		}
		b->shared[b->nshared] = cut;
		b->exits[b->nshared++] = exits;
	}
	return true;
}

/* What leaving all gathered cuts costs at least. */
static double
share_out(BoxSearch *b, const Box *box)
{
	Search	   *s = b->search;
	double		sum = 0;

	for (int j = 0; j < b->n; j++)
		for (int l = box->low.level[j]; l <= box->high.level[j]; l++)
			b->left[j][l] = b->price[j][l] - b->price[j][box->low.level[j]];
	/* what few columns can leave is dear: first */
	for (int exits = 2; exits <= b->n; exits++)
		for (int i = 0; i < b->nshared; i++)
		{
			const Cut  *cut = b->shared[i];
			double		charge = INFINITY;

			if (b->exits[i] != exits)
				continue;
			for (int j = 0; j < b->n && charge > 0; j++)
			{
				int			next = s->next[j][cut->node.level[j]];

				/* a column that rises that far may rise further, and leaves other cuts then */
				if (next >= 0)
					for (int l = next; l <= box->high.level[j]; l++)
						charge = Min(charge, b->left[j][l]);
			}
			if (charge <= 0)
				continue;
			sum += charge;
			for (int j = 0; j < b->n; j++)
			{
				int			next = s->next[j][cut->node.level[j]];

				if (next >= 0)
					for (int l = next; l <= box->high.level[j]; l++)
						b->left[j][l] -= charge;
			}
		}
	b->work += b->nshared * b->n;
	/* what floating point makes of it is no price */
	return sum * (1 - 1e-9);
}

/* The same where prices do not add up: what leaving the dearest cut costs. */
static double
dearest_cut(BoxSearch *b, const Box *box)
{
	Search	   *s = b->search;
	double		dearest = -INFINITY;

	for (int i = 0; i < b->nshared && i < MAX_DEAREST; i++)
	{
		double		cheapest = INFINITY;
		LatticeNode node = box->low;

		for (int j = 0; j < b->n; j++)
		{
			int			next = s->next[j][b->shared[i]->node.level[j]];

			if (next < 0 || next > box->high.level[j])
				continue;
			node.level[j] = next;
			cheapest = Min(cheapest, search_plain_bound(s, &node));
			node.level[j] = box->low.level[j];
		}
		dearest = Max(dearest, cheapest);
	}
	return dearest;
}

/* The bound of a box, which may get smaller; INFINITY if nothing in it is of interest. */
static double
box_bound(BoxSearch *b, Box *box)
{
	Search	   *s = b->search;
	double		price = 0;
	double		bound;

	if (!gather_cuts(b, box))
		return INFINITY;
	bound = search_floor_bound(s, &box->low, search_plain_bound(s, &box->low));
	if (b->nshared == 0)
		return bound;
	if (!b->priced)
		return Max(bound, dearest_cut(b, box));
	for (int j = 0; j < b->n; j++)
		price += b->price[j][box->low.level[j]];
	return Max(bound, quality_of_prices(s->quality, price + share_out(b, box)));
}

/* ---- splitting ---- */

/* Queue a box, unless its lowest node is too dear already. */
static void
push_box(BoxSearch *b, double bound, const Box *box)
{
	Search	   *s = b->search;
	uint64		words[2 * NODE_WORDS];
	int			width = 0;

	bound = Max(bound, search_plain_bound(s, &box->low));
	if (bound > search_threshold(s))
		return;
	memcpy(words, box->low.word, sizeof(uint64) * s->words);
	memcpy(words + s->words, box->high.word, sizeof(uint64) * s->words);
	/* of equal bounds the smallest box comes first */
	for (int j = 0; j < b->n; j++)
		width += box->high.level[j] - box->low.level[j];
	queue_push(&b->queue, bound, width, words);
}

/* Split a box along a node of it or above its lowest: what is below that is done. */
static void
split_box(BoxSearch *b, const Box *box, double bound, const LatticeNode *done)
{
	Search	   *s = b->search;
	Box			rest = *box;
	int			column[MAX_QUASI];
	int			n = 0;

	/* the dearest first: held down, they leave the cheap boxes few ways out */
	for (int j = 0; j < b->n; j++)
	{
		int			next = s->next[j][done->level[j]];
		int			at;
		double		price;

		if (next < 0 || next > box->high.level[j])
			continue;
		price = b->price[j][next] - b->price[j][box->low.level[j]];
		for (at = n++; at > 0; at--)
		{
			int			other = column[at - 1];

			if (b->price[other][s->next[other][done->level[other]]] -
				b->price[other][box->low.level[other]] >= price)
				break;
			column[at] = other;
		}
		column[at] = j;
	}
	for (int i = 0; i < n; i++)
	{
		int			j = column[i];
		Box			child = rest;

		child.low.level[j] = s->next[j][done->level[j]];
		push_box(b, bound, &child);
		rest.high.level[j] = done->level[j];
	}
}

/* The gathered cut that splits best: few exits, dear ones. */
static const Cut *
best_cut(const BoxSearch *b, const Box *box)
{
	const Search *s = b->search;
	const Cut  *best = NULL;
	int			exits = MAX_QUASI + 1;
	double		dearest = 0;

	for (int i = 0; i < b->nshared; i++)
	{
		const Cut  *cut = b->shared[i];
		double		cheapest = INFINITY;

		if (b->exits[i] > exits)
			continue;
		for (int j = 0; j < b->n; j++)
		{
			int			next = s->next[j][cut->node.level[j]];

			if (next >= 0 && next <= box->high.level[j])
				cheapest = Min(cheapest, b->price[j][next] - b->price[j][box->low.level[j]]);
		}
		if (b->exits[i] < exits || cheapest > dearest)
		{
			best = cut;
			exits = b->exits[i];
			dearest = cheapest;
		}
	}
	return best;
}

/* ---- the search ---- */

/* Has the work ended?  With a time, the time ends it. */
static bool
ended(BoxSearch *b)
{
	Search	   *s = b->search;

	if (search_is_late(s))
		return true;
	return (s->deadline == 0 && b->work + s->looked + evaluator_scanned(s->evaluator) > s->work) ||
		b->queue.size * b->queue.item + MemoryContextMemAllocated(s->context, false) >
		KIAIM_MAX_MEMORY_BYTES / 4;
}

/* See search_internal.h. */
double
search_boxes(Search *s, bool *complete)
{
	BoxSearch  *b = palloc0(sizeof(BoxSearch));
	Box			box;
	int64		restarted = 0;	/* work of restarts */
	int64		started = evaluator_scanned(s->evaluator);
	double		bound = -INFINITY;
	uint64		words[2 * NODE_WORDS];

	b->search = s;
	b->n = s->n;
	b->priced = quality_has_prices(s->quality);
	for (int j = 0; j < s->n; j++)
		for (int l = 0; l <= s->policy->quasi[j].max_level; l++)
			b->price[j][l] = quality_price(s->quality, j, l);
	queue_init(&b->queue, 2 * s->words, s->memory);
	search_descend(s);
	memset(&box, 0, sizeof(box));
	for (int j = 0; j < s->n; j++)
	{
		box.low.level[j] = s->policy->quasi[j].min_level;
		box.high.level[j] = s->policy->quasi[j].max_level;
	}
	push_box(b, -INFINITY, &box);

	*complete = false;
	while (!ended(b))
	{
		int64		spent = b->work + evaluator_scanned(s->evaluator) - started - restarted;
		const Cut  *cut;
		LatticeNode low;
		double		better;

		if (restarted < spent / RESTART_SHARE)
		{
			int64		before = evaluator_scanned(s->evaluator) + s->evaluated;

			search_restart(s, spent / 10);
			restarted += evaluator_scanned(s->evaluator) + s->evaluated - before + spent / 100 + 1;
			continue;
		}
		if (b->queue.n == 0 || queue_bound(&b->queue) > search_threshold(s))
		{
			bound = queue_bound(&b->queue);
			*complete = true;
			break;
		}
		bound = queue_pop(&b->queue, words);
		memcpy(box.low.word, words, sizeof(uint64) * s->words);
		memcpy(box.high.word, words + s->words, sizeof(uint64) * s->words);
		better = Max(bound, box_bound(b, &box));
		if (better > search_threshold(s) || isinf(better))
			continue;
		if (better > bound && better > queue_bound(&b->queue))
		{
			push_box(b, better, &box);
			continue;
		}
		cut = best_cut(b, &box);
		if (cut != NULL)
		{
			split_box(b, &box, better, &cut->node);
			continue;
		}
		low = box.low;
		if (known_lookup(s->known, low) == NULL && !search_probe(s, &low, &box.high))
		{
			if (s->late)
			{
				push_box(b, better, &box);
				break;
			}
			search_consider(s, &low);
		}
		/* the lowest node is settled; what settles it may settle more */
		better = Max(better, box_bound(b, &box));
		if (better > search_threshold(s) || isinf(better))
			continue;
		cut = best_cut(b, &box);
		if (cut != NULL)
			split_box(b, &box, better, &cut->node);
		else if (memcmp(low.level, box.low.level, MAX_QUASI) == 0)
			split_box(b, &box, better, &low);
		else
			push_box(b, better, &box);
	}
	bound = *complete ? bound : Min(bound, queue_bound(&b->queue));
	queue_free(&b->queue);
	return bound;
}
