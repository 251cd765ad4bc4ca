/*-------------------------------------------------------------------------
 *
 * generator.c
 *		The methods, and the choice among them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "frame/frame.h"
#include "synthesize/forest_internal.h"
#include "synthesize/generator.h"

static const GeneratorMethod *const methods[] = {&sequential_method, &forest_method, &marginals_method};

/* The choice is made on at most so many rows. */
#define CHOICE_ROWS		50000

/* The forest that tells drawn rows from rows held out. */
#define JUDGE_TREES		20
#define JUDGE_LEAF		5

/* See generator.h. */
const GeneratorMethod *const *
generator_methods(int *n)
{
	*n = lengthof(methods);
	return methods;
}

/* See generator.h. */
const GeneratorMethod *
generator_method(const char *name)
{
	for (int i = 0; i < lengthof(methods); i++)
		if (strcmp(methods[i]->name, name) == 0)
			return methods[i];
	return NULL;
}

/* Some rows of a table, in their order. */
static CodedTable *
take_rows(FrameMemory *memory, const CodedTable *table, const int32 *rows, int64 n)
{
	CodedTable *part = palloc(sizeof(CodedTable));

	*part = *table;
	part->nrows = n;
	part->codes = palloc(sizeof(uint8 *) * Max(table->nvariables, 1));
	for (int v = 0; v < table->nvariables; v++)
	{
		part->codes[v] = frame_alloc(memory, Max(n, 1), 1, false);
		for (int64 i = 0; i < n; i++)
			part->codes[v][i] = table->codes[v][rows[i]];
	}
	part->npersons = n;
	if (table->persons != NULL)
	{
		int32	   *persons = frame_alloc(memory, Max(n, 1), sizeof(int32), false);

		part->npersons = 0;
		for (int64 i = 0; i < n; i++)
		{
			if (i > 0 && table->persons[rows[i]] != table->persons[rows[i - 1]])
				part->npersons++;
			persons[i] = (int32) part->npersons;
		}
		part->npersons += n > 0;
		part->persons = persons;
	}
	return part;
}

/*
 * How well a forest tells rows that a generator draws from rows that it has not
 * seen: 0.5 not at all, 1 always.
 */
static double
told_apart(const Generator *generator, const CodedTable *seen_not, uint64 seed, FrameMemory *memory)
{
	ForestSettings settings = {JUDGE_TREES, JUDGE_LEAF, CHOICE_ROWS};
	Sampler    *sampler = generator->method->prepare(generator, NULL);
	uint8	  **others = palloc0(sizeof(uint8 *) * Max(seen_not->nvariables, 1));
	uint8	  **codes = palloc0(sizeof(uint8 *) * Max(seen_not->nvariables, 1));
	RandomStream *streams = palloc(sizeof(RandomStream) * SAMPLE_BATCH);
	bool	   *drawn = palloc(SAMPLE_BATCH);

	if (sampler == NULL)
		return 1;
	for (int v = 0; v < seen_not->nvariables; v++)
	{
		others[v] = frame_alloc(memory, Max(seen_not->nrows, 1), 1, false);
		memcpy(others[v], seen_not->codes[v], seen_not->nrows);
	}
	for (int64 done = 0; done < seen_not->nrows; done += SAMPLE_BATCH)
	{
		SampleBatch batch = {Min(SAMPLE_BATCH, seen_not->nrows - done), streams, codes, drawn};

		CHECK_FOR_INTERRUPTS();
		for (int v = 0; v < seen_not->nvariables; v++)
			codes[v] = others[v] + done;
		for (int row = 0; row < batch.nrows; row++)
			streams[row] = random_stream(seed, done + row);
		generator->method->draw(sampler, &batch);
	}
	settings.seed = seed;
	return forest_tell_apart(seen_not, others, &settings, NULL, memory);
}

/* See generator.h. */
Generator *
generator_fit_best(const CodedTable *table, const GeneratorSettings *settings,
				   double told[GENERATOR_METHODS])
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext work = AllocSetContextCreate(caller, "kiaim choice of a method", ALLOCSET_DEFAULT_SIZES);
	FrameMemory memory = {work, 0};
	int			chosen = 0;
	double		chance;
	int64		nlearn = 0;
	int64		nheld = 0;
	int32	   *learn;
	int32	   *held;
	CodedTable *learned;
	CodedTable *judged;

	for (int v = 0; v < table->nvariables; v++)
		if (table->variables[v].kept)
		{
			/* a row held out and the one drawn for it would share what is kept: which is which, no forest can learn */
			for (int m = 0; m < GENERATOR_METHODS; m++)
				told[m] = -1;
			MemoryContextDelete(work);
			return methods[0]->fit(table, settings);
		}
	MemoryContextSwitchTo(work);
	learn = frame_alloc(&memory, Max(table->nrows, 1), sizeof(int32), false);
	held = frame_alloc(&memory, Max(table->nrows, 1), sizeof(int32), false);
	for (int64 i = 0; i < table->nrows; i++)
	{
		uint32		person = table->persons != NULL ? table->persons[i] : i;
		RandomStream stream = random_stream(settings->seed ^ UINT64CONST(0x63686f696365), person);

		if (table->npersons > CHOICE_ROWS && random_below(&stream, table->npersons) >= CHOICE_ROWS)
			continue;
		if (random_below(&stream, 5) == 0)
			held[nheld++] = (int32) i;
		else
			learn[nlearn++] = (int32) i;
	}
	learned = take_rows(&memory, table, learn, nlearn);
	judged = take_rows(&memory, table, held, nheld);
	/* two standard errors of the difference of two shares of twice so many rows */
	chance = 1 / sqrt((double) Max(nheld, 1));
	for (int m = 0; m < GENERATOR_METHODS; m++)
	{
		MemoryContext fitting = AllocSetContextCreate(work, "kiaim fit to be judged", ALLOCSET_DEFAULT_SIZES);

		MemoryContextSwitchTo(fitting);
		/* where too few can be held out, nothing is known and the first method is as good as any */
		told[m] = 0.5;
		if (judged->npersons >= JUDGE_LEAF && learned->npersons >= settings->min_leaf)
		{
			FrameMemory of_fit = {fitting, 0};

			told[m] = told_apart(methods[m]->fit(learned, settings), judged, settings->seed, &of_fit);
		}
		MemoryContextSwitchTo(work);
		MemoryContextDelete(fitting);
		if (Max(told[m], 0.5) + chance < Max(told[chosen], 0.5))
			chosen = m;
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(work);
	return methods[chosen]->fit(table, settings);
}
