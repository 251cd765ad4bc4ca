/*-------------------------------------------------------------------------
 *
 * conditions_codes.c
 *		What is given of the rows to be drawn, as codes of variables.
 *
 * The generator gets the codes that a row as given can have, so that few rows
 * are drawn in vain: the codes of intervals that meet a range, and for a column
 * that is computed from another one (the year of a date) the codes of that one.
 * They may be too many, never too few.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "miscadmin.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "synthesize/conditions_internal.h"
#include "synthesize/number_internal.h"

/* Allow only these codes of a variable; false if none is left. */
static bool
restrict_codes(Conditions *conditions, int variable, const CodeSet *codes)
{
	CodeSet    *set = conditions->codes[variable];
	uint64		left = 0;

	conditions->any = true;
	if (set == NULL)
	{
		conditions->codes[variable] = set = palloc(sizeof(CodeSet));
		*set = *codes;
	}
	for (int i = 0; i < lengthof(set->words); i++)
		left |= set->words[i] &= codes->words[i];
	return left != 0;
}

/* Allow all codes of a variable but that of NULL. */
static bool
restrict_missing(Conditions *conditions, int variable)
{
	const Variable *v = &conditions->model->columns->variables[variable];
	CodeSet		codes = {{0}};

	if (v->missing < 0)
		return true;
	for (int i = 0; i < v->ncodes; i++)
		if (i != v->missing)
			codeset_add(&codes, i);
	return restrict_codes(conditions, variable, &codes);
}

/* Add codes to others. */
static void
add_codes(CodeSet *set, const CodeSet *more)
{
	for (int i = 0; i < lengthof(set->words); i++)
		set->words[i] |= more->words[i];
}

/* Add the codes that some number of a range has. */
static void
add_number_codes(const NumberCoder *coder, const RawRange *range, CodeSet *set)
{
	CodeSet		codes = {{0}};

	number_codes(coder, range->lowest, range->highest, &codes);
	add_codes(set, &codes);
}

/* See conditions_internal.h. */
void
conditions_add_label_codes(const CategoryCoder *coder, const char *label, CodeSet *set)
{
	CodeSet		codes = {{0}};

	(void) category_codes(coder, label, &codes);
	add_codes(set, &codes);
}

/* The raw value of the first day of a year in a date or timestamp column; there is no year 0. */
static int64
year_begins(const RawType *type, int64 year)
{
	int64		days;

	/* years that no date has are beyond all that there are */
	if (year < -4712)
		return RAW_LOWEST;
	if (year > (type->kind == RAW_DATE ? 5874897 : 294276))
		return RAW_HIGHEST;
	days = (int64) date2j(year < 0 ? year + 1 : Max(year, 1), 1, 1) - POSTGRES_EPOCH_JDATE;
	return type->kind == RAW_DATE ? days : days * USECS_PER_DAY;
}

/* The first moment of a day. */
static int64
day_begins(int64 day)
{
	int64		moment;

	if (pg_mul_s64_overflow(day, USECS_PER_DAY, &moment))
		return day < 0 ? RAW_LOWEST : RAW_HIGHEST;
	return moment;
}

/* a - b as far as 64 bits go; what has no limit has none. */
static int64
difference(int64 a, int64 b)
{
	int64		result;

	if (a == RAW_LOWEST || a == RAW_HIGHEST)
		return a;
	if (pg_sub_s64_overflow(a, b, &result) || result == RAW_NULL)
		return b > 0 ? RAW_LOWEST : RAW_HIGHEST;
	return result;
}

/* The dates of a range of years. */
static RawRange
dates_of_years(const RawType *type, const RawRange *years)
{
	RawRange	dates;

	dates.lowest = year_begins(type, years->lowest);
	dates.highest = RAW_HIGHEST;
	if (years->highest < RAW_HIGHEST)
		dates.highest = year_begins(type, years->highest + 1);
	if (dates.highest < RAW_HIGHEST)
		dates.highest--;
	return dates;
}

/* Allow a range. */
static void
derive_range(Condition *derived, int64 lowest, int64 highest)
{
	derived->ranges[derived->nranges].lowest = lowest;
	derived->ranges[derived->nranges++].highest = highest;
}

/*
 * What a condition on steps of a column means for that column.  Every label of
 * a category has a step; it may be what comes out of the codes of others.
 */
static void
derive_steps(Condition *derived, const ColumnModel *argument, const Formula *formula,
			 const Condition *condition)
{
	if (argument->type.kind == RAW_CATEGORY)
		derived->labels = palloc0(Max(category_nlabels(argument->category), 1) * sizeof(bool));
	for (int i = 0; i < formula->nsteps; i++)
	{
		if (!condition_allows(condition, formula->to[i]))
			continue;
		if (argument->type.kind != RAW_CATEGORY)
			derive_range(derived, formula->from[i],
						 i + 1 < formula->nsteps ? formula->from[i + 1] - 1 : RAW_HIGHEST);
		else if (formula->from[i] >= 0 && formula->from[i] < category_nlabels(argument->category))
		{
			derived->labels[formula->from[i]] = true;
			conditions_add_label_codes(argument->category,
									   category_label(argument->category, formula->from[i]),
									   &derived->codes);
		}
	}
}

static bool restrict_column(Conditions *conditions, int column, const Condition *condition);

/* What a condition on a computed column that is not NULL means for the one that it is computed from. */
static bool
restrict_argument(Conditions *conditions, const ColumnModel *column, const Condition *condition)
{
	const Formula *formula = &column->formula;
	const ColumnModel *argument = &conditions->model->columns->columns[formula->a];
	Condition	derived = {.given = true};
	int64		least;
	int64		most;

	if (argument->kept || (argument->type.kind == RAW_CATEGORY && argument->category == NULL))
		return true;
	derived.ranges = palloc((condition->nranges + formula->nsteps + 1) * sizeof(RawRange));
	switch (formula->kind)
	{
		case FORMULA_DISTANCE:
			if (!number_distances(column->number, &least, &most))
				return true;
			for (int i = 0; i < condition->nranges; i++)
				derive_range(&derived, difference(condition->ranges[i].lowest, most),
							 difference(condition->ranges[i].highest, least));
			break;
		case FORMULA_DATE:
			for (int i = 0; i < condition->nranges; i++)
				derive_range(&derived, day_begins(condition->ranges[i].lowest),
							 difference(day_begins(difference(condition->ranges[i].highest, -1)), 1));
			break;
		case FORMULA_YEAR:
			for (int i = 0; i < condition->nranges; i++)
				derived.ranges[derived.nranges++] = dates_of_years(&argument->type, &condition->ranges[i]);
			break;
		case FORMULA_COPY:
			if (formula->nsteps > 0)
				derive_steps(&derived, argument, formula, condition);
			else
				for (int i = 0; i < condition->nranges; i++)
					derived.ranges[derived.nranges++] = condition->ranges[i];
			break;
		case FORMULA_STEPS:
			derive_steps(&derived, argument, formula, condition);
			break;
		default:
			return true;
	}
	return restrict_column(conditions, formula->a, &derived);
}

/* Allow only the distances from which values of a column come out as given. */
static bool
restrict_distance(Conditions *conditions, const ColumnModel *column, const Condition *condition)
{
	const ColumnModel *from = &conditions->model->columns->columns[column->formula.a];
	CodeSet		codes = {{0}};

	if (from->kind != COLUMN_NUMBER || from->kept)
		return true;
	for (int i = 0; i < condition->nranges; i++)
	{
		RawRange	distances = {
			difference(condition->ranges[i].lowest, from->highest),
			difference(condition->ranges[i].highest, from->lowest)
		};

		add_number_codes(column->number, &distances, &codes);
	}
	number_anchor_codes(column->number, &codes);
	return restrict_codes(conditions, column->first, &codes);
}

/* Allow only the codes that some value of a column as given can have; false if there are none. */
static bool
restrict_column(Conditions *conditions, int column, const Condition *condition)
{
	const ColumnModel *model = &conditions->model->columns->columns[column];
	CodeSet		codes = {{0}};
	int			missing;

	check_stack_depth();
	if (!condition->null && model->nvariables > 0 && !restrict_missing(conditions, model->first))
		return false;
	if ((model->kind == COLUMN_FORMULA || model->formula.kind == FORMULA_DISTANCE) &&
		!condition->null && !restrict_argument(conditions, model, condition))
		return false;
	if (model->kind != COLUMN_NUMBER && model->kind != COLUMN_CATEGORY)
		return true;
	if (model->formula.kind == FORMULA_DISTANCE)
		return condition->null || restrict_distance(conditions, model, condition);
	if (model->kind == COLUMN_CATEGORY)
		codes = condition->codes;
	for (int i = 0; model->kind == COLUMN_NUMBER && i < condition->nranges; i++)
		add_number_codes(model->number, &condition->ranges[i], &codes);
	missing = conditions->model->columns->variables[model->first].missing;
	if (condition->null && missing >= 0)
		codeset_add(&codes, missing);
	return restrict_codes(conditions, model->first, &codes);
}

/* See conditions_internal.h. */
bool
conditions_restrict(Conditions *conditions, int column)
{
	return restrict_column(conditions, column, &conditions->columns[column]);
}
