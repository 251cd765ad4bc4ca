/*-------------------------------------------------------------------------
 *
 * sizes.c
 *		The distribution of class sizes, and the risks that follow from it.
 *
 * Risks are summed by ascending size, so that no result depends on the order
 * of rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "risk/risk.h"

/* A class. */
typedef struct ClassSize
{
	int64		size;
	int64		records;
} ClassSize;

/* Sorts classes by size. */
#define ST_SORT				sort_classes
#define ST_ELEMENT_TYPE		ClassSize
#define ST_COMPARE(a, b)	((a)->size < (b)->size ? -1 : (a)->size > (b)->size)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* The classes of a counter without a person: its tuples. */
static ClassSize *
record_classes(TupleCounter *c, int64 *nclasses)
{
	ClassSize  *classes;
	CounterScan scan;
	int64		weight;
	int64		n = 0;

	*nclasses = counter_ntuples(c);
	classes = counter_scratch(c, Max(*nclasses, 1), sizeof(ClassSize));
	counter_scan_start(c, &scan);
	while (counter_scan_next(&scan, NULL, &weight))
	{
		if ((n & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		classes[n].size = weight;
		classes[n++].records = weight;
	}
	return classes;
}

/* The classes of a counter whose first column is the person. */
static ClassSize *
person_classes(TupleCounter *c, int64 *nclasses)
{
	CounterClasses *groups = counter_classes(c, 1);
	ClassSize  *classes = counter_scratch(c, Max(groups->nclasses, 1), sizeof(ClassSize));

	for (int64 i = 0; i < groups->nclasses; i++)
	{
		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		classes[i].size = groups->start[i + 1] - groups->start[i];
		classes[i].records = 0;
		for (int64 j = groups->start[i]; j < groups->start[i + 1]; j++)
			classes[i].records += groups->weights[j];
	}
	*nclasses = groups->nclasses;
	counter_classes_free(groups);
	return classes;
}

/* How often each size occurs; the classes get sorted. */
static void
count_sizes(RiskSizes *sizes, ClassSize *classes, FrameMemory *memory)
{
	int64		n = 0;

	sort_classes(classes, sizes->nclasses);
	for (int64 i = 0; i < sizes->nclasses; i++)
		n += i == 0 || classes[i].size != classes[i - 1].size;
	sizes->nsizes = n;
	sizes->size = frame_alloc(memory, Max(n, 1), sizeof(int64), false);
	sizes->classes = frame_alloc(memory, Max(n, 1), sizeof(int64), true);
	sizes->records = frame_alloc(memory, Max(n, 1), sizeof(int64), true);
	n = -1;
	for (int64 i = 0; i < sizes->nclasses; i++)
	{
		if (i == 0 || classes[i].size != classes[i - 1].size)
			sizes->size[++n] = classes[i].size;
		sizes->classes[n]++;
		sizes->records[n] += classes[i].records;
	}
}

RiskSizes *
risk_sizes(TupleCounter *c, bool person)
{
	RiskSizes  *sizes = palloc0(sizeof(RiskSizes));
	ClassSize  *classes = person ? person_classes(c, &sizes->nclasses) :
		record_classes(c, &sizes->nclasses);
	FrameMemory memory = {CurrentMemoryContext, counter_memory(c)};

	sizes->nrecords = counter_total(c);
	sizes->npersons = person ? dictionary_size(counter_dictionary(c, 0)) : sizes->nrecords;
	count_sizes(sizes, classes, &memory);
	pfree(classes);
	return sizes;
}

RiskSizes *
risk_tuple_sizes(RiskTuples *t, const int64 *size)
{
	RiskSizes  *sizes = palloc0(sizeof(RiskSizes));
	ClassSize  *classes = frame_alloc(&t->memory, Max(t->n, 1), sizeof(ClassSize), false);

	sizes->nclasses = t->n;
	sizes->nrecords = t->nrecords;
	sizes->npersons = t->npersons;
	for (uint32 i = 0; i < t->n; i++)
	{
		classes[i].size = size[i];
		classes[i].records = t->records[i];
	}
	count_sizes(sizes, classes, &t->memory);
	frame_release(&t->memory, classes, Max(t->n, 1), sizeof(ClassSize));
	return sizes;
}

double
risk_highest(const RiskSizes *sizes)
{
	return sizes->nsizes == 0 ? NAN : 1.0 / (double) sizes->size[0];
}

double
risk_average(const RiskSizes *sizes)
{
	int64		whole = 0;
	double		sum = 0;

	if (sizes->nrecords == 0)
		return NAN;
	/* where sizes are counted in records each class adds exactly one */
	for (int64 i = 0; i < sizes->nsizes; i++)
	{
		if (sizes->records[i] == sizes->size[i] * sizes->classes[i])
			whole += sizes->classes[i];
		else
			sum += (double) sizes->records[i] / (double) sizes->size[i];
	}
	return (sum + (double) whole) / (double) sizes->nrecords;
}

double
risk_share_above(const RiskSizes *sizes, double threshold)
{
	int64		above = 0;

	for (int64 i = 0; i < sizes->nsizes && 1.0 / (double) sizes->size[i] > threshold; i++)
		above += sizes->records[i];
	return sizes->nrecords == 0 ? NAN : (double) above / (double) sizes->nrecords;
}
