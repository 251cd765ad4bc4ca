/*-------------------------------------------------------------------------
 *
 * local_mondrian.c
 *		Strict multidimensional partitioning: cut all tuples into classes from
 *		the top, along the hierarchies.
 *
 * A part is cut in one column, into the children of its label there.  Children
 * that do not hold stay together as the rest; where the rest does not hold
 * either, it takes in the smallest child that does.  Of all columns the one
 * whose cut saves the most loss, over all columns, is chosen.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "anonymize/local_internal.h"

/* One side of a cut. */
typedef struct Side
{
	uint32		child;			/* of the label that is cut */
	int32		first;			/* its tuples are tuple[first .. first + n - 1] */
	int32		n;
	int64		size;
	bool		rest;			/* belongs to the rest */
} Side;

typedef struct Mondrian
{
	LocalProblem *p;
	int32	   *order;			/* all tuples, part by part */
	int32	   *tuple;			/* those of the part at hand, by side */
	uint32	   *below;			/* the child that each is under */
	int32	   *slot;			/* by node: its side, or LOCAL_NONE */
	Side	   *side;
	int			nsides;
	uint32	   *label;			/* buffer */
	uint32		widest;
} Mondrian;

/* The label over some tuples, in the buffer, and what a record costs under it. */
static float
label_of(Mondrian *m, const int32 *tuples, int32 n)
{
	const LocalProblem *p = m->p;
	float		cost = local_cost(p, local_tuple(p, tuples[0]));

	memcpy(m->label, local_tuple(p, tuples[0]), sizeof(uint32) * p->ncolumns);
	for (int32 i = 1; i < n; i++)
		cost = local_join(p, m->label, local_tuple(p, tuples[i]));
	return cost;
}

/* Loss of some tuples as a class. */
static double
loss_of(Mondrian *m, const int32 *tuples, int32 n)
{
	double		records = 0;

	if (n == 0)
		return 0;
	for (int32 i = 0; i < n; i++)
		records += m->p->records[tuples[i]];
	return records * label_of(m, tuples, n);
}

/* Has a population alone these tuples?  Nothing is released of them. */
static bool
is_free(const Mondrian *m, const int32 *tuples, int32 n)
{
	for (int32 i = 0; i < n; i++)
		if (m->p->records[tuples[i]] > 0)
			return false;
	return true;
}

/* Do some tuples hold as a class?  size: what they count. */
static bool
tuples_hold(Mondrian *m, const int32 *tuples, int32 n, int64 size)
{
	if (size == 0 && is_free(m, tuples, n))
		return true;
	if (size < m->p->least_size)
		return false;
	return m->p->simple || local_check(m->p->checker, tuples, n);
}

/* Sort the tuples of a part by the children of its label in a column. */
static void
sort_by_child(Mondrian *m, const int32 *tuples, int32 n, int column, uint32 node)
{
	const LocalProblem *p = m->p;
	const LocalColumn *c = &p->columns[column];
	int32		first = 0;

	m->nsides = 0;
	for (int32 i = 0; i < n; i++)
	{
		uint32		below = local_tuple(p, tuples[i])[column];
		Side	   *side;

		while (c->parent[below] != node)
			below = c->parent[below];
		m->below[i] = below;
		if (m->slot[below] == LOCAL_NONE)
		{
			m->slot[below] = m->nsides;
			side = &m->side[m->nsides++];
			side->child = below;
			side->n = 0;
			side->size = 0;
			side->rest = false;
		}
		side = &m->side[m->slot[below]];
		side->n++;
		side->size += p->size[tuples[i]];
	}
	for (int s = 0; s < m->nsides; s++)
	{
		m->side[s].first = first;
		first += m->side[s].n;
	}
	for (int32 i = 0; i < n; i++)
		m->tuple[m->side[m->slot[m->below[i]]].first++] = tuples[i];
	for (int s = 0; s < m->nsides; s++)
	{
		m->side[s].first -= m->side[s].n;
		m->slot[m->side[s].child] = LOCAL_NONE;
	}
}

/* Move the rest behind the other sides; returns where it starts. */
static int32
gather_rest(Mondrian *m, int32 n)
{
	int32		at = 0;
	int32		rest = 0;

	for (int pass = 0; pass < 2; pass++)
		for (int s = 0; s < m->nsides; s++)
			if (m->side[s].rest == (pass == 1))
			{
				/* below is no longer needed */
				memcpy(m->below + at, m->tuple + m->side[s].first, sizeof(int32) * m->side[s].n);
				at += m->side[s].n;
				if (pass == 0)
					rest = at;
			}
	memcpy(m->tuple, m->below, sizeof(int32) * n);
	at = 0;
	for (int pass = 0; pass < 2; pass++)
		for (int s = 0; s < m->nsides; s++)
			if (m->side[s].rest == (pass == 1))
			{
				m->side[s].first = at;
				at += m->side[s].n;
			}
	return rest;
}

/*
 * Cut a part in a column; false if it cannot be.  Sides and tuples are set,
 * the rest, if any, comes last, from *rest on.
 */
static bool
cut(Mondrian *m, const int32 *tuples, int32 n, int column, uint32 node, int32 *rest)
{
	int			whole = 0;
	int64		size = 0;

	sort_by_child(m, tuples, n, column, node);
	for (int s = 0; s < m->nsides; s++)
	{
		/* what is free stays with the rest, which it may help to hold */
		m->side[s].rest = m->side[s].size == 0 ||
			!tuples_hold(m, m->tuple + m->side[s].first, m->side[s].n, m->side[s].size);
		if (m->side[s].rest)
			size += m->side[s].size;
		else
			whole++;
	}
	*rest = gather_rest(m, n);
	while (*rest < n && !tuples_hold(m, m->tuple + *rest, n - *rest, size))
	{
		int			smallest = LOCAL_NONE;

		for (int s = 0; s < m->nsides; s++)
			if (!m->side[s].rest &&
				(smallest == LOCAL_NONE || m->side[s].size < m->side[smallest].size))
				smallest = s;
		if (smallest == LOCAL_NONE || whole == 1)
			return false;
		m->side[smallest].rest = true;
		size += m->side[smallest].size;
		whole--;
		*rest = gather_rest(m, n);
	}
	return whole > 1 || (whole == 1 && *rest < n);
}

/* Cut a part where that saves most; returns the number of parts, whose ends are set. */
static int
cut_best(Mondrian *m, int32 *tuples, int32 n, int32 *ends)
{
	LocalProblem *p = m->p;
	double		before = loss_of(m, tuples, n);
	uint32		label[MAX_QUASI];
	double		best = 0;
	int			column = LOCAL_NONE;
	int			nparts = 0;
	int32		rest;

	memcpy(label, m->label, sizeof(uint32) * p->ncolumns);
	for (int j = 0; j < p->ncolumns; j++)
	{
		double		after;

		if (label[j] == local_tuple(p, tuples[0])[j] || !cut(m, tuples, n, j, label[j], &rest))
			continue;
		after = loss_of(m, m->tuple + rest, n - rest);
		for (int s = 0; s < m->nsides; s++)
			if (!m->side[s].rest)
				after += loss_of(m, m->tuple + m->side[s].first, m->side[s].n);
		if (column == LOCAL_NONE || before - after > best)
		{
			column = j;
			best = before - after;
		}
	}
	if (column == LOCAL_NONE)
		return 1;
	cut(m, tuples, n, column, label[column], &rest);
	memcpy(tuples, m->tuple, sizeof(int32) * n);
	for (int s = 0; s < m->nsides; s++)
		if (!m->side[s].rest)
			ends[nparts++] = m->side[s].first + m->side[s].n;
	if (rest < n)
		ends[nparts++] = n;
	return nparts;
}

/* See local_internal.h. */
void
local_mondrian(LocalProblem *p)
{
	Mondrian	m = {.p = p};
	int32		n = p->ntuples;
	int32	   *ends;			/* by first tuple of a part: where it ends */
	int32	   *cuts;
	int32		at = 0;

	if (n == 0)
		return;
	for (int j = 0; j < p->ncolumns; j++)
		m.widest = Max(m.widest, p->columns[j].nnodes);
	m.order = frame_alloc(p->memory, n, sizeof(int32), false);
	m.tuple = frame_alloc(p->memory, n, sizeof(int32), false);
	m.below = frame_alloc(p->memory, n, sizeof(uint32), false);
	m.slot = frame_alloc(p->memory, Max(m.widest, 1), sizeof(int32), false);
	m.side = frame_alloc(p->memory, Max(m.widest, 1), sizeof(Side), false);
	m.label = palloc(sizeof(uint32) * Max(p->ncolumns, 1));
	ends = frame_alloc(p->memory, n, sizeof(int32), false);
	cuts = frame_alloc(p->memory, Max(m.widest, 1) + 1, sizeof(int32), false);
	memset(m.slot, 0xFF, sizeof(int32) * Max(m.widest, 1));
	for (int32 i = 0; i < n; i++)
		m.order[i] = i;

	/* parts that can be cut no further become classes, from the first to the last */
	ends[0] = n;
	while (at < n)
	{
		int32		size = ends[at] - at;
		int			nparts;

		CHECK_FOR_INTERRUPTS();
		nparts = is_free(&m, m.order + at, size) ? 1 : cut_best(&m, m.order + at, size, cuts);
		if (nparts > 1)
		{
			for (int i = 0; i < nparts; i++)
				ends[at + (i == 0 ? 0 : cuts[i - 1])] = at + cuts[i];
			continue;
		}
		for (int32 i = at + 1; i < at + size; i++)
			local_move(p, m.order[i], m.order[at]);
		local_measure(p, m.order[at]);
		at += size;
	}

	frame_release(p->memory, m.order, n, sizeof(int32));
	frame_release(p->memory, m.tuple, n, sizeof(int32));
	frame_release(p->memory, m.below, n, sizeof(uint32));
	frame_release(p->memory, m.slot, Max(m.widest, 1), sizeof(int32));
	frame_release(p->memory, m.side, Max(m.widest, 1), sizeof(Side));
	frame_release(p->memory, ends, n, sizeof(int32));
	frame_release(p->memory, cuts, Max(m.widest, 1) + 1, sizeof(int32));
	pfree(m.label);
}
