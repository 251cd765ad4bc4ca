/*-------------------------------------------------------------------------
 *
 * number_calendar.c
 *		Days of the calendar that stand for others: the first of January, the 15th.
 *
 * Where a day or month is not known, a register writes one that it has agreed
 * on.  Where such a date alone is not frequent enough to be a code of its own,
 * all of them together often are: their share of the rows in intervals is kept.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "utils/datetime.h"

#include "synthesize/number_internal.h"

/* The square of the standard errors from which on a day is frequent by no chance. */
#define CONVINCING		36

/* How often a frequent day is looked for in an interval. */
#define CALENDAR_TRIES	8

/* Values between two looks at interrupts. */
#define VALUES_A_CHECK	65536

#define MONTHS			12
#define DAYS			31

/* Days that every month has. */
#define COMMON_DAYS		28

/* The date of a step; false if it is none. */
static bool
date_of_step(const NumberCoder *coder, uint64 step, int *year, int *month, int *day)
{
	int64		date = (int64) (step - (STEP_SIGN - coder->residue) / coder->unit);

	if (date < DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE ||
		date >= DATE_END_JULIAN - POSTGRES_EPOCH_JDATE)
		return false;
	j2date((int) date + POSTGRES_EPOCH_JDATE, year, month, day);
	return true;
}

/* The median of n counts, which are put into order. */
static int64
median(int64 *counts, int n)
{
	for (int i = 1; i < n; i++)
		for (int j = i; j > 0 && counts[j - 1] > counts[j]; j--)
		{
			int64		swap = counts[j];

			counts[j] = counts[j - 1];
			counts[j - 1] = swap;
		}
	return counts[n / 2];
}

/* Note a day if it is more frequent than the usual by no chance; returns how much more frequent it is. */
static int64
note_day(NumberCoder *coder, int month, int day, int64 rows, int64 usual, int64 total, int64 enough)
{
	int64		more = rows - usual;

	if (more < enough || more < total / 512 || more < usual / 2 ||
		more * more < CONVINCING * (rows + usual) || coder->ndays == MAX_DAYS)
		return 0;
	coder->days[coder->ndays].month = month;
	coder->days[coder->ndays].day = day;
	coder->days[coder->ndays].share = more * PG_UINT16_MAX / total;
	coder->ndays++;
	return more;
}

/* See number_internal.h. */
void
number_calendar(NumberCoder *coder, const NumberValues *v, const int32 *code_of)
{
	int64		rows[MONTHS][DAYS] = {{0}};
	int64		of_day[DAYS] = {0};
	int64		sorted[DAYS];
	int64		total = 0;
	int64		usual;

	for (int64 i = 0; i < v->nvalues; i++)
	{
		int			year;
		int			month;
		int			day;

		if (i % VALUES_A_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if (coder->first[code_of[i]] == coder->last[code_of[i]] ||
			!date_of_step(coder, v->steps[i], &year, &month, &day))
			continue;
		rows[month - 1][day - 1] += v->start[i + 1] - v->start[i];
		total += v->start[i + 1] - v->start[i];
	}
	if (total == 0)
		return;

	/* a day of a month against that day of the others; then a day of all months against other days */
	for (int day = 0; day < DAYS; day++)
	{
		for (int month = 0; month < MONTHS; month++)
			sorted[month] = rows[month][day];
		usual = median(sorted, MONTHS);
		for (int month = 0; month < MONTHS; month++)
			of_day[day] += rows[month][day] -
				note_day(coder, month + 1, day + 1, rows[month][day], usual, total, v->min_leaf);
	}
	memcpy(sorted, of_day, sizeof(int64) * COMMON_DAYS);
	usual = median(sorted, COMMON_DAYS);
	for (int day = 0; day < COMMON_DAYS; day++)
		note_day(coder, 0, day + 1, of_day[day], usual, total, v->min_leaf);
}

/* See number_internal.h. */
bool
number_draw_calendar(const NumberCoder *coder, uint64 first, uint64 last, RandomStream *stream,
					 uint64 *step)
{
	uint32		draw = random_below(stream, PG_UINT16_MAX);
	uint64		zero = (STEP_SIGN - coder->residue) / coder->unit;
	int			which = 0;

	for (; which < coder->ndays && draw >= coder->days[which].share; which++)
		draw -= coder->days[which].share;
	if (which == coder->ndays)
		return false;
	for (int i = 0; i < CALENDAR_TRIES; i++)
	{
		int			year;
		int			month;
		int			day;

		if (!date_of_step(coder, number_draw_between(first, last, stream), &year, &month, &day))
			return false;
		if (coder->days[which].month > 0)
			month = coder->days[which].month;
		day = coder->days[which].day;
		if (day > day_tab[isleap(year)][month - 1])
			continue;
		*step = zero + (uint64) (int64) (date2j(year, month, day) - POSTGRES_EPOCH_JDATE);
		if (*step >= first && *step <= last)
			return true;
	}
	return false;
}
