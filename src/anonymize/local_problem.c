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

/* A node with its label. */
typedef struct NodeLabel
{
	const char *label;			/* may be NULL */
	uint32		node;
} NodeLabel;

static int	compare_labels(const NodeLabel *a, const NodeLabel *b);

/* Sorts nodes by label. */
#define ST_SORT				sort_labels
#define ST_ELEMENT_TYPE		NodeLabel
#define ST_COMPARE(a, b)	compare_labels(a, b)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE			static
#define ST_DEFINE
#include "lib/sort_template.h"

/* The order of labels: NULL comes last. */
static int
compare_labels(const NodeLabel *a, const NodeLabel *b)
{
	if (a->label == NULL || b->label == NULL)
		return (a->label == NULL) - (b->label == NULL);
	return strcmp(a->label, b->label);
}

/*
 * Number the texts of the labels.  Values outside their hierarchy are "*" long
 * before the top, and dirty values read like labels: which class a released
 * row is in is a matter of texts.
 */
static void
number_texts(LocalProblem *p, LocalColumn *c, NodeLabel *labels)
{
	c->text = frame_alloc(p->memory, Max(c->nnodes, 1), sizeof(uint32), false);
	sort_labels(labels, c->nnodes);
	for (uint32 i = 0; i < c->nnodes; i++)
		c->text[labels[i].node] = i > 0 && compare_labels(&labels[i - 1], &labels[i]) == 0 ?
			c->text[labels[i - 1].node] : labels[i].node;
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
	NodeLabel  *labels = frame_alloc(p->memory, room, sizeof(NodeLabel), false);

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
		labels[i] = (NodeLabel) {path_label(column, quasi->min_level, codes[i]), i};
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
				labels[node] = (NodeLabel) {path_label(column, l, above), node};
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
	number_texts(p, c, labels);
	frame_release(p->memory, labels, room, sizeof(NodeLabel));
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

		if (r->model == privacy_model("k") || r->model == privacy_model("highest_risk"))
			p->least_size = Max(p->least_size, r->model->least_size(r));
		else
		{
			p->simple = false;
			if (!persons)
				p->least_size = Max(p->least_size, r->model->least_size(r));
		}
	}
}

/*
 * The distinct tuples of the table and of its populations; those that only a
 * population has count no record.
 */
static void
list_tuples(LocalProblem *p, Grouper *grouper, bool lookups)
{
	const PathTable *t = p->table;
	PathTuples	all = {.words = t->words, .n = t->tuples.n};
	int64		at = t->tuples.n;

	if (t->npopulations == 0)
	{
		grouper_group(grouper, &t->tuples, t->full, lookups, &p->keys);
		return;
	}
	for (int i = 0; i < t->npopulations; i++)
		all.n += t->populations[i].n;
	all.keys = frame_alloc(p->memory, Max(all.n, 1), sizeof(uint64) * t->words, false);
	all.weights = frame_alloc(p->memory, Max(all.n, 1), sizeof(uint64), false);
	memcpy(all.keys, t->tuples.keys, sizeof(uint64) * t->words * t->tuples.n);
	/* tuples of no weight would be none to the grouper */
	for (int64 i = 0; i < all.n; i++)
		all.weights[i] = 1;
	for (int i = 0; i < t->npopulations; i++)
	{
		memcpy(all.keys + at * t->words, t->populations[i].keys,
			   sizeof(uint64) * t->words * t->populations[i].n);
		at += t->populations[i].n;
	}
	grouper_group(grouper, &all, t->full, true, &p->keys);
	frame_release(p->memory, all.keys, Max(all.n, 1), sizeof(uint64) * t->words);
	frame_release(p->memory, all.weights, Max(all.n, 1), sizeof(uint64));
	memset(p->keys.weights, 0, sizeof(uint64) * p->keys.n);
	for (int64 i = 0; i < t->tuples.n; i++)
		p->keys.weights[grouper_find(grouper, t->tuples.keys + i * t->words)] += t->tuples.weights[i];

	p->population = palloc(sizeof(uint32 *) * t->npopulations);
	for (int i = 0; i < t->npopulations; i++)
	{
		const PathTuples *tuples = &t->populations[i];

		p->population[i] = frame_alloc(p->memory, Max(p->keys.n, 1), sizeof(uint32), true);
		for (int64 k = 0; k < tuples->n; k++)
		{
			if ((k & 0xFFFF) == 0)
				CHECK_FOR_INTERRUPTS();
			p->population[i][grouper_find(grouper, tuples->keys + k * t->words)] +=
				(uint32) WEIGHT_RECORDS(tuples->weights[k]);
		}
	}
}

/* See local_internal.h. */
LocalProblem *
local_problem_create(PathTable *table, Policy *policy, int64 limit)
{
	LocalProblem *p = palloc0(sizeof(LocalProblem));
	bool		persons = policy->person != NULL;
	bool		checked;		/* something looks at what is in a class */
	Grouper    *grouper;
	Size		n;

	p->limit = limit;
	p->table = table;
	p->policy = policy;
	p->memory = &table->memory;
	p->random = RANDOM_SEED;
	p->evaluator = evaluator_create(table, policy, limit);
	grouper = grouper_create(table->words, p->memory);
	find_least_size(p);
	checked = !p->simple || policy->quality == QUALITY_CLASSIFICATION;
	list_tuples(p, grouper, checked);
	grouper_trim(grouper);
	if (checked)
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
