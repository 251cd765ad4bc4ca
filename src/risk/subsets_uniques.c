/*-------------------------------------------------------------------------
 *
 * subsets_uniques.c
 *		Who is unique in which small sets of columns.
 *
 * Sets grow by one column at a time, always one that stands lower in the order
 * of columns, so that they come in the order of their bits and each comes after
 * its subsets.  A set of columns sorts the tuples into classes, each contiguous;
 * the next column splits every class by a table that fits the first cache.  A
 * tuple that is unique in a set takes no part in its supersets: it is not
 * minimal there and, matching nobody else, does not make others less unique.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "risk/subsets_internal.h"

#define NO_ENTRY		PG_UINT32_MAX

/* Where the tuples of a class with some value go on; no tuple takes part in place DROPPED. */
#define DROPPED			PG_UINT32_MAX
#define UNIQUE			(PG_UINT32_MAX - 1)

/* How many tuples may pass between looks for a cancellation. */
#define BETWEEN_INTERRUPTS	((uint32) 1 << 18)

/* The classes of a set of columns. */
typedef struct Level
{
	uint32		nclasses;
	uint32	   *start;			/* nclasses + 1 */
	uint32	   *tuples;			/* class after class */
} Level;

/* What is known of the tuples of a class with some value. */
typedef struct Cell
{
	uint32		count;			/* then the place where the next one goes */
	uint32		owner;
} Cell;

/* A set that is minimal for a tuple, in the chain of the tuple's. */
typedef struct MinimalSet
{
	uint64		columns;		/* by their place in the order */
	uint32		next;			/* or NO_ENTRY */
} MinimalSet;

typedef struct UniquesWalk
{
	RiskTuples *tuples;
	int			max_columns;
	int		   *order;			/* the column at each place */
	const uint32 *owners;
	bool		persons;		/* else the owner of a tuple is itself, or several */
	WildcardBlockers *blockers; /* where NULL is a wildcard */
	SubsetUniques visit;
	void	   *state;

	Level	   *levels;			/* by the number of columns */
	Cell	   *cells;			/* by code */
	uint32	   *joined;			/* the same of a last column: owners only */
	uint32	   *touched;		/* codes */
	uint32	   *class_codes;	/* of the tuples of a class */
	uint32	   *found;			/* tuples that are unique */
	uint32		nfound;
	uint32		since_interrupt;

	uint32	   *chain;			/* by tuple, its newest minimal set of less than max_columns columns */
	MinimalSet *sets;
	Size		nsets;
	Size		sets_capacity;
} UniquesWalk;

/* The columns by their own numbers. */
static uint64
own_columns(const UniquesWalk *w, uint64 places)
{
	uint64		columns = 0;

	for (int i = 0; places != 0; i++, places >>= 1)
		if (places & 1)
			columns |= UINT64CONST(1) << w->order[i];
	return columns;
}

/* Is a tuple unique in a subset? */
static inline bool
has_subset(const UniquesWalk *w, uint32 tuple, uint64 places)
{
	for (uint32 i = w->chain[tuple]; i != NO_ENTRY; i = w->sets[i].next)
		if ((w->sets[i].columns & ~places) == 0)
			return true;
	return false;
}

/* Remember that a set is minimal for a tuple. */
static void
remember(UniquesWalk *w, uint32 tuple, uint64 places)
{
	if (w->nsets == w->sets_capacity)
	{
		Size		capacity = 2 * w->sets_capacity;

		if (w->nsets >= NO_ENTRY / 2)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("there are more than %zu special uniques", w->nsets),
					 errhint("Lower max_columns, or use fewer or generalized columns.")));
		w->sets = frame_grow(&w->tuples->memory, w->sets, w->sets_capacity, capacity,
							 sizeof(MinimalSet));
		w->sets_capacity = capacity;
	}
	w->sets[w->nsets].columns = places;
	w->sets[w->nsets].next = w->chain[tuple];
	w->chain[tuple] = (uint32) w->nsets++;
}

/* Of the tuples found unique in a set, hand over those for which it is minimal. */
static void
report_found(UniquesWalk *w, uint64 places, int ncolumns)
{
	uint32		n = 0;

	for (uint32 i = 0; i < w->nfound; i++)
	{
		uint32		tuple = w->found[i];

		if (has_subset(w, tuple, places))
			continue;
		w->found[n++] = tuple;
		if (ncolumns < w->max_columns)
			remember(w, tuple, places);
	}
	if (n > 0)
		w->visit(w->state, own_columns(w, places), w->found, n);
}

/* The owner of a tuple: without persons it is the tuple, which carries its mark of several. */
static inline uint32
owner_of(const UniquesWalk *w, uint32 entry, bool persons)
{
	return persons ? w->owners[entry] : entry;
}

/* Look whether somebody wants to cancel, every now and then. */
static inline void
count_work(UniquesWalk *w, uint32 n)
{
	w->since_interrupt += n;
	if (w->since_interrupt > BETWEEN_INTERRUPTS)
	{
		w->since_interrupt = 0;
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * The last column of a set: find who is unique in a class, and split nothing.
 * Inlined, so that each of the four cases has a loop of its own.
 */
static pg_attribute_always_inline void
find_in_class(UniquesWalk *w, const uint32 *entries, uint32 n, const uint32 *codes,
			  uint32 domain, uint32 null, bool persons, bool wildcard)
{
	uint32	   *joined = w->joined;
	uint32	   *own = w->class_codes;

	/* of two that are different persons' it is enough to compare */
	if (n == 2 && !persons && !wildcard)
	{
		if (codes[entries[0] & ~OWNER_SEVERAL] == codes[entries[1] & ~OWNER_SEVERAL])
			return;
		for (int i = 0; i < 2; i++)
			if (entries[i] < OWNER_SEVERAL)
				w->found[w->nfound++] = entries[i];
		return;
	}
	for (uint32 i = 0; i < n; i++)
	{
		uint32		entry = entries[i];
		uint32		code = codes[persons ? entry : entry & ~OWNER_SEVERAL];

		own[i] = code;
		joined[code] = owner_join(joined[code], owner_of(w, entry, persons));
	}
	if (wildcard && null != RISK_NO_NULL)
		joined[null] = OWNER_SEVERAL;
	if (!persons && domain <= n)
	{
		/* whoever is left alone in a place is there by name */
		for (uint32 code = 0; code < domain; code++)
		{
			if (joined[code] < OWNER_SEVERAL)
				w->found[w->nfound++] = joined[code];
			joined[code] = OWNER_NONE;
		}
		return;
	}
	for (uint32 i = 0; i < n; i++)
		if (joined[own[i]] < OWNER_SEVERAL)
			w->found[w->nfound++] = persons ? entries[i] : entries[i] & ~OWNER_SEVERAL;
	for (uint32 i = 0; i < n; i++)
		joined[own[i]] = OWNER_NONE;
	if (wildcard && null != RISK_NO_NULL)
		joined[null] = OWNER_NONE;
}

/* The same of all classes. */
static pg_attribute_always_inline void
find_in_classes(UniquesWalk *w, const Level *from, int column, bool persons, bool wildcard)
{
	const uint32 *codes = w->tuples->codes[column];
	uint32		domain = w->tuples->domain[column];
	uint32		null = w->tuples->nulls[column];

	for (uint32 i = 0; i < from->nclasses; i++)
	{
		uint32		n = from->start[i + 1] - from->start[i];

		count_work(w, n);
		find_in_class(w, from->tuples + from->start[i], n, codes, domain, null, persons, wildcard);
	}
}

/* Who is unique in a set that does not grow further. */
static void
find_uniques(UniquesWalk *w, const Level *from, int column)
{
	bool		wildcard = w->blockers != NULL;

	if (w->persons && wildcard)
		find_in_classes(w, from, column, true, true);
	else if (w->persons)
		find_in_classes(w, from, column, true, false);
	else if (wildcard)
		find_in_classes(w, from, column, false, true);
	else
		find_in_classes(w, from, column, false, false);
}

/* Split a class by a column; what is unique is found, and what is alone stays behind. */
static uint32
split_class(UniquesWalk *w, const uint32 *entries, uint32 n, const uint32 *codes, uint32 null,
			Level *to, uint32 place)
{
	Cell	   *cells = w->cells;
	uint32	   *own = w->class_codes;
	uint32		ntouched = 0;
	uint32		mask = w->persons ? PG_UINT32_MAX : ~OWNER_SEVERAL;

	for (uint32 i = 0; i < n; i++)
	{
		uint32		code = codes[entries[i] & mask];
		Cell	   *cell = &cells[code];

		own[i] = code;
		if (cell->count++ == 0)
			w->touched[ntouched++] = code;
		cell->owner = owner_join(cell->owner, owner_of(w, entries[i], w->persons));
	}
	for (uint32 i = 0; i < ntouched; i++)
	{
		Cell	   *cell = &cells[w->touched[i]];
		uint32		count = cell->count;

		if (w->blockers != NULL && w->touched[i] == null)
			cell->count = DROPPED;
		else if (cell->owner < OWNER_SEVERAL)
			cell->count = UNIQUE;
		else if (count == 1)
			cell->count = DROPPED;
		else
		{
			to->start[to->nclasses++] = place;
			cell->count = place;
			place += count;
		}
	}
	for (uint32 i = 0; i < n; i++)
	{
		Cell	   *cell = &cells[own[i]];

		if (cell->count < UNIQUE)
			to->tuples[cell->count++] = entries[i];
		else if (cell->count == UNIQUE)
			w->found[w->nfound++] = entries[i] & mask;
	}
	for (uint32 i = 0; i < ntouched; i++)
	{
		cells[w->touched[i]].count = 0;
		cells[w->touched[i]].owner = OWNER_NONE;
	}
	return place;
}

/* The classes of a set with one column more. */
static void
split_classes(UniquesWalk *w, const Level *from, Level *to, int column, uint64 places)
{
	const uint32 *codes = w->tuples->codes[column];
	uint32		place = 0;

	to->nclasses = 0;
	for (uint32 i = 0; i < from->nclasses; i++)
	{
		uint32		n = from->start[i + 1] - from->start[i];

		count_work(w, n);
		place = split_class(w, from->tuples + from->start[i], n, codes,
							w->tuples->nulls[column], to, place);
	}
	if (w->blockers != NULL)
	{
		/* whom a NULL matches is not unique yet, and alone in its class */
		uint32		nunique = blockers_pass(w->blockers, own_columns(w, places), w->found, w->nfound);

		for (uint32 i = nunique; i < w->nfound; i++)
		{
			to->start[to->nclasses++] = place;
			to->tuples[place++] = w->found[i];
		}
		w->nfound = nunique;
	}
	to->start[to->nclasses] = place;
}

/* All sets that add columns below a place to the one of these classes. */
static void
walk(UniquesWalk *w, uint64 places, int ncolumns, int below)
{
	const Level *from = &w->levels[ncolumns];

	for (int i = 0; i < below && from->nclasses > 0; i++)
	{
		uint64		grown = places | UINT64CONST(1) << i;
		bool		last = ncolumns + 1 == w->max_columns || i == 0;

		CHECK_FOR_INTERRUPTS();
		w->nfound = 0;
		if (last)
		{
			find_uniques(w, from, w->order[i]);
			if (w->blockers != NULL)
				w->nfound = blockers_pass(w->blockers, own_columns(w, grown), w->found, w->nfound);
		}
		else
			split_classes(w, from, &w->levels[ncolumns + 1], w->order[i], grown);
		report_found(w, grown, ncolumns + 1);
		if (!last)
			walk(w, grown, ncolumns + 1, i);
	}
}

/* Are all records one person's?  They are unique in every column then, NULL or not. */
static bool
one_owner(const uint32 *owners, uint32 n)
{
	for (uint32 i = 0; i < n; i++)
		if (owners[i] != owners[0] || owners[i] == OWNER_SEVERAL)
			return false;
	return true;
}

/* See subsets.h. */
void
subsets_uniques(RiskTuples *tuples, int max_columns, bool wildcard, SubsetUniques visit, void *state)
{
	UniquesWalk w = {.tuples = tuples, .visit = visit, .state = state};
	FrameMemory *memory = &tuples->memory;
	Size		before = memory->used;
	Size		own;
	MemoryContext outer = memory->context;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "kiaim uniques",
												  ALLOCSET_DEFAULT_SIZES);
	uint32		n = tuples->n;
	uint32		domain = 1;

	subsets_check(tuples->ncolumns);
	if (n == 0)
		return;
	memory->context = context;
	w.max_columns = Min(max_columns, tuples->ncolumns);
	w.persons = tuples->start != NULL;
	w.owners = subsets_owners(tuples);
	w.order = MemoryContextAlloc(context, Max(tuples->ncolumns, 1) * sizeof(int));
	subsets_order(tuples, w.order);
	if (wildcard && !one_owner(w.owners, n))
		w.blockers = blockers_create(tuples, w.owners);
	for (int c = 0; c < tuples->ncolumns; c++)
		domain = Max(domain, tuples->domain[c]);
	w.cells = frame_alloc(memory, domain, sizeof(Cell), false);
	w.joined = frame_alloc(memory, domain, sizeof(uint32), false);
	w.touched = frame_alloc(memory, domain, sizeof(uint32), false);
	for (uint32 i = 0; i < domain; i++)
	{
		w.cells[i] = (Cell) {0, OWNER_NONE};
		w.joined[i] = OWNER_NONE;
	}
	w.class_codes = frame_alloc(memory, n, sizeof(uint32), false);
	w.found = frame_alloc(memory, n, sizeof(uint32), false);
	w.chain = frame_alloc(memory, n, sizeof(uint32), false);
	w.sets_capacity = 1024;
	w.sets = frame_alloc(memory, w.sets_capacity, sizeof(MinimalSet), false);
	w.levels = MemoryContextAlloc(context, w.max_columns * sizeof(Level));
	for (int i = 0; i < w.max_columns; i++)
	{
		w.levels[i].start = frame_alloc(memory, (Size) n + 1, sizeof(uint32), false);
		w.levels[i].tuples = frame_alloc(memory, n, sizeof(uint32), false);
	}
	for (uint32 i = 0; i < n; i++)
	{
		w.chain[i] = NO_ENTRY;
		w.levels[0].tuples[i] = w.persons || w.owners[i] == i ? i : i | OWNER_SEVERAL;
	}
	w.levels[0].nclasses = 1;
	w.levels[0].start[0] = 0;
	w.levels[0].start[1] = n;
	/* what the visitor allocates is not the walk's */
	own = memory->used - before - w.sets_capacity * sizeof(MinimalSet);
	memory->context = outer;
	walk(&w, 0, 0, tuples->ncolumns);
	MemoryContextDelete(context);
	memory->used -= own + w.sets_capacity * sizeof(MinimalSet);
}
