/*-------------------------------------------------------------------------
 *
 * frontier.h
 *		What the files of kiaim.frontier share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_FRONTIER_H
#define KIAIM_FRONTIER_H

#include "anonymize/pareto.h"
#include "anonymize/search.h"
#include "utils/timestamp.h"

/* The nodes of a lattice, evaluated for several k at once. */
typedef struct Frontier
{
	Evaluator  *evaluator;
	PathTable  *table;
	const Policy *policy;
	int64		limit;			/* records that may be suppressed */
	int			nk;
	const int  *k;				/* ascending */
	Pareto		pareto;
	int64		evaluated;		/* nodes */
	TimestampTz deadline;		/* or 0 */
	bool		late;
} Frontier;

/*
 * Judge the node that the evaluator has grouped, for each k that is not ruled
 * out, and offer what may be released.  Rules out what no node below can
 * satisfy; returns whether any k is left.  ruled_out may be NULL.
 */
extern bool frontier_judge(Frontier *f, const LatticeNode *node, bool *ruled_out);

/* Nodes of the lattice, levels that change nothing left aside. */
extern double frontier_nodes(const Frontier *f);

/* Evaluate every node that can satisfy the policy. */
extern void frontier_walk(Frontier *f);

/* Evaluate the neighbours of the best found, as far as a fixed amount of work or the time goes. */
extern void frontier_explore(Frontier *f);

#endif							/* KIAIM_FRONTIER_H */
