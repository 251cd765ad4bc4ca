/*-------------------------------------------------------------------------
 *
 * group_pack.c
 *		Grouping where keys are of several words but the mask keeps few bits.
 *
 * The bits that a mask keeps are packed into one word, and the packed keys are
 * grouped: a quarter of the memory, one comparison a tuple, and the dense
 * kernel where they are few.  Masks of the search generalize most columns to
 * the top, so this is the usual case for keys of many columns.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "port/pg_bitutils.h"

#include "frame/group_internal.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_BMI2_KERNEL
#include <immintrin.h>
#endif

/* See group_internal.h. */
bool
group_can_pack(const Grouper *g, int bits)
{
	return g->bmi2 && g->words > 1 && bits <= 64;
}

#ifdef HAVE_BMI2_KERNEL

/* One key. */
__attribute__((target("bmi2")))
static inline uint64
pack(const uint64 *key, const uint64 *mask, const int *to, int words)
{
	uint64		packed = 0;

	for (int w = 0; w < words; w++)
		packed |= _pext_u64(key[w], mask[w]) << to[w];
	return packed;
}

/* All keys of a source; words is known to the compiler where it is small. */
__attribute__((target("bmi2")))
static void
pack_keys(const PathTuples *source, const uint64 *mask, const int *to, uint64 *packed)
{
	if (source->words == 2)
		for (int64 i = 0; i < source->n; i++)
			packed[i] = pack(source->keys + i * 2, mask, to, 2);
	else if (source->words == 3)
		for (int64 i = 0; i < source->n; i++)
			packed[i] = pack(source->keys + i * 3, mask, to, 3);
	else if (source->words == 4)
		for (int64 i = 0; i < source->n; i++)
			packed[i] = pack(source->keys + i * 4, mask, to, 4);
	else
		for (int64 i = 0; i < source->n; i++)
			packed[i] = pack(source->keys + i * source->words, mask, to, source->words);
}

/* And back. */
__attribute__((target("bmi2")))
static void
unpack_keys(const PathTuples *packed, const uint64 *mask, const int *to, int words, uint64 *keys)
{
	for (int64 i = 0; i < packed->n; i++)
		for (int w = 0; w < words; w++)
			keys[i * words + w] = mask[w] == 0 ? 0 : _pdep_u64(packed->keys[i] >> to[w], mask[w]);
}

/* See group_internal.h. */
int64
group_pack_find(Grouper *g, const uint64 *key)
{
	uint64		packed = pack(key, g->mask, g->pack_to, g->words);

	return grouper_find(g->packed, &packed);
}

/* See group_internal.h. */
void
group_pack(Grouper *g, const PathTuples *source, int bits, bool lookups, PathTuples *result)
{
	PathTuples	packed = {1, source->n, NULL, source->weights};
	PathTuples	found;
	uint64		all = bits == 0 ? 0 : ~UINT64CONST(0) >> (64 - bits);
	int			to = 0;

	if (g->packed == NULL)
		g->packed = grouper_create(1, g->memory);
	if (source->n > g->pack_capacity)
	{
		frame_release(g->memory, g->pack_keys, g->pack_capacity, sizeof(uint64));
		g->pack_keys = NULL;
		g->pack_capacity = 0;
		g->pack_keys = frame_alloc(g->memory, source->n, sizeof(uint64), false);
		g->pack_capacity = source->n;
	}
	for (int w = 0; w < g->words; w++)
	{
		/* a word after the last bit keeps none, and a shift by 64 is undefined */
		g->pack_to[w] = Min(to, 63);
		to += pg_popcount64(g->mask[w]);
	}
	packed.keys = g->pack_keys;
	pack_keys(source, g->mask, g->pack_to, packed.keys);
	grouper_group(g->packed, &packed, &all, lookups, &found);

	group_reserve_result(g, found.n);
	unpack_keys(&found, g->mask, g->pack_to, g->words, g->keys);
	if (found.n > 0)
		memcpy(g->weights, found.weights, sizeof(uint64) * found.n);
	result->n = found.n;
}

#else

/* Never called: without the instruction nothing is packed. */
int64
group_pack_find(Grouper *g, const uint64 *key)
{
	return -1;
}

void
group_pack(Grouper *g, const PathTuples *source, int bits, bool lookups, PathTuples *result)
{
}

#endif

/* See group_internal.h. */
void
group_pack_trim(Grouper *g)
{
	frame_release(g->memory, g->pack_keys, g->pack_capacity, sizeof(uint64));
	g->pack_keys = NULL;
	g->pack_capacity = 0;
	if (g->packed != NULL)
		grouper_trim(g->packed);
}

/* See group_internal.h. */
void
group_pack_end(Grouper *g)
{
	group_pack_trim(g);
	if (g->packed == NULL)
		return;
	frame_release(g->memory, g->packed->keys, g->packed->capacity, sizeof(uint64));
	frame_release(g->memory, g->packed->weights, g->packed->capacity, sizeof(uint64));
	grouper_end(g->packed);
	g->packed = NULL;
}
