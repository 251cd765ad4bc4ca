/*-------------------------------------------------------------------------
 *
 * classes.c
 *		The equivalence classes of a node: sizes and sensitive values.
 *
 * Where the policy names a person, the weights of the tuples count a person
 * once a tuple.  A class that holds several tuples of one person counts that
 * person several times; the persons concerned are known, and the surplus is
 * taken away class by class.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "anonymize/classes.h"

/*
 * The tuples of a node with their counts, listed by class: what histograms of
 * sensitive columns are made of.
 */
struct ClassTuples
{
	Grouper    *grouper;		/* of the tuples */
	uint64		kept[PATH_MAX_WORDS];	/* sensitive bits that the tuples have */
	PathTuples	tuples;
	int64	   *count;			/* records or persons, by position of the tuple */
	int64	   *members;		/* those of class c are members[start[c]] .. members[start[c + 1] - 1] */
	int64	   *start;
	int64	   *class;			/* of each tuple */
	int64		count_capacity;
	int64		members_capacity;
	int64		class_capacity;
	int64		start_capacity;
};

/* So many tuples of a person are compared with each other; more are looked up. */
#define FEW_TUPLES		8

/* The bits of a sensitive column in its word of the key. */
static uint64
sensitive_mask(const PathSensitive *s)
{
	return s->bits == 0 ? 0 : (~UINT64CONST(0) >> (64 - s->bits)) << s->shift;
}

/* The value of a sensitive column in a key. */
static inline uint32
sensitive_code(const PathSensitive *s, const uint64 *key)
{
	return s->bits == 0 ? 0 : (key[s->word] & sensitive_mask(s)) >> s->shift;
}

/* Lists of tuples by class: one for all sensitive columns, or one for each, or both. */
static void
create_lists(ClassCounter *c)
{
	const PathTable *t = c->table;

	c->nlists = c->persons ? t->nsensitive : 1;
	c->lists = palloc0(sizeof(ClassTuples) * c->nlists);
	for (int i = 0; i < c->nlists; i++)
	{
		ClassTuples *list = &c->lists[i];

		if (c->nlists == 1)
		{
			list->grouper = c->grouper;
			memcpy(list->kept, t->kept, sizeof(uint64) * t->words);
		}
		else
		{
			list->grouper = grouper_create(t->words, c->memory);
			list->kept[t->sensitive[i].word] = sensitive_mask(&t->sensitive[i]);
		}
	}
	if (c->ncombined == t->nsensitive && c->nlists == 1)
		c->combined = &c->lists[0];
	else if (c->ncombined > 0)
	{
		/* a column that is not looked at must not tell tuples apart */
		c->combined = palloc0(sizeof(ClassTuples));
		c->combined->grouper = c->ncombined == t->nsensitive ? c->grouper :
			grouper_create(t->words, c->memory);
		for (int i = 0; i < c->ncombined; i++)
			c->combined->kept[t->sensitive[i].word] |= sensitive_mask(&t->sensitive[i]);
	}
}

/* See classes.h. */
ClassCounter *
class_counter_create(const PathTable *table, FrameMemory *memory, Grouper *grouper,
					 bool persons, bool values, int combined)
{
	ClassCounter *c = palloc0(sizeof(ClassCounter));
	int			widest = 1;

	c->table = table;
	c->memory = memory;
	c->grouper = grouper;
	c->persons = persons;
	c->values = values;
	c->ncombined = combined;
	if (values)
	{
		c->by_class = grouper_create(table->words, memory);
		create_lists(c);
	}
	for (int j = 0; j < table->nsensitive; j++)
		widest = Max(widest, table->sensitive[j].nvalues);
	c->hist_values = frame_alloc(memory, widest, sizeof(uint32), false);
	c->hist_counts = frame_alloc(memory, widest, sizeof(int64), false);
	c->hist_slot = frame_alloc(memory, widest, sizeof(int64), false);
	for (int v = 0; v < widest; v++)
		c->hist_slot[v] = -1;
	return c;
}

/* A buffer for at least n elements, *capacity of which it has; its content is not kept. */
static void *
larger(ClassCounter *c, void *buffer, int64 *capacity, int64 n, Size element)
{
	int64		old = *capacity;

	*capacity = 0;
	frame_release(c->memory, buffer, old, element);
	buffer = frame_alloc(c->memory, Max(n, 1024), element, false);
	*capacity = Max(n, 1024);
	return buffer;
}

/* Buffers for n classes. */
static void
reserve(ClassCounter *c, int64 n)
{
	if (n > c->size_capacity)
		c->size = larger(c, c->size, &c->size_capacity, n, sizeof(int64));
	if (n > c->verdict_capacity)
		c->verdict = larger(c, c->verdict, &c->verdict_capacity, n, sizeof(uint8));
}

/* Do the keys agree under the mask? */
static inline bool
same_place(const uint64 *a, const uint64 *b, const uint64 *mask, int words)
{
	uint64		differs = 0;

	for (int w = 0; w < words; w++)
		differs |= (a[w] ^ b[w]) & mask[w];
	return differs == 0;
}

/*
 * Counts of what a grouper has found under a mask: records, or distinct
 * persons, that is the person weights without their surplus.
 */
static void
effective_counts(ClassCounter *c, Grouper *grouper, const PathTuples *found, const uint64 *mask,
				 int64 *counts)
{
	const PathTable *t = c->table;
	int			words = t->words;

	for (int64 i = 0; i < found->n; i++)
		counts[i] = c->persons ? WEIGHT_PERSONS(found->weights[i])
			: WEIGHT_RECORDS(found->weights[i]);
	if (!c->persons || t->nmulti == 0)
		return;

	if (found->n > c->last_person_capacity)
		c->last_person = larger(c, c->last_person, &c->last_person_capacity, found->n, sizeof(int64));
	memset(c->last_person, 0xFF, sizeof(int64) * found->n);

	/* every tuple of a person but the first in the same place is surplus */
	for (int64 p = 0; p < t->nmulti; p++)
	{
		const uint64 *keys = t->multi_keys + t->start[p] * words;
		int64		n = t->start[p + 1] - t->start[p];

		CHECK_FOR_INTERRUPTS();
		if (n <= FEW_TUPLES)
		{
			/* comparing them is cheaper than looking them up */
			for (int64 i = 1; i < n; i++)
				for (int64 k = 0; k < i; k++)
					if (same_place(keys + i * words, keys + k * words, mask, words))
					{
						counts[grouper_find(grouper, keys + i * words)]--;
						break;
					}
			continue;
		}
		for (int64 i = 0; i < n; i++)
		{
			int64		at = grouper_find(grouper, keys + i * words);

			if (c->last_person[at] == p)
				counts[at]--;
			c->last_person[at] = p;
		}
	}
}

/* The tuples of a node with their counts, listed by class. */
static void
list_tuples(ClassCounter *c, ClassTuples *list)
{
	const PathTuples *classes = &c->classes;
	int			words = c->table->words;
	uint64		mask[PATH_MAX_WORDS];

	for (int w = 0; w < words; w++)
		mask[w] = c->class_mask[w] | list->kept[w];
	if (list->grouper == c->grouper)
		list->tuples = c->tuples;
	else
		grouper_group(list->grouper, &c->tuples, mask, true, &list->tuples);
	if (list->tuples.n > list->count_capacity)
		list->count = larger(c, list->count, &list->count_capacity, list->tuples.n, sizeof(int64));
	if (list->tuples.n > list->members_capacity)
		list->members = larger(c, list->members, &list->members_capacity, list->tuples.n, sizeof(int64));
	if (list->tuples.n > list->class_capacity)
		list->class = larger(c, list->class, &list->class_capacity, list->tuples.n, sizeof(int64));
	if (classes->n + 1 > list->start_capacity)
		list->start = larger(c, list->start, &list->start_capacity, classes->n + 1, sizeof(int64));
	effective_counts(c, list->grouper, &list->tuples, mask, list->count);

	memset(list->start, 0, sizeof(int64) * (classes->n + 1));
	for (int64 i = 0; i < list->tuples.n; i++)
	{
		list->class[i] = grouper_find(c->by_class, list->tuples.keys + i * words);
		list->start[list->class[i] + 1]++;
	}
	for (int64 k = 0; k < classes->n; k++)
		list->start[k + 1] += list->start[k];
	for (int64 i = 0; i < list->tuples.n; i++)
		list->members[list->start[list->class[i]]++] = i;
	for (int64 k = classes->n; k > 0; k--)
		list->start[k] = list->start[k - 1];
	list->start[0] = 0;
}

/* See classes.h. */
void
class_counter_histogram(ClassCounter *c, int64 class, int sensitive, PrivacyClass *result)
{
	const PathSensitive *s = &c->table->sensitive[sensitive];
	const ClassTuples *list = &c->lists[c->nlists == 1 ? 0 : sensitive];
	int			words = c->table->words;
	int			n = 0;

	result->total = 0;
	for (int64 m = list->start[class]; m < list->start[class + 1]; m++)
	{
		int64		i = list->members[m];
		uint32		value = sensitive_code(s, list->tuples.keys + i * words);

		if (c->hist_slot[value] < 0)
		{
			c->hist_slot[value] = n;
			c->hist_values[n] = value;
			c->hist_counts[n++] = 0;
		}
		c->hist_counts[c->hist_slot[value]] += list->count[i];
		result->total += list->count[i];
	}
	for (int v = 0; v < n; v++)
		c->hist_slot[c->hist_values[v]] = -1;
	result->nvalues = n;
	result->values = c->hist_values;
	result->counts = c->hist_counts;
}

/* See classes.h. */
int64
class_counter_find(const ClassCounter *c, const uint64 *key)
{
	return grouper_find(c->values ? c->by_class : c->grouper, key);
}

/* See classes.h. */
void
class_counter_group(ClassCounter *c, const PathTuples *source, const uint64 *mask,
					const uint64 *class_mask)
{
	memcpy(c->class_mask, class_mask, sizeof(uint64) * c->table->words);
	grouper_group(c->grouper, source, mask, c->persons, &c->tuples);
	c->classes = c->tuples;
	if (c->values)
		grouper_group(c->by_class, &c->tuples, class_mask, true, &c->classes);
	reserve(c, c->classes.n);
	effective_counts(c, c->values ? c->by_class : c->grouper, &c->classes, class_mask, c->size);
}

/* See classes.h. */
void
class_counter_list(ClassCounter *c)
{
	for (int i = 0; i < c->nlists; i++)
		list_tuples(c, &c->lists[i]);
	if (c->combined != NULL && c->combined != &c->lists[0])
		list_tuples(c, c->combined);
}

/* See classes.h. */
void
class_counter_combinations(ClassCounter *c, int64 class, PrivacyClass *result)
{
	const PathTable *t = c->table;
	const ClassTuples *list = c->combined;
	int64		n = list->start[class + 1] - list->start[class];
	uint32	   *code;

	if (n * c->ncombined > c->combinations_capacity)
		c->combinations = larger(c, c->combinations, &c->combinations_capacity,
								 n * c->ncombined, sizeof(uint32));
	code = c->combinations;
	for (int64 m = list->start[class]; m < list->start[class + 1]; m++)
	{
		const uint64 *key = list->tuples.keys + list->members[m] * t->words;

		for (int j = 0; j < c->ncombined; j++)
			*code++ = sensitive_code(&t->sensitive[j], key);
	}
	result->ncolumns = c->ncombined;
	result->ntuples = n;
	result->tuples = c->combinations;
}

/* See classes.h. */
int64 *
class_counter_values(ClassCounter *c, int sensitive)
{
	const PathSensitive *s = &c->table->sensitive[sensitive];
	int64	   *counts = frame_alloc(c->memory, Max(s->nvalues, 1), sizeof(int64), true);
	uint64		mask[PATH_MAX_WORDS] = {0};
	PathTuples	found;

	if (s->bits > 0)
		mask[s->word] = sensitive_mask(s);
	grouper_group(c->grouper, &c->table->tuples, mask, true, &found);
	reserve(c, found.n);
	effective_counts(c, c->grouper, &found, mask, c->size);
	for (int64 i = 0; i < found.n; i++)
		counts[sensitive_code(s, found.keys + i * c->table->words)] = c->size[i];
	return counts;
}
