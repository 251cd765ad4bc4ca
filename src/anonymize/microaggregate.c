/*-------------------------------------------------------------------------
 *
 * microaggregate.c
 *		Groups of a single column: the best there are (Hansen and Mukherjee).
 *
 * In the best grouping, groups are intervals of the sorted values that cannot
 * be divided into two of at least k.  So the cheapest way to group the first j
 * values ends with one of few groups, and a shortest path over the values finds
 * all.  The squares of a group are summed up from its last value to its first
 * about the running mean: no difference of large sums is ever taken.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "anonymize/microaggregate_internal.h"

/* Where a point is in the order of the values. */
typedef struct Place
{
	double		value;
	uint32		point;
} Place;

#define ST_SORT				sort_places
#define ST_ELEMENT_TYPE		Place
#define ST_COMPARE(a, b) \
	((a)->value != (b)->value ? ((a)->value < (b)->value ? -1 : 1) : \
	 (a)->point < (b)->point ? -1 : (a)->point > (b)->point)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* The best groups of one column. */
static uint32
group_intervals(const MicroPoints *points, int64 k, uint32 *group_of)
{
	uint32		n = points->n;
	Place	   *places = frame_alloc(points->memory, n, sizeof(Place), false);
	double	   *cost = frame_alloc(points->memory, (Size) n + 1, sizeof(double), false);
	uint32	   *before = frame_alloc(points->memory, (Size) n + 1, sizeof(uint32), false);
	uint32		ngroups = 0;

	for (uint32 i = 0; i < n; i++)
	{
		places[i].value = points->values[i];
		places[i].point = i;
	}
	sort_places(places, n);
	cost[0] = 0;
	for (uint32 end = 1; end <= n; end++)
	{
		double		mean = 0;
		double		squares = 0;
		int64		weight = 0;
		int64		after = 0;	/* weight of the shortest group that ends here */

		if ((end & 0xfff) == 0)
			CHECK_FOR_INTERRUPTS();
		cost[end] = HUGE_VAL;
		before[end] = 0;
		/* places start .. end - 1; it can be divided once what precedes the shortest group is k */
		for (uint32 start = end; start-- > 0;)
		{
			int64		w = micro_weight(points, places[start].point);
			double		away = places[start].value - mean;

			weight += w;
			mean += away * ((double) w / (double) weight);
			squares += (double) w * away * (places[start].value - mean);
			if (weight < k)
				continue;
			if (after == 0)
				after = weight;
			if (cost[start] + squares < cost[end])
			{
				cost[end] = cost[start] + squares;
				before[end] = start;
			}
			if (weight - after >= k)
				break;
		}
	}
	for (uint32 end = n; end > 0; end = before[end])
	{
		for (uint32 i = before[end]; i < end; i++)
			group_of[places[i].point] = ngroups;
		ngroups++;
	}
	frame_release(points->memory, before, (Size) n + 1, sizeof(uint32));
	frame_release(points->memory, cost, (Size) n + 1, sizeof(double));
	frame_release(points->memory, places, n, sizeof(Place));
	return ngroups;
}

/* See microaggregate.h. */
uint32
micro_groups(const MicroPoints *points, int64 k, uint32 *group_of)
{
	if (points->ncolumns == 1)
		return group_intervals(points, k, group_of);
	return micro_mdav(points, k, group_of);
}

/* See microaggregate.h. */
void
micro_squares(const MicroPoints *points, int column, uint32 ngroups, const uint32 *group_of,
			  double *within, double *total)
{
	/* one more than there are groups: all points together */
	double	   *mean = frame_alloc(points->memory, (Size) ngroups + 1, sizeof(double), true);
	int64	   *weight = frame_alloc(points->memory, (Size) ngroups + 1, sizeof(int64), true);

	*within = *total = 0;
	for (uint32 i = 0; i < points->n; i++)
	{
		double		value = points->values[(Size) i * points->ncolumns + column];
		int64		w = micro_weight(points, i);

		for (int all = 0; all <= 1; all++)
		{
			uint32		g = all ? ngroups : group_of[i];
			double		away = value - mean[g];
			double	   *sum = all ? total : within;

			weight[g] += w;
			mean[g] += away * ((double) w / (double) weight[g]);
			*sum += (double) w * away * (value - mean[g]);
		}
	}
	frame_release(points->memory, weight, (Size) ngroups + 1, sizeof(int64));
	frame_release(points->memory, mean, (Size) ngroups + 1, sizeof(double));
}
