/*-------------------------------------------------------------------------
 *
 * population_table.h
 *		The room "risk", population tables: how many persons of a population
 *		there are of each tuple of quasi-identifiers.
 *
 * A population is known by one table with all quasi-identifiers, or by several
 * tables each with some of them, its margins.  Margins that share no column are
 * taken as independent; those that do are fitted into one part (ipf.h).
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_POPULATION_TABLE_H
#define KIAIM_RISK_POPULATION_TABLE_H

#include "postgres.h"
#include "utils/array.h"

#include "risk/arguments.h"
#include "risk/tuples.h"

/* The counts of the persons by some of the quasi-identifiers. */
typedef struct PopulationPart
{
	Oid			relid;			/* whose counts they are, or InvalidOid if of several */
	int			ncolumns;
	int		   *columns;		/* numbers of quasi-identifiers, ascending */
	int64		ncells;
	uint32	  **codes;			/* codes[i][cell] of columns[i], in the dictionaries of the tuples */
	double	   *counts;			/* > 0 */
	double		persons;		/* their sum */
	bool		folded;			/* several cells can have the same codes */
} PopulationPart;

typedef struct RiskPopulation
{
	double		persons;
	uint32	   *nulls;			/* by quasi-identifier, the code of NULL */
	int			nparts;			/* independent of each other; together they have all columns */
	PopulationPart *parts;
	bool		margins;		/* the joint counts are a fit and no facts */
	bool		converged;		/* the fit agrees with the margins; true for facts */
	double		deviation;		/* the share of persons by which they disagree at most */
} RiskPopulation;

/*
 * Read a population: table, or else margins (an array of regclass).  count
 * names the column of counts, or is NULL where each row is a person.  Its values
 * become known to the dictionaries of the tuples of source.
 *
 * Errors: 22023 for both table and margins, no margin or a quasi-identifier
 * in none; 42703 for a missing column; 42804 for one of another type; 22004 and
 * 22023 for a count that is none; 22023 for margins that contradict each other.
 */
extern RiskPopulation *risk_population_read(RiskTuples *t, const RiskColumns *columns, Oid source,
											Oid table, ArrayType *margins, const char *count);

/*
 * By tuple, the persons of the population who match it, 0 where there is none.
 * t may be a projection: quasi[c] is the number of the quasi-identifier that is
 * its column c.  A count that is not an integer is exact to a millionth.
 */
extern double *risk_population_sizes(const RiskPopulation *population, RiskTuples *t,
									 const int *quasi, bool wildcard);

/*
 * Persons alone in the population in the columns of the tuples; NaN where
 * counts are no integers, or fitted.
 */
extern double risk_population_uniques(const RiskPopulation *population, RiskTuples *t,
									  const int *quasi);

/* ---- ipf.c ---- */

/*
 * Fit the joint counts of margins which are connected by shared columns: those
 * of largest entropy with these margins, by iterative proportional fitting on
 * the combinations that no margin excludes.  Returns what disagrees in the end, as
 * a share of the persons.  Error 22023 where two margins contradict each other in
 * shared columns.
 */
extern double ipf_fit(RiskTuples *t, const RiskColumns *columns, int nmargins,
					  const PopulationPart *const *margins, PopulationPart *joint);

/* How much two counts may differ that should be the same: a hundredth, or rounding. */
extern bool population_counts_agree(double a, double b);

#endif							/* KIAIM_RISK_POPULATION_TABLE_H */
