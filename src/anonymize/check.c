/*-------------------------------------------------------------------------
 *
 * check.c
 *		kiaim.check: measures a relation as it stands against a policy.
 *
 * One pass of the frame gives the weighted distinct tuples of the columns that
 * the policy speaks of; everything else works on these.  Each distinct
 * combination of quasi-identifying values gets a number, its class; sensitive
 * values and persons are then sorted by class, and every requirement measures
 * every class by the same privacy model that the plan and the aggregates use.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "compat.h"
#include "anonymize/check_table.h"
#include "anonymize/policy_internal.h"
#include "anonymize/sensitive.h"
#include "frame/frame.h"
#include "kiaim.h"
#include "privacy/wildcard.h"
#include "srf.h"

/* No class: the tuple is suppressed. */
#define NO_CLASS	PG_UINT32_MAX

/* Slot of the hash table from the codes of a class to its number. */
typedef struct ClassSlot
{
	uint32		number;
	uint32		hash;
	char		status;
} ClassSlot;

/* The classes found so far: the codes of class i are codes[i * width ..]. */
typedef struct Classes
{
	struct class_hash *hash;
	int			width;			/* quasi-identifiers */
	uint32		n;
	uint32		size;			/* classes that codes has room for, one more than n */
	uint32	   *codes;
} Classes;

/* A part of a tuple, to be sorted by group, then by member of the group. */
typedef struct Entry
{
	uint64		key;			/* class and value, or class, or value */
	uint32		person;
	int64		weight;
} Entry;

/* A relation being checked. */
typedef struct Check
{
	Policy	   *policy;
	TupleCounter *counter;
	int			person;			/* column of the counter, or -1 */
	uint32	   *class_of;		/* by tuple in the order of the scan; NO_CLASS: suppressed */
	int64		ntuples;
	uint32		nclasses;
	int64	   *class_size;		/* records, or distinct persons */
	int64	  **population;		/* by population: size of each class there */
	Entry	   *entries;		/* room for all tuples, used again and again */
	double	   *worst;			/* by requirement */
	double	   *whole;			/* measures of the table-wide requirements */
	bool	   *measured;
} Check;

static inline uint32 *class_codes(Classes *classes, uint32 number);

#define SH_PREFIX			class
#define SH_ELEMENT_TYPE		ClassSlot
#define SH_KEY_TYPE			uint32
#define SH_KEY				number
#define SH_HASH_KEY(tb, key) \
	hash_bytes((unsigned char *) class_codes((tb)->private_data, key), \
			   ((Classes *) (tb)->private_data)->width * sizeof(uint32))
#define SH_EQUAL(tb, a, b) \
	(memcmp(class_codes((tb)->private_data, a), class_codes((tb)->private_data, b), \
			((Classes *) (tb)->private_data)->width * sizeof(uint32)) == 0)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a)	((a)->hash)
#define SH_SCOPE			static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* Sorts entries by key, then by person. */
#define ST_SORT				sort_entries
#define ST_ELEMENT_TYPE		Entry
#define ST_COMPARE(a, b) \
	((a)->key != (b)->key ? ((a)->key < (b)->key ? -1 : 1) : \
	 (a)->person != (b)->person ? ((a)->person < (b)->person ? -1 : 1) : 0)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

PG_FUNCTION_INFO_V1(kiaim_check);

/* The codes of a class. */
static inline uint32 *
class_codes(Classes *classes, uint32 number)
{
	return classes->codes + (Size) number * classes->width;
}

/* Memory for n things, within what kiaim.max_memory leaves beside the frame. */
static void *
check_alloc(const Check *check, Size size, int64 n)
{
	Size		held = counter_memory(check->counter) +
		MemoryContextMemAllocated(CurrentMemoryContext, false);

	if (n > (int64) (KIAIM_MAX_MEMORY_BYTES / size) ||
		held + size * n > KIAIM_MAX_MEMORY_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("kiaim.check needs more memory than kiaim.max_memory allows"),
				 errdetail("There are %lld distinct tuples.", (long long) check->ntuples),
				 errhint("Raise kiaim.max_memory.")));
	return MemoryContextAllocHuge(CurrentMemoryContext, size * Max(n, 1));
}

/* The number of the class with these codes, given on first sight. */
static uint32
class_number(Check *check, Classes *classes, const uint32 *codes)
{
	ClassSlot  *slot;
	bool		found;

	if (classes->n + 1 >= classes->size)
	{
		uint32	   *larger;

		if (classes->size > PG_UINT32_MAX / 2)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many classes to check")));
		classes->size = classes->size == 0 ? 1024 : classes->size * 2;
		larger = check_alloc(check, sizeof(uint32) * Max(classes->width, 1), classes->size);
		if (classes->codes != NULL)
		{
			memcpy(larger, classes->codes, sizeof(uint32) * classes->width * (Size) classes->n);
			pfree(classes->codes);
		}
		classes->codes = larger;
	}
	/* the place behind the last class holds the codes that are looked up */
	memcpy(class_codes(classes, classes->n), codes, sizeof(uint32) * classes->width);
	slot = class_insert(classes->hash, classes->n, &found);
	if (!found)
		classes->n++;
	return slot->number;
}

/* The sizes of the classes in a population. */
static int64 *
count_population(Check *check, Classes *classes, Oid relid)
{
	Policy	   *policy = check->policy;
	const char **columns = palloc(sizeof(char *) * Max(policy->nquasi, 1));
	uint32	  **codes_of = palloc(sizeof(uint32 *) * Max(policy->nquasi, 1));
	uint32	   *codes = palloc(sizeof(uint32) * Max(policy->nquasi, 1));
	int64	   *sizes = check_alloc(check, sizeof(int64), classes->n);
	TupleCounter *rows;
	CounterScan scan;
	int64		weight;

	memset(sizes, 0, sizeof(int64) * classes->n);
	for (int j = 0; j < policy->nquasi; j++)
		columns[j] = policy->quasi[j].column;
	rows = frame_read(relid, policy->nquasi, columns, FRAME_EQUAL_SQL, 0);
	for (int j = 0; j < policy->nquasi; j++)
		codes_of[j] = check_translate(counter_dictionary(rows, j),
									  counter_dictionary(check->counter, j));
	counter_scan_start(rows, &scan);
	while (classes->n > 0 && counter_scan_next(&scan, codes, &weight))
	{
		uint32	   *place = class_codes(classes, classes->n);
		ClassSlot  *slot;

		CHECK_FOR_INTERRUPTS();
		/* a code that no class has finds none */
		for (int j = 0; j < policy->nquasi; j++)
			place[j] = codes_of[j][codes[j]];
		slot = class_lookup(classes->hash, classes->n);
		if (slot != NULL)
			sizes[slot->number] += weight;
	}
	counter_free(rows);
	return sizes;
}

/* Number the classes, and leave out the suppressed rows if they are stars. */
static void
find_classes(Check *check)
{
	Policy	   *policy = check->policy;
	uint32	   *stars = policy->star ? check_star_codes(policy, check->counter) : NULL;
	uint32	   *codes = palloc(sizeof(uint32) * counter_ncolumns(check->counter));
	Classes		classes = {.width = policy->nquasi};
	CounterScan scan;
	int64		weight;
	int64		i = 0;

	check->ntuples = counter_ntuples(check->counter);
	check->class_of = check_alloc(check, sizeof(uint32), check->ntuples);
	classes.hash = class_create(CurrentMemoryContext, 1024, &classes);

	counter_scan_start(check->counter, &scan);
	while (counter_scan_next(&scan, codes, &weight))
	{
		bool		suppressed = (stars != NULL);

		CHECK_FOR_INTERRUPTS();
		for (int j = 0; j < policy->nquasi && suppressed; j++)
			suppressed = (codes[j] == stars[j]);
		check->class_of[i++] = suppressed ? NO_CLASS : class_number(check, &classes, codes);
	}
	check->nclasses = classes.n;
	check->population = palloc(sizeof(int64 *) * Max(policy->npopulations, 1));
	for (int p = 0; p < policy->npopulations; p++)
		check->population[p] = count_population(check, &classes, policy->populations[p].relid);
	class_destroy(classes.hash);
	if (classes.codes != NULL)
		pfree(classes.codes);
}

/*
 * Fill the entries with class and value of every tuple, and sort them; column
 * is that of the value, or -1.  Without classes the key is the value alone, and
 * suppressed tuples count.  Where persons are counted, a person is an entry
 * once for each key, with a weight of 1; else a key is an entry once.
 * Returns the number of entries.
 */
static int64
collect(Check *check, int column, bool classes)
{
	uint32	   *codes = palloc(sizeof(uint32) * counter_ncolumns(check->counter));
	Entry	   *entries = check->entries;
	CounterScan scan;
	int64		weight;
	int64		i = 0;
	int64		n = 0;
	int64		last = -1;

	counter_scan_start(check->counter, &scan);
	while (counter_scan_next(&scan, codes, &weight))
	{
		uint32		class = check->class_of[i++];

		CHECK_FOR_INTERRUPTS();
		if (classes && class == NO_CLASS)
			continue;
		entries[n].key = (classes ? (uint64) class << 32 : 0) | (column >= 0 ? codes[column] : 0);
		entries[n].person = check->person >= 0 ? codes[check->person] : 0;
		entries[n].weight = check->person >= 0 ? 1 : weight;
		n++;
	}
	pfree(codes);
	sort_entries(entries, n);
	for (i = 0; i < n; i++)
	{
		bool		same = last >= 0 && entries[last].key == entries[i].key &&
			entries[last].person == entries[i].person;

		if (!same)
			entries[++last] = entries[i];
		else if (check->person < 0)
			entries[last].weight += entries[i].weight;
	}
	return last + 1;
}

/* Sizes of the classes, in records or distinct persons. */
static void
size_classes(Check *check)
{
	check->class_size = check_alloc(check, sizeof(int64), check->nclasses);
	memset(check->class_size, 0, sizeof(int64) * check->nclasses);
	if (check->person >= 0)
	{
		int64		n = collect(check, -1, true);

		for (int64 i = 0; i < n; i++)
			check->class_size[check->entries[i].key >> 32]++;
	}
	else
	{
		uint32	   *codes = palloc(sizeof(uint32) * counter_ncolumns(check->counter));
		CounterScan scan;
		int64		weight;
		int64		i = 0;

		counter_scan_start(check->counter, &scan);
		while (counter_scan_next(&scan, codes, &weight))
		{
			CHECK_FOR_INTERRUPTS();
			if (check->class_of[i] != NO_CLASS)
				check->class_size[check->class_of[i]] += weight;
			i++;
		}
		pfree(codes);
	}
}

/* Measure a class against all requirements on a sensitive column, or on none (-1). */
static void
measure_class(Check *check, int sensitive, PrivacyClass *class, uint32 number)
{
	for (int r = 0; r < check->policy->nrequirements; r++)
	{
		const Requirement *requirement = &check->policy->requirements[r];
		double		measure;

		if (requirement->sensitive != sensitive ||
			requirement->model->needs_tuples != (class->tuples != NULL))
			continue;
		if (requirement->model->needs_population)
			class->population = check->population[requirement->population][number];
		measure = requirement->model->measure(requirement, class);
		check->worst[r] = check->measured[r] ?
			requirement_worse(requirement, check->worst[r], measure) : measure;
		check->measured[r] = true;
	}
}

/* Measure the requirements that look at no sensitive column. */
static void
measure_sizes(Check *check)
{
	/* where NULL matches everything, rows match across classes; k is all that such a policy requires */
	if (check->policy->recoding.wildcard && check->ntuples > 0)
	{
		PrivacyClass fewest = {.size = wildcard_least(check->counter)};

		measure_class(check, -1, &fewest, 0);
		return;
	}
	for (uint32 i = 0; i < check->nclasses; i++)
	{
		PrivacyClass class = {.size = check->class_size[i]};

		CHECK_FOR_INTERRUPTS();
		measure_class(check, -1, &class, i);
	}
}

/* Measure the requirements on all classes together. */
static void
measure_table(Check *check)
{
	int64	   *records = check->class_size;

	check->whole = palloc(sizeof(double) * Max(check->policy->ntable, 1));
	if (check->policy->ntable == 0)
		return;
	if (check->person >= 0)
	{
		records = check_alloc(check, sizeof(int64), check->nclasses);
		check_class_records(check->counter, check->class_of, check->nclasses, records);
	}
	check_table_measure(check->policy, check->nclasses, check->class_size, records, check->whole);
}

/* qsort_arg comparator of a class's number and the codes behind it. */
static int
compare_combinations(const void *a, const void *b, void *arg)
{
	const uint32 *x = a;
	const uint32 *y = b;

	for (int i = 0; i < *(int *) arg; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

/* Measure the requirements on the combinations of all sensitive columns. */
static void
measure_combinations(Check *check)
{
	Policy	   *policy = check->policy;
	int			width = policy->nsensitive + 1;
	uint32	   *codes = palloc(sizeof(uint32) * counter_ncolumns(check->counter));
	uint32	   *rows = check_alloc(check, sizeof(uint32) * width, check->ntuples);
	uint32	   *tuples = check_alloc(check, sizeof(uint32) * policy->nsensitive, check->ntuples);
	CounterScan scan;
	int64		weight;
	int64		i = 0;
	int64		n = 0;

	counter_scan_start(check->counter, &scan);
	while (counter_scan_next(&scan, codes, &weight))
	{
		uint32	   *row = rows + n * width;

		CHECK_FOR_INTERRUPTS();
		row[0] = check->class_of[i++];
		if (row[0] == NO_CLASS)
			continue;
		memcpy(row + 1, codes + policy->nquasi, sizeof(uint32) * policy->nsensitive);
		n++;
	}
	qsort_arg(rows, n, sizeof(uint32) * width, compare_combinations, &width);
	for (i = 0; i < n;)
	{
		PrivacyClass class = {
			.size = check->class_size[rows[i * width]],
			.ncolumns = policy->nsensitive,
			.tuples = tuples
		};
		uint32		number = rows[i * width];

		CHECK_FOR_INTERRUPTS();
		for (; i < n && rows[i * width] == number; i++)
		{
			uint32	   *row = rows + i * width;

			if (class.ntuples == 0 || compare_combinations(row - width, row, &width) != 0)
				memcpy(tuples + class.ntuples++ * policy->nsensitive, row + 1,
					   sizeof(uint32) * policy->nsensitive);
		}
		measure_class(check, -1, &class, number);
	}
	pfree(codes);
	pfree(rows);
	pfree(tuples);
}

/* Measure the requirements on a sensitive column. */
static void
measure_values(Check *check, int sensitive)
{
	Policy	   *policy = check->policy;
	int			column = policy->nquasi + sensitive;
	Dictionary *values = counter_dictionary(check->counter, column);
	uint32		nvalues = dictionary_size(values);
	int64	   *table_counts = check_alloc(check, sizeof(int64), nvalues);
	uint32	   *class_values = check_alloc(check, sizeof(uint32), nvalues);
	int64	   *class_counts = check_alloc(check, sizeof(int64), nvalues);
	Entry	   *entries = check->entries;
	int64		n = collect(check, column, false);

	memset(table_counts, 0, sizeof(int64) * nvalues);
	for (int64 i = 0; i < n; i++)
		table_counts[(uint32) entries[i].key] += entries[i].weight;
	sensitive_table_create(policy, sensitive, values, table_counts);

	n = collect(check, column, true);
	for (int64 i = 0; i < n;)
	{
		uint32		number = entries[i].key >> 32;
		PrivacyClass class = {
			.size = check->class_size[number],
			.values = class_values,
			.counts = class_counts
		};

		CHECK_FOR_INTERRUPTS();
		for (; i < n && entries[i].key >> 32 == number; i++)
		{
			uint32		value = (uint32) entries[i].key;

			if (class.nvalues == 0 || class_values[class.nvalues - 1] != value)
			{
				class_values[class.nvalues] = value;
				class_counts[class.nvalues++] = 0;
			}
			class_counts[class.nvalues - 1] += entries[i].weight;
			class.total += entries[i].weight;
		}
		measure_class(check, sensitive, &class, number);
	}
	pfree(class_values);
	pfree(class_counts);
}

/* Read the relation and measure every requirement. */
static Check *
check_relation(Oid relid, Policy *policy)
{
	Check	   *check = palloc0(sizeof(Check));
	const char **columns = palloc(sizeof(char *) * (policy->nquasi + policy->nsensitive + 1));
	int			n = 0;

	for (int i = 0; i < policy->nquasi; i++)
		columns[n++] = policy->quasi[i].column;
	for (int i = 0; i < policy->nsensitive; i++)
		columns[n++] = policy->sensitive[i].column;
	check->policy = policy;
	check->person = policy->person != NULL ? n : -1;
	if (policy->person != NULL)
		columns[n++] = policy->person;
	check->worst = palloc0(sizeof(double) * Max(policy->nrequirements, 1));
	check->measured = palloc0(sizeof(bool) * Max(policy->nrequirements, 1));

	check->counter = frame_read(relid, n, columns, FRAME_EQUAL_SQL, 0);
	find_classes(check);
	if (check->person >= 0 || policy->nsensitive > 0)
		check->entries = check_alloc(check, sizeof(Entry), check->ntuples);
	size_classes(check);
	measure_sizes(check);
	measure_table(check);
	for (int i = 0; i < policy->nrequirements; i++)
		if (policy->requirements[i].model->needs_tuples)
		{
			measure_combinations(check);
			break;
		}
	for (int i = 0; i < policy->nsensitive; i++)
		measure_values(check, i);
	return check;
}

/* Return a requirement; what was not measured is NULL. */
static void
put_row(ReturnSetInfo *result, const char *label, double wanted, double measure, bool measured,
		bool holds)
{
	Datum		values[4] = {CStringGetTextDatum(label), Float8GetDatum(wanted),
	Float8GetDatum(measure), BoolGetDatum(holds)};
	bool		nulls[4] = {false, false, !measured, false};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* kiaim.check(source regclass, policy jsonb) → (requirement, wanted, measured, holds) */
Datum
kiaim_check(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = srf_begin(fcinfo);
	Policy	   *policy;
	Check	   *check;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be NULL", PG_ARGISNULL(0) ? "source" : "policy")));
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	policy = policy_parse_to_measure(PG_GETARG_JSONB_P(1), PG_GETARG_OID(0));
	check = check_relation(PG_GETARG_OID(0), policy);
	for (int r = 0; r < policy->nrequirements; r++)
	{
		const Requirement *requirement = &policy->requirements[r];

		/* without a class there is none that fails */
		put_row(result, requirement->label, requirement->wanted, check->worst[r],
				check->measured[r], !check->measured[r] ||
				requirement_holds_measure(requirement, check->worst[r]));
	}
	for (int r = 0; r < policy->ntable; r++)
	{
		const TableRequirement *requirement = &policy->table[r];

		/* what cannot be told does not hold, but of nothing everything does */
		put_row(result, requirement->label, requirement->wanted, check->whole[r],
				!isnan(check->whole[r]), check->nclasses == 0 ||
				table_requirement_holds(requirement, check->whole[r]));
	}
	SPI_finish();
	return (Datum) 0;
}
