/*-------------------------------------------------------------------------
 *
 * raw_chance.c
 *		How often rows of the same contents were met.
 *
 * Rows that are taken by chance are known by their contents, lest their
 * storage decide which are.  Equal rows would all be taken or none: so the
 * second has another chance than the first.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "synthesize/raw_internal.h"

/* The slot of a hash, or a free one for it. */
static RawMet *
find(RawMet *slots, uint64 size, uint64 hash)
{
	uint64		i = hash & (size - 1);

	while (slots[i].times > 0 && slots[i].hash != hash)
		i = (i + 1) & (size - 1);
	return &slots[i];
}

/* See raw_internal.h. */
uint32
raw_met(RawMetRows *met, FrameMemory *memory, uint64 hash)
{
	RawMet	   *slot;

	if (met->n * 4 >= met->size * 3)
	{
		uint64		size = Max(met->size * 2, 1024);
		RawMet	   *slots = frame_alloc(memory, size, sizeof(RawMet), true);

		CHECK_FOR_INTERRUPTS();
		for (uint64 i = 0; i < met->size; i++)
			if (met->slots[i].times > 0)
				*find(slots, size, met->slots[i].hash) = met->slots[i];
		frame_release(memory, met->slots, met->size, sizeof(RawMet));
		met->slots = slots;
		met->size = size;
	}
	slot = find(met->slots, met->size, hash);
	if (slot->times == 0)
		met->n++;
	slot->hash = hash;
	return slot->times++;
}

/* See raw_internal.h. */
void
raw_met_free(RawMetRows *met, FrameMemory *memory)
{
	frame_release(memory, met->slots, met->size, sizeof(RawMet));
	memset(met, 0, sizeof(RawMetRows));
}
