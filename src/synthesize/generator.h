/*-------------------------------------------------------------------------
 *
 * generator.h
 *		Generators: joint distributions of codes, and how to draw from them.
 *
 * One file a method; each fills a GeneratorMethod.  None knows columns, values,
 * SQL or the others.
 *
 *-------------------------------------------------------------------------
 */
#ifndef KIAIM_SYNTHESIZE_GENERATOR_H
#define KIAIM_SYNTHESIZE_GENERATOR_H

#include "postgres.h"

#include "bytes.h"
#include "numeric/random.h"
#include "synthesize/coded.h"

typedef struct Generator Generator; /* begins with its method and what it is of */
typedef struct Sampler Sampler; /* a generator prepared for a condition */

typedef struct GeneratorSettings
{
	int			min_leaf;		/* persons */
	int			trees;			/* 0: the default of the method */
	uint64		seed;
	double		min_gain;		/* what a split of sequential trees must gain, in bits for each class but one; 0: the default */
} GeneratorSettings;

/* Rows being drawn, at most SAMPLE_BATCH at a time. */
#define SAMPLE_BATCH	1024

typedef struct SampleBatch
{
	int			nrows;
	RandomStream *streams;		/* of each row: nothing else is random */
	uint8	  **codes;			/* codes[variable][row]; those of kept variables are given */
	bool	   *drawn;			/* of each row: false if the condition ruled this attempt out */
} SampleBatch;

/* What is told of a leaf. */
typedef void (*LeafTold) (void *state, int variable, int64 rows);

typedef struct GeneratorMethod
{
	const char *name;			/* "sequential", "forest", "marginals" */

	/* Learn from a table, into the current memory context, within kiaim.max_memory. */
	Generator  *(*fit) (const CodedTable *table, const GeneratorSettings *settings);

	/*
	 * Prepare to draw rows whose code of variable v is in allowed[v] (NULL: any;
	 * allowed itself may be NULL).  NULL if no row can be like that.
	 */
	Sampler    *(*prepare) (const Generator *generator, CodeSet *const *allowed);

	/*
	 * Draw each row of the batch once.  A row for which drawn becomes false is
	 * to be drawn again with its stream as it then is: the rows that are drawn
	 * have the distribution of the generator under the condition.
	 */
	void		(*draw) (Sampler *sampler, SampleBatch *batch);

	/* Tell of each leaf of each tree the variable that it is of, -1 for all, and how many rows are behind it. */
	void		(*leaves) (const Generator *generator, LeafTold tell, void *state);

	void		(*write) (StringInfo to, const Generator *generator);

	/* What was written; anything wrong is refused, whatever the bytes. */
	Generator  *(*read) (ByteReader *r, int nvariables, const Variable *variables);
} GeneratorMethod;

struct Generator
{
	const GeneratorMethod *method;
	int			nvariables;
	const Variable *variables;
};

struct Sampler
{
	const Generator *generator;
};

extern const GeneratorMethod sequential_method;
extern const GeneratorMethod forest_method;
extern const GeneratorMethod marginals_method;

/* All methods; n gets their number. */
extern const GeneratorMethod *const *generator_methods(int *n);

/* The method of this name, or NULL. */
extern const GeneratorMethod *generator_method(const char *name);

/* The number of methods: sequential, forest, marginals. */
#define GENERATOR_METHODS	3

/*
 * Learn by the method whose rows a random forest tells least from rows held out,
 * a fifth of the persons; told gets the share that it tells right for each
 * method, in the order of generator_methods(), 0.5 being not at all; a method that
 * comes later must be better by more than chance.  Where
 * variables are kept, it is the first method, and told is -1.
 */
extern Generator *generator_fit_best(const CodedTable *table, const GeneratorSettings *settings,
									 double told[GENERATOR_METHODS]);

#endif							/* KIAIM_SYNTHESIZE_GENERATOR_H */
