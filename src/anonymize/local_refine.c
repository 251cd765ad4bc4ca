/*-------------------------------------------------------------------------
 *
 * local_refine.c
 *		Move single tuples to better classes, or exchange them, until nothing
 *		improves.
 *
 * For every tuple the label of its class without it is kept, so that what a
 * move or an exchange changes is told by two or three joins of labels.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "anonymize/local_internal.h"

/*
 * Improvements below that are rounding: a label always has the same cost, and
 * sums are doubles, so that each change lowers the whole loss and none is
 * ever undone.
 */
#define LEAST_GAIN		1e-5

typedef struct Refiner
{
	LocalProblem *p;
	uint32	   *rest;			/* by tuple: the label of its class without it */
	float	   *rest_cost;		/* and its cost; 0 where nothing is left */
	uint32	   *suffix;			/* labels of the last tuples of a class */
	int32		suffix_capacity;
	uint32	   *prefix;			/* label of the first ones */
	int32	   *queue;			/* a ring of tuples to be looked at */
	bool	   *queued;
	int32		first;
	int32		n;
} Refiner;

static inline uint32 *
rest_label(const Refiner *r, int32 tuple)
{
	return r->rest + (Size) tuple * r->p->ncolumns;
}

/* Look at the tuples of a class, once more. */
static void
enqueue(Refiner *r, int32 class)
{
	LocalProblem *p = r->p;

	for (int32 t = p->classes[class].first; t != LOCAL_NONE; t = p->next[t])
		if (!r->queued[t])
		{
			r->queued[t] = true;
			r->queue[((int64) r->first + r->n++) % p->ntuples] = t;
		}
}

/* The label of each tuple's class without it. */
static void
find_rests(Refiner *r, int32 class)
{
	LocalProblem *p = r->p;
	int			m = p->ncolumns;
	int32		n = p->classes[class].ntuples;
	const int32 *tuples;

	if (n == 0)
		return;
	tuples = local_members(p, class);
	if (n > r->suffix_capacity)
	{
		r->suffix = frame_grow(p->memory, r->suffix, (Size) r->suffix_capacity * m, (Size) n * 2 * m,
							   sizeof(uint32));
		r->suffix_capacity = n * 2;
	}
	memcpy(r->suffix + (Size) (n - 1) * m, local_tuple(p, tuples[n - 1]), sizeof(uint32) * m);
	for (int32 i = n - 2; i >= 0; i--)
	{
		memcpy(r->suffix + (Size) i * m, r->suffix + (Size) (i + 1) * m, sizeof(uint32) * m);
		local_join(p, r->suffix + (Size) i * m, local_tuple(p, tuples[i]));
	}
	for (int32 i = 0; i < n; i++)
	{
		uint32	   *rest = rest_label(r, tuples[i]);
		float		cost = 0;

		if (n == 1)
			memcpy(rest, local_tuple(p, tuples[0]), sizeof(uint32) * m);
		else if (i == 0)
		{
			memcpy(rest, r->suffix + m, sizeof(uint32) * m);
			cost = local_cost(p, rest);
		}
		else
		{
			memcpy(rest, r->prefix, sizeof(uint32) * m);
			cost = i == n - 1 ? local_cost(p, rest) : local_join(p, rest, r->suffix + (Size) (i + 1) * m);
		}
		r->rest_cost[tuples[i]] = cost;
		if (i == 0)
			memcpy(r->prefix, local_tuple(p, tuples[0]), sizeof(uint32) * m);
		else
			local_join(p, r->prefix, local_tuple(p, tuples[i]));
	}
}

/* Would a class hold without one tuple and with another, either of which may be none? */
static bool
would_hold(LocalProblem *p, int32 class, int32 without, int32 with)
{
	int32	   *members;
	int32		n = p->classes[class].ntuples;

	if (p->simple || (n == 1 && without != LOCAL_NONE && with == LOCAL_NONE))
		return true;
	members = local_members(p, class);
	for (int32 i = 0; i < n && without != LOCAL_NONE; i++)
		if (members[i] == without)
		{
			members[i] = members[--n];
			break;
		}
	if (with != LOCAL_NONE)
		members[n++] = with;
	return local_check(p->checker, members, n);
}

/* May two classes change their sizes like this, for the sake of all classes together? */
static bool
may_resize(const LocalProblem *p, const LocalClass *a, const LocalClass *b, int32 tuple, int32 back)
{
	LocalSize	before[2] = {{a->size, a->records}, {b->size, b->records}};
	LocalSize	after[2] = {{a->size - p->size[tuple], a->records - p->records[tuple]},
	{b->size + p->size[tuple], b->records + p->records[tuple]}};

	if (!p->guarded)
		return true;
	if (back != LOCAL_NONE)
	{
		after[0].size += p->size[back];
		after[0].records += p->records[back];
		after[1].size -= p->size[back];
		after[1].records -= p->records[back];
	}
	return local_risks_kept(p->policy, 2, before, 2, after);
}

/* A change of classes that would gain something. */
typedef struct Change
{
	double		cost;			/* negative: the gain */
	int32		into;			/* class that the tuple moves to */
	int32		back;			/* tuple that comes in exchange, or LOCAL_NONE */
} Change;

/* The best exchange of a tuple with one of another class. */
static void
try_exchanges(Refiner *r, int32 tuple, int32 other, Change *best)
{
	LocalProblem *p = r->p;
	int32		own = p->class_of[tuple];
	const LocalClass *a = &p->classes[own];
	const LocalClass *b = &p->classes[other];
	double		before = -(a->records * (double) a->cost) - b->records * (double) b->cost;

	for (int32 t = b->first; t != LOCAL_NONE; t = p->next[t])
	{
		int64		a_records = a->records - p->records[tuple] + p->records[t];
		int64		b_records = b->records - p->records[t] + p->records[tuple];
		double		a_least = a_records * (double) r->rest_cost[tuple];
		double		b_cost;
		double		cost;

		if (a->size - p->size[tuple] + p->size[t] < p->least_size ||
			b->size - p->size[t] + p->size[tuple] < p->least_size)
			continue;
		if (b->ntuples == 1)
			b_cost = b_records * (double) local_cost(p, local_tuple(p, tuple));
		else
		{
			if (before + a_least + b_records * (double) r->rest_cost[t] >= best->cost)
				continue;
			b_cost = b_records * (double) local_join_cost(p, rest_label(r, t), local_tuple(p, tuple));
		}
		if (before + a_least + b_cost >= best->cost)
			continue;
		cost = before + b_cost +
			a_records * (double) local_join_cost(p, rest_label(r, tuple), local_tuple(p, t));
		if (cost < best->cost && may_resize(p, a, b, tuple, t) &&
			would_hold(p, own, tuple, t) && would_hold(p, other, t, tuple))
		{
			best->cost = cost;
			best->into = other;
			best->back = t;
		}
	}
}

/* The best change for a tuple; false if none gains anything. */
static bool
find_change(Refiner *r, int32 tuple, Change *best)
{
	LocalProblem *p = r->p;
	int32		own = p->class_of[tuple];
	const LocalClass *a = &p->classes[own];
	bool		leave = a->records == p->records[tuple] ||
		(a->size - p->size[tuple] >= p->least_size && would_hold(p, own, tuple, LOCAL_NONE));
	double		after = a->ntuples == 1 ? 0 :
		(a->records - p->records[tuple]) * (double) r->rest_cost[tuple];

	best->cost = -LEAST_GAIN;
	best->into = LOCAL_NONE;
	p->marks++;
	p->mark[own] = p->marks;
	for (int k = 0; k < p->nnear; k++)
	{
		int32		near = p->near[(Size) tuple * p->nnear + k];
		int32		other;
		const LocalClass *b;

		if (near == LOCAL_NONE)
			break;
		other = p->class_of[near];
		b = &p->classes[other];
		if (p->mark[other] == p->marks)
			continue;
		p->mark[other] = p->marks;
		if (!b->holds)
			continue;
		if (leave)
		{
			double		cost = after - a->records * (double) a->cost - b->records * (double) b->cost +
				(b->records + p->records[tuple]) * (double)
				local_join_cost(p, local_label(p, other), local_tuple(p, tuple));

			if (cost < best->cost && may_resize(p, a, b, tuple, LOCAL_NONE) &&
				would_hold(p, other, LOCAL_NONE, tuple))
			{
				best->cost = cost;
				best->into = other;
				best->back = LOCAL_NONE;
			}
		}
		if (a->ntuples > 1)
			try_exchanges(r, tuple, other, best);
	}
	return best->into != LOCAL_NONE;
}

/* See local_internal.h. */
void
local_refine(LocalProblem *p)
{
	Refiner		r = {.p = p};
	Size		n = Max(p->ntuples, 1);
	int			m = p->ncolumns;

	r.rest = frame_alloc(p->memory, n * m, sizeof(uint32), false);
	r.rest_cost = frame_alloc(p->memory, n, sizeof(float), false);
	r.queue = frame_alloc(p->memory, n, sizeof(int32), false);
	r.queued = frame_alloc(p->memory, n, sizeof(bool), true);
	r.prefix = palloc(sizeof(uint32) * m);
	for (int32 c = 0; c < p->ntuples; c++)
	{
		CHECK_FOR_INTERRUPTS();
		find_rests(&r, c);
		if (p->classes[c].holds && p->classes[c].records * p->classes[c].cost > 0)
			enqueue(&r, c);
	}
	while (r.n > 0)
	{
		int32		tuple = r.queue[r.first];
		int32		own = p->class_of[tuple];
		Change		change = {.back = LOCAL_NONE};	/* set by find_change(), which not every compiler sees */

		CHECK_FOR_INTERRUPTS();
		r.first = (r.first + 1) % p->ntuples;
		r.n--;
		r.queued[tuple] = false;
		if (!p->classes[own].holds || p->classes[own].records * p->classes[own].cost == 0 ||
			!find_change(&r, tuple, &change))
			continue;
		local_move(p, tuple, change.into);
		if (change.back != LOCAL_NONE)
			local_move(p, change.back, own);
		local_measure(p, own);
		local_measure(p, change.into);
		find_rests(&r, own);
		find_rests(&r, change.into);
		enqueue(&r, own);
		enqueue(&r, change.into);
	}
	frame_release(p->memory, r.rest, n * m, sizeof(uint32));
	frame_release(p->memory, r.rest_cost, n, sizeof(float));
	frame_release(p->memory, r.queue, n, sizeof(int32));
	frame_release(p->memory, r.queued, n, sizeof(bool));
	frame_release(p->memory, r.suffix, (Size) r.suffix_capacity * m, sizeof(uint32));
	pfree(r.prefix);
}
