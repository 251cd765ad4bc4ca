/*-------------------------------------------------------------------------
 *
 * tuples.c
 *		The distinct tuples of the quasi-identifiers, as columns of codes.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "risk/tuples.h"

#define NO_TUPLE		PG_UINT32_MAX

/* A slot of the index. */
typedef struct IndexSlot
{
	uint64		key;
	uint32		tuple;			/* or NO_TUPLE */
} IndexSlot;

/*
 * Where the codes of all columns fit 64 bits the key is the tuple itself;
 * otherwise it is a hash, and the columns have the last word.
 */
struct RiskIndex
{
	bool		exact;
	int		   *shift;			/* by column */
	int			log;			/* of the number of slots */
	IndexSlot  *slots;
};

/* The key of codes that are within the domain. */
static inline uint64
index_key(const RiskIndex *index, int ncolumns, const uint32 *codes)
{
	uint64		key = 0;

	if (index->exact)
	{
		for (int c = 0; c < ncolumns; c++)
			key |= (uint64) codes[c] << index->shift[c];
		return key;
	}
	for (int c = 0; c < ncolumns; c++)
	{
		key = (key ^ codes[c]) * UINT64CONST(0x9E3779B97F4A7C15);
		key ^= key >> 29;
	}
	return key;
}

/* The slot of a tuple, or the empty one where it belongs. */
static inline IndexSlot *
index_slot(const RiskTuples *t, const RiskIndex *index, uint64 key, const uint32 *codes)
{
	uint64		last = (UINT64CONST(1) << index->log) - 1;

	for (uint64 at = key * UINT64CONST(0x9E3779B97F4A7C15) >> (64 - index->log);;
		 at = (at + 1) & last)
	{
		IndexSlot  *slot = &index->slots[at];
		bool		same = slot->key == key;

		if (slot->tuple == NO_TUPLE)
			return slot;
		for (int c = 0; c < t->ncolumns && same && !index->exact; c++)
			same = t->codes[c][slot->tuple] == codes[c];
		if (same)
			return slot;
	}
}

/* An empty index for so many tuples. */
static RiskIndex *
index_create(RiskTuples *t, uint32 ntuples)
{
	RiskIndex  *index = MemoryContextAllocZero(t->memory.context, sizeof(RiskIndex));
	int			bits = 0;

	index->shift = frame_alloc(&t->memory, Max(t->ncolumns, 1), sizeof(int), true);
	for (int c = 0; c < t->ncolumns; c++)
	{
		index->shift[c] = bits;
		if (t->domain[c] > 1)
			bits += pg_leftmost_one_pos32(t->domain[c] - 1) + 1;
		if (bits >= 64)
			break;
	}
	index->exact = bits < 64;
	index->log = 4;
	while ((UINT64CONST(1) << index->log) / 2 < ntuples)
		index->log++;
	index->slots = frame_alloc(&t->memory, (Size) 1 << index->log, sizeof(IndexSlot), false);
	for (uint64 i = 0; i < UINT64CONST(1) << index->log; i++)
		index->slots[i].tuple = NO_TUPLE;
	return index;
}

/* See tuples.h. */
uint32
risk_tuples_intern(RiskTuples *t, uint32 capacity, const uint32 *codes)
{
	uint64		key;
	IndexSlot  *slot;

	if (t->index == NULL)
		t->index = index_create(t, capacity);
	key = index_key(t->index, t->ncolumns, codes);
	slot = index_slot(t, t->index, key, codes);
	if (slot->tuple == NO_TUPLE)
	{
		slot->key = key;
		slot->tuple = t->n;
		for (int c = 0; c < t->ncolumns; c++)
			t->codes[c][t->n] = codes[c];
		t->n++;
	}
	return slot->tuple;
}

/* See tuples.h. */
int64
risk_tuples_find(RiskTuples *t, const uint32 *codes)
{
	uint64		key;
	const IndexSlot *slot;

	if (t->index == NULL)
	{
		uint32	   *own = palloc(Max(t->ncolumns, 1) * sizeof(uint32));

		t->index = index_create(t, t->n);
		for (uint32 i = 0; i < t->n; i++)
		{
			IndexSlot  *empty;

			if ((i & 0xffff) == 0xffff)
				CHECK_FOR_INTERRUPTS();
			for (int c = 0; c < t->ncolumns; c++)
				own[c] = t->codes[c][i];
			key = index_key(t->index, t->ncolumns, own);
			empty = index_slot(t, t->index, key, own);
			empty->key = key;
			empty->tuple = i;
		}
		pfree(own);
	}
	for (int c = 0; c < t->ncolumns; c++)
		if (codes[c] >= t->domain[c])
			return -1;
	key = index_key(t->index, t->ncolumns, codes);
	slot = index_slot(t, t->index, key, codes);
	return slot->tuple == NO_TUPLE ? -1 : (int64) slot->tuple;
}

/* The tuples of a counter without a person are its own. */
static void
take_records(RiskTuples *t)
{
	uint32	   *codes = palloc(Max(t->ncolumns, 1) * sizeof(uint32));
	CounterScan scan;
	int64		weight;

	counter_scan_start(t->counter, &scan);
	while (counter_scan_next(&scan, codes, &weight))
	{
		if ((t->n & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < t->ncolumns; c++)
			t->codes[c][t->n] = codes[c];
		t->records[t->n++] = weight;
	}
	t->persons = t->records;
	t->npersons = t->nrecords;
	pfree(codes);
}

/* Those of a counter whose first column is the person are found by what follows it. */
static void
take_persons(RiskTuples *t, int64 npairs)
{
	uint32	   *codes = palloc((t->ncolumns + 1) * sizeof(uint32));
	uint32	   *tuple_of = frame_alloc(&t->memory, Max(npairs, 1), sizeof(uint32), false);
	CounterScan scan;
	int64		weight;
	int64		pair = 0;

	t->persons = frame_alloc(&t->memory, Max(npairs, 1), sizeof(int64), true);
	counter_scan_start(t->counter, &scan);
	while (counter_scan_next(&scan, codes, &weight))
	{
		uint32		tuple = risk_tuples_intern(t, (uint32) npairs, codes + 1);

		if ((pair & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		tuple_of[pair++] = tuple;
		t->persons[tuple]++;
		t->records[tuple] += weight;
	}
	t->npersons = dictionary_size(counter_dictionary(t->counter, 0));

	/* start[i + 1] is where tuple i goes on; filled, it is where tuple i ends */
	t->start = frame_alloc(&t->memory, (Size) t->n + 2, sizeof(int64), true);
	t->members = frame_alloc(&t->memory, Max(npairs, 1), sizeof(uint32), false);
	t->member_records = frame_alloc(&t->memory, Max(npairs, 1), sizeof(int64), false);
	for (uint32 i = 0; i + 1 < t->n; i++)
		t->start[i + 2] = t->start[i + 1] + t->persons[i];
	pair = 0;
	counter_scan_start(t->counter, &scan);
	while (counter_scan_next(&scan, codes, &weight))
	{
		int64		place = t->start[tuple_of[pair++] + 1]++;

		if ((pair & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		t->members[place] = codes[0];
		t->member_records[place] = weight;
	}
	frame_release(&t->memory, tuple_of, Max(npairs, 1), sizeof(uint32));
	pfree(codes);
}

/* The code of NULL in a dictionary. */
static uint32
null_code(const Dictionary *values)
{
	for (uint32 code = 0; code < dictionary_size(values); code++)
	{
		bool		isnull;

		(void) dictionary_value(values, code, &isnull);
		if (isnull)
			return code;
	}
	return RISK_NO_NULL;
}

/* See tuples.h. */
RiskTuples *
risk_tuples(TupleCounter *counter, bool person)
{
	RiskTuples *t = palloc0(sizeof(RiskTuples));
	int64		n = counter_ntuples(counter);
	Size		capacity = Max(n, 1);

	if (n > PG_UINT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("there are " INT64_FORMAT " distinct rows, more than %u", n, PG_UINT32_MAX / 2)));
	t->counter = counter;
	t->memory.context = CurrentMemoryContext;
	t->memory.used = counter_memory(counter);
	t->ncolumns = counter_ncolumns(counter) - (person ? 1 : 0);
	t->nrecords = counter_total(counter);
	t->codes = palloc(Max(t->ncolumns, 1) * sizeof(uint32 *));
	t->domain = palloc(Max(t->ncolumns, 1) * sizeof(uint32));
	t->nulls = palloc(Max(t->ncolumns, 1) * sizeof(uint32));
	for (int c = 0; c < t->ncolumns; c++)
	{
		Dictionary *values = counter_dictionary(counter, c + (person ? 1 : 0));

		t->codes[c] = frame_alloc(&t->memory, capacity, sizeof(uint32), false);
		t->domain[c] = dictionary_size(values);
		t->nulls[c] = null_code(values);
	}
	t->records = frame_alloc(&t->memory, capacity, sizeof(int64), true);
	if (person)
		take_persons(t, n);
	else
		take_records(t);
	return t;
}

/* See tuples.h. */
Dictionary *
risk_tuples_dictionary(const RiskTuples *t, int column)
{
	return counter_dictionary(t->counter, column + (t->start != NULL ? 1 : 0));
}
