/*-------------------------------------------------------------------------
 *
 * pathread.c
 *		From a relation to path-coded weighted distinct tuples.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "frame/pathcode_internal.h"
#include "kiaim.h"

/* Huge array in the current context. */
#define ALLOC_ARRAY(type, n) \
	((type *) MemoryContextAllocHuge(CurrentMemoryContext, sizeof(type) * Max((Size) (n), 1)))

/*
 * The dictionary of the frame tells values apart by their bytes; what counts
 * sensitive values or persons must tell them apart as SQL does.  Gives the SQL
 * dictionary and the new code of each old one.
 */
static Dictionary *
recode_as_sql(Oid relid, const char *column, Dictionary *image, uint32 **recode)
{
	Oid			type;
	int32		typmod;
	Oid			collation;
	Dictionary *sql;
	uint32		n = dictionary_size(image);

	get_atttypetypmodcoll(relid, get_attnum(relid, column), &type, &typmod, &collation);
	if (dictionary_type(image) != type)
		collation = DEFAULT_COLLATION_OID;	/* the pushed-down reader made text of it */
	sql = dictionary_create(dictionary_type(image), collation, FRAME_EQUAL_SQL);
	*recode = ALLOC_ARRAY(uint32, n);
	for (uint32 code = 0; code < n; code++)
	{
		bool		isnull;
		Datum		value = dictionary_value(image, code, &isnull);

		(*recode)[code] = dictionary_encode(sql, value, isnull);
	}
	return sql;
}

/* Bits of a code with n values. */
static int
bits_of(uint32 n)
{
	return n <= 1 ? 0 : pg_leftmost_one_pos32(n - 1) + 1;
}

/* Give a column of some bits its place in the key. */
static void
place(PathTable *table, int *used, int bits, int *word, int *shift)
{
	if (*used + bits > 64)
	{
		table->words++;
		*used = 0;
	}
	if (table->words > PATH_MAX_WORDS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the columns of the policy are too many or too wide"),
				 errdetail("Their codes need more than %d bits.", PATH_MAX_WORDS * 64),
				 errhint("Name fewer quasi-identifiers, or use hierarchies with fewer levels.")));
	*word = table->words - 1;
	*shift = *used;
	*used += bits;
}


static int
compare_int64(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

/*
 * Count each person once a tuple, and list those who have several.  person[i]
 * is the person of entry i, whose key is entries->keys[i].
 */
static void
count_persons(PathTable *table, Grouper *grouper, const PathTuples *entries,
			  const uint32 *person, uint32 npersons)
{
	int			words = table->words;
	int64	   *first = ALLOC_ARRAY(int64, (Size) npersons + 1);
	int64	   *of_person = ALLOC_ARRAY(int64, entries->n);
	int64		nkeys = 0;

	/* entries of each person, as positions in the distinct tuples */
	memset(first, 0, sizeof(int64) * ((Size) npersons + 1));
	for (int64 i = 0; i < entries->n; i++)
		first[person[i] + 1]++;
	for (uint32 p = 0; p < npersons; p++)
		first[p + 1] += first[p];
	for (int64 i = 0; i < entries->n; i++)
		of_person[first[person[i]]++] = grouper_find(grouper, entries->keys + i * words);
	for (uint32 p = npersons; p > 0; p--)
		first[p] = first[p - 1];
	first[0] = 0;

	/* distinct ones a person, in place */
	for (uint32 p = 0; p < npersons; p++)
	{
		int64		n = first[p + 1] - first[p];
		int64	   *tuples = of_person + first[p];
		int64		distinct = 0;

		if (n > 1)
			qsort(tuples, n, sizeof(int64), compare_int64);
		for (int64 i = 0; i < n; i++)
			if (i == 0 || tuples[i] != tuples[i - 1])
			{
				table->tuples.weights[tuples[i]] += WEIGHT_ONE_PERSON;
				tuples[distinct++] = tuples[i];
			}
		if (distinct > 1)
		{
			table->nmulti++;
			nkeys += distinct;
		}
		/* the end of the distinct ones */
		if (distinct < n)
			tuples[distinct] = -1;
	}

	table->start = ALLOC_ARRAY(int64, table->nmulti + 1);
	table->multi_keys = ALLOC_ARRAY(uint64, nkeys * words);
	table->nmulti = 0;
	nkeys = 0;
	for (uint32 p = 0; p < npersons; p++)
	{
		int64		from = first[p];
		int64		to = first[p + 1];

		if (to - from < 2 || of_person[from + 1] < 0)
			continue;
		table->start[table->nmulti++] = nkeys;
		for (int64 i = from; i < to && of_person[i] >= 0; i++)
			memcpy(table->multi_keys + nkeys++ * words, table->tuples.keys + of_person[i] * words,
				   sizeof(uint64) * words);
	}
	table->start[table->nmulti] = nkeys;
	pfree(first);
	pfree(of_person);
}

/* Entries of the counter as keys and weights; persons are counted later. */
static uint32 *
fill_entries(PathTable *table, TupleCounter *counter, uint64 *const *leaf,
			 uint32 *const *recode, const uint32 *person_recode, PathTuples *entries,
			 int64 *const *frequency)
{
	int			ncolumns = counter_ncolumns(counter);
	uint32	   *codes = palloc(sizeof(uint32) * Max(ncolumns, 1));
	uint32	   *person = NULL;
	CounterScan scan;
	int64		weight;
	int64		i = 0;

	entries->words = table->words;
	entries->n = counter_ntuples(counter);
	entries->keys = ALLOC_ARRAY(uint64, entries->n * table->words);
	entries->weights = ALLOC_ARRAY(uint64, entries->n);
	if (person_recode != NULL)
		person = ALLOC_ARRAY(uint32, entries->n);

	counter_scan_start(counter, &scan);
	while (counter_scan_next(&scan, codes, &weight))
	{
		uint64	   *key = entries->keys + i * table->words;

		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		for (int w = 0; w < table->words; w++)
			key[w] = 0;
		for (int j = 0; j < table->nquasi; j++)
		{
			frequency[j][codes[j]] += weight;
			key[table->quasi[j].word] |= leaf[j][codes[j]] << table->quasi[j].shift;
		}
		for (int j = 0; j < table->nsensitive; j++)
			if (table->sensitive[j].bits > 0)
				key[table->sensitive[j].word] |=
					(uint64) recode[j][codes[table->nquasi + j]] << table->sensitive[j].shift;
		if (person != NULL)
			person[i] = person_recode[codes[ncolumns - 1]];
		entries->weights[i] = person != NULL ? WEIGHT(weight, 0) : WEIGHT(weight, weight);
		i++;
	}
	Assert(i == entries->n);
	return person;
}

/* The cost of all records, level by level. */
static void
total_costs(PathColumn *column, const uint64 *leaf, const int64 *frequency, uint32 n)
{
	for (int l = 0; l <= column->height; l++)
	{
		double		total = 0;

		for (uint32 code = 0; code < n; code++)
			total += (double) frequency[code] *
				path_cost(column, l, column->low[l] >= 64 ? 0 :
						  leaf[code] >> column->low[l] << column->low[l]);
		column->total[l] = total;
	}
}

/* See pathcode.h. */
PathTable *
path_read(Oid relid, int nquasi, const char *const *quasi, Hierarchy *const *hierarchies,
		  int nsensitive, const char *const *sensitive, const char *person, FrameReader reader)
{
	PathTable  *table = palloc0(sizeof(PathTable));
	MemoryContext home = CurrentMemoryContext;
	MemoryContext work = AllocSetContextCreate(home, "kiaim path coding", ALLOCSET_DEFAULT_SIZES);
	int			ncolumns = nquasi + nsensitive + (person != NULL);
	const char **columns = palloc(sizeof(char *) * Max(ncolumns, 1));
	uint64	  **leaf = palloc(sizeof(uint64 *) * Max(nquasi, 1));
	int64	  **frequency = palloc(sizeof(int64 *) * Max(nquasi, 1));
	uint32	  **recode = palloc(sizeof(uint32 *) * Max(nsensitive, 1));
	uint32	   *person_recode = NULL;
	uint32		npersons = 0;
	uint32	   *person_of;
	uint64		all[PATH_MAX_WORDS] = {0};
	TupleCounter *counter;
	PathTuples	entries;
	PathTuples	grouped;
	Grouper    *grouper;
	int			used = 0;

	for (int i = 0; i < nquasi; i++)
		columns[i] = quasi[i];
	for (int i = 0; i < nsensitive; i++)
		columns[nquasi + i] = sensitive[i];
	if (person != NULL)
		columns[ncolumns - 1] = person;

	MemoryContextSwitchTo(work);
	counter = frame_read(relid, ncolumns, columns, FRAME_EQUAL_IMAGE, reader);
	MemoryContextSwitchTo(home);

	table->records = counter_total(counter);
	if (table->records > PG_UINT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("relation %s has too many records", frame_relation_name(relid)),
				 errdetail("It has " INT64_FORMAT ", at most %u are possible.",
						   table->records, PG_UINT32_MAX)));

	/* codes, and their places in the key */
	table->words = 1;
	table->nquasi = nquasi;
	table->quasi = palloc0(sizeof(PathColumn) * Max(nquasi, 1));
	for (int j = 0; j < nquasi; j++)
	{
		PathColumn *column = &table->quasi[j];
		Dictionary *values = counter_dictionary(counter, j);

		leaf[j] = pathcode_column(column, hierarchies[j], values, quasi[j]);
		frequency[j] = MemoryContextAllocExtended(work, sizeof(int64) * Max(dictionary_size(values), 1),
												  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		place(table, &used, column->bits, &column->word, &column->shift);
		for (int l = 0; l <= column->height; l++)
			column->mask[l] = column->bits == 0 ? 0 : column->mask[l] << column->shift;
		table->full[column->word] |= column->mask[0];
	}
	table->nsensitive = nsensitive;
	table->sensitive = palloc0(sizeof(PathSensitive) * Max(nsensitive, 1));
	for (int j = 0; j < nsensitive; j++)
	{
		PathSensitive *column = &table->sensitive[j];

		column->values = recode_as_sql(relid, sensitive[j], counter_dictionary(counter, nquasi + j),
									   &recode[j]);
		column->nvalues = dictionary_size(column->values);
		column->bits = bits_of(column->nvalues);
		place(table, &used, column->bits, &column->word, &column->shift);
		if (column->bits > 0)
			table->kept[column->word] |= (~UINT64CONST(0) >> (64 - column->bits)) << column->shift;
	}
	MemoryContextSwitchTo(work);
	if (person != NULL)
		npersons = dictionary_size(recode_as_sql(relid, person,
												 counter_dictionary(counter, ncolumns - 1),
												 &person_recode));
	table->persons = person != NULL ? npersons : table->records;

	/* entries of the counter, then distinct tuples */
	person_of = fill_entries(table, counter, leaf, recode, person_recode, &entries, frequency);
	for (int j = 0; j < nquasi; j++)
		total_costs(&table->quasi[j], leaf[j], frequency[j],
					dictionary_size(counter_dictionary(counter, j)));
	counter_free(counter);
	for (int w = 0; w < table->words; w++)
		all[w] = table->full[w] | table->kept[w];
	grouper = grouper_create(table->words);
	grouper_group(grouper, &entries, all, person != NULL, &grouped);

	MemoryContextSwitchTo(home);
	table->tuples = grouped;
	table->tuples.keys = ALLOC_ARRAY(uint64, grouped.n * table->words);
	table->tuples.weights = ALLOC_ARRAY(uint64, grouped.n);
	memcpy(table->tuples.keys, grouped.keys, sizeof(uint64) * grouped.n * table->words);
	memcpy(table->tuples.weights, grouped.weights, sizeof(uint64) * grouped.n);
	if (person != NULL)
		count_persons(table, grouper, &entries, person_of, npersons);
	MemoryContextDelete(work);
	return table;
}
