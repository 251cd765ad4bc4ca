/*-------------------------------------------------------------------------
 *
 * microaggregate.h
 *		Microaggregation: numbers in groups of at least k that are as near to
 *		each other as can be.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_MICROAGGREGATE_H
#define KIAIM_MICROAGGREGATE_H

#include "postgres.h"

#include "frame/frame.h"

/* Finite numbers; a point is in a group as a whole. */
typedef struct MicroPoints
{
	uint32		n;
	int			ncolumns;
	double	   *values;			/* n * ncolumns */
	const int64 *weights;		/* records of each point, or NULL: 1 */
	FrameMemory *memory;
} MicroPoints;

/*
 * The group of each point, from 0; all weigh at least k together.  One column:
 * the groups with the least sum of squared distances to their means.  Several:
 * MDAV on columns divided by their standard deviations (of the population: by
 * n).  Returns the number of groups.
 */
extern uint32 micro_groups(const MicroPoints *points, int64 k, uint32 *group_of);

/* Sum of squared distances to the mean of the group, and to the mean of all, of a column. */
extern void micro_squares(const MicroPoints *points, int column, uint32 ngroups,
						  const uint32 *group_of, double *within, double *total);

#endif							/* KIAIM_MICROAGGREGATE_H */
