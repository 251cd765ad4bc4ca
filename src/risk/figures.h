/*-------------------------------------------------------------------------
 *
 * figures.h
 *		The room "risk", figures: the metrics of kiaim.risk, for a table as it
 *		is and after a column is dropped.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_FIGURES_H
#define KIAIM_RISK_FIGURES_H

#include "postgres.h"
#include "fmgr.h"

#include "risk/arguments.h"
#include "risk/population_table.h"
#include "risk/tuples.h"

/*
 * The arguments (source, quasi, person, threshold, population, population_table,
 * population_margins, population_count, wildcard) that such functions have.
 */
typedef struct RiskRequest
{
	Oid			source;
	RiskColumns *columns;
	double		threshold;
	int64		population;		/* 0 if not given */
	Oid			table;			/* or InvalidOid */
	ArrayType  *margins;		/* or NULL */
	const char *count;			/* or NULL */
	bool		wildcard;
} RiskRequest;

/* Take and check them. */
extern RiskRequest *risk_request(FunctionCallInfo fcinfo);

/* The tuples that a request asks for; the caller has connected to SPI. */
extern RiskTuples *risk_request_tuples(const RiskRequest *request);

/* The population table or margins of a request, or NULL. */
extern RiskPopulation *risk_request_population(const RiskRequest *request, RiskTuples *t);

/* Takes a metric; NaN is one that has no value. */
typedef void (*RiskPut) (void *state, const char *metric, double value);

/*
 * All metrics of tuples, of which column c is quasi-identifier quasi[c];
 * population may be NULL.
 */
extern void risk_figures(const RiskRequest *request, RiskTuples *t, const int *quasi,
						 const RiskPopulation *population, RiskPut put, void *state);

#endif							/* KIAIM_RISK_FIGURES_H */
