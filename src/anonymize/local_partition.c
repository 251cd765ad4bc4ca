/*-------------------------------------------------------------------------
 *
 * local_partition.c
 *		Classes of tuples: their labels, costs and verdicts, and the partition
 *		that comes out in the end.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#include "anonymize/local_internal.h"
#include "anonymize/loss.h"

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
bool
local_holds(LocalProblem *p, int32 class)
{
	LocalClass *c = &p->classes[class];

	c->holds = c->size >= p->least_size && c->cost < LOCAL_FORBIDDEN;
	if (c->holds && !p->simple)
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

/* Merge classes with equal labels: they are one in the table that is released. */
static void
merge_equal(LocalProblem *p)
{
	uint32		size = 16;
	uint32		mask;
	int32	   *slot;

	while (size < (uint32) p->ntuples * 2)
		size *= 2;
	mask = size - 1;
	slot = frame_alloc(p->memory, size, sizeof(int32), false);
	for (uint32 s = 0; s < size; s++)
		slot[s] = LOCAL_NONE;
	for (int32 c = 0; c < p->ntuples; c++)
	{
		uint32		s;

		if (p->classes[c].ntuples == 0)
			continue;
		if ((c & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		s = hash_bytes((const unsigned char *) local_label(p, c),
					   (int) sizeof(uint32) * p->ncolumns) & mask;
		while (slot[s] != LOCAL_NONE &&
			   memcmp(local_label(p, slot[s]), local_label(p, c), sizeof(uint32) * p->ncolumns) != 0)
			s = (s + 1) & mask;
		if (slot[s] == LOCAL_NONE)
			slot[s] = c;
		else
			local_merge(p, slot[s], c);
	}
	frame_release(p->memory, slot, size, sizeof(int32));
}

/* The loss of the result as the policy wants it. */
static double
result_loss(LocalProblem *p, const LocalPartition *result)
{
	const PathTable *t = p->table;
	double		losses[MAX_QUASI];
	double		weights = 0;

	for (int j = 0; j < t->nquasi; j++)
	{
		const PathColumn *column = &t->quasi[j];
		double		sum = 0;

		weights += p->policy->quasi[j].weight;

		for (int64 i = 0; i < result->ntuples; i++)
		{
			int32		c = result->class_of[i];
			int64		cost = column->denominator;

			if (c != LOCAL_SUPPRESSED)
			{
				int			level = result->levels[(Size) c * t->nquasi + j];

				cost = path_cost(column, level,
								 local_code(column, level,
											path_code(column, result->keys + i * result->words)));
			}
			sum += (double) cost * result->records[i];
		}
		losses[j] = t->records == 0 ? 0 : sum / ((double) t->records * (double) column->denominator);
	}
	return loss_aggregate(p->policy, weights, losses);
}

/* See local_internal.h. */
LocalPartition *
local_result(LocalProblem *p)
{
	LocalPartition *result = palloc0(sizeof(LocalPartition));
	int			nquasi = p->table->nquasi;
	int32	   *number = frame_alloc(p->memory, Max(p->ntuples, 1), sizeof(int32), false);
	int32		n = 0;

	merge_equal(p);
	for (int32 c = 0; c < p->ntuples; c++)
	{
		number[c] = LOCAL_SUPPRESSED;
		if (p->classes[c].ntuples == 0)
			continue;
		if (!p->classes[c].holds)
			result->suppressed += p->classes[c].records;
		else
			number[c] = n++;
	}
	result->ntuples = p->ntuples;
	result->words = p->keys.words;
	result->keys = p->keys.keys;
	result->nclasses = n;
	result->records = frame_alloc(p->memory, Max(p->ntuples, 1), sizeof(int64), false);
	result->class_of = frame_alloc(p->memory, Max(p->ntuples, 1), sizeof(int32), false);
	result->levels = frame_alloc(p->memory, Max((Size) n * nquasi, 1), sizeof(uint8), false);
	for (int32 i = 0; i < p->ntuples; i++)
	{
		result->records[i] = p->records[i];
		result->class_of[i] = number[p->class_of[i]];
	}
	for (int32 c = 0; c < p->ntuples; c++)
	{
		int64		size = p->classes[c].size;

		if ((c & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		if (number[c] == LOCAL_SUPPRESSED)
			continue;
		for (int j = 0; j < nquasi; j++)
			result->levels[(Size) number[c] * nquasi + p->columns[j].quasi] =
				p->columns[j].level[local_label(p, c)[j]];
		if (p->checker != NULL)
			size = local_check_size(p->checker, local_members(p, c), p->classes[c].ntuples);
		if (result->smallest == 0 || size < result->smallest)
			result->smallest = size;
	}
	result->loss = result_loss(p, result);
	frame_release(p->memory, number, Max(p->ntuples, 1), sizeof(int32));
	return result;
}
