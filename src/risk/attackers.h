/*-------------------------------------------------------------------------
 *
 * attackers.h
 *		The room "risk", attackers: what all records together are worth to
 *		somebody who takes one of so many persons for the right one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_ATTACKERS_H
#define KIAIM_RISK_ATTACKERS_H

#include "postgres.h"

#include "risk/risk.h"
#include "risk/tuples.h"

/* The records among as many persons. */
typedef struct RiskRank
{
	double		size;			/* persons that an attacker cannot tell apart, > 0 */
	int64		records;
	double		risk;			/* of each of them: that the right one is taken */
	double		above;			/* the probability that it exceeds the threshold */
} RiskRank;

/* The records by size, ascending; the risk falls. */
typedef struct RiskView
{
	int64		n;
	RiskRank   *ranks;
	int64		nrecords;
} RiskView;

/* Who knows who is in the data looks among the persons of the data: the risk is 1 / size. */
extern RiskView *risk_view_sample(RiskTuples *t, const RiskSizes *sizes, double threshold);

/* Who knows the population looks among size[tuple] of its persons. */
extern RiskView *risk_view_population(RiskTuples *t, const double *size, double threshold);

/* NaN without records. */
extern double risk_view_highest(const RiskView *v);
extern double risk_view_lowest(const RiskView *v);
extern double risk_view_average(const RiskView *v);
extern double risk_view_share_above(const RiskView *v);

/*
 * The share of persons who are found when each is looked for once, by one of
 * the person's records as it comes; size: by tuple, as in the view.  Without a
 * person each record is one.
 */
extern double risk_success_rate(const RiskTuples *t, const RiskView *v, const int64 *size,
								const double *population_size);

/* An estimate of the view of who knows a population of which the data are a sample: journalist.c. */

/*
 * F, the persons of the population in a class that has f in the sample: F - f
 * is negative binomial, of f - alpha and p.  With alpha and theta of Pitman's
 * model p is (n + theta) / (N + theta); with an alpha of 0 and p = n / N that is
 * the model of Benedetti and Franconi.
 */
typedef struct ClassGrowth
{
	bool		valid;
	double		alpha;
	double		p;				/* 0 < p <= 1 */
} ClassGrowth;

/* E[1/F] */
extern double class_growth_risk(const ClassGrowth *growth, double f);

/* The probability that 1/F exceeds a threshold. */
extern double class_growth_above(const ClassGrowth *growth, double f, double threshold);

/* The view of the sample with the risks that this gives. */
extern RiskView *risk_view_estimate(const RiskView *sample, const ClassGrowth *growth, double threshold);

#endif							/* KIAIM_RISK_ATTACKERS_H */
