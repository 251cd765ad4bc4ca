/*-------------------------------------------------------------------------
 *
 * density.h
 *		The room "risk", density: how probable each tuple is in the population,
 *		by a log-linear model fitted to a sample, and what follows from it.
 *
 * The model is decomposable: main effects, and two-way terms chosen one after
 * the other, each together with the columns that both are tied to already (so
 * that three columns at most depend on each other directly).  The fit is a
 * product and quotient of counts; no table of all combinations is ever made.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_DENSITY_H
#define KIAIM_RISK_DENSITY_H

#include "postgres.h"

#include "risk/tuples.h"

/* A two-way term of the model: columns of the tuples, first < second. */
typedef struct RiskTerm
{
	int			first;
	int			second;
} RiskTerm;

typedef struct RiskDensity
{
	double		members;		/* records of all classes, or persons of each */
	double	   *log_p;			/* ln of the probability, by tuple */
	double	   *discount;		/* ln by which rare values are less probable than their share in
								 * the sample, by tuple; in log_p already */
	double		met_once;		/* the largest share of members with a value of a column that
								 * nobody else has */
	int			rarest;			/* that column */
	int			nterms;
	RiskTerm   *terms;			/* in the order in which they were chosen */
} RiskDensity;

/*
 * Fit a density to the sizes of the classes (persons where they are named).
 * Terms are added as long as that improves Akaike's criterion; without terms
 * columns are independent.  At most 64 columns: error 54000.  In the current
 * memory context; error 53400 beyond kiaim.max_memory.
 */
extern RiskDensity *risk_density(RiskTuples *t, bool terms);

/*
 * Of a person with a probability, in a population of so many: that nobody else
 * has the same tuple (xi of Rocher et al.), and the chance to name the right
 * one of all who have it, expected (kappa).
 */
extern double density_uniqueness(double log_p, double population);
extern double density_correctness(double log_p, double population);

/*
 * The chance to name the right one of all in the population who have the tuple
 * of a class of the sample, expected: E[1/F | f = size], where F - f has a
 * Poisson distribution with the mean rest.
 */
extern double density_match(int64 size, double rest);

/* What the model of Skinner and Holmes says of a sample of a population. */
typedef struct LoglinearRisk
{
	double		both;			/* tau 1: classes of one that are one in the population, too */
	double		both_undiscounted;	/* the same if rare values were as probable as in the sample */
	double		matches;		/* tau 2: E[1/F], summed over classes of one */
	double		all_matches;	/* f E[1/F], summed over all classes */
	double		squares;		/* of the probabilities that tau 1 adds */
	double		uniqueness;		/* mean xi of the members */
	double		uniqueness_squares;	/* mean of its squares */
	double		correctness;	/* mean kappa */
} LoglinearRisk;

/*
 * Whether the sample says enough of rare values: how probable each of those is
 * that it has met once is a guess, and so is what depends on it.
 */
extern bool loglinear_reliable(const LoglinearRisk *risk);

/*
 * For a population >= members of the sample; of a sample without members means
 * are NaN.
 */
extern void loglinear_risk(const RiskTuples *t, const RiskDensity *density, double population,
						   LoglinearRisk *risk);

#endif							/* KIAIM_RISK_DENSITY_H */
