/*-------------------------------------------------------------------------
 *
 * subsets_count.c
 *		How well each small set of columns tells records apart.
 *
 * The walk is that of subsets_uniques.c, but classes are counted: whatever is
 * alone in its class is so in every larger set, and is counted once and for
 * all.  Without persons an entry is a tuple; with persons it is a person in a
 * tuple, by rising person, so that a class sees a person's entries in a row.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "risk/subsets_internal.h"

#define NO_PERSON		PG_UINT32_MAX

/* Where the entries of a class with some value go on; what is alone goes nowhere. */
#define ALONE			PG_UINT32_MAX

/* How many entries may pass between looks for a cancellation. */
#define BETWEEN_INTERRUPTS	((uint32) 1 << 18)

/* What is known of the classes that are counted. */
typedef struct Figures
{
	int64		classes;
	int64		units;
	int64		pairs;			/* of units that are in the same class */
	int64		uniques;
	int64		records;		/* in classes of one person */
} Figures;

/* The classes of a set of columns that have several entries; the others are settled. */
typedef struct Level
{
	Figures		settled;
	uint32		nclasses;
	uint32	   *start;			/* nclasses + 1 */
	uint32	   *entries;		/* class after class */
} Level;

/* The entries of a class with some value. */
typedef struct Cell
{
	uint32		entries;		/* then the place where the next one goes */
	uint32		person;			/* the last one */
	int64		units;
	int64		records;
} Cell;

typedef struct CountWalk
{
	int			max_columns;
	int		   *order;			/* the column at each place */
	SubsetWanted wanted;
	SubsetCounted visit;
	void	   *state;

	uint32		n;				/* entries */
	uint32	  **codes;			/* by column, of the entries */
	const int64 *records;		/* of the entries */
	const uint32 *person;		/* of the entries, or NULL */
	Level	   *levels;			/* by the number of columns */
	Cell	   *cells;			/* by code */
	uint32	   *touched;		/* codes */
	uint32	   *class_codes;	/* of the entries of a class */
	uint32		since_interrupt;
} CountWalk;

/* Two classes, of different matches, of one size. */
typedef struct Matches
{
	int64		matches;
	int64		units;
} Matches;

#define ST_SORT				sort_matches
#define ST_ELEMENT_TYPE		Matches
#define ST_COMPARE(a, b)	((a)->matches < (b)->matches ? -1 : (a)->matches > (b)->matches)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Count a class. */
static inline void
count_class(Figures *figures, int64 units, int64 records)
{
	figures->classes++;
	figures->units += units;
	figures->pairs += units * (units - 1) / 2;
	if (units == 1)
	{
		figures->uniques++;
		figures->records += records;
	}
}

/* The entries of a class by their values in a column; the values that there are are returned. */
static pg_attribute_always_inline uint32
count_values(CountWalk *w, const uint32 *entries, uint32 n, const uint32 *codes, bool persons)
{
	uint32		ntouched = 0;

	for (uint32 i = 0; i < n; i++)
	{
		uint32		entry = entries[i];
		uint32		code = codes[entry];
		Cell	   *cell = &w->cells[code];

		w->class_codes[i] = code;
		w->touched[ntouched] = code;
		ntouched += cell->entries++ == 0;
		cell->records += w->records[entry];
		if (persons)
		{
			cell->units += cell->person != w->person[entry];
			cell->person = w->person[entry];
		}
		else
			cell->units += w->records[entry];
	}
	return ntouched;
}

/* Look whether somebody wants to cancel, every now and then. */
static inline void
count_work(CountWalk *w, uint32 n)
{
	w->since_interrupt += n;
	if (w->since_interrupt > BETWEEN_INTERRUPTS)
	{
		w->since_interrupt = 0;
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * Split the classes by a column; all classes are counted in figures, and those
 * of several entries go to the next level if there is one.
 */
static Figures
split_classes(CountWalk *w, const Level *from, Level *to, int column)
{
	const uint32 *codes = w->codes[column];
	Figures		figures = from->settled;
	uint32		place = 0;

	if (to != NULL)
	{
		to->settled = from->settled;
		to->nclasses = 0;
	}
	for (uint32 i = 0; i < from->nclasses; i++)
	{
		const uint32 *entries = from->entries + from->start[i];
		uint32		n = from->start[i + 1] - from->start[i];
		uint32		ntouched;

		count_work(w, n);
		ntouched = w->person != NULL ? count_values(w, entries, n, codes, true) :
			count_values(w, entries, n, codes, false);
		for (uint32 k = 0; k < ntouched; k++)
		{
			Cell	   *cell = &w->cells[w->touched[k]];
			uint32		count = cell->entries;

			count_class(&figures, cell->units, cell->records);
			if (to != NULL && count == 1)
			{
				count_class(&to->settled, cell->units, cell->records);
				cell->entries = ALONE;
			}
			else if (to != NULL)
			{
				to->start[to->nclasses++] = place;
				cell->entries = place;
				place += count;
			}
		}
		for (uint32 k = 0; to != NULL && k < n; k++)
		{
			Cell	   *cell = &w->cells[w->class_codes[k]];

			if (cell->entries != ALONE)
				to->entries[cell->entries++] = entries[k];
		}
		for (uint32 k = 0; k < ntouched; k++)
			w->cells[w->touched[k]] = (Cell) {0, NO_PERSON, 0, 0};
	}
	if (to != NULL)
		to->start[to->nclasses] = place;
	return figures;
}

/* All wanted sets that add columns below a place to the one of these classes. */
static void
walk(CountWalk *w, uint64 columns, int ncolumns, int below)
{
	for (int i = 0; i < below; i++)
	{
		uint64		grown = columns | UINT64CONST(1) << w->order[i];
		bool		last = ncolumns + 1 == w->max_columns || i == 0;
		Figures		f;
		SubsetFigures result;

		if (w->wanted != NULL && !w->wanted(w->state, grown))
			continue;
		CHECK_FOR_INTERRUPTS();
		f = split_classes(w, &w->levels[ncolumns], last ? NULL : &w->levels[ncolumns + 1],
						  w->order[i]);
		result.distinction = f.units == 0 ? NAN : (double) f.classes / (double) f.units;
		result.separation = f.units < 2 ? NAN :
			1 - (double) f.pairs / ((double) f.units * ((double) f.units - 1) / 2);
		result.uniques = f.uniques;
		result.records = f.records;
		w->visit(w->state, grown, &result);
		if (!last)
			walk(w, grown, ncolumns + 1, i);
	}
}

/* The entries of tuples with persons: each person in each tuple, by person. */
static void
list_entries(CountWalk *w, const RiskTuples *t, FrameMemory *memory)
{
	Size		npersons = dictionary_size(counter_dictionary(t->counter, 0));
	int64	   *next = frame_alloc(memory, npersons + 1, sizeof(int64), true);
	uint32	   *person = frame_alloc(memory, w->n, sizeof(uint32), false);
	int64	   *records = frame_alloc(memory, w->n, sizeof(int64), false);

	for (uint32 i = 0; i < w->n; i++)
		next[t->members[i] + 1]++;
	for (Size i = 1; i <= npersons; i++)
		next[i] += next[i - 1];
	for (int c = 0; c < t->ncolumns; c++)
		w->codes[c] = frame_alloc(memory, w->n, sizeof(uint32), false);
	for (uint32 i = 0; i < t->n; i++)
	{
		if ((i & 0xffff) == 0xffff)
			CHECK_FOR_INTERRUPTS();
		for (int64 m = t->start[i]; m < t->start[i + 1]; m++)
		{
			int64		entry = next[t->members[m]]++;

			person[entry] = t->members[m];
			records[entry] = t->member_records[m];
			for (int c = 0; c < t->ncolumns; c++)
				w->codes[c][entry] = t->codes[c][i];
		}
	}
	w->person = person;
	w->records = records;
}

/* Where NULL matches everything there are no classes: each set is a projection of its own. */
static SubsetFigures
match_projection(RiskTuples *t, uint64 columns)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "kiaim projection",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	SubsetFigures figures = {0};
	int			list[SUBSETS_MAX_COLUMNS];
	int			ncolumns = 0;
	RiskTuples *p;
	int64	   *matches;
	Matches    *sorted;
	double		units = 0;
	double		sum = 0;
	double		pairs = 0;

	for (int c = 0; c < t->ncolumns; c++)
		if (columns & (UINT64CONST(1) << c))
			list[ncolumns++] = c;
	p = risk_tuples_project(t, ncolumns, list, NULL);
	matches = risk_tuples_matches(p, true);
	sorted = frame_alloc(&p->memory, Max(p->n, 1), sizeof(Matches), false);
	for (uint32 i = 0; i < p->n; i++)
	{
		sorted[i] = (Matches) {matches[i], p->persons[i]};
		if (matches[i] == 1)
		{
			figures.uniques++;
			figures.records += p->records[i];
		}
	}
	sort_matches(sorted, p->n);
	for (uint32 i = 0, next; i < p->n; i = next)
	{
		int64		alike = 0;

		for (next = i; next < p->n && sorted[next].matches == sorted[i].matches; next++)
			alike += sorted[next].units;
		units += (double) alike;
		sum += (double) alike / (double) sorted[i].matches;
		pairs += (double) alike * ((double) sorted[i].matches - 1);
	}
	figures.distinction = units == 0 ? NAN : sum / units;
	figures.separation = units < 2 ? NAN : 1 - pairs / (units * (units - 1));
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return figures;
}

/* All wanted sets with wildcards that add columns below a place to the given one. */
static void
walk_wildcard(CountWalk *w, RiskTuples *t, uint64 columns, int ncolumns, int below)
{
	for (int i = 0; i < below; i++)
	{
		uint64		grown = columns | UINT64CONST(1) << w->order[i];
		SubsetFigures figures;

		if (w->wanted != NULL && !w->wanted(w->state, grown))
			continue;
		figures = match_projection(t, grown);
		w->visit(w->state, grown, &figures);
		if (ncolumns + 1 < w->max_columns)
			walk_wildcard(w, t, grown, ncolumns + 1, i);
	}
}

/* Working memory of the walk without wildcards, all entries being one class. */
static void
prepare(CountWalk *w, const RiskTuples *t, FrameMemory *memory)
{
	uint32		domain = 1;

	w->n = t->start != NULL ? (uint32) t->start[t->n] : t->n;
	w->codes = MemoryContextAlloc(memory->context, t->ncolumns * sizeof(uint32 *));
	memcpy(w->codes, t->codes, t->ncolumns * sizeof(uint32 *));
	w->records = t->records;
	if (t->start != NULL)
		list_entries(w, t, memory);
	for (int c = 0; c < t->ncolumns; c++)
		domain = Max(domain, t->domain[c]);
	w->cells = frame_alloc(memory, domain, sizeof(Cell), false);
	/* a code is noted before it is known to be new: one more place */
	w->touched = frame_alloc(memory, (Size) domain + 1, sizeof(uint32), false);
	for (uint32 i = 0; i < domain; i++)
		w->cells[i] = (Cell) {0, NO_PERSON, 0, 0};
	w->class_codes = frame_alloc(memory, Max(w->n, 1), sizeof(uint32), false);
	w->levels = MemoryContextAllocZero(memory->context, w->max_columns * sizeof(Level));
	for (int i = 0; i < w->max_columns; i++)
	{
		w->levels[i].start = frame_alloc(memory, (Size) w->n / 2 + 2, sizeof(uint32), false);
		w->levels[i].entries = frame_alloc(memory, Max(w->n, 1), sizeof(uint32), false);
	}
	for (uint32 i = 0; i < w->n; i++)
		w->levels[0].entries[i] = i;
	w->levels[0].nclasses = 1;
	w->levels[0].start[0] = 0;
	w->levels[0].start[1] = w->n;
}

/* See subsets.h. */
void
subsets_count(RiskTuples *t, int max_columns, bool wildcard, SubsetWanted wanted,
			  SubsetCounted visit, void *state)
{
	CountWalk	w = {.wanted = wanted, .visit = visit, .state = state};
	MemoryContext context;
	FrameMemory memory;

	subsets_check(t->ncolumns);
	if (t->ncolumns == 0)
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "kiaim subsets", ALLOCSET_DEFAULT_SIZES);
	memory = (FrameMemory) {context, t->memory.used};
	w.max_columns = Min(max_columns, t->ncolumns);
	w.order = MemoryContextAlloc(context, t->ncolumns * sizeof(int));
	subsets_order(t, w.order);
	if (wildcard)
		walk_wildcard(&w, t, 0, 0, t->ncolumns);
	else
	{
		prepare(&w, t, &memory);
		walk(&w, 0, 0, t->ncolumns);
	}
	MemoryContextDelete(context);
}
