/*-------------------------------------------------------------------------
 *
 * pareto.c
 *		Releases of which none is better than another in everything.
 *
 * Points are held by loss, so that those that can be better than a new one
 * stand before it, and those that it can be better than behind it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "anonymize/pareto.h"

/* See pareto.h. */
void
pareto_init(Pareto *p, int ncolumns, FrameMemory *memory)
{
	p->memory = memory;
	p->ncolumns = ncolumns;
	p->n = 0;
	p->size = 256;
	p->points = frame_alloc(memory, p->size, sizeof(ParetoPoint), false);
}

/* The loss as far as floating point can tell losses apart. */
static inline double
steps(double loss)
{
	return rint(loss / LOSS_UNIT);
}

/* Of two equal points, is a the one to keep? */
static bool
comes_first(const Pareto *p, const ParetoPoint *a, const ParetoPoint *b)
{
	int			sum = 0;
	int			order;

	for (int j = 0; j < p->ncolumns; j++)
		sum += a->node.level[j] - b->node.level[j];
	if (sum != 0)
		return sum < 0;
	order = memcmp(a->node.level, b->node.level, p->ncolumns);
	return order != 0 ? order < 0 : a->k < b->k;
}

/* Where the points with at least that loss begin. */
static int64
position(const Pareto *p, double loss)
{
	int64		low = 0;
	int64		high = p->n;

	while (low < high)
	{
		int64		middle = (low + high) / 2;

		if (steps(p->points[middle].loss) < loss)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* See pareto.h. */
bool
pareto_offer(Pareto *p, const ParetoPoint *point)
{
	double		loss = steps(point->loss);
	int64		at = position(p, loss);
	int64		kept;

	/* backward: of those with a smaller loss, the nearest are most alike */
	for (int64 i = at - 1; i >= 0; i--)
		if (p->points[i].suppressed <= point->suppressed && p->points[i].smallest >= point->smallest)
			return false;
	for (int64 i = at; i < p->n && steps(p->points[i].loss) == loss; i++)
	{
		const ParetoPoint *other = &p->points[i];

		if (other->suppressed > point->suppressed || other->smallest < point->smallest)
			continue;
		if (other->suppressed < point->suppressed || other->smallest > point->smallest ||
			!comes_first(p, point, other))
			return false;
	}

	kept = at;
	for (int64 i = at; i < p->n; i++)
		if (p->points[i].suppressed < point->suppressed || p->points[i].smallest > point->smallest)
			p->points[kept++] = p->points[i];
	p->n = kept;
	if (p->n == p->size)
	{
		p->points = frame_grow(p->memory, p->points, p->size, p->size * 2, sizeof(ParetoPoint));
		p->size *= 2;
	}
	memmove(p->points + at + 1, p->points + at, sizeof(ParetoPoint) * (p->n - at));
	p->points[at] = *point;
	p->n++;
	return true;
}
