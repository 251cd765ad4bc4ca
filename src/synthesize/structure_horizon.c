/*-------------------------------------------------------------------------
 *
 * structure_horizon.c
 *		The last day of who is followed up, where it is no column.
 *
 * In a cohort with a day of entry and a time until an event, who has none is
 * followed until one day that is the same for all: the end of the study.  Day
 * and time alone do not say so, and rows drawn from them would go on beyond it.
 * So the sum of a date and a number of days becomes a column of its own where
 * many rows share its highest value; the time then follows from the two.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "frame/frame.h"
#include "synthesize/structure_internal.h"

/* Rows with both values, at least. */
#define LEAST_ROWS		50

/* One row in so many has the highest sum, at least, and so many different dates are among them. */
#define SHARE_AT_END	50
#define DATES_AT_END	10

/* Days that a sum can have. */
#define MOST_DAYS		(INT64CONST(1) << 31)

/* May a column be drawn in a way of its own? */
static bool
is_free(const RawColumn *column, const FitOptions *options)
{
	const ColumnOptions *said = fit_options_column(options, column->name);

	return !column->key && (said == NULL || (!said->keep && !said->no_formula && said->hierarchy == NULL));
}

/* Is it a number of days, by its type? */
static bool
is_days(const RawColumn *column)
{
	return column->type.kind == RAW_NUMBER &&
		(column->type.type == INT2OID || column->type.type == INT4OID || column->type.type == INT8OID);
}

/* The sum of a row, or RAW_NULL; false if it cannot be days of follow-up. */
static inline bool
sum_of(const RawColumn *date, const RawColumn *days, int64 row, int64 *sum)
{
	*sum = RAW_NULL;
	if (date->values[row] == RAW_NULL || days->values[row] == RAW_NULL)
		return true;
	if (days->values[row] < 0 || days->values[row] >= MOST_DAYS)
		return false;
	*sum = date->values[row] + days->values[row];
	return true;
}

/* Do many rows share the highest sum of a date and days? */
static bool
has_end(const RawTable *table, const RawColumn *date, const RawColumn *days, int min_leaf)
{
	int64		rows = 0;
	int64		at_end = 0;
	int64		end = 0;
	int64		dates[DATES_AT_END];
	int			ndates = 0;

	for (int64 row = 0; row < table->nrows; row++)
	{
		int64		sum;
		bool		known = false;

		if (row % ROWS_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (!sum_of(date, days, row, &sum))
			return false;
		if (sum == RAW_NULL)
			continue;
		if (rows++ == 0 || sum > end)
		{
			end = sum;
			at_end = 0;
			ndates = 0;
		}
		if (sum < end)
			continue;
		at_end++;
		for (int i = 0; i < ndates; i++)
			known |= dates[i] == date->values[row];
		if (!known && ndates < DATES_AT_END)
			dates[ndates++] = date->values[row];
	}
	return rows >= LEAST_ROWS && at_end >= 2 * min_leaf && at_end >= rows / SHARE_AT_END && ndates == DATES_AT_END;
}

/* Is the sum a column already, but for errors? */
static bool
is_there(const RawTable *table, const RawColumn *date, const RawColumn *days)
{
	for (int c = 0; c < table->ncolumns; c++)
	{
		const RawColumn *other = &table->columns[c];
		int64		differ = 0;

		if (other->type.kind != RAW_DATE || other == date)
			continue;
		for (int64 row = 0; row < table->nrows && differ <= table->nrows / SHARE_AT_END; row++)
		{
			int64		sum;

			differ += sum_of(date, days, row, &sum) && sum != RAW_NULL && sum != other->values[row];
		}
		if (differ <= table->nrows / SHARE_AT_END)
			return true;
	}
	return false;
}

/* Add the sum as the last column, unless one is called like it. */
static void
add_sum(RawTable *table, int date, int days)
{
	FrameMemory memory = {CurrentMemoryContext, 0};
	char	   *name = psprintf("%s + %s", table->columns[date].name, table->columns[days].name);
	RawColumn  *sum;

	name[pg_mbcliplen(name, strlen(name), NAMEDATALEN - 1)] = '\0';
	for (int c = 0; c < table->ncolumns; c++)
		if (strcmp(table->columns[c].name, name) == 0)
			return;
	table->columns = repalloc(table->columns, sizeof(RawColumn) * (table->ncolumns + 1));
	sum = &table->columns[table->ncolumns++];
	memset(sum, 0, sizeof(RawColumn));
	sum->name = name;
	sum->type = table->columns[date].type;
	sum->type.declared = sum->type.type;
	sum->values = frame_alloc(&memory, table->nrows, sizeof(int64), false);
	for (int64 row = 0; row < table->nrows; row++)
		(void) sum_of(&table->columns[date], &table->columns[days], row, &sum->values[row]);
}

/* See structure.h. */
void
structure_add_horizons(RawTable *table, const FitOptions *options)
{
	int			ncolumns = table->ncolumns;

	for (int days = 0; days < ncolumns; days++)
	{
		if (!is_days(&table->columns[days]) || !is_free(&table->columns[days], options))
			continue;
		for (int date = 0; date < ncolumns; date++)
			if (table->columns[date].type.kind == RAW_DATE && !table->columns[date].key &&
				has_end(table, &table->columns[date], &table->columns[days], options->min_leaf) &&
				!is_there(table, &table->columns[date], &table->columns[days]))
			{
				add_sum(table, date, days);
				break;
			}
	}
}
