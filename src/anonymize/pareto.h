/*-------------------------------------------------------------------------
 *
 * pareto.h
 *		Releases of which none is better than another in everything: loss,
 *		suppressed records, and the smallest class, which is the highest risk.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_PARETO_H
#define KIAIM_PARETO_H

#include "anonymize/search.h"

/* A release: a node, and the k required of its classes. */
typedef struct ParetoPoint
{
	LatticeNode node;
	int			k;				/* required */
	double		loss;
	int64		suppressed;
	int64		smallest;		/* class released; 0 if there is none, which is worse than any */
	int64		classes;
	bool		explored;		/* room for its user */
} ParetoPoint;

typedef struct Pareto
{
	FrameMemory *memory;
	int			ncolumns;
	int64		n;
	int64		size;
	ParetoPoint *points;		/* by loss */
} Pareto;

/* No points yet, of nodes with so many columns. */
extern void pareto_init(Pareto *p, int ncolumns, FrameMemory *memory);

/*
 * Take a point unless one at hand is as good in everything, and drop those it
 * is as good as.  Of equal points the one stays that comes first by the sum of
 * levels, then levels in column order, then k required.
 */
extern bool pareto_offer(Pareto *p, const ParetoPoint *point);

#endif							/* KIAIM_PARETO_H */
