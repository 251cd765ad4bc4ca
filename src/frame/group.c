/*-------------------------------------------------------------------------
 *
 * group.c
 *		Grouping path-coded tuples: the inner loop of the search.
 *
 * Two kernels.  Where the mask keeps few bits they are compressed to an index
 * of a dense array of weights: no comparison, no branch.  Otherwise hash
 * tables, in group_hash.c.  Both are cleared by the list of what was touched.
 * Keys of several words of which the mask keeps no more bits than one word has
 * are packed into one first, in group_pack.c.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "frame/group_internal.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_BMI2_KERNEL
#include <immintrin.h>
#endif

#define DENSE_MAX_BITS	20		/* 8 MB of weights */

/* See pathcode.h. */
Grouper *
grouper_create(int words, FrameMemory *memory)
{
	Grouper    *g = palloc0(sizeof(Grouper));

	g->memory = memory;
	g->words = words;
	g->runs = palloc(sizeof(BitRun) * words * 64);
#ifdef HAVE_BMI2_KERNEL
	g->bmi2 = __builtin_cpu_supports("bmi2");
#endif
	return g;
}

/* See group_internal.h. */
void
group_reserve_touched(Grouper *g, int64 n)
{
	if (n <= g->touched_capacity)
		return;
	n = Max(n, g->touched_capacity * 3 / 2);
	g->touched = frame_grow(g->memory, g->touched, g->touched_capacity, n, sizeof(uint32));
	g->touched_capacity = n;
}

/* See group_internal.h. */
void
group_reserve_result(Grouper *g, int64 n)
{
	if (n <= g->capacity)
		return;
	frame_release(g->memory, g->keys, g->capacity, sizeof(uint64) * g->words);
	frame_release(g->memory, g->weights, g->capacity, sizeof(uint64));
	g->keys = g->weights = NULL;
	g->capacity = 0;
	n = Max(n, 1024);
	g->keys = frame_alloc(g->memory, n, sizeof(uint64) * g->words, false);
	g->weights = frame_alloc(g->memory, n, sizeof(uint64), false);
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
		frame_release(g->memory, g->dense, g->dense_size, sizeof(uint64));
		g->dense = NULL;
		g->dense_size = 0;
		g->dense = frame_alloc(g->memory, size, sizeof(uint64), true);
		g->dense_size = size;
	}
	/* one more than there can be: the entry after the last is written, too */
	group_reserve_touched(g, Min(size, source->n) + 1);

	for (int64 from = 0; from < source->n; from += GROUP_INTERRUPT_EVERY)
	{
		int64		to = Min(from + GROUP_INTERRUPT_EVERY, source->n);

		CHECK_FOR_INTERRUPTS();
#ifdef HAVE_BMI2_KERNEL
		if (g->bmi2 && g->words <= 2)
			dense_add_bmi2(g, source, from, to);
		else
#endif
			dense_add(g, source, from, to);
	}

	group_reserve_result(g, g->ntouched);
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

/* See pathcode.h. */
void
grouper_group(Grouper *g, const PathTuples *source, const uint64 *mask, bool lookups,
			  PathTuples *result)
{
	int			bits;
	bool		dense;

	Assert(source->words == g->words);
	clear_last(g);
	g->scanned += source->n;
	memcpy(g->mask, mask, sizeof(uint64) * g->words);
	bits = find_runs(g, mask);
	dense = bits <= DENSE_MAX_BITS && bits <= pg_leftmost_one_pos64(Max(source->n, 1)) + 3;
	/* two words go to the dense array as they are */
	g->last_packed = group_can_pack(g, bits) && !(dense && g->words == 2);
	if (g->last_packed)
		group_pack(g, source, bits, lookups, result);
	else if (dense)
		group_dense(g, source, bits, lookups, result);
	else
		group_hash(g, source, mask, lookups, result);
	result->words = g->words;
	result->keys = g->keys;
	result->weights = g->weights;
}

/* See pathcode.h. */
void
grouper_trim(Grouper *g)
{
	frame_release(g->memory, g->parts.keys, g->parts_capacity, sizeof(uint64) * g->words);
	frame_release(g->memory, g->parts.weights, g->parts_capacity, sizeof(uint64));
	g->parts.keys = g->parts.weights = NULL;
	g->parts_capacity = 0;
	group_pack_trim(g);
}

/* See pathcode.h. */
void
grouper_end(Grouper *g)
{
	grouper_trim(g);
	group_pack_end(g);
	frame_release(g->memory, g->touched, g->touched_capacity, sizeof(uint32));
	frame_release(g->memory, g->dense, g->dense_size, sizeof(uint64));
	frame_release(g->memory, g->slots, g->slots_size, sizeof(uint64) * (g->words + 1));
	if (g->offset != NULL)
	{
		frame_release(g->memory, g->offset, 1 << MAX_PARTITION_BITS, sizeof(int64));
		frame_release(g->memory, g->partition_size, 1 << MAX_PARTITION_BITS, sizeof(uint8));
	}
	pfree(g->runs);
	pfree(g);
}

/* See pathcode.h. */
int64
grouper_find(Grouper *g, const uint64 *key)
{
	if (g->last_packed)
		return group_pack_find(g, key);
	if (g->last_dense)
		return (int64) g->dense[dense_index(g, key)] - 1;
	return group_hash_find(g, key);
}

/* See pathcode.h. */
int64
grouper_scanned(const Grouper *g)
{
	return g->scanned;
}
