/*-------------------------------------------------------------------------
 *
 * cells_moves.c
 *		Cell suppression where NULL is a value of its own: tuples move from
 *		group to group, and know the cheapest group that is open to them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "anonymize/cells_internal.h"

/* A group was opened: it may be the cheapest for its members. */
static void
note_opened(ValueSearch *s, uint32 group)
{
	const CellGraph *g = s->graph;

	for (uint32 i = g->member_start[group]; i < g->member_start[group + 1]; i++)
	{
		uint32		tuple = g->members[i];
		OpenChoice *open = &s->open[tuple];
		double		price;

		if (tuple >= g->nfailing || open->group == NOT_KNOWN)
			continue;
		price = cell_price_in(s->problem, g, tuple, group);
		if (open->group == GROUP_NONE || price < open->price ||
			(price == open->price && group < open->group))
			*open = (OpenChoice) {group, price};
	}
}

/* A group was closed: its members have to look for another one. */
static void
note_closed(ValueSearch *s, uint32 group)
{
	const CellGraph *g = s->graph;

	for (uint32 i = g->member_start[group]; i < g->member_start[group + 1]; i++)
	{
		uint32		tuple = g->members[i];

		if (tuple < g->nfailing && s->open[tuple].group == group)
			s->open[tuple].group = NOT_KNOWN;
	}
}

/* Put a tuple into a group, or into none. */
static void
set_group(ValueSearch *s, uint32 tuple, uint32 group)
{
	int64		size = s->graph->size[tuple];
	uint32		from = s->group_of[tuple];

	if (from == group)
		return;
	s->group_of[tuple] = group;
	if (from != GROUP_NONE)
	{
		s->load[from] -= size;
		if (s->load[from] == 0 && from != GROUP_ALL)
			note_closed(s, from);
	}
	if (group != GROUP_NONE)
	{
		s->load[group] += size;
		if (s->load[group] == size && group != GROUP_ALL)
			note_opened(s, group);
	}
}

/* See cells_internal.h. */
void
cell_move(ValueSearch *s, uint32 tuple, uint32 group)
{
	if (s->nundo == s->undo_space)
	{
		s->undo = frame_grow(s->graph->memory, s->undo, s->undo_space, 2 * s->undo_space,
							 sizeof(Undo));
		s->undo_space *= 2;
	}
	s->undo[s->nundo].tuple = tuple;
	s->undo[s->nundo++].group = s->group_of[tuple];
	s->cost -= cell_price_of(s, tuple);
	set_group(s, tuple, group);
	s->cost += cell_price_of(s, tuple);
}

/* See cells_internal.h. */
void
cell_undo(ValueSearch *s, double cost)
{
	while (s->nundo > 0)
	{
		Undo	   *u = &s->undo[--s->nundo];

		set_group(s, u->tuple, u->group);
	}
	s->cost = cost;
}

/* See cells_internal.h. */
void
cell_take_apart(ValueSearch *s, uint32 tuple)
{
	s->apart[tuple] = true;
	s->apart_list[s->napart++] = tuple;
	cell_move(s, tuple, GROUP_NONE);
}

/* See cells_internal.h. */
void
cell_find_open(ValueSearch *s, uint32 tuple)
{
	const CellGraph *g = s->graph;
	OpenChoice *open = &s->open[tuple];

	open->group = GROUP_NONE;
	for (uint32 i = g->choice_start[tuple]; i < g->choice_start[tuple + 1]; i++)
		if (s->load[g->choices[i]] > 0)
		{
			double		price = cell_price_in(s->problem, g, tuple, g->choices[i]);

			if (open->group == GROUP_NONE || price < open->price)
				*open = (OpenChoice) {g->choices[i], price};
			/* free cells aside, the choices are sorted by price */
			if (g->nulls[tuple] == 0)
				break;
		}
}
