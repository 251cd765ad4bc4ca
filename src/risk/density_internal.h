/*-------------------------------------------------------------------------
 *
 * density_internal.h
 *		Marginal tables, of which a density is made.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_RISK_DENSITY_INTERNAL_H
#define KIAIM_RISK_DENSITY_INTERNAL_H

#include "risk/density.h"

/* Columns as a set of bits. */
typedef uint64 ColumnSet;

#define MAX_DENSITY_COLUMNS		64
#define COLUMN_BIT(c)			(UINT64CONST(1) << (c))

/* Columns that depend on each other directly are no more than these. */
#define MAX_CLIQUE	3

/* The members of the sample by the values of some columns. */
typedef struct Marginal
{
	int			ncolumns;
	const uint32 *codes[MAX_CLIQUE];
	uint64		stride[MAX_CLIQUE];
	uint32	   *first;			/* by slot a tuple of it, or NULL if the place of a slot is computed */
	int			shift;			/* of hashes */
	uint64		nslots;
	double	   *value;			/* by slot */
} Marginal;

/* The counts of a marginal table, in the account of the tuples until it is freed. */
extern Marginal *marginal_create(RiskTuples *t, ColumnSet columns);
extern void marginal_free(RiskTuples *t, Marginal *m);

/* The slot of a tuple: its own, or an empty one where it belongs. */
extern uint64 marginal_slot(const Marginal *m, uint32 tuple);

#endif							/* KIAIM_RISK_DENSITY_INTERNAL_H */
