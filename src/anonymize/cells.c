/*-------------------------------------------------------------------------
 *
 * cells.c
 *		Cell suppression: from a problem to its solution.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "anonymize/cells_internal.h"
#include "privacy/wildcard.h"

/*
 * Where NULL matches everything, tuples need not agree on a group: the
 * cheapest that holds k is the best for each.
 */
static uint32 *
choose_cheapest(const CellProblem *problem, const CellGraph *g)
{
	uint32	   *group_of = frame_alloc(g->memory, g->ntuples, sizeof(uint32), false);

	for (uint32 i = 0; i < g->ntuples; i++)
	{
		double		least = cell_price_in(problem, g, i, GROUP_ALL);

		if ((i & 0xffff) == 0)
			CHECK_FOR_INTERRUPTS();
		group_of[i] = GROUP_ALL;
		for (uint32 j = g->choice_start[i]; j < g->choice_start[i + 1]; j++)
		{
			double		price = cell_price_in(problem, g, i, g->choices[j]);

			if (price < least)
			{
				least = price;
				group_of[i] = g->choices[j];
			}
		}
	}
	return group_of;
}

/* See cells.h. */
bool
cells_suppress(const CellProblem *problem, FrameMemory *memory, CellSolution *solution)
{
	CellGraph  *g;
	int64		total = 0;
	const int64 *counts = problem->counts;
	uint32	   *group_of;

	memset(solution, 0, sizeof(CellSolution));
	solution->suppressed = frame_alloc(memory, problem->n, sizeof(uint64), true);
	for (uint32 i = 0; i < problem->n; i++)
		total += problem->sizes[i];
	if (total < problem->k)
		return false;

	if (problem->wildcard)
		counts = wildcard_counts(problem->ncolumns, problem->n, problem->codes, problem->nulls,
								 problem->weights, memory);
	g = cell_graph_build(problem, counts, memory);
	group_of = problem->wildcard ? choose_cheapest(problem, g) : cell_search_value(problem, g);

	solution->bounded = g->complete;
	for (uint32 i = 0; i < g->ntuples; i++)
	{
		if (g->nulls[i] != 0)
			solution->bounded = false;
		if (i < g->nfailing)
			solution->bound += g->bound[i] * g->weight[i];
		if (group_of[i] == GROUP_NONE)
			continue;
		solution->suppressed[g->tuple[i]] = g->pattern[group_of[i]] & ~g->nulls[i];
		solution->price += cell_price_in(problem, g, i, group_of[i]);
	}
	return true;
}
