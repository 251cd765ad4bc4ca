/*-------------------------------------------------------------------------
 *
 * cells_value.c
 *		Cell suppression where NULL is a value of its own: tuples join groups,
 *		and a group that is open must hold k.
 *
 * Take a few neighbouring groups apart, put their tuples together again from
 * the cheapest group that can be opened, with tuples lent by groups that have
 * more than k, and keep the result unless it costs more.  The first solution
 * comes from the same procedure with all tuples taken apart.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "anonymize/cells_internal.h"

/* Rounds of improvement: so many for each failing tuple, and in all. */
#define ROUNDS_PER_TUPLE	400
#define MIN_ROUNDS			5000
#define MAX_ROUNDS			2000000

/* Members of groups that are looked at, after which there are no more rounds. */
#define MAX_WORK			UINT64CONST(300000000)

/* Nor are there if so much work saved less than this share of the price. */
#define STALE_WORK			(MAX_WORK / 16)
#define STALE_SAVING		0.003

/* Members are all over the memory: so many are fetched before they are needed. */
#define AHEAD				12

#if defined(__GNUC__) || defined(__clang__)
#define prefetch(p)			__builtin_prefetch(p)
#else
#define prefetch(p)			((void) (p))
#endif

/* Tuples taken apart in a round. */
#define MIN_APART			4
#define MAX_APART			15

/* How far a group may seem dearer than it is; now and then, very far. */
#define NOISE				0.5
#define MUCH_NOISE			10
#define MUCH_NOISE_ONE_IN	64

/* Up to so many tuples, those in which everything is suppressed are taken apart together. */
#define FEW_TUPLES			4096

/* Prices differ if by more than this. */
#define EPSILON				1e-9

#define ST_SORT				sort_openings
#define ST_ELEMENT_TYPE		Opening
#define ST_COMPARE(a, b) \
	((a)->price != (b)->price ? ((a)->price < (b)->price ? -1 : 1) : \
	 (a)->group < (b)->group ? -1 : (a)->group > (b)->group)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Does a joiner come before another one? */
static inline bool
joins_before(const Joiner *a, const Joiner *b)
{
	return a->added != b->added ? a->added < b->added : a->tuple < b->tuple;
}

/* Let joiner i sink in a heap of n, the first on top. */
static void
sink_joiner(Joiner *heap, uint32 n, uint32 i)
{
	Joiner		sinking = heap[i];

	for (uint32 child = 2 * i + 1; child < n; child = 2 * i + 1)
	{
		if (child + 1 < n && joins_before(&heap[child + 1], &heap[child]))
			child++;
		if (!joins_before(&heap[child], &sinking))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = sinking;
}

/*
 * The tuples that a group would be opened with: those that are apart and cost
 * less here, and whatever others make it k for the least.  Returns how many
 * these are, 0 if it saves nothing; *price is that of a row taken in.  Few of
 * many members are, so a heap gives them, and they are the last of the joiners:
 * *first is the first of them, the others come before it.
 */
static uint32
find_joiners(ValueSearch *s, uint32 group, double *price, Joiner **first)
{
	const CellGraph *g = s->graph;
	uint32		start = g->member_start[group];
	uint32		n = g->member_start[group + 1] - start;
	uint32		njoiners = 0;
	uint32		nchosen;
	Joiner	   *heap;
	int64		load = 0;
	int64		taken = 0;
	double		added = 0;
	double		cost = 0;

	if (n > s->joiner_space)
	{
		s->joiners = frame_grow(g->memory, s->joiners, s->joiner_space, 2 * (Size) n,
								sizeof(Joiner));
		s->joiner_space = 2 * n;
	}
	for (uint32 i = 0; i < n; i++)
	{
		uint32		tuple = g->members[start + i];
		uint32		from = s->group_of[tuple];
		double		before;

		if (i + AHEAD < n)
		{
			uint32		later = g->members[start + i + AHEAD];

			prefetch(&s->group_of[later]);
			prefetch(&s->apart[later]);
			prefetch(&g->size[later]);
		}
		if (s->apart[tuple])
			cell_best_open(s, tuple, &before);
		else if (from == GROUP_NONE || s->load[from] - g->size[tuple] >= s->problem->k)
			before = cell_price_of(s, tuple);
		else
			continue;
		s->joiners[njoiners].tuple = tuple;
		s->joiners[njoiners++].added = cell_price_in(s->problem, g, tuple, group) - before;
	}
	s->work += n;
	heap = s->joiners;
	for (uint32 i = njoiners / 2; i-- > 0;)
		sink_joiner(heap, njoiners, i);
	for (nchosen = 0; nchosen < njoiners; nchosen++)
	{
		Joiner		j = heap[0];
		uint32		last = njoiners - 1 - nchosen;
		bool		apart = s->apart[j.tuple];

		if (load >= s->problem->k && j.added > (apart ? EPSILON : -EPSILON))
			break;
		load += g->size[j.tuple];
		added += j.added;
		cost += apart ? cell_price_in(s->problem, g, j.tuple, group) : j.added;
		if (apart)
			taken += g->weight[j.tuple];
		heap[0] = heap[last];
		sink_joiner(heap, last, 0);
		heap[last] = j;
	}
	*first = heap + njoiners - 1;
	if (load < s->problem->k || added > -EPSILON || taken == 0)
		return 0;
	*price = cost / taken;
	return nchosen;
}

/* Open a group with the tuples that make it worth it, if any do. */
static void
try_open(ValueSearch *s, uint32 group)
{
	const CellGraph *g = s->graph;
	double		price;
	Joiner	   *first;
	uint32		n = find_joiners(s, group, &price, &first);

	for (uint32 i = 0; i < n; i++)
	{
		uint32		tuple = (first - i)->tuple;

		/* an earlier one may have left too little behind */
		if (!s->apart[tuple] && s->group_of[tuple] != GROUP_NONE &&
			s->load[s->group_of[tuple]] - g->size[tuple] < s->problem->k)
			continue;
		cell_move(s, tuple, group);
		s->apart[tuple] = false;
	}
	/* then it may be too little here */
	if (s->load[group] < s->problem->k)
		for (uint32 i = 0; i < n; i++)
			if (s->group_of[(first - i)->tuple] == group)
				cell_take_apart(s, (first - i)->tuple);
}

/* Put the tuples that are apart together again; false if some are left that no group holds. */
static bool
put_together(ValueSearch *s)
{
	const CellGraph *g = s->graph;
	double		noise = NOISE;
	uint32		n = 0;
	Joiner	   *first;

	s->round++;
	if (cell_random_below(&s->random, MUCH_NOISE_ONE_IN) == 0)
		noise = MUCH_NOISE;
	for (uint32 i = 0; i < s->napart; i++)
	{
		uint32		tuple = s->apart_list[i];
		double		most;

		if ((i & 0xff) == 0)
			CHECK_FOR_INTERRUPTS();
		cell_best_open(s, tuple, &most);
		for (uint32 j = g->choice_start[tuple]; j < g->choice_start[tuple + 1]; j++)
		{
			uint32		group = g->choices[j];

			if (g->price[group] * g->weight[tuple] > most + EPSILON && g->nulls[tuple] == 0)
				break;
			if (s->load[group] > 0 || s->seen[group] == s->round)
				continue;
			s->seen[group] = s->round;
			if (n == s->opening_space)
			{
				s->openings = frame_grow(g->memory, s->openings, n, 2 * (Size) n,
										 sizeof(Opening));
				s->opening_space *= 2;
			}
			if (find_joiners(s, group, &s->openings[n].price, &first) == 0)
				continue;
			s->openings[n].price *= 1 + noise * cell_random_share(&s->random);
			s->openings[n++].group = group;
		}
	}
	sort_openings(s->openings, n);
	for (uint32 i = 0; i < n; i++)
	{
		if ((i & 0xff) == 0)
			CHECK_FOR_INTERRUPTS();
		try_open(s, s->openings[i].group);
	}
	for (uint32 i = 0; i < s->napart; i++)
	{
		uint32		tuple = s->apart_list[i];
		double		price;

		if ((i & 0xff) == 0)
			CHECK_FOR_INTERRUPTS();
		if (s->apart[tuple])
			cell_move(s, tuple, cell_best_open(s, tuple, &price));
		s->apart[tuple] = false;
	}
	s->napart = 0;
	return s->load[GROUP_ALL] == 0 || s->load[GROUP_ALL] >= s->problem->k;
}

/*
 * The same with another try for those that all other groups have left over, if
 * these are too few to be a group: then anything that gives them their k is
 * worth it.
 */
static bool
put_together_all(ValueSearch *s)
{
	bool		together = put_together(s);
	uint32		n = s->nundo;

	if (together)
		return true;
	for (uint32 i = 0; i < n; i++)
	{
		uint32		tuple = s->undo[i].tuple;

		if (s->group_of[tuple] == GROUP_ALL && !s->apart[tuple])
			cell_take_apart(s, tuple);
	}
	s->last_resort = true;
	together = put_together(s);
	s->last_resort = false;
	return together;
}

/* Take a group apart, or of a large group only the tuple. */
static void
take_group_apart(ValueSearch *s, uint32 tuple)
{
	const CellGraph *g = s->graph;
	uint32		group = s->group_of[tuple];
	uint32		first;

	if (s->apart[tuple])
		return;
	if (group == GROUP_NONE)
	{
		cell_take_apart(s, tuple);
		return;
	}
	if (group == GROUP_ALL && g->ntuples <= FEW_TUPLES && s->load[group] < 3 * s->problem->k)
	{
		for (uint32 i = 0; i < g->ntuples; i++)
			if (s->group_of[i] == GROUP_ALL)
				cell_take_apart(s, i);
		return;
	}
	if (group == GROUP_ALL || s->load[group] - g->size[tuple] >= 3 * s->problem->k)
	{
		if (s->load[group] - g->size[tuple] >= s->problem->k)
			cell_take_apart(s, tuple);
		return;
	}
	first = g->member_start[group];
	for (uint32 i = first; i < g->member_start[group + 1]; i++)
		if (s->group_of[g->members[i]] == group && !s->apart[g->members[i]])
			cell_take_apart(s, g->members[i]);
}

/* One round of improvement around a tuple. */
static void
improve(ValueSearch *s, uint32 seed, uint32 wanted)
{
	const CellGraph *g = s->graph;
	double		before = s->cost;

	s->nundo = 0;
	s->napart = 0;
	take_group_apart(s, seed);
	for (uint32 tries = 0; tries < 4 * wanted && s->napart > 0 && s->napart < wanted; tries++)
	{
		uint32		tuple = s->apart_list[cell_random_below(&s->random, s->napart)];
		uint32		nchoices = g->choice_start[tuple + 1] - g->choice_start[tuple];
		uint32		group;
		uint32		a;

		if (nchoices == 0)
			continue;
		/* rather a cheap group than a dear one */
		a = cell_random_below(&s->random, nchoices);
		a = cell_random_below(&s->random, a + 1);
		group = g->choices[g->choice_start[tuple] + a];
		tuple = g->members[g->member_start[group] +
						   cell_random_below(&s->random, g->member_start[group + 1] - g->member_start[group])];
		if (tuple < g->nfailing)
			take_group_apart(s, tuple);
	}
	if (s->napart == 0)
		return;
	if (!put_together_all(s) || s->cost > before + EPSILON)
		cell_undo(s, before);
}

/* Whatever it costs: a last group in which everything is suppressed gets its k. */
static void
fill_last_group(ValueSearch *s)
{
	const CellGraph *g = s->graph;

	for (uint32 tuple = g->ntuples; tuple-- > 0 && s->load[GROUP_ALL] < s->problem->k;)
	{
		uint32		group = s->group_of[tuple];

		if (group == GROUP_ALL)
			continue;
		if (group == GROUP_NONE || s->load[group] - g->size[tuple] >= s->problem->k)
			cell_move(s, tuple, GROUP_ALL);
		else
			for (uint32 i = g->member_start[group]; i < g->member_start[group + 1]; i++)
				if (s->group_of[g->members[i]] == group)
					cell_move(s, g->members[i], GROUP_ALL);
	}
}

/* See cells_internal.h. */
uint32 *
cell_search_value(const CellProblem *problem, const CellGraph *graph)
{
	ValueSearch s = {.problem = problem, .graph = graph, .random = 20260101};
	FrameMemory *memory = graph->memory;
	double		bound = 0;
	uint64		rounds;
	uint64		stale_work;
	double		stale_price;

	/* free cells make the price of a group too high for some */
	for (uint32 i = 0; i < graph->nfailing; i++)
		bound += graph->nulls[i] == 0 ? graph->bound[i] * graph->weight[i] : 0;
	s.group_of = frame_alloc(memory, graph->ntuples, sizeof(uint32), false);
	s.load = frame_alloc(memory, graph->ngroups, sizeof(int64), true);
	s.open = frame_alloc(memory, graph->nfailing, sizeof(OpenChoice), false);
	s.apart = frame_alloc(memory, graph->ntuples, sizeof(bool), true);
	s.seen = frame_alloc(memory, graph->ngroups, sizeof(uint32), true);
	s.apart_list = frame_alloc(memory, 2 * (Size) graph->ntuples, sizeof(uint32), false);
	s.undo_space = s.opening_space = s.joiner_space = 1024;
	s.undo = frame_alloc(memory, s.undo_space, sizeof(Undo), false);
	s.openings = frame_alloc(memory, s.opening_space, sizeof(Opening), false);
	s.joiners = frame_alloc(memory, s.joiner_space, sizeof(Joiner), false);

	for (uint32 i = 0; i < graph->ntuples; i++)
		s.group_of[i] = GROUP_NONE;
	for (uint32 i = 0; i < graph->nfailing; i++)
		s.open[i].group = GROUP_NONE;
	for (uint32 i = 0; i < graph->nfailing; i++)
		cell_take_apart(&s, i);
	if (!put_together_all(&s))
		fill_last_group(&s);

	rounds = Min(Max((uint64) graph->nfailing * ROUNDS_PER_TUPLE, MIN_ROUNDS), MAX_ROUNDS);
	stale_price = s.cost;
	stale_work = s.work;
	for (uint64 i = 0; i < rounds && s.work < MAX_WORK && s.cost > bound + EPSILON; i++)
	{
		if ((i & 0xff) == 0)
			CHECK_FOR_INTERRUPTS();
		improve(&s, cell_random_below(&s.random, graph->nfailing),
				MIN_APART + cell_random_below(&s.random, MAX_APART - MIN_APART + 1));
		if (s.work - stale_work < STALE_WORK)
			continue;
		if (stale_price - s.cost < STALE_SAVING * s.cost)
			break;
		stale_work = s.work;
		stale_price = s.cost;
	}
	return s.group_of;
}
