/*-------------------------------------------------------------------------
 *
 * record_households.c
 *		The risk that one of a household is found, which gives away the others.
 *
 * 1 - prod(1 - risk) over its members, as a sum of logarithms so that small
 * risks of large households keep their digits.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "risk/records_internal.h"

struct RecordHouseholds
{
	FrameMemory *memory;
	PairSums   *members;		/* by household and person; NULL where records are the members */
	Sum		   *spared;			/* by household, the logarithm of the probability that nobody is found */
	uint32		capacity;
};

/* See records_internal.h. */
RecordHouseholds *
record_households(FrameMemory *memory, bool persons)
{
	RecordHouseholds *h = palloc0(sizeof(RecordHouseholds));

	h->memory = memory;
	if (persons)
		h->members = pair_sums(memory);
	return h;
}

/* Another member. */
static void
add_member(RecordHouseholds *h, uint32 household, double risk)
{
	if (household >= h->capacity)
	{
		uint32		capacity = Max(Max(h->capacity, 1024) * 2, household + 1);

		h->spared = frame_grow(h->memory, h->spared, h->capacity, capacity, sizeof(Sum));
		memset(h->spared + h->capacity, 0, (capacity - h->capacity) * sizeof(Sum));
		h->capacity = capacity;
	}
	sum_add(&h->spared[household], log1p(-risk));
}

/* See records_internal.h. */
void
record_households_add(RecordHouseholds *h, uint32 household, uint32 person, double risk)
{
	if (h->members != NULL)
		pair_sums_add(h->members, household, person, risk);
	else
		add_member(h, household, risk);
}

/* See records_internal.h. */
void
record_households_finish(RecordHouseholds *h)
{
	if (h->members == NULL)
		return;
	for (uint64 i = 0; i < h->members->nslots; i++)
	{
		const PairSum *pair = &h->members->slots[i];

		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		if (pair->n > 0)
			add_member(h, pair->one, pair->greatest);
	}
	pair_sums_free(h->members);
	h->members = NULL;
}

/* See records_internal.h. */
double
record_households_risk(const RecordHouseholds *h, uint32 household)
{
	return -expm1(sum_value(&h->spared[household]));
}
