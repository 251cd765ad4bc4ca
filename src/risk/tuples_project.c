/*-------------------------------------------------------------------------
 *
 * tuples_project.c
 *		The distinct tuples of fewer columns, rolled up from those of more.
 *
 * Records add up.  Persons do not, as one can be in several of the tuples that
 * fall together: their members are merged.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "risk/tuples.h"

/*
 * Merge the members of the tuples of t into those of result.  The tuples are
 * visited in the order of where they go, so that a person who has been seen in
 * a tuple of the result already has a place at or after its start.
 */
static void
merge_members(RiskTuples *t, RiskTuples *result, const uint32 *map)
{
	FrameMemory *memory = &result->memory;
	int64		nmembers = t->start[t->n];
	uint32	   *next = frame_alloc(memory, (Size) result->n + 1, sizeof(uint32), true);
	uint32	   *order = frame_alloc(memory, Max(t->n, 1), sizeof(uint32), false);
	int64	   *place = frame_alloc(memory, Max(t->npersons, 1), sizeof(int64), false);
	int64		end = 0;

	for (uint32 i = 0; i < t->n; i++)
		next[map[i] + 1]++;
	for (uint32 g = 0; g < result->n; g++)
		next[g + 1] += next[g];
	for (uint32 i = 0; i < t->n; i++)
		order[next[map[i]]++] = i;

	result->start = frame_alloc(memory, (Size) result->n + 2, sizeof(int64), true);
	result->members = frame_alloc(memory, Max(nmembers, 1), sizeof(uint32), false);
	result->member_records = frame_alloc(memory, Max(nmembers, 1), sizeof(int64), false);
	for (int64 p = 0; p < t->npersons; p++)
		place[p] = -1;
	for (uint32 o = 0; o < t->n; o++)
	{
		uint32		tuple = order[o];
		uint32		group = map[tuple];

		if ((o & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		if (o == 0 || map[order[o - 1]] != group)
			result->start[group] = end;
		for (int64 m = t->start[tuple]; m < t->start[tuple + 1]; m++)
		{
			uint32		person = t->members[m];

			if (place[person] < result->start[group])
			{
				place[person] = end;
				result->members[end] = person;
				result->member_records[end++] = t->member_records[m];
			}
			else
				result->member_records[place[person]] += t->member_records[m];
		}
		result->persons[group] = end - result->start[group];
		result->start[group + 1] = end;
	}
	frame_release(memory, place, Max(t->npersons, 1), sizeof(int64));
	frame_release(memory, order, Max(t->n, 1), sizeof(uint32));
	frame_release(memory, next, (Size) result->n + 1, sizeof(uint32));
}

/* See tuples.h. */
RiskTuples *
risk_tuples_project(RiskTuples *t, int ncolumns, const int *columns, uint32 *map)
{
	RiskTuples *result = palloc0(sizeof(RiskTuples));
	Size		capacity = Max(t->n, 1);
	uint32	   *codes = palloc(Max(ncolumns, 1) * sizeof(uint32));
	uint32	   *to = map;

	result->counter = t->counter;
	result->memory.context = CurrentMemoryContext;
	result->memory.used = t->memory.used;
	result->ncolumns = ncolumns;
	result->nrecords = t->nrecords;
	result->npersons = t->npersons;
	result->codes = palloc(Max(ncolumns, 1) * sizeof(uint32 *));
	result->domain = palloc(Max(ncolumns, 1) * sizeof(uint32));
	result->nulls = palloc(Max(ncolumns, 1) * sizeof(uint32));
	for (int c = 0; c < ncolumns; c++)
	{
		result->codes[c] = frame_alloc(&result->memory, capacity, sizeof(uint32), false);
		result->domain[c] = t->domain[columns[c]];
		result->nulls[c] = t->nulls[columns[c]];
	}
	result->records = frame_alloc(&result->memory, capacity, sizeof(int64), true);
	if (to == NULL)
		to = frame_alloc(&result->memory, capacity, sizeof(uint32), false);
	for (uint32 i = 0; i < t->n; i++)
	{
		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int c = 0; c < ncolumns; c++)
			codes[c] = t->codes[columns[c]][i];
		to[i] = risk_tuples_intern(result, t->n, codes);
		result->records[to[i]] += t->records[i];
	}
	if (t->start != NULL)
	{
		result->persons = frame_alloc(&result->memory, capacity, sizeof(int64), true);
		merge_members(t, result, to);
	}
	else
		result->persons = result->records;
	if (map == NULL)
		frame_release(&result->memory, to, capacity, sizeof(uint32));
	pfree(codes);
	return result;
}
