/*-------------------------------------------------------------------------
 *
 * pathpopulation.c
 *		A second relation in the path codes of a table: the population that
 *		the table was taken from.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "frame/frame_internal.h"
#include "frame/pathcode_internal.h"

/* Values of one type can be encoded as those of the other: their bytes mean the same. */
static bool
types_alike(Oid a, Oid b)
{
	a = getBaseType(a);
	b = getBaseType(b);
	return a == b ||
		((a == TEXTOID || a == VARCHAROID) && (b == TEXTOID || b == VARCHAROID));
}

/* See frame.h. */
void
frame_check_population(Oid population, Oid relid, int nquasi, const char *const *quasi)
{
	for (int j = 0; j < nquasi; j++)
	{
		Oid			theirs = get_atttype(population, get_attnum(population, quasi[j]));
		Oid			ours = get_atttype(relid, get_attnum(relid, quasi[j]));

		if (!types_alike(theirs, ours))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column \"%s\" of population %s has another type than that of the source",
							quasi[j], frame_relation_name(population)),
					 errdetail("It is %s there, and %s in the source.", format_type_be(theirs),
							   format_type_be(ours)),
					 errhint("Name a view of the population that casts it.")));
	}
}

/* See pathcode_internal.h. */
void
population_read(Population *p, Oid population, Oid relid, int nquasi, const char *const *quasi,
				TupleCounter *table, bool pushdown)
{
	frame_check_population(population, relid, nquasi, quasi);
	p->counter = frame_read_as(population, frame_relation_name(population), nquasi, quasi,
							   FRAME_EQUAL_IMAGE, nquasi, pushdown);
	if (counter_total(p->counter) > PG_UINT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("relation %s has too many records", frame_relation_name(population)),
				 errdetail("It has " INT64_FORMAT ", at most %u are possible.",
						   counter_total(p->counter), PG_UINT32_MAX)));
	p->codes = palloc(sizeof(uint32 *) * Max(nquasi, 1));
	for (int j = 0; j < nquasi; j++)
	{
		const Dictionary *theirs = counter_dictionary(p->counter, j);
		Dictionary *ours = counter_dictionary(table, j);

		p->codes[j] = MemoryContextAllocHuge(CurrentMemoryContext,
											 sizeof(uint32) * Max(dictionary_size(theirs), 1));
		for (uint32 code = 0; code < dictionary_size(theirs); code++)
		{
			bool		isnull;
			Datum		value = dictionary_value(theirs, code, &isnull);

			CHECK_FOR_INTERRUPTS();
			p->codes[j][code] = dictionary_encode(ours, value, isnull);
		}
	}
}

/* See pathcode_internal.h. */
void
population_code(Population *p, Oid population, PathTable *table, uint64 *const *leaf)
{
	int			at = table->npopulations++;
	uint32	   *codes = palloc(sizeof(uint32) * Max(table->nquasi, 1));
	PathTuples	entries = {.words = table->words, .n = counter_ntuples(p->counter)};
	Size		held = counter_memory(p->counter);
	Grouper    *grouper;
	CounterScan scan;
	int64		weight;
	int64		i = 0;

	table->memory.used += held;
	entries.keys = frame_alloc(&table->memory, Max(entries.n, 1), sizeof(uint64) * table->words, true);
	entries.weights = frame_alloc(&table->memory, Max(entries.n, 1), sizeof(uint64), false);
	counter_scan_start(p->counter, &scan);
	while (counter_scan_next(&scan, codes, &weight))
	{
		uint64	   *key = entries.keys + i * table->words;

		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		for (int j = 0; j < table->nquasi; j++)
			key[table->quasi[j].word] |= leaf[j][p->codes[j][codes[j]]] << table->quasi[j].shift;
		entries.weights[i++] = WEIGHT(weight, weight);
	}
	table->population_records[at] = counter_total(p->counter);
	counter_free(p->counter);
	table->memory.used -= held;

	grouper = grouper_create(table->words, &table->memory);
	grouper_group(grouper, &entries, table->full, false, &table->populations[at]);
	grouper_trim(grouper);
	grouper_end(grouper);
	frame_release(&table->memory, entries.keys, Max(entries.n, 1), sizeof(uint64) * table->words);
	frame_release(&table->memory, entries.weights, Max(entries.n, 1), sizeof(uint64));
}
