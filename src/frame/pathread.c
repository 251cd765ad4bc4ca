/*-------------------------------------------------------------------------
 *
 * pathread.c
 *		From a relation to path-coded weighted distinct tuples.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "frame/frame_internal.h"
#include "frame/pathcode_internal.h"

/* A relation on its way to a path table. */
typedef struct Coding
{
	PathTable  *table;
	TupleCounter *counter;
	FrameMemory memory;			/* what goes away in the end */
	uint64	  **leaf;			/* path code of each dictionary code of a quasi column */
	int64	  **frequency;		/* records of each */
	uint32	  **recode;			/* SQL code of each dictionary code of a sensitive column */
	const PathExtras *extras;
	uint32	   *nown;			/* by quasi column: dictionary codes that the table itself has */
	bool		has_person;
	uint32	   *person_recode;	/* the same for the person column, or NULL where both are the same */
	uint32		npersons;
	bool		bijective;		/* different dictionary codes have different codes in the key */
} Coding;

/*
 * The dictionary of the frame tells values apart by their bytes; what counts
 * sensitive values or persons must tell them apart as SQL does.  Gives the SQL
 * dictionary and the new code of each old one.
 */
static Dictionary *
recode_as_sql(Coding *coding, Oid relid, const char *column, Dictionary *image, uint32 **recode)
{
	Oid			type;
	int32		typmod;
	Oid			collation;
	Dictionary *sql;
	uint32		n = dictionary_size(image);

	get_atttypetypmodcoll(relid, get_attnum(relid, column), &type, &typmod, &collation);
	sql = dictionary_create(dictionary_type(image), collation, FRAME_EQUAL_SQL);
	*recode = frame_alloc(&coding->memory, Max(n, 1), sizeof(uint32), false);
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
count_persons(Coding *coding, Grouper *grouper, const PathTuples *entries, const uint32 *person)
{
	PathTable  *table = coding->table;
	uint32		npersons = coding->npersons;
	int			words = table->words;
	int64	   *first = frame_alloc(&table->memory, (Size) npersons + 1, sizeof(int64), true);
	int64	   *of_person = frame_alloc(&table->memory, Max(entries->n, 1), sizeof(int64), false);
	int64		nkeys = 0;

	/* entries of each person, as positions in the distinct tuples */
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

	table->start = frame_alloc(&table->memory, table->nmulti + 1, sizeof(int64), false);
	table->multi_keys = frame_alloc(&table->memory, Max(nkeys, 1), sizeof(uint64) * words, false);
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
	frame_release(&table->memory, first, (Size) npersons + 1, sizeof(int64));
	frame_release(&table->memory, of_person, Max(entries->n, 1), sizeof(int64));
}

/* Entries of the counter as keys and weights; returns the person of each, if any. */
static uint32 *
fill_entries(Coding *coding, PathTuples *entries)
{
	PathTable  *table = coding->table;
	int			ncolumns = counter_ncolumns(coding->counter);
	uint32	   *codes = palloc(sizeof(uint32) * Max(ncolumns, 1));
	uint32	   *person = NULL;
	CounterScan scan;
	int64		weight;
	int64		i = 0;

	entries->words = table->words;
	entries->n = counter_ntuples(coding->counter);
	entries->keys = frame_alloc(&table->memory, Max(entries->n, 1), sizeof(uint64) * table->words,
								false);
	entries->weights = frame_alloc(&table->memory, Max(entries->n, 1), sizeof(uint64), false);
	if (coding->has_person)
		person = frame_alloc(&table->memory, Max(entries->n, 1), sizeof(uint32), false);

	counter_scan_start(coding->counter, &scan);
	while (counter_scan_next(&scan, codes, &weight))
	{
		uint64	   *key = entries->keys + i * table->words;

		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		for (int w = 0; w < table->words; w++)
			key[w] = 0;
		for (int j = 0; j < table->nquasi; j++)
		{
			coding->frequency[j][codes[j]] += weight;
			key[table->quasi[j].word] |= coding->leaf[j][codes[j]] << table->quasi[j].shift;
		}
		for (int j = 0; j < table->nsensitive; j++)
			if (table->sensitive[j].bits > 0)
				key[table->sensitive[j].word] |=
					(uint64) coding->recode[j][codes[table->nquasi + j]] << table->sensitive[j].shift;
		if (person != NULL)
		{
			uint32		code = codes[ncolumns - 1];

			person[i] = coding->person_recode != NULL ? coding->person_recode[code] : code;
		}
		entries->weights[i] = person != NULL ? WEIGHT(weight, 0) : WEIGHT(weight, weight);
		i++;
	}
	Assert(i == entries->n);
	return person;
}

/* A code and its records. */
typedef struct CodeCount
{
	uint64		code;
	int64		count;
} CodeCount;

static int
compare_code_count(const void *a, const void *b)
{
	uint64		x = ((const CodeCount *) a)->code;
	uint64		y = ((const CodeCount *) b)->code;

	return x < y ? -1 : x > y;
}

/* The cost of all records and the entropy of their labels, level by level. */
static void
measure_levels(Coding *coding, PathColumn *column, const uint64 *leaf, const int64 *frequency,
			   uint32 n)
{
	CodeCount  *sorted = frame_alloc(&coding->memory, Max(n, 1), sizeof(CodeCount), false);
	double		records = (double) coding->table->records;

	for (uint32 code = 0; code < n; code++)
	{
		sorted[code].code = leaf[code];
		sorted[code].count = frequency[code];
	}
	qsort(sorted, n, sizeof(CodeCount), compare_code_count);
	for (int l = 0; l <= column->height; l++)
	{
		double		total = 0;
		double		bits = 0;
		int64		count = 0;

		for (uint32 i = 0; i < n; i++)
		{
			uint64		code = sorted[i].code >> (column->low[l] & 63) << (column->low[l] & 63);
			uint64		next = i + 1 < n ?
				sorted[i + 1].code >> (column->low[l] & 63) << (column->low[l] & 63) : ~code;

			if (column->low[l] >= 64)
				code = next = 0;
			count += sorted[i].count;
			if (i + 1 < n && next == code)
				continue;
			total += (double) count * path_cost(column, l, code);
			/* a label of a population alone has none */
			if (count > 0)
				bits -= (double) count / records * log2((double) count / records);
			count = 0;
		}
		column->total[l] = total;
		column->entropy[l] = bits;
	}
	frame_release(&coding->memory, sorted, Max(n, 1), sizeof(CodeCount));
}

/* Codes of all columns, and their places in the key. */
static void
code_columns(Coding *coding, Oid relid, const char *const *quasi, Hierarchy *const *hierarchies,
			 const char *const *sensitive, const char *person)
{
	PathTable  *table = coding->table;
	TupleCounter *counter = coding->counter;
	int			used = 0;

	coding->bijective = true;
	table->words = 1;
	for (int j = 0; j < table->nquasi; j++)
	{
		PathColumn *column = &table->quasi[j];
		Dictionary *values = counter_dictionary(counter, j);

		coding->leaf[j] = pathcode_column(column, hierarchies[j], values, coding->nown[j], quasi[j],
										  coding->extras->labels);
		coding->frequency[j] = frame_alloc(&coding->memory, Max(dictionary_size(values), 1),
										   sizeof(int64), true);
		coding->bijective &= column->nlabels[0] == dictionary_size(values);
		place(table, &used, column->bits, &column->word, &column->shift);
		for (int l = 0; l <= column->height; l++)
			column->mask[l] = column->bits == 0 ? 0 : column->mask[l] << column->shift;
		table->full[column->word] |= column->mask[0];
	}
	for (int j = 0; j < table->nsensitive; j++)
	{
		PathSensitive *column = &table->sensitive[j];
		Dictionary *values = counter_dictionary(counter, table->nquasi + j);

		column->values = recode_as_sql(coding, relid, sensitive[j], values, &coding->recode[j]);
		column->nvalues = dictionary_size(column->values);
		coding->bijective &= column->nvalues == dictionary_size(values);
		column->bits = bits_of(column->nvalues);
		place(table, &used, column->bits, &column->word, &column->shift);
		if (column->bits > 0)
			table->kept[column->word] |= (~UINT64CONST(0) >> (64 - column->bits)) << column->shift;
	}
	table->persons = table->records;
	if (person != NULL)
	{
		Dictionary *persons = counter_dictionary(counter, counter_ncolumns(counter) - 1);

		coding->npersons = dictionary_size(persons);
		if (!frame_equal_means_same(relid, person))
		{
			MemoryContext old = MemoryContextSwitchTo(coding->memory.context);

			coding->npersons = dictionary_size(recode_as_sql(coding, relid, person, persons,
															 &coding->person_recode));
			MemoryContextSwitchTo(old);
		}
		table->persons = coding->npersons;
	}
}

/* The distinct tuples of the entries, with each person counted once a tuple. */
static void
make_distinct(Coding *coding, PathTuples *entries, const uint32 *person)
{
	PathTable  *table = coding->table;
	uint64		all[PATH_MAX_WORDS];
	Grouper    *grouper;

	for (int w = 0; w < table->words; w++)
		all[w] = table->full[w] | table->kept[w];
	grouper = grouper_create(table->words, &table->memory);
	grouper_group(grouper, entries, all, person != NULL, &table->tuples);
	grouper_trim(grouper);
	if (person != NULL)
		count_persons(coding, grouper, entries, person);
	grouper_end(grouper);
	frame_release(&table->memory, entries->keys, Max(entries->n, 1), sizeof(uint64) * table->words);
	frame_release(&table->memory, entries->weights, Max(entries->n, 1), sizeof(uint64));
}

/* Read a relation and code it. */
static PathTable *
read_table(Oid relid, const char *rows, int nquasi, const char *const *quasi,
		   Hierarchy *const *hierarchies, int nsensitive, const char *const *sensitive,
		   const char *person, const PathExtras *extras)
{
	MemoryContext home = CurrentMemoryContext;
	MemoryContext work = AllocSetContextCreate(home, "kiaim path coding", ALLOCSET_DEFAULT_SIZES);
	PathTable  *table = palloc0(sizeof(PathTable));
	int			ncolumns = nquasi + nsensitive + (person != NULL);
	const char **columns = palloc(sizeof(char *) * Max(ncolumns, 1));
	Coding		coding = {0};
	PathTuples	entries;
	uint32	   *person_of;
	Population *populations = palloc(sizeof(Population) * Max(extras->npopulations, 1));
	bool		pushdown = frame_pushes_down(relid);
	Size		held;

	for (int i = 0; i < nquasi; i++)
		columns[i] = quasi[i];
	for (int i = 0; i < nsensitive; i++)
		columns[nquasi + i] = sensitive[i];
	if (person != NULL)
		columns[ncolumns - 1] = person;

	coding.table = table;
	coding.memory.context = work;
	coding.extras = extras;
	coding.has_person = person != NULL;
	table->memory.context = home;
	coding.leaf = palloc(sizeof(uint64 *) * Max(nquasi, 1));
	coding.frequency = palloc(sizeof(int64 *) * Max(nquasi, 1));
	coding.recode = palloc(sizeof(uint32 *) * Max(nsensitive, 1));
	table->nquasi = nquasi;
	table->quasi = palloc0(sizeof(PathColumn) * Max(nquasi, 1));
	table->nsensitive = nsensitive;
	table->sensitive = palloc0(sizeof(PathSensitive) * Max(nsensitive, 1));

	MemoryContextSwitchTo(work);
	for (int i = 0; i < extras->npopulations; i++)
		pushdown = pushdown || frame_pushes_down(extras->populations[i]);
	coding.counter = frame_read_as(relid, rows, ncolumns, columns, FRAME_EQUAL_IMAGE, nquasi, pushdown);
	coding.nown = palloc(sizeof(uint32) * Max(nquasi, 1));
	for (int j = 0; j < nquasi; j++)
		coding.nown[j] = dictionary_size(counter_dictionary(coding.counter, j));
	for (int i = 0; i < extras->npopulations; i++)
		population_read(&populations[i], extras->populations[i], relid, nquasi, quasi,
						coding.counter, pushdown);
	coding.memory.used = counter_memory(coding.counter);
	MemoryContextSwitchTo(home);
	table->records = counter_total(coding.counter);
	if (table->records > PG_UINT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("relation %s has too many records", frame_relation_name(relid)),
				 errdetail("It has " INT64_FORMAT ", at most %u are possible.",
						   table->records, PG_UINT32_MAX)));

	code_columns(&coding, relid, quasi, hierarchies, sensitive, person);
	/* what goes away in the end counts as long as it is there */
	held = coding.memory.used;
	table->memory.used += held;
	MemoryContextSwitchTo(work);
	person_of = fill_entries(&coding, &entries);
	for (int j = 0; j < nquasi; j++)
		measure_levels(&coding, &table->quasi[j], coding.leaf[j], coding.frequency[j],
					dictionary_size(counter_dictionary(coding.counter, j)));
	table->populations = MemoryContextAlloc(home, sizeof(PathTuples) * Max(extras->npopulations, 1));
	table->population_records = MemoryContextAlloc(home, sizeof(int64) * Max(extras->npopulations, 1));
	for (int i = 0; i < extras->npopulations; i++)
		population_code(&populations[i], extras->populations[i], table, coding.leaf);
	coding.memory.used -= counter_memory(coding.counter);
	table->memory.used -= counter_memory(coding.counter);
	held -= counter_memory(coding.counter);
	counter_free(coding.counter);
	if (coding.bijective && person == NULL)
		table->tuples = entries;	/* they are distinct already */
	else
		make_distinct(&coding, &entries, person_of);
	if (person_of != NULL)
		frame_release(&table->memory, person_of, Max(entries.n, 1), sizeof(uint32));
	table->memory.used -= held;
	MemoryContextSwitchTo(home);
	MemoryContextDelete(work);
	return table;
}

/* See pathcode.h. */
PathTable *
path_read(Oid relid, const char *rows, int nquasi, const char *const *quasi,
		  Hierarchy *const *hierarchies,
		  int nsensitive, const char *const *sensitive, const char *person)
{
	PathExtras	extras = {0};

	return read_table(relid, rows, nquasi, quasi, hierarchies, nsensitive, sensitive, person, &extras);
}

/* See pathcode.h. */
PathTable *
path_read_with_labels(Oid relid, const char *rows, int nquasi, const char *const *quasi,
					  Hierarchy *const *hierarchies,
					  int nsensitive, const char *const *sensitive, const char *person)
{
	PathExtras	extras = {.labels = true};

	return read_table(relid, rows, nquasi, quasi, hierarchies, nsensitive, sensitive, person, &extras);
}

/* See pathcode.h. */
PathTable *
path_read_with(Oid relid, const char *rows, int nquasi, const char *const *quasi,
			   Hierarchy *const *hierarchies, int nsensitive, const char *const *sensitive,
			   const char *person, const PathExtras *extras)
{
	return read_table(relid, rows, nquasi, quasi, hierarchies, nsensitive, sensitive, person, extras);
}
