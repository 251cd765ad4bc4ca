/*-------------------------------------------------------------------------
 *
 * formula.c
 *		Values of formulas, their bytes and their words.
 *
 * Formulas hold for whatever is drawn, so they never fail: a difference beyond
 * 64 bits is the nearest that fits, and a day beyond PostgreSQL's calendar
 * counts as its last.  Timestamps are seen in UTC.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/int.h"
#include "datatype/timestamp.h"
#include "utils/datetime.h"

#include "synthesize/structure.h"

/* The first and the last day of PostgreSQL's calendar, as dates. */
#define FIRST_DAY	(DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE)
#define LAST_DAY	(DATE_END_JULIAN - POSTGRES_EPOCH_JDATE - 1)

/* a / b rounded down, b > 0. */
static int64
divide_down(int64 a, int64 b)
{
	return a / b - (a % b < 0);
}

/* The sum, or the difference of what is negated, as far as 64 bits go (but never RAW_NULL). */
static int64
saturated(bool overflow, bool up, int64 value)
{
	if (overflow)
		return up ? PG_INT64_MAX : PG_INT64_MIN + 1;
	return value == RAW_NULL ? RAW_NULL + 1 : value;
}

/* The day of a date or timestamp. */
static int64
day_of(const RawType *type, int64 raw)
{
	if (type->kind == RAW_TIMESTAMP)
		raw = divide_down(raw, USECS_PER_DAY);
	return Max(FIRST_DAY, Min(LAST_DAY, raw));
}

/* The day of a date or timestamp in the calendar. */
static void
calendar_of(const RawType *type, int64 raw, int *year, int *month, int *day)
{
	j2date((int) (day_of(type, raw) + POSTGRES_EPOCH_JDATE), year, month, day);
}

/* The year as people write it: there is none 0. */
static int64
year_of(const RawType *type, int64 raw)
{
	int			year;
	int			month;
	int			day;

	calendar_of(type, raw, &year, &month, &day);
	return year > 0 ? year : year - 1;
}

/* The month, 1 .. 12. */
static int64
month_of(const RawType *type, int64 raw)
{
	int			year;
	int			month;
	int			day;

	calendar_of(type, raw, &year, &month, &day);
	return month;
}

/* Whole years from one day to another: birthdays, whether before or behind. */
static int64
years_between(const RawType *type_to, int64 to, const RawType *type_from, int64 from)
{
	int			year[2];
	int			month[2];
	int			day[2];
	bool		behind = day_of(type_to, to) < day_of(type_from, from);

	calendar_of(behind ? type_to : type_from, behind ? to : from, &year[0], &month[0], &day[0]);
	calendar_of(behind ? type_from : type_to, behind ? from : to, &year[1], &month[1], &day[1]);
	year[1] -= year[0];
	if (month[1] < month[0] || (month[1] == month[0] && day[1] < day[0]))
		year[1]--;
	return behind ? -year[1] : year[1];
}

/* a - b; of timestamps that are whole days apart, in days. */
static int64
days_between(const RawType *type, int64 a, int64 b)
{
	int64		difference = 0;
	bool		overflow = pg_sub_s64_overflow(a, b, &difference);

	difference = saturated(overflow, a > b, difference);
	return type->kind == RAW_TIMESTAMP ? divide_down(difference, USECS_PER_DAY) : difference;
}

/* to[i] for the greatest from[i] <= value. */
static int64
step_of(const Formula *formula, int64 value)
{
	int			low = 0;
	int			high = formula->nsteps;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (formula->from[middle] <= value)
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? RAW_NULL : formula->to[low - 1];
}

/* See structure.h. */
int64
formula_value(const Formula *formula, const RawType *types, const int64 *row, int64 drawn)
{
	int64		a = formula->a < 0 ? RAW_NULL : row[formula->a];
	int64		b = formula->b < 0 ? RAW_NULL : row[formula->b];
	int64		sum = 0;
	bool		overflow;

	if (a == RAW_NULL || drawn == RAW_NULL)
		return RAW_NULL;
	switch (formula->kind)
	{
		case FORMULA_NONE:
			return RAW_NULL;
		case FORMULA_DISTANCE:
			overflow = pg_add_s64_overflow(a, drawn, &sum);
			return saturated(overflow, drawn > 0, sum);
		case FORMULA_COPY:
			return formula->nsteps > 0 ? step_of(formula, a) : a;
		case FORMULA_YEAR:
			return year_of(&types[formula->a], a);
		case FORMULA_MONTH:
			return month_of(&types[formula->a], a);
		case FORMULA_DAYS:
			return b == RAW_NULL ? RAW_NULL : days_between(&types[formula->a], a, b);
		case FORMULA_YEARS:
			return b == RAW_NULL ? RAW_NULL :
				years_between(&types[formula->a], a, &types[formula->b], b);
		case FORMULA_STEPS:
			return step_of(formula, a);
		case FORMULA_DATE:
			return day_of(&types[formula->a], a);
	}
	return RAW_NULL;
}

/* See structure.h. */
void
formula_limits(const Formula *formula, const int64 *row, int64 *lowest, int64 *highest)
{
	for (int i = 0; i < formula->nbounds; i++)
	{
		int64		bound = row[formula->bounds[i].column];

		if (bound == RAW_NULL)
			continue;
		if (formula->bounds[i].upper)
			*highest = Min(*highest, bound);
		else
			*lowest = Max(*lowest, bound);
	}
	*highest = Max(*highest, *lowest);
}

/* How many columns a formula of this kind needs. */
static int
arguments_of(FormulaKind kind)
{
	if (kind == FORMULA_NONE)
		return 0;
	return kind == FORMULA_DAYS || kind == FORMULA_YEARS ? 2 : 1;
}

/* See structure.h. */
void
formula_write(StringInfo to, const Formula *formula)
{
	int			arguments = arguments_of(formula->kind);

	bytes_put_uint8(to, formula->kind);
	bytes_put_uint8(to, (formula->sometimes ? 1 : 0) | (formula->otherwise ? 2 : 0));
	if (arguments > 0)
		bytes_put_uint32(to, formula->a);
	if (arguments > 1)
		bytes_put_uint32(to, formula->b);
	if (formula->kind <= FORMULA_DISTANCE)
	{
		bytes_put_uint32(to, formula->nbounds);
		for (int i = 0; i < formula->nbounds; i++)
		{
			bytes_put_uint32(to, formula->bounds[i].column);
			bytes_put_uint8(to, formula->bounds[i].upper ? 1 : 0);
		}
	}
	if (formula->kind != FORMULA_STEPS && formula->kind != FORMULA_COPY)
		return;
	bytes_put_uint32(to, formula->nsteps);
	for (int i = 0; i < formula->nsteps; i++)
		bytes_put_int64(to, formula->from[i]);
	for (int i = 0; i < formula->nsteps; i++)
		bytes_put_int64(to, formula->to[i]);
}

/* Read a column that a formula needs. */
static int
read_argument(ByteReader *r, int ncolumns, int column)
{
	int			argument = bytes_count(r, 0, Max(ncolumns, 1) - 1);

	if (argument == column || ncolumns == 0)
		bytes_invalid(r, "A column follows from itself.");
	return argument;
}

/* Read the bounds of a formula. */
static void
read_bounds(ByteReader *r, Formula *formula, int ncolumns, int column)
{
	formula->nbounds = bytes_count(r, 0, ncolumns);
	formula->bounds = palloc(sizeof(FormulaBound) * Max(formula->nbounds, 1));
	for (int i = 0; i < formula->nbounds; i++)
	{
		formula->bounds[i].column = read_argument(r, ncolumns, column);
		formula->bounds[i].upper = bytes_uint8(r) != 0;
	}
}

/* Read the steps of a formula. */
static void
read_steps(ByteReader *r, Formula *formula)
{
	/* each takes 16 bytes, so that none are made room for that are not there */
	formula->nsteps = bytes_count(r, 0, Min(r->left / (2 * sizeof(int64)), PG_INT32_MAX));
	if (formula->nsteps == 0)
		return;
	formula->from = palloc_extended(sizeof(int64) * formula->nsteps, MCXT_ALLOC_HUGE);
	formula->to = palloc_extended(sizeof(int64) * formula->nsteps, MCXT_ALLOC_HUGE);
	for (int i = 0; i < formula->nsteps; i++)
	{
		formula->from[i] = bytes_int64(r);
		if (i > 0 && formula->from[i] <= formula->from[i - 1])
			bytes_invalid(r, "The steps of a formula do not ascend.");
	}
	for (int i = 0; i < formula->nsteps; i++)
		formula->to[i] = bytes_int64(r);
}

/* See structure.h. */
void
formula_read(ByteReader *r, Formula *formula, int ncolumns, int column)
{
	int			arguments;
	uint8		flags;

	memset(formula, 0, sizeof(Formula));
	formula->kind = (FormulaKind) bytes_uint8(r);
	if (formula->kind > FORMULA_DATE)
		bytes_invalid(r, "There is no such kind of formula.");
	flags = bytes_uint8(r);
	formula->sometimes = (flags & 1) != 0;
	formula->otherwise = (flags & 2) != 0;
	arguments = arguments_of(formula->kind);
	formula->a = arguments > 0 ? read_argument(r, ncolumns, column) : -1;
	formula->b = arguments > 1 ? read_argument(r, ncolumns, column) : -1;
	if (formula->kind <= FORMULA_DISTANCE)
		read_bounds(r, formula, ncolumns, column);
	if (formula->kind == FORMULA_STEPS || formula->kind == FORMULA_COPY)
		read_steps(r, formula);
}
