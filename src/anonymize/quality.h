/*-------------------------------------------------------------------------
 *
 * quality.h
 *		What makes one node of the lattice better than another: the policy's
 *		quality model, its scores and the bounds that it gives the search.
 *
 * Smaller scores are better.  Every model knows a share of each column on each
 * level, so that a bound of any node is known before it is looked at.  Models
 * "by column" aggregate these shares, with the weights of the columns, and the
 * bound is the score but for what is suppressed.  The others score the classes;
 * their bounds are weaker, and evaluated nodes improve them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_QUALITY_H
#define KIAIM_QUALITY_H

#include "anonymize/classes.h"
#include "anonymize/search.h"

/*
 * The quality model of a policy over a table.  Error 54000 if scores can get
 * too large.
 */
extern Quality *quality_create(const PathTable *table, FrameMemory *memory, const Policy *policy);

/* ---- bounds ---- */

/* The shares of a column. */
typedef struct QualityColumn
{
	double	   *share;			/* share[level] if nothing is suppressed; never decreases with the level */
	double	   *rest;			/* rest[level]: what suppressing all records would add at least, in proportion */
	double		whole;			/* if everything is suppressed: no share is larger */
} QualityColumn;

/* Those of all columns. */
extern const QualityColumn *quality_columns(const Quality *q);

/*
 * No node at these levels or above has a smaller score, given lower bounds of
 * the columns' shares there; below: Evaluation.below of a node above, or
 * -INFINITY.  With the aggregate "rank" it is a number to order nodes by that
 * exceeds no score.
 */
extern double quality_bound(const Quality *q, const LatticeNode *node, const double *shares,
							double below);

/*
 * Where the bound of a node is a sum over its columns, but for a monotone
 * function: the terms, which only grow with the level, and that function.
 * Without such prices quality_price() is a number to order columns by.
 */
extern bool quality_has_prices(const Quality *q);
extern double quality_price(const Quality *q, int column, int level);
extern double quality_of_prices(const Quality *q, double sum);

/* Does the order of scores need more than quality_bound(), to see that a node is worse? */
extern bool quality_is_ranked(const Quality *q);

/* If so: are all nodes whose shares are not below these worse than one evaluated? */
extern bool quality_beaten(const Quality *q, const double *shares, const Evaluation *than);

/* Do floors and Evaluation.below improve the bounds? */
extern bool quality_has_floor(const Quality *q);

/* ---- scores ---- */

/* Before verdicts: the floor and what bounds nodes below, as far as sizes tell. */
extern void quality_of_sizes(Quality *q, const LatticeNode *node, const ClassCounter *c,
							 Evaluation *result);

/* After verdicts: the score if the node is feasible, and the costs of the lasting classes. */
extern void quality_of_classes(Quality *q, const LatticeNode *node, ClassCounter *c,
							   Evaluation *result);

/* The order of scores: negative, 0 or positive.  Scores that only rounding tells apart are equal. */
extern int	quality_compare(const Quality *q, const Evaluation *a, const Evaluation *b);

/* A bound above this belongs to a node that is worse. */
extern double quality_limit(const Quality *q, const Evaluation *than);

/* Do the weights of columns and the aggregate have an effect? */
extern bool quality_by_column(PolicyQuality quality);

#endif							/* KIAIM_QUALITY_H */
