/*-------------------------------------------------------------------------
 *
 * check_table.c
 *		Checks that look beyond one class: at the sizes of all, and at those
 *		in a population.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "anonymize/check_table.h"

/* A class. */
typedef struct SizedClass
{
	int64		size;
	int64		records;
} SizedClass;

/* Sorts classes by size. */
#define ST_SORT				sort_classes
#define ST_ELEMENT_TYPE		SizedClass
#define ST_COMPARE(a, b)	((a)->size < (b)->size ? -1 : (a)->size > (b)->size)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* See check_table.h. */
void
check_table_measure(const Policy *policy, int64 nclasses, const int64 *size,
					const int64 *records, double *measures)
{
	Size		n = Max(nclasses, 1);
	SizedClass *sorted = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(SizedClass) * n);
	int64	   *sizes = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * n);
	int64	   *classes = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * n);
	int64	   *sums = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * n);
	SizeHistogram histogram = {.size = sizes, .classes = classes};

	for (int64 i = 0; i < nclasses; i++)
		sorted[i] = (SizedClass) {size[i], records[i]};
	sort_classes(sorted, nclasses);
	for (int64 i = 0; i < nclasses; i++)
	{
		if (i == 0 || sorted[i].size != sorted[i - 1].size)
		{
			sizes[histogram.n] = sorted[i].size;
			classes[histogram.n] = sums[histogram.n] = 0;
			histogram.n++;
		}
		classes[histogram.n - 1]++;
		sums[histogram.n - 1] += sorted[i].records;
	}
	for (int i = 0; i < policy->ntable; i++)
		measures[i] = table_requirement_measure(&policy->table[i], &histogram, sums);
	pfree(sorted);
	pfree(sizes);
	pfree(classes);
	pfree(sums);
}

/* The text of a value. */
static Datum
text_of(const Dictionary *values, uint32 code, bool *isnull)
{
	Datum		value = dictionary_value(values, code, isnull);

	return *isnull ? (Datum) 0 :
		CStringGetTextDatum(value_text(getBaseType(dictionary_type(values)), value));
}

/* See check_table.h. */
uint32 *
check_translate(const Dictionary *from, Dictionary *to)
{
	uint32		nfrom = dictionary_size(from);
	uint32		nto = dictionary_size(to);
	uint32	   *codes = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(uint32) * Max(nfrom, 1));
	bool		same = getBaseType(dictionary_type(from)) == getBaseType(dictionary_type(to));
	Dictionary *target = to;
	uint32	   *meaning = NULL;
	bool		isnull;

	if (!same)
	{
		meaning = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(uint32) * Max(nto, 1));
		target = dictionary_create(TEXTOID, C_COLLATION_OID, FRAME_EQUAL_IMAGE);
		for (uint32 code = 0; code < nto; code++)
		{
			Datum		text = text_of(to, code, &isnull);

			CHECK_FOR_INTERRUPTS();
			meaning[dictionary_encode(target, text, isnull)] = code;
		}
	}
	nto = dictionary_size(target);
	for (uint32 code = 0; code < nfrom; code++)
	{
		Datum		value = same ? dictionary_value(from, code, &isnull) : text_of(from, code, &isnull);
		uint32		found = dictionary_encode(target, value, isnull);

		CHECK_FOR_INTERRUPTS();
		/* a code that was given just now belongs to a value that was not there */
		codes[code] = found >= nto ? PG_UINT32_MAX : meaning != NULL ? meaning[found] : found;
	}
	return codes;
}

/* Is a value what a suppressed row shows in a column that is written like this? */
static bool
is_star(PolicyOutput output, Oid type, Datum value, bool isnull)
{
	switch (output)
	{
		case OUTPUT_TEXT:
			return !isnull && (type == TEXTOID || type == VARCHAROID || type == BPCHAROID) &&
				strcmp(value_text(type, value), KIAIM_STAR) == 0;
		case OUTPUT_RANGE:
			return !isnull && type_is_range(type) && strcmp(value_text(type, value), "(,)") == 0;
		default:
			return isnull;
	}
}

/* See check_table.h. */
uint32 *
check_star_codes(const Policy *policy, TupleCounter *counter)
{
	uint32	   *stars = palloc(sizeof(uint32) * policy->nquasi);

	for (int i = 0; i < policy->nquasi; i++)
	{
		const Dictionary *values = counter_dictionary(counter, i);
		Oid			type = getBaseType(dictionary_type(values));

		stars[i] = PG_UINT32_MAX;
		for (uint32 code = 0; code < dictionary_size(values); code++)
		{
			bool		isnull;
			Datum		value = dictionary_value(values, code, &isnull);

			if (is_star(policy->quasi[i].output, type, value, isnull))
				stars[i] = code;
		}
	}
	return stars;
}

/* See check_table.h. */
void
check_class_records(TupleCounter *counter, const uint32 *class_of, int64 nclasses, int64 *records)
{
	CounterScan scan;
	int64		weight;
	int64		i = 0;

	memset(records, 0, sizeof(int64) * nclasses);
	counter_scan_start(counter, &scan);
	while (counter_scan_next(&scan, NULL, &weight))
	{
		uint32		class = class_of[i++];

		CHECK_FOR_INTERRUPTS();
		/* the class of suppressed tuples is beyond the last */
		if (class < nclasses)
			records[class] += weight;
	}
}
