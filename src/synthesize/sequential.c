/*-------------------------------------------------------------------------
 *
 * sequential.c
 *		The method "sequential": one variable after the other, by trees.
 *
 * Each variable is drawn from a leaf that the variables before it lead to
 * (Reiter 2005, as in synthpop), of a tree that is drawn from an ensemble, but
 * for codes that those before it exclude.  A fine variable has trees of its own
 * for each code of its coarse one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "synthesize/conditional.h"
#include "synthesize/sequential_internal.h"
#include "synthesize/zeros.h"

/*
 * Trees of a variable unless the user says otherwise.  Of census data, ten keep no more of
 * how columns hang together than one, and take seven times the bytes.
 */
#define DEFAULT_TREES	1

/* Trees of a fine variable at most: what is fine hardly depends on others. */
#define FINE_TREES		3

/*
 * The distribution of a variable: one, or one for each code of its coarse
 * variable, NULL where no row has that code.
 */
typedef struct VariableModel
{
	int			n;				/* 0: kept, never drawn */
	Conditional **given;
} VariableModel;

typedef struct SequentialGenerator
{
	Generator	base;
	VariableModel *models;		/* of each variable */
	Zeros	   *zeros;			/* codes that exclude each other, or NULL */
} SequentialGenerator;

/* A variable under a condition; restrictions is NULL where any code is allowed. */
typedef struct VariableCondition
{
	Restriction **restrictions;
	AllowedShare most;
} VariableCondition;

typedef struct SequentialSampler
{
	Sampler		base;
	VariableCondition *conditions;	/* of each variable */
} SequentialSampler;

/* How many distributions a variable has. */
static int
count_given(const Variable *variables, int v)
{
	if (variables[v].kept)
		return 0;
	return variables[v].coarse >= 0 ? variables[variables[v].coarse].ncodes : 1;
}

/* A generator that knows nothing yet. */
static SequentialGenerator *
create(const GeneratorMethod *method, int nvariables, const Variable *variables)
{
	SequentialGenerator *g = palloc(sizeof(SequentialGenerator));

	g->base.method = method;
	g->base.nvariables = nvariables;
	g->base.variables = variables;
	g->zeros = NULL;
	g->models = palloc0((nvariables + 1) * sizeof(VariableModel));
	for (int v = 0; v < nvariables; v++)
	{
		g->models[v].n = count_given(variables, v);
		g->models[v].given = palloc0((g->models[v].n + 1) * sizeof(Conditional *));
	}
	return g;
}

/*
 * The rows of each distribution of a variable, ascending: those of the i-th are
 * rows[ends[i - 1]] .. rows[ends[i] - 1].  Rare codes are left out unless there
 * is nothing else: then the column will know what to make of them.
 */
static void
divide_rows(const CodedTable *table, int v, int n, int32 *rows, int64 *ends)
{
	const Variable *variable = &table->variables[v];
	const uint8 *codes = table->codes[v];
	const uint8 *coarse = variable->coarse >= 0 ? table->codes[variable->coarse] : NULL;
	int64		counts[MAX_CODES] = {0};
	int64		rare[MAX_CODES] = {0};
	int64		sum = 0;

	for (int64 row = 0; row < table->nrows; row++)
	{
		int			i = coarse != NULL ? coarse[row] : 0;

		counts[i] += codes[row] != variable->rare;
		rare[i] += codes[row] == variable->rare;
	}
	for (int i = 0; i < n; i++)
	{
		ends[i] = sum;
		sum += counts[i] > 0 ? counts[i] : rare[i];
	}
	for (int64 row = 0; row < table->nrows; row++)
	{
		int			i = coarse != NULL ? coarse[row] : 0;

		if (codes[row] != variable->rare || counts[i] == 0)
			rows[ends[i]++] = (int32) row;
	}
}

/* See sequential_internal.h. */
Generator *
sequential_learn(const GeneratorMethod *method, const CodedTable *table,
				 const GeneratorSettings *settings, int ntrees, bool explained)
{
	SequentialGenerator *g = create(method, table->nvariables, table->variables);
	FrameMemory memory = {CurrentMemoryContext, 0};
	int		   *features = palloc((table->nvariables + 1) * sizeof(int));
	int			nfeatures = 0;
	int32	   *rows = frame_alloc(&memory, table->nrows, sizeof(int32), false);
	int64		ends[MAX_CODES];

	for (int v = 0; v < table->nvariables; v++)
	{
		const VariableModel *model = &g->models[v];
		bool		fine = table->variables[v].coarse >= 0;
		ConditionalSettings s = {fine ? Min(ntrees, FINE_TREES) : ntrees, settings->min_leaf, 0, settings->min_gain};

		if (model->n > 0)
			divide_rows(table, v, model->n, rows, ends);
		for (int i = 0; i < model->n; i++)
		{
			int64		start = i > 0 ? ends[i - 1] : 0;

			CHECK_FOR_INTERRUPTS();
			if (ends[i] == start)
				continue;
			s.seed = random_stream(settings->seed, ((uint64) v << 32) + i).state;
			model->given[i] = conditional_fit(table, v, explained ? nfeatures : 0, features,
											  rows + start, ends[i] - start, &s, &memory);
		}
		if (!fine)
			features[nfeatures++] = v;
	}
	frame_release(&memory, rows, table->nrows, sizeof(int32));
	pfree(features);
	if (explained)
		g->zeros = zeros_find(table, &memory);
	return &g->base;
}

/* See generator.h. */
static Generator *
sequential_fit(const CodedTable *table, const GeneratorSettings *settings)
{
	return sequential_learn(&sequential_method, table, settings,
							settings->trees > 0 ? settings->trees : DEFAULT_TREES, true);
}

/* See generator.h. */
Sampler *
sequential_prepare(const Generator *generator, CodeSet *const *allowed)
{
	const SequentialGenerator *g = (const SequentialGenerator *) generator;
	SequentialSampler *s = palloc(sizeof(SequentialSampler));

	s->base.generator = generator;
	s->conditions = palloc0((generator->nvariables + 1) * sizeof(VariableCondition));
	for (int v = 0; v < generator->nvariables; v++)
	{
		VariableCondition *condition = &s->conditions[v];
		const VariableModel *model = &g->models[v];

		if (allowed == NULL || allowed[v] == NULL || model->n == 0)
			continue;
		condition->most = (AllowedShare) {0, 1};
		condition->restrictions = palloc0(model->n * sizeof(Restriction *));
		for (int i = 0; i < model->n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (model->given[i] != NULL)
				condition->restrictions[i] = conditional_restrict(model->given[i], allowed[v],
																  &condition->most);
		}
		if (condition->most.a == 0)
			return NULL;
	}
	return &s->base;
}

/* Draw a variable of the rows of a batch. */
static void
draw_variable(const VariableModel *model, const Variable *variable,
			  const VariableCondition *condition, int v, SampleBatch *batch)
{
	const uint8 *coarse = variable->coarse >= 0 ? batch->codes[variable->coarse] : NULL;
	uint8	   *codes = batch->codes[v];

	for (int row = 0; row < batch->nrows; row++)
	{
		int			i = coarse != NULL ? coarse[row] : 0;
		const Conditional *given = i < model->n ? model->given[i] : NULL;

		if (!batch->drawn[row])
			continue;
		if (given == NULL)
			batch->drawn[row] = false;
		else if (condition->restrictions == NULL)
			codes[row] = conditional_draw(given, batch->codes, row, &batch->streams[row]);
		else
			batch->drawn[row] = conditional_draw_restricted(given, condition->restrictions[i],
															&condition->most, batch->codes, row,
															&batch->streams[row], &codes[row]);
	}
}

/*
 * Draw codes anew that others exclude: among those of the leaf that none
 * excludes.  If there are none, the row is drawn anew; but what is excluded by kept
 * variables alone would be so for ever, and stays.
 */
static void
draw_excluded(const SequentialGenerator *g, const VariableCondition *condition, int v,
			  SampleBatch *batch)
{
	int			hits[SAMPLE_BATCH];
	int			nhits = zeros_hits(g->zeros, v, batch->codes, batch->drawn, batch->nrows, hits);

	for (int i = 0; i < nhits; i++)
	{
		int			row = hits[i];
		CodeSet		allowed;

		memset(&allowed, 0xff, sizeof(CodeSet));
		zeros_take(g->zeros, v, batch->codes, row, false, &allowed);
		if (condition->restrictions != NULL)
		{
			/* the distribution under a condition is that of rows that are drawn anew */
			if (!codeset_has(&allowed, batch->codes[v][row]))
				batch->drawn[row] = false;
			continue;
		}
		zeros_take(g->zeros, v, batch->codes, row, true, &allowed);
		if (!conditional_draw_of(g->models[v].given[0], &allowed, batch->codes, row,
								 &batch->streams[row], &batch->codes[v][row]))
		{
			memset(&allowed, 0xff, sizeof(CodeSet));
			zeros_take(g->zeros, v, batch->codes, row, false, &allowed);
			batch->drawn[row] = codeset_has(&allowed, batch->codes[v][row]);
		}
	}
}

/* See generator.h. */
void
sequential_draw(Sampler *sampler, SampleBatch *batch)
{
	const SequentialSampler *s = (const SequentialSampler *) sampler;
	const SequentialGenerator *g = (const SequentialGenerator *) sampler->generator;

	memset(batch->drawn, true, batch->nrows * sizeof(bool));
	for (int v = 0; v < g->base.nvariables; v++)
		if (g->models[v].n > 0)
		{
			draw_variable(&g->models[v], &g->base.variables[v], &s->conditions[v], v, batch);
			if (g->zeros != NULL)
				draw_excluded(g, &s->conditions[v], v, batch);
		}
}

/* See generator.h. */
void
sequential_leaves(const Generator *generator, LeafTold tell, void *state)
{
	const SequentialGenerator *g = (const SequentialGenerator *) generator;

	for (int v = 0; v < g->base.nvariables; v++)
		for (int i = 0; i < g->models[v].n; i++)
			if (g->models[v].given[i] != NULL)
				conditional_leaves(g->models[v].given[i], v, tell, state);
}

/* See generator.h. */
void
sequential_write(StringInfo to, const Generator *generator)
{
	const SequentialGenerator *g = (const SequentialGenerator *) generator;

	for (int v = 0; v < generator->nvariables; v++)
	{
		const VariableModel *model = &g->models[v];

		for (int i = 0; i < model->n; i++)
		{
			bytes_put_uint8(to, model->given[i] != NULL);
			if (model->given[i] != NULL)
				conditional_write(to, model->given[i], generator->variables);
		}
	}
	if (g->zeros != NULL)
		zeros_write(to, g->zeros);
}

/* See sequential_internal.h. */
Generator *
sequential_read_as(const GeneratorMethod *method, bool explained, ByteReader *r,
				   int nvariables, const Variable *variables)
{
	SequentialGenerator *g = create(method, nvariables, variables);
	bool	   *explains = palloc0((nvariables + 1) * sizeof(bool));

	for (int v = 0; v < nvariables; v++)
	{
		VariableModel *model = &g->models[v];

		for (int i = 0; i < model->n; i++)
		{
			uint8		present = bytes_uint8(r);

			if (present > 1 || (!present && variables[v].coarse < 0))
				bytes_invalid(r, "A variable has no distribution.");
			if (present)
				model->given[i] = conditional_read(r, nvariables, variables, &variables[v], explains);
		}
		explains[v] = explained && variables[v].coarse < 0;
	}
	if (explained)
		g->zeros = zeros_read(r, nvariables, variables);
	return &g->base;
}

/* See generator.h. */
static Generator *
sequential_read(ByteReader *r, int nvariables, const Variable *variables)
{
	return sequential_read_as(&sequential_method, true, r, nvariables, variables);
}

const GeneratorMethod sequential_method = {
	.name = "sequential",
	.fit = sequential_fit,
	.prepare = sequential_prepare,
	.draw = sequential_draw,
	.leaves = sequential_leaves,
	.write = sequential_write,
	.read = sequential_read,
};
