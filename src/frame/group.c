/*-------------------------------------------------------------------------
 *
 * group.c
 *		Grouping path-coded tuples: the inner loop of the search.
 *
 * Two kernels.  Where the mask keeps few bits they are compressed to an index
 * of a dense array of weights: no comparison, no branch.  Otherwise an open
 * hash table that starts small, so that a result of few classes stays in the
 * cache however large the source is; "empty" and "equal" are tested together,
 * because new-or-known is not predictable, and slots are prefetched a block
 * ahead.  Both are cleared by the list of what was touched.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "frame/frame_internal.h"
#include "frame/pathcode.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_BMI2_KERNEL
#include <immintrin.h>
#endif

#define DENSE_MAX_BITS	20		/* 8 MB of weights */
#define HASH_FIRST_BITS	10
#define BLOCK			32		/* tuples prefetched ahead */
#define INTERRUPT_EVERY	65536

/* A run of adjacent bits that a mask keeps, and where it goes in the dense index. */
typedef struct BitRun
{
	int			word;
	int			from;
	int			to;
	uint64		mask;			/* as many ones as the run is long */
} BitRun;

struct Grouper
{
	FrameMemory memory;			/* its bytes count from what the caller holds */
	Size		held;
	int			words;
	bool		bmi2;
	/* result */
	uint64	   *keys;
	uint64	   *weights;
	int64		capacity;
	/* what was touched: index of the dense array or slot of the table, by position in the result */
	uint32	   *touched;
	int64		touched_capacity;
	int64		ntouched;
	int64		scanned;		/* tuples grouped so far */
	/* dense kernel */
	uint64	   *dense;
	int64		dense_size;
	int			nruns;
	BitRun	   *runs;
	/* hash kernel: slots of words key words and a weight */
	uint64	   *slots;
	int64		slots_size;		/* allocated, in slots */
	int			bits;			/* of the table in use */
	/* what grouper_find looks in */
	bool		last_dense;
	uint64		mask[PATH_MAX_WORDS];
};

/* See pathcode.h. */
Grouper *
grouper_create(int words, Size held)
{
	Grouper    *g = palloc0(sizeof(Grouper));

	g->memory.context = CurrentMemoryContext;
	g->memory.used = held;
	g->held = held;
	g->words = words;
	g->runs = palloc(sizeof(BitRun) * words * 64);
#ifdef HAVE_BMI2_KERNEL
	g->bmi2 = __builtin_cpu_supports("bmi2");
#endif
	return g;
}

/* Room for n touched entries. */
static void
reserve_touched(Grouper *g, int64 n)
{
	if (n <= g->touched_capacity)
		return;
	n = Max(n, g->touched_capacity * 3 / 2);
	g->touched = frame_grow(&g->memory, g->touched, g->touched_capacity, n, sizeof(uint32));
	g->touched_capacity = n;
}

/* Room for n tuples of the result. */
static void
reserve_result(Grouper *g, int64 n)
{
	if (n <= g->capacity)
		return;
	frame_release(&g->memory, g->keys, g->capacity, sizeof(uint64) * g->words);
	frame_release(&g->memory, g->weights, g->capacity, sizeof(uint64));
	g->keys = g->weights = NULL;
	g->capacity = 0;
	n = Max(n, 1024);
	g->keys = frame_alloc(&g->memory, n, sizeof(uint64) * g->words, false);
	g->weights = frame_alloc(&g->memory, n, sizeof(uint64), false);
	g->capacity = n;
}

/* Forget the last result: only what it touched. */
static void
clear_last(Grouper *g)
{
	if (g->last_dense)
	{
		for (int64 i = 0; i < g->ntouched; i++)
			g->dense[g->touched[i]] = 0;
	}
	else
	{
		int			stride = g->words + 1;

		for (int64 i = 0; i < g->ntouched; i++)
			g->slots[(int64) g->touched[i] * stride + g->words] = 0;
	}
	g->ntouched = 0;
}

/* ---- dense kernel ---- */

/* The runs of a mask; returns the number of bits it keeps. */
static int
find_runs(Grouper *g, const uint64 *mask)
{
	int			to = 0;

	g->nruns = 0;
	for (int w = 0; w < g->words; w++)
	{
		uint64		left = mask[w];

		while (left != 0)
		{
			BitRun	   *run = &g->runs[g->nruns++];
			int			from = pg_rightmost_one_pos64(left);
			uint64		shifted = left >> from;
			int			length = shifted == ~UINT64CONST(0) ? 64 : pg_rightmost_one_pos64(~shifted);

			run->word = w;
			run->from = from;
			run->to = to;
			run->mask = length == 64 ? ~UINT64CONST(0) : (UINT64CONST(1) << length) - 1;
			left &= ~(run->mask << from);
			to += length;
		}
	}
	return to;
}

/* The dense index of a key. */
static inline uint64
dense_index(const Grouper *g, const uint64 *key)
{
	uint64		index = 0;

	for (int r = 0; r < g->nruns; r++)
		index |= ((key[g->runs[r].word] >> g->runs[r].from) & g->runs[r].mask) << g->runs[r].to;
	return index;
}

static void
dense_add(Grouper *g, const PathTuples *source, int64 from, int64 to)
{
	uint64	   *dense = g->dense;
	uint32	   *touched = g->touched;
	int64		n = g->ntouched;

	for (int64 i = from; i < to; i++)
	{
		uint64		x = dense_index(g, source->keys + i * source->words);

		touched[n] = (uint32) x;
		n += dense[x] == 0;
		dense[x] += source->weights[i];
	}
	g->ntouched = n;
}

#ifdef HAVE_BMI2_KERNEL
/* The same with the instruction that was made for it. */
__attribute__((target("bmi2")))
static void
dense_add_bmi2(Grouper *g, const PathTuples *source, int64 from, int64 to)
{
	uint64	   *dense = g->dense;
	uint32	   *touched = g->touched;
	int64		n = g->ntouched;

	if (g->words == 1)
	{
		uint64		mask = g->mask[0];

		for (int64 i = from; i < to; i++)
		{
			uint64		x = _pext_u64(source->keys[i], mask);

			touched[n] = (uint32) x;
			n += dense[x] == 0;
			dense[x] += source->weights[i];
		}
	}
	else
	{
		uint64		mask0 = g->mask[0];
		uint64		mask1 = g->mask[1];
		int			low = pg_popcount64(mask0);

		for (int64 i = from; i < to; i++)
		{
			uint64		x = _pext_u64(source->keys[2 * i], mask0) |
			(_pext_u64(source->keys[2 * i + 1], mask1) << low);

			touched[n] = (uint32) x;
			n += dense[x] == 0;
			dense[x] += source->weights[i];
		}
	}
	g->ntouched = n;
}
#endif

/* Group by a dense array. */
static void
group_dense(Grouper *g, const PathTuples *source, int bits, bool lookups, PathTuples *result)
{
	int64		size = INT64CONST(1) << bits;

	if (size > g->dense_size)
	{
		frame_release(&g->memory, g->dense, g->dense_size, sizeof(uint64));
		g->dense = NULL;
		g->dense_size = 0;
		g->dense = frame_alloc(&g->memory, size, sizeof(uint64), true);
		g->dense_size = size;
	}
	/* one more than there can be: the entry after the last is written, too */
	reserve_touched(g, Min(size, source->n) + 1);

	for (int64 from = 0; from < source->n; from += INTERRUPT_EVERY)
	{
		int64		to = Min(from + INTERRUPT_EVERY, source->n);

		CHECK_FOR_INTERRUPTS();
#ifdef HAVE_BMI2_KERNEL
		if (g->bmi2 && g->words <= 2)
			dense_add_bmi2(g, source, from, to);
		else
#endif
			dense_add(g, source, from, to);
	}

	reserve_result(g, g->ntouched);
	for (int64 i = 0; i < g->ntouched; i++)
	{
		uint64		x = g->touched[i];
		uint64	   *key = g->keys + i * g->words;

		for (int w = 0; w < g->words; w++)
			key[w] = 0;
		for (int r = 0; r < g->nruns; r++)
			key[g->runs[r].word] |= ((x >> g->runs[r].to) & g->runs[r].mask) << g->runs[r].from;
		g->weights[i] = g->dense[x];
		g->dense[x] = lookups ? (uint64) i + 1 : 0;
	}
	result->n = g->ntouched;
	if (!lookups)
		g->ntouched = 0;
	g->last_dense = true;
}

/* ---- hash kernel ---- */

static inline uint64
key_hash(const uint64 *key, const uint64 *mask, int words)
{
	uint64		h = 0;

	for (int w = 0; w < words; w++)
	{
		h = (h ^ (key[w] & mask[w])) * UINT64CONST(0x9E3779B97F4A7C15);
		h ^= h >> 32;
	}
	/* the high bits are the index: they must depend on all others */
	return h * UINT64CONST(0xD6E8FEB86659FD93);
}

/* Is there no room for another block?  Large tables are filled more, for their memory. */
static inline bool
hash_is_full(const Grouper *g)
{
	int64		size = INT64CONST(1) << g->bits;

	return g->ntouched + BLOCK > (g->bits < 20 ? size / 2 : size - size / 3);
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

	reserve_result(g, n);
	for (int64 i = 0; i < n; i++)
	{
		uint64	   *slot = g->slots + (int64) g->touched[i] * stride;

		memcpy(g->keys + i * words, slot, sizeof(uint64) * words);
		g->weights[i] = slot[words];
		slot[words] = 0;
	}
	g->bits += g->bits < 16 ? 2 : 1;
	if ((INT64CONST(1) << g->bits) > g->slots_size)
	{
		frame_release(&g->memory, g->slots, g->slots_size, sizeof(uint64) * stride);
		g->slots = NULL;
		g->slots_size = 0;
		g->slots = frame_alloc(&g->memory, INT64CONST(1) << g->bits, sizeof(uint64) * stride, true);
		g->slots_size = INT64CONST(1) << g->bits;
	}
	for (int64 i = 0; i < n; i++)
	{
		uint64	   *key = g->keys + i * words;
		uint64		at = key_hash(key, all, words) >> (64 - g->bits);
		uint64	   *slot;

		while ((slot = g->slots + at * stride)[words] != 0)
			at = (at + 1) & ((UINT64CONST(1) << g->bits) - 1);
		memcpy(slot, key, sizeof(uint64) * words);
		slot[words] = g->weights[i];
		g->touched[i] = (uint32) at;
	}
}

/* Add the tuples [from, to), which the table has room for. */
static inline void
hash_add(Grouper *g, const PathTuples *source, const uint64 *mask, int64 from, int64 to,
		 const int words)
{
	const int	stride = words + 1;
	const int	shift = 64 - g->bits;
	const uint64 wrap = (UINT64CONST(1) << g->bits) - 1;
	uint64	   *slots = g->slots;
	uint32	   *touched = g->touched;
	int64		n = g->ntouched;
	uint64		at[BLOCK];

	for (int64 i = from; i < to; i++)
	{
		at[i - from] = key_hash(source->keys + i * words, mask, words) >> shift;
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
		touched[n] = (uint32) x;
		n += slot[words] == 0;
		for (int w = 0; w < words; w++)
			slot[w] = key[w] & mask[w];
		slot[words] += source->weights[i];
	}
	g->ntouched = n;
}

/* Group by a hash table. */
static void
group_hash(Grouper *g, const PathTuples *source, const uint64 *mask, bool lookups,
		   PathTuples *result)
{
	int			words = g->words;
	int			stride = words + 1;

	if (g->slots == NULL)
	{
		g->slots = frame_alloc(&g->memory, INT64CONST(1) << HASH_FIRST_BITS,
							   sizeof(uint64) * stride, true);
		g->slots_size = INT64CONST(1) << HASH_FIRST_BITS;
	}
	g->bits = HASH_FIRST_BITS;
	for (int64 from = 0; from < source->n; from += BLOCK)
	{
		int64		to = Min(from + BLOCK, source->n);

		if (from % INTERRUPT_EVERY == 0)
			CHECK_FOR_INTERRUPTS();
		if (hash_is_full(g))
			hash_grow(g);
		reserve_touched(g, g->ntouched + BLOCK + 1);
		if (words == 1)
			hash_add(g, source, mask, from, to, 1);
		else if (words == 2)
			hash_add(g, source, mask, from, to, 2);
		else
			hash_add(g, source, mask, from, to, words);
	}

	reserve_result(g, g->ntouched);
	for (int64 i = 0; i < g->ntouched; i++)
	{
		uint64	   *slot = g->slots + (int64) g->touched[i] * stride;

		memcpy(g->keys + i * words, slot, sizeof(uint64) * words);
		g->weights[i] = slot[words];
		slot[words] = lookups ? (uint64) i + 1 : 0;
	}
	result->n = g->ntouched;
	if (!lookups)
		g->ntouched = 0;
	g->last_dense = false;
}

/* See pathcode.h. */
void
grouper_group(Grouper *g, const PathTuples *source, const uint64 *mask, bool lookups,
			  PathTuples *result)
{
	int			bits;

	Assert(source->words == g->words);
	clear_last(g);
	g->scanned += source->n;
	memcpy(g->mask, mask, sizeof(uint64) * g->words);
	bits = find_runs(g, mask);
	if (bits <= DENSE_MAX_BITS && bits <= pg_leftmost_one_pos64(Max(source->n, 1)) + 3)
		group_dense(g, source, bits, lookups, result);
	else
		group_hash(g, source, mask, lookups, result);
	result->words = g->words;
	result->keys = g->keys;
	result->weights = g->weights;
}

/* See pathcode.h. */
int64
grouper_find(Grouper *g, const uint64 *key)
{
	int			words = g->words;
	uint64		at;

	if (g->last_dense)
		return (int64) g->dense[dense_index(g, key)] - 1;
	if (g->ntouched == 0)
		return -1;
	at = key_hash(key, g->mask, words) >> (64 - g->bits);
	for (;;)
	{
		uint64	   *slot = g->slots + at * (words + 1);
		uint64		differs = 0;

		if (slot[words] == 0)
			return -1;
		for (int w = 0; w < words; w++)
			differs |= slot[w] ^ (key[w] & g->mask[w]);
		if (differs == 0)
			return (int64) slot[words] - 1;
		at = (at + 1) & ((UINT64CONST(1) << g->bits) - 1);
	}
}

/* See pathcode.h. */
int64
grouper_scanned(const Grouper *g)
{
	return g->scanned;
}

/* See pathcode.h. */
Size
grouper_memory(const Grouper *g)
{
	return g->memory.used - g->held;
}
