/*-------------------------------------------------------------------------
 *
 * population.h
 *		How many persons of a population are unique in it, estimated from a
 *		sample of it: from how many classes the sample has of each size.
 *
 * A sample has n records in u classes, s_1 of them with one record, s_2 with
 * two, and so on; the population has N persons, pi = n / N.  Each estimator is
 * a file of its own.  Whoever asks for one gets an estimate and whether it may
 * be relied on; an estimate that is not valid says nothing.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_POPULATION_H
#define KIAIM_POPULATION_H

#include "postgres.h"

/* How many classes there are of each size, ascending by size. */
typedef struct SizeHistogram
{
	int64		n;				/* different sizes */
	const int64 *size;			/* > 0 */
	const int64 *classes;		/* of that size */
} SizeHistogram;

typedef enum PopulationModel
{
	POPULATION_DANKAR,
	POPULATION_PITMAN,
	POPULATION_ZAYATZ,
	POPULATION_SNB
} PopulationModel;

#define POPULATION_NMODELS	(POPULATION_SNB + 1)

/* Their names, in this order. */
extern const char *const population_model_names[POPULATION_NMODELS];

/* What an estimator has fitted on the way, for who wants to look into it. */
typedef struct PopulationParameter
{
	const char *name;			/* "theta", ... */
	double		value;
} PopulationParameter;

#define POPULATION_MAX_PARAMETERS	3

typedef struct PopulationEstimate
{
	bool		valid;			/* the estimator applies and its iteration has converged */
	double		uniques;		/* persons unique in the population, 0 .. N; if it is valid */
	PopulationModel model;		/* whose estimate it is: that which Dankar's rule chose */
	const char *reason;			/* why it is not valid, in words; NULL if it is */
	int			nparameters;
	PopulationParameter parameters[POPULATION_MAX_PARAMETERS];
} PopulationEstimate;

/*
 * Estimate by a model.  A sample without uniques gives 0; a sample that is as
 * large as the population, or larger, is the population.  Without records
 * there is no estimate.
 */
extern PopulationEstimate population_uniques(PopulationModel model, const SizeHistogram *sample,
											 int64 population);

#endif							/* KIAIM_POPULATION_H */
