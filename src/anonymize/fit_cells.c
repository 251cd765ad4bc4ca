/*-------------------------------------------------------------------------
 *
 * fit_cells.c
 *		The recoding "cells": values of quasi-identifiers become NULL where it
 *		takes that, and stay what they are everywhere else.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "anonymize/cells.h"
#include "anonymize/fitted.h"
#include "anonymize/labelled_tuples.h"
#include "privacy/wildcard.h"

/* An important column is worth so many times the next one. */
#define IMPORTANCE_STEP		2

/* What a suppressed cell of each column costs. */
static double *
cell_prices(const Policy *policy)
{
	const PolicyRecoding *recoding = &policy->recoding;
	double	   *prices = palloc(sizeof(double) * policy->nquasi);

	for (int c = 0; c < policy->nquasi; c++)
	{
		prices[c] = policy->quasi[c].weight;
		for (int i = 0; i < recoding->nimportance; i++)
			if (strcmp(recoding->importance[i], policy->quasi[c].column) == 0)
				for (int step = i; step < recoding->nimportance; step++)
					prices[c] *= IMPORTANCE_STEP;
	}
	return prices;
}

/* Figures of the release, counted from the released tuples. */
static void
measure(const CellProblem *problem, const CellSolution *solution, FrameMemory *memory,
		Fitted *fitted)
{
	int			m = problem->ncolumns;
	uint32	   *codes = frame_alloc(memory, (Size) problem->n * m, sizeof(uint32), false);
	uint64		all = ~UINT64CONST(0) >> (64 - m);
	int64	   *sizes;

	for (Size i = 0; i < (Size) problem->n * m; i++)
		codes[i] = (solution->suppressed[i / m] & all) >> (i % m) & 1 ? LABEL_NULL : problem->codes[i];
	fitted->classes = labelled_classes(memory, problem->n, m, codes, problem->weights,
								  &fitted->smallest);
	if (!problem->wildcard)
		return;
	sizes = wildcard_counts(m, problem->n, codes, problem->nulls, problem->weights, memory);
	fitted->smallest = PG_INT64_MAX;
	for (uint32 i = 0; i < problem->n; i++)
		fitted->smallest = Min(fitted->smallest, sizes[i]);
}

/* See fitted.h. */
void
fit_cells(Oid relid, Policy *policy, Fitted *fitted)
{
	LabelledTuples  *tuples = labelled_tuples_read(relid, policy, "cells");
	CellProblem problem = {.ncolumns = policy->nquasi, .k = 1};
	CellSolution solution;
	uint32	   *nulls;
	char	  **texts;
	bool	   *typed;
	double		weights = 0;
	double		suppressed = 0;

	if (policy->nquasi > CELLS_MAX_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the policy has too many quasi-identifiers"),
				 errdetail("It has %d, at most %d are possible.", policy->nquasi, CELLS_MAX_COLUMNS)));
	nulls = palloc0(sizeof(uint32) * policy->nquasi);
	typed = palloc(sizeof(bool) * policy->nquasi);
	for (int c = 0; c < policy->nquasi; c++)
	{
		nulls[c] = LABEL_NULL;
		typed[c] = policy->quasi[c].min_level == 0;
		weights += policy->quasi[c].weight;
	}
	for (int i = 0; i < policy->nrequirements; i++)
		problem.k = Max(problem.k, (int64) policy->requirements[i].wanted);
	problem.n = tuples->nlabelled;
	problem.codes = tuples->label_codes;
	problem.nulls = nulls;
	problem.weights = tuples->weights;
	problem.prices = cell_prices(policy);
	problem.wildcard = policy->recoding.wildcard;

	if (!cells_suppress(&problem, &tuples->memory, &solution) && tuples->records > 0)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("no suppression of cells satisfies the policy"),
				 errdetail("The whole table has " INT64_FORMAT " records, \"k\" wants " INT64_FORMAT " in every class.",
						   tuples->records, problem.k)));

	texts = frame_alloc(&tuples->memory, (Size) problem.n * problem.ncolumns + 1, sizeof(char *), true);
	for (uint32 i = 0; i < problem.n; i++)
		for (int c = 0; c < problem.ncolumns; c++)
		{
			Size		cell = (Size) i * problem.ncolumns + c;

			if ((solution.suppressed[i] >> c & 1) == 0)
				texts[cell] = tuples->columns[c].labels[problem.codes[cell]];
			else
				suppressed += policy->quasi[c].weight * problem.weights[i];
		}
	if (tuples->records > 0)
	{
		measure(&problem, &solution, &tuples->memory, fitted);
		fitted->loss = suppressed / (weights * tuples->records);
	}
	/* a price by importance is no loss */
	fitted->bounded = solution.bounded && policy->recoding.nimportance == 0;
	fitted->bound = tuples->records > 0 ? solution.bound / (weights * tuples->records) : 0;
	fitted->recoding = labelled_tuples_recoding(tuples, "cells", problem.k, texts, typed, NULL);
}
