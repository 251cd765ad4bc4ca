/*-------------------------------------------------------------------------
 *
 * table_model.h
 *		What must hold in a table as a whole: models that look at the sizes of
 *		all its classes, where PrivacyModel looks at one class.
 *
 * No class keeps or breaks such a model by itself.  What a table may always do
 * to keep it is to suppress its smallest classes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_TABLE_MODEL_H
#define KIAIM_TABLE_MODEL_H

#include "postgres.h"

#include "privacy/population.h"

typedef struct TableModel TableModel;
typedef struct TableRequirement TableRequirement;

struct TableModel
{
	/* "average_risk", "sample_uniqueness", "share_at_risk", "population_uniqueness" */
	const char *name;

	/*
	 * The measure is a mean over records: this is the sum for some records in
	 * classes of a size.  A larger class never has the larger mean; so the
	 * measure falls when classes merge, and when the smallest are taken away.
	 * NULL if the measure is none.
	 */
	double		(*risk) (const TableRequirement *r, int64 size, int64 records);
	/* The measure of all sizes, where it is no mean; NaN if it cannot be told. */
	double		(*measure) (const TableRequirement *r, const SizeHistogram *sizes);
};

/* One such requirement of a policy. */
struct TableRequirement
{
	const TableModel *model;
	const char *label;			/* as kiaim.check shows it */
	double		wanted;			/* the measure is at most that */
	double		threshold;		/* of share_at_risk: a record with a higher risk is at risk */
	int64		population;		/* persons, of population_uniqueness */
	PopulationModel estimator;
};

/* The model of a name, or NULL. */
extern const TableModel *table_model(const char *name);

/*
 * The measure of a table; records[i] are in the classes of size[i].  NaN where
 * it cannot be told, and of a table without records.
 */
extern double table_requirement_measure(const TableRequirement *r, const SizeHistogram *sizes,
										const int64 *records);

/* The verdict on a measure, with the tolerance of requirement_holds(); NaN does not hold. */
extern bool table_requirement_holds(const TableRequirement *r, double measure);

#endif							/* KIAIM_TABLE_MODEL_H */
