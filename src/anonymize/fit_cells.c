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

/* What a person counts, more than there are tuples; persons of all tuples still fit. */
#define ONE_PERSON			(INT64CONST(1) << 31)

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
measure(const CellProblem *problem, const CellSolution *solution, LabelledTuples *tuples,
		Fitted *fitted)
{
	FrameMemory *memory = &tuples->memory;
	int			m = problem->ncolumns;
	uint32	   *class_of = frame_alloc(memory, (Size) problem->n + 1, sizeof(uint32), false);
	uint32	   *codes = frame_alloc(memory, (Size) problem->n * m, sizeof(uint32), false);
	uint64		all = ~UINT64CONST(0) >> (64 - m);
	int64	   *sizes;

	for (Size i = 0; i < (Size) problem->n * m; i++)
		codes[i] = (solution->suppressed[i / m] & all) >> (i % m) & 1 ? LABEL_NULL : problem->codes[i];
	fitted->classes = labelled_classes(memory, problem->n, m, codes, problem->weights,
								  &fitted->smallest, class_of);
	if (tuples->persons != NULL)
		fitted->smallest = labelled_persons_least(tuples, (uint32) fitted->classes, class_of);
	if (!problem->wildcard)
		return;
	sizes = wildcard_counts(m, problem->n, codes, problem->nulls, problem->weights, memory);
	fitted->smallest = PG_INT64_MAX;
	for (uint32 i = 0; i < problem->n; i++)
		fitted->smallest = Min(fitted->smallest, sizes[i]);
}

/*
 * Let persons count for k.  Tuples that are home to nobody count, too, but less
 * than a person however many they are: so nothing is put together of nothing.
 */
static void
count_persons(LabelledTuples *tuples, CellProblem *problem)
{
	const LabelledPersons *persons = tuples->persons;
	int64	   *sizes = frame_alloc(&tuples->memory, (Size) problem->n + 1, sizeof(int64), false);
	int64	   *counts = frame_alloc(&tuples->memory, (Size) problem->n + 1, sizeof(int64), false);

	for (uint32 i = 0; i < problem->n; i++)
	{
		sizes[i] = persons->home[i] * ONE_PERSON + 1;
		counts[i] = persons->count[i] * ONE_PERSON + 1;
	}
	problem->sizes = sizes;
	problem->counts = counts;
	/* more than there are is not enough, however much */
	problem->k = Min(problem->k, (int64) persons->npersons + 1) * ONE_PERSON;
}

/* Are there persons with several tuples? */
static bool
has_wanderers(const LabelledTuples *tuples)
{
	return tuples->persons != NULL && tuples->persons->n > tuples->persons->npersons;
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
	int64		k;
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
	k = problem.k;
	problem.n = tuples->nlabelled;
	problem.codes = tuples->label_codes;
	problem.nulls = nulls;
	problem.weights = tuples->weights;
	problem.prices = cell_prices(policy);
	problem.sizes = problem.counts = problem.weights;
	problem.wildcard = policy->recoding.wildcard;
	if (tuples->persons != NULL)
		count_persons(tuples, &problem);

	if (!cells_suppress(&problem, &tuples->memory, &solution) && tuples->records > 0)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("no suppression of cells satisfies the policy"),
				 errdetail("The whole table has " INT64_FORMAT " %s, \"k\" wants " INT64_FORMAT " in every class.",
						   tuples->persons != NULL ? (int64) tuples->persons->npersons : tuples->records,
						   tuples->persons != NULL ? "persons" : "records", k)));

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
		measure(&problem, &solution, tuples, fitted);
		fitted->loss = suppressed / (weights * tuples->records);
	}
	/* a price by importance is no loss */
	fitted->bounded = solution.bounded && policy->recoding.nimportance == 0 && !has_wanderers(tuples);
	fitted->bound = tuples->records > 0 ? solution.bound / (weights * tuples->records) : 0;
	fitted->recoding = labelled_tuples_recoding(tuples, "cells", k, texts, typed, NULL);
}
