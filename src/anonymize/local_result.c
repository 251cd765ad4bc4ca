/*-------------------------------------------------------------------------
 *
 * local_result.c
 *		The classes of a local recoding as they are released.
 *
 * In the released table rows are in one class if their labels read the same,
 * whatever nodes of the hierarchies these are.  A class whose union with such a
 * neighbour does not hold must not be released beside it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#include "anonymize/local_internal.h"

/* The texts of the label of a class, as numbers. */
static void
label_texts(const LocalProblem *p, int32 class, uint32 *texts)
{
	const uint32 *label = local_label(p, class);

	for (int j = 0; j < p->ncolumns; j++)
		texts[j] = p->columns[j].text[label[j]];
}

/* Do the labels of two classes read the same? */
static bool
same_texts(const LocalProblem *p, int32 a, const uint32 *texts)
{
	const uint32 *label = local_label(p, a);

	for (int j = 0; j < p->ncolumns; j++)
		if (p->columns[j].text[label[j]] != texts[j])
			return false;
	return true;
}

/* Would two classes together hold? */
static bool
union_holds(LocalProblem *p, int32 a, int32 b)
{
	const LocalClass *x = &p->classes[a];
	const LocalClass *y = &p->classes[b];

	if (x->size + y->size < p->least_size || x->cost >= LOCAL_FORBIDDEN || y->cost >= LOCAL_FORBIDDEN)
		return false;
	return p->simple ||
		local_check(p->checker, local_members_of_both(p, a, b), x->ntuples + y->ntuples);
}

/* The tuples of a class join those of another, whose labels read the same. */
static void
unite(LocalProblem *p, int32 into, int32 from, bool holds)
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
	a->holds = holds;
	b->ntuples = 0;
	b->first = LOCAL_NONE;
}

/*
 * Make one of the classes whose labels read the same: those that hold first,
 * for they will be one; then whatever else makes a class that holds.
 */
static void
merge_equal(LocalProblem *p)
{
	uint32		size = 16;
	uint32		mask;
	int32	   *slot;
	uint32	   *texts = palloc(sizeof(uint32) * Max(p->ncolumns, 1));

	while (size < (uint32) p->ntuples * 2)
		size *= 2;
	mask = size - 1;
	slot = frame_alloc(p->memory, size, sizeof(int32), false);
	for (uint32 s = 0; s < size; s++)
		slot[s] = LOCAL_NONE;
	for (int holding = 1; holding >= 0; holding--)
		for (int32 c = 0; c < p->ntuples; c++)
		{
			uint32		s;

			if (p->classes[c].ntuples == 0 || p->classes[c].records == 0 ||
				p->classes[c].holds != holding)
				continue;
			if ((c & 0xFFFF) == 0)
				CHECK_FOR_INTERRUPTS();
			label_texts(p, c, texts);
			s = hash_bytes((const unsigned char *) texts, (int) sizeof(uint32) * p->ncolumns) & mask;
			while (slot[s] != LOCAL_NONE && slot[s] != c && !same_texts(p, slot[s], texts))
				s = (s + 1) & mask;
			if (slot[s] == LOCAL_NONE)
				slot[s] = c;
			else if (slot[s] != c)
			{
				bool		holds = union_holds(p, slot[s], c);

				/* a class that fails is suppressed rather than spoil one that holds */
				if (holds || holding || !p->classes[slot[s]].holds)
					unite(p, slot[s], c, holds);
			}
		}
	frame_release(p->memory, slot, size, sizeof(int32));
	pfree(texts);
}

/* Number the classes that are released, and suppress the others. */
static void
number_classes(LocalProblem *p, LocalPartition *result, int32 *number)
{
	int32		n = 0;
	int32		suppressed;
	int64		all = 0;
	LocalReleased *released;

	for (int32 c = 0; c < p->ntuples; c++)
	{
		number[c] = LOCAL_SUPPRESSED;
		if (p->classes[c].ntuples == 0)
			continue;
		all += p->classes[c].records;
		n += p->classes[c].holds && p->classes[c].records > 0;
	}
	released = frame_alloc(p->memory, Max(n, 1), sizeof(LocalReleased), false);
	n = 0;
	result->suppressed = all;
	for (int32 c = 0; c < p->ntuples; c++)
	{
		const LocalClass *class = &p->classes[c];
		LocalReleased *next = &released[n];

		if ((c & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		if (class->ntuples == 0 || class->records == 0 || !class->holds)
			continue;
		*next = (LocalReleased) {class->size, class->records, class->cost, c};
		if (p->checker != NULL)
			next->size = local_check_size(p->checker, local_members(p, c), class->ntuples);
		result->suppressed -= class->records;
		n++;
	}
	suppressed = p->policy->ntable == 0 ? 0
		: local_table_suppress(p->policy, released, n, p->limit - result->suppressed);
	result->holds = suppressed >= 0;
	result->spared = suppressed == 0;
	for (int32 i = 0; i < n; i++)
		if (i < suppressed)
			result->suppressed += released[i].records;
		else
		{
			number[released[i].class] = (int32) result->nclasses++;
			if (result->smallest == 0 || released[i].size < result->smallest)
				result->smallest = released[i].size;
		}
	frame_release(p->memory, released, Max(n, 1), sizeof(LocalReleased));
}

/* See local_internal.h. */
LocalPartition *
local_result(LocalProblem *p)
{
	LocalPartition *result = palloc0(sizeof(LocalPartition));
	int			nquasi = p->table->nquasi;
	Size		n = Max(p->ntuples, 1);
	int32	   *label_of = local_save(p);
	int32	   *number = frame_alloc(p->memory, n, sizeof(int32), false);

	merge_equal(p);
	number_classes(p, result, number);
	result->ntuples = p->ntuples;
	result->words = p->keys.words;
	result->keys = p->keys.keys;
	result->records = p->records;
	result->class_of = frame_alloc(p->memory, n, sizeof(int32), false);
	result->levels = frame_alloc(p->memory, n * Max(nquasi, 1), sizeof(uint8), true);
	for (int32 i = 0; i < p->ntuples; i++)
	{
		const uint32 *label = local_label(p, label_of[i]);

		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		result->class_of[i] = number[p->class_of[i]];
		if (result->class_of[i] == LOCAL_SUPPRESSED)
			continue;
		for (int j = 0; j < nquasi; j++)
			result->levels[(Size) i * nquasi + p->columns[j].quasi] = p->columns[j].level[label[j]];
	}
	result->loss = local_quality(p, result, label_of);
	frame_release(p->memory, number, n, sizeof(int32));
	frame_release(p->memory, label_of, n, sizeof(int32));
	return result;
}

/* See local_internal.h. */
void
local_result_free(LocalProblem *p, LocalPartition *result)
{
	Size		n = Max(p->ntuples, 1);

	frame_release(p->memory, result->class_of, n, sizeof(int32));
	frame_release(p->memory, result->levels, n * Max(p->table->nquasi, 1), sizeof(uint8));
	pfree(result);
}
