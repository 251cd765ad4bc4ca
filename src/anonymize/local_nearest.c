/*-------------------------------------------------------------------------
 *
 * local_nearest.c
 *		The nearest tuples of each tuple: those with which it has the least
 *		costly common label.
 *
 * All tuples are split again and again by the column whose label over them
 * costs most, each part by the children of that label.  What a tuple has in
 * common with a part costs at least what the labels of its splits say, so that
 * few parts are entered.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "anonymize/local_internal.h"

/* A part with at most that many tuples is not split. */
#define PART_TUPLES		8

/* A part: its tuples, and the label that the split gave it in one column. */
typedef struct Part
{
	int32		first;			/* its tuples are order[first .. first + n - 1] */
	int32		n;
	int32		child;			/* its parts are parts[child .. child + nchildren - 1] */
	int32		nchildren;
	int			column;			/* by which the whole was split */
	uint32		node;			/* in that column, over the tuples of the part */
} Part;

/* A near tuple. */
typedef struct Near
{
	float		cost;
	int32		tuple;
} Near;

typedef struct Nearest
{
	LocalProblem *p;
	int32	   *order;			/* the tuples, part by part */
	int32	   *scratch;		/* as many */
	uint32	   *below;			/* by position: the child of the split label that the tuple is under */
	int32	   *count;			/* by node: how many tuples are under it */
	uint32	   *children;		/* nodes that have such a count */
	uint32		widest;			/* nodes of the largest column */
	Part	   *parts;
	int32		nparts;
	int32		parts_capacity;
	/* the query */
	int32		tuple;
	const uint32 *place;
	float	   *lower;			/* by column: what any tuple of the part costs at least */
	Near	   *found;			/* in order */
	int			nfound;
	int			wanted;
} Nearest;

static void
add_part(Nearest *s, int32 first, int32 n, int column, uint32 node)
{
	Part	   *part;

	if (s->nparts == s->parts_capacity)
	{
		int32		capacity = s->parts_capacity * 2;

		s->parts = frame_grow(s->p->memory, s->parts, s->parts_capacity, capacity, sizeof(Part));
		s->parts_capacity = capacity;
	}
	part = &s->parts[s->nparts++];
	part->first = first;
	part->n = n;
	part->nchildren = 0;
	part->column = column;
	part->node = node;
}

/* The label over the tuples of a part in a column. */
static uint32
label_over(const Nearest *s, int32 first, int32 n, int column)
{
	const LocalProblem *p = s->p;
	uint32		label = local_tuple(p, s->order[first])[column];

	for (int32 i = first + 1; i < first + n; i++)
		label = local_over(&p->columns[column], label, local_tuple(p, s->order[i])[column]);
	return label;
}

static int
compare_uint32(const void *a, const void *b)
{
	uint32		x = *(const uint32 *) a;
	uint32		y = *(const uint32 *) b;

	return x < y ? -1 : x > y;
}

/* Order the tuples of a part by the child of a node that they are under; returns the children. */
static int
sort_by_child(Nearest *s, int32 first, int32 n, int column, uint32 node)
{
	const LocalProblem *p = s->p;
	const LocalColumn *c = &p->columns[column];
	int			nchildren = 0;
	int32		at = first;

	for (int32 i = first; i < first + n; i++)
	{
		uint32		below = local_tuple(p, s->order[i])[column];

		while (c->parent[below] != node)
			below = c->parent[below];
		s->below[i] = below;
		if (s->count[below]++ == 0)
			s->children[nchildren++] = below;
	}
	qsort(s->children, nchildren, sizeof(uint32), compare_uint32);
	for (int k = 0; k < nchildren; k++)
	{
		int32		tuples = s->count[s->children[k]];

		s->count[s->children[k]] = at;
		at += tuples;
	}
	for (int32 i = first; i < first + n; i++)
		s->scratch[s->count[s->below[i]]++] = s->order[i];
	memcpy(s->order + first, s->scratch + first, sizeof(int32) * n);
	return nchildren;
}

/* Split a part, unless its tuples are all the same. */
static void
split(Nearest *s, int32 whole)
{
	const LocalProblem *p = s->p;
	int32		first = s->parts[whole].first;
	int32		n = s->parts[whole].n;
	int			column = -1;
	uint32		node = 0;
	int			nchildren;

	for (int j = 0; j < p->ncolumns; j++)
	{
		uint32		label = label_over(s, first, n, j);

		if (label != local_tuple(p, s->order[first])[j] &&
			(column < 0 || p->columns[j].cost[label] > p->columns[column].cost[node]))
		{
			column = j;
			node = label;
		}
	}
	if (column < 0)
		return;

	nchildren = sort_by_child(s, first, n, column, node);
	s->parts[whole].child = s->nparts;
	s->parts[whole].nchildren = nchildren;
	for (int k = 0; k < nchildren; k++)
	{
		int32		end = s->count[s->children[k]];

		add_part(s, first, end - first, column, label_over(s, first, end - first, column));
		s->count[s->children[k]] = 0;
		first = end;
	}
}

/* Put a tuple among those found, if it is near enough. */
static inline void
found(Nearest *s, int32 tuple, float cost)
{
	int			at;

	if (s->nfound == s->wanted)
	{
		if (cost >= s->found[s->nfound - 1].cost)
			return;
		at = s->nfound - 1;
	}
	else
		at = s->nfound++;
	for (; at > 0 && s->found[at - 1].cost > cost; at--)
		s->found[at] = s->found[at - 1];
	s->found[at].cost = cost;
	s->found[at].tuple = tuple;
}

/* Search a part in which every tuple costs at least the bound. */
static void
visit(Nearest *s, const Part *part, float bound)
{
	const LocalProblem *p = s->p;

	if (part->nchildren == 0)
	{
		for (int32 i = part->first; i < part->first + part->n; i++)
			if (s->order[i] != s->tuple)
				found(s, s->order[i], local_join_cost(p, s->place, local_tuple(p, s->order[i])));
		return;
	}

	/* first the part that the tuple itself would be in, then the others */
	for (int own = 1; own >= 0; own--)
		for (int32 k = part->child; k < part->child + part->nchildren; k++)
		{
			const Part *child = &s->parts[k];
			const LocalColumn *c = &p->columns[child->column];
			uint32		place = s->place[child->column];
			uint32		both = local_over(c, place, child->node);
			float		before = s->lower[child->column];
			float		cost = both == child->node ? c->cost[place] : c->cost[both];

			if ((both == child->node) != own)
				continue;
			if (s->nfound == s->wanted && bound - before + cost >= s->found[s->nfound - 1].cost)
				continue;
			s->lower[child->column] = cost;
			visit(s, child, bound - before + cost);
			s->lower[child->column] = before;
		}
}

/* See local_internal.h. */
void
local_find_nearest(LocalProblem *p, int nnear)
{
	Nearest		s = {.p = p, .wanted = nnear};
	int32		n = p->ntuples;

	p->nnear = nnear;
	p->near = frame_alloc(p->memory, (Size) Max(n, 1) * nnear, sizeof(int32), false);
	if (n == 0)
		return;
	for (int j = 0; j < p->ncolumns; j++)
		s.widest = Max(s.widest, p->columns[j].nnodes);
	s.order = frame_alloc(p->memory, n, sizeof(int32), false);
	s.scratch = frame_alloc(p->memory, n, sizeof(int32), false);
	s.below = frame_alloc(p->memory, n, sizeof(uint32), false);
	s.count = frame_alloc(p->memory, s.widest, sizeof(int32), true);
	s.children = frame_alloc(p->memory, s.widest, sizeof(uint32), false);
	s.parts_capacity = n / 2 + 16;
	s.parts = frame_alloc(p->memory, s.parts_capacity, sizeof(Part), false);
	s.lower = palloc0(sizeof(float) * Max(p->ncolumns, 1));
	s.found = palloc(sizeof(Near) * nnear);

	for (int32 i = 0; i < n; i++)
		s.order[i] = i;
	add_part(&s, 0, n, 0, 0);
	for (int32 i = 0; i < s.nparts; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (s.parts[i].n > PART_TUPLES)
			split(&s, i);
	}
	for (int32 i = 0; i < n; i++)
	{
		int32	   *near = p->near + (Size) i * nnear;

		CHECK_FOR_INTERRUPTS();
		s.tuple = i;
		s.place = local_tuple(p, i);
		s.nfound = 0;
		visit(&s, &s.parts[0], 0);
		for (int k = 0; k < nnear; k++)
			near[k] = k < s.nfound ? s.found[k].tuple : LOCAL_NONE;
	}

	frame_release(p->memory, s.order, n, sizeof(int32));
	frame_release(p->memory, s.scratch, n, sizeof(int32));
	frame_release(p->memory, s.below, n, sizeof(uint32));
	frame_release(p->memory, s.count, s.widest, sizeof(int32));
	frame_release(p->memory, s.children, s.widest, sizeof(uint32));
	frame_release(p->memory, s.parts, s.parts_capacity, sizeof(Part));
	pfree(s.lower);
	pfree(s.found);
}
