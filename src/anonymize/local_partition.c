/*-------------------------------------------------------------------------
 *
 * local_partition.c
 *		Classes of tuples: their labels, costs and verdicts.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "anonymize/local_internal.h"

/* See local_internal.h. */
int32 *
local_members(LocalProblem *p, int32 class)
{
	int32		n = 0;

	for (int32 t = p->classes[class].first; t != LOCAL_NONE; t = p->next[t])
		p->members[n++] = t;
	return p->members;
}

/* See local_internal.h. */
int32 *
local_members_of_both(LocalProblem *p, int32 a, int32 b)
{
	int32		n = 0;

	for (int32 t = p->classes[a].first; t != LOCAL_NONE; t = p->next[t])
		p->members[n++] = t;
	for (int32 t = p->classes[b].first; t != LOCAL_NONE; t = p->next[t])
		p->members[n++] = t;
	return p->members;
}

/* See local_internal.h. */
bool
local_holds(LocalProblem *p, int32 class)
{
	LocalClass *c = &p->classes[class];

	c->holds = c->records == 0 || (c->size >= p->least_size && c->cost < LOCAL_FORBIDDEN);
	if (c->holds && c->records > 0 && !p->simple)
		c->holds = local_check(p->checker, local_members(p, class), c->ntuples);
	return c->holds;
}

/* See local_internal.h. */
void
local_singletons(LocalProblem *p)
{
	for (int32 i = 0; i < p->ntuples; i++)
	{
		LocalClass *c = &p->classes[i];

		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		p->class_of[i] = i;
		p->next[i] = LOCAL_NONE;
		memcpy(local_label(p, i), local_tuple(p, i), sizeof(uint32) * p->ncolumns);
		c->records = p->records[i];
		c->size = p->size[i];
		c->cost = local_cost(p, local_tuple(p, i));
		c->ntuples = 1;
		c->first = i;
		c->stamp++;
		local_holds(p, i);
	}
}

/* See local_internal.h. */
void
local_merge(LocalProblem *p, int32 into, int32 from)
{
	LocalClass *a = &p->classes[into];
	LocalClass *b = &p->classes[from];
	int32		last = b->first;

	for (int32 t = b->first; t != LOCAL_NONE; t = p->next[t])
	{
		p->class_of[t] = into;
		last = t;
	}
	p->next[last] = a->first;
	a->first = b->first;
	a->ntuples += b->ntuples;
	a->records += b->records;
	a->size += b->size;
	a->cost = local_join(p, local_label(p, into), local_label(p, from));
	a->stamp++;
	b->stamp++;
	b->ntuples = 0;
	b->first = LOCAL_NONE;
	local_holds(p, into);
}

/* See local_internal.h. */
void
local_move(LocalProblem *p, int32 tuple, int32 into)
{
	LocalClass *from = &p->classes[p->class_of[tuple]];
	int32	   *link = &from->first;

	while (*link != tuple)
		link = &p->next[*link];
	*link = p->next[tuple];
	from->ntuples--;
	p->class_of[tuple] = into;
	p->next[tuple] = p->classes[into].first;
	p->classes[into].first = tuple;
	p->classes[into].ntuples++;
}

/* See local_internal.h. */
void
local_measure(LocalProblem *p, int32 class)
{
	LocalClass *c = &p->classes[class];

	c->stamp++;
	c->records = c->size = 0;
	for (int32 t = c->first; t != LOCAL_NONE; t = p->next[t])
	{
		if (t == c->first)
		{
			memcpy(local_label(p, class), local_tuple(p, t), sizeof(uint32) * p->ncolumns);
			c->cost = local_cost(p, local_tuple(p, t));
		}
		else
			c->cost = local_join(p, local_label(p, class), local_tuple(p, t));
		c->records += p->records[t];
		c->size += p->size[t];
	}
	if (c->ntuples > 0)
		local_holds(p, class);
}

/* See local_internal.h. */
int32 *
local_save(const LocalProblem *p)
{
	int32	   *class_of = frame_alloc(p->memory, Max(p->ntuples, 1), sizeof(int32), false);

	memcpy(class_of, p->class_of, sizeof(int32) * p->ntuples);
	return class_of;
}

/* See local_internal.h. */
void
local_restore(LocalProblem *p, const int32 *class_of)
{
	for (int32 c = 0; c < p->ntuples; c++)
	{
		p->classes[c].ntuples = 0;
		p->classes[c].first = LOCAL_NONE;
	}
	for (int32 t = 0; t < p->ntuples; t++)
	{
		LocalClass *c = &p->classes[class_of[t]];

		p->class_of[t] = class_of[t];
		p->next[t] = c->first;
		c->first = t;
		c->ntuples++;
	}
	for (int32 c = 0; c < p->ntuples; c++)
	{
		if ((c & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		local_measure(p, c);
	}
}
