/*-------------------------------------------------------------------------
 *
 * subsets_blockers.c
 *		Who is not unique after all, where NULL matches everything.
 *
 * A tuple that knows all columns of a set is matched, beside its equals, by
 * tuples with NULL in some of the columns and equal values in the others.  For
 * each choice of columns that may be NULL, the candidates go into a hash table
 * of the other columns, and the tuples with NULL leave their owners there.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "risk/subsets_internal.h"

/* Candidates that agree in the columns compared, and the owners of those that match them. */
typedef struct BlockerSlot
{
	uint32		candidate;		/* + 1; 0 where the slot is empty */
	uint32		owner;
} BlockerSlot;

struct WildcardBlockers
{
	RiskTuples *tuples;
	const uint32 *owners;
	uint64		columns;		/* that have NULL somewhere */
	uint32	   *nlist;			/* by column, the tuples with NULL */
	uint32	  **list;
	uint64		mask;			/* slots in use - 1 */
	BlockerSlot *slots;
	uint32	   *slot_of;		/* by candidate */
};

/* See subsets_internal.h. */
WildcardBlockers *
blockers_create(RiskTuples *tuples, const uint32 *owners)
{
	FrameMemory *memory = &tuples->memory;
	WildcardBlockers *b = frame_alloc(memory, 1, sizeof(WildcardBlockers), true);
	Size		nslots = 16;

	b->tuples = tuples;
	b->owners = owners;
	b->nlist = frame_alloc(memory, Max(tuples->ncolumns, 1), sizeof(uint32), true);
	b->list = frame_alloc(memory, Max(tuples->ncolumns, 1), sizeof(uint32 *), true);
	for (int c = 0; c < tuples->ncolumns; c++)
	{
		const uint32 *codes = tuples->codes[c];
		uint32		n = 0;

		if (tuples->nulls[c] == RISK_NO_NULL)
			continue;
		CHECK_FOR_INTERRUPTS();
		b->columns |= UINT64CONST(1) << c;
		for (uint32 i = 0; i < tuples->n; i++)
			n += codes[i] == tuples->nulls[c];
		b->list[c] = frame_alloc(memory, Max(n, 1), sizeof(uint32), false);
		for (uint32 i = 0; i < tuples->n; i++)
			if (codes[i] == tuples->nulls[c])
				b->list[c][b->nlist[c]++] = i;
	}
	while (nslots < 2 * (Size) tuples->n)
		nslots *= 2;
	b->slots = frame_alloc(memory, nslots, sizeof(BlockerSlot), false);
	b->slot_of = frame_alloc(memory, Max(tuples->n, 1), sizeof(uint32), false);
	return b;
}

/* The slot of a tuple by some columns, or the empty one where it belongs. */
static BlockerSlot *
find_slot(const WildcardBlockers *b, uint32 tuple, const int *columns, int ncolumns,
		  const uint32 *candidates)
{
	uint32	  **codes = b->tuples->codes;
	uint64		hash = 0;

	for (int i = 0; i < ncolumns; i++)
	{
		hash = (hash ^ codes[columns[i]][tuple]) * UINT64CONST(0x9E3779B97F4A7C15);
		hash ^= hash >> 29;
	}
	for (uint64 at = (hash >> 20) & b->mask;; at = (at + 1) & b->mask)
	{
		BlockerSlot *slot = &b->slots[at];
		bool		same = true;

		if (slot->candidate == 0)
			return slot;
		for (int i = 0; i < ncolumns && same; i++)
			same = codes[columns[i]][candidates[slot->candidate - 1]] == codes[columns[i]][tuple];
		if (same)
			return slot;
	}
}

/*
 * Let the tuples with NULL in all columns of one set object to candidates
 * that they match in the others.
 */
static uint32
block(WildcardBlockers *b, uint64 null_columns, uint64 known_columns, uint32 *candidates, uint32 n)
{
	const RiskTuples *t = b->tuples;
	int			known[SUBSETS_MAX_COLUMNS];
	int			nulls[SUBSETS_MAX_COLUMNS];
	int			nknown = 0;
	int			nnulls = 0;
	int			shortest = -1;
	uint32		passed = 0;

	for (int c = 0; c < t->ncolumns; c++)
	{
		if (known_columns & (UINT64CONST(1) << c))
			known[nknown++] = c;
		if (null_columns & (UINT64CONST(1) << c))
		{
			nulls[nnulls++] = c;
			if (shortest < 0 || b->nlist[c] < b->nlist[shortest])
				shortest = c;
		}
	}
	for (b->mask = 16; b->mask < 2 * (uint64) n;)
		b->mask *= 2;
	memset(b->slots, 0, b->mask * sizeof(BlockerSlot));
	b->mask--;
	for (uint32 i = 0; i < n; i++)
	{
		BlockerSlot *slot = find_slot(b, candidates[i], known, nknown, candidates);

		if (slot->candidate == 0)
			*slot = (BlockerSlot) {i + 1, OWNER_NONE};
		b->slot_of[i] = (uint32) (slot - b->slots);
	}
	CHECK_FOR_INTERRUPTS();
	for (uint32 i = 0; i < b->nlist[shortest]; i++)
	{
		uint32		tuple = b->list[shortest][i];
		bool		all = true;
		BlockerSlot *slot;

		for (int k = 0; k < nnulls && all; k++)
			all = t->codes[nulls[k]][tuple] == t->nulls[nulls[k]];
		if (!all)
			continue;
		slot = find_slot(b, tuple, known, nknown, candidates);
		if (slot->candidate != 0)
			slot->owner = owner_join(slot->owner, b->owners[tuple]);
	}
	for (uint32 i = 0; i < n; i++)
	{
		uint32		candidate = candidates[i];
		uint32		owner = b->slots[b->slot_of[i]].owner;

		if (owner == OWNER_NONE || owner == b->owners[candidate])
		{
			candidates[i] = candidates[passed];
			candidates[passed++] = candidate;
		}
	}
	return passed;
}

/* See subsets_internal.h. */
uint32
blockers_pass(WildcardBlockers *b, uint64 columns, uint32 *tuples, uint32 n)
{
	uint64		possible = columns & b->columns;

	/* every non-empty subset of the columns that can be NULL */
	for (uint64 nulls = possible; nulls != 0 && n > 0; nulls = (nulls - 1) & possible)
		n = block(b, nulls, columns & ~nulls, tuples, n);
	return n;
}
