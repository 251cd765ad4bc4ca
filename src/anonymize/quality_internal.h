/*-------------------------------------------------------------------------
 *
 * quality_internal.h
 *		The interface of a quality model, and what all of them share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_QUALITY_INTERNAL_H
#define KIAIM_QUALITY_INTERNAL_H

#include "anonymize/quality.h"

/* How scores are compared. */
typedef enum QualityPrecision
{
	SCORE_SUM,					/* equal within 1e-12 of the worst score: sums of rounded shares */
	SCORE_DIGITS,				/* equal in 12 digits: scores of very different size */
	SCORE_EXACT					/* made of whole numbers */
} QualityPrecision;

/* A model. */
typedef struct QualityModel
{
	bool		by_column;
	QualityPrecision precision;

	/* Fill the shares of all columns. */
	void		(*prepare) (Quality *q);

	/*
	 * What suppressing the classes whose verdict is at least that adds to the
	 * share of each column.  It must only grow with more classes and on lower
	 * levels.  NULL: nothing.
	 */
	void		(*cost) (Quality *q, const LatticeNode *node, const PathTuples *classes,
						 const uint8 *verdict, uint8 least, double *cost);

	/* The rest is for models that are not by column. */
	double		(*bound) (const Quality *q, const LatticeNode *node, const double *shares,
						  double below);
	/* floor and below, from sizes; may be NULL */
	void		(*sizes) (Quality *q, const LatticeNode *node, const ClassCounter *c,
						  Evaluation *result);
	/* the score, and floor and below as far as they need verdicts; shares include the costs */
	void		(*score) (Quality *q, const LatticeNode *node, ClassCounter *c,
						  const double *shares, Evaluation *result);
} QualityModel;

struct Quality
{
	const PathTable *table;
	const Policy *policy;
	FrameMemory *memory;
	const QualityModel *model;
	QualityColumn columns[MAX_QUASI];
	double		weight_sum;
	double		worst;			/* score if everything is suppressed; of SCORE_SUM */
	double		records;

	/* private to the models */
	int64	   *counts;			/* entropy: by label, all 0 */
	double		source_entropy; /* kl_divergence: of the distinct tuples, in bits */
	bool		disjoint;		/* kl_divergence: labels of a level share no leaf */
	double	   *with_entropy[MAX_QUASI];	/* kl_divergence: see there */
	Grouper    *by_value;		/* classification: tuples of labels and target */
	Grouper    *by_labels;		/* and of labels */
	PathTuples	released;		/* a copy of the tuples released; room for released_capacity */
	int64		released_capacity;
	int64	   *most;			/* by tuple of labels: records of the most frequent target */
	int64		most_capacity;
};

extern const QualityModel quality_loss;
extern const QualityModel quality_precision;
extern const QualityModel quality_entropy;
extern const QualityModel quality_normalized_entropy;
extern const QualityModel quality_discernibility;
extern const QualityModel quality_average_class_size;
extern const QualityModel quality_ambiguity;
extern const QualityModel quality_kl_divergence;
extern const QualityModel quality_classification;

/* Slots that a table by label of a level needs. */
static inline int64
label_slots(const PathColumn *column, int level)
{
	return column->codes[level] != NULL ? column->ncodes[level]
		: INT64CONST(1) << (column->bits - column->low[level]);
}

/* Leaves under the label of a masked code; all of them under "*". */
static inline double
label_area(const PathColumn *column, int level, uint64 code)
{
	return (double) Min(path_cost(column, level, code) + 1, column->leaves);
}

#endif							/* KIAIM_QUALITY_INTERNAL_H */
