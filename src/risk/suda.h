/*-------------------------------------------------------------------------
 *
 * suda.h
 *		Special uniques: the few columns that single a record out.
 *
 * A record is unique in a set of columns if all records that match it there
 * belong to one person (where no person is named: if it is the only one).  A
 * minimal sample unique is a set of columns in which a record is unique while
 * it is unique in no proper subset.  All of at most max_columns columns are found.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_SUDA_H
#define KIAIM_RISK_SUDA_H

#include "postgres.h"

#include "risk/tuples.h"

/* What a minimal sample unique adds to the score of its record, n being the number of columns. */
typedef enum SudaWeighting
{
	SUDA_ORIGINAL,				/* Elliot's: the product of n - i for all i from its size to
								 * max_columns, below n */
	SUDA_IHSN					/* (2^(n - size) - 1) size! (n - size)! / n! */
} SudaWeighting;

typedef struct SudaResult
{
	int			ncolumns;
	int			max_columns;	/* at most ncolumns */
	double	   *score;			/* by tuple; 0 where there is no minimal sample unique */
	double	  **contribution;	/* [column][tuple]: sum of what the minimal sample uniques with this
								 * column add; the share of the score is contribution / score */
	double		total;			/* sum of the scores of all records (of a person: of each) */
	int64		uniques;		/* records that have a score */
	double		dis;			/* the share of true matches among unique matches, by the sampling
								 * fraction: NaN where no record is unique and none in a class of two */
	/* for suda_dis() */
	int64		classes;		/* distinct tuples of one person that nobody else matches */
	double		exponent;
	double		spread;
} SudaResult;

/*
 * The scores of all tuples.  max_columns >= 1 is cut to the number of columns;
 * fraction is the sampling fraction, 0 < fraction <= 1, for dis.  With wildcard
 * NULL matches everything.  Arrays are in the current memory context, counted
 * in tuples->memory; suda_free() gives them back.  Errors: 54000 beyond
 * 64 columns, 53400 beyond kiaim.max_memory.
 */
extern SudaResult *suda_scores(RiskTuples *tuples, int max_columns, SudaWeighting weighting,
							   double fraction, bool wildcard);
extern void suda_free(RiskTuples *tuples, SudaResult *result);

/* DIS-SUDA of a tuple: its part of the file's true matches; 0 without a score. */
extern double suda_dis(const SudaResult *result, uint32 tuple);

/* What a minimal sample unique of a size adds to the score, of at most max_columns <= ncolumns columns. */
extern double suda_weight(SudaWeighting weighting, int size, int max_columns, int ncolumns);

/* "original" or "ihsn"; error 22023 for anything else. */
extern SudaWeighting suda_weighting(const char *name);

#endif							/* KIAIM_RISK_SUDA_H */
