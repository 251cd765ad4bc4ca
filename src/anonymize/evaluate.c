/*-------------------------------------------------------------------------
 *
 * evaluate.c
 *		A node of the lattice: verdicts on its classes, suppression and loss.
 *
 * A node is grouped from the smallest earlier result that lies under it in
 * every column (roll-up).  Classes that fail a requirement are suppressed
 * whole.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "anonymize/beside.h"
#include "anonymize/classes.h"
#include "anonymize/quality.h"
#include "anonymize/search.h"
#include "anonymize/sensitive.h"
#include "anonymize/table_wide.h"

struct Evaluator
{
	const PathTable *table;
	Policy	   *policy;
	int64		limit;
	MemoryContext context;
	Grouper    *grouper;		/* tuples of a node, and of steps on the way */
	ClassCounter *counter;
	bool		more_than_size; /* some requirement asks for more than a size */
	int64		least_size;		/* smallest size that can satisfy all requirements */
	int64	   *least_total;	/* by requirement: what a class must have of values, at least */
	bool	   *lasting;		/* requirements whose failing rows fail in every node below */
	Quality    *quality;
	Rollup	   *rollup;
	TableWide  *table_wide;		/* or NULL */
	Beside	   *beside;			/* or NULL */
	bool		listed;			/* the classes of the node at hand are ready for histograms */
};

/* The smallest size that can satisfy all requirements. */
static void
find_least_size(Evaluator *e)
{
	e->least_size = 1;
	for (int i = 0; i < e->policy->nrequirements; i++)
	{
		const PrivacyModel *model = e->policy->requirements[i].model;

		/* sizes are persons where persons count, and one person may bring several values */
		if (e->policy->person == NULL || !(model->needs_values || model->needs_tuples))
			e->least_size = Max(e->least_size, e->least_total[i]);
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
	bool		persons = policy->person != NULL;
	bool		values = policy->target != NULL;
	bool		combinations = false;

	e->context = context;
	e->table = table;
	e->policy = policy;
	e->limit = limit;
	e->grouper = grouper_create(table->words, &table->memory);
	for (int i = 0; i < policy->nrequirements; i++)
	{
		values = values || policy->requirements[i].model->needs_values;
		combinations = combinations || policy->requirements[i].model->needs_tuples;
	}
	values = values || combinations;
	e->counter = class_counter_create(table, &table->memory, e->grouper, persons, values,
									  combinations ? policy->nsensitive : 0);
	e->lasting = palloc(sizeof(bool) * Max(policy->nrequirements, 1));
	e->least_total = palloc(sizeof(int64) * Max(policy->nrequirements, 1));
	for (int i = 0; i < policy->nrequirements; i++)
	{
		const Requirement *r = &policy->requirements[i];

		if (r->model->needs_table && r->table == NULL)
			sensitive_table_create(policy, r->sensitive, table->sensitive[r->sensitive].values,
								   class_counter_values(e->counter, r->sensitive));
		e->least_total[i] = r->model->least_size(r);
		if (r->model != privacy_model("k"))
			e->more_than_size = true;

		/*
		 * Without suppression, what fails here fails below; with it, only the
		 * stricter kind.  A person in two classes counts once in their union,
		 * whose histogram then is not the sum of theirs: no mixture, no promise.
		 */
		e->lasting[i] = r->model->monotone_suppression ||
			(limit == 0 && r->model->monotone && !persons);
	}
	find_least_size(e);
	e->quality = quality_create(table, &table->memory, policy);
	e->beside = beside_create(table, &table->memory);
	e->table_wide = table_wide_create(table, policy, &table->memory);
	e->rollup = rollup_create(table, &table->memory, e->grouper, values);
	MemoryContextSwitchTo(old);
	return e;
}

/* See search.h. */
const Quality *
evaluator_quality(const Evaluator *e)
{
	return e->quality;
}

/* See search.h. */
int
evaluator_next_level(const Evaluator *e, int column, int level)
{
	const PathColumn *c = &e->table->quasi[column];

	for (int next = level + 1; next <= e->policy->quasi[column].max_level; next++)
		if (c->nlabels[next] != c->nlabels[level] || c->total[next] != c->total[level] ||
			/* which of two classes of equal size is suppressed depends on their labels */
			(e->table_wide != NULL && e->limit > 0))
			return next;
	return -1;
}

/*
 * The verdict on a class that is large enough; *lost is the number of its
 * records that every node below suppresses at least.
 */
static uint8
judge(Evaluator *e, int64 c, int64 *lost)
{
	uint8		verdict = CLASS_HOLDS;
	PrivacyClass class = {0};
	int			column = -1;

	class.size = e->counter->size[c];
	for (int i = 0; i < e->policy->nrequirements; i++)
	{
		const Requirement *r = &e->policy->requirements[i];

		if (r->model->needs_values && r->sensitive != column)
		{
			column = r->sensitive;
			class_counter_histogram(e->counter, c, column, &class);
		}
		if (r->model->needs_tuples)
			class_counter_combinations(e->counter, c, &class);
		if (r->model->needs_population)
			class.population = beside_size(e->beside, r->population,
										   e->counter->classes.keys + c * e->table->words);
		if (!requirement_holds(r, &class))
		{
			/* what has too few values here has no more of them in a node below */
			if (e->lasting[i] || (r->model->needs_values && class.total < e->least_total[i]))
				return CLASS_LASTING;
			verdict = CLASS_FAILS;

			/* with persons, a histogram is no sum of those of its parts: see above */
			if (r->model->most_kept != NULL && e->policy->person == NULL)
			{
				int64		kept = r->model->most_kept(r, &class);

				if (kept < e->least_size)
					return CLASS_LASTING;
				*lost = Max(*lost, class.total - kept);
			}
		}
	}
	return verdict;
}

/*
 * Suppress more of the node's classes for what is required of all together,
 * and raise the bound; with the shortcut not where it is hopeless.
 */
static void
judge_table(Evaluator *e, const LatticeNode *node, bool shortcut, Evaluation *result)
{
	ClassCounter *counter = e->counter;
	int64		more = -1;

	result->bound_records = Max(result->bound_records, table_wide_least(e->table_wide, counter));
	if (!shortcut)
		more = table_wide_suppress(e->table_wide, counter, node,
								   e->table->records - result->suppressed);
	else if (result->feasible && result->bound_records <= e->limit)
		more = table_wide_suppress(e->table_wide, counter, node, e->limit - result->suppressed);
	if (more < 0)
	{
		result->feasible = false;
		result->suppressed = Max(result->suppressed, e->limit + 1);
		return;
	}
	result->suppressed += more;
	result->feasible = result->suppressed <= e->limit;
	if (more == 0)
		return;
	result->classes = 0;
	result->smallest = 0;
	for (int64 c = 0; c < counter->classes.n; c++)
		if (counter->verdict[c] == CLASS_HOLDS)
		{
			result->classes++;
			if (result->smallest == 0 || counter->size[c] < result->smallest)
				result->smallest = counter->size[c];
		}
}

/* See search.h. */
int64
evaluator_scanned(const Evaluator *e)
{
	return grouper_scanned(e->grouper);
}

/* See search.h. */
void
evaluator_require_k(Evaluator *e, int k)
{
	for (int i = 0; i < e->policy->nrequirements; i++)
		if (e->policy->requirements[i].model == privacy_model("k"))
		{
			e->policy->requirements[i].wanted = k;
			e->least_total[i] = k;
		}
	find_least_size(e);
}

/* See search.h. */
const PathTuples *
evaluator_group(Evaluator *e, const LatticeNode *node, const PathTuples *source)
{
	uint64		mask[PATH_MAX_WORDS];
	uint64		class_mask[PATH_MAX_WORDS];

	CHECK_FOR_INTERRUPTS();
	rollup_mask(e->rollup, node, mask, class_mask);
	if (source != NULL)
		class_counter_group(e->counter, source, mask, class_mask);
	else
	{
		source = rollup_source(e->rollup, node);
		class_counter_group(e->counter, source, mask, class_mask);
		rollup_remember(e->rollup, node, &e->counter->tuples, source->n);
	}
	e->listed = false;
	return &e->counter->tuples;
}

/* See search.h. */
void
evaluator_judge(Evaluator *e, const LatticeNode *node, bool shortcut, Evaluation *result)
{
	ClassCounter *counter = e->counter;
	int64		too_small = 0;
	int64		lasting = 0;
	int64		failing = 0;

	result->classes = 0;
	result->smallest = 0;
	quality_of_sizes(e->quality, node, counter, result);

	/* too many records in classes too small: no need to look at values */
	for (int64 c = 0; c < counter->classes.n; c++)
		if (counter->size[c] < e->least_size)
			too_small += WEIGHT_RECORDS(counter->classes.weights[c]);
	if (shortcut && too_small > e->limit)
	{
		result->suppressed = result->bound_records = too_small;
		result->feasible = false;
		result->hopeless = true;
		return;
	}

	if (!e->listed)
		class_counter_list(counter);
	if (!e->listed && e->beside != NULL)
		beside_group(e->beside, node);
	e->listed = true;
	for (int64 c = 0; c < counter->classes.n; c++)
	{
		uint8		verdict = CLASS_LASTING;
		int64		lost = 0;

		if (counter->size[c] >= e->least_size)
			verdict = e->more_than_size ? judge(e, c, &lost) : CLASS_HOLDS;
		counter->verdict[c] = verdict;
		if (verdict == CLASS_HOLDS)
		{
			result->classes++;
			if (result->smallest == 0 || counter->size[c] < result->smallest)
				result->smallest = counter->size[c];
			continue;
		}
		failing += WEIGHT_RECORDS(counter->classes.weights[c]);
		lasting += verdict == CLASS_LASTING ? WEIGHT_RECORDS(counter->classes.weights[c]) : lost;
		if (shortcut && lasting > e->limit)
			break;
	}
	result->suppressed = failing;
	result->feasible = failing <= e->limit;
	result->bound_records = lasting;
	/* where it is hopeless already, not all classes may have a verdict */
	if (e->table_wide != NULL && !(shortcut && lasting > e->limit))
		judge_table(e, node, shortcut, result);
	result->hopeless = result->bound_records > e->limit;
	if (!result->hopeless)
		quality_of_classes(e->quality, node, counter, result);
}

/* See search.h. */
void
evaluate_node(Evaluator *e, const LatticeNode *node, Evaluation *result)
{
	evaluator_group(e, node, NULL);
	evaluator_judge(e, node, true, result);
}

/* See search.h. */
void
evaluate_fully(Evaluator *e, const LatticeNode *node, Evaluation *result)
{
	evaluator_group(e, node, NULL);
	evaluator_judge(e, node, false, result);
}
