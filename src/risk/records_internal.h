/*-------------------------------------------------------------------------
 *
 * records_internal.h
 *		What the files of kiaim.record_risk share: the figures of the tuples that
 *		its records have, and of their households.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_RECORDS_INTERNAL_H
#define KIAIM_RISK_RECORDS_INTERNAL_H

#include "postgres.h"

#include "risk/population_table.h"
#include "risk/suda.h"
#include "risk/sums.h"
#include "risk/tuples.h"

/* The code of a person or household that is not asked for. */
#define RECORD_NOBODY	PG_UINT32_MAX

/* ---- record_figures.c ---- */

/* What a record takes from its tuple, in one place for the sake of the caches. */
typedef struct TupleFigures
{
	int64		size;			/* of the class: persons, or records; with wildcards all that match */
	double		population;		/* those of the population who share the values, known or estimated */
	double		individual;		/* risk */
} TupleFigures;

typedef struct RecordFigures
{
	TupleFigures *tuple;
	double		fraction;		/* of the population that is in the sample, 0 < fraction <= 1 */
} RecordFigures;

/* The figures where the relation is the whole population. */
extern RecordFigures *record_figures_alone(RiskTuples *t, bool wildcard);

/* The same for a sample of a population of so many persons: error 22023 if the sample is larger. */
extern RecordFigures *record_figures_sample(RiskTuples *t, bool wildcard, int64 population);

/*
 * The same for a population whose classes are known; NaN where they were to be
 * fitted and could not.  Who is in the sample is in the population, whatever it says.
 */
extern RecordFigures *record_figures_known(RiskTuples *t, bool wildcard,
										   const RiskPopulation *population);

/* Weights while they are read: how many of the population a record stands for. */
typedef struct RecordWeights
{
	RiskTuples *tuples;
	const char *column;			/* for errors */
	Sum		   *sums;			/* by tuple */
	PairSums   *persons;		/* by tuple and person; NULL where no person is named */
} RecordWeights;

extern RecordWeights *record_weights(RiskTuples *t, const char *column);

/* Error 22004 if the weight is NULL, 22023 if it is negative, NaN or infinite. */
extern void record_weights_add(RecordWeights *w, uint32 tuple, uint32 person, Datum weight,
							   bool isnull);

/* The figures by the weights of all records; gives the weights back. */
extern RecordFigures *record_figures_weighted(RecordWeights *w, bool wildcard);

/* ---- record_contributions.c ---- */

/* The contributions of columns to scores, as jsonb; in the current memory context. */
typedef struct RecordContributions RecordContributions;

extern RecordContributions *record_contributions(const SudaResult *suda, const char **names);

/* Those of a tuple with a score: column to share of the score; good until the next call. */
extern Datum record_contributions_of(RecordContributions *c, uint32 tuple);

/* ---- record_households.c ---- */

/* The risk that one of a household is found. */
typedef struct RecordHouseholds RecordHouseholds;

/* Records are members of their households, or persons where they are named. */
extern RecordHouseholds *record_households(FrameMemory *memory, bool persons);

/* A record of a household with its risk; a person counts once, with the greatest. */
extern void record_households_add(RecordHouseholds *h, uint32 household, uint32 person, double risk);

/* No record comes any more; then the risk of each household that has one. */
extern void record_households_finish(RecordHouseholds *h);
extern double record_households_risk(const RecordHouseholds *h, uint32 household);

#endif							/* KIAIM_RISK_RECORDS_INTERNAL_H */
