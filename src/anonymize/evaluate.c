/*-------------------------------------------------------------------------
 *
 * evaluate.c
 *		The classes of a node of the lattice: verdicts, suppression and loss.
 *
 * A node is grouped from the smallest earlier result that lies under it in
 * every column (roll-up).  Classes that fail a requirement are suppressed
 * whole; only they are visited for the loss, because the loss without
 * suppression is a sum over columns that is known before the search.
 *
 * Where the policy names a person, the weights of the tuples count a person
 * once a tuple.  A class that holds several tuples of one person counts that
 * person several times; the persons concerned are known, and the surplus is
 * taken away class by class.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "kiaim.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "anonymize/search.h"
#include "anonymize/sensitive.h"

/*
 * The tuples of a node with their counts, listed by class: what histograms of
 * sensitive columns are made of.
 */
typedef struct ClassTuples
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
} ClassTuples;

struct Evaluator
{
	const PathTable *table;
	FrameMemory *memory;		/* the table's account */
	const Policy *policy;
	int64		limit;
	int			node_words;
	MemoryContext context;
	Grouper    *grouper;		/* tuples of a node */
	Grouper    *classes;		/* its classes, where sensitive values split them */
	bool		persons;
	bool		values;			/* some requirement looks at sensitive values */
	bool		more_than_size; /* some requirement asks for more than a size */
	int64		least_size;		/* smallest size that can satisfy all requirements */
	bool	   *lasting;		/* requirements whose failing rows fail in every node below */
	double		weight_sum;
	Rollup	   *rollup;
	/* buffers, by position of the class or of the tuple */
	int64	   *size;
	uint8	   *verdict;
	int64		size_capacity;
	int64		verdict_capacity;
	int64	   *last_person;	/* by position of the tuple: the last person counted there */
	int64		last_person_capacity;

	/*
	 * Persons are counted once for each value of a column, so each sensitive
	 * column needs tuples of its own; records are counted in the tuples of all.
	 */
	ClassTuples *class_tuples;
	int			nclass_tuples;
	/* the histogram of one class */
	uint32	   *hist_values;
	int64	   *hist_counts;
	int64	   *hist_slot;		/* by value: position in the histogram, or -1 */
};

/* So many tuples of a person are compared with each other; more are looked up. */
#define FEW_TUPLES		8

static void count_values(Evaluator *e, Policy *policy, int sensitive);

/* verdicts of a class */
#define CLASS_HOLDS		0
#define CLASS_FAILS		1		/* here, but perhaps not in a node below */
#define CLASS_LASTING	2		/* its rows fail in every node below, too */

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

/* Lists of tuples by class: one for all sensitive columns, or one for each. */
static void
create_class_tuples(Evaluator *e)
{
	const PathTable *t = e->table;

	e->nclass_tuples = e->persons ? t->nsensitive : 1;
	e->class_tuples = palloc0(sizeof(ClassTuples) * e->nclass_tuples);
	for (int i = 0; i < e->nclass_tuples; i++)
	{
		ClassTuples *list = &e->class_tuples[i];

		if (e->nclass_tuples == 1)
		{
			list->grouper = e->grouper;
			memcpy(list->kept, t->kept, sizeof(uint64) * t->words);
		}
		else
		{
			list->grouper = grouper_create(t->words, e->memory);
			list->kept[t->sensitive[i].word] = sensitive_mask(&t->sensitive[i]);
		}
	}
}

/* See search.h. */
Evaluator *
evaluator_create(PathTable *table, Policy *policy, int64 limit)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "kiaim evaluator",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Evaluator  *e = palloc0(sizeof(Evaluator));
	int			widest = 1;

	e->context = context;
	e->table = table;
	e->memory = &table->memory;
	e->policy = policy;
	e->limit = limit;
	e->node_words = (table->nquasi + 7) / 8;
	e->grouper = grouper_create(table->words, e->memory);
	e->persons = policy->person != NULL;
	e->least_size = 1;
	e->lasting = palloc(sizeof(bool) * Max(policy->nrequirements, 1));
	for (int i = 0; i < policy->nrequirements; i++)
	{
		const Requirement *r = &policy->requirements[i];

		/* sizes are persons where persons count, and one person may bring several values */
		if (r->model->least_size != NULL && !(e->persons && r->model->needs_values))
			e->least_size = Max(e->least_size, r->model->least_size(r));
		if (r->model->needs_values)
			e->values = true;
		if (r->model->needs_table && r->table == NULL)
			count_values(e, policy, r->sensitive);
		if (r->model != privacy_model("k"))
			e->more_than_size = true;

		/*
		 * Without suppression, what fails here fails below; with it, only the
		 * stricter kind.  A person in two classes counts once in their union,
		 * whose histogram then is not the sum of theirs: no mixture, no promise.
		 */
		e->lasting[i] = r->model->monotone_suppression ||
			(limit == 0 && r->model->monotone && !e->persons);
	}
	if (e->values)
	{
		e->classes = grouper_create(table->words, e->memory);
		create_class_tuples(e);
	}
	for (int j = 0; j < table->nsensitive; j++)
		widest = Max(widest, table->sensitive[j].nvalues);
	e->hist_values = frame_alloc(e->memory, widest, sizeof(uint32), false);
	e->hist_counts = frame_alloc(e->memory, widest, sizeof(int64), false);
	e->hist_slot = frame_alloc(e->memory, widest, sizeof(int64), false);
	for (int v = 0; v < widest; v++)
		e->hist_slot[v] = -1;
	for (int j = 0; j < policy->nquasi; j++)
		e->weight_sum += policy->quasi[j].weight;
	e->rollup = rollup_create(table, e->memory, e->grouper, e->values);
	MemoryContextSwitchTo(old);
	return e;
}

/* See search.h. */
double
evaluator_aggregate(const Evaluator *e, const double *losses)
{
	const PolicyQuasi *quasi = e->policy->quasi;
	double		sum = 0;

	if (e->weight_sum == 0)
		return 0;
	if (e->policy->aggregate == AGGREGATE_GEOMETRIC)
	{
		/* one logarithm for all columns of weight 1, whose product is at most 2^64 */
		double		product = 1;

		for (int j = 0; j < e->table->nquasi; j++)
			if (quasi[j].weight == 1)
				product *= 1 + losses[j];
			else
				sum += quasi[j].weight * log1p(losses[j]);
		return expm1((sum + log(product)) / e->weight_sum);
	}
	for (int j = 0; j < e->table->nquasi; j++)
		sum += quasi[j].weight * losses[j];
	return sum / e->weight_sum;
}

/* See search.h. */
double
evaluator_level_loss(const Evaluator *e, int column, int level)
{
	const PathColumn *c = &e->table->quasi[column];

	if (e->table->records == 0)
		return 0;
	return c->total[level] / ((double) e->table->records * (double) c->denominator);
}

/* ---- sizes ---- */

/* A buffer for at least n elements, *capacity of which it has; its content is not kept. */
static void *
larger(Evaluator *e, void *buffer, int64 *capacity, int64 n, Size element)
{
	int64		old = *capacity;

	*capacity = 0;
	frame_release(e->memory, buffer, old, element);
	buffer = frame_alloc(e->memory, Max(n, 1024), element, false);
	*capacity = Max(n, 1024);
	return buffer;
}

/* Buffers for n classes. */
static void
reserve(Evaluator *e, int64 n)
{
	if (n > e->size_capacity)
		e->size = larger(e, e->size, &e->size_capacity, n, sizeof(int64));
	if (n > e->verdict_capacity)
		e->verdict = larger(e, e->verdict, &e->verdict_capacity, n, sizeof(uint8));
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
effective_counts(Evaluator *e, Grouper *grouper, const PathTuples *found, const uint64 *mask,
				 int64 *counts)
{
	const PathTable *t = e->table;
	int			words = t->words;

	for (int64 i = 0; i < found->n; i++)
		counts[i] = e->persons ? WEIGHT_PERSONS(found->weights[i])
			: WEIGHT_RECORDS(found->weights[i]);
	if (!e->persons || t->nmulti == 0)
		return;

	if (found->n > e->last_person_capacity)
		e->last_person = larger(e, e->last_person, &e->last_person_capacity, found->n, sizeof(int64));
	memset(e->last_person, 0xFF, sizeof(int64) * found->n);

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

			if (e->last_person[at] == p)
				counts[at]--;
			e->last_person[at] = p;
		}
	}
}

/* ---- sensitive values ---- */

/* The tuples of a node with their counts, listed by class. */
static void
list_tuples(Evaluator *e, ClassTuples *list, const PathTuples *tuples, const PathTuples *classes,
			const uint64 *class_mask)
{
	int			words = e->table->words;
	uint64		mask[PATH_MAX_WORDS];

	for (int w = 0; w < words; w++)
		mask[w] = class_mask[w] | list->kept[w];
	if (list->grouper == e->grouper)
		list->tuples = *tuples;
	else
		grouper_group(list->grouper, tuples, mask, true, &list->tuples);
	if (list->tuples.n > list->count_capacity)
		list->count = larger(e, list->count, &list->count_capacity, list->tuples.n, sizeof(int64));
	if (list->tuples.n > list->members_capacity)
		list->members = larger(e, list->members, &list->members_capacity, list->tuples.n, sizeof(int64));
	if (list->tuples.n > list->class_capacity)
		list->class = larger(e, list->class, &list->class_capacity, list->tuples.n, sizeof(int64));
	if (classes->n + 1 > list->start_capacity)
		list->start = larger(e, list->start, &list->start_capacity, classes->n + 1, sizeof(int64));
	effective_counts(e, list->grouper, &list->tuples, mask, list->count);

	memset(list->start, 0, sizeof(int64) * (classes->n + 1));
	for (int64 i = 0; i < list->tuples.n; i++)
	{
		list->class[i] = grouper_find(e->classes, list->tuples.keys + i * words);
		list->start[list->class[i] + 1]++;
	}
	for (int64 c = 0; c < classes->n; c++)
		list->start[c + 1] += list->start[c];
	for (int64 i = 0; i < list->tuples.n; i++)
		list->members[list->start[list->class[i]]++] = i;
	for (int64 c = classes->n; c > 0; c--)
		list->start[c] = list->start[c - 1];
	list->start[0] = 0;
}

/* The histogram of a sensitive column in a class. */
static void
class_histogram(Evaluator *e, int64 c, int sensitive, PrivacyClass *class)
{
	const PathSensitive *s = &e->table->sensitive[sensitive];
	const ClassTuples *list = &e->class_tuples[e->nclass_tuples == 1 ? 0 : sensitive];
	int			words = e->table->words;
	int			n = 0;

	class->total = 0;
	for (int64 m = list->start[c]; m < list->start[c + 1]; m++)
	{
		int64		i = list->members[m];
		uint32		value = sensitive_code(s, list->tuples.keys + i * words);

		if (e->hist_slot[value] < 0)
		{
			e->hist_slot[value] = n;
			e->hist_values[n] = value;
			e->hist_counts[n++] = 0;
		}
		e->hist_counts[e->hist_slot[value]] += list->count[i];
		class->total += list->count[i];
	}
	for (int v = 0; v < n; v++)
		e->hist_slot[e->hist_values[v]] = -1;
	class->nvalues = n;
	class->values = e->hist_values;
	class->counts = e->hist_counts;
}

/*
 * The values of a sensitive column in the whole table, suppressed rows and all:
 * records, or persons, each once a value.
 */
static void
count_values(Evaluator *e, Policy *policy, int sensitive)
{
	const PathSensitive *s = &e->table->sensitive[sensitive];
	int64	   *counts = frame_alloc(e->memory, Max(s->nvalues, 1), sizeof(int64), true);
	uint64		mask[PATH_MAX_WORDS] = {0};
	PathTuples	found;

	if (s->bits > 0)
		mask[s->word] = sensitive_mask(s);
	grouper_group(e->grouper, &e->table->tuples, mask, true, &found);
	reserve(e, found.n);
	effective_counts(e, e->grouper, &found, mask, e->size);
	for (int64 i = 0; i < found.n; i++)
		counts[sensitive_code(s, found.keys + i * e->table->words)] = e->size[i];
	sensitive_table_create(policy, sensitive, s->values, counts);
}

/* The verdict on a class that is large enough. */
static uint8
judge(Evaluator *e, int64 c)
{
	uint8		verdict = CLASS_HOLDS;
	PrivacyClass class = {0};
	int			column = -1;

	class.size = e->size[c];
	for (int i = 0; i < e->policy->nrequirements; i++)
	{
		const Requirement *r = &e->policy->requirements[i];

		if (r->model->needs_values && r->sensitive != column)
		{
			column = r->sensitive;
			class_histogram(e, c, column, &class);
		}
		if (!requirement_holds(r, &class))
		{
			if (e->lasting[i])
				return CLASS_LASTING;
			verdict = CLASS_FAILS;
		}
	}
	return verdict;
}

/* ---- the node ---- */

/* Add what the failing classes cost to the loss of each column. */
static void
failing_costs(const Evaluator *e, const LatticeNode *node, const PathTuples *classes, uint8 least,
			  double *cost)
{
	const PathTable *t = e->table;
	int			columns[MAX_QUASI];
	int64		sums[MAX_QUASI] = {0};
	int64		records = 0;
	int			n = 0;

	for (int j = 0; j < t->nquasi; j++)
		if (t->quasi[j].total[node->level[j]] > 0 && node->level[j] < t->quasi[j].height)
			columns[n++] = j;
	for (int64 c = 0; c < classes->n; c++)
	{
		const uint64 *key = classes->keys + c * t->words;
		int64		weight;

		if (e->verdict[c] < least)
			continue;
		weight = WEIGHT_RECORDS(classes->weights[c]);
		records += weight;
		for (int i = 0; i < n; i++)
		{
			const PathColumn *column = &t->quasi[columns[i]];

			sums[columns[i]] += weight * path_cost(column, node->level[columns[i]],
												   path_code(column, key));
		}
	}
	/* a suppressed record costs 1 instead of the share of its label */
	for (int j = 0; j < t->nquasi; j++)
	{
		const PathColumn *column = &t->quasi[j];
		double		whole = (double) records * (double) column->denominator;

		if (node->level[j] == column->height)
			sums[j] = records * column->denominator;
		cost[j] = (whole - (double) sums[j]) /
			((double) t->records * (double) column->denominator);
	}
}

/* See search.h. */
int64
evaluator_scanned(const Evaluator *e)
{
	return grouper_scanned(e->grouper);
}

/*
 * Classes, verdicts and loss of a node; with the shortcut no more than that it
 * is hopeless, where sizes tell.
 */
static void
evaluate(Evaluator *e, const LatticeNode *node, bool shortcut, Evaluation *result)
{
	const PathTable *t = e->table;
	const PathTuples *source;
	uint64		mask[PATH_MAX_WORDS];
	uint64		class_mask[PATH_MAX_WORDS];
	PathTuples	tuples;
	PathTuples	classes;
	int64		too_small = 0;
	int64		lasting = 0;
	int64		failing = 0;

	CHECK_FOR_INTERRUPTS();
	rollup_mask(e->rollup, node, mask, class_mask);
	source = rollup_source(e->rollup, node);
	grouper_group(e->grouper, source, mask, e->persons, &tuples);
	rollup_remember(e->rollup, node, &tuples, source->n);
	classes = tuples;
	if (e->values)
		grouper_group(e->classes, &tuples, class_mask, true, &classes);
	reserve(e, classes.n);
	effective_counts(e, e->values ? e->classes : e->grouper, &classes, class_mask, e->size);
	result->classes = 0;
	result->smallest = 0;

	/* too many records in classes too small: no need to look at values */
	for (int64 c = 0; c < classes.n; c++)
		if (e->size[c] < e->least_size)
			too_small += WEIGHT_RECORDS(classes.weights[c]);
	if (shortcut && too_small > e->limit)
	{
		result->suppressed = result->bound_records = too_small;
		result->feasible = false;
		result->hopeless = true;
		result->loss = 0;
		memset(result->bound_cost, 0, sizeof(double) * t->nquasi);
		return;
	}

	for (int i = 0; i < e->nclass_tuples; i++)
		list_tuples(e, &e->class_tuples[i], &tuples, &classes, class_mask);
	for (int64 c = 0; c < classes.n; c++)
	{
		uint8		verdict = CLASS_LASTING;

		if (e->size[c] >= e->least_size)
			verdict = e->more_than_size ? judge(e, c) : CLASS_HOLDS;
		e->verdict[c] = verdict;
		if (verdict == CLASS_HOLDS)
		{
			result->classes++;
			if (result->smallest == 0 || e->size[c] < result->smallest)
				result->smallest = e->size[c];
			continue;
		}
		failing += WEIGHT_RECORDS(classes.weights[c]);
		if (verdict == CLASS_LASTING)
			lasting += WEIGHT_RECORDS(classes.weights[c]);
	}
	result->suppressed = failing;
	result->feasible = failing <= e->limit;
	result->hopeless = lasting > e->limit;
	result->bound_records = lasting;
	if (result->hopeless || t->records == 0)
	{
		memset(result->bound_cost, 0, sizeof(double) * t->nquasi);
		result->loss = 0;
		return;
	}

	failing_costs(e, node, &classes, CLASS_LASTING, result->bound_cost);
	if (result->feasible)
	{
		double		losses[MAX_QUASI];

		if (lasting == failing)
			memcpy(losses, result->bound_cost, sizeof(double) * t->nquasi);
		else
			failing_costs(e, node, &classes, CLASS_FAILS, losses);
		for (int j = 0; j < t->nquasi; j++)
			losses[j] += evaluator_level_loss(e, j, node->level[j]);
		result->loss = evaluator_aggregate(e, losses);
	}
}

/* See search.h. */
void
evaluate_node(Evaluator *e, const LatticeNode *node, Evaluation *result)
{
	evaluate(e, node, true, result);
}

/* See search.h. */
void
evaluate_fully(Evaluator *e, const LatticeNode *node, Evaluation *result)
{
	evaluate(e, node, false, result);
}
