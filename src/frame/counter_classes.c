/*-------------------------------------------------------------------------
 *
 * counter_classes.c
 *		The distinct tuples of a counter, grouped by some of their columns.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "frame/frame_internal.h"

/* A slot of the table of classes: a row that stands for its class. */
typedef struct ClassSlot
{
	const uint64 *row;			/* or NULL where the slot is empty */
	int64		class;
} ClassSlot;

/* The bits of a key that belong to the columns from first on. */
static uint64 *
group_mask(const TupleCounter *c, int first)
{
	uint64	   *mask = palloc0(c->nwords * sizeof(uint64));

	for (int i = first; i < c->ncolumns; i++)
		mask[c->columns[i].word] |= (uint64) c->columns[i].last << c->columns[i].shift;
	return mask;
}

/* The class of a key among those that there are, or the empty slot for it. */
static inline ClassSlot *
find_class(ClassSlot *slots, uint64 nslots, int shift, const uint64 *key, const uint64 *mask,
		   int nwords)
{
	for (uint64 i = hash_key(key, nwords) >> shift;; i = (i + 1) & (nslots - 1))
	{
		uint64		differ = 0;

		if (slots[i].row == NULL)
			return &slots[i];
		for (int w = 0; w < nwords; w++)
			differ |= (slots[i].row[w] & mask[w]) ^ key[w];
		if (differ == 0)
			return &slots[i];
	}
}

CounterClasses *
counter_classes(TupleCounter *c, int first)
{
	CounterClasses *classes = palloc0(sizeof(CounterClasses));
	int64		ntuples = counter_ntuples(c);
	FrameMemory memory = {CurrentMemoryContext, c->memory.used};
	uint64	   *mask = group_mask(c, first);
	uint64	   *key = palloc(c->nwords * sizeof(uint64));
	uint64		nslots = 4;
	int			shift = 62;
	ClassSlot  *slots;
	int64	   *class_of;
	int64		member = 0;

	Assert(first >= 0 && first <= c->ncolumns);
	for (; nslots / 2 < (uint64) ntuples; nslots *= 2)
		shift--;
	slots = frame_alloc(&memory, nslots, sizeof(ClassSlot), true);
	class_of = frame_alloc(&memory, Max(ntuples, 1), sizeof(int64), false);
	classes->start = frame_alloc(&memory, ntuples + 2, sizeof(int64), true);
	classes->weights = frame_alloc(&memory, Max(ntuples, 1), sizeof(int64), false);
	if (first > 0)
		classes->codes = frame_alloc(&memory, Max(ntuples, 1), sizeof(uint32), false);

	/* give every tuple its class, and count the members two places ahead */
	for (uint64 i = 0; i < c->nslots; i++)
	{
		const uint64 *row = c->slots + i * (c->nwords + 1);
		ClassSlot  *slot;

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		if (row[c->nwords] == 0)
			continue;
		for (int w = 0; w < c->nwords; w++)
			key[w] = row[w] & mask[w];
		slot = find_class(slots, nslots, shift, key, mask, c->nwords);
		if (slot->row == NULL)
		{
			slot->row = row;
			slot->class = classes->nclasses++;
		}
		class_of[member++] = slot->class;
		if (slot->class + 2 <= ntuples)
			classes->start[slot->class + 2]++;
	}
	frame_release(&memory, slots, nslots, sizeof(ClassSlot));

	/* start[i + 1] is where class i goes on; filled, it is where class i ends */
	for (int64 i = 2; i <= ntuples; i++)
		classes->start[i] += classes->start[i - 1];
	member = 0;
	for (uint64 i = 0; i < c->nslots; i++)
	{
		const uint64 *row = c->slots + i * (c->nwords + 1);
		int64		place;

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		if (row[c->nwords] == 0)
			continue;
		place = classes->start[class_of[member++] + 1]++;
		classes->weights[place] = (int64) row[c->nwords];
		if (first > 0)
			classes->codes[place] = unpack_code(row, &c->columns[first - 1]);
	}
	pfree(class_of);
	pfree(mask);
	pfree(key);
	return classes;
}

void
counter_classes_free(CounterClasses *classes)
{
	pfree(classes->start);
	pfree(classes->weights);
	if (classes->codes != NULL)
		pfree(classes->codes);
	pfree(classes);
}
