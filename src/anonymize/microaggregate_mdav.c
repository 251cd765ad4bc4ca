/*-------------------------------------------------------------------------
 *
 * microaggregate_mdav.c
 *		Groups of several columns: MDAV (Domingo-Ferrer and Mateo-Sanz).
 *
 * The point farthest from the mean of what is left makes a group with its
 * nearest neighbours, then the point farthest from that one does; what is left
 * in the end is a group or two.  Each group takes a pass over all points that
 * are left, which is quadratic; so many points are first divided at the median
 * of their widest column, again and again, into blocks that are grouped one by
 * one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "anonymize/microaggregate_internal.h"

/* Points of a block at most; with less than so many times k it is not divided, either. */
#define BLOCK_POINTS	20000
#define BLOCK_SIZE		16

/* Removals from the mean after which it is computed again. */
#define MEAN_STEPS		1000

/* A neighbour of the point that a group is made around. */
typedef struct Neighbour
{
	double		distance;
	uint32		at;				/* among the points that are left */
} Neighbour;

typedef struct Mdav
{
	int			d;
	int64		k;
	uint32		n;				/* points that are left of the block */
	double	   *values;			/* their columns, standardized: n * d */
	uint32	   *point;			/* and their numbers */
	int64	   *weight;
	int64		total;			/* weight of all that are left */
	double	   *mean;
	uint32		removed;		/* since the mean was computed */
	Neighbour  *near;			/* a heap, the farthest first */
	uint32		nnear;
	int64		near_weight;
	uint32		ngroups;
	uint32	   *group_of;
} Mdav;

/* Points in the order of a column, to divide a block. */
typedef struct BlockPlace
{
	double		value;
	uint32		at;
} BlockPlace;

#define ST_SORT				sort_block
#define ST_ELEMENT_TYPE		BlockPlace
#define ST_COMPARE(a, b) \
	((a)->value != (b)->value ? ((a)->value < (b)->value ? -1 : 1) : \
	 (a)->at < (b)->at ? -1 : (a)->at > (b)->at)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT				sort_neighbours
#define ST_ELEMENT_TYPE		Neighbour
#define ST_COMPARE(a, b)	((a)->at > (b)->at ? -1 : (a)->at < (b)->at)
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

static inline double
distance(const Mdav *m, uint32 at, const double *to)
{
	const double *from = m->values + (Size) at * m->d;
	double		sum = 0;

	for (int c = 0; c < m->d; c++)
		sum += (from[c] - to[c]) * (from[c] - to[c]);
	return sum;
}

/* Is a neighbour farther than another?  Ties go by the number of the point. */
static inline bool
farther(const Mdav *m, const Neighbour *a, const Neighbour *b)
{
	return a->distance > b->distance ||
		(a->distance == b->distance && m->point[a->at] > m->point[b->at]);
}

/* The mean of what is left. */
static void
compute_mean(Mdav *m)
{
	int64		weight = 0;

	memset(m->mean, 0, sizeof(double) * m->d);
	for (uint32 i = 0; i < m->n; i++)
	{
		weight += m->weight[i];
		for (int c = 0; c < m->d; c++)
			m->mean[c] += (m->values[(Size) i * m->d + c] - m->mean[c]) *
				((double) m->weight[i] / (double) weight);
	}
	m->removed = 0;
}

/* The point that is farthest from a place. */
static uint32
farthest_from(const Mdav *m, const double *place)
{
	Neighbour	best = {-1, 0};

	for (uint32 i = 0; i < m->n; i++)
	{
		Neighbour	one = {distance(m, i, place), i};

		if (one.distance > best.distance ||
			(one.distance == best.distance && m->point[i] < m->point[best.at]))
			best = one;
	}
	return best.at;
}

/* Put a neighbour into the heap. */
static void
heap_push(Mdav *m, Neighbour one)
{
	uint32		at = m->nnear++;

	while (at > 0 && farther(m, &one, &m->near[(at - 1) / 2]))
	{
		m->near[at] = m->near[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	m->near[at] = one;
	m->near_weight += m->weight[one.at];
}

/* Take the farthest out. */
static void
heap_pop(Mdav *m)
{
	Neighbour	last = m->near[--m->nnear];
	uint32		at = 0;

	m->near_weight -= m->weight[m->near[0].at];
	for (;;)
	{
		uint32		child = 2 * at + 1;

		if (child >= m->nnear)
			break;
		if (child + 1 < m->nnear && farther(m, &m->near[child + 1], &m->near[child]))
			child++;
		if (!farther(m, &m->near[child], &last))
			break;
		m->near[at] = m->near[child];
		at = child;
	}
	m->near[at] = last;
}

/* Make a group of a point and the nearest others that give it k, and take it away. */
static void
group_around(Mdav *m, uint32 center, double *place)
{
	memcpy(place, m->values + (Size) center * m->d, sizeof(double) * m->d);
	m->nnear = 0;
	m->near_weight = 0;
	for (uint32 i = 0; i < m->n; i++)
	{
		/* the point itself is in it, whatever else is in the same place */
		Neighbour	one = {i == center ? -1 : distance(m, i, place), i};

		if (m->near_weight >= m->k && !farther(m, &m->near[0], &one))
			continue;
		heap_push(m, one);
		while (m->near_weight - m->weight[m->near[0].at] >= m->k)
			heap_pop(m);
	}
	/* from the last place to the first, so that the places still to come stay right */
	sort_neighbours(m->near, m->nnear);
	for (uint32 i = 0; i < m->nnear; i++)
	{
		uint32		at = m->near[i].at;
		uint32		last = m->n - 1;
		int64		w = m->weight[at];

		m->group_of[m->point[at]] = m->ngroups;
		m->total -= w;
		for (int c = 0; c < m->d && m->total > 0; c++)
			m->mean[c] += (m->mean[c] - m->values[(Size) at * m->d + c]) *
				((double) w / (double) m->total);
		memmove(m->values + (Size) at * m->d, m->values + (Size) last * m->d, sizeof(double) * m->d);
		m->point[at] = m->point[last];
		m->weight[at] = m->weight[last];
		m->n--;
		m->removed++;
	}
	m->ngroups++;
	if (m->removed >= MEAN_STEPS)
		compute_mean(m);
}

/* Group a block. */
static void
group_block(Mdav *m)
{
	double	   *place = palloc(sizeof(double) * m->d);

	compute_mean(m);
	while (m->total >= 3 * m->k && m->n > 1)
	{
		CHECK_FOR_INTERRUPTS();
		group_around(m, farthest_from(m, m->mean), place);
		if (m->total >= 2 * m->k)
			group_around(m, farthest_from(m, place), place);
	}
	if (m->total >= 2 * m->k && m->n > 1)
		group_around(m, farthest_from(m, m->mean), place);
	if (m->n > 0)
	{
		/* heavy points may have left too little for another group */
		uint32		group = m->total >= m->k ? m->ngroups++ : m->ngroups - 1;

		for (uint32 i = 0; i < m->n; i++)
			m->group_of[m->point[i]] = group;
	}
	pfree(place);
}

/* The columns divided by their standard deviations, that of the population; constant ones by nothing. */
static double *
standardize(const MicroPoints *points)
{
	int			d = points->ncolumns;
	double	   *values = frame_alloc(points->memory, (Size) points->n * d, sizeof(double), false);

	for (int c = 0; c < d; c++)
	{
		double		mean = 0;
		double		squares = 0;
		int64		weight = 0;
		double		deviation;

		for (uint32 i = 0; i < points->n; i++)
		{
			double		away = points->values[(Size) i * d + c] - mean;
			int64		w = micro_weight(points, i);

			weight += w;
			mean += away * ((double) w / (double) weight);
			squares += (double) w * away * (points->values[(Size) i * d + c] - mean);
		}
		deviation = sqrt(squares / (double) weight);
		for (uint32 i = 0; i < points->n; i++)
			values[(Size) i * d + c] = (points->values[(Size) i * d + c] - mean) /
				(deviation > 0 ? deviation : 1);
	}
	return values;
}

/* The points of a block: places[0 .. n - 1] of the standardized values. */
typedef struct Blocks
{
	const MicroPoints *points;
	const double *values;
	BlockPlace *places;
	Mdav		m;
} Blocks;

/* The column in which some points are farthest from each other. */
static int
widest_column(const Blocks *b, const BlockPlace *places, uint32 n)
{
	int			d = b->points->ncolumns;
	int			widest = 0;
	double		width = -1;

	for (int c = 0; c < d; c++)
	{
		double		low = HUGE_VAL;
		double		high = -HUGE_VAL;

		for (uint32 i = 0; i < n; i++)
		{
			low = Min(low, b->values[(Size) places[i].at * d + c]);
			high = Max(high, b->values[(Size) places[i].at * d + c]);
		}
		if (high - low > width)
		{
			width = high - low;
			widest = c;
		}
	}
	return widest;
}

/* Divide points into blocks, and group each. */
static void
group_blocks(Blocks *b, BlockPlace *places, uint32 n)
{
	Mdav	   *m = &b->m;
	int			d = b->points->ncolumns;
	uint32		half = n / 2;
	int64		first = 0;
	int64		total = 0;

	check_stack_depth();
	for (uint32 i = 0; i < n; i++)
		total += micro_weight(b->points, places[i].at);
	if (n > BLOCK_POINTS && total / BLOCK_SIZE > m->k)
	{
		int			widest = widest_column(b, places, n);

		for (uint32 i = 0; i < n; i++)
			places[i].value = b->values[(Size) places[i].at * d + widest];
		sort_block(places, n);
		for (uint32 i = 0; i < half; i++)
			first += micro_weight(b->points, places[i].at);
		if (first >= m->k && total - first >= m->k)
		{
			group_blocks(b, places, half);
			group_blocks(b, places + half, n - half);
			return;
		}
	}
	m->n = n;
	m->total = total;
	for (uint32 i = 0; i < n; i++)
	{
		m->point[i] = places[i].at;
		m->weight[i] = micro_weight(b->points, places[i].at);
		memcpy(m->values + (Size) i * d, b->values + (Size) places[i].at * d, sizeof(double) * d);
	}
	group_block(m);
}

/* See microaggregate_internal.h. */
uint32
micro_mdav(const MicroPoints *points, int64 k, uint32 *group_of)
{
	Blocks		b = {.points = points};
	uint32		n = points->n;
	int			d = points->ncolumns;
	double	   *standardized = standardize(points);

	b.values = standardized;
	b.places = frame_alloc(points->memory, n, sizeof(BlockPlace), false);
	for (uint32 i = 0; i < n; i++)
		b.places[i].at = i;
	b.m.d = d;
	b.m.k = k;
	b.m.group_of = group_of;
	b.m.mean = palloc(sizeof(double) * d);
	b.m.values = frame_alloc(points->memory, (Size) n * d, sizeof(double), false);
	b.m.point = frame_alloc(points->memory, n, sizeof(uint32), false);
	b.m.weight = frame_alloc(points->memory, n, sizeof(int64), false);
	b.m.near = frame_alloc(points->memory, (Size) n + 1, sizeof(Neighbour), false);

	group_blocks(&b, b.places, n);

	frame_release(points->memory, b.m.near, (Size) n + 1, sizeof(Neighbour));
	frame_release(points->memory, b.m.weight, n, sizeof(int64));
	frame_release(points->memory, b.m.point, n, sizeof(uint32));
	frame_release(points->memory, b.m.values, (Size) n * d, sizeof(double));
	pfree(b.m.mean);
	frame_release(points->memory, b.places, n, sizeof(BlockPlace));
	frame_release(points->memory, standardized, (Size) n * d, sizeof(double));
	return b.m.ngroups;
}
