/*-------------------------------------------------------------------------
 *
 * local_problem.c
 *		From a table to the tuples and trees that local recoding works on.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "anonymize/local_internal.h"

/* A column whose codes have more bits is sorted instead of marked in a table. */
#define MARKED_BITS		20

/* The seed of all pseudo-random choices. */
#define RANDOM_SEED		UINT64CONST(88172645463325252)

static int
compare_uint64(const void *a, const void *b)
{
	uint64		x = *(const uint64 *) a;
	uint64		y = *(const uint64 *) b;

	return x < y ? -1 : x > y;
}

/* The distinct codes of a column on its lowest level, in order; returns their number. */
static uint32
distinct_codes(LocalProblem *p, const PathColumn *column, int level, uint64 **codes)
{
	const PathTuples *keys = &p->keys;
	int64		n = 0;

	*codes = frame_alloc(p->memory, Max(keys->n, 1), sizeof(uint64), false);
	if (column->bits <= MARKED_BITS)
	{
		uint32		size = (uint32) 1 << column->bits;
		bool	   *seen = frame_alloc(p->memory, size, sizeof(bool), true);

		for (int64 i = 0; i < keys->n; i++)
			seen[local_code(column, level, path_code(column, keys->keys + i * keys->words))] = true;
		for (uint32 code = 0; code < size; code++)
			if (seen[code])
				(*codes)[n++] = code;
		frame_release(p->memory, seen, size, sizeof(bool));
	}
	else
	{
		int64		distinct = 0;

		for (n = 0; n < keys->n; n++)
			(*codes)[n] = local_code(column, level, path_code(column, keys->keys + n * keys->words));
		CHECK_FOR_INTERRUPTS();
		qsort(*codes, n, sizeof(uint64), compare_uint64);
		for (int64 i = 0; i < n; i++)
			if (i == 0 || (*codes)[i] != (*codes)[i - 1])
				(*codes)[distinct++] = (*codes)[i];
		n = distinct;
	}
	return (uint32) n;
}

/* The tree over the leaves of a column, which have the codes. */
static void
build_tree(LocalProblem *p, LocalColumn *c, const uint64 *codes, uint32 nleaves, double scale)
{
	const PathColumn *column = &p->table->quasi[c->quasi];
	const PolicyQuasi *quasi = &p->policy->quasi[c->quasi];
	uint32		room = Max(nleaves, 1) * 2;
	uint32		ntop = nleaves;
	uint32	   *top = frame_alloc(p->memory, Max(nleaves, 1), sizeof(uint32), false);
	uint64	   *code = frame_alloc(p->memory, Max(nleaves, 1), sizeof(uint64), false);

	/* inner nodes have two children or more, so there are fewer of them than leaves */
	c->parent = frame_alloc(p->memory, room, sizeof(uint32), true);
	c->cost = frame_alloc(p->memory, room, sizeof(float), true);
	c->level = frame_alloc(p->memory, room, sizeof(uint8), true);
	c->nnodes = nleaves;
	for (uint32 i = 0; i < nleaves; i++)
	{
		top[i] = i;
		code[i] = codes[i];
		c->level[i] = (uint8) quasi->min_level;
		c->cost[i] = scale * path_cost(column, quasi->min_level, codes[i]);
	}

	/* join the nodes that have no parent yet, level by level */
	for (int l = quasi->min_level + 1; l <= column->height; l++)
	{
		uint32		n = 0;

		for (uint32 i = 0; i < ntop;)
		{
			uint64		above = local_code(column, l, code[i]);
			uint32		end = i + 1;
			uint32		node = top[i];

			while (end < ntop && local_code(column, l, code[end]) == above)
				end++;
			if (end > i + 1)
			{
				node = c->nnodes++;
				c->level[node] = (uint8) l;
				c->cost[node] = l > quasi->max_level ? LOCAL_FORBIDDEN
					: scale * path_cost(column, l, above);
				for (; i < end; i++)
					c->parent[top[i]] = node;
			}
			i = end;
			top[n] = node;
			code[n++] = above;
		}
		ntop = n;
	}
	if (c->nnodes > 0)
		c->parent[c->nnodes - 1] = c->nnodes - 1;
	frame_release(p->memory, top, Max(nleaves, 1), sizeof(uint32));
	frame_release(p->memory, code, Max(nleaves, 1), sizeof(uint64));
}

/* Tables of pairs for a small tree. */
static void
build_pairs(LocalProblem *p, LocalColumn *c)
{
	Size		n = c->nnodes;

	if (n > LOCAL_PAIR_NODES)
		return;
	c->join = frame_alloc(p->memory, Max(n * n, 1), sizeof(uint16), false);
	c->pair = frame_alloc(p->memory, Max(n * n, 1), sizeof(float), false);
	for (uint32 a = 0; a < n; a++)
		for (uint32 b = 0; b < n; b++)
		{
			uint32		both = local_climb(c, a, b);

			c->join[a * n + b] = (uint16) both;
			c->pair[a * n + b] = c->cost[both];
		}
}

/* Trees of all columns, and the place of every tuple in them. */
static void
build_columns(LocalProblem *p)
{
	const PathTable *t = p->table;
	LocalColumn *built = palloc0(sizeof(LocalColumn) * Max(t->nquasi, 1));
	uint64	  **codes = palloc(sizeof(uint64 *) * Max(t->nquasi, 1));
	uint32	   *nleaves = palloc(sizeof(uint32) * Max(t->nquasi, 1));
	double		weights = 0;
	int			n = 0;

	p->ncolumns = t->nquasi;
	p->columns = palloc0(sizeof(LocalColumn) * Max(t->nquasi, 1));
	for (int j = 0; j < t->nquasi; j++)
		weights += p->policy->quasi[j].weight;
	for (int j = 0; j < t->nquasi; j++)
	{
		/* a column of average weight costs 1 at its top */
		double		scale = p->policy->quasi[j].weight * t->nquasi / weights /
			(double) t->quasi[j].denominator;

		CHECK_FOR_INTERRUPTS();
		built[j].quasi = j;
		nleaves[j] = distinct_codes(p, &t->quasi[j], p->policy->quasi[j].min_level, &codes[j]);
		build_tree(p, &built[j], codes[j], nleaves[j], scale);
		build_pairs(p, &built[j]);
	}
	for (int paired = 1; paired >= 0; paired--)
	{
		for (int j = 0; j < t->nquasi; j++)
			if ((built[j].pair != NULL) == paired)
				p->columns[n++] = built[j];
		if (paired)
			p->npaired = n;
	}

	p->tuples = frame_alloc(p->memory, Max((Size) p->ntuples * t->nquasi, 1), sizeof(uint32), false);
	for (int j = 0; j < t->nquasi; j++)
	{
		const PathColumn *column = &t->quasi[p->columns[j].quasi];
		int			level = p->policy->quasi[p->columns[j].quasi].min_level;
		const uint64 *leaf = codes[p->columns[j].quasi];

		for (int32 i = 0; i < p->ntuples; i++)
		{
			uint64		code = local_code(column, level,
											 path_code(column, p->keys.keys + (Size) i * p->keys.words));
			uint32		low = 0;
			uint32		high = nleaves[p->columns[j].quasi] - 1;

			if ((i & 0xFFFF) == 0)
				CHECK_FOR_INTERRUPTS();
			while (low < high)
			{
				uint32		middle = (low + high) / 2;

				if (leaf[middle] < code)
					low = middle + 1;
				else
					high = middle;
			}
			p->tuples[(Size) i * t->nquasi + j] = low;
		}
	}
	for (int j = 0; j < t->nquasi; j++)
		frame_release(p->memory, codes[j], Max(p->keys.n, 1), sizeof(uint64));
}

/* What a class needs to hold. */
static void
find_least_size(LocalProblem *p)
{
	const Policy *policy = p->policy;
	bool		persons = policy->person != NULL;

	p->least_size = 1;
	p->simple = !persons || p->table->nmulti == 0;
	for (int i = 0; i < policy->nrequirements; i++)
	{
		const Requirement *r = &policy->requirements[i];

		if (r->model == privacy_model("k"))
			p->least_size = Max(p->least_size, r->model->least_size(r));
		else
		{
			p->simple = false;
			if (!persons)
				p->least_size = Max(p->least_size, r->model->least_size(r));
		}
	}
}

/* See local_internal.h. */
LocalProblem *
local_problem_create(PathTable *table, Policy *policy, int64 limit)
{
	LocalProblem *p = palloc0(sizeof(LocalProblem));
	bool		persons = policy->person != NULL;
	Grouper    *grouper;
	Size		n;

	p->table = table;
	p->policy = policy;
	p->memory = &table->memory;
	p->random = RANDOM_SEED;
	p->evaluator = evaluator_create(table, policy, limit);
	grouper = grouper_create(table->words, p->memory);
	find_least_size(p);
	grouper_group(grouper, &table->tuples, table->full, !p->simple, &p->keys);
	grouper_trim(grouper);
	if (!p->simple)
		p->checker = local_checker_create(p, grouper);
	grouper_end(grouper);
	if (p->keys.n > PG_INT32_MAX / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("there are too many distinct tuples for local recoding"),
				 errdetail("There are " INT64_FORMAT ", at most %d are possible.", p->keys.n,
						   PG_INT32_MAX / 2),
				 errhint("Use full-domain recoding.")));
	p->ntuples = (int32) p->keys.n;
	n = Max(p->ntuples, 1);
	build_columns(p);

	p->records = frame_alloc(p->memory, n, sizeof(uint32), false);
	p->size = frame_alloc(p->memory, n, sizeof(uint32), false);
	for (int32 i = 0; i < p->ntuples; i++)
	{
		p->records[i] = (uint32) WEIGHT_RECORDS(p->keys.weights[i]);
		p->size[i] = persons ? (uint32) WEIGHT_PERSONS(p->keys.weights[i]) : p->records[i];
	}

	p->classes = frame_alloc(p->memory, n, sizeof(LocalClass), true);
	p->labels = frame_alloc(p->memory, n * Max(p->ncolumns, 1), sizeof(uint32), false);
	p->class_of = frame_alloc(p->memory, n, sizeof(int32), false);
	p->next = frame_alloc(p->memory, n, sizeof(int32), false);
	p->members = frame_alloc(p->memory, n + 1, sizeof(int32), false);
	p->mark = frame_alloc(p->memory, n, sizeof(uint32), true);
	return p;
}
