/*-------------------------------------------------------------------------
 *
 * local_rebuild.c
 *		Take a few neighbouring classes apart, and build them again in another
 *		way: large-neighbourhood search.
 *
 * The neighbours of a class are those of the tuples near to its own.  Their
 * tuples, some of them left together, are agglomerated as in
 * local_agglomerate.c, but each merge appears dearer than it is by a random
 * factor.  What costs no more than before is kept, so that equally good
 * partitions drift until a better one is in reach.  The pseudo-random numbers
 * and the number of steps are fixed: the result is the same in every run.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "anonymize/local_internal.h"

/* Classes and tuples that are rebuilt together; measured on Adult. */
#define LEAST_CLASSES	3
#define MOST_CLASSES	8
#define MOST_TUPLES		50

/* A merge may appear that much dearer, as a factor beyond 1. */
#define NOISE			2.0f

/* The chance of a class to leave some tuples together, and of each tuple to be one of them. */
#define KEEP_CLASS		0.5f
#define KEEP_TUPLE		0.5f

/* Costs this close are the same. */
#define SAME_COST		1e-5f

/* Some tuples on the way to a class. */
typedef struct Piece
{
	LocalWeight weight;
	float		cost;
	float		wish_cost;		/* of the best merge, if the piece does not hold */
	int			partner;
	bool		holds;
	int			first;			/* its tuples, by way of Rebuilder.next */
} Piece;

typedef struct Rebuilder
{
	LocalProblem *p;
	float		least_size;
	int32	   *spare;			/* numbers of classes that are free */
	int32		nspare;

	/* the classes at hand, and their tuples */
	int32		class[MOST_CLASSES];
	int			nclasses;
	int32		tuple[MOST_TUPLES];
	int			ntuples;
	int			next[MOST_TUPLES];	/* tuple of the same piece, or LOCAL_NONE */
	int32		members[MOST_TUPLES];

	/* pieces; those that are left of them are alive */
	Piece		piece[MOST_TUPLES];
	int			npieces;
	int			alive[MOST_TUPLES];
	int			nalive;
	float		merge[MOST_TUPLES][MOST_TUPLES];	/* what merging two of them appears to cost */
	uint32	   *labels;			/* of pieces, in the columns where the tuples differ */

	/* these columns, those with tables of pairs first */
	int			ncolumns;
	int			npaired;
	int			column[MAX_QUASI];
	const float *pair[MAX_QUASI];
	const uint16 *join[MAX_QUASI];
	uint32		nnodes[MAX_QUASI];
	float		common;			/* cost in all other columns */
} Rebuilder;

static inline uint32 *
piece_label(Rebuilder *r, int piece)
{
	return r->labels + piece * r->ncolumns;
}

/* What a record costs under the label over two pieces. */
static inline float
pair_cost(Rebuilder *r, int x, int y)
{
	const uint32 *a = piece_label(r, x);
	const uint32 *b = piece_label(r, y);
	float		cost = r->common;

	for (int j = 0; j < r->npaired; j++)
		cost += r->pair[j][a[j] * r->nnodes[j] + b[j]];
	for (int j = r->npaired; j < r->ncolumns; j++)
	{
		const LocalColumn *c = &r->p->columns[r->column[j]];

		cost += c->cost[local_climb(c, a[j], b[j])];
	}
	return cost;
}

/* Widen a label to the one over both; returns what a record costs under it. */
static inline float
widen(Rebuilder *r, uint32 *a, const uint32 *b)
{
	float		cost = r->common;

	for (int j = 0; j < r->npaired; j++)
	{
		uint32		at = a[j] * r->nnodes[j] + b[j];

		a[j] = r->join[j][at];
		cost += r->pair[j][at];
	}
	for (int j = r->npaired; j < r->ncolumns; j++)
	{
		const LocalColumn *c = &r->p->columns[r->column[j]];

		a[j] = local_climb(c, a[j], b[j]);
		cost += c->cost[a[j]];
	}
	return cost;
}

/* Does an piece satisfy every requirement? */
static bool
piece_holds(Rebuilder *r, int piece)
{
	const LocalProblem *p = r->p;
	int32		n = 0;

	if (r->piece[piece].weight.records == 0)
		return true;
	if (r->piece[piece].weight.size < r->least_size || r->piece[piece].cost >= LOCAL_FORBIDDEN)
		return false;
	if (p->simple)
		return true;
	for (int t = r->piece[piece].first; t != LOCAL_NONE; t = r->next[t])
		r->members[n++] = r->tuple[t];
	return local_check(p->checker, r->members, n);
}

/* The verdict on a piece, and what merging asks about it. */
static void
judge(Rebuilder *r, int piece)
{
	Piece	   *x = &r->piece[piece];

	x->holds = piece_holds(r, piece);
	x->weight = local_weight(r->least_size, x->weight.records, x->weight.size, x->cost, x->holds);
}

/* Take some class and neighbours of it; false if there is nothing to be gained. */
static bool
choose_classes(Rebuilder *r)
{
	LocalProblem *p = r->p;
	int32		start = p->class_of[local_random_below(p, p->ntuples)];
	int			wanted = LEAST_CLASSES + local_random_below(p, MOST_CLASSES - LEAST_CLASSES + 1);

	if (!p->classes[start].holds || p->classes[start].cost == 0 ||
		p->classes[start].ntuples > MOST_TUPLES)
		return false;
	r->nclasses = 1;
	r->class[0] = start;
	r->ntuples = p->classes[start].ntuples;
	p->marks++;
	p->mark[start] = p->marks;
	for (int tries = 4 * wanted; tries > 0 && r->nclasses < wanted; tries--)
	{
		const LocalClass *c = &p->classes[r->class[local_random_below(p, r->nclasses)]];
		int32		tuple = c->first;
		float		u = local_random_unit(p);
		int32		near;
		int32		other;

		for (uint32 k = local_random_below(p, c->ntuples); k > 0; k--)
			tuple = p->next[tuple];
		/* nearer ones more often */
		u *= local_random_unit(p);
		u *= local_random_unit(p);
		near = p->near[(Size) tuple * p->nnear + (int) (u * p->nnear)];
		if (near == LOCAL_NONE)
			continue;
		other = p->class_of[near];
		if (p->mark[other] == p->marks)
			continue;
		p->mark[other] = p->marks;
		if (!p->classes[other].holds || p->classes[other].ntuples + r->ntuples > MOST_TUPLES)
			continue;
		r->class[r->nclasses++] = other;
		r->ntuples += p->classes[other].ntuples;
	}
	return r->nclasses > 1;
}

/* Take the classes apart; returns what they cost. */
static float
take_apart(Rebuilder *r)
{
	LocalProblem *p = r->p;
	float		before = 0;
	int			of[MOST_TUPLES];

	r->ntuples = 0;
	r->npieces = 0;
	for (int i = 0; i < r->nclasses; i++)
	{
		const LocalClass *c = &p->classes[r->class[i]];
		bool		keep = c->ntuples > 2 && local_random_unit(p) < KEEP_CLASS;
		int			kept = LOCAL_NONE;

		before += c->records * c->cost;
		for (int32 t = c->first; t != LOCAL_NONE; t = p->next[t])
		{
			int			piece;

			if (keep && local_random_unit(p) < KEEP_TUPLE)
			{
				if (kept == LOCAL_NONE)
					kept = r->npieces++;
				piece = kept;
			}
			else
				piece = r->npieces++;
			of[r->ntuples] = piece;
			r->tuple[r->ntuples++] = t;
		}
	}

	/* columns where they all agree cost the same whatever is done */
	r->ncolumns = r->npaired = 0;
	r->common = 0;
	for (int j = 0; j < p->ncolumns; j++)
	{
		const LocalColumn *c = &p->columns[j];
		uint32		place = local_tuple(p, r->tuple[0])[j];
		int			i = 1;

		while (i < r->ntuples && local_tuple(p, r->tuple[i])[j] == place)
			i++;
		if (i == r->ntuples)
		{
			r->common += c->cost[place];
			continue;
		}
		r->pair[r->ncolumns] = c->pair;
		r->join[r->ncolumns] = c->join;
		r->nnodes[r->ncolumns] = c->nnodes;
		r->column[r->ncolumns++] = j;
		if (c->pair != NULL)
			r->npaired = r->ncolumns;
	}

	for (int i = 0; i < r->npieces; i++)
	{
		r->piece[i].first = LOCAL_NONE;
		r->piece[i].weight.records = r->piece[i].weight.size = 0;
		r->alive[i] = i;
	}
	r->nalive = r->npieces;
	for (int t = 0; t < r->ntuples; t++)
	{
		Piece	   *piece = &r->piece[of[t]];
		uint32		label[MAX_QUASI];

		for (int j = 0; j < r->ncolumns; j++)
			label[j] = local_tuple(p, r->tuple[t])[r->column[j]];
		if (piece->first == LOCAL_NONE)
			memcpy(piece_label(r, of[t]), label, sizeof(uint32) * r->ncolumns);
		piece->cost = widen(r, piece_label(r, of[t]), label);
		piece->weight.records += p->records[r->tuple[t]];
		piece->weight.size += p->size[r->tuple[t]];
		r->next[t] = piece->first;
		piece->first = t;
	}
	for (int i = 0; i < r->npieces; i++)
		judge(r, i);
	return before;
}

/* Remember a merge that a piece wants. */
static inline void
wish(Piece *piece, int partner, float cost)
{
	if (!piece->holds && (piece->partner == LOCAL_NONE || cost < piece->wish_cost))
	{
		piece->wish_cost = cost;
		piece->partner = partner;
	}
}

/* Let two pieces, at least one of which does not hold, consider a merge. */
static inline void
consider(Rebuilder *r, int x, int y)
{
	Piece	   *a = &r->piece[x];
	Piece	   *b = &r->piece[y];
	float		cost = local_merge_cost(r->least_size, &a->weight, &b->weight, pair_cost(r, x, y));
	uint64		random = local_random(r->p);

	/* the addition breaks ties */
	cost = cost * (1 + NOISE * local_unit(random)) + SAME_COST * local_unit(random << 24);
	r->merge[x][y] = r->merge[y][x] = cost;
	wish(a, y, cost);
	wish(b, x, cost);
}

/* Piece y becomes part of x. */
static void
merge_pieces(Rebuilder *r, int x, int y)
{
	Piece	   *a = &r->piece[x];
	Piece	   *b = &r->piece[y];
	int			last = b->first;

	a->cost = widen(r, piece_label(r, x), piece_label(r, y));
	a->weight.records += b->weight.records;
	a->weight.size += b->weight.size;
	while (r->next[last] != LOCAL_NONE)
		last = r->next[last];
	r->next[last] = a->first;
	a->first = b->first;
	judge(r, x);
	a->partner = LOCAL_NONE;
	for (int i = 0; i < r->nalive; i++)
		if (r->alive[i] == y)
		{
			r->alive[i] = r->alive[--r->nalive];
			break;
		}
}

/* Merge pieces until all hold; false if that costs more than the limit, or cannot be done. */
static bool
build(Rebuilder *r, float limit)
{
	float		total = 0;

	for (int i = 0; i < r->npieces; i++)
	{
		total += r->piece[i].weight.spent;
		r->piece[i].partner = LOCAL_NONE;
	}
	for (int i = 0; i < r->npieces; i++)
		for (int k = i + 1; k < r->npieces; k++)
			if (!r->piece[i].holds || !r->piece[k].holds)
				consider(r, i, k);
	for (;;)
	{
		int			from = LOCAL_NONE;
		int			into;

		for (int i = 0; i < r->nalive; i++)
		{
			const Piece *piece = &r->piece[r->alive[i]];

			if (!piece->holds && piece->partner != LOCAL_NONE &&
				(from == LOCAL_NONE || piece->wish_cost < r->piece[from].wish_cost))
				from = r->alive[i];
		}
		if (from == LOCAL_NONE)
			break;
		into = r->piece[from].partner;
		total -= r->piece[from].weight.spent;
		total -= r->piece[into].weight.spent;
		merge_pieces(r, into, from);
		total += r->piece[into].weight.spent;
		if (total > limit)
			return false;

		/* who wanted either of the two looks for another, and all consider the result */
		for (int i = 0; i < r->nalive; i++)
		{
			int			other = r->alive[i];
			Piece	   *piece = &r->piece[other];

			if (other == into)
				continue;
			if (!piece->holds && (piece->partner == into || piece->partner == from))
			{
				piece->partner = LOCAL_NONE;
				for (int k = 0; k < r->nalive; k++)
					if (r->alive[k] != other && r->alive[k] != into)
						wish(piece, r->alive[k], r->merge[other][r->alive[k]]);
			}
			if (!piece->holds || !r->piece[into].holds)
				consider(r, into, other);
		}
	}
	for (int i = 0; i < r->nalive; i++)
		if (!r->piece[r->alive[i]].holds)
			return false;
	return true;
}

/* May the pieces replace the classes, for the sake of all classes together? */
static bool
may_replace(const Rebuilder *r)
{
	LocalSize	before[MOST_CLASSES];
	LocalSize	after[MOST_TUPLES];

	if (!r->p->guarded)
		return true;
	for (int i = 0; i < r->nclasses; i++)
		before[i] = (LocalSize) {r->p->classes[r->class[i]].size, r->p->classes[r->class[i]].records};
	for (int i = 0; i < r->nalive; i++)
	{
		const Piece *piece = &r->piece[r->alive[i]];

		after[i] = (LocalSize) {(int64) piece->weight.size, (int64) piece->weight.records};
	}
	return local_risks_kept(r->p->policy, r->nclasses, before, r->nalive, after);
}

/* The pieces become classes in place of those taken apart. */
static void
install(Rebuilder *r)
{
	LocalProblem *p = r->p;

	for (int i = 0; i < r->nclasses; i++)
	{
		p->classes[r->class[i]].ntuples = 0;
		p->classes[r->class[i]].first = LOCAL_NONE;
		p->classes[r->class[i]].stamp++;
		r->spare[r->nspare++] = r->class[i];
	}
	for (int i = 0; i < r->nalive; i++)
	{
		const Piece *piece = &r->piece[r->alive[i]];
		int32		number = r->spare[--r->nspare];
		LocalClass *c = &p->classes[number];
		uint32	   *label = local_label(p, number);

		memcpy(label, local_tuple(p, r->tuple[0]), sizeof(uint32) * p->ncolumns);
		for (int j = 0; j < r->ncolumns; j++)
			label[r->column[j]] = piece_label(r, r->alive[i])[j];
		c->records = c->size = 0;
		c->cost = local_cost(p, label);
		c->holds = true;
		c->stamp++;
		for (int t = piece->first; t != LOCAL_NONE; t = r->next[t])
		{
			int32		tuple = r->tuple[t];

			c->records += p->records[tuple];
			c->size += p->size[tuple];
			p->class_of[tuple] = number;
			p->next[tuple] = c->first;
			c->first = tuple;
			c->ntuples++;
		}
	}
}

/* See local_internal.h. */
void
local_rebuild(LocalProblem *p, int64 steps)
{
	Rebuilder  *r;

	if (p->ntuples == 0 || p->nnear == 0)
		return;
	r = palloc(sizeof(Rebuilder));
	r->p = p;
	r->least_size = p->least_size;
	r->labels = palloc(sizeof(uint32) * MOST_TUPLES * Max(p->ncolumns, 1));
	r->spare = frame_alloc(p->memory, p->ntuples + MOST_CLASSES, sizeof(int32), false);
	r->nspare = 0;
	for (int32 c = 0; c < p->ntuples; c++)
		if (p->classes[c].ntuples == 0)
			r->spare[r->nspare++] = c;
	for (int64 step = 0; step < steps; step++)
	{
		float		before;

		CHECK_FOR_INTERRUPTS();
		if (!choose_classes(r))
			continue;
		before = take_apart(r);
		if (build(r, before + SAME_COST) && may_replace(r))
			install(r);
	}
	frame_release(p->memory, r->spare, p->ntuples + MOST_CLASSES, sizeof(int32));
	pfree(r->labels);
	pfree(r);
}
