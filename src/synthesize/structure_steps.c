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

#include "synthesize/structure_internal.h"

/* Rows of the sample that a step must have on average. */
#define ROWS_A_STEP		4

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
	int			n;
	int			room;
	Step	   *steps;			/* ascending */
} Steps;

/* A column that another may be a function of. */
typedef struct StepsCandidate
{
	int			a;
	int			nsteps;			/* in the sample */
} StepsCandidate;

/* Evidence that the parameters of so many steps leave. */
static int64
evidence_left(const StructureSearch *search, int x, int a, int nsteps, bool sometimes)
{
	const StructureColumn *column = &search->columns[x];
	int64		a_step = structure_log2(column->nvalues + 1);

	if (search->types[a].kind != RAW_CATEGORY)
		a_step += structure_log2(Max(search->columns[a].nvalues, 1));
	return (sometimes ? column->bits : column->bits_null) - nsteps * a_step -
		EVIDENCE - 2 * search->evidence_column;
}

/*
 * The number of steps that the sample shows x to be of a, or -1 if it is no such
 * function.  Where NULL comes at random (sometimes) it is no result.
 */
static int
steps_in_sample(StructureSearch *search, int x, int a, bool sometimes)
{
	const StructureColumn *column = &search->columns[x];
	const StructureColumn *argument = &search->columns[a];
	bool		category = search->types[a].kind == RAW_CATEGORY;
	const int  *rows = structure_by_value(search, a);
	int			most = Max(argument->nknown / ROWS_A_STEP, 2);
	int			nsteps = 0;
	int32		before = -1;	/* the result of the row before */
	int32		value = -1;

	/* where the argument is NULL, so is the result */
	for (int i = 0; argument->nknown < search->nrows && i < column->nknown; i++)
		if (argument->rank[column->known[i]] == argument->nvalues)
			return -1;
	for (int i = 0; i < argument->nknown; i++)
	{
		int32		result = column->rank[rows[i]];

		if (sometimes && result == column->nvalues)
			continue;
		if (argument->rank[rows[i]] == value && result != before)
			return -1;
		if (argument->rank[rows[i]] != value && (category || result != before) && ++nsteps > most)
			return -1;
		value = argument->rank[rows[i]];
		before = result;
	}
	return nsteps;
}

/* True if fewer than so many rows in a row tell that x is no function of a. */
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
	return evidence_left(search, x, a, 2, sometimes) < 0;
}

/* The position of the first step that does not end before a value. */
static int
find_step(const Steps *steps, int64 value)
{
	int			low = 0;
	int			high = steps->n;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (steps->steps[middle].high < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Learn the result of a value; of an ordered argument, what lies between two
 * values of the same result has it, too.  False if it has another already.
 */
static bool
learn_step(Steps *steps, int64 value, int64 result, bool category)
{
	int			i = find_step(steps, value);
	Step	   *step = &steps->steps[i];

	if (i < steps->n && step->low <= value)
		return step->result == result;
	if (!category && i > 0 && step[-1].result == result)
	{
		step[-1].high = value;
		return true;
	}
	if (!category && i < steps->n && step->result == result)
	{
		step->low = value;
		return true;
	}
	if (steps->n == steps->room)
	{
		steps->room *= 2;
		steps->steps = repalloc_huge(steps->steps, sizeof(Step) * steps->room);
		step = &steps->steps[i];
	}
	memmove(step + 1, step, sizeof(Step) * (steps->n - i));
	memset(step, 0, sizeof(Step));
	step->low = step->high = value;
	step->result = result;
	step->person = -1;
	steps->n++;
	return true;
}

/* Learn x as a function of a from all rows; false if it is none, or of too many steps. */
static bool
learn_steps(StructureSearch *search, int x, int a, bool *sometimes, Steps *steps)
{
	const RawTable *table = search->table;
	const int64 *results = search->columns[x].values;
	const int64 *values = search->columns[a].values;
	bool		category = search->types[a].kind == RAW_CATEGORY;
	bool		null = false;
	int64		most = category ? search->columns[a].raw->nvalues :
		(table->persons != NULL ? table->npersons : table->nrows) / ROWS_A_STEP + 2;

	steps->n = 0;
	steps->room = 64;
	steps->steps = palloc(sizeof(Step) * steps->room);
	for (int64 i = 0; i < search->nrows + table->nrows; i++)
	{
		/* the sample first, which is in no order */
		int64		row = i < search->nrows ? search->rows[i] : i - search->nrows;

		if (i % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (values[row] == RAW_NULL)
		{
			if (results[row] != RAW_NULL)
				return false;
			continue;
		}
		if (*sometimes && results[row] == RAW_NULL)
		{
			null = true;
			continue;
		}
		if (!learn_step(steps, values[row], results[row], category) || steps->n > most)
			return false;
	}
	*sometimes = null;
	return true;
}

/* Count the rows and persons of each step. */
static void
count_steps(const StructureSearch *search, int x, int a, bool sometimes, Steps *steps)
{
	const RawTable *table = search->table;
	const int64 *values = search->columns[a].values;

	for (int64 row = 0; row < table->nrows; row++)
	{
		Step	   *step;
		int32		person = table->persons != NULL ? table->persons[row] : (int32) row;

		if (row % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (values[row] == RAW_NULL ||
			(sometimes && search->columns[x].values[row] == RAW_NULL))
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
	int			first = 0;
	int			last = steps->n - 1;

	for (int64 beyond = 0; first < steps->n; first++)
		if ((beyond += steps->steps[first].persons) >= min_leaf)
			break;
	for (int64 beyond = 0; last > first; last--)
		if ((beyond += steps->steps[last].persons) >= min_leaf)
			break;
	for (int i = 0; i < steps->n; i++)
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

	for (int i = 0; i < steps->n; i++)
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
make_formula(const StructureSearch *search, int x, int a, const Steps *steps, bool sometimes)
{
	Formula    *formula = &search->formulas[x];
	const RawType *type = &search->types[a];
	int			n = 0;

	formula->from = palloc_extended(sizeof(int64) * steps->n, MCXT_ALLOC_HUGE);
	formula->to = palloc_extended(sizeof(int64) * steps->n, MCXT_ALLOC_HUGE);
	for (int i = 0; i < steps->n; i++)
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
	formula->sometimes = sometimes;
	formula->a = a;
	formula->nsteps = n;
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
static void
find_steps(StructureSearch *search, int x, bool sometimes, StepsCandidate *candidates)
{
	int			n = 0;

	for (int a = 0; a < search->ncolumns; a++)
	{
		int			nsteps;

		if (is_hopeless(search, x, a, sometimes))
			continue;
		nsteps = steps_in_sample(search, x, a, sometimes);
		if (nsteps < 2 || evidence_left(search, x, a, nsteps, sometimes) < 0 ||
			!structure_may_follow(search, x, a))
			continue;
		candidates[n].a = a;
		candidates[n++].nsteps = nsteps;
	}
	qsort(candidates, n, sizeof(StepsCandidate), compare_candidates);
	for (int i = 0; i < n && search->formulas[x].kind == FORMULA_NONE; i++)
	{
		int			a = candidates[i].a;
		bool		null = sometimes;
		Steps		steps;

		if (learn_steps(search, x, a, &null, &steps))
		{
			count_steps(search, x, a, null, &steps);
			if (results_differ(&steps, search->options->min_leaf) &&
				(search->types[a].kind == RAW_CATEGORY || few_are_lost(search, &steps)))
				make_formula(search, x, a, &steps, null);
		}
		pfree(steps.steps);
	}
}

/* See structure_internal.h. */
void
structure_find_steps(StructureSearch *search)
{
	StepsCandidate *candidates = palloc(sizeof(StepsCandidate) * Max(search->ncolumns, 1));

	if (search->nrows < SMALL_TABLE)
		return;
	for (int sometimes = 0; sometimes <= 1; sometimes++)
		for (int x = 0; x < search->ncolumns; x++)
		{
			const StructureColumn *column = &search->columns[x];

			CHECK_FOR_INTERRUPTS();
			if (column->computable && search->formulas[x].kind == FORMULA_NONE &&
				column->nvalues > (sometimes ? 1 : 0) &&
				(!sometimes || column->nknown < search->nrows))
				find_steps(search, x, sometimes, candidates);
		}
}
