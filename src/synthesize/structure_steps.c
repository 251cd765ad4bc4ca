/*-------------------------------------------------------------------------
 *
 * structure_steps.c
 *		Columns that are looked up: functions of a category, or of intervals of
 *		an ordered column.
 *
 * A function has parameters: a result for each value or interval, and where the
 * intervals end.  What they tell is taken off the evidence, so that no function
 * is found that is a list of the rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "utils/datetime.h"

#include "frame/frame.h"
#include "synthesize/structure_internal.h"

/*
 * Rows of the sample that a step must have on average; more where steps of an
 * ordered column are hardly fewer than its values, which is no order but a list.
 */
#define ROWS_A_STEP		4
#define ROWS_A_VALUE	16

/* Of the rows, one in so many may be of steps that too few persons have. */
#define ROWS_A_LOSS		100

/* Values of the argument that have the same result, as far as they were seen. */
typedef struct Step
{
	int64		low;
	int64		high;
	int64		result;
	int64		rows;
	int64		persons;
	int32		person;			/* the last one counted */
} Step;

typedef struct Steps
{
	FrameMemory memory;
	int64		n;
	int64		room;
	Step	   *steps;			/* ascending */
} Steps;

/* A column that another may be a function of. */
typedef struct StepsCandidate
{
	int			a;
	bool		otherwise;		/* but it is often NULL where that is not */
	int			nsteps;			/* in the sample */
} StepsCandidate;

static int
compare_int64(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return x < y ? -1 : x > y;
}

/* Evidence that the parameters of so many steps leave, in so many rows of the sample and with errors. */
static int64
evidence_left(const StructureSearch *search, int x, int a, int nsteps, bool sometimes, int rows,
			  int errors)
{
	const StructureColumn *column = &search->columns[x];
	int64		a_value = structure_log2(column->nvalues + 1);
	int64		a_step = a_value;
	int64		bits = sometimes ? column->bits : column->bits_null;

	if (search->types[a].kind != RAW_CATEGORY)
		a_step += structure_log2(Max(search->columns[a].nvalues, 1));
	return bits * rows / Max(sometimes ? column->nknown : search->nrows, 1) - nsteps * a_step -
		errors * (a_value + structure_log2(Max(search->nrows, 1))) -
		EVIDENCE - 2 * search->evidence_column;
}

/* The result that more than half of some rows have, if any has. */
static int32
most_frequent(const StructureColumn *column, const int *rows, int n, bool sometimes)
{
	int32		result = -1;
	int			votes = 0;

	for (int i = 0; i < n; i++)
	{
		int32		rank = column->rank[rows[i]];

		if (sometimes && rank == column->nvalues)
			continue;
		if (votes == 0)
			result = rank;
		votes += rank == result ? 1 : -1;
	}
	return result;
}

/*
 * True if the sample shows x to be a function of a.  Where NULL comes at random
 * (sometimes) it is no result.
 */
static bool
steps_in_sample(StructureSearch *search, int x, bool sometimes, StepsCandidate *candidate)
{
	const StructureColumn *column = &search->columns[x];
	const StructureColumn *argument = &search->columns[candidate->a];
	bool		category = search->types[candidate->a].kind == RAW_CATEGORY;
	const int  *rows = structure_by_value(search, candidate->a);
	int			most = Max(argument->nknown / ROWS_A_STEP, 2);
	int32		before = -1;	/* the result of the value before */
	int			unknown = 0;
	int			seen = 0;
	int			errors = 0;

	candidate->nsteps = 0;
	for (int from = 0, to; from < argument->nknown; from = to)
	{
		int32		result;

		for (to = from; to < argument->nknown && argument->rank[rows[to]] == argument->rank[rows[from]];)
			to++;
		result = most_frequent(column, rows + from, to - from, sometimes);
		if (result < 0)
			continue;
		for (int i = from; i < to; i++)
		{
			if (sometimes && column->rank[rows[i]] == column->nvalues)
				continue;
			seen++;
			if (column->rank[rows[i]] != result && !structure_bearable(++errors, seen))
				return false;
		}
		if ((category || result != before) && ++candidate->nsteps > most)
			return false;
		before = result;
	}

	/* where the argument is NULL, a formula says nothing */
	for (int i = 0; argument->nknown < search->nrows && i < column->nknown; i++)
		unknown += argument->rank[column->known[i]] == argument->nvalues;
	if (!category && candidate->nsteps > argument->nvalues / 2 &&
		candidate->nsteps > seen / ROWS_A_VALUE)
		return false;
	candidate->otherwise = !structure_bearable(unknown, column->nknown);
	return unknown * 2 <= column->nknown && candidate->nsteps >= 2 &&
		evidence_left(search, x, candidate->a, candidate->nsteps, sometimes, seen, errors) >= 0;
}

/* True if it needs no look at rows to know that x is not found as a function of a. */
static bool
is_hopeless(const StructureSearch *search, int x, int a, bool sometimes)
{
	const StructureColumn *column = &search->columns[x];
	const StructureColumn *argument = &search->columns[a];

	if (a == x || !argument->usable || search->formulas[a].kind == FORMULA_COPY)
		return true;

	/* of two columns that tell the same, the first is the argument */
	if (argument->nvalues < column->nvalues ||
		(argument->nvalues == column->nvalues &&
		 (argument->place > column->place || (argument->place == column->place && a > x))))
		return true;
	return evidence_left(search, x, a, 2, sometimes, search->nrows, 0) < 0;
}

/* The position of the first step that does not end before a value. */
static int64
find_step(const Steps *steps, int64 value)
{
	int64		low = 0;
	int64		high = steps->n;

	while (low < high)
	{
		int64		middle = low + (high - low) / 2;

		if (steps->steps[middle].high < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A step for each value of the argument, ascending. */
static void
steps_of_values(const StructureSearch *search, int a, Steps *steps)
{
	const RawTable *table = search->table;
	const StructureColumn *column = &search->columns[a];
	FrameMemory *memory = &steps->memory;
	int64	   *values = frame_alloc(memory, Max(table->nrows, 1), sizeof(int64), false);
	int64		n = 0;
	int64		distinct = 0;

	for (int64 row = 0; row < table->nrows; row++)
		if (column->values[row] != RAW_NULL)
			values[n++] = column->values[row];
	qsort(values, n, sizeof(int64), compare_int64);
	for (int64 i = 0; i < n; i++)
		if (i == 0 || values[i] != values[i - 1])
			values[distinct++] = values[i];
	steps->n = steps->room = distinct;
	steps->steps = frame_alloc(memory, Max(distinct, 1), sizeof(Step), true);
	for (int64 i = 0; i < distinct; i++)
	{
		steps->steps[i].low = steps->steps[i].high = values[i];
		steps->steps[i].person = -1;
	}
	frame_release(memory, values, Max(table->nrows, 1), sizeof(int64));
}

/* True if a row has a say in what its value's result is. */
static inline bool
has_say(int64 value, int64 result, bool sometimes)
{
	return value != RAW_NULL && !(sometimes && result == RAW_NULL);
}

/*
 * Learn x as a function of a from all rows: the result that most rows of a value
 * have.  False if that is none, but for errors; sets what the function leaves open.
 */
static bool
learn_steps(StructureSearch *search, int x, int a, Formula *formula, Steps *steps)
{
	const RawTable *table = search->table;
	const int64 *results = search->columns[x].values;
	const int64 *values = search->columns[a].values;
	int64		bearable = table->nrows / ROWS_AN_ERROR;
	int64		errors = 0;
	int64		null = 0;
	int64		unknown = 0;

	steps_of_values(search, a, steps);
	for (int64 row = 0; row < table->nrows; row++)
	{
		Step	   *step;

		if (row % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (!has_say(values[row], results[row], formula->sometimes))
			continue;
		step = &steps->steps[find_step(steps, values[row])];
		if (step->rows == 0)
			step->result = results[row];
		step->rows += step->result == results[row] ? 1 : -1;
	}
	for (int64 row = 0; row < table->nrows; row++)
	{
		if (row % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (has_say(values[row], results[row], formula->sometimes))
			errors += steps->steps[find_step(steps, values[row])].result != results[row];
		else if (values[row] != RAW_NULL)
			null++;
		else if (results[row] != RAW_NULL)
			unknown++;
		if (errors > bearable)
			return false;
	}
	formula->sometimes = null > bearable;
	formula->otherwise = unknown > bearable;
	return true;
}

/* Join the values of an ordered argument that have the same result. */
static void
join_steps(Steps *steps)
{
	int64		n = 0;

	for (int64 i = 0; i < steps->n; i++)
	{
		if (n > 0 && steps->steps[n - 1].result == steps->steps[i].result)
			steps->steps[n - 1].high = steps->steps[i].high;
		else
			steps->steps[n++] = steps->steps[i];
	}
	steps->n = n;
}

/* Count the rows and persons of each step. */
static void
count_steps(const StructureSearch *search, int x, int a, bool sometimes, Steps *steps)
{
	const RawTable *table = search->table;
	const int64 *values = search->columns[a].values;
	const int64 *results = search->columns[x].values;

	for (int64 i = 0; i < steps->n; i++)
		steps->steps[i].rows = 0;
	for (int64 row = 0; row < table->nrows; row++)
	{
		Step	   *step;
		int32		person = table->persons != NULL ? table->persons[row] : (int32) row;

		if (row % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (!has_say(values[row], results[row], sometimes))
			continue;
		step = &steps->steps[find_step(steps, values[row])];
		step->rows++;
		if (step->person != person)
			step->persons++;
		step->person = person;
	}
}

/*
 * A value above low and not above high for the step to begin with: the first
 * of a year, else of a month; the roundest number; a label's own.
 */
static int64
begin_between(const RawType *type, int64 low, int64 high)
{
	int64		unit = type->kind == RAW_TIMESTAMP ? USECS_PER_DAY : 1;
	int64		best = high;

	if (type->kind == RAW_DATE || type->kind == RAW_TIMESTAMP)
	{
		int64		day = high / unit - (high % unit < 0);
		int			year;
		int			month;
		int			day_of_month;

		if (day < DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE ||
			day >= DATE_END_JULIAN - POSTGRES_EPOCH_JDATE)
			return high;
		j2date((int) day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
		best = (int64) (date2j(year, 1, 1) - POSTGRES_EPOCH_JDATE) * unit;
		if (best <= low)
			best = (int64) (date2j(year, month, 1) - POSTGRES_EPOCH_JDATE) * unit;
		if (best <= low)
			best = day * unit;
		return best <= low ? high : best;
	}
	if (type->kind == RAW_NUMBER)
		for (unit = 10; unit <= PG_INT64_MAX / 10; unit *= 10)
		{
			int64		round = high - (high % unit + unit) % unit;

			if (high < PG_INT64_MIN / 2 || round <= low)
				break;
			best = round;
		}
	return best;
}

/*
 * True if what too few persons have can be dropped: it is little, or comes out
 * of no code, as the values beyond the min_leaf lowest and highest persons do.
 */
static bool
few_are_lost(const StructureSearch *search, const Steps *steps)
{
	int			min_leaf = search->options->min_leaf;
	int64		lost = 0;
	int64		rows = 0;
	int64		persons = 0;
	int64		first = 0;
	int64		last = steps->n - 1;

	for (int64 beyond = 0; first < steps->n; first++)
		if ((beyond += steps->steps[first].persons) >= min_leaf)
			break;
	for (int64 beyond = 0; last > first; last--)
		if ((beyond += steps->steps[last].persons) >= min_leaf)
			break;
	for (int64 i = 0; i < steps->n; i++)
	{
		const Step *step = &steps->steps[i];

		rows += step->rows;
		if (step->persons >= min_leaf)
			persons += step->persons;
		else if (i >= first && i <= last)
			lost += step->rows;
	}
	return lost <= rows / ROWS_A_LOSS && persons > 0;
}

/* True if at least min_leaf persons have each of two results. */
static bool
results_differ(const Steps *steps, int min_leaf)
{
	int64		result = RAW_NULL;
	bool		found = false;

	for (int64 i = 0; i < steps->n; i++)
	{
		if (steps->steps[i].persons < min_leaf)
			continue;
		if (found && steps->steps[i].result != result)
			return true;
		result = steps->steps[i].result;
		found = true;
	}
	return false;
}

/* Make the formula of what was learned: steps that min_leaf persons have, one a result. */
static void
make_formula(const StructureSearch *search, Formula *formula, const Steps *steps)
{
	const RawType *type = &search->types[formula->a];
	int			n = 0;

	formula->from = palloc_extended(sizeof(int64) * steps->n, MCXT_ALLOC_HUGE);
	formula->to = palloc_extended(sizeof(int64) * steps->n, MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < steps->n; i++)
	{
		const Step *step = &steps->steps[i];

		/* labels get their entries when it is known which come out: until then, each has its own */
		if (step->persons < search->options->min_leaf && type->kind != RAW_CATEGORY)
			continue;
		if (n > 0 && formula->to[n - 1] == step->result)
			continue;
		formula->from[n] = n == 0 ? RAW_NULL + 1 : begin_between(type, steps->steps[i - 1].high, step->low);
		formula->to[n++] = step->result;
	}
	formula->kind = FORMULA_STEPS;
	formula->nsteps = n;
}

/* Prove on all rows that x is a function of a that says so much, and make it the formula of x. */
static bool
prove_steps(StructureSearch *search, int x, int a, bool sometimes, Coverage coverage)
{
	Formula		formula = {.a = a,.b = -1,.sometimes = sometimes};
	Steps		steps = {.memory = {CurrentMemoryContext, 0}};
	bool		category = search->types[a].kind == RAW_CATEGORY;
	bool		proved = learn_steps(search, x, a, &formula, &steps) &&
		structure_coverage(&formula) == coverage;

	if (proved)
	{
		if (!category)
			join_steps(&steps);
		count_steps(search, x, a, formula.sometimes, &steps);
		proved = results_differ(&steps, search->options->min_leaf) &&
			(category || few_are_lost(search, &steps));
	}
	if (proved)
	{
		make_formula(search, &formula, &steps);
		search->formulas[x] = formula;
	}
	frame_release(&steps.memory, steps.steps, Max(steps.room, 1), sizeof(Step));
	return proved;
}

/* Fewer steps first, then the earlier column. */
static int
compare_candidates(const void *a, const void *b)
{
	const StepsCandidate *x = a;
	const StepsCandidate *y = b;

	if (x->nsteps != y->nsteps)
		return x->nsteps < y->nsteps ? -1 : 1;
	return x->a < y->a ? -1 : 1;
}

/* Look for a column that x is a function of. */
static bool
find_steps(StructureSearch *search, int x, bool sometimes, Coverage coverage,
		   StepsCandidate *candidates)
{
	int			n = 0;

	for (int a = 0; a < search->ncolumns; a++)
	{
		candidates[n].a = a;
		if (!is_hopeless(search, x, a, sometimes) &&
			steps_in_sample(search, x, sometimes, &candidates[n]) &&
			candidates[n].otherwise == (coverage == COVERS_KNOWN) && structure_may_follow(search, x, a))
			n++;
	}
	qsort(candidates, n, sizeof(StepsCandidate), compare_candidates);
	for (int i = 0; i < n; i++)
		if (prove_steps(search, x, candidates[i].a, sometimes, coverage))
			return true;
	return false;
}

/* See structure_internal.h. */
void
structure_find_steps(StructureSearch *search, Coverage coverage)
{
	StepsCandidate *candidates = palloc(sizeof(StepsCandidate) * Max(search->ncolumns, 1));

	for (int x = 0; x < search->ncolumns && search->nrows >= SMALL_TABLE; x++)
	{
		const StructureColumn *column = &search->columns[x];

		CHECK_FOR_INTERRUPTS();
		if (!column->computable || search->formulas[x].kind != FORMULA_NONE)
			continue;

		/* NULL is a result like others, or comes at random */
		if (coverage != COVERS_VALUES && find_steps(search, x, false, coverage, candidates))
			continue;
		if (coverage != COVERS_ALL && column->nknown < search->nrows && column->nvalues > 1)
			find_steps(search, x, true, coverage, candidates);
	}
	pfree(candidates);
}
