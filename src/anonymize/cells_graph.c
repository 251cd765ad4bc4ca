/*-------------------------------------------------------------------------
 *
 * cells_graph.c
 *		Cell suppression: which groups are worth joining.
 *
 * All sets of columns are tried from the small to the large, as long as some
 * tuple may need them: one whose smallest group that could hold k is not at
 * least a column smaller.  Where the sets of a size are too many, those that
 * extend the sets by which most tuples were reached stand for all.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "anonymize/cells_internal.h"

/* Patterns of one size at most, and patterns that the next size extends. */
#define MAX_PATTERNS	600
#define MAX_EXTENDED	60

/* Up to so many members of groups all patterns are tried; above so many, tuples go without a second choice. */
#define FEW_MEMBERS		2000
#define MANY_MEMBERS	20000000

/*
 * Tuples that have k already may be suppressed to help others up to so many
 * times k; larger ones only where there are few that could help.
 */
#define LENDER_SIZE		2
#define FEW_TUPLES		64

/* A set of columns to be suppressed. */
typedef struct Pattern
{
	uint64		columns;
	double		price;
	int64		reached;		/* weight of the needy in groups that can hold k */
	uint32		groups;			/* of the needy */
} Pattern;

/* The group of a tuple by the hash of what its pattern leaves. */
typedef struct Slot
{
	uint64		hash;
	uint32		first;			/* a tuple of the group, or GROUP_NONE */
	uint32		group;
} Slot;

typedef struct Builder
{
	const CellProblem *problem;
	CellGraph  *graph;
	uint32	   *order;			/* failing tuples, others of the graph, all others */
	uint64	   *hash;			/* of the whole tuple, by order */
	/* by failing tuple: columns of the smallest group that can hold k, and price of the cheapest */
	int		   *size;
	double	   *cheapest;
	double		least[CELLS_MAX_COLUMNS + 1];	/* price that so many columns have at least */
	Slot	   *slots;
	uint32		nslots;
	uint32	   *group_of;		/* by tuple of the graph, for one pattern */
	/* groups of one pattern */
	int64	   *total;			/* size of the tuples that count */
	int64	   *whole;			/* of all tuples */
	int64	   *needy;
	uint32	   *nmembers;
	uint32	   *number;			/* in the graph, or GROUP_NONE */
	uint32		group_space;	/* of the graph's arrays */
	uint32		member_space;
} Builder;

/* Sorts patterns from the one that reaches most. */
#define ST_SORT				sort_patterns_reach
#define ST_ELEMENT_TYPE		Pattern
#define ST_COMPARE(a, b) \
	((a)->reached != (b)->reached ? ((a)->reached > (b)->reached ? -1 : 1) : \
	 (a)->groups != (b)->groups ? ((a)->groups < (b)->groups ? -1 : 1) : \
	 (a)->columns < (b)->columns ? -1 : (a)->columns > (b)->columns)
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Sorts patterns by their columns. */
#define ST_SORT				sort_patterns_columns
#define ST_ELEMENT_TYPE		Pattern
#define ST_COMPARE(a, b)	((a)->columns < (b)->columns ? -1 : (a)->columns > (b)->columns)
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Sorts the choices of a tuple from the cheapest. */
#define ST_SORT				sort_choices
#define ST_ELEMENT_TYPE		uint32
#define ST_COMPARE_ARG_TYPE	CellGraph
#define ST_COMPARE(a, b, graph) \
	((graph)->price[*(a)] != (graph)->price[*(b)] ? \
	 ((graph)->price[*(a)] < (graph)->price[*(b)] ? -1 : 1) : \
	 *(a) < *(b) ? -1 : *(a) > *(b))
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Mixes a code with its column. */
static inline uint64
hash_cell(int column, uint32 code)
{
	uint64		z = ((uint64) (column + 1) << 32 | code) * UINT64CONST(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 32)) * UINT64CONST(0xD6E8FEB86659FD93);
	return z ^ (z >> 32);
}

static inline const uint32 *
codes_of(const Builder *b, uint32 i)
{
	return b->problem->codes + (Size) b->order[i] * b->problem->ncolumns;
}

/* Do two tuples agree outside the pattern? */
static inline bool
agree_outside(const Builder *b, uint32 i, uint32 j, uint64 pattern)
{
	const uint32 *one = codes_of(b, i);
	const uint32 *other = codes_of(b, j);

	for (int c = 0; c < b->problem->ncolumns; c++)
		if (one[c] != other[c] && (pattern & (UINT64CONST(1) << c)) == 0)
			return false;
	return true;
}

/* The slot of the group of tuple i; its first is GROUP_NONE if there is none yet. */
static inline Slot *
find_slot(const Builder *b, uint32 i, uint64 pattern)
{
	const uint32 *codes = codes_of(b, i);
	uint64		hash = b->hash[i];
	uint32		at;

	for (uint64 rest = pattern; rest != 0; rest &= rest - 1)
	{
		int			c = pg_rightmost_one_pos64(rest);

		hash -= hash_cell(c, codes[c]);
	}
	at = (uint32) ((hash * UINT64CONST(0x9E3779B97F4A7C15)) >> 32) & (b->nslots - 1);
	while (b->slots[at].first != GROUP_NONE &&
		   (b->slots[at].hash != hash || !agree_outside(b, i, b->slots[at].first, pattern)))
		at = (at + 1) & (b->nslots - 1);
	b->slots[at].hash = hash;
	return &b->slots[at];
}

/* Number the tuples: failing ones, those that may help them, all others. */
static void
order_tuples(Builder *b, const int64 *counts)
{
	const CellProblem *p = b->problem;
	CellGraph  *g = b->graph;
	uint64	   *nulls = frame_alloc(g->memory, p->n, sizeof(uint64), true);
	int64		lenders = PG_INT64_MAX;	/* size of a tuple that may help, at most */
	int64		size = 0;
	uint32		count = 0;
	uint32		n = 0;

	for (uint32 i = 0; i < p->n; i++)
		if (p->sizes[i] <= LENDER_SIZE * p->k)
		{
			size += p->sizes[i];
			count++;
		}
	/* the last group must get its k from somewhere */
	if (count >= FEW_TUPLES && size >= LENDER_SIZE * p->k)
		lenders = LENDER_SIZE * p->k;
	b->order = frame_alloc(g->memory, p->n, sizeof(uint32), false);
	b->hash = frame_alloc(g->memory, p->n, sizeof(uint64), false);
	for (uint32 i = 0; i < p->n; i++)
		for (int c = 0; c < p->ncolumns; c++)
			if (p->codes[(Size) i * p->ncolumns + c] == p->nulls[c])
				nulls[i] |= UINT64CONST(1) << c;
	for (int part = 0; part < 3; part++)
	{
		for (uint32 i = 0; i < p->n; i++)
		{
			bool		helps = !p->wildcard &&
				(p->sizes[i] <= lenders || nulls[i] != 0);

			if (part == (counts[i] < p->k ? 0 : helps ? 1 : 2))
				b->order[n++] = i;
		}
		if (part == 0)
			g->nfailing = n;
		if (part == 1)
			g->ntuples = n;
	}
	g->tuple = frame_alloc(g->memory, g->ntuples, sizeof(uint32), false);
	g->weight = frame_alloc(g->memory, g->ntuples, sizeof(int64), false);
	g->size = frame_alloc(g->memory, g->ntuples, sizeof(int64), false);
	g->nulls = frame_alloc(g->memory, g->ntuples, sizeof(uint64), false);
	for (uint32 i = 0; i < p->n; i++)
	{
		const uint32 *codes = codes_of(b, i);

		b->hash[i] = 0;
		for (int c = 0; c < p->ncolumns; c++)
			b->hash[i] += hash_cell(c, codes[c]);
		if (i < g->ntuples)
		{
			g->tuple[i] = b->order[i];
			g->weight[i] = p->weights[b->order[i]];
			g->size[i] = p->sizes[b->order[i]];
			g->nulls[i] = nulls[b->order[i]];
		}
	}
	frame_release(g->memory, nulls, p->n, sizeof(uint64));
}

/* Room for so many more groups and members. */
static void
reserve(Builder *b, uint32 groups, uint32 members)
{
	CellGraph  *g = b->graph;

	if (g->ngroups + groups + 1 > b->group_space)
	{
		uint32		space = Max(2 * b->group_space, g->ngroups + groups + 1);

		g->pattern = frame_grow(g->memory, g->pattern, b->group_space, space, sizeof(uint64));
		g->price = frame_grow(g->memory, g->price, b->group_space, space, sizeof(double));
		g->member_start = frame_grow(g->memory, g->member_start, b->group_space, space,
									 sizeof(uint32));
		b->group_space = space;
	}
	if (g->member_start[g->ngroups] + members > b->member_space)
	{
		uint32		space = Max(2 * b->member_space, g->member_start[g->ngroups] + members);

		g->members = frame_grow(g->memory, g->members, b->member_space, space, sizeof(uint32));
		b->member_space = space;
	}
}

/* Put the groups of a pattern that can hold k into the graph. */
static void
keep_groups(Builder *b, const Pattern *pattern, uint32 ngroups)
{
	CellGraph  *g = b->graph;
	uint32		kept = 0;
	uint32		members = 0;

	for (uint32 i = 0; i < ngroups; i++)
	{
		bool		keep = b->total[i] >= b->problem->k;

		b->number[i] = keep ? g->ngroups + kept++ : GROUP_NONE;
		if (keep)
			members += b->nmembers[i];
	}
	reserve(b, kept, members);
	members = g->member_start[g->ngroups];
	for (uint32 i = 0; i < ngroups; i++)
		if (b->number[i] != GROUP_NONE)
		{
			g->pattern[b->number[i]] = pattern->columns;
			g->price[b->number[i]] = pattern->price;
			/* where the next member goes; it ends as the start of the next group */
			g->member_start[b->number[i] + 1] = members;
			members += b->nmembers[i];
		}
	for (uint32 i = 0; i < g->ntuples; i++)
		if (b->group_of[i] != GROUP_NONE && b->number[b->group_of[i]] != GROUP_NONE)
			g->members[g->member_start[b->number[b->group_of[i]] + 1]++] = i;
	g->ngroups += kept;
}

/* May a tuple need a pattern of so many columns? */
static inline bool
needs(const Builder *b, uint32 tuple, int ncolumns)
{
	uint32		members = b->graph->member_start[b->graph->ngroups];
	int			more = members <= FEW_MEMBERS ? CELLS_MAX_COLUMNS : members < MANY_MEMBERS ? 1 : 0;

	return b->size[tuple] + more >= ncolumns || b->cheapest[tuple] > b->least[ncolumns];
}

/* Form the groups of a pattern that the needy are in. */
static void
try_pattern(Builder *b, Pattern *pattern, int ncolumns)
{
	CellGraph  *g = b->graph;
	uint32		ngroups = 0;

	CHECK_FOR_INTERRUPTS();
	for (uint32 i = 0; i < b->nslots; i++)
		b->slots[i].first = GROUP_NONE;
	for (uint32 i = 0; i < g->nfailing; i++)
	{
		Slot	   *slot;

		b->group_of[i] = GROUP_NONE;
		if (!needs(b, i, ncolumns))
			continue;
		slot = find_slot(b, i, pattern->columns);
		if (slot->first == GROUP_NONE)
		{
			slot->first = i;
			slot->group = ngroups;
			b->total[ngroups] = b->whole[ngroups] = b->needy[ngroups] = 0;
			b->nmembers[ngroups] = 0;
			ngroups++;
		}
		b->group_of[i] = slot->group;
		b->needy[slot->group] += g->weight[i];
	}
	for (uint32 i = 0; i < b->problem->n; i++)
	{
		uint32		group = i < g->nfailing ? b->group_of[i] : GROUP_NONE;

		if (group == GROUP_NONE)
		{
			Slot	   *slot = find_slot(b, i, pattern->columns);

			if (slot->first != GROUP_NONE)
				group = slot->group;
			if (i < g->ntuples)
				b->group_of[i] = group;
		}
		if (group == GROUP_NONE)
			continue;
		if (i < g->ntuples)
			b->nmembers[group]++;
		b->whole[group] += b->problem->sizes[b->order[i]];
		/* a tuple that stays as it is counts only where NULL matches it */
		if (i < g->ntuples || b->problem->wildcard)
			b->total[group] += b->problem->sizes[b->order[i]];
	}
	pattern->groups = ngroups;
	pattern->reached = 0;
	for (uint32 i = 0; i < ngroups; i++)
		if (b->total[i] >= b->problem->k)
			pattern->reached += b->needy[i];
	for (uint32 i = 0; i < g->nfailing; i++)
		if (b->group_of[i] != GROUP_NONE && b->whole[b->group_of[i]] >= b->problem->k)
			g->bound[i] = Min(g->bound[i], pattern->price);
	keep_groups(b, pattern, ngroups);
}

/* The patterns of one column more than the given ones. */
static int
extend_patterns(const Builder *b, int n, const Pattern *patterns, Pattern **extended)
{
	int			m = b->problem->ncolumns;
	int			count = 0;
	int			kept = 0;

	*extended = palloc(sizeof(Pattern) * Max(n, 1) * m);
	for (int i = 0; i < n; i++)
		for (int c = 0; c < m; c++)
			if ((patterns[i].columns & (UINT64CONST(1) << c)) == 0)
			{
				Pattern    *p = &(*extended)[count++];

				memset(p, 0, sizeof(Pattern));
				p->columns = patterns[i].columns | (UINT64CONST(1) << c);
				p->price = cell_price(b->problem, p->columns);
			}
	sort_patterns_columns(*extended, count);
	for (int i = 0; i < count; i++)
		if (i == 0 || (*extended)[i].columns != (*extended)[kept - 1].columns)
			(*extended)[kept++] = (*extended)[i];
	return kept;
}

/* Does any tuple still need patterns of so many columns? */
static bool
is_needed(const Builder *b, int ncolumns)
{
	for (uint32 i = 0; i < b->graph->nfailing; i++)
		if (needs(b, i, ncolumns))
			return true;
	return false;
}

/* Remember what the groups from a number on offer to their members. */
static void
note_offers(Builder *b, uint32 from, int ncolumns)
{
	const CellGraph *g = b->graph;

	for (uint32 group = from; group < g->ngroups; group++)
	{
		if ((group & 0xfff) == 0)
			CHECK_FOR_INTERRUPTS();
		for (uint32 i = g->member_start[group]; i < g->member_start[group + 1]; i++)
		{
			uint32		tuple = g->members[i];

			if (tuple >= g->nfailing)
				continue;
			b->size[tuple] = Min(b->size[tuple], ncolumns);
			b->cheapest[tuple] = Min(b->cheapest[tuple], g->price[group]);
		}
	}
}

/* The least prices of sets of columns, by their size. */
static void
note_least_prices(Builder *b)
{
	const CellProblem *p = b->problem;
	double		sorted[CELLS_MAX_COLUMNS];

	b->least[0] = 0;
	for (int c = 0; c < p->ncolumns; c++)
	{
		int			at = c;

		for (; at > 0 && sorted[at - 1] > p->prices[c]; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = p->prices[c];
	}
	for (int c = 0; c < p->ncolumns; c++)
		b->least[c + 1] = b->least[c] + sorted[c];
}

/* From the members of the groups to the groups of the members. */
static void
list_choices(CellGraph *g)
{
	uint32		n = g->member_start[g->ngroups];

	g->choice_start = frame_alloc(g->memory, (Size) g->ntuples + 2, sizeof(uint32), true);
	g->choices = frame_alloc(g->memory, n, sizeof(uint32), false);
	for (uint32 i = 0; i < n; i++)
		g->choice_start[g->members[i] + 2]++;
	for (uint32 i = 0; i < g->ntuples; i++)
		g->choice_start[i + 2] += g->choice_start[i + 1];
	for (uint32 group = 1; group < g->ngroups; group++)
	{
		if ((group & 0xfff) == 0)
			CHECK_FOR_INTERRUPTS();
		for (uint32 i = g->member_start[group]; i < g->member_start[group + 1]; i++)
			g->choices[g->choice_start[g->members[i] + 1]++] = group;
	}
	for (uint32 i = 0; i < g->ntuples; i++)
	{
		if ((i & 0xffff) == 0)
			CHECK_FOR_INTERRUPTS();
		sort_choices(g->choices + g->choice_start[i], g->choice_start[i + 1] - g->choice_start[i], g);
	}
}

/* See cells_internal.h. */
CellGraph *
cell_graph_build(const CellProblem *problem, const int64 *counts, FrameMemory *memory)
{
	Builder		b = {.problem = problem};
	CellGraph  *g = palloc0(sizeof(CellGraph));
	Pattern		none = {0};
	Pattern    *patterns = &none;
	int			npatterns = 1;
	int			m = problem->ncolumns;

	b.graph = g;
	g->memory = memory;
	order_tuples(&b, counts);
	note_least_prices(&b);
	b.nslots = 16;
	while (b.nslots < 2 * (uint64) g->nfailing)
		b.nslots *= 2;
	b.slots = frame_alloc(memory, b.nslots, sizeof(Slot), false);
	b.size = frame_alloc(memory, g->nfailing, sizeof(int), false);
	b.cheapest = frame_alloc(memory, g->nfailing, sizeof(double), false);
	g->bound = frame_alloc(memory, g->nfailing, sizeof(double), false);
	g->complete = true;
	b.group_of = frame_alloc(memory, g->ntuples, sizeof(uint32), false);
	b.total = frame_alloc(memory, g->nfailing, sizeof(int64), false);
	b.whole = frame_alloc(memory, g->nfailing, sizeof(int64), false);
	b.needy = frame_alloc(memory, g->nfailing, sizeof(int64), false);
	b.nmembers = frame_alloc(memory, g->nfailing, sizeof(uint32), false);
	b.number = frame_alloc(memory, g->nfailing, sizeof(uint32), false);
	/* GROUP_ALL, which has no members listed */
	g->member_start = frame_alloc(memory, 2, sizeof(uint32), true);
	b.group_space = 2;
	g->pattern = frame_alloc(memory, b.group_space, sizeof(uint64), false);
	g->price = frame_alloc(memory, b.group_space, sizeof(double), false);
	g->pattern[GROUP_ALL] = (~UINT64CONST(0)) >> (64 - m);
	g->price[GROUP_ALL] = cell_price(problem, g->pattern[GROUP_ALL]);
	g->ngroups = 1;

	for (uint32 i = 0; i < g->nfailing; i++)
	{
		b.size[i] = m;
		b.cheapest[i] = g->bound[i] = g->price[GROUP_ALL];
	}

	for (int ncolumns = 1; ncolumns < m && is_needed(&b, ncolumns); ncolumns++)
	{
		Pattern    *extended;
		int			n;
		uint32		before = g->ngroups;

		if (npatterns * (m - ncolumns + 1) / ncolumns > MAX_PATTERNS)
		{
			sort_patterns_reach(patterns, npatterns);
			g->complete = g->complete && npatterns <= MAX_EXTENDED;
			npatterns = Min(npatterns, MAX_EXTENDED);
		}
		n = extend_patterns(&b, npatterns, patterns, &extended);
		for (int i = 0; i < n; i++)
			try_pattern(&b, &extended[i], ncolumns);
		note_offers(&b, before, ncolumns);
		patterns = extended;
		npatterns = n;
	}
	list_choices(g);

	frame_release(memory, b.number, g->nfailing, sizeof(uint32));
	frame_release(memory, b.nmembers, g->nfailing, sizeof(uint32));
	frame_release(memory, b.needy, g->nfailing, sizeof(int64));
	frame_release(memory, b.whole, g->nfailing, sizeof(int64));
	frame_release(memory, b.total, g->nfailing, sizeof(int64));
	frame_release(memory, b.group_of, g->ntuples, sizeof(uint32));
	frame_release(memory, b.cheapest, g->nfailing, sizeof(double));
	frame_release(memory, b.size, g->nfailing, sizeof(int));
	frame_release(memory, b.slots, b.nslots, sizeof(Slot));
	frame_release(memory, b.order, problem->n, sizeof(uint32));
	frame_release(memory, b.hash, problem->n, sizeof(uint64));
	return g;
}
