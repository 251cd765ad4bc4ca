/*-------------------------------------------------------------------------
 *
 * sums.c
 *		A sum for each pair of numbers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "risk/sums.h"

#define FIRST_SLOTS		1024

/* The slot of a pair, or the empty one where it belongs. */
static PairSum *
find_pair(PairSum *slots, uint64 nslots, uint32 one, uint32 two)
{
	uint64		hash = ((uint64) one << 32 | two) * UINT64CONST(0x9E3779B97F4A7C15);

	hash ^= hash >> 32;
	for (uint64 at = hash & (nslots - 1);; at = (at + 1) & (nslots - 1))
	{
		PairSum    *slot = &slots[at];

		if (slot->n == 0 || (slot->one == one && slot->two == two))
			return slot;
	}
}

/* See sums.h. */
PairSums *
pair_sums(FrameMemory *memory)
{
	PairSums   *pairs = palloc0(sizeof(PairSums));

	pairs->memory = memory;
	pairs->nslots = FIRST_SLOTS;
	pairs->slots = frame_alloc(memory, pairs->nslots, sizeof(PairSum), true);
	return pairs;
}

/* Twice as many slots. */
static void
grow(PairSums *pairs)
{
	uint64		nslots = pairs->nslots * 2;
	PairSum    *slots = frame_alloc(pairs->memory, nslots, sizeof(PairSum), true);

	for (uint64 i = 0; i < pairs->nslots; i++)
	{
		const PairSum *old = &pairs->slots[i];

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		if (old->n > 0)
			*find_pair(slots, nslots, old->one, old->two) = *old;
	}
	frame_release(pairs->memory, pairs->slots, pairs->nslots, sizeof(PairSum));
	pairs->slots = slots;
	pairs->nslots = nslots;
}

/* See sums.h. */
void
pair_sums_add(PairSums *pairs, uint32 one, uint32 two, double x)
{
	PairSum    *pair = find_pair(pairs->slots, pairs->nslots, one, two);

	if (pair->n == 0)
	{
		pair->one = one;
		pair->two = two;
		pair->greatest = x;
		pairs->nused++;
	}
	sum_add(&pair->sum, x);
	pair->greatest = Max(pair->greatest, x);
	pair->n++;
	if (pairs->nused > pairs->nslots / 2)
		grow(pairs);
}

/* See sums.h. */
void
pair_sums_free(PairSums *pairs)
{
	frame_release(pairs->memory, pairs->slots, pairs->nslots, sizeof(PairSum));
	pfree(pairs);
}
