/*-------------------------------------------------------------------------
 *
 * group_hash.c
 *		The hash kernel of grouping.
 *
 * An open table that starts small, so that a result of few classes stays in
 * the cache however large the source is.  "Empty" and "equal" are tested
 * together, because new-or-known is not predictable, and slots are prefetched
 * a block ahead.  Where the classes outgrow the cache, the source is first
 * partitioned by the high bits of the hash, and each partition is grouped in a
 * table of its own: two sequential passes instead of a cache miss a tuple.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "frame/group_internal.h"

#define FIRST_BITS		10		/* slots of a table at first */
#define CACHED_BITS		16		/* and so many before partitions are better */
#define BLOCK			32		/* tuples prefetched ahead */
#define PARTITION_TUPLES_BITS	12		/* of the tuples of a partition, on average */

static inline uint64
key_hash(const uint64 *key, const uint64 *mask, int words)
{
	uint64		h = 0;

	/* the high bits choose a partition, those after them a slot */
	for (int w = 0; w < words; w++)
	{
		h = (h ^ (key[w] & mask[w])) * UINT64CONST(0x9E3779B97F4A7C15);
		h ^= h >> 32;
	}
	return h * UINT64CONST(0xD6E8FEB86659FD93);
}

/* Room for n slots, all of them empty; only between two groupings. */
static void
reserve_slots(Grouper *g, int64 n)
{
	Size		slot = sizeof(uint64) * (g->words + 1);

	if (n <= g->slots_size)
		return;
	frame_release(g->memory, g->slots, g->slots_size, slot);
	g->slots = NULL;
	g->slots_size = 0;
	g->slots = frame_alloc(g->memory, n, slot, true);
	g->slots_size = n;
}

/*
 * The slot of a hash in a table.  Not by the bits that choose a partition: a
 * source that was made in partitions comes in their order, and filling a table
 * in the order of its slots is what linear probing cannot stand.
 */
static inline uint64
slot_of(uint64 hash, int bits)
{
	return hash << MAX_PARTITION_BITS >> (64 - bits);
}

/* Is there no room for another block?  Large tables are filled more, for their memory. */
static inline bool
hash_is_full(const Grouper *g)
{
	int64		size = INT64CONST(1) << g->bits;

	return g->ntouched + BLOCK > (g->bits < 20 ? size / 2 : size - size * 3 / 8);
}

/* More slots, the same content: through the result arrays, which are free during grouping. */
static void
hash_grow(Grouper *g)
{
	int			words = g->words;
	int			stride = words + 1;
	int64		n = g->ntouched;
	static const uint64 all[PATH_MAX_WORDS] = {
		~UINT64CONST(0), ~UINT64CONST(0), ~UINT64CONST(0), ~UINT64CONST(0),
		~UINT64CONST(0), ~UINT64CONST(0), ~UINT64CONST(0), ~UINT64CONST(0)
	};

	group_reserve_result(g, n);
	for (int64 i = 0; i < n; i++)
	{
		uint64	   *slot = g->slots + (int64) g->touched[i] * stride;

		memcpy(g->keys + i * words, slot, sizeof(uint64) * words);
		g->weights[i] = slot[words];
		slot[words] = 0;
	}
	g->bits += g->bits < 16 ? 2 : 1;
	reserve_slots(g, INT64CONST(1) << g->bits);
	for (int64 i = 0; i < n; i++)
	{
		uint64	   *key = g->keys + i * words;
		uint64		at = slot_of(key_hash(key, all, words), g->bits);
		uint64	   *slot;

		while ((slot = g->slots + at * stride)[words] != 0)
			at = (at + 1) & ((UINT64CONST(1) << g->bits) - 1);
		memcpy(slot, key, sizeof(uint64) * words);
		slot[words] = g->weights[i];
		g->touched[i] = (uint32) at;
	}
}

/* One table: its first slot, and the bits of its size. */
typedef struct Table
{
	int64		offset;
	int			bits;
} Table;

/* Add the tuples [from, to), at most BLOCK, which the table has room for. */
static inline void
hash_add(Grouper *g, const PathTuples *source, const uint64 *mask, int64 from, int64 to,
		 const Table *table, const int words)
{
	const int	stride = words + 1;
	const uint64 wrap = (UINT64CONST(1) << table->bits) - 1;
	uint64	   *slots = g->slots + table->offset * stride;
	uint32	   *touched = g->touched;
	int64		n = g->ntouched;
	uint64		at[BLOCK];

	for (int64 i = from; i < to; i++)
	{
		at[i - from] = slot_of(key_hash(source->keys + i * words, mask, words), table->bits);
		__builtin_prefetch(slots + at[i - from] * stride, 1);
	}
	for (int64 i = from; i < to; i++)
	{
		const uint64 *key = source->keys + i * words;
		uint64		x = at[i - from];
		uint64	   *slot;

		for (;;)
		{
			uint64		differs = 0;

			slot = slots + x * stride;
			for (int w = 0; w < words; w++)
				differs |= slot[w] ^ (key[w] & mask[w]);
			/* one branch: taken by another key only, not by an empty slot */
			if (likely((differs & -(uint64) (slot[words] != 0)) == 0))
				break;
			x = (x + 1) & wrap;
		}
		touched[n] = (uint32) (table->offset + x);
		n += slot[words] == 0;
		for (int w = 0; w < words; w++)
			slot[w] = key[w] & mask[w];
		slot[words] += source->weights[i];
	}
	g->ntouched = n;
}

/* The same, with the number of words known to the compiler where it is small. */
static void
add_block(Grouper *g, const PathTuples *source, const uint64 *mask, int64 from, int64 to,
		  const Table *table)
{
	if (g->words == 1)
		hash_add(g, source, mask, from, to, table, 1);
	else if (g->words == 2)
		hash_add(g, source, mask, from, to, table, 2);
	else
		hash_add(g, source, mask, from, to, table, g->words);
}

/* Empty the slots that were touched. */
static void
empty_touched(Grouper *g)
{
	int			stride = g->words + 1;

	for (int64 i = 0; i < g->ntouched; i++)
		g->slots[(int64) g->touched[i] * stride + g->words] = 0;
	g->ntouched = 0;
}

/* ---- one table ---- */

/*
 * Group in one table.  False, with nothing done, if the classes are so many
 * that it would not stay in the cache.
 */
static bool
group_in_one(Grouper *g, const PathTuples *source, const uint64 *mask)
{
	Table		table = {0};

	reserve_slots(g, INT64CONST(1) << FIRST_BITS);
	g->bits = FIRST_BITS;
	g->partition_bits = 0;
	for (int64 from = 0; from < source->n; from += BLOCK)
	{
		if (from % GROUP_INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (hash_is_full(g))
		{
			if (g->bits >= CACHED_BITS && source->n - from > source->n / 4)
			{
				empty_touched(g);
				return false;
			}
			hash_grow(g);
		}
		group_reserve_touched(g, g->ntouched + BLOCK + 1);
		table.bits = g->bits;
		add_block(g, source, mask, from, Min(from + BLOCK, source->n), &table);
	}
	return true;
}

/* ---- partitions ---- */

/* The source by the high bits of its hashes, keys masked. */
static void
partition(Grouper *g, const PathTuples *source, const uint64 *mask, int64 *start)
{
	int			words = g->words;
	int			shift = 64 - g->partition_bits;
	int64		npartitions = INT64CONST(1) << g->partition_bits;

	if (source->n > g->parts_capacity)
	{
		frame_release(g->memory, g->parts.keys, g->parts_capacity, sizeof(uint64) * words);
		frame_release(g->memory, g->parts.weights, g->parts_capacity, sizeof(uint64));
		g->parts.keys = g->parts.weights = NULL;
		g->parts_capacity = 0;
		g->parts.keys = frame_alloc(g->memory, source->n, sizeof(uint64) * words, false);
		g->parts.weights = frame_alloc(g->memory, source->n, sizeof(uint64), false);
		g->parts_capacity = source->n;
	}
	g->parts.words = words;
	g->parts.n = source->n;

	memset(start, 0, sizeof(int64) * (npartitions + 1));
	for (int64 i = 0; i < source->n; i++)
		start[(key_hash(source->keys + i * words, mask, words) >> shift) + 1]++;
	for (int64 p = 0; p < npartitions; p++)
		start[p + 1] += start[p];
	CHECK_FOR_INTERRUPTS();
	for (int64 i = 0; i < source->n; i++)
	{
		const uint64 *key = source->keys + i * words;
		int64		to = start[key_hash(key, mask, words) >> shift]++;

		for (int w = 0; w < words; w++)
			g->parts.keys[to * words + w] = key[w] & mask[w];
		g->parts.weights[to] = source->weights[i];
	}
	for (int64 p = npartitions; p > 0; p--)
		start[p] = start[p - 1];
	start[0] = 0;
}

/* Group in a table for each partition, which stays in the cache while it is filled. */
static void
group_in_partitions(Grouper *g, const PathTuples *source, const uint64 *mask)
{
	int64		start[(1 << MAX_PARTITION_BITS) + 1];
	int64		slots = 0;

	g->partition_bits = Max(Min(pg_leftmost_one_pos64(source->n) - PARTITION_TUPLES_BITS,
								MAX_PARTITION_BITS), 1);
	if (g->offset == NULL)
	{
		g->offset = frame_alloc(g->memory, 1 << MAX_PARTITION_BITS, sizeof(int64), false);
		g->partition_size = frame_alloc(g->memory, 1 << MAX_PARTITION_BITS, sizeof(uint8), false);
	}
	partition(g, source, mask, start);
	for (int p = 0; p < (1 << g->partition_bits); p++)
	{
		int64		n = start[p + 1] - start[p];

		/* at most five eighths full even if all are distinct: linear probing wants room */
		g->offset[p] = slots;
		g->partition_size[p] = pg_leftmost_one_pos64(n + n * 3 / 5 + 1) + 1;
		slots += INT64CONST(1) << g->partition_size[p];
	}
	reserve_slots(g, slots);
	group_reserve_touched(g, source->n + 1);
	for (int p = 0; p < (1 << g->partition_bits); p++)
	{
		Table		table = {g->offset[p], g->partition_size[p]};

		CHECK_FOR_INTERRUPTS();
		for (int64 from = start[p]; from < start[p + 1]; from += BLOCK)
			add_block(g, &g->parts, mask, from, Min(from + BLOCK, start[p + 1]), &table);
	}
}

/* See group_internal.h. */
void
group_hash(Grouper *g, const PathTuples *source, const uint64 *mask, bool lookups,
		   PathTuples *result)
{
	int			words = g->words;
	int			stride = words + 1;

	if (!group_in_one(g, source, mask))
		group_in_partitions(g, source, mask);

	group_reserve_result(g, g->ntouched);
	for (int64 i = 0; i < g->ntouched; i++)
	{
		uint64	   *slot = g->slots + (int64) g->touched[i] * stride;

		for (int w = 0; w < words; w++)
			g->keys[i * words + w] = slot[w];
		g->weights[i] = slot[words];
		slot[words] = lookups ? (uint64) i + 1 : 0;
	}
	result->n = g->ntouched;
	if (!lookups)
		g->ntouched = 0;
	g->last_dense = false;
}

/* See group_internal.h. */
int64
group_hash_find(const Grouper *g, const uint64 *key)
{
	int			words = g->words;
	uint64		hash = key_hash(key, g->mask, words);
	int64		offset = 0;
	int			bits = g->bits;
	uint64		at;

	if (g->ntouched == 0)
		return -1;
	if (g->partition_bits > 0)
	{
		int64		p = hash >> (64 - g->partition_bits);

		offset = g->offset[p];
		bits = g->partition_size[p];
	}
	at = slot_of(hash, bits);
	for (;;)
	{
		const uint64 *slot = g->slots + (offset + at) * (words + 1);
		uint64		differs = 0;

		if (slot[words] == 0)
			return -1;
		for (int w = 0; w < words; w++)
			differs |= slot[w] ^ (key[w] & g->mask[w]);
		if (differs == 0)
			return (int64) slot[words] - 1;
		at = (at + 1) & ((UINT64CONST(1) << bits) - 1);
	}
}
