/*-------------------------------------------------------------------------
 *
 * loss.h
 *		The loss of a node of the lattice: of its levels, of the classes it
 *		suppresses, and of all columns together.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_LOSS_H
#define KIAIM_LOSS_H

#include "anonymize/search.h"

/* Share of a column's loss on a level, before suppression. */
extern double loss_of_level(const PathTable *table, int column, int level);

/*
 * Losses of the columns become one; weight_sum: the sum of the columns'
 * weights.  The largest one, where the losses are to be ranked.
 */
extern double loss_aggregate(const Policy *policy, double weight_sum, const double *losses);

/*
 * What suppressing the classes whose verdict is at least that adds to the loss
 * of each column: a suppressed record costs 1 instead of the share of its label.
 */
extern void loss_of_classes(const PathTable *table, const LatticeNode *node,
							const PathTuples *classes, const uint8 *verdict, uint8 least,
							double *cost);

#endif							/* KIAIM_LOSS_H */
