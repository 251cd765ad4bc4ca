/*-------------------------------------------------------------------------
 *
 * privacy.h
 *		The room "privacy": what must hold in an equivalence class.
 *
 * Each privacy model is one file behind one interface: what it needs from a
 * class, whether it is monotone with and without suppression, how it measures
 * a class, and its verdict.  The aggregates, kiaim.plan and kiaim.check share
 * that one implementation.
 *
 * A new model: implement PrivacyModel in a file of its own, add it to the
 * table in models.c, a test and a line in the manual.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_PRIVACY_H
#define KIAIM_PRIVACY_H

#include "postgres.h"

#include "frame/frame.h"
#include "generalize/generalize.h"

typedef struct PrivacyModel PrivacyModel;
typedef struct Requirement Requirement;

/*
 * The sensitive column of the whole table, including rows that are suppressed
 * later: values are codes 0 .. nvalues - 1.
 */
typedef struct SensitiveTable
{
	int			nvalues;
	int64		total;			/* sum of counts */
	const int64 *counts;		/* records (or persons) a value */
	const uint32 *rank;			/* position of each value in the order of its type, NULL last; or NULL */
	/* hierarchical distance: the node of each value on each level of its hierarchy, or NULL */
	int			height;
	const uint32 *const *node;	/* node[level][value], levels 0 .. height; node numbers dense a level */
	const int  *nnodes;			/* nodes a level */
} SensitiveTable;

/* One equivalence class, as a model sees it. */
typedef struct PrivacyClass
{
	int64		size;			/* records, or distinct persons where a person is named */
	int			nvalues;		/* distinct sensitive values in it; 0 if the model needs none */
	const uint32 *values;		/* their codes, each once, in no particular order */
	const int64 *counts;		/* and their counts, > 0 */
	int64		total;			/* sum of counts */
	int64		population;		/* its size in a population, if the model needs one */
	/*
	 * The combinations of all sensitive columns in it, where the model needs
	 * them.  They may have columns behind those of the policy, and then occur twice.
	 */
	int			ncolumns;
	int64		ntuples;
	const uint32 *tuples;		/* codes of tuple i: tuples[i * ncolumns ..] */
} PrivacyClass;

struct PrivacyModel
{
	const char *name;			/* as policies call it, or for variants, nearly so: "k", "ordered_t" */
	bool		needs_values;	/* it looks at the sensitive histogram */
	bool		needs_table;	/* it compares with SensitiveTable.counts */
	bool		needs_rank;		/* SensitiveTable.rank must be set */
	bool		needs_tree;		/* SensitiveTable.node must be set */
	bool		needs_population;	/* PrivacyClass.population must be set */
	bool		needs_named;	/* Requirement.named must be set */
	bool		needs_tuples;	/* it looks at the combinations of all sensitive columns */
	/* if a table without suppression satisfies it, every more general one does */
	bool		monotone;
	/* the same with suppression: failing rows never become more by generalization */
	bool		monotone_suppression;
	bool		large_is_safe;	/* a class is safer the larger its measure: true for k, l; false for t */
	bool		strict;			/* the measure must stay below what is wanted: (c,l) */
	/*
	 * Fewest records that a class can have and satisfy it: a monotone
	 * necessary condition.  With persons it is one on the class's total, except
	 * for k, where it is one on persons.  Requirement.table is set.
	 */
	int64		(*least_size) (const Requirement *r);
	/*
	 * Of a monotone model, or NULL: at most how many records of a class that
	 * fails can be in classes that hold, however it is split.  As a union of
	 * classes that hold does so itself, these records are a histogram under
	 * that of the class for which the model holds.
	 */
	int64		(*most_kept) (const Requirement *r, const PrivacyClass *class);
	/* the measure of one class; the table's is the worst of all classes */
	double		(*measure) (const Requirement *r, const PrivacyClass *class);
};

/* One requirement of a policy: a model with its parameters. */
struct Requirement
{
	const PrivacyModel *model;
	const char *label;			/* as kiaim.check shows it: "k", "l of icd10" */
	double		wanted;			/* k, l, t; c of recursive (c,l) */
	int			l;				/* l of recursive (c,l) */
	int			sensitive;		/* index of the sensitive column, or -1 */
	int			ncolumns;		/* sensitive columns of the policy, where the model needs tuples */
	int			population;		/* index of the population, if the model needs one */
	const SensitiveTable *table;	/* that column; may be NULL if the model needs no table */
	/* values that a model of named values looks at */
	int			nnames;
	Datum	   *names;			/* of the type of the column, not NULL */
	const bool *named;			/* by value: is it one of them? */
};

/*
 * Complete the table of a sensitive column whose values have the codes of a
 * dictionary: rank by the order of its type (42883 if it has none), node by a
 * hierarchy.  Allocated in the current memory context.
 */
extern void sensitive_table_order(SensitiveTable *table, const Dictionary *values);
extern void sensitive_table_tree(SensitiveTable *table, const Dictionary *values,
								 const Hierarchy *hierarchy);

/* Requirement.named, for values that have the codes of a dictionary: equal as in SQL. */
extern void requirement_find_named(Requirement *r, const Dictionary *values);

/* The model of a name, or NULL. */
extern const PrivacyModel *privacy_model(const char *name);

/* Names of all models, for hints; returns their number. */
extern int	privacy_model_names(const char *const **names);

/*
 * The verdict on one class.  Floating-point measures are compared with a
 * relative tolerance of 1e-12, so that exp(ln 3) satisfies l = 3.
 */
extern bool requirement_holds(const Requirement *r, const PrivacyClass *class);

/* The same verdict on a measure: also for the worst of a table. */
extern bool requirement_holds_measure(const Requirement *r, double measure);

/* The measure of a table from that of its classes: the worse of the two. */
extern double requirement_worse(const Requirement *r, double a, double b);

#endif							/* KIAIM_PRIVACY_H */
