/*-------------------------------------------------------------------------
 *
 * wildcard.c
 *		Class sizes where NULL matches everything.
 *
 * Matching is no equivalence, so there are no classes to sort rows into.  But
 * the tuples that have NULL in the same columns are compared with those of
 * another such set in the columns that both know: one set goes into a hash
 * table of these columns, the other looks its tuples up.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"

#include "privacy/wildcard.h"

PG_FUNCTION_INFO_V1(kiaim_wildcard_k_anonymity);

#define NO_TUPLE		PG_UINT32_MAX

/* Columns that a set of NULLs can name. */
#define MAX_COLUMNS		64

/* A tuple and the columns in which it is NULL. */
typedef struct NullSet
{
	uint64		columns;
	uint32		tuple;
} NullSet;

/* What the tuples of a set weigh that agree in the columns compared. */
typedef struct WeightSlot
{
	uint64		hash;
	uint32		tuple;			/* one of them */
	int64		weight;
} WeightSlot;

typedef struct Wildcards
{
	int			ncolumns;
	const uint32 *codes;
	const int64 *weights;
	uint32		mask;			/* slots - 1 */
	WeightSlot *slots;
} Wildcards;

#define ST_SORT				sort_null_sets
#define ST_ELEMENT_TYPE		NullSet
#define ST_COMPARE(a, b) \
	((a)->columns != (b)->columns ? ((a)->columns < (b)->columns ? -1 : 1) : \
	 (a)->tuple < (b)->tuple ? -1 : (a)->tuple > (b)->tuple)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* The slot of a tuple by the columns that are not ignored. */
static inline WeightSlot *
find_slot(const Wildcards *w, uint32 tuple, uint64 ignored)
{
	const uint32 *codes = w->codes + (Size) tuple * w->ncolumns;
	uint64		hash = 0;
	uint32		at;

	for (int c = 0; c < w->ncolumns; c++)
		if ((ignored & (UINT64CONST(1) << c)) == 0)
		{
			hash = (hash ^ codes[c]) * UINT64CONST(0x9E3779B97F4A7C15);
			hash ^= hash >> 29;
		}
	for (at = (uint32) (hash >> 20) & w->mask;; at = (at + 1) & w->mask)
	{
		WeightSlot *slot = &w->slots[at];
		bool		same = slot->tuple == NO_TUPLE || slot->hash == hash;

		if (slot->tuple != NO_TUPLE && same)
		{
			const uint32 *other = w->codes + (Size) slot->tuple * w->ncolumns;

			for (int c = 0; c < w->ncolumns && same; c++)
				same = codes[c] == other[c] || (ignored & (UINT64CONST(1) << c)) != 0;
		}
		if (same)
		{
			slot->hash = hash;
			return slot;
		}
	}
}

/* Add to the counts of one set of tuples what they match in another. */
static void
count_matches(Wildcards *w, const NullSet *one, uint32 none, const NullSet *other, uint32 nother,
			  int64 *counts)
{
	uint64		ignored = one[0].columns | other[0].columns;
	Size		nslots = 16;

	while (nslots < 2 * (Size) nother)
		nslots *= 2;
	w->mask = (uint32) (nslots - 1);
	for (Size i = 0; i < nslots; i++)
		w->slots[i].tuple = NO_TUPLE;
	for (uint32 i = 0; i < nother; i++)
	{
		WeightSlot *slot = find_slot(w, other[i].tuple, ignored);

		if ((i & 0xffff) == 0)
			CHECK_FOR_INTERRUPTS();
		if (slot->tuple == NO_TUPLE)
		{
			slot->tuple = other[i].tuple;
			slot->weight = 0;
		}
		slot->weight += w->weights[other[i].tuple];
	}
	for (uint32 i = 0; i < none; i++)
	{
		const WeightSlot *slot = find_slot(w, one[i].tuple, ignored);

		if ((i & 0xffff) == 0)
			CHECK_FOR_INTERRUPTS();
		if (slot->tuple != NO_TUPLE)
			counts[one[i].tuple] += slot->weight;
	}
}

/* See wildcard.h. */
int64 *
wildcard_counts(int ncolumns, uint32 n, const uint32 *codes, const uint32 *nulls,
				const int64 *weights, FrameMemory *memory)
{
	Wildcards	w = {.ncolumns = ncolumns, .codes = codes, .weights = weights};
	int64	   *counts = frame_alloc(memory, n, sizeof(int64), true);
	NullSet    *sets = frame_alloc(memory, n, sizeof(NullSet), false);
	Size		nslots = 16;

	for (uint32 i = 0; i < n; i++)
	{
		sets[i].tuple = i;
		sets[i].columns = 0;
		for (int c = 0; c < ncolumns; c++)
			if (codes[(Size) i * ncolumns + c] == nulls[c])
				sets[i].columns |= UINT64CONST(1) << c;
	}
	sort_null_sets(sets, n);
	while (nslots < 2 * (Size) n)
		nslots *= 2;
	w.slots = frame_alloc(memory, nslots, sizeof(WeightSlot), false);
	for (uint32 i = 0, i_end; i < n; i = i_end)
	{
		for (i_end = i + 1; i_end < n && sets[i_end].columns == sets[i].columns;)
			i_end++;
		for (uint32 j = 0, j_end; j < n; j = j_end)
		{
			for (j_end = j + 1; j_end < n && sets[j_end].columns == sets[j].columns;)
				j_end++;
			count_matches(&w, sets + i, i_end - i, sets + j, j_end - j, counts);
		}
	}
	frame_release(memory, w.slots, nslots, sizeof(WeightSlot));
	frame_release(memory, sets, n, sizeof(NullSet));
	return counts;
}

/* See wildcard.h. */
int64
wildcard_least(TupleCounter *counter)
{
	int			ncolumns = counter_ncolumns(counter);
	int64		n = counter_ntuples(counter);
	FrameMemory memory = {CurrentMemoryContext, counter_memory(counter)};
	uint32	   *codes;
	uint32	   *nulls;
	int64	   *weights;
	int64	   *counts;
	int64		least = PG_INT64_MAX;
	int64		i = 0;
	CounterScan scan;

	if (ncolumns > MAX_COLUMNS || n > PG_UINT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too much to compare with NULL as a wildcard"),
				 errdetail("There are %d columns and " INT64_FORMAT " distinct rows; at most %d and %u are possible.",
						   ncolumns, n, MAX_COLUMNS, PG_UINT32_MAX / 2)));
	codes = frame_alloc(&memory, n * ncolumns, sizeof(uint32), false);
	weights = frame_alloc(&memory, n, sizeof(int64), false);
	nulls = frame_alloc(&memory, ncolumns, sizeof(uint32), false);
	for (int c = 0; c < ncolumns; c++)
	{
		Dictionary *values = counter_dictionary(counter, c);

		nulls[c] = PG_UINT32_MAX;
		for (uint32 code = 0; code < dictionary_size(values); code++)
		{
			bool		isnull;

			(void) dictionary_value(values, code, &isnull);
			if (isnull)
				nulls[c] = code;
		}
	}
	counter_scan_start(counter, &scan);
	while (counter_scan_next(&scan, codes + i * ncolumns, &weights[i]))
	{
		if ((i & 0xffff) == 0)
			CHECK_FOR_INTERRUPTS();
		if (++i == n)
			break;
	}
	counts = wildcard_counts(ncolumns, (uint32) n, codes, nulls, weights, &memory);
	for (i = 0; i < n; i++)
		least = Min(least, counts[i]);
	pfree(counts);
	pfree(nulls);
	pfree(weights);
	pfree(codes);
	return least;
}

/*
 * kiaim_wildcard_k_anonymity(internal) → bigint: the fewest rows that a row
 * matches where NULL matches everything.
 */
Datum
kiaim_wildcard_k_anonymity(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(wildcard_least((TupleCounter *) PG_GETARG_POINTER(0)));
}
