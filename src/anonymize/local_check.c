/*-------------------------------------------------------------------------
 *
 * local_check.c
 *		The verdict of a policy's requirements on some tuples, taken together as
 *		a class.
 *
 * The same counting as in classes.c, for one class of any tuples instead of
 * all classes of a node.  A person with several tuples in the class is one
 * person, and one of each value.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "anonymize/local_internal.h"

struct LocalChecker
{
	const LocalProblem *problem;
	const PathTable *table;
	bool		persons;
	int64	   *start;			/* full tuples of tuple i: full[start[i]] .. full[start[i + 1] - 1] */
	int64	   *full;			/* positions in PathTable.tuples */
	/* persons with several tuples, by full tuple; NULL if there are none */
	int64	   *person_start;
	int32	   *person;
	uint32	   *seen;			/* by such person: the last check that met it */
	uint32		checks;
	/* the histogram of one class */
	uint32	   *hist_values;
	int64	   *hist_counts;
	int32	   *hist_slot;		/* by value: position in the histogram, or LOCAL_NONE */
	/* pairs of a person and a value, and combinations of values, of one class */
	uint64	   *pairs;
	int64		npairs;
	uint32	   *combinations;
	int64		ncombinations;
};

/* Turn counts a[1 .. n] into starts a[0 .. n]. */
static void
counts_to_starts(int64 *a, int64 n)
{
	for (int64 i = 0; i < n; i++)
		a[i + 1] += a[i];
}

/* Undo what filling from the starts has moved. */
static void
move_back(int64 *a, int64 n)
{
	for (int64 i = n; i > 0; i--)
		a[i] = a[i - 1];
	a[0] = 0;
}

/* The full tuples of each tuple. */
static void
list_full(LocalChecker *c, Grouper *grouper, int64 n)
{
	const PathTuples *all = &c->table->tuples;
	FrameMemory *memory = c->problem->memory;

	c->start = frame_alloc(memory, n + 1, sizeof(int64), true);
	c->full = frame_alloc(memory, Max(all->n, 1), sizeof(int64), false);
	for (int64 i = 0; i < all->n; i++)
	{
		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		c->start[grouper_find(grouper, all->keys + i * all->words) + 1]++;
	}
	counts_to_starts(c->start, n);
	for (int64 i = 0; i < all->n; i++)
		c->full[c->start[grouper_find(grouper, all->keys + i * all->words)]++] = i;
	move_back(c->start, n);
}

/* The persons with several tuples, by tuple. */
static void
list_persons(LocalChecker *c)
{
	const PathTable *t = c->table;
	const PathTuples *all = &t->tuples;
	FrameMemory *memory = c->problem->memory;
	int64		entries = t->start[t->nmulti];
	uint64		mask[PATH_MAX_WORDS];
	int64	   *position = frame_alloc(memory, Max(all->n, 1), sizeof(int64), false);
	Grouper    *grouper = grouper_create(t->words, memory);
	PathTuples	found;

	for (int w = 0; w < t->words; w++)
		mask[w] = t->full[w] | t->kept[w];
	grouper_group(grouper, all, mask, true, &found);
	for (int64 i = 0; i < all->n; i++)
		position[grouper_find(grouper, all->keys + i * all->words)] = i;

	c->person_start = frame_alloc(memory, all->n + 1, sizeof(int64), true);
	c->person = frame_alloc(memory, Max(entries, 1), sizeof(int32), false);
	c->seen = frame_alloc(memory, t->nmulti, sizeof(uint32), true);
	for (int64 e = 0; e < entries; e++)
		c->person_start[position[grouper_find(grouper, t->multi_keys + e * t->words)] + 1]++;
	counts_to_starts(c->person_start, all->n);
	for (int64 p = 0; p < t->nmulti; p++)
		for (int64 e = t->start[p]; e < t->start[p + 1]; e++)
			c->person[c->person_start[position[grouper_find(grouper, t->multi_keys + e * t->words)]]++] =
				(int32) p;
	move_back(c->person_start, all->n);
	grouper_end(grouper);
	frame_release(memory, position, Max(all->n, 1), sizeof(int64));
}

/* See local_internal.h. */
LocalChecker *
local_checker_create(LocalProblem *p, Grouper *grouper)
{
	LocalChecker *c = palloc0(sizeof(LocalChecker));
	int			widest = 1;

	c->problem = p;
	c->table = p->table;
	c->persons = p->policy->person != NULL;
	list_full(c, grouper, p->keys.n);
	if (c->persons && p->table->nmulti > 0)
		list_persons(c);
	for (int j = 0; j < p->table->nsensitive; j++)
		widest = Max(widest, p->table->sensitive[j].nvalues);
	c->hist_values = frame_alloc(p->memory, widest, sizeof(uint32), false);
	c->hist_counts = frame_alloc(p->memory, widest, sizeof(int64), false);
	c->hist_slot = frame_alloc(p->memory, widest, sizeof(int32), false);
	for (int v = 0; v < widest; v++)
		c->hist_slot[v] = LOCAL_NONE;
	return c;
}

/* See local_internal.h. */
int64
local_check_size(LocalChecker *c, const int32 *tuples, int32 n)
{
	int64		size = 0;

	c->checks++;
	for (int32 i = 0; i < n; i++)
	{
		size += c->problem->size[tuples[i]];
		if (c->person_start == NULL)
			continue;
		for (int64 f = c->start[tuples[i]]; f < c->start[tuples[i] + 1]; f++)
			for (int64 e = c->person_start[c->full[f]]; e < c->person_start[c->full[f] + 1]; e++)
			{
				if (c->seen[c->person[e]] == c->checks)
					size--;
				c->seen[c->person[e]] = c->checks;
			}
	}
	return size;
}

static int
compare_uint64(const void *a, const void *b)
{
	uint64		x = *(const uint64 *) a;
	uint64		y = *(const uint64 *) b;

	return x < y ? -1 : x > y;
}

/* The histogram of a sensitive column in a class. */
static void
histogram(LocalChecker *c, const int32 *tuples, int32 n, int sensitive, PrivacyClass *class)
{
	const PathSensitive *s = &c->table->sensitive[sensitive];
	const PathTuples *all = &c->table->tuples;
	int64		npairs = 0;

	class->nvalues = 0;
	class->total = 0;
	for (int32 i = 0; i < n; i++)
		for (int64 f = c->start[tuples[i]]; f < c->start[tuples[i] + 1]; f++)
		{
			int64		at = c->full[f];
			uint32		value = local_sensitive_code(s, all->keys + at * all->words);
			int64		count = c->persons ? WEIGHT_PERSONS(all->weights[at])
				: WEIGHT_RECORDS(all->weights[at]);

			if (c->hist_slot[value] == LOCAL_NONE)
			{
				c->hist_slot[value] = class->nvalues;
				c->hist_values[class->nvalues] = value;
				c->hist_counts[class->nvalues++] = 0;
			}
			c->hist_counts[c->hist_slot[value]] += count;
			class->total += count;
			if (c->person_start == NULL)
				continue;
			for (int64 e = c->person_start[at]; e < c->person_start[at + 1]; e++)
			{
				if (npairs == c->npairs)
				{
					int64		room = Max(c->npairs * 2, 64);

					c->pairs = frame_grow(c->problem->memory, c->pairs, c->npairs, room, sizeof(uint64));
					c->npairs = room;
				}
				c->pairs[npairs++] = (uint64) c->person[e] << 32 | value;
			}
		}

	/* a person with a value in several tuples is one person with it */
	if (npairs > 1)
		qsort(c->pairs, npairs, sizeof(uint64), compare_uint64);
	for (int64 i = 1; i < npairs; i++)
		if (c->pairs[i] == c->pairs[i - 1])
		{
			c->hist_counts[c->hist_slot[(uint32) c->pairs[i]]]--;
			class->total--;
		}
	for (int v = 0; v < class->nvalues; v++)
		c->hist_slot[c->hist_values[v]] = LOCAL_NONE;
	class->values = c->hist_values;
	class->counts = c->hist_counts;
}

/* Order combinations of values: arg is their number of values. */
static int
compare_combinations(const void *a, const void *b, void *arg)
{
	return memcmp(a, b, sizeof(uint32) * *(const int *) arg);
}

/* The distinct combinations of all sensitive columns in a class. */
static void
combinations(LocalChecker *c, const int32 *tuples, int32 n, PrivacyClass *class)
{
	const PathTable *t = c->table;
	int			width = t->nsensitive;
	int64		total = 0;
	int64		distinct = 0;
	uint32	   *code;

	for (int32 i = 0; i < n; i++)
		total += c->start[tuples[i] + 1] - c->start[tuples[i]];
	if (total * width > c->ncombinations)
	{
		frame_release(c->problem->memory, c->combinations, c->ncombinations, sizeof(uint32));
		c->ncombinations = 0;
		c->combinations = frame_alloc(c->problem->memory, total * width * 2, sizeof(uint32), false);
		c->ncombinations = total * width * 2;
	}
	code = c->combinations;
	for (int32 i = 0; i < n; i++)
		for (int64 f = c->start[tuples[i]]; f < c->start[tuples[i] + 1]; f++)
			for (int j = 0; j < width; j++)
				*code++ = local_sensitive_code(&t->sensitive[j], t->tuples.keys + c->full[f] * t->words);
	qsort_arg(c->combinations, total, sizeof(uint32) * width, compare_combinations, &width);
	for (int64 i = 0; i < total; i++)
		if (i == 0 || memcmp(c->combinations + i * width, c->combinations + (distinct - 1) * width,
							 sizeof(uint32) * width) != 0)
			memmove(c->combinations + distinct++ * width, c->combinations + i * width,
					sizeof(uint32) * width);
	class->ncolumns = width;
	class->ntuples = distinct;
	class->tuples = c->combinations;
}

/* Records of a population in a class. */
static int64
population_size(const LocalChecker *c, int population, const int32 *tuples, int32 n)
{
	const uint32 *records = c->problem->population[population];
	int64		size = 0;

	for (int32 i = 0; i < n; i++)
		size += records[tuples[i]];
	return size;
}

/* See local_internal.h. */
int64
local_check_full(const LocalChecker *c, int32 tuple, const int64 **positions)
{
	*positions = c->full + c->start[tuple];
	return c->start[tuple + 1] - c->start[tuple];
}

/* See local_internal.h. */
bool
local_check(LocalChecker *c, const int32 *tuples, int32 n)
{
	const Policy *policy = c->problem->policy;
	PrivacyClass class = {0};
	int			column = -1;
	int32		i = 0;

	/* nothing is released of a class without records */
	while (i < n && c->problem->records[tuples[i]] == 0)
		i++;
	if (i == n)
		return true;
	class.size = local_check_size(c, tuples, n);
	if (class.size < c->problem->least_size)
		return false;
	for (int m = 0; m < policy->nrequirements; m++)
	{
		const Requirement *r = &policy->requirements[m];

		if (r->model->needs_values && r->sensitive != column)
		{
			column = r->sensitive;
			histogram(c, tuples, n, column, &class);
		}
		if (r->model->needs_tuples)
			combinations(c, tuples, n, &class);
		if (r->model->needs_population)
			class.population = population_size(c, r->population, tuples, n);
		if (!requirement_holds(r, &class))
			return false;
	}
	return true;
}
