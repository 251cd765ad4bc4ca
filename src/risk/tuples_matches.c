/*-------------------------------------------------------------------------
 *
 * tuples_matches.c
 *		Class sizes of the distinct tuples where NULL matches everything.
 *
 * Records add up over the tuples that one matches.  Persons do not, as one can
 * have records in several of them: those of one tuple are added up all the
 * same, the others are looked at one by one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "privacy/wildcard.h"
#include "risk/tuples.h"

/* Columns that a set of NULLs can name. */
#define MAX_COLUMNS		64

/* A tuple and the columns in which it is NULL. */
typedef struct NullSet
{
	uint64		columns;
	uint32		tuple;
} NullSet;

/* The persons of several tuples, and the tuples that have some. */
typedef struct Wanderers
{
	const RiskTuples *tuples;
	bool	   *wanders;		/* by person */
	uint32		n;
	NullSet    *sets;			/* the tuples, by their NULLs */
	uint32		ngroups;		/* different NULLs */
	uint32	   *groups;			/* the first tuple of each */
	uint32	   *next;			/* of those that agree with this one in the columns compared, + 1 */
	uint64		mask;			/* slots - 1 */
	uint32	   *slots;			/* index into sets, + 1; 0 where empty */
	uint32	   *seen;			/* by person, the tuple that has counted it, + 1 */
} Wanderers;

#define ST_SORT				sort_null_sets
#define ST_ELEMENT_TYPE		NullSet
#define ST_COMPARE(a, b) \
	((a)->columns != (b)->columns ? ((a)->columns < (b)->columns ? -1 : 1) : \
	 (a)->tuple < (b)->tuple ? -1 : (a)->tuple > (b)->tuple)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* The columns in which a tuple is NULL. */
static uint64
null_columns(const RiskTuples *t, uint32 tuple)
{
	uint64		columns = 0;

	for (int c = 0; c < t->ncolumns; c++)
		if (t->codes[c][tuple] == t->nulls[c])
			columns |= UINT64CONST(1) << c;
	return columns;
}

/*
 * The slot of those tuples with these NULLs that agree with a tuple in all
 * columns but some.
 */
static uint32 *
find_slot(const Wanderers *w, uint32 tuple, uint64 nulls, uint64 ignored)
{
	uint32	  **codes = w->tuples->codes;
	uint64		hash = nulls * UINT64CONST(0xD6E8FEB86659FD93);

	for (int c = 0; c < w->tuples->ncolumns; c++)
		if ((ignored & (UINT64CONST(1) << c)) == 0)
		{
			hash = (hash ^ codes[c][tuple]) * UINT64CONST(0x9E3779B97F4A7C15);
			hash ^= hash >> 29;
		}
	for (uint64 at = (hash >> 20) & w->mask;; at = (at + 1) & w->mask)
	{
		const NullSet *set;
		bool		same;

		if (w->slots[at] == 0)
			return &w->slots[at];
		set = &w->sets[w->slots[at] - 1];
		same = set->columns == nulls;
		for (int c = 0; c < w->tuples->ncolumns && same; c++)
			same = (ignored & (UINT64CONST(1) << c)) != 0 ||
				codes[c][set->tuple] == codes[c][tuple];
		if (same)
			return &w->slots[at];
	}
}

/* Count, for one set of tuples with the same NULLs, the wanderers that they match. */
static void
count_wanderers(Wanderers *w, const NullSet *one, uint32 none, int64 *counts)
{
	const RiskTuples *t = w->tuples;

	memset(w->slots, 0, (w->mask + 1) * sizeof(uint32));
	for (uint32 i = 0; i < w->n; i++)
	{
		uint32	   *slot = find_slot(w, w->sets[i].tuple, w->sets[i].columns,
									 w->sets[i].columns | one->columns);

		if ((i & 0xffff) == 0)
			CHECK_FOR_INTERRUPTS();
		w->next[i] = *slot;
		*slot = i + 1;
	}
	for (uint32 i = 0; i < none; i++)
	{
		uint32		tuple = one[i].tuple;

		CHECK_FOR_INTERRUPTS();
		for (uint32 j = 0; j < w->ngroups; j++)
		{
			uint64		nulls = w->sets[w->groups[j]].columns;

			for (uint32 k = *find_slot(w, tuple, nulls, nulls | one->columns); k != 0; k = w->next[k - 1])
			{
				uint32		other = w->sets[k - 1].tuple;

				for (int64 m = t->start[other]; m < t->start[other + 1]; m++)
				{
					uint32		person = t->members[m];

					if (w->wanders[person] && w->seen[person] != tuple + 1)
					{
						w->seen[person] = tuple + 1;
						counts[tuple]++;
					}
				}
			}
		}
	}
}

/* Find the persons of several tuples; false if there is none. */
static bool
find_wanderers(Wanderers *w, FrameMemory *memory, int64 *settled)
{
	const RiskTuples *t = w->tuples;
	uint32		npersons = dictionary_size(counter_dictionary(t->counter, 0));
	bool	   *known = frame_alloc(memory, Max(npersons, 1), sizeof(bool), true);

	w->wanders = frame_alloc(memory, Max(npersons, 1), sizeof(bool), true);
	for (int64 m = 0; m < t->start[t->n]; m++)
	{
		w->wanders[t->members[m]] = known[t->members[m]];
		known[t->members[m]] = true;
	}
	for (uint32 i = 0; i < t->n; i++)
	{
		for (int64 m = t->start[i]; m < t->start[i + 1]; m++)
			settled[i] += !w->wanders[t->members[m]];
		w->n += settled[i] < t->persons[i];
	}
	if (w->n == 0)
		return false;
	w->sets = frame_alloc(memory, w->n, sizeof(NullSet), false);
	w->groups = frame_alloc(memory, w->n, sizeof(uint32), false);
	w->next = frame_alloc(memory, w->n, sizeof(uint32), false);
	w->seen = frame_alloc(memory, npersons, sizeof(uint32), true);
	for (w->mask = 16; w->mask < 2 * (uint64) w->n;)
		w->mask *= 2;
	w->slots = frame_alloc(memory, w->mask, sizeof(uint32), false);
	w->mask--;
	w->n = 0;
	for (uint32 i = 0; i < t->n; i++)
		if (settled[i] < t->persons[i])
			w->sets[w->n++] = (NullSet) {null_columns(t, i), i};
	sort_null_sets(w->sets, w->n);
	for (uint32 i = 0; i < w->n; i++)
		if (i == 0 || w->sets[i].columns != w->sets[i - 1].columns)
			w->groups[w->ngroups++] = i;
	return true;
}

/* The distinct persons that each tuple matches. */
static int64 *
match_persons(const RiskTuples *t, const uint32 *codes, FrameMemory *memory)
{
	Wanderers	w = {.tuples = t};
	int64	   *settled = frame_alloc(memory, Max(t->n, 1), sizeof(int64), true);
	bool		some = find_wanderers(&w, memory, settled);
	int64	   *counts = wildcard_counts(t->ncolumns, t->n, codes, t->nulls, settled, memory);
	NullSet    *sets;

	if (!some)
		return counts;
	sets = frame_alloc(memory, t->n, sizeof(NullSet), false);
	for (uint32 i = 0; i < t->n; i++)
		sets[i] = (NullSet) {null_columns(t, i), i};
	sort_null_sets(sets, t->n);
	for (uint32 i = 0, end; i < t->n; i = end)
	{
		for (end = i + 1; end < t->n && sets[end].columns == sets[i].columns;)
			end++;
		count_wanderers(&w, sets + i, end - i, counts);
	}
	return counts;
}

/* See tuples.h. */
int64 *
risk_tuples_matches(RiskTuples *t, bool persons)
{
	int64	   *result = frame_alloc(&t->memory, Max(t->n, 1), sizeof(int64), false);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "kiaim matches",
												  ALLOCSET_DEFAULT_SIZES);
	FrameMemory memory = {context, t->memory.used};
	uint32	   *codes;
	int64	   *counts;

	if (t->ncolumns > MAX_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("quasi names %d columns, more than the %d that NULL as a wildcard allows",
						t->ncolumns, MAX_COLUMNS)));
	codes = frame_alloc(&memory, Max((Size) t->n * t->ncolumns, 1), sizeof(uint32), false);
	for (uint32 i = 0; i < t->n; i++)
		for (int c = 0; c < t->ncolumns; c++)
			codes[(Size) i * t->ncolumns + c] = t->codes[c][i];
	if (persons && t->start != NULL)
		counts = match_persons(t, codes, &memory);
	else
		counts = wildcard_counts(t->ncolumns, t->n, codes, t->nulls, t->records, &memory);
	memcpy(result, counts, t->n * sizeof(int64));
	MemoryContextDelete(context);
	return result;
}
